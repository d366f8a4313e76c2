#pragma once
// The people that an administrator's request names, and mail to them.
#include <optional>
#include <string>

#include "access/authorize.h"
#include "domain/directory.h"
#include "domain/mail_texts.h"
#include "models/control.h"
#include "operation/call.h"

namespace sekisho::control_service {

// The permission on arn:aws:identitystore:::user/<id>, as the identity store names people.
access::Permissions user_permissions(const std::string& user_id);
template <class Request>
access::Permissions person_permissions(const operation::Call&, const Request& request) {
    return user_permissions(request.user_id);
}

struct Administered {
    domain::IdentityCenter center;
    domain::Person person;
};
// ResourceNotFoundException: no such identity store of the caller's account, or no such user in it; one text for both.
Result<Administered> find_administered(operation::Call& call, const std::string& identity_store_id,
                                       const std::string& user_id);

// What a mailed secret is for.
inline constexpr std::string_view invitation_purpose = "invitation";
inline constexpr std::string_view verify_email_purpose = "verify-email";
inline constexpr std::string_view reset_password_purpose = "reset-password";
inline constexpr std::string_view email_code_purpose = "email-otp";
inline constexpr std::string_view mfa_recovery_purpose = "mfa-recovery";  // a code that an administrator hands out

inline constexpr std::string_view first_sign_in_purpose = "first-sign-in";  // a code for who has no password yet

// The key of a recovery code, in domain::mailed_tokens: however it is typed.
std::string mfa_recovery_hash(const PersonId& person, std::string_view code);

struct MailedSecret {
    std::string token;
    Time expires_at{};
};
// What was mailed to the person for that purpose is void.
Result<void> erase_mailed_tokens(operation::Call& call, const PersonId& person, std::string_view purpose);
// Whoever was shown what went to that address has read it: the person's.
void mark_verified(domain::Person& person, std::string_view address);
// A new secret of that purpose for the person; those of the same purpose from before are void.
Result<MailedSecret> make_mailed_secret(operation::Call& call, const domain::Person& person, std::string_view purpose,
                                        seconds lifetime);
// Sends a mail in the person's language. Gives its id. ValidationException: the person has no address.
Result<std::string> mail_person(operation::Call& call, const domain::IdentityCenter& center,
                                const domain::Person& person, domain::MailKind kind, const domain::MailValues& values);
// The same, of news that need no answer: nothing happens where there is no address.
Result<void> tell_person(operation::Call& call, const domain::Person& person, domain::MailKind kind,
                         const std::string& device = {});
// A mail of this purpose went to the person a moment ago: more would only be noise.
Result<bool> was_mailed_lately(operation::Call& call, const domain::Person& person, std::string_view purpose);
// Sends the mail about a password to set. Gives the mail's id.
Result<std::string> mail_password_reset(operation::Call& call, const domain::IdentityCenter& center,
                                        const domain::Person& person);
// Sends the mail that verifies the person's address.
struct SentVerification {
    std::string mail_id;
    Time expires_at{};
};
Result<SentVerification> mail_verification(operation::Call& call, const domain::IdentityCenter& center,
                                           const domain::Person& person);

}  // namespace sekisho::control_service
