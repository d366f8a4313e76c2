// Mailed links (invitation, password reset, address to verify) and new passwords.
#include <algorithm>

#include "portal/pages.h"
#include "portal/steps.h"

namespace sekisho::portal {

namespace {

constexpr std::size_t user_name_bytes_max = 128;
constexpr std::size_t password_bytes_max = 1024;

Markup rule(Literal id, std::string_view text) {
    return element("li", {{"data-rule", id.text()}}, {text});
}

// The script marks the rules while one types; the server checks them in any case.
Markup password_rules(const Texts& texts, PasswordRules rules) {
    const bool is_root = rules == PasswordRules::root;
    const auto items =
        is_root ? element("ul", {rule("root-length", texts.root_rule_length), rule("kinds", texts.root_rule_kinds)})
                : element("ul", {rule("length", texts.rule_length), rule("lower", texts.rule_lower),
                                 rule("upper", texts.rule_upper), rule("digit", texts.rule_digit),
                                 rule("symbol", texts.rule_symbol)});
    return element("div",
                   {{"class", "rules"},
                    {"id", "password-rules"},
                    {"data-met", texts.rule_met},
                    {"data-not-met", texts.rule_not_met}},
                   {element("p", {{"class", "label"}}, {texts.rules_title}), items,
                    element("p", {{"class", "hint"}}, {is_root ? texts.root_rule_names : texts.rule_reuse})});
}

std::string joined(const std::vector<std::string>& problems, const Texts& texts) {
    std::string text;
    for (const auto& problem : problems) text += (text.empty() ? "" : " ") + translate(texts, problem);
    return text;
}

// What the page says for a mailed token's purpose.
NewPasswordForm form_for(const Visit& visit, bool is_reset, const std::string& token, const std::string& user_name) {
    const auto& texts = visit.texts();
    return {.action = is_reset ? "/reset-password" : "/invitation",
            .title = is_reset ? texts.reset_title : texts.new_user_sign_up,
            .lead = fill_in(texts.new_user_lead, user_name),
            .token = token,
            .user_name = user_name};
}

void show_link_over(Visit& visit) {
    const auto& texts = visit.texts();
    show_notice(visit, {.title = texts.link_over_title,
                        .text = texts.link_over_lead,
                        .href = "/signin",
                        .link = texts.back_to_sign_in,
                        .status = 400,
                        .is_error = true});
}

// An invitation never attaches to an open session.
void show_open_session(Visit& visit, const std::string& token) {
    const auto& texts = visit.texts();
    const std::string back = std::string(visit.path()) + encode_query({{"token", token}});
    Markup body = heading(texts.invitation_session_title);
    body += lead(fill_in(texts.invitation_session_lead, visit.caller().user_name));
    body +=
        post_form(visit, "/signout", {{"return_to", back}},
                  {element("div", {{"class", "actions"}},
                           {primary_button(texts.sign_out_and_continue), button_link("/start", texts.stay, false)})});
    show(visit, {.title = texts.invitation_session_title, .body = body, .status = 409});
}

template <class Response>
void after_new_password(const VisitPointer& visit, Result<Response> answer, NewPasswordForm form) {
    const auto& texts = visit->texts();
    if (!answer) {
        if (ends_attempt(answer.error())) {
            return form.token.empty() ? restart_sign_in(*visit) : show_link_over(*visit);
        }
        if (!is_error(answer.error(), {"InvalidPasswordException", "ThrottlingException", "ValidationException"})) {
            return show_error(*visit, answer.error());
        }
        form.problems = {translate(texts, answer.error().message)};
        form.status = 400;
        return show_new_password(*visit, form);
    }
    auto progress = progress_of(std::move(*answer));
    if (!progress.password_problems.empty()) {
        form.problems = std::move(progress.password_problems);
        form.status = 400;
        if (form.token.empty()) form.attempt_token = progress.attempt_token;
        return show_new_password(*visit, form);
    }
    // Ready, with nothing more to show: sign in with it.
    const bool must_sign_in = progress.step == control::SignInStep::password ||
                              (progress.step == control::SignInStep::done && progress.session_token.empty());
    if (!must_sign_in) return go_on(*visit, progress);
    show_notice(
        *visit,
        {.title = texts.password_set_title, .text = texts.password_set_lead, .href = "/signin", .link = texts.sign_in});
}

}  // namespace

Markup new_password_fields(const std::vector<std::string>& problems, std::string_view confirm_error, bool is_focused,
                           const Texts& texts, PasswordRules rules) {
    Markup fields = text_field({.name = "new_password",
                                .label = texts.new_password,
                                .type = "password",
                                .autocomplete = "new-password",
                                .error = joined(problems, texts),
                                .described_by = "password-rules",
                                .length_max = password_bytes_max,
                                .is_focused = is_focused},
                               texts);
    fields += password_rules(texts, rules);
    fields += text_field({.name = "confirm_password",
                          .label = texts.confirm_password,
                          .type = "password",
                          .autocomplete = "new-password",
                          .error = confirm_error,
                          .length_max = password_bytes_max},
                         texts);
    return fields;
}

std::string find_confirm_error(const Visit& visit) {
    const auto& password = visit.form().get("new_password");
    if (password.empty() || password.size() > password_bytes_max) return std::string(visit.texts().enter_password);
    if (password != visit.form().get("confirm_password")) return std::string(visit.texts().passwords_differ);
    return {};
}

void show_new_password(Visit& visit, const NewPasswordForm& form) {
    const auto& texts = visit.texts();
    Markup body = heading(form.title);
    body += lead(form.lead);
    body += post_form(visit, form.action,
                      {{"token", form.token}, {"attempt", form.attempt_token}, {"user", form.user_name}},
                      {void_element("input", {{"name", "username"},
                                              {"value", form.user_name},
                                              {"autocomplete", "username"},
                                              {"readonly", true},
                                              {"hidden", true}}),
                       new_password_fields(form.problems, form.confirm_error, true, texts, form.rules),
                       primary_button(texts.set_new_password)});
    show(visit, {.title = form.title, .body = body, .status = form.status});
}

void show_invitation(VisitPointer visit) {
    const std::string token = visit->query().get("token");
    if (token.empty()) return show_link_over(*visit);
    if (visit->is_signed_in()) return show_open_session(*visit, token);
    ask<control::DescribeInvitation>(visit, {.token = token}, [token](const VisitPointer& v, auto answer) {
        if (!answer) {
            const bool is_over = is_error(answer.error(), {"InvalidTokenException", "ExpiredTokenException",
                                                           "ValidationException", "ResourceNotFoundException"});
            return is_over ? show_link_over(*v) : show_error(*v, answer.error());
        }
        const bool is_reset = answer->purpose == control::MailedTokenPurpose::reset_password;
        if (!is_reset && answer->purpose != control::MailedTokenPurpose::invitation) return show_link_over(*v);
        show_new_password(*v, form_for(*v, is_reset, token, answer->user_name.value_or("")));
    });
}

void take_invited_password(VisitPointer visit) {
    const auto& fields = visit->form();
    const std::string token = fields.get("token");
    if (visit->is_signed_in()) return show_open_session(*visit, token);
    if (token.empty()) return show_link_over(*visit);
    auto form = form_for(*visit, visit->path() == "/reset-password", token, fields.get("user"));
    form.confirm_error = find_confirm_error(*visit);
    if (!form.confirm_error.empty()) {
        form.status = 400;
        return show_new_password(*visit, form);
    }
    control::SetInvitedPasswordRequest request{.password = fields.get("new_password")};
    request.token = token;
    ask<control::SetInvitedPassword>(visit, std::move(request), [form](const VisitPointer& v, auto answer) {
        after_new_password(v, std::move(answer), form);
    });
}

void take_changed_password(VisitPointer visit) {
    if (visit->is_signed_in()) return visit->redirect("/start");
    const auto& texts = visit->texts();
    NewPasswordForm form{.action = "/signin/new-password",
                         .title = texts.change_title,
                         .lead = std::string(texts.change_lead),
                         .attempt_token = visit->form().get("attempt")};
    form.confirm_error = find_confirm_error(*visit);
    if (!form.confirm_error.empty()) {
        form.status = 400;
        return show_new_password(*visit, form);
    }
    control::SubmitNewPasswordRequest request{.attempt_token = form.attempt_token,
                                              .password = visit->form().get("new_password")};
    ask<control::SubmitNewPassword>(visit, std::move(request), [form](const VisitPointer& v, auto answer) {
        after_new_password(v, std::move(answer), form);
    });
}

void show_forgot_password(VisitPointer visit) {
    const auto& texts = visit->texts();
    Markup body = heading(texts.forgot_title);
    body += lead(texts.forgot_lead);
    body += post_form(*visit, "/forgot-password", {},
                      {text_field({.name = "username",
                                   .label = texts.username,
                                   .autocomplete = "username",
                                   .length_max = user_name_bytes_max,
                                   .is_focused = true},
                                  texts),
                       element("div", {{"class", "actions"}},
                               {primary_button(texts.send_link), button_link("/signin", texts.cancel, false)})});
    show(*visit, {.title = texts.forgot_title, .body = body});
}

// Says the same whether or not somebody has that name.
void request_password_reset(VisitPointer visit) {
    const auto& user_name = visit->form().get("username");
    if (user_name.empty() || user_name.size() > user_name_bytes_max) return show_forgot_password(visit);
    ask<control::RequestPasswordReset>(visit, {.user_name = user_name}, [](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        const auto& texts = v->texts();
        show_notice(*v, {.title = texts.mail_sent_title,
                         .text = texts.mail_sent_lead,
                         .href = "/signin",
                         .link = texts.back_to_sign_in});
    });
}

// A person's address, or the address of the organization's management account: the token tells.
void verify_email(VisitPointer visit) {
    const std::string token = visit->query().get("token");
    if (token.empty()) return show_link_over(*visit);
    // What looks at links before people do must not use them up.
    if (visit->request().method == "HEAD") return visit->send_page(200, "");
    const auto show_verified = [](Visit& v, const std::string& email) {
        const auto& texts = v.texts();
        const std::string text =
            email.empty() ? std::string(texts.email_verified_plain) : fill_in(texts.email_verified_lead, email);
        show_notice(v, {.title = texts.email_verified_title, .text = text + " " + std::string(texts.close_window)});
    };
    const auto as_organization = [token, show_verified](const VisitPointer& v) {
        ask<control::VerifyOrganizationEmail>(
            v, {.token = token}, [show_verified](const VisitPointer& again, auto answer) {
                if (answer) return show_verified(*again, answer->email_address.value_or(""));
                const bool is_over = is_error(
                    answer.error(), {"InvalidTokenException", "ExpiredTokenException", "ResourceNotFoundException"});
                is_over ? show_link_over(*again) : show_error(*again, answer.error());
            });
    };
    ask<control::VerifyEmail>(visit, {.token = token},
                              [show_verified, as_organization](const VisitPointer& v, auto answer) {
                                  if (answer) return show_verified(*v, answer->email_address.value_or(""));
                                  as_organization(v);
                              });
}

}  // namespace sekisho::portal
