#pragma once
// What the portal, SSO-OIDC and the administration of people share: which Identity Center the portal stands for, whom a
// user name means, and what a person holds where.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/directory.h"
#include "domain/permission_sets.h"

namespace sekisho::domain {

// The Identity Center behind this server's portal: the oldest organization instance, else the oldest instance.
Result<std::optional<IdentityCenter>> portal_identity_center(const store::Reader& reader);
// The one that a start URL names: the portal's own (`public_url` + "/start"), or <store id or host name>.awsapps.com.
Result<std::optional<IdentityCenter>> identity_center_of_start_url(const store::Reader& reader,
                                                                   std::string_view public_url,
                                                                   std::string_view start_url);

// User names are compared exactly, case included (AWS: "user names are case-sensitive").
Result<std::optional<Person>> find_person_by_name(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                  std::string_view user_name);
// The primary address, else the first; null: none.
const Email* primary_email(const Person& person);

// Ends every session, token and sign-in under way of the person: none of them has the new epoch.
Result<void> end_all_sessions(store::Transaction& transaction, Person& person);

// A role of an account that a person may take: a permission set assigned to them or to a group of theirs, and
// provisioned there.
struct HeldRole {
    PermissionSet permission_set;
    ProvisionedRole provisioned;
};
// The accounts in which the person holds an assignment, in order. Cost: the person's and their groups' assignments.
Result<std::vector<AccountId>> accounts_of_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                  const PersonId& person);
// All that a person holds, by account; the permission sets by name. One pass over the assignments: 5,000 roles of 1,000
// accounts take about 15 ms.
struct HeldAccount {
    AccountId account_id;
    std::vector<std::shared_ptr<const PermissionSet>> permission_sets;  // those that are provisioned
};
Result<std::vector<HeldAccount>> holdings_of_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                    const PersonId& person);
// By name of the permission set.
Result<std::vector<HeldRole>> roles_of_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                              const PersonId& person, const AccountId& account);
// The role of that name, when the person holds it now.
Result<std::optional<HeldRole>> find_role_of_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                    const PersonId& person, const AccountId& account,
                                                    std::string_view role_name);

}  // namespace sekisho::domain
