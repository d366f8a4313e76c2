#pragma once
// The record of an event that an operation stands for beside its own record: ConsoleLogin, which CloudTrail has for a
// sign-in however many steps it took. It commits with the operation, or with its refusal.
#include <string_view>

#include "audit/record.h"
#include "operation/call.h"

namespace sekisho::operation {

// The outbox kind of audit records.
inline constexpr std::string_view audit_effect = "audit";

// Fills in when, from where and how, and the region unless the record has one; who, what and what came of it is the
// caller's. `transaction`: the call's, or call.on_refusal().
void leave_record(Call& call, store::Transaction& transaction, audit::Record record);

}  // namespace sekisho::operation
