// User name, password, second factor; signing out.
#include <algorithm>

#include "portal/pages.h"
#include "portal/steps.h"

namespace sekisho::portal {

namespace {

constexpr std::size_t user_name_bytes_max = 128;
constexpr std::size_t password_bytes_max = 1024;
constexpr std::size_t code_bytes_max = 32;

struct UsernameStep {
    std::string user_name = {};
    std::string return_to = {};
    std::string error = {};
    int status = 200;
};

void show_username_step(Visit& visit, const UsernameStep& step) {
    const auto& texts = visit.texts();
    Markup body = heading(texts.sign_in);
    body += lead(texts.sign_in_lead);
    body += post_form(visit, "/signin", {{"return_to", step.return_to}},
                      {text_field({.name = "username",
                                   .label = texts.username,
                                   .value = step.user_name,
                                   .autocomplete = "username",
                                   .error = step.error,
                                   .length_max = user_name_bytes_max,
                                   .is_focused = true},
                                  texts),
                       primary_button(texts.next)});
    const auto& center = visit.center();
    if (center && center->mfa.passkey_sign_in && center->mfa.security_keys) {
        const auto href = "/signin/passkey" + encode_query({{"return_to", step.return_to}});
        body += element("p", {{"class", "aside"}}, {element("a", {{"href", href}}, {texts.passkey_sign_in})});
    }
    const auto iam = std::string(iam_sign_in_path) + encode_query({{"return_to", step.return_to}});
    body += element("p", {{"class", "aside"}}, {element("a", {{"href", iam}}, {texts.iam_sign_in})});
    show(visit, {.title = texts.sign_in, .body = body, .status = step.status});
}

std::string wanted_path(const Form& form) {
    const auto& wanted = form.get("return_to");
    return is_return_path(wanted) ? wanted : std::string();
}

bool asks_on_changed_context(const Visit& visit) {
    return visit.center() && visit.center()->mfa.prompt == domain::MfaPrompt::context_aware;
}

bool has_app(const Progress& progress) {
    return std::ranges::find(progress.mfa_types, control::MfaType::authenticator_app) != progress.mfa_types.end();
}

// What comes with a step's form from try to try.
CodeStep code_step_of(const Form& form) {
    return {.attempt_token = form.get("attempt"),
            .is_mailed = form.get("kind") == "mail",
            .has_app = form.get("kind") != "key",
            .web_authn_options = form.get("options")};
}

// Wrong, locked or throttled: said beside the field; the same step again.
bool is_retried(const ApiError& error) {
    return is_error(error, {"SignInFailedException", "LockedException", "ThrottlingException", "ValidationException"});
}

}  // namespace

bool ends_attempt(const ApiError& error) {
    return is_error(error, {"InvalidTokenException", "ExpiredTokenException"});
}

void restart_sign_in(Visit& visit) {
    show_username_step(visit, {.error = std::string(visit.texts().attempt_over), .status = 400});
}

std::string return_path_of(const Progress& progress) {
    return is_return_path(progress.return_to) ? progress.return_to : "/start";
}

void go_on(Visit& visit, const Progress& progress) {
    const auto& texts = visit.texts();
    switch (progress.step) {
        case control::SignInStep::done:
            if (progress.session_token.empty()) return visit.redirect("/signin");
            visit.sign_in(progress.session_token, progress.expires_at);
            return visit.redirect(return_path_of(progress));
        case control::SignInStep::mfa_code:
        case control::SignInStep::email_code:
            return show_code_step(visit, {.attempt_token = progress.attempt_token,
                                          .is_mailed = progress.step == control::SignInStep::email_code,
                                          .has_app = has_app(progress),
                                          .web_authn_options = progress.web_authn_options});
        case control::SignInStep::mfa_enrolment:
            return show_device_kinds(visit, progress.attempt_token, progress.mfa_types);
        case control::SignInStep::new_password:
            return show_new_password(visit, {.action = "/signin/new-password",
                                             .title = texts.change_title,
                                             .lead = std::string(texts.change_lead),
                                             .attempt_token = progress.attempt_token,
                                             .problems = progress.password_problems});
        case control::SignInStep::password:
        case control::SignInStep::passkey:
        case control::SignInStep::first_sign_in_code:
            return visit.redirect("/signin");
    }
}

void show_sign_in(VisitPointer visit) {
    const auto wanted = wanted_path(visit->query());
    if (visit->is_signed_in()) return visit->redirect(wanted.empty() ? "/start" : wanted);
    show_username_step(*visit, {.return_to = wanted});
}

void take_username(VisitPointer visit) {
    const auto wanted = wanted_path(visit->form());
    if (visit->is_signed_in()) return visit->redirect(wanted.empty() ? "/start" : wanted);
    const auto& user_name = visit->form().get("username");
    if (user_name.empty() || user_name.size() > user_name_bytes_max) {
        return show_username_step(
            *visit, {.return_to = wanted, .error = std::string(visit->texts().enter_username), .status = 400});
    }
    control::StartSignInRequest request{.user_name = user_name};
    if (!wanted.empty()) request.return_to = wanted;
    if (!visit->device_token().empty()) request.device_token = visit->device_token();
    ask<control::StartSignIn>(visit, std::move(request), [user_name, wanted](const VisitPointer& v, auto answer) {
        if (!answer) {
            if (!is_retried(answer.error())) return show_error(*v, answer.error());
            return show_username_step(*v, {.user_name = user_name,
                                           .return_to = wanted,
                                           .error = translate(v->texts(), answer.error().message),
                                           .status = 400});
        }
        auto progress = progress_of(std::move(*answer));
        if (progress.step != control::SignInStep::password) return go_on(*v, progress);
        show_password_step(*v, {.user_name = user_name, .attempt_token = progress.attempt_token});
    });
}

void show_password_step(Visit& visit, const PasswordStep& step) {
    const auto& texts = visit.texts();
    Markup body = heading(texts.sign_in);
    body += element("p", {{"class", "who"}},
                    {texts.signing_in_as, " ", element("strong", {step.user_name}), " ",
                     element("a", {{"href", "/signin"}}, {texts.not_you})});
    body += post_form(visit, "/signin/password", {{"attempt", step.attempt_token}},
                      {void_element("input", {{"name", "username"},
                                              {"value", step.user_name},
                                              {"autocomplete", "username"},
                                              {"readonly", true},
                                              {"hidden", true}}),
                       text_field({.name = "password",
                                   .label = texts.password,
                                   .type = "password",
                                   .autocomplete = "current-password",
                                   .error = step.error,
                                   .is_focused = true},
                                  texts),
                       primary_button(texts.sign_in)});
    body += element("p", {{"class", "aside"}}, {element("a", {{"href", "/forgot-password"}}, {texts.forgot_password})});
    if (visit.center() && visit.center()->email_one_time_passwords) {
        body += post_form(visit, "/signin/first", {{"attempt", step.attempt_token}, {"username", step.user_name}},
                          {plain_button(texts.first_sign_in_question)});
    }
    show(visit, {.title = texts.sign_in, .body = body, .status = step.error.empty() ? 200 : 401});
}

void take_password(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    const auto& form = visit->form();
    PasswordStep step{.user_name = form.get("username"), .attempt_token = form.get("attempt")};
    if (form.get("password").empty() || form.get("password").size() > password_bytes_max) {
        step.error = visit->texts().enter_password;
        return show_password_step(*visit, step);
    }
    control::SubmitPasswordRequest request{.attempt_token = step.attempt_token, .password = form.get("password")};
    if (!visit->device_token().empty()) request.device_token = visit->device_token();
    ask<control::SubmitPassword>(visit, std::move(request), [step](const VisitPointer& v, auto answer) mutable {
        if (answer) return go_on(*v, progress_of(std::move(*answer)));
        if (ends_attempt(answer.error())) return restart_sign_in(*v);
        if (!is_retried(answer.error())) return show_error(*v, answer.error());
        step.error = translate(v->texts(), answer.error().message);
        show_password_step(*v, step);
    });
}

namespace {

Markup remember_box(const Visit& visit, Literal id) {
    if (!asks_on_changed_context(visit)) return {};
    return element(
        "div", {{"class", "choice"}},
        {void_element("input", {{"type", "checkbox"}, {"id", id.text()}, {"name", "trusted"}, {"value", "yes"}}),
         element("label", {{"for", id.text()}}, {visit.texts().trusted_device})});
}

std::string_view kind_of(const CodeStep& step) {
    if (step.is_mailed) return "mail";
    return step.has_app ? "app" : "key";
}

Markup code_form(Visit& visit, const CodeStep& step) {
    const auto& texts = visit.texts();
    const bool is_recovery = !step.is_mailed && !step.has_app;
    const auto label = step.is_mailed ? texts.verification_code : is_recovery ? texts.recovery_code : texts.mfa_code;
    return post_form(visit, "/signin/code",
                     {{"attempt", step.attempt_token}, {"kind", kind_of(step)}, {"options", step.web_authn_options}},
                     {text_field({.name = "code",
                                  .label = label,
                                  .autocomplete = is_recovery ? "off" : "one-time-code",
                                  .error = step.error,
                                  .length_max = code_bytes_max,
                                  .is_focused = step.web_authn_options.empty(),
                                  .is_code = !is_recovery},
                                 texts),
                      remember_box(visit, "trusted"), primary_button(texts.sign_in)});
}

// Somebody who has lost their device.
Markup recovery(Visit& visit, const CodeStep& step) {
    const auto& texts = visit.texts();
    if (step.is_mailed) return {};
    return element("details", {{"class", "recovery"}, {"open", !step.has_app && !step.error.empty()}},
                   {element("summary", {texts.recovery_summary}), lead(texts.recovery_lead),
                    step.has_app ? Markup() : code_form(visit, step)});
}

}  // namespace

Markup key_form(Visit& visit, const KeyForm& form, HiddenFields hidden, std::initializer_list<Markup> children) {
    const auto& texts = visit.texts();
    Markup inside = void_element("input", {{"type", "hidden"}, {"name", "credential"}, {"value", ""}});
    for (const auto& child : children) inside += child;
    Markup error;
    if (!form.error.empty()) error = element("p", {{"class", "field-error"}, {"role", "alert"}}, {form.error});
    inside += error;
    inside += element("p", {{"class", "field-error"}, {"data-key-failed", texts.key_failed}, {"hidden", true}}, {});
    inside += element("p", {{"class", "caution"}, {"data-key-missing", true}}, {texts.key_needs_script});
    inside += element("button",
                      {{"type", "button"},
                       {"class", "primary"},
                       {"data-key", form.ceremony == KeyCeremony::create ? "create" : "get"},
                       {"data-options", form.options},
                       {"data-at-once", form.starts_itself},
                       {"hidden", true}},
                      {form.button});
    return post_form(visit, form.action, hidden, {inside});
}

void show_code_step(Visit& visit, const CodeStep& step) {
    const auto& texts = visit.texts();
    const bool has_key = !step.web_authn_options.empty();
    Markup body = heading(texts.mfa_title);
    if (has_key) {
        body += lead(texts.mfa_key_lead);
        body +=
            key_form(visit,
                     {.action = "/signin/key",
                      .button = texts.use_security_key,
                      .options = step.web_authn_options,
                      .error = step.key_error},
                     {{"attempt", step.attempt_token}, {"kind", kind_of(step)}, {"options", step.web_authn_options}},
                     {remember_box(visit, "trusted-key")});
        if (step.has_app) body += element("h2", {{"class", "or"}}, {texts.mfa_or_code});
    }
    if (step.is_mailed || step.has_app) {
        body += lead(step.is_mailed ? texts.email_code_lead : texts.mfa_lead);
        body += code_form(visit, step);
    }
    body += recovery(visit, step);
    body += element("p", {{"class", "aside"}}, {element("a", {{"href", "/signin"}}, {texts.cancel})});
    const bool is_wrong = !step.error.empty() || !step.key_error.empty();
    show(visit, {.title = texts.mfa_title, .body = body, .status = is_wrong ? 401 : 200});
}

void take_code(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    const auto& form = visit->form();
    auto step = code_step_of(form);
    if (form.get("code").empty() || form.get("code").size() > code_bytes_max) {
        step.error = visit->texts().enter_code;
        return show_code_step(*visit, step);
    }
    control::SubmitMfaCodeRequest request{.attempt_token = step.attempt_token, .code = form.get("code")};
    if (form.get("trusted") == "yes") request.remember_device = true;
    ask<control::SubmitMfaCode>(visit, std::move(request), [step](const VisitPointer& v, auto answer) mutable {
        if (answer) {
            if (answer->device_token) v->remember_device(*answer->device_token);
            return go_on(*v, progress_of(std::move(*answer)));
        }
        if (ends_attempt(answer.error())) return restart_sign_in(*v);
        if (!is_retried(answer.error())) return show_error(*v, answer.error());
        step.error = translate(v->texts(), answer.error().message);
        show_code_step(*v, step);
    });
}

namespace {

// The answer of a security key, in a sign-in by password or by passkey alone. `again` shows the page with an error.
template <class Again>
void submit_key(const VisitPointer& visit, Again again) {
    const auto& form = visit->form();
    if (form.get("credential").empty()) return again(visit, std::string(visit->texts().key_failed));
    control::SubmitSecurityKeyRequest request{.attempt_token = form.get("attempt"),
                                              .credential = form.get("credential")};
    if (form.get("trusted") == "yes") request.remember_device = true;
    ask<control::SubmitSecurityKey>(visit, std::move(request), [again](const VisitPointer& v, auto answer) {
        if (answer) {
            if (answer->device_token) v->remember_device(*answer->device_token);
            return go_on(*v, progress_of(std::move(*answer)));
        }
        if (ends_attempt(answer.error())) return restart_sign_in(*v);
        if (!is_retried(answer.error())) return show_error(*v, answer.error());
        again(v, translate(v->texts(), answer.error().message));
    });
}

void show_passkey_page(const VisitPointer& visit, const std::string& error) {
    const auto wanted = wanted_path(visit->is_post() ? visit->form() : visit->query());
    control::StartPasskeySignInRequest request;
    if (!wanted.empty()) request.return_to = wanted;
    ask<control::StartPasskeySignIn>(visit, std::move(request), [wanted, error](const VisitPointer& v, auto answer) {
        const auto& texts = v->texts();
        if (!answer) {
            if (!is_retried(answer.error())) return show_error(*v, answer.error());
            return show_username_step(
                *v, {.return_to = wanted, .error = std::string(texts.passkey_refused), .status = 400});
        }
        Markup body = heading(texts.passkey_sign_in);
        body += lead(texts.passkey_lead);
        body += key_form(*v,
                         {.action = "/signin/passkey",
                          .button = texts.use_passkey,
                          .options = answer->web_authn_options,
                          .error = error,
                          .starts_itself = error.empty()},
                         {{"attempt", answer->attempt_token}, {"return_to", wanted}}, {});
        const auto back = "/signin" + encode_query({{"return_to", wanted}});
        body += element("p", {{"class", "aside"}}, {element("a", {{"href", back}}, {texts.cancel})});
        show(*v, {.title = texts.passkey_sign_in, .body = body, .status = error.empty() ? 200 : 401});
    });
}

}  // namespace

void take_security_key(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    submit_key(visit, [](const VisitPointer& v, std::string error) {
        auto step = code_step_of(v->form());
        step.key_error = std::move(error);
        show_code_step(*v, step);
    });
}

void show_passkey(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    show_passkey_page(visit, "");
}

void take_passkey(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    submit_key(visit, [](const VisitPointer& v, const std::string& error) { show_passkey_page(v, error); });
}

void show_first_code_step(Visit& visit, const FirstCodeStep& step) {
    const auto& texts = visit.texts();
    const HiddenFields hidden = {{"attempt", step.attempt_token}, {"username", step.user_name}};
    Markup body = heading(texts.first_sign_in_title);
    body += lead(fill_in(texts.first_sign_in_lead, step.user_name));
    body += post_form(visit, "/signin/first/code", hidden,
                      {text_field({.name = "code",
                                   .label = texts.one_time_code,
                                   .autocomplete = "one-time-code",
                                   .error = step.error,
                                   .length_max = code_bytes_max,
                                   .is_focused = true,
                                   .is_code = true},
                                  texts),
                       primary_button(texts.next)});
    body += post_form(visit, "/signin/first", hidden, {plain_button(texts.send_again)});
    body += element("p", {{"class", "aside"}}, {element("a", {{"href", "/signin"}}, {texts.cancel})});
    show(visit, {.title = texts.first_sign_in_title, .body = body, .status = step.error.empty() ? 200 : 401});
}

void request_first_code(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    const auto& form = visit->form();
    FirstCodeStep step{.user_name = form.get("username").substr(0, user_name_bytes_max),
                       .attempt_token = form.get("attempt")};
    control::RequestFirstSignInCodeRequest request{.attempt_token = step.attempt_token};
    ask<control::RequestFirstSignInCode>(visit, std::move(request), [step](const VisitPointer& v, auto answer) mutable {
        if (!answer) {
            if (ends_attempt(answer.error())) return restart_sign_in(*v);
            if (!is_retried(answer.error())) return show_error(*v, answer.error());
            return show_notice(*v, {.title = v->texts().first_sign_in_title,
                                    .text = translate(v->texts(), answer.error().message),
                                    .href = "/signin",
                                    .link = v->texts().back_to_sign_in,
                                    .status = 400,
                                    .is_error = true});
        }
        step.attempt_token = progress_of(std::move(*answer)).attempt_token;
        show_first_code_step(*v, step);
    });
}

void take_first_code(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    const auto& form = visit->form();
    FirstCodeStep step{.user_name = form.get("username").substr(0, user_name_bytes_max),
                       .attempt_token = form.get("attempt")};
    if (form.get("code").empty() || form.get("code").size() > code_bytes_max) {
        step.error = visit->texts().enter_code;
        return show_first_code_step(*visit, step);
    }
    control::SubmitFirstSignInCodeRequest request{.attempt_token = step.attempt_token, .code = form.get("code")};
    ask<control::SubmitFirstSignInCode>(visit, std::move(request), [step](const VisitPointer& v, auto answer) mutable {
        if (answer) {
            const auto& texts = v->texts();
            return show_new_password(*v, {.action = "/signin/new-password",
                                          .title = texts.new_user_sign_up,
                                          .lead = fill_in(texts.new_user_lead, step.user_name),
                                          .attempt_token = answer->attempt_token.value_or("")});
        }
        if (ends_attempt(answer.error())) return restart_sign_in(*v);
        if (!is_retried(answer.error())) return show_error(*v, answer.error());
        step.error = translate(v->texts(), answer.error().message);
        show_first_code_step(*v, step);
    });
}

void show_sign_out(VisitPointer visit) {
    const auto& texts = visit->texts();
    if (!visit->is_signed_in()) {
        return show_notice(
            *visit,
            {.title = texts.signed_out, .text = texts.signed_out_lead, .href = "/signin", .link = texts.sign_in_again});
    }
    Markup body = heading(texts.sign_out_question);
    body += element("p", {{"class", "who"}}, {texts.signed_in_as, " ", element("strong", {visit->caller().user_name})});
    body += post_form(*visit, "/signout", {},
                      {element("div", {{"class", "actions"}},
                               {primary_button(texts.sign_out), button_link("/start", texts.cancel, false)})});
    show(*visit, {.title = texts.sign_out, .body = body});
}

void sign_out(VisitPointer visit) {
    const auto wanted = wanted_path(visit->form());
    const auto leave = [wanted](const VisitPointer& v) {
        v->forget_session();
        v->redirect(wanted.empty() ? "/signout" : wanted);
    };
    if (!visit->is_signed_in()) return leave(visit);
    control::SignOutRequest request{.session_token = visit->session_secret()};
    ask<control::SignOut>(visit, std::move(request), [leave](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        leave(v);
    });
}

void sign_out_everywhere(VisitPointer visit) {
    control::SignOutEverywhereRequest request{.session_token = visit->session_secret()};
    ask<control::SignOutEverywhere>(visit, std::move(request), [](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        v->forget_session();
        const auto& texts = v->texts();
        show_notice(*v, {.title = texts.signed_out,
                         .text = fill_in(texts.signed_out_everywhere_lead, std::to_string(answer->ended_sessions)),
                         .href = "/signin",
                         .link = texts.sign_in_again});
    });
}

}  // namespace sekisho::portal
