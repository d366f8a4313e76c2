#include "services/sekisho/people.h"

#include <algorithm>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "domain/portal.h"
#include "domain/sessions.h"

namespace sekisho::control_service {
namespace {

constexpr seconds email_verification_time{24 * 60 * 60};  // as the link of an organization's

}  // namespace

access::Permissions user_permissions(const std::string& user_id) {
    access::Permission permission;
    permission.resource = "arn:aws:identitystore:::user/" + user_id;
    return {std::move(permission)};
}

Result<Administered> find_administered(operation::Call& call, const std::string& identity_store_id,
                                       const std::string& user_id) {
    SEK_TRY(auto center, domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store,
                                                         IdentityStoreId(identity_store_id)));
    SEK_TRY(auto person, domain::people.get(call.tx, IdentityStoreId(identity_store_id), PersonId(user_id)));
    if (!center || center->owner_account_id != call.account() || !person) {
        return control::errors::resource_not_found_exception("USER not found.");
    }
    return Administered{std::move(*center), std::move(*person)};
}

Result<void> erase_mailed_tokens(operation::Call& call, const PersonId& person, std::string_view purpose) {
    call.tx.read_guard(domain::mailed_tokens_guard(person));
    SEK_TRY(const auto before,
            domain::mailed_tokens.scan_by(call.tx, domain::mailed_tokens_by_person, store::key(person, purpose)));
    for (const auto& token : before.items) SEK_TRY(domain::mailed_tokens.erase(call.tx, token.token_hash));
    return {};
}

void mark_verified(domain::Person& person, std::string_view address) {
    for (auto& email : person.emails) {
        if (email.value == address) email.verified = true;
    }
}

Result<MailedSecret> make_mailed_secret(operation::Call& call, const domain::Person& person, std::string_view purpose,
                                        seconds lifetime) {
    SEK_TRY(erase_mailed_tokens(call, person.id, purpose));
    const auto* email = domain::primary_email(person);
    MailedSecret made{.token = encode_base64url(random_bytes(call.random, 32)), .expires_at = call.now + lifetime};
    SEK_TRY(domain::mailed_tokens.put(call.tx, {.token_hash = access::hash_of_secret(made.token),
                                                .purpose = std::string(purpose),
                                                .person_id = person.id,
                                                .identity_store_id = person.identity_store_id,
                                                .account_id = {},
                                                .created_at = call.now,
                                                .expires_at = made.expires_at,
                                                .email = email != nullptr ? email->value : ""}));
    return made;
}

std::string mfa_recovery_hash(const PersonId& person, std::string_view code) {
    auto plain = replace_all(replace_all(std::string(code), "-", ""), " ", "");
    for (char& c : plain) c = upper_ascii(c);
    return access::hash_of_secret(person.str() + "\n" + plain);
}

Result<std::string> mail_person(operation::Call& call, const domain::IdentityCenter& center,
                                const domain::Person& person, domain::MailKind kind, const domain::MailValues& values) {
    const auto* email = domain::primary_email(person);
    if (email == nullptr) return control::errors::validation_exception("The user has no e-mail address.");
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person.id));
    auto mail = domain::compose_mail(kind, domain::language_of(person, credentials), person, values);
    mail.account_id = center.owner_account_id;
    mail.to = email->value;
    return domain::enqueue_mail(call.tx, std::move(mail), call.now, call.random);
}

Result<void> tell_person(operation::Call& call, const domain::Person& person, domain::MailKind kind,
                         const std::string& device) {
    SEK_TRY(const auto center,
            domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store, person.identity_store_id));
    if (!center || domain::primary_email(person) == nullptr) return {};
    SEK_TRY(mail_person(call, *center, person, kind, {.link = {}, .code = {}, .portal_url = {}, .device = device}));
    return {};
}

Result<bool> was_mailed_lately(operation::Call& call, const domain::Person& person, std::string_view purpose) {
    SEK_TRY(const auto tokens,
            domain::mailed_tokens.scan_by(call.tx, domain::mailed_tokens_by_person, store::key(person.id, purpose)));
    return std::ranges::any_of(tokens.items, [&](const domain::MailedToken& token) {
        return call.now - token.created_at < seconds(limits::password_reset_wait_seconds);
    });
}

Result<std::string> mail_password_reset(operation::Call& call, const domain::IdentityCenter& center,
                                        const domain::Person& person) {
    if (domain::primary_email(person) == nullptr) {
        return control::errors::validation_exception("The user has no e-mail address.");
    }
    SEK_TRY(const auto secret,
            make_mailed_secret(call, person, reset_password_purpose, seconds(limits::password_reset_seconds)));
    return mail_person(call, center, person, domain::MailKind::reset_password,
                       {.link = call.environment.public_url + "/invitation?token=" + secret.token});
}

Result<SentVerification> mail_verification(operation::Call& call, const domain::IdentityCenter& center,
                                           const domain::Person& person) {
    if (domain::primary_email(person) == nullptr) {
        return control::errors::validation_exception("The user has no e-mail address.");
    }
    SEK_TRY(const auto secret, make_mailed_secret(call, person, verify_email_purpose, email_verification_time));
    SEK_TRY(auto mail_id, mail_person(call, center, person, domain::MailKind::verify_email,
                                      {.link = call.environment.public_url + "/verify-email?token=" + secret.token}));
    return SentVerification{.mail_id = std::move(mail_id), .expires_at = secret.expires_at};
}

}  // namespace sekisho::control_service
