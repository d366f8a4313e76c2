#pragma once
// A sign-in under way: from the password to the session. Its state is a sealed value that the browser carries from page
// to page; nothing is stored. It dies with the password that it was made with.
#include <optional>
#include <string>

#include "domain/iam.h"
#include "models/signin.h"
#include "operation/call.h"
#include "services/signin/console_login.h"

namespace sekisho::signin_service {

struct Attempt {
    AccountId account_id;
    PrincipalId user_id;                                     // of the root user: domain::root_principal
    std::string user_name;                                   // empty: the account's root user
    std::string password_stamp;                              // domain/iam_password.h
    signin::SignInStep step = signin::SignInStep::mfa_code;  // what is asked for next
    std::optional<Time> mfa_at;
    std::string return_to;
    Time expires_at{};
    std::string seed;  // of the authenticator app that is being registered
    static const Shape shape;
};

Result<std::string> seal_attempt(const operation::Call& call, const Attempt& attempt);
struct OpenAttempt {
    Attempt attempt;
    std::optional<domain::IamUser> user;  // nothing: the account's root user
    domain::LoginProfile profile;

    bool is_root() const { return !user; }
    std::string counted() const;  // tries.h
    Subject subject() const;      // points into this
};
// InvalidTokenException: not ours, over, at another step, or of an account, user or password that is no more.
Result<OpenAttempt> open_attempt(const operation::Call& call, std::string_view token, signin::SignInStep step);

// An administrator asks for a new password, or it has expired. SignInFailedException: it has, and by the account's
// policy only an administrator may set another (HardExpiry).
Result<bool> must_replace_password(operation::Call& call, const OpenAttempt& open);
ApiError attempt_is_over();
// A code as people type it: with spaces.
std::string code_of(std::string_view typed);

// What comes after what was shown: a code, the registration of a root user's device, another password, or the session.
Result<signin::SignInOutcome> go_on(operation::Call& call, OpenAttempt open);

}  // namespace sekisho::signin_service
