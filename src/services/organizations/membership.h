#pragma once
// An account joins an organization, and leaves it.
#include <string>

#include "domain/organization.h"
#include "operation/call.h"

namespace sekisho::organizations_service {

// At the root. `method`: INVITED or CREATED. Writes the account.
Result<void> join(operation::Call& call, const domain::Organization& organization, domain::Account account,
                  std::string method, domain::Tags tags);
// What was attached to the account, and its tags, go. Errors: MasterCannotLeaveOrganizationException,
// ConstraintViolationException (a delegated administrator).
Result<void> leave(operation::Call& call, const domain::Organization& organization, domain::Account account);

}  // namespace sekisho::organizations_service
