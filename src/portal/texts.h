#pragma once
// Every text that people read on the pages. A language is one value of this type; the defaults are English, Japanese is
// in texts_japanese.h. "{}" stands for what the page fills in. Texts only: tests walk over the members.
#include <string>
#include <string_view>

namespace sekisho::portal {

struct Texts {
    std::string_view language = "en";
    std::string_view product = "Sekisho";
    std::string_view skip_to_content = "Skip to main content";
    std::string_view footer = "Sekisho \xc2\xb7 single sign-on for AWS and Kubernetes";
    std::string_view sign_out = "Sign out";
    std::string_view account_menu = "Account";
    std::string_view preferences = "Language and theme";
    std::string_view other_language = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e";  // each language by its own name
    std::string_view theme_light = "Light";
    std::string_view theme_dark = "Dark";
    std::string_view theme_system = "As the system";

    // Sign-in
    std::string_view sign_in = "Sign in";
    std::string_view sign_in_lead = "Use the user name from your invitation.";
    std::string_view username = "Username";
    std::string_view next = "Next";
    std::string_view password = "Password";
    std::string_view signing_in_as = "Signing in as";
    std::string_view not_you = "Use another user name";
    std::string_view forgot_password = "Forgot password";
    std::string_view show_password = "Show";
    std::string_view hide_password = "Hide";
    std::string_view mfa_title = "Additional verification required";
    std::string_view mfa_lead = "Enter the code that your authenticator app shows now.";
    std::string_view mfa_code = "MFA code";
    std::string_view email_code_lead = "We sent a verification code to your email address.";
    std::string_view verification_code = "Verification code";
    std::string_view mfa_key_lead = "Use one of your security keys or passkeys.";
    std::string_view mfa_or_code = "Or enter a code";
    std::string_view use_security_key = "Use security key";
    std::string_view recovery_summary = "I cannot use my device";
    std::string_view recovery_lead = "Ask your administrator for a recovery code. It works once, for one hour.";
    std::string_view recovery_code = "Recovery code";
    std::string_view key_failed = "The security key did not answer, or was cancelled. Try again.";
    std::string_view key_needs_script = "Security keys and passkeys need JavaScript and a current browser.";
    std::string_view passkey_sign_in = "Sign in with a passkey";
    std::string_view passkey_lead = "Your browser asks for the passkey that you registered here.";
    std::string_view use_passkey = "Use passkey";
    std::string_view passkey_refused = "Signing in with a passkey alone is not possible here now.";
    std::string_view first_sign_in_question = "No password yet? Get a one-time code by email";
    std::string_view first_sign_in_title = "Sign in for the first time";
    std::string_view first_sign_in_lead =
        "If {} has no password yet, a one-time code is on its way to the email address that is known for it. It ends "
        "in "
        "10 minutes.";
    std::string_view one_time_code = "One-time code";
    std::string_view send_again = "Send a new code";
    std::string_view trusted_device = "This is a trusted device";
    std::string_view enter_username = "Enter your user name.";
    std::string_view enter_password = "Enter your password.";
    std::string_view enter_code = "Enter the code.";
    std::string_view attempt_over = "This sign-in took too long or was ended. Start again.";
    std::string_view signed_out = "You have signed out";
    std::string_view signed_out_lead = "Your session on this browser has ended.";
    std::string_view sign_in_again = "Sign in again";
    std::string_view sign_out_question = "Sign out of Sekisho?";

    // IAM users and root users, and their command lines
    std::string_view sign_in_kinds = "Kind of user";
    std::string_view iam_user = "IAM user";
    std::string_view root_user = "Root user";
    std::string_view root_sign_in = "Sign in as the root user";
    std::string_view root_sign_in_lead =
        "For the owner of an account. The root user may do everything in it: use it only for what nobody else can do.";
    std::string_view root_email = "Root user email address";
    std::string_view root_enter_all = "Enter the email address and the password.";
    std::string_view root_forgot = "Forgot password, or none set yet?";
    std::string_view root_forgot_title = "Set the root user's password";
    std::string_view root_forgot_lead =
        "Enter the email address of the account. We send it a link to set a password: the first one, or a new one.";
    std::string_view enter_email = "Enter the email address.";
    std::string_view root_mail_sent_lead =
        "If an account has this address, a link to set its root user's password is on its way. It works once, for one "
        "hour.";
    std::string_view root_link_over_lead = "It has expired, was used, or a newer one was sent.";
    std::string_view root_ask_again = "Ask for a new link";
    std::string_view root_password_title = "Set the password of the root user";
    std::string_view root_password_lead =
        "Choose a password for the account of {}. Whoever is signed in as its root user is signed out.";
    std::string_view root_rule_length = "8 to 128 characters";
    std::string_view root_rule_kinds =
        "three of these: lowercase letters, uppercase letters, numbers, others such as ! - _";
    std::string_view root_rule_names = "Not the name or the email address of the account.";
    std::string_view root_password_set_lead = "Sign in with the email address of the account and the new password.";
    std::string_view root_register_lead =
        "A root user signs in with a second factor. Register an authenticator app to go on.";
    std::string_view iam_sign_in = "Sign in as an IAM user";
    std::string_view iam_sign_in_lead =
        "For users that an administrator has made in IAM, with a password. Everybody else uses the access portal.";
    std::string_view iam_account = "Account ID or alias";
    std::string_view iam_user_name = "IAM user name";
    std::string_view iam_enter_all = "Enter account, user name and password.";
    std::string_view iam_change_lead = "Your administrator asks for a new password, by the rules of the account.";
    std::string_view portal_sign_in = "Sign in to the access portal";
    std::string_view use_another_user = "Use another user";
    std::string_view command_line_title = "Allow the command line to act as you?";
    std::string_view command_line_lead =
        "The AWS CLI, or another tool of AWS, asks for temporary credentials. It can do what this user may do, for at "
        "most 12 hours.";
    std::string_view user = "User";
    std::string_view remote_hint =
        "Allow this only if you typed the command yourself, on another device. If somebody sent you this link, choose "
        "Deny: they would get your credentials.";
    std::string_view code_title = "Authorization code";
    std::string_view code_lead = "Paste this code where the command line asks for it. It works once, for two minutes.";

    // Registration of a second factor
    std::string_view register_title = "Register MFA device";
    std::string_view register_lead =
        "Your organization asks for a second proof at sign-in. Choose what you want to register.";
    std::string_view authenticator_app = "Authenticator app";
    std::string_view authenticator_app_hint = "Shows codes that change every 30 seconds, on your phone or computer.";
    std::string_view security_key_or_passkey = "Security key or passkey";
    std::string_view security_key_hint =
        "A key that you plug in or hold to the device, or this device's own: fingerprint, face or PIN.";
    std::string_view set_up_key = "Register a security key or passkey";
    std::string_view set_up_key_lead = "Give it a name that you will know again. Then your browser asks for the key.";
    std::string_view register_key = "Register security key";
    std::string_view key_registered_title = "Security key registered";
    std::string_view key_registered_lead = "From now on, you can sign in with this key.";
    std::string_view no_device_type = "Your administrator allows no kind of device that can be registered here.";
    std::string_view set_up_app = "Set up the authenticator app";
    std::string_view step_install = "Install an authenticator app on your phone or computer.";
    std::string_view step_scan = "Scan the QR code with the app, or type the secret key into it.";
    std::string_view step_code = "Enter the code that the app shows, and press Assign MFA.";
    std::string_view show_qr_code = "Show QR code";
    std::string_view qr_code = "QR code";
    std::string_view show_secret_key = "Show secret key";
    std::string_view secret_key = "Secret key";
    std::string_view authenticator_code = "Authenticator code";
    std::string_view device_name = "Device name (optional)";
    std::string_view assign_mfa = "Assign MFA";
    std::string_view registered_title = "Authenticator app registered";
    std::string_view registered_lead = "From now on, sign in with your password and a code of this app.";
    std::string_view done = "Done";
    std::string_view cancel = "Cancel";

    // New passwords
    std::string_view new_user_sign_up = "New user sign up";
    std::string_view new_user_lead = "Choose a password for the user {}.";
    std::string_view own_password_lead = "All your other sessions end with it.";
    std::string_view current_password = "Current password";
    std::string_view change_password = "Change password";
    std::string_view password_changed_title = "Your password is changed";
    std::string_view password_changed_lead = "Other sessions that ended: {}.";
    std::string_view back_to_account = "Back to your account";
    std::string_view reset_title = "Reset your password";
    std::string_view change_title = "Change your password";
    std::string_view change_lead = "The password you used was for one time. Choose your own.";
    std::string_view new_password = "New password";
    std::string_view confirm_password = "Confirm password";
    std::string_view set_new_password = "Set new password";
    std::string_view rules_title = "Your password needs";
    std::string_view rule_length = "8 to 64 characters";
    std::string_view rule_lower = "a lowercase letter (a-z)";
    std::string_view rule_upper = "an uppercase letter (A-Z)";
    std::string_view rule_digit = "a number (0-9)";
    std::string_view rule_symbol = "another character, such as ! - _ or a space";
    std::string_view rule_reuse = "None of your last three passwords.";
    std::string_view rule_met = "met";
    std::string_view rule_not_met = "not met yet";
    std::string_view passwords_differ = "The passwords do not match.";
    std::string_view password_set_title = "Your password is set";
    std::string_view password_set_lead = "Sign in with your user name and the new password.";
    std::string_view invitation_session_title = "You are signed in already";
    std::string_view invitation_session_lead =
        "This browser is signed in as {}. An invitation is for another person: sign out first, then go on with it.";
    std::string_view sign_out_and_continue = "Sign out and continue";
    std::string_view stay = "Stay signed in";
    std::string_view link_over_title = "This link does not work";
    std::string_view link_over_lead =
        "It has expired, was used, or a newer one was sent. Ask your administrator for a new one.";
    std::string_view forgot_title = "Forgot your password?";
    std::string_view forgot_lead = "Enter your user name. We send a link to the email address that is known for it.";
    std::string_view send_link = "Send link";
    std::string_view mail_sent_title = "Look into your mail";
    std::string_view mail_sent_lead =
        "If this user name exists, a link to set a new password is on its way. It works for one hour.";
    std::string_view back_to_sign_in = "Back to sign-in";
    std::string_view email_verified_title = "Email address verified";
    std::string_view email_verified_lead = "The address {} is verified.";
    std::string_view email_verified_plain = "Your address is verified.";
    std::string_view close_window = "You can close this window.";

    // Portal
    std::string_view portal_title = "Access portal";
    std::string_view accounts = "Accounts";
    std::string_view accounts_lead = "Open an account to see the roles that you may take in it.";
    std::string_view filter_accounts = "Search accounts and roles";
    std::string_view search = "Search";
    std::string_view found = "Accounts: {}. Roles: {}.";
    std::string_view applications = "Applications";
    std::string_view set_up_computer = "Set up your computer";
    std::string_view set_up_lead =
        "One script writes a profile for each of your roles into ~/.aws/config, and a kubeconfig for the clusters that "
        "these roles may enter. It holds no secret: the command line asks you to sign in.";
    std::string_view set_up_counts = "Profiles: {}. Cluster contexts: {}.";
    std::string_view set_up_run = "Run it after you have read it:";
    std::string_view set_up_first = "Then sign in once:";
    std::string_view set_up_script = "Download for macOS and Linux";
    std::string_view set_up_powershell = "Download for Windows (PowerShell)";
    std::string_view set_up_files = "Or take the files by themselves";
    std::string_view aws_config_file = "AWS configuration";
    std::string_view kubeconfig_file = "Kubeconfig";
    std::string_view authority_certificate = "Certificate authority";
    std::string_view no_match = "No account matches.";
    std::string_view no_accounts_title = "No accounts yet";
    std::string_view no_accounts_lead =
        "Nothing is assigned to you so far. Ask your administrator to assign an account and a permission set.";
    std::string_view more_accounts = "More accounts";
    std::string_view no_roles = "No role is ready in this account.";
    std::string_view access_keys = "Access keys";
    std::string_view account = "Account";
    std::string_view role = "Role";
    std::string_view back_to_portal = "Back to the access portal";

    // Credentials
    std::string_view credentials_title = "Get credentials for {}";
    std::string_view credentials_lead = "They end by themselves at {}. Treat them like a password.";
    std::string_view credentials_left = "Time left: {}";
    std::string_view credentials_over = "These credentials have ended. Load the page again for new ones.";
    std::string_view access_key_id = "AWS access key ID";
    std::string_view secret_access_key = "AWS secret access key";
    std::string_view session_token = "AWS session token";
    std::string_view operating_system = "Operating system";
    std::string_view macos_and_linux = "macOS and Linux";
    std::string_view windows = "Windows";
    std::string_view powershell = "PowerShell";
    std::string_view sso_credentials = "IAM Identity Center credentials (Recommended)";
    std::string_view sso_credentials_lead =
        "Run aws configure sso with these values: the command line then renews its credentials by itself.";
    std::string_view sso_start_url = "SSO start URL";
    std::string_view sso_region = "SSO Region";
    std::string_view option_environment = "Option 1: Set AWS environment variables";
    std::string_view option_environment_lead = "Paste these lines into your terminal.";
    std::string_view option_profile = "Option 2: Add a profile to your AWS credentials file";
    std::string_view option_profile_lead = "Paste this into ~/.aws/credentials.";
    std::string_view option_values = "Option 3: Use individual values in your AWS service client";
    std::string_view copy = "Copy";
    std::string_view copied = "Copied";
    std::string_view no_access_title = "No access to this role";
    std::string_view no_access_lead = "It is not assigned to you, or no longer. Go back to see the roles that are.";

    // Device code and consent
    std::string_view device_title = "Authorization requested";
    std::string_view device_enter_lead = "Enter the code that your device or terminal shows.";
    std::string_view device_code = "Code";
    std::string_view device_confirm_lead =
        "A device asks to act for you. Go on only if you started this yourself and your device shows exactly this "
        "code.";
    std::string_view confirm_and_continue = "Confirm and continue";
    std::string_view device_unknown = "This code is not known, was used, or has expired. Start again on your device.";
    std::string_view allow_title = "Allow {} to access your data?";
    std::string_view allow_lead = "It will be able to do this for you, until the session ends or you sign out:";
    std::string_view scope_account_access = "See your accounts and roles, and take these roles";
    std::string_view allow_access = "Allow access";
    std::string_view deny = "Deny";
    std::string_view signed_in_as = "Signed in as";
    std::string_view requested_by = "Application";
    std::string_view requested_from = "Asked from address";
    std::string_view requested_at = "Asked at";
    std::string_view answered_at = "Answer goes to";
    std::string_view code_label = "Code";
    std::string_view phishing_hint =
        "If somebody sent you this code or link, choose Deny: they would be signed in as you.";
    std::string_view approved_title = "Request approved";
    std::string_view approved_lead = "{} can now act for you. You can close this window.";
    std::string_view denied_title = "Request denied";
    std::string_view denied_lead = "Nothing was allowed. You can close this window.";
    std::string_view bad_request_title = "This request cannot be answered";
    std::string_view bad_request_lead = "It is not complete or not valid. Start again in the application.";

    // Own account
    std::string_view account_title = "Your account";
    std::string_view profile = "Profile";
    std::string_view display_name = "Name";
    std::string_view email_address = "Email address";
    std::string_view mfa_devices = "MFA devices";
    std::string_view no_devices = "No device is registered.";
    std::string_view register_device = "Register device";
    std::string_view manage = "Manage";
    std::string_view new_name = "New name";
    std::string_view save = "Save";
    std::string_view remove_device = "Remove device";
    std::string_view passkey = "Passkey";
    std::string_view verified = "verified";
    std::string_view not_verified = "not verified";
    std::string_view verify_address = "Send verification link";
    std::string_view verification_sent_title = "Look into your mail";
    std::string_view verification_sent_lead = "A link to verify {} is on its way. It works for one day.";
    std::string_view this_session = "This browser";
    std::string_view end_session = "End session";
    std::string_view sign_in_history = "Recent sign-ins";
    std::string_view sign_in_history_lead =
        "If something here was not you, change your password and tell your administrator.";
    std::string_view time = "Time";
    std::string_view result = "Result";
    std::string_view succeeded = "Succeeded";
    std::string_view failed = "Failed";
    std::string_view proofs = "Shown";
    std::string_view name = "Name";
    std::string_view type = "Type";
    std::string_view security_key = "Security key";
    std::string_view registered = "Registered";
    std::string_view last_used = "Last used";
    std::string_view never = "Never";
    std::string_view sessions = "Active sessions";
    std::string_view sessions_lead =
        "Where you are signed in. Signing out everywhere ends all of them at once, the "
        "command line's and their roles' too.";
    std::string_view started = "Started";
    std::string_view ends = "Ends";
    std::string_view address = "Address";
    std::string_view browser = "Browser or program";
    std::string_view sign_out_everywhere = "Sign out everywhere";
    std::string_view signed_out_everywhere_lead = "All of your sessions have ended: {}.";

    // When something is wrong
    std::string_view not_found_title = "Page not found";
    std::string_view not_found_lead = "There is nothing under this address.";
    std::string_view form_over_title = "This page is out of date";
    std::string_view form_over_lead = "It was open for too long, or was sent by another site. Load it again.";
    std::string_view bad_form_title = "This form cannot be read";
    std::string_view bad_form_lead = "Send it from our page again.";
    std::string_view busy_title = "Please wait a moment";
    std::string_view failed_title = "Something went wrong";
    std::string_view failed_lead = "Try again. If it stays so, tell your administrator this number: {}";
    std::string_view refused_title = "This is not allowed";
    std::string_view error_prefix = "Error:";
};

// What an operation says, in that language; a text that is not known stays as it is.
std::string translate(const Texts& texts, std::string_view message);

inline constexpr Texts english;

}  // namespace sekisho::portal
