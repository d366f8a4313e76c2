#pragma once
// The records that every request looks at, decoded once for each of their revisions. Null: no such record, or one that
// does not decode (which is the same refusal).
#include <memory>
#include <string_view>

#include "domain/directory.h"
#include "domain/iam.h"
#include "domain/login.h"
#include "domain/organization.h"
#include "domain/permission_sets.h"
#include "domain/sessions.h"
#include "store/reader.h"

namespace sekisho::access {

std::shared_ptr<const domain::Account> cached_account(const store::Reader& reader, const AccountId& id);
std::shared_ptr<const domain::Organization> cached_organization(const store::Reader& reader, const OrganizationId& id);
std::shared_ptr<const domain::IamUser> cached_user(const store::Reader& reader, const AccountId& account,
                                                   std::string_view name);
std::shared_ptr<const domain::AccessKey> cached_access_key(const store::Reader& reader, const AccessKeyId& id);
std::shared_ptr<const domain::Role> cached_role(const store::Reader& reader, const AccountId& account,
                                                std::string_view name);
std::shared_ptr<const domain::IdentityCenter> cached_identity_center(const store::Reader& reader,
                                                                     const InstanceArn& arn);
std::shared_ptr<const domain::Person> cached_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                    const PersonId& id);
std::shared_ptr<const domain::SignInSession> cached_sign_in_session(const store::Reader& reader,
                                                                    const SignInSessionId& id);

std::shared_ptr<const domain::LoginProfile> cached_login_profile(const store::Reader& reader, const AccountId& account,
                                                                 std::string_view user_name);
std::shared_ptr<const domain::LoginSession> cached_login_session(const store::Reader& reader,
                                                                 const SignInSessionId& id);

}  // namespace sekisho::access
