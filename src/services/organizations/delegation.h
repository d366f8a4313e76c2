#pragma once
// Delegated administrators and services that are trusted in the organization, as records.
#include <string>

#include "domain/organization.h"
#include "operation/call.h"

namespace sekisho::organizations_service {

Result<bool> is_delegated_administrator(const operation::Call& call, const domain::Organization& organization,
                                        const AccountId& account);

}  // namespace sekisho::organizations_service
