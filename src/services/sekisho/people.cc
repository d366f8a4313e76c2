#include "services/sekisho/people.h"

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "domain/mail.h"
#include "domain/portal.h"
#include "domain/sessions.h"

namespace sekisho::control_service {

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

Result<MailedSecret> make_mailed_secret(operation::Call& call, const domain::Person& person, std::string_view purpose,
                                        seconds lifetime) {
    call.tx.read_guard(domain::mailed_tokens_guard(person.id));
    SEK_TRY(const auto before,
            domain::mailed_tokens.scan_by(call.tx, domain::mailed_tokens_by_person, store::key(person.id, purpose)));
    for (const auto& token : before.items) SEK_TRY(domain::mailed_tokens.erase(call.tx, token.token_hash));
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

Result<std::string> mail_password_reset(operation::Call& call, const domain::IdentityCenter& center,
                                        const domain::Person& person) {
    const auto* email = domain::primary_email(person);
    if (email == nullptr) return control::errors::validation_exception("The user has no e-mail address.");
    SEK_TRY(const auto secret,
            make_mailed_secret(call, person, reset_password_purpose, seconds(limits::password_reset_seconds)));
    return domain::enqueue_mail(
        call.tx,
        {.account_id = center.owner_account_id,
         .kind = std::string(reset_password_purpose),
         .to = email->value,
         .subject = "Reset your password",
         .text =
             Secret("Hello " + person.display_name + ",\n\nset a new password for your user name " + person.user_name +
                    " here:\n\n" + call.environment.public_url + "/invitation?token=" + secret.token +
                    "\n\nThe link ends in one hour and works once. If you did not ask for it, do nothing.\n")},
        call.now, call.random);
}

}  // namespace sekisho::control_service
