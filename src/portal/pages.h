#pragma once
// The pages, one function for each path and method. Each answers its visit once; those for a person are called only
// with one, and every POST has passed its origin and form-token checks.
#include <functional>

#include "portal/visit.h"

namespace sekisho::portal {

// Where AWS's command lines send the browser.
inline constexpr std::string_view authorize_path = "/v1/authorize";
inline constexpr std::string_view iam_sign_in_path = "/signin/iam";
inline constexpr std::string_view root_sign_in_path = "/signin/root";

// iam_sign_in.cc
void show_iam_sign_in(VisitPointer visit);
void take_iam_password(VisitPointer visit);
void take_login_code(VisitPointer visit);  // of a root user too
void take_iam_new_password(VisitPointer visit);
void show_iam_sign_out(VisitPointer visit);
void sign_out_iam(VisitPointer visit);

// root_sign_in.cc
void show_root_sign_in(VisitPointer visit);
void take_root_password(VisitPointer visit);
void confirm_root_enrolment(VisitPointer visit);
void show_root_forgot_password(VisitPointer visit);
void request_root_password(VisitPointer visit);
void show_root_password(VisitPointer visit);
void take_root_new_password(VisitPointer visit);

// command_line.cc: for an IAM user or root user who is signed in
void show_command_line(VisitPointer visit);
void decide_command_line(VisitPointer visit);

// sign_in.cc
void show_sign_in(VisitPointer visit);
void take_username(VisitPointer visit);
void take_password(VisitPointer visit);
void take_code(VisitPointer visit);
void request_first_code(VisitPointer visit);
void take_first_code(VisitPointer visit);
void show_sign_out(VisitPointer visit);
void sign_out(VisitPointer visit);
void sign_out_everywhere(VisitPointer visit);
void take_security_key(VisitPointer visit);
void show_passkey(VisitPointer visit);
void take_passkey(VisitPointer visit);

// enrolment.cc
void choose_device_kind(VisitPointer visit);  // in a sign-in
void start_enrolment(VisitPointer visit);
void confirm_enrolment(VisitPointer visit);
void show_device_registration(VisitPointer visit);  // a person's further device

// invitation.cc, passwords
void show_invitation(VisitPointer visit);
void take_invited_password(VisitPointer visit);
void take_changed_password(VisitPointer visit);
void show_forgot_password(VisitPointer visit);
void request_password_reset(VisitPointer visit);
void verify_email(VisitPointer visit);

// start.cc
void show_portal(VisitPointer visit);
void show_console(VisitPointer visit);
void show_credentials(VisitPointer visit);
void show_search(VisitPointer visit);  // the list of accounts alone, for the script

// setup.cc
void show_setup(VisitPointer visit);
void send_setup_script(VisitPointer visit);
void send_setup_powershell(VisitPointer visit);
void send_aws_config(VisitPointer visit);
void send_kubeconfig(VisitPointer visit);
void send_authority(VisitPointer visit);

// consent.cc
void show_device(VisitPointer visit);
void confirm_device(VisitPointer visit);
void decide_device(VisitPointer visit);
void show_authorization(VisitPointer visit);
void decide_authorization(VisitPointer visit);

// account.cc
void show_account(VisitPointer visit);
void rename_device(VisitPointer visit);
void remove_device(VisitPointer visit);
void end_session(VisitPointer visit);
void show_own_password(VisitPointer visit);
void take_own_password(VisitPointer visit);
void show_password_changed(VisitPointer visit);
void send_verification(VisitPointer visit);
void take_preferences(VisitPointer visit);  // of anyone
// Keeps what the form says of language and theme: for the browser, and a person's language for mails too.
using PreferencesKept = std::move_only_function<void(const VisitPointer&, const Result<void>&)>;
void keep_preferences(VisitPointer visit, PreferencesKept then);

}  // namespace sekisho::portal
