// Root users of accounts: address and password, MFA code or the registration of an app; the mailed link by which their
// password is set.
#include "base/encoding.h"
#include "models/signin.h"
#include "portal/layout.h"
#include "portal/login_steps.h"
#include "portal/pages.h"
#include "portal/steps.h"

namespace sekisho::portal {

namespace {

constexpr std::size_t email_bytes_max = 254;
constexpr std::string_view forgot_path = "/signin/root/forgot";
constexpr std::string_view password_path = "/signin/root/password";

struct RootStep {
    std::string email = {};
    std::string return_to = {};
    std::string error = {};
    int status = 200;
};

Markup email_field(const Texts& texts, std::string_view value, std::string_view error, bool is_focused) {
    return text_field({.name = "email",
                       .label = texts.root_email,
                       .value = value,
                       .autocomplete = "username",
                       .error = error,
                       .length_max = email_bytes_max,
                       .is_focused = is_focused},
                      texts);
}

Markup aside_link(std::string_view href, std::string_view text) {
    return element("p", {{"class", "aside"}}, {element("a", {{"href", href}}, {text})});
}

void show_root_step(Visit& visit, const RootStep& step) {
    const auto& texts = visit.texts();
    Markup body = login_kinds(visit, step.return_to);
    body += heading(texts.root_sign_in);
    body += lead(texts.root_sign_in_lead);
    body += post_form(visit, root_sign_in_path, {{"return_to", step.return_to}},
                      {email_field(texts, step.email, "", step.email.empty()),
                       text_field({.name = "password",
                                   .label = texts.password,
                                   .type = "password",
                                   .autocomplete = "current-password",
                                   .error = step.error,
                                   .length_max = login_password_bytes_max,
                                   .is_focused = !step.email.empty()},
                                  texts),
                       primary_button(texts.sign_in)});
    body += aside_link(forgot_path, texts.root_forgot);
    body += aside_link("/signin", texts.portal_sign_in);
    show(visit, {.title = texts.root_sign_in, .body = body, .status = step.status});
}

AppSetUp set_up_of(const Visit& visit) {
    return {.action = "/signin/root/register", .cancel = root_sign_in_path, .lead = visit.texts().root_register_lead};
}

void show_registered(Visit& visit, const signin::SignInOutcome& outcome) {
    const auto& texts = visit.texts();
    visit.log_in(outcome.session_token.value_or(""), outcome.expires_date);
    const auto& wanted = outcome.return_to.value_or("");
    show_notice(visit, {.title = texts.registered_title,
                        .text = texts.registered_lead,
                        .href = is_return_path(wanted) ? std::string_view(wanted) : console_path,
                        .link = texts.done});
}

void show_forgot(Visit& visit, const std::string& error) {
    const auto& texts = visit.texts();
    Markup body = heading(texts.root_forgot_title);
    body += lead(texts.root_forgot_lead);
    body +=
        post_form(visit, forgot_path, {},
                  {email_field(texts, "", error, true),
                   element("div", {{"class", "actions"}},
                           {primary_button(texts.send_link), button_link(root_sign_in_path, texts.cancel, false)})});
    show(visit, {.title = texts.root_forgot_title, .body = body, .status = error.empty() ? 200 : 400});
}

void show_link_over(Visit& visit) {
    const auto& texts = visit.texts();
    show_notice(visit, {.title = texts.link_over_title,
                        .text = texts.root_link_over_lead,
                        .href = forgot_path,
                        .link = texts.root_ask_again,
                        .status = 400,
                        .is_error = true});
}

NewPasswordForm password_form(const Visit& visit, const std::string& token, const std::string& email) {
    const auto& texts = visit.texts();
    return {.action = password_path,
            .title = texts.root_password_title,
            .lead = fill_in(texts.root_password_lead, email),
            .token = token,
            .user_name = email,
            .rules = PasswordRules::root};
}

void set_password(const VisitPointer& visit, const std::string& password, NewPasswordForm form) {
    ask_as<signin::SetRootPassword>({}, visit, {.token = form.token, .password = password},
                                    [form](const VisitPointer& v, auto answer) mutable {
                                        const auto& texts = v->texts();
                                        if (answer) {
                                            return show_notice(*v, {.title = texts.password_set_title,
                                                                    .text = texts.root_password_set_lead,
                                                                    .href = root_sign_in_path,
                                                                    .link = texts.sign_in});
                                        }
                                        if (ends_attempt(answer.error())) return show_link_over(*v);
                                        if (!is_retried(answer.error())) return show_error(*v, answer.error());
                                        form.problems = {std::string(answer.error().message)};
                                        form.status = 400;
                                        show_new_password(*v, form);
                                    });
}

}  // namespace

void show_root_over(Visit& visit) {
    show_root_step(visit, {.error = std::string(visit.texts().attempt_over), .status = 400});
}

void show_root_enrolment(Visit& visit, const signin::SignInOutcome& outcome) {
    auto set_up = set_up_of(visit);
    set_up.attempt_token = outcome.attempt_token.value_or("");
    set_up.secret_key = outcome.secret_key.value_or("");
    set_up.qr_svg = encode_base64(outcome.qr_svg.value_or(""));
    show_app_set_up(visit, set_up);
}

void show_root_sign_in(VisitPointer visit) {
    const auto wanted = wanted_path(visit->query());
    if (visit->is_logged_in()) return visit->redirect(wanted.empty() ? console_path : std::string_view(wanted));
    show_root_step(*visit, {.return_to = wanted});
}

void take_root_password(VisitPointer visit) {
    const auto& form = visit->form();
    RootStep step{.email = form.get("email"), .return_to = wanted_path(form)};
    const auto& password = form.get("password");
    const bool is_complete = !step.email.empty() && step.email.size() <= email_bytes_max && !password.empty() &&
                             password.size() <= login_password_bytes_max;
    if (!is_complete) {
        step.error = visit->texts().root_enter_all;
        step.status = 400;
        return show_root_step(*visit, step);
    }
    signin::VerifyRootPasswordRequest request{.email_address = step.email, .password = password, .return_to = {}};
    if (!step.return_to.empty()) request.return_to = step.return_to;
    ask_as<signin::VerifyRootPassword>({}, visit, std::move(request), follow_step([step](Visit& v, std::string error) {
                                           auto again = step;
                                           again.error = std::move(error);
                                           again.status = 401;
                                           show_root_step(v, again);
                                       }));
}

void confirm_root_enrolment(VisitPointer visit) {
    const auto& form = visit->form();
    auto set_up = set_up_of(*visit);
    set_up.attempt_token = form.get("attempt");
    set_up.secret_key = form.get("secret_key");
    set_up.qr_svg = form.get("qr");
    if (set_up.attempt_token.empty()) return restart_login(*visit);
    const auto& code = form.get("code");
    const auto again = [set_up](Visit& v, std::string error) {
        auto shown = set_up;
        shown.error = std::move(error);
        show_app_set_up(v, shown);
    };
    if (code.empty() || code.size() > login_code_bytes_max) {
        return again(*visit, std::string(visit->texts().enter_code));
    }
    ask_as<signin::ConfirmMfaEnrolment>({}, visit, {.attempt_token = set_up.attempt_token, .mfa_code = code},
                                        follow_step(again, show_registered));
}

void show_root_forgot_password(VisitPointer visit) {
    show_forgot(*visit, "");
}

// Says the same whether or not an account has that address.
void request_root_password(VisitPointer visit) {
    const auto& email = visit->form().get("email");
    if (email.empty() || email.size() > email_bytes_max) {
        return show_forgot(*visit, std::string(visit->texts().enter_email));
    }
    ask_as<signin::RequestRootPassword>({}, visit, {.email_address = email}, [](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        const auto& texts = v->texts();
        show_notice(*v, {.title = texts.mail_sent_title,
                         .text = texts.root_mail_sent_lead,
                         .href = root_sign_in_path,
                         .link = texts.back_to_sign_in});
    });
}

void show_root_password(VisitPointer visit) {
    const std::string token = visit->query().get("token");
    if (token.empty()) return show_link_over(*visit);
    ask_as<signin::DescribeRootPasswordLink>({}, visit, {.token = token}, [token](const VisitPointer& v, auto answer) {
        if (answer) return show_new_password(*v, password_form(*v, token, answer->email_address));
        const bool is_over = ends_attempt(answer.error()) || is_error(answer.error(), {"ValidationException"});
        is_over ? show_link_over(*v) : show_error(*v, answer.error());
    });
}

void take_root_new_password(VisitPointer visit) {
    const auto& fields = visit->form();
    if (fields.get("token").empty()) return show_link_over(*visit);
    auto form = password_form(*visit, fields.get("token"), fields.get("user"));
    form.confirm_error = find_confirm_error(*visit);
    if (!form.confirm_error.empty()) {
        form.status = 400;
        return show_new_password(*visit, form);
    }
    set_password(visit, fields.get("new_password"), std::move(form));
}

}  // namespace sekisho::portal
