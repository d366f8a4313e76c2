#pragma once
// The management account's address is verified by a mailed link, before other accounts are invited.
#include "domain/organization.h"
#include "operation/call.h"

namespace sekisho::organizations_service {

Result<void> send_verification(operation::Call& call, const domain::Account& account);

}  // namespace sekisho::organizations_service
