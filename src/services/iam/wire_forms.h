#pragma once
// Users and roles as IAM answers them.
#include "domain/iam.h"
#include "models/iam.h"
#include "store/reader.h"

namespace sekisho::iam_service {

// As lists have them: without boundary, tags and last use.
iam::User user_to_wire(const domain::IamUser& user);
// The account's root user: its name is the account's alias, or its id.
Result<iam::User> root_to_wire(const store::Reader& reader, const AccountId& account);
iam::Role role_to_wire(const store::Reader& reader, const domain::Role& role);
Result<iam::Role> role_to_wire_full(const store::Reader& reader, const domain::Role& role);
iam::RoleLastUsed role_last_used(const domain::Role& role);
// Its role included.
Result<iam::InstanceProfile> profile_to_wire(const store::Reader& reader, const domain::InstanceProfile& profile);

}  // namespace sekisho::iam_service
