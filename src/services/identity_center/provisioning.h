#pragma once
// Permission sets as roles of accounts.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
#include <optional>
#include <string>

#include "base/random.h"
#include "domain/directory.h"
#include "domain/permission_sets.h"
#include "store/store.h"

namespace sekisho::identity_center_service {

// Makes the account's role of the permission set, or brings it up to date; makes the SAML provider that it trusts. The
// text: why it cannot be (a FailureReason); nothing was written then.
Result<std::optional<std::string>> provision(store::Transaction& transaction, const domain::IdentityCenter& center,
                                             const domain::PermissionSet& set, const AccountId& account, Time now,
                                             Random& random);

// Deletes the role when nobody holds the permission set in the account any more. A next one has another suffix, unless
// the instance has stable role names.
Result<void> unprovision_unless_assigned(store::Transaction& transaction, const AccountId& account,
                                         const PermissionSetArn& set);

// The account is active and of the instance's organization.
Result<bool> is_target(const store::Reader& reader, const domain::IdentityCenter& center, const AccountId& account);

}  // namespace sekisho::identity_center_service
