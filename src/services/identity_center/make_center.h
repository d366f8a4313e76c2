#pragma once
// A new instance of IAM Identity Center with its identity store.
#include <optional>
#include <string>

#include "domain/directory.h"
#include "operation/call.h"

namespace sekisho::identity_center_service {

struct NewCenter {
    Region region;
    std::optional<OrganizationId> organization_id;  // absent: an account instance
    std::string name;
    std::string client_token;
    domain::Tags tags;
};

// A new instance of the caller's account with its identity store, both ids drawn. A ConflictException of the unique
// indexes: the account, or its organization, has one.
Result<domain::IdentityCenter> make_center(operation::Call& call, const NewCenter& wanted);

}  // namespace sekisho::identity_center_service
