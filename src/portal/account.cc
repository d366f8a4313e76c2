// A person's own devices, sessions, password and preferences.
#include <fmt/format.h>

#include "base/text.h"
#include "models/control.h"
#include "portal/layout.h"
#include "portal/pages.h"
#include "portal/steps.h"

namespace sekisho::portal {

namespace {

constexpr std::size_t device_name_bytes_max = 64;
constexpr std::size_t password_bytes_max = 1024;

Markup header_row(std::initializer_list<std::string_view> names) {
    Markup cells;
    for (const auto name : names) cells += element("th", {{"scope", "col"}}, {name});
    return element("thead", {element("tr", {cells})});
}

// On narrow screens each cell shows its column's name before it.
Markup cell(std::string_view column, const std::string& text) {
    return element("td", {{"data-label", column}}, {text});
}

// Stays on one line where there is room.
Markup line_cell(std::string_view column, const std::string& text) {
    return element("td", {{"class", "line"}, {"data-label", column}}, {text});
}

std::string_view kind_text(const control::MfaDevice& device, const Texts& texts) {
    if (device.type == control::MfaType::authenticator_app) return texts.authenticator_app;
    return device.passkey.value_or(false) ? texts.passkey : texts.security_key;
}

// Breaks between words only.
Markup words_cell(std::string_view column, const std::string& text) {
    return element("td", {{"class", "words"}, {"data-label", column}}, {text});
}

// Rename and remove, opened on request: works without script.
Markup device_tools(Visit& visit, const control::MfaDevice& device) {
    const auto& texts = visit.texts();
    const std::string field = "name-" + device.device_id;
    return element(
        "details", {{"class", "tools"}},
        {element("summary", {{"aria-label", fmt::format("{}: {}", texts.manage, device.display_name)}}, {texts.manage}),
         post_form(visit, "/account/devices/rename", {{"device", device.device_id}},
                   {element("label", {{"for", field}}, {texts.new_name}),
                    element("div", {{"class", "input"}},
                            {void_element("input", {{"id", field},
                                                    {"name", "device_name"},
                                                    {"type", "text"},
                                                    {"value", device.display_name},
                                                    {"maxlength", std::to_string(device_name_bytes_max)},
                                                    {"autocomplete", "off"},
                                                    {"required", true}}),
                             plain_button(texts.save)})}),
         post_form(visit, "/account/devices/remove", {{"device", device.device_id}},
                   {plain_button(texts.remove_device)})});
}

Markup device_table(Visit& visit, const std::vector<control::MfaDevice>& devices, bool may_manage) {
    const auto& texts = visit.texts();
    if (devices.empty()) return lead(texts.no_devices);
    Markup rows;
    for (const auto& device : devices) {
        const Markup tools = may_manage ? element("td", {device_tools(visit, device)}) : Markup();
        rows += element(
            "tr", {cell(texts.name, device.display_name), cell(texts.type, std::string(kind_text(device, texts))),
                   line_cell(texts.registered, format_date(device.registered_date)),
                   line_cell(texts.last_used,
                             device.last_used_date ? format_date(*device.last_used_date) : std::string(texts.never)),
                   tools});
    }
    Markup head = may_manage ? header_row({texts.name, texts.type, texts.registered, texts.last_used, texts.manage})
                             : header_row({texts.name, texts.type, texts.registered, texts.last_used});
    return element("table", {head, element("tbody", {rows})});
}

Markup session_table(Visit& visit, const std::vector<control::SignInSession>& sessions) {
    const auto& texts = visit.texts();
    Markup rows;
    for (const auto& session : sessions) {
        const Markup tool = session.current.value_or(false)
                                ? element("strong", {texts.this_session})
                                : post_form(visit, "/account/sessions/end", {{"session", session.session_id}},
                                            {element("button", {{"class", "plain small"}}, {texts.end_session})});
        rows += element("tr", {line_cell(texts.started, format_date(session.created_date)),
                               line_cell(texts.ends, format_date(session.expires_date)),
                               line_cell(texts.address, session.source_address.value_or("")),
                               cell(texts.browser, session.user_agent.value_or("")), element("td", {tool})});
    }
    return element("table", {header_row({texts.started, texts.ends, texts.address, texts.browser, texts.manage}),
                             element("tbody", {rows})});
}

Markup sign_in_table(const std::vector<control::SignInRecord>& records, const Texts& texts) {
    Markup rows;
    for (const auto& record : records) {
        const bool succeeded = record.outcome == control::Outcome::succeeded;
        rows += element("tr", {line_cell(texts.time, format_date(record.date)),
                               line_cell(texts.result, std::string(succeeded ? texts.succeeded : texts.failed)),
                               words_cell(texts.proofs, replace_all(record.credential_types.value_or(""), ",", ", ")),
                               line_cell(texts.address, record.source_address.value_or("")),
                               cell(texts.browser, record.user_agent.value_or(""))});
    }
    return element("table", {header_row({texts.time, texts.result, texts.proofs, texts.address, texts.browser}),
                             element("tbody", {rows})});
}

Markup panel(std::string_view title, std::initializer_list<Markup> children) {
    Markup inside = element("h2", {title});
    for (const auto& child : children) inside += child;
    return element("section", {{"class", "panel"}}, {inside});
}

Markup profile(Visit& visit, const control::DescribePortalResponse& person) {
    const auto& texts = visit.texts();
    const bool is_verified = person.email_verified.value_or(false);
    const auto& email = person.email_address;
    const std::string address =
        email ? fmt::format("{} ({})", *email, is_verified ? texts.verified : texts.not_verified) : "";
    Markup tools;
    if (person.password_set.value_or(false)) tools += button_link("/account/password", texts.change_password, false);
    if (email && !is_verified) {
        tools += post_form(visit, "/account/verify-email", {}, {plain_button(texts.verify_address)});
    }
    return panel(texts.profile, {fact_list({{texts.username, person.user_name},
                                            {texts.display_name, person.display_name.value_or("")},
                                            {texts.email_address, address}}),
                                 element("div", {{"class", "actions"}}, {tools})});
}

void show_person(Visit& visit, const control::DescribePortalResponse& person) {
    const auto& texts = visit.texts();
    const bool may_manage = person.users_manage_devices.value_or(false);
    Markup register_link;
    if (may_manage) {
        register_link =
            element("p", {{"class", "actions"}}, {button_link("/account/register", texts.register_device, false)});
    }
    Markup body = heading(texts.account_title);
    body += profile(visit, person);
    body += panel(texts.mfa_devices,
                  {device_table(visit, person.mfa_devices.value_or(std::vector<control::MfaDevice>{}), may_manage),
                   register_link});
    body += panel(texts.sessions,
                  {lead(texts.sessions_lead),
                   session_table(visit, person.sessions.value_or(std::vector<control::SignInSession>{})),
                   post_form(visit, "/signout/everywhere", {},
                             {element("div", {{"class", "actions"}}, {plain_button(texts.sign_out_everywhere)})})});
    const auto records = person.sign_ins.value_or(std::vector<control::SignInRecord>{});
    if (!records.empty()) {
        body += panel(texts.sign_in_history, {lead(texts.sign_in_history_lead), sign_in_table(records, texts)});
    }
    show(visit, {.title = texts.account_title, .body = body, .is_wide = true});
}

// Back to the account page, or why not.
template <class Response>
void back_to_account(const VisitPointer& visit, const Result<Response>& answer) {
    if (answer) return visit->redirect("/account");
    const auto& texts = visit->texts();
    if (!is_error(answer.error(), {"ConflictException"})) return show_error(*visit, answer.error());
    show_notice(*visit, {.title = texts.refused_title,
                         .text = translate(texts, answer.error().message),
                         .href = "/account",
                         .link = texts.back_to_account,
                         .status = 409,
                         .is_error = true});
}

struct OwnPassword {
    std::string current_error = {};
    std::vector<std::string> problems = {};
    std::string confirm_error = {};
};

void show_own_password_form(Visit& visit, const OwnPassword& form) {
    const auto& texts = visit.texts();
    const bool is_wrong = !form.current_error.empty() || !form.problems.empty() || !form.confirm_error.empty();
    Markup body = heading(texts.change_password);
    body += lead(texts.own_password_lead);
    body += post_form(visit, "/account/password", {},
                      {void_element("input", {{"name", "username"},
                                              {"value", visit.caller().user_name},
                                              {"autocomplete", "username"},
                                              {"readonly", true},
                                              {"hidden", true}}),
                       text_field({.name = "current_password",
                                   .label = texts.current_password,
                                   .type = "password",
                                   .autocomplete = "current-password",
                                   .error = form.current_error,
                                   .length_max = password_bytes_max,
                                   .is_focused = true},
                                  texts),
                       new_password_fields(form.problems, form.confirm_error, false, texts),
                       element("div", {{"class", "actions"}},
                               {primary_button(texts.change_password), button_link("/account", texts.cancel, false)})});
    show(visit, {.title = texts.change_password, .body = body, .status = is_wrong ? 400 : 200});
}

}  // namespace

void show_account(VisitPointer visit) {
    ask<control::DescribePortal>(visit, {}, [](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        show_person(*v, *answer);
    });
}

void rename_device(VisitPointer visit) {
    const auto& form = visit->form();
    std::string name = form.get("device_name");
    if (name.empty() || name.size() > device_name_bytes_max) return visit->redirect("/account");
    control::UpdateOwnMfaDeviceRequest request{.device_id = form.get("device"), .display_name = std::move(name)};
    ask<control::UpdateOwnMfaDevice>(visit, std::move(request),
                                     [](const VisitPointer& v, auto answer) { back_to_account(v, answer); });
}

void remove_device(VisitPointer visit) {
    control::DeleteOwnMfaDeviceRequest request{.device_id = visit->form().get("device")};
    ask<control::DeleteOwnMfaDevice>(visit, std::move(request),
                                     [](const VisitPointer& v, auto answer) { back_to_account(v, answer); });
}

void end_session(VisitPointer visit) {
    control::EndOwnSessionRequest request{.session_id = visit->form().get("session")};
    ask<control::EndOwnSession>(visit, std::move(request),
                                [](const VisitPointer& v, auto answer) { back_to_account(v, answer); });
}

void show_own_password(VisitPointer visit) {
    show_own_password_form(*visit, {});
}

void take_own_password(VisitPointer visit) {
    const auto& fields = visit->form();
    OwnPassword form{.confirm_error = find_confirm_error(*visit)};
    const auto& current = fields.get("current_password");
    if (current.empty() || current.size() > password_bytes_max) form.current_error = visit->texts().enter_password;
    if (!form.confirm_error.empty() || !form.current_error.empty()) return show_own_password_form(*visit, form);
    control::ChangeOwnPasswordRequest request{.current_password = current, .password = fields.get("new_password")};
    ask<control::ChangeOwnPassword>(visit, std::move(request), [](const VisitPointer& v, auto answer) {
        const auto& texts = v->texts();
        if (!answer) {
            if (!is_error(answer.error(),
                          {"SignInFailedException", "LockedException", "ThrottlingException", "ValidationException"})) {
                return show_error(*v, answer.error());
            }
            return show_own_password_form(*v, {.current_error = translate(texts, answer.error().message)});
        }
        auto problems = answer->password_problems.value_or(std::vector<std::string>{});
        if (!problems.empty()) return show_own_password_form(*v, {.problems = std::move(problems)});
        v->sign_in(answer->session_token.value_or(""), answer->expires_date);
        const auto ended = std::to_string(answer->ended_sessions.value_or(0));
        v->redirect("/account/password/changed" + encode_query({{"ended", ended}}));
    });
}

void show_password_changed(VisitPointer visit) {
    const auto& texts = visit->texts();
    std::string ended = visit->query().get("ended");
    if (ended.empty() || ended.size() > 6 || ended.find_first_not_of("0123456789") != std::string::npos) ended = "0";
    show_notice(*visit, {.title = texts.password_changed_title,
                         .text = fill_in(texts.password_changed_lead, ended),
                         .href = "/account",
                         .link = texts.back_to_account});
}

void send_verification(VisitPointer visit) {
    ask<control::SendOwnEmailVerification>(visit, {}, [](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        const auto& texts = v->texts();
        show_notice(*v, {.title = texts.verification_sent_title,
                         .text = fill_in(texts.verification_sent_lead, answer->email_address),
                         .href = "/account",
                         .link = texts.back_to_account});
    });
}

void keep_preferences(VisitPointer visit, PreferencesKept then) {
    const auto& form = visit->form();
    if (form.has("theme")) visit->choose_theme(form.get("theme"));
    if (!form.has("language")) return then(visit, {});
    visit->choose_language(form.get("language"));
    if (!visit->is_signed_in()) return then(visit, {});
    // Mails come in that language too.
    control::UpdateOwnPreferencesRequest request;
    request.language = visit->texts().language == "ja" ? control::Language::ja : control::Language::en;
    ask<control::UpdateOwnPreferences>(std::move(visit), std::move(request),
                                       [then = std::move(then)](const VisitPointer& v, auto answer) mutable {
                                           then(v, answer ? Result<void>() : Result<void>(std::move(answer).error()));
                                       });
}

void take_preferences(VisitPointer visit) {
    const auto& form = visit->form();
    const std::string wanted = is_own_path(form.get("return_to")) ? form.get("return_to") : "/start";
    keep_preferences(std::move(visit), [wanted](const VisitPointer& v, const Result<void>& kept) {
        if (!kept) return show_error(*v, kept.error());
        v->redirect(wanted);
    });
}

}  // namespace sekisho::portal
