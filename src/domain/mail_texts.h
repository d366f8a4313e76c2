#pragma once
// What the mails to people say, in English and Japanese. Pure.
#include <string>
#include <string_view>

#include "domain/directory.h"
#include "domain/mail.h"

namespace sekisho::domain {

enum class MailKind : std::uint8_t {
    invitation,
    reset_password,
    verify_email,
    email_code,
    device_registered,  // these three tell what happened, in case that somebody else did it
    device_removed,
    password_changed,
    first_sign_in,  // a code for somebody who has no password yet
};

struct MailValues {
    std::string link;        // with its secret
    std::string code;        // of email_code and first_sign_in
    std::string portal_url;  // of invitation
    std::string device;      // name of an MFA device
};

// "en" or "ja": what the person chose on our pages, else the language of their profile (BCP 47).
std::string_view language_of(const Person& person, const std::optional<Credentials>& known);
// Kind, subject, text and language; the caller adds account_id and to.
Mail compose_mail(MailKind kind, std::string_view language, const Person& person, const MailValues& values);

// What is sent to the address of an account: by an organization, and to the account's root user.
enum class OrganizationMailKind : std::uint8_t {
    verify_email,
    invitation,
    all_features,
    root_password,          // a link to set it
    root_password_changed,  // tells it, in case that somebody else did it
};
inline constexpr std::string_view root_password_mail = "root-password";  // Mail::kind
struct OrganizationMailValues {
    std::string link;           // of verify_email and root_password, with its secret
    std::string sender;         // of requests: "Example (a@example.com, account 111122223333)"
    std::string account;        // that is asked, or whose root user it is: "111122223333"
    std::string organization;   // o-..
    std::string notes;          // of the sender; may be empty
    std::string handshake;      // h-..
    std::string expires;        // ISO 8601
    bool sets_policies = true;  // the organization can limit what its accounts may do
};
// Kind, subject, text and language; the caller adds account_id and to. English and then Japanese: an account has an
// address, but no language.
Mail compose_organization_mail(OrganizationMailKind kind, const OrganizationMailValues& values);

// The HTML that says what `text` says: paragraphs at empty lines, a line that is one https link as a button.
std::string html_of_mail(std::string_view subject, std::string_view text, std::string_view language);

}  // namespace sekisho::domain
