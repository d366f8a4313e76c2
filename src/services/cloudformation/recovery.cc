// CancelUpdateStack, ContinueUpdateRollback, RollbackStack: ways out of an update.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/machine.h"
#include "services/cloudformation/service.h"

namespace sekisho::cloudformation_service {
namespace {

using operation::Access;
using operation::Call;

Moment moment_of(Call& call) {
    return {call.tx, call.now, call.random};
}

// Back to the model before the update, by the stack itself.
Result<void> roll_back(Call& call, domain::Stack& stack, std::string reason) {
    SEK_TRY(const auto caller, make_stack_caller(call, stack.role_arn));
    if (stack.previous_model) stack.model = *stack.previous_model;
    SEK_TRY(begin_operation(moment_of(call), stack, status::update_rollback, std::move(reason), caller));
    stack.undoes = true;
    return domain::stacks.put(call.tx, stack);
}

Result<cloudformation::CancelUpdateStackResponse> cancel_update(Call& call,
                                                                const cloudformation::CancelUpdateStackInput& request) {
    SEK_TRY(auto stack, find_stack(call, request.stack_name));
    if (stack.status != status::update_in_progress) {
        return validation_error("CancelUpdateStack cannot be called from current stack status");
    }
    stack.client_request_token = request.client_request_token.value_or("");
    SEK_TRY(roll_back(call, stack, "User Initiated"));
    return cloudformation::CancelUpdateStackResponse{};
}

Result<cloudformation::ContinueUpdateRollbackOutput> continue_rollback(
    Call& call, const cloudformation::ContinueUpdateRollbackInput& request) {
    SEK_TRY(auto stack, find_stack(call, request.stack_name));
    if (stack.status != status::update_rollback_failed) {
        return validation_error(
            fmt::format("Stack:{} is in {} state and can not continue update rollback.", stack.arn, stack.status));
    }
    for (const auto& id : request.resources_to_skip.value_or(std::vector<std::string>())) {
        SEK_TRY(auto row, domain::stack_resources.get(call.tx, stack.id, id));
        if (!row || row->status != status::update_failed) {
            return validation_error(
                fmt::format("Resource {} is not in UPDATE_FAILED state and can not be skipped.", id));
        }
        // It stays as it is, and counts as gone back.
        row->status = status::update_complete;
        row->operation = stack.operation + 1;
        row->status_reason = "Resource update rollback skipped";
        SEK_TRY(record_event(moment_of(call), stack, *row));
        SEK_TRY(domain::stack_resources.put(call.tx, *row));
    }
    stack.client_request_token = request.client_request_token.value_or("");
    SEK_TRY(roll_back(call, stack, "User Initiated"));
    return cloudformation::ContinueUpdateRollbackOutput{};
}

Result<cloudformation::RollbackStackOutput> rollback_stack(Call& call,
                                                           const cloudformation::RollbackStackInput& request) {
    SEK_TRY(auto stack, find_stack(call, request.stack_name));
    stack.client_request_token = request.client_request_token.value_or("");
    if (stack.status == status::create_failed) {
        SEK_TRY(const auto caller, make_stack_caller(call, stack.role_arn));
        SEK_TRY(begin_operation(moment_of(call), stack, status::rollback_in_progress, "User Initiated", caller));
        stack.undoes = true;
        SEK_TRY(domain::stacks.put(call.tx, stack));
    } else if (stack.status == status::update_failed) {
        SEK_TRY(roll_back(call, stack, "User Initiated"));
    } else {
        return validation_error(
            fmt::format("Stack:{} is in {} state and can not be rolled back.", stack.arn, stack.status));
    }
    return cloudformation::RollbackStackOutput{.stack_id = stack.arn};
}

}  // namespace

const operation::OperationTable recovery_operations = {
    operation::operation<cloudformation::CancelUpdateStack>(
        {.access = Access::write,
         .resources = on_stack<cloudformation::CancelUpdateStackInput>,
         .handle = cancel_update}),
    operation::operation<cloudformation::ContinueUpdateRollback>(
        {.access = Access::write,
         .resources = on_stack<cloudformation::ContinueUpdateRollbackInput>,
         .handle = continue_rollback}),
    operation::operation<cloudformation::RollbackStack>(
        {.access = Access::write, .resources = on_stack<cloudformation::RollbackStackInput>, .handle = rollback_stack}),
};

}  // namespace sekisho::cloudformation_service
