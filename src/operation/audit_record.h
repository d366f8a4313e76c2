#pragma once
// What the audit trail keeps of a call (CloudTrail's record, audit/record.h).
#include <string>

#include "access/caller.h"
#include "access/facts.h"
#include "audit/record.h"
#include "operation/operation.h"

namespace sekisho::operation {

audit::UserIdentity user_identity(const access::Caller& caller);

// The printed record. `request` may be null (it did not decode), `response` too (refused, or a read), `error` too.
struct AuditedCall {
    const Operation* operation = nullptr;  // null: none found
    const wire::OperationModel* model = nullptr;
    const access::Caller& caller;
    const access::RequestFacts& facts;
    Time now{};
    std::string_view event_id;
    const void* request = nullptr;
    const void* response = nullptr;
    const ApiError* error = nullptr;
};
std::string print_audit_record(const AuditedCall& call);

}  // namespace sekisho::operation
