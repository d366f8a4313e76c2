// Registering an authenticator app or a security key: forced in a sign-in, or by a person for themselves.
#include <algorithm>

#include "base/encoding.h"
#include "portal/pages.h"
#include "portal/steps.h"

namespace sekisho::portal {

namespace {

constexpr std::size_t code_bytes_max = 32;
constexpr std::size_t device_name_bytes_max = 64;

// A person's: an app or a key. As of an app's set-up (steps.h), the page carries all of it.
struct Enrolment {
    std::string attempt_token;  // empty: the person who is signed in
    std::string enrolment_token;
    std::string secret_key;
    std::string qr_svg;  // base64
    std::string device_name = {};
    std::string error = {};
    std::string key_options = {};  // of a security key: JSON; then there is no secret and no QR code

    std::string_view action() const {
        return attempt_token.empty() ? "/account/register/confirm" : "/signin/register/confirm";
    }
};

// "ABCD EFGH ..": easier to type.
std::string in_groups(std::string_view text) {
    std::string grouped;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i != 0 && i % 4 == 0) grouped += ' ';
        grouped += text[i];
    }
    return grouped;
}

// Shown on request, by fragment: works without script.
Markup secrets(const AppSetUp& set_up, const Texts& texts) {
    return element("div", {{"class", "reveals"}},
                   {element("p", {{"class", "reveal-links"}},
                            {element("a", {{"href", "#qr"}}, {texts.show_qr_code}),
                             element("a", {{"href", "#secret"}}, {texts.show_secret_key})}),
                    element("div", {{"id", "qr"}, {"class", "reveal"}},
                            {void_element("img", {{"class", "qr"},
                                                  {"alt", texts.qr_code},
                                                  {"width", "196"},
                                                  {"height", "196"},
                                                  {"src", "data:image/svg+xml;base64," + set_up.qr_svg}})}),
                    element("div", {{"id", "secret"}, {"class", "reveal"}},
                            {element("p", {{"class", "label"}}, {texts.secret_key}),
                             element("div", {{"class", "copyable"}},
                                     {element("code", {{"id", "secret-text"}, {"data-testid", "mfa-secret"}},
                                              {in_groups(set_up.secret_key)}),
                                      copy_button("secret-text", texts)})})});
}

void show_set_up(Visit& visit, const Enrolment& enrolment) {
    show_app_set_up(visit, {.action = enrolment.action(),
                            .cancel = enrolment.attempt_token.empty() ? "/account" : "/signin",
                            .attempt_token = enrolment.attempt_token,
                            .enrolment_token = enrolment.enrolment_token,
                            .secret_key = enrolment.secret_key,
                            .qr_svg = enrolment.qr_svg,
                            .device_name = enrolment.device_name,
                            .error = enrolment.error});
}

// The browser is asked for the key, and the form carries its answer.
void show_set_up_key(Visit& visit, const Enrolment& enrolment) {
    const auto& texts = visit.texts();
    Markup body = heading(texts.set_up_key);
    body += lead(texts.set_up_key_lead);
    body += key_form(visit,
                     {.ceremony = KeyCeremony::create,
                      .action = enrolment.action(),
                      .button = texts.register_key,
                      .options = enrolment.key_options,
                      .error = enrolment.error},
                     {{"attempt", enrolment.attempt_token},
                      {"enrolment", enrolment.enrolment_token},
                      {"options", enrolment.key_options}},
                     {text_field({.name = "device_name",
                                  .label = texts.device_name,
                                  .value = enrolment.device_name,
                                  .length_max = device_name_bytes_max,
                                  .is_focused = true,
                                  .is_required = false},
                                 texts)});
    body +=
        element("p", {{"class", "aside"}},
                {element("a", {{"href", enrolment.attempt_token.empty() ? "/account" : "/signin"}}, {texts.cancel})});
    show(visit, {.title = texts.set_up_key, .body = body, .status = enrolment.error.empty() ? 200 : 400});
}

void show_registered(Visit& visit, Progress progress, bool is_sign_in, bool is_key) {
    const auto& texts = visit.texts();
    std::string next = "/account";
    if (is_sign_in) {
        next = return_path_of(progress);
        if (progress.session_token.empty()) {
            next = "/signin";
        } else {
            visit.sign_in(progress.session_token, progress.expires_at);
        }
    }
    show_notice(visit, {.title = is_key ? texts.key_registered_title : texts.registered_title,
                        .text = is_key ? texts.key_registered_lead : texts.registered_lead,
                        .href = next,
                        .link = texts.done});
}

Markup kind_choice(Literal id, std::string_view value, std::string_view label, std::string_view hint, bool is_checked) {
    const std::string hint_id = std::string(id.text()) + "-hint";
    return element("div", {{"class", "choice boxed"}},
                   {void_element("input", {{"type", "radio"},
                                           {"id", id.text()},
                                           {"name", "kind"},
                                           {"value", value},
                                           {"aria-describedby", hint_id},
                                           {"checked", is_checked}}),
                    element("div", {element("label", {{"for", id.text()}}, {label}),
                                    element("p", {{"id", hint_id}, {"class", "hint"}}, {hint})})});
}

// Signed in with an attempt under way: another tab was faster.
bool is_stale(const Visit& visit) {
    return visit.path().starts_with("/signin") && visit.is_signed_in();
}

}  // namespace

void show_app_set_up(Visit& visit, const AppSetUp& set_up) {
    const auto& texts = visit.texts();
    Markup body = heading(texts.set_up_app);
    if (!set_up.lead.empty()) body += lead(set_up.lead);
    body += element("ol", {{"class", "steps"}},
                    {element("li", {texts.step_install}), element("li", {texts.step_scan, secrets(set_up, texts)}),
                     element("li", {texts.step_code})});
    Markup fields = text_field({.name = "code",
                                .label = texts.authenticator_code,
                                .autocomplete = "one-time-code",
                                .error = set_up.error,
                                .length_max = code_bytes_max,
                                .is_code = true},
                               texts);
    if (set_up.device_name) {
        fields += text_field({.name = "device_name",
                              .label = texts.device_name,
                              .value = *set_up.device_name,
                              .length_max = device_name_bytes_max,
                              .is_required = false},
                             texts);
    }
    body += post_form(
        visit, set_up.action,
        {{"attempt", set_up.attempt_token},
         {"enrolment", set_up.enrolment_token},
         {"secret_key", set_up.secret_key},
         {"qr", set_up.qr_svg}},
        {fields, element("div", {{"class", "actions"}},
                         {primary_button(texts.assign_mfa), button_link(set_up.cancel, texts.cancel, false)})});
    show(visit, {.title = texts.set_up_app, .body = body, .status = set_up.error.empty() ? 200 : 400});
}

void show_device_kinds(Visit& visit, const std::string& attempt_token, const std::vector<control::MfaType>& kinds) {
    const auto& texts = visit.texts();
    const auto has = [&](control::MfaType kind) { return std::ranges::find(kinds, kind) != kinds.end(); };
    const bool has_app = has(control::MfaType::authenticator_app);
    const bool has_key = has(control::MfaType::security_key);
    if (!has_app && !has_key) {
        return show_notice(
            visit, {.title = texts.register_title, .text = texts.no_device_type, .status = 403, .is_error = true});
    }
    Markup choices;
    if (has_app) {
        choices += kind_choice("kind-app", "app", texts.authenticator_app, texts.authenticator_app_hint, true);
    }
    if (has_key) {
        choices += kind_choice("kind-key", "key", texts.security_key_or_passkey, texts.security_key_hint, !has_app);
    }
    Markup body = heading(texts.register_title);
    body += lead(texts.register_lead);
    body += post_form(
        visit, attempt_token.empty() ? "/account/register" : "/signin/register", {{"attempt", attempt_token}},
        {choices, element("div", {{"class", "actions"}},
                          {primary_button(texts.next),
                           button_link(attempt_token.empty() ? "/account" : "/signin", texts.cancel, false)})});
    show(visit, {.title = texts.register_title, .body = body});
}

void show_device_registration(VisitPointer visit) {
    ask<control::DescribePortal>(visit, {}, [](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        show_device_kinds(*v, "", answer->mfa_types.value_or(std::vector<control::MfaType>{}));
    });
}

void start_enrolment(VisitPointer visit) {
    if (is_stale(*visit)) return visit->redirect("/start");
    const std::string attempt_token = visit->form().get("attempt");
    const bool is_key = visit->form().get("kind") == "key";
    control::StartMfaEnrolmentRequest request{.type = is_key ? control::MfaType::security_key
                                                             : control::MfaType::authenticator_app};
    // The name that it has until a person gives another.
    request.display_name = is_key ? visit->texts().security_key : visit->texts().authenticator_app;
    if (!attempt_token.empty()) request.attempt_token = attempt_token;
    ask<control::StartMfaEnrolment>(
        visit, std::move(request), [attempt_token, is_key](const VisitPointer& v, auto answer) {
            if (!answer) {
                const bool begins_again = !attempt_token.empty() && ends_attempt(answer.error());
                return begins_again ? restart_sign_in(*v) : show_error(*v, answer.error());
            }
            const Enrolment enrolment{.attempt_token = attempt_token,
                                      .enrolment_token = std::move(answer->enrolment_token),
                                      .secret_key = answer->seed.value_or(""),
                                      .qr_svg = encode_base64(answer->qr_svg.value_or("")),
                                      .key_options = answer->web_authn_options.value_or("")};
            is_key ? show_set_up_key(*v, enrolment) : show_set_up(*v, enrolment);
        });
}

void confirm_enrolment(VisitPointer visit) {
    if (is_stale(*visit)) return visit->redirect("/start");
    const auto& form = visit->form();
    Enrolment enrolment{.attempt_token = form.get("attempt"),
                        .enrolment_token = form.get("enrolment"),
                        .secret_key = form.get("secret_key"),
                        .qr_svg = form.get("qr"),
                        .device_name = form.get("device_name")};
    enrolment.key_options = form.get("options");
    const bool is_key = !enrolment.key_options.empty();
    if (enrolment.device_name.size() > device_name_bytes_max) enrolment.device_name.clear();
    const auto& proof = form.get(is_key ? "credential" : "code");
    if (proof.empty() || (!is_key && proof.size() > code_bytes_max)) {
        enrolment.error = is_key ? visit->texts().key_failed : visit->texts().enter_code;
        return is_key ? show_set_up_key(*visit, enrolment) : show_set_up(*visit, enrolment);
    }
    control::ConfirmMfaEnrolmentRequest request{.enrolment_token = enrolment.enrolment_token};
    (is_key ? request.credential : request.code) = proof;
    if (!enrolment.attempt_token.empty()) request.attempt_token = enrolment.attempt_token;
    if (!enrolment.device_name.empty()) request.display_name = enrolment.device_name;
    ask<control::ConfirmMfaEnrolment>(
        visit, std::move(request), [enrolment, is_key](const VisitPointer& v, auto answer) mutable {
            const bool is_sign_in = !enrolment.attempt_token.empty();
            if (answer) return show_registered(*v, progress_of(std::move(*answer)), is_sign_in, is_key);
            if (is_sign_in && ends_attempt(answer.error())) return restart_sign_in(*v);
            if (!is_error(answer.error(),
                          {"ValidationException", "SignInFailedException", "LockedException", "ThrottlingException"})) {
                return show_error(*v, answer.error());
            }
            enrolment.error = translate(v->texts(), answer.error().message);
            is_key ? show_set_up_key(*v, enrolment) : show_set_up(*v, enrolment);
        });
}

}  // namespace sekisho::portal
