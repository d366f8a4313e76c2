#pragma once
// What the steps of a sign-in have in common: each answers with the next step, or with the session.
#include <optional>
#include <string>
#include <vector>

#include "models/control.h"
#include "portal/layout.h"
#include "portal/visit.h"

namespace sekisho::portal {

struct Progress {
    control::SignInStep step = control::SignInStep::done;
    std::vector<std::string> password_problems;
    std::string attempt_token;
    std::string session_token;
    std::vector<control::MfaType> mfa_types;
    std::optional<Time> expires_at;
    std::string return_to;
    std::string web_authn_options;  // JSON; empty: no key is asked for
};

// From the response of any step.
template <class Response>
Progress progress_of(Response&& response) {
    Progress made;
    if constexpr (requires { response.step.has_value(); }) {
        made.step = response.step.value_or(control::SignInStep::done);
    } else {
        made.step = response.step;
    }
    made.password_problems = std::move(response.password_problems).value_or(std::vector<std::string>{});
    made.attempt_token = std::move(response.attempt_token).value_or("");
    made.session_token = std::move(response.session_token).value_or("");
    made.mfa_types = std::move(response.mfa_types).value_or(std::vector<control::MfaType>{});
    made.expires_at = response.expires_date;
    made.return_to = std::move(response.return_to).value_or("");
    made.web_authn_options = std::move(response.web_authn_options).value_or("");
    return made;
}

// Shows the next step's page, or sets the session's cookie and goes where the person wanted to go.
void go_on(Visit& visit, const Progress& progress);
// Where a finished sign-in leads.
std::string return_path_of(const Progress& progress);

struct PasswordStep {
    std::string user_name;
    std::string attempt_token;
    std::string error = {};
};
void show_password_step(Visit& visit, const PasswordStep& step);
// The second factor: a code, a security key, or either of them. The pages carry what the step needs from try to try.
struct CodeStep {
    std::string attempt_token;
    bool is_mailed = false;
    std::string error = {};
    bool has_app = true;
    std::string web_authn_options = {};
    std::string key_error = {};
};
void show_code_step(Visit& visit, const CodeStep& step);
// The code of somebody who has no password yet.
struct FirstCodeStep {
    std::string user_name;
    std::string attempt_token;
    std::string error = {};
};
void show_first_code_step(Visit& visit, const FirstCodeStep& step);
// The kinds of devices to register. Without an attempt: for the person who is signed in.
void show_device_kinds(Visit& visit, const std::string& attempt_token, const std::vector<control::MfaType>& kinds);

// What a new password must be: of people, by Identity Center's rules; of root users, by IAM's for them.
enum class PasswordRules : std::uint8_t { person, root };

struct NewPasswordForm {
    std::string_view action;
    std::string_view title;
    std::string lead;
    std::string token = {};          // of a mail
    std::string attempt_token = {};  // of a sign-in
    std::string user_name = {};
    std::vector<std::string> problems = {};
    std::string confirm_error = {};
    int status = 200;
    PasswordRules rules = PasswordRules::person;
};
void show_new_password(Visit& visit, const NewPasswordForm& form);
// The two fields and the rules between them; and what is wrong with the pair, empty: nothing.
Markup new_password_fields(const std::vector<std::string>& problems, std::string_view confirm_error, bool is_focused,
                           const Texts& texts, PasswordRules rules = PasswordRules::person);
std::string find_confirm_error(const Visit& visit);

// Setting up an authenticator app. The page carries all of this itself: nothing is stored before the code is right.
struct AppSetUp {
    std::string_view action;
    std::string_view cancel;
    std::string_view lead = {};
    std::string attempt_token = {};
    std::string enrolment_token = {};
    std::string secret_key = {};
    std::string qr_svg = {};                      // base64
    std::optional<std::string> device_name = {};  // nothing: its name is not the person's to choose
    std::string error = {};
};
void show_app_set_up(Visit& visit, const AppSetUp& set_up);

// A form that a browser's authenticator answers: the script runs the ceremony and sends the form.
enum class KeyCeremony : std::uint8_t { create, get };
struct KeyForm {
    KeyCeremony ceremony = KeyCeremony::get;
    std::string_view action;
    std::string_view button;
    std::string_view options;  // JSON
    std::string_view error = {};
    bool starts_itself = false;
};
Markup key_form(Visit& visit, const KeyForm& form, HiddenFields hidden, std::initializer_list<Markup> children);

// An error of a step that ends the sign-in: back to its beginning, saying why.
bool ends_attempt(const ApiError& error);
void restart_sign_in(Visit& visit);

}  // namespace sekisho::portal
