#include "access/records.h"

#include "base/log.h"
#include "base/text.h"

namespace sekisho::access {
namespace {

template <class Record, class... Parts>
std::shared_ptr<const Record> cached(const store::Table<Record>& table, const store::Reader& reader,
                                     const Parts&... parts) {
    static store::RevisionCache<Record> cache(16'384);
    auto record = table.get_shared(cache, reader, parts...);
    if (!record) {
        log::error("a record does not decode", {{"table", table.name()}, {"cause", record.error().cause}});
        return nullptr;
    }
    return std::move(*record);
}

}  // namespace

std::shared_ptr<const domain::Account> cached_account(const store::Reader& reader, const AccountId& id) {
    return cached(domain::accounts, reader, id);
}

std::shared_ptr<const domain::Organization> cached_organization(const store::Reader& reader, const OrganizationId& id) {
    return cached(domain::organizations, reader, id);
}

std::shared_ptr<const domain::IamUser> cached_user(const store::Reader& reader, const AccountId& account,
                                                   std::string_view name) {
    return cached(domain::iam_users, reader, account, lower_ascii(name));
}

std::shared_ptr<const domain::AccessKey> cached_access_key(const store::Reader& reader, const AccessKeyId& id) {
    return cached(domain::access_keys, reader, id);
}

std::shared_ptr<const domain::Role> cached_role(const store::Reader& reader, const AccountId& account,
                                                std::string_view name) {
    return cached(domain::roles, reader, account, lower_ascii(name));
}

std::shared_ptr<const domain::IdentityCenter> cached_identity_center(const store::Reader& reader,
                                                                     const InstanceArn& arn) {
    return cached(domain::identity_centers, reader, arn);
}

std::shared_ptr<const domain::Person> cached_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                    const PersonId& id) {
    return cached(domain::people, reader, identity_store, id);
}

std::shared_ptr<const domain::SignInSession> cached_sign_in_session(const store::Reader& reader,
                                                                    const SignInSessionId& id) {
    return cached(domain::sign_in_sessions, reader, id);
}

std::shared_ptr<const domain::LoginProfile> cached_login_profile(const store::Reader& reader, const AccountId& account,
                                                                 std::string_view user_name) {
    return cached(domain::login_profiles, reader, account, lower_ascii(user_name));
}

std::shared_ptr<const domain::LoginSession> cached_login_session(const store::Reader& reader,
                                                                 const SignInSessionId& id) {
    return cached(domain::login_sessions, reader, id);
}

}  // namespace sekisho::access
