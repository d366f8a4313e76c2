// User name, password, second factor; signing out.
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
    show(visit, {.title = texts.sign_in, .body = body, .status = step.status});
}

std::string wanted_path(const Form& form) {
    const auto& wanted = form.get("return_to");
    return is_return_path(wanted) ? wanted : std::string();
}

bool asks_on_changed_context(const Visit& visit) {
    return visit.center() && visit.center()->mfa.prompt == domain::MfaPrompt::context_aware;
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
                                          .is_mailed = progress.step == control::SignInStep::email_code});
        case control::SignInStep::mfa_enrolment:
            return show_device_kinds(visit, progress.attempt_token, progress.mfa_types);
        case control::SignInStep::new_password:
            return show_new_password(visit, {.action = "/signin/new-password",
                                             .title = texts.change_title,
                                             .lead = std::string(texts.change_lead),
                                             .attempt_token = progress.attempt_token,
                                             .problems = progress.password_problems});
        case control::SignInStep::password:
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
            return show_username_step(
                *v, {.user_name = user_name, .return_to = wanted, .error = answer.error().message, .status = 400});
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
        step.error = answer.error().message;
        show_password_step(*v, step);
    });
}

void show_code_step(Visit& visit, const CodeStep& step) {
    const auto& texts = visit.texts();
    Markup remember;
    if (asks_on_changed_context(visit)) {
        remember = element(
            "div", {{"class", "choice"}},
            {void_element("input", {{"type", "checkbox"}, {"id", "trusted"}, {"name", "trusted"}, {"value", "yes"}}),
             element("label", {{"for", "trusted"}}, {texts.trusted_device})});
    }
    Markup body = heading(texts.mfa_title);
    body += lead(step.is_mailed ? texts.email_code_lead : texts.mfa_lead);
    body +=
        post_form(visit, "/signin/code", {{"attempt", step.attempt_token}, {"kind", step.is_mailed ? "mail" : "app"}},
                  {text_field({.name = "code",
                               .label = step.is_mailed ? texts.verification_code : texts.mfa_code,
                               .autocomplete = "one-time-code",
                               .error = step.error,
                               .length_max = code_bytes_max,
                               .is_focused = true,
                               .is_code = true},
                              texts),
                   remember, primary_button(texts.sign_in)});
    body += element("p", {{"class", "aside"}}, {element("a", {{"href", "/signin"}}, {texts.cancel})});
    show(visit, {.title = texts.mfa_title, .body = body, .status = step.error.empty() ? 200 : 401});
}

void take_code(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    const auto& form = visit->form();
    CodeStep step{.attempt_token = form.get("attempt"), .is_mailed = form.get("kind") == "mail"};
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
        step.error = answer.error().message;
        show_code_step(*v, step);
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
