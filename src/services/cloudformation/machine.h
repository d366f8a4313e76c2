#pragma once
// A stack's life as a state machine over its records. Pure on the store: advance() looks at the stack and its resources
// and writes what follows (what begins, what is complete, what failed, rollback, the end); the calls that resources
// need are carried out by the worker (worker.cc), one step after another, each recorded in the transaction of the call
// itself (record_step). So a restart at any point goes on where the records are, and nothing is made twice.
#include <optional>

#include "access/caller.h"
#include "domain/stacks.h"
#include "services/cloudformation/common.h"
#include "services/cloudformation/evaluation.h"
#include "services/cloudformation/type.h"

namespace sekisho::cloudformation_service {

// The principal that a stack's operation acts as: never credentials.
struct StackCaller {
    std::string stack_id;
    access::Caller caller;
    static const Shape shape;
};
extern const store::Table<StackCaller> stack_callers;  // key(stack)

// The caller as a stack keeps it: it outlives the session's own end, not what liveness looks at; or a session of the
// role that the stack was given. Errors: ValidationError (a role that CloudFormation may not take).
Result<access::Caller> make_stack_caller(const operation::Call& call, const std::string& role_arn);

// What follows for the stack's operation; writes nothing when nothing does. Gives the stack's status. An operation that
// has ended or was overtaken: nothing follows.
Result<std::string> advance(const Moment& moment, const std::string& stack_id, std::int64_t operation);

// A call that a resource needs now.
struct PendingCall {
    std::string logical_id;
    domain::StackWork work;
    std::int32_t step;
    std::int64_t operation;
    ApiCall call;
    bool as_stack;  // with the stack's own authority, not its caller's
};
struct Pending {
    std::string status;
    bool is_over = false;  // the operation has ended, or another one came
    std::vector<PendingCall> calls;
};
Result<Pending> pending_calls(const store::Reader& reader, const std::string& stack_id, std::int64_t operation);

// The step of a resource is done. `response`: null, there was nothing to undo. Error: the resource is not at this step
// any more (cancelled), so that what was done must not be.
Result<void> record_step(const Moment& moment, const std::string& stack_id, const PendingCall& pending,
                         const json::value* response);
// The step failed. A resource that is not at this step any more stays as it is.
Result<void> record_failure(const Moment& moment, const std::string& stack_id, const PendingCall& pending,
                            std::string reason);

Result<ResourceRows> load_rows(const store::Reader& reader, const std::string& stack_id);

// What the next operation of a stack begins with.
Result<void> begin_operation(const Moment& moment, domain::Stack& stack, std::string_view new_status,
                             std::string reason, const access::Caller& caller);

// stacks.cc
Result<void> check_stack_name(std::string_view name);
domain::Stack new_stack(operation::Call& call, const std::string& name);
Result<void> check_may_update(const domain::Stack& stack);
Result<void> begin_update(const Moment& moment, domain::Stack& stack, domain::StackModel model,
                          const access::Caller& caller);

}  // namespace sekisho::cloudformation_service
