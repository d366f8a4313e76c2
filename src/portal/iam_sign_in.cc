// IAM users: account, user name and password, MFA code, a new password where one is required; signing out.
#include "models/signin.h"
#include "portal/layout.h"
#include "portal/login_steps.h"
#include "portal/pages.h"
#include "portal/steps.h"

namespace sekisho::portal {

namespace {

constexpr std::size_t account_bytes_max = 63;  // of an alias
constexpr std::size_t user_name_bytes_max = 64;

struct IamStep {
    std::string account = {};
    std::string user_name = {};
    std::string return_to = {};
    std::string error = {};
    int status = 200;
};

void show_iam_step(Visit& visit, const IamStep& step) {
    const auto& texts = visit.texts();
    Markup body = login_kinds(visit, step.return_to);
    body += heading(texts.iam_sign_in);
    body += lead(texts.iam_sign_in_lead);
    body += post_form(visit, iam_sign_in_path, {{"return_to", step.return_to}},
                      {text_field({.name = "account",
                                   .label = texts.iam_account,
                                   .value = step.account,
                                   .length_max = account_bytes_max,
                                   .is_focused = step.account.empty()},
                                  texts),
                       text_field({.name = "username",
                                   .label = texts.iam_user_name,
                                   .value = step.user_name,
                                   .autocomplete = "username",
                                   .length_max = user_name_bytes_max,
                                   .is_focused = !step.account.empty() && step.user_name.empty()},
                                  texts),
                       text_field({.name = "password",
                                   .label = texts.password,
                                   .type = "password",
                                   .autocomplete = "current-password",
                                   .error = step.error,
                                   .length_max = login_password_bytes_max,
                                   .is_focused = !step.user_name.empty()},
                                  texts),
                       primary_button(texts.sign_in)});
    body += element("p", {{"class", "aside"}}, {element("a", {{"href", "/signin"}}, {texts.portal_sign_in})});
    show(visit, {.title = texts.iam_sign_in, .body = body, .status = step.status});
}

void show_iam_new_password(Visit& visit, const std::string& attempt, const std::string& error) {
    const auto& texts = visit.texts();
    const auto password_field = [&texts](std::string_view name, std::string_view label, std::string_view autocomplete,
                                         std::string_view wrong, bool is_focused) {
        return text_field({.name = name,
                           .label = label,
                           .type = "password",
                           .autocomplete = autocomplete,
                           .error = wrong,
                           .length_max = login_password_bytes_max,
                           .is_focused = is_focused},
                          texts);
    };
    Markup body = heading(texts.change_title);
    body += lead(texts.iam_change_lead);
    body += post_form(visit, "/signin/iam/new-password", {{"attempt", attempt}},
                      {password_field("current_password", texts.current_password, "current-password", "", true),
                       password_field("new_password", texts.new_password, "new-password", error, false),
                       password_field("confirm_password", texts.confirm_password, "new-password", "", false),
                       primary_button(texts.set_new_password)});
    show(visit, {.title = texts.change_title, .body = body, .status = error.empty() ? 200 : 400});
}

}  // namespace

bool is_root_visit(const Visit& visit) {
    return visit.path().starts_with(root_sign_in_path);
}

std::string_view login_path(const Visit& visit) {
    return is_root_visit(visit) ? root_sign_in_path : iam_sign_in_path;
}

std::string wanted_path(const Form& form) {
    const auto& wanted = form.get("return_to");
    return is_return_path(wanted) ? wanted : std::string();
}

Markup login_kinds(const Visit& visit, std::string_view return_to) {
    const auto& texts = visit.texts();
    const bool is_root = is_root_visit(visit);
    const auto kind = [&](std::string_view path, std::string_view label, bool is_current) {
        const auto href = std::string(path) + encode_query({{"return_to", std::string(return_to)}});
        return element("a", {{"href", href}, Attribute::unless_empty("aria-current", is_current ? "page" : "")},
                       {label});
    };
    return element(
        "nav", {{"class", "kinds"}, {"aria-label", texts.sign_in_kinds}},
        {kind(iam_sign_in_path, texts.iam_user, !is_root), kind(root_sign_in_path, texts.root_user, is_root)});
}

void show_login_code(Visit& visit, const std::string& attempt, const std::string& error) {
    const auto& texts = visit.texts();
    Markup body = heading(texts.mfa_title);
    body += lead(texts.mfa_lead);
    body += post_form(visit, std::string(login_path(visit)) + "/code", {{"attempt", attempt}},
                      {text_field({.name = "code",
                                   .label = texts.mfa_code,
                                   .autocomplete = "one-time-code",
                                   .error = error,
                                   .length_max = login_code_bytes_max,
                                   .is_focused = true,
                                   .is_code = true},
                                  texts),
                       primary_button(texts.sign_in)});
    body += element("p", {{"class", "aside"}}, {element("a", {{"href", login_path(visit)}}, {texts.cancel})});
    show(visit, {.title = texts.mfa_title, .body = body, .status = error.empty() ? 200 : 401});
}

bool is_retried(const ApiError& error) {
    return is_error(error, {"SignInFailedException", "LockedException", "ThrottlingException", "ValidationException"});
}

void restart_login(Visit& visit) {
    if (is_root_visit(visit)) return show_root_over(visit);
    show_iam_step(visit, {.error = std::string(visit.texts().attempt_over), .status = 400});
}

void follow_login(Visit& visit, const signin::SignInOutcome& outcome) {
    switch (outcome.step) {
        case signin::SignInStep::mfa_code:
            return show_login_code(visit, outcome.attempt_token.value_or(""), "");
        case signin::SignInStep::mfa_enrolment:
            return show_root_enrolment(visit, outcome);
        case signin::SignInStep::new_password:
            return show_iam_new_password(visit, outcome.attempt_token.value_or(""), "");
        case signin::SignInStep::done:
            break;
    }
    visit.log_in(outcome.session_token.value_or(""), outcome.expires_date);
    const auto& wanted = outcome.return_to.value_or("");
    visit.redirect(is_return_path(wanted) ? std::string_view(wanted) : console_path);
}

void show_iam_sign_in(VisitPointer visit) {
    const auto wanted = wanted_path(visit->query());
    if (visit->is_logged_in()) return visit->redirect(wanted.empty() ? console_path : std::string_view(wanted));
    show_iam_step(*visit, {.account = visit->query().get("account").substr(0, account_bytes_max), .return_to = wanted});
}

void take_iam_password(VisitPointer visit) {
    const auto& form = visit->form();
    IamStep step{.account = form.get("account"), .user_name = form.get("username"), .return_to = wanted_path(form)};
    const auto& password = form.get("password");
    const bool is_complete = !step.account.empty() && step.account.size() <= account_bytes_max &&
                             !step.user_name.empty() && step.user_name.size() <= user_name_bytes_max &&
                             !password.empty() && password.size() <= login_password_bytes_max;
    if (!is_complete) {
        step.error = visit->texts().iam_enter_all;
        step.status = 400;
        return show_iam_step(*visit, step);
    }
    signin::VerifyPasswordRequest request{
        .account = step.account, .user_name = step.user_name, .password = password, .return_to = {}};
    if (!step.return_to.empty()) request.return_to = step.return_to;
    ask_as<signin::VerifyPassword>({}, visit, std::move(request), follow_step([step](Visit& v, std::string error) {
                                       auto again = step;
                                       again.error = std::move(error);
                                       again.status = 401;
                                       show_iam_step(v, again);
                                   }));
}

void take_login_code(VisitPointer visit) {
    const auto attempt = visit->form().get("attempt");
    const auto& code = visit->form().get("code");
    if (attempt.empty()) return restart_login(*visit);
    if (code.empty() || code.size() > login_code_bytes_max) {
        return show_login_code(*visit, attempt, std::string(visit->texts().enter_code));
    }
    ask_as<signin::VerifyMfaCode>(
        {}, visit, {.attempt_token = attempt, .mfa_code = code},
        follow_step([attempt](Visit& v, const std::string& error) { show_login_code(v, attempt, error); }));
}

void take_iam_new_password(VisitPointer visit) {
    const auto attempt = visit->form().get("attempt");
    if (attempt.empty()) return restart_login(*visit);
    const auto again = [attempt](Visit& v, const std::string& error) { show_iam_new_password(v, attempt, error); };
    const auto& current = visit->form().get("current_password");
    if (current.empty() || current.size() > login_password_bytes_max) {
        return again(*visit, std::string(visit->texts().enter_password));
    }
    if (const auto error = find_confirm_error(*visit); !error.empty()) return again(*visit, error);
    ask_as<signin::ReplacePassword>(
        {}, visit,
        {.attempt_token = attempt, .old_password = current, .new_password = visit->form().get("new_password")},
        follow_step(again));
}

void show_iam_sign_out(VisitPointer visit) {
    const auto& texts = visit->texts();
    if (!visit->is_logged_in()) return visit->redirect(iam_sign_in_path);
    Markup body = heading(texts.sign_out_question);
    body += element("p", {{"class", "who"}}, {texts.signed_in_as, " ", element("strong", {visit->login().arn})});
    body += post_form(*visit, "/signout/iam", {},
                      {element("div", {{"class", "actions"}},
                               {primary_button(texts.sign_out), button_link(console_path, texts.cancel, false)})});
    show(*visit, {.title = texts.sign_out, .body = body});
}

void sign_out_iam(VisitPointer visit) {
    const auto wanted = wanted_path(visit->form());
    const auto leave = [wanted](const VisitPointer& v) {
        v->forget_login();
        v->redirect(wanted.empty() ? std::string(iam_sign_in_path) : wanted);
    };
    if (!visit->is_logged_in()) return leave(visit);
    ask_as<signin::EndConsoleSession>(visit->login(), visit, {}, [leave](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        leave(v);
    });
}

}  // namespace sekisho::portal
