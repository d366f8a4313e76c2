#pragma once
// What the sign-ins of IAM users and of accounts' root users have in common. Which of them a visit belongs to, its path
// tells.
#include <string>
#include <string_view>

#include "models/signin.h"
#include "portal/layout.h"
#include "portal/steps.h"
#include "portal/visit.h"

namespace sekisho::portal {

inline constexpr std::string_view console_path = "/console/";
inline constexpr std::size_t login_password_bytes_max = 512;
inline constexpr std::size_t login_code_bytes_max = 32;

bool is_root_visit(const Visit& visit);
std::string_view login_path(const Visit& visit);  // where its sign-in begins
// Where a form or address wants to go in the end; empty: nowhere that it may.
std::string wanted_path(const Form& form);
// "IAM user" and "Root user", side by side.
Markup login_kinds(const Visit& visit, std::string_view return_to);

// iam_sign_in.cc
void show_login_code(Visit& visit, const std::string& attempt, const std::string& error);
void follow_login(Visit& visit, const signin::SignInOutcome& outcome);
void restart_login(Visit& visit);  // from its first page, saying why

// root_sign_in.cc
void show_root_over(Visit& visit);
void show_root_enrolment(Visit& visit, const signin::SignInOutcome& outcome);

// Wrong, locked or throttled: said on the same page.
bool is_retried(const ApiError& error);

// What a later step's answer leads to; `again` shows its page with an error.
template <class Again, class Then>
auto follow_step(Again again, Then then) {
    return [again, then](const VisitPointer& v, auto answer) {
        if (answer) return then(*v, *answer);
        if (ends_attempt(answer.error())) return restart_login(*v);
        if (!is_retried(answer.error())) return show_error(*v, answer.error());
        again(*v, translate(v->texts(), answer.error().message));
    };
}
template <class Again>
auto follow_step(Again again) {
    return follow_step(std::move(again), follow_login);
}

}  // namespace sekisho::portal
