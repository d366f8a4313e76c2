// CreateStack, UpdateStack, DeleteStack, termination protection, stack policies.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/input.h"
#include "services/cloudformation/machine.h"
#include "services/cloudformation/service.h"
#include "services/cloudformation/stack_policy.h"

namespace sekisho::cloudformation_service {

using operation::Access;
using operation::Call;

Result<void> check_stack_name(std::string_view name) {
    constexpr std::size_t characters_max = 128;
    const auto refused = [&](std::string_view constraint) {
        return validation_error(
            fmt::format("1 validation error detected: Value '{}' at 'stackName' failed to satisfy "
                        "constraint: {}",
                        name, constraint));
    };
    if (name.size() > characters_max) return refused("Member must have length less than or equal to 128");
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool fits = !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
    });
    if (!fits) return refused("Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*");
    return {};
}

domain::Stack new_stack(Call& call, const std::string& name) {
    domain::Stack stack;
    stack.id = random_uuid(call.random);
    stack.account_id = call.account();
    stack.region = call.region();
    stack.name = name;
    stack.arn = make_stack_arn(call, name, stack.id);
    stack.on_failure = "ROLLBACK";
    stack.created_at = call.now;
    return stack;
}

namespace {

Moment moment_of(Call& call) {
    return {call.tx, call.now, call.random};
}

Result<std::string> failure_mode(const cloudformation::CreateStackInput& request) {
    if (request.on_failure && request.disable_rollback) {
        return validation_error("You can specify either DisableRollback or OnFailure, but not both.");
    }
    if (request.on_failure) return std::string(enum_text(*request.on_failure));
    return std::string(request.disable_rollback.value_or(false) ? "DO_NOTHING" : "ROLLBACK");
}

Result<cloudformation::CreateStackOutput> create_stack(Call& call, const cloudformation::CreateStackInput& request) {
    SEK_TRY(check_stack_name(request.stack_name));
    SEK_TRY(const auto existing, look_for_stack(call, request.stack_name));
    if (existing) {
        const auto& token = request.client_request_token;
        const bool is_same = token && !token->empty() && existing->client_request_token == *token;
        if (is_same) return cloudformation::CreateStackOutput{.stack_id = existing->arn};
        return cloudformation::errors::already_exists_exception(
            fmt::format("Stack [{}] already exists", request.stack_name));
    }
    auto stack = new_stack(call, request.stack_name);
    SEK_TRY(stack.on_failure, failure_mode(request));
    SEK_TRY(auto desired, read_desired(call, stack, model_input(request), nullptr));
    SEK_TRY(const auto caller, make_stack_caller(call, request.role_arn.value_or("")));
    stack.role_arn = request.role_arn.value_or("");
    stack.model = std::move(desired.model);
    stack.description = desired.evaluation->model.description;
    stack.termination_protection = request.enable_termination_protection.value_or(false);
    SEK_TRY(stack.policy, read_stack_policy("StackPolicy", request.stack_policy_body, request.stack_policy_url));
    stack.timeout_minutes = request.timeout_in_minutes.value_or(0);
    stack.client_request_token = request.client_request_token.value_or("");
    SEK_TRY(domain::stack_templates.put(call.tx, desired.text));
    SEK_TRY(begin_operation(moment_of(call), stack, status::create_in_progress, "User Initiated", caller));
    SEK_TRY(domain::stacks.put(call.tx, stack));
    return cloudformation::CreateStackOutput{.stack_id = stack.arn};
}

access::Permissions create_permissions(const Call& call, const cloudformation::CreateStackInput& request) {
    auto permission = stack_permission(call, request.stack_name);
    std::vector<std::string> keys;
    for (const auto& tag : request.tags.value_or(std::vector<cloudformation::Tag>())) {
        permission.context.push_back({"aws:RequestTag/" + tag.key, {tag.value}});
        keys.push_back(tag.key);
    }
    if (!keys.empty()) permission.context.push_back({"aws:TagKeys", std::move(keys)});
    if (request.role_arn) permission.context.push_back({"cloudformation:RoleArn", {*request.role_arn}});
    access::Permissions permissions{std::move(permission)};
    add_pass_role(call, request.role_arn, permissions);
    return permissions;
}

bool may_be_updated(std::string_view now) {
    return now == status::create_complete || now == status::update_complete ||
           now == status::update_rollback_complete || now == status::update_failed || now == status::create_failed;
}

}  // namespace

Result<void> check_may_update(const domain::Stack& stack) {
    if (may_be_updated(stack.status)) return {};
    return validation_error(fmt::format("Stack:{} is in {} state and can not be updated.", stack.arn, stack.status));
}

// The stack goes to `desired`; where it comes from is kept until it is there.
Result<void> begin_update(const Moment& moment, domain::Stack& stack, domain::StackModel model,
                          const access::Caller& caller) {
    const bool was_stable = stack.status != status::update_failed;
    if (was_stable || !stack.previous_model) stack.previous_model = std::move(stack.model);
    stack.model = std::move(model);
    stack.policy_during_update.clear();
    stack.next_policy.clear();
    stack.updated_at = moment.now;
    return begin_operation(moment, stack, status::update_in_progress, "User Initiated", caller);
}

namespace {

Result<cloudformation::UpdateStackOutput> update_stack(Call& call, const cloudformation::UpdateStackInput& request) {
    SEK_TRY(auto stack, find_stack(call, request.stack_name));
    const auto token = request.client_request_token.value_or("");
    if (!token.empty() && token == stack.client_request_token) {
        return cloudformation::UpdateStackOutput{.stack_id = stack.arn};
    }
    SEK_TRY(check_may_update(stack));
    SEK_TRY(auto desired, read_desired(call, stack, model_input(request), &stack.model));
    SEK_TRY(const auto changes, compute_changes(call, stack, desired));
    SEK_TRY(const bool is_same, is_unchanged(call, stack, desired, changes));
    const bool is_stable = stack.status != status::update_failed && stack.status != status::create_failed;
    if (is_same && is_stable) return validation_error("No updates are to be performed.");
    const auto role = request.role_arn.value_or(stack.role_arn);
    SEK_TRY(const auto caller, make_stack_caller(call, role));
    SEK_TRY(auto during, read_stack_policy("StackPolicyDuringUpdate", request.stack_policy_during_update_body,
                                           request.stack_policy_during_update_url));
    SEK_TRY(auto next, read_stack_policy("StackPolicy", request.stack_policy_body, request.stack_policy_url));
    stack.role_arn = role;
    stack.on_failure = request.disable_rollback.value_or(false) ? "DO_NOTHING" : "ROLLBACK";
    stack.client_request_token = token;
    if (!request.use_previous_template.value_or(false)) SEK_TRY(domain::stack_templates.put(call.tx, desired.text));
    SEK_TRY(begin_update(moment_of(call), stack, std::move(desired.model), caller));
    stack.policy_during_update = std::move(during);
    stack.next_policy = std::move(next);
    SEK_TRY(domain::stacks.put(call.tx, stack));
    return cloudformation::UpdateStackOutput{.stack_id = stack.arn};
}

access::Permissions update_permissions(const Call& call, const cloudformation::UpdateStackInput& request) {
    access::Permissions permissions{stack_permission(call, request.stack_name)};
    add_pass_role(call, request.role_arn, permissions);
    return permissions;
}

Result<void> delete_found(Call& call, domain::Stack& stack, const cloudformation::DeleteStackInput& request) {
    if (stack.deleted_at || stack.status == status::delete_in_progress) return {};
    if (stack.termination_protection) {
        return validation_error(
            fmt::format("Stack [{}] cannot be deleted while TerminationProtection is enabled", stack.name));
    }
    const auto retained = request.retain_resources.value_or(std::vector<std::string>());
    const bool is_forced = request.deletion_mode == cloudformation::DeletionMode::force_delete_stack;
    if ((!retained.empty() || is_forced) && stack.status != status::delete_failed) {
        return validation_error(
            fmt::format("Invalid operation on stack [{}]. The specified resources to retain must be in "
                        "a valid state. Specify RetainResources only for a stack in DELETE_FAILED "
                        "state.",
                        stack.name));
    }
    stack.retained = retained;
    if (is_forced) {
        SEK_TRY(const auto rows, load_rows(call.tx, stack.id));
        for (const auto& [id, row] : rows) {
            if (row.status == status::delete_failed) stack.retained.push_back(id);
        }
    }
    const auto role = request.role_arn.value_or(stack.role_arn);
    SEK_TRY(const auto caller, make_stack_caller(call, role));
    stack.role_arn = role;
    stack.client_request_token = request.client_request_token.value_or("");
    if (stack.status == status::review_in_progress) stack.model = {};
    SEK_TRY(begin_operation(moment_of(call), stack, status::delete_in_progress, "User Initiated", caller));
    return domain::stacks.put(call.tx, stack);
}

Result<cloudformation::DeleteStackResponse> delete_stack(Call& call, const cloudformation::DeleteStackInput& request) {
    SEK_TRY(auto stack, look_for_stack(call, request.stack_name));
    // A name that no stack has is no error (API reference, DeleteStack).
    if (stack) SEK_TRY(delete_found(call, *stack, request));
    return cloudformation::DeleteStackResponse{};
}

access::Permissions delete_permissions(const Call& call, const cloudformation::DeleteStackInput& request) {
    access::Permissions permissions{stack_permission(call, request.stack_name)};
    add_pass_role(call, request.role_arn, permissions);
    return permissions;
}

Result<cloudformation::UpdateTerminationProtectionOutput> update_protection(
    Call& call, const cloudformation::UpdateTerminationProtectionInput& request) {
    SEK_TRY(auto stack, look_for_stack(call, request.stack_name));
    if (!stack || stack->deleted_at) {
        return validation_error(fmt::format("Stack [{}] does not exist", request.stack_name));
    }
    stack->termination_protection = request.enable_termination_protection;
    SEK_TRY(domain::stacks.put(call.tx, *stack));
    return cloudformation::UpdateTerminationProtectionOutput{.stack_id = stack->arn};
}

Result<cloudformation::GetStackPolicyOutput> get_policy(Call& call,
                                                        const cloudformation::GetStackPolicyInput& request) {
    SEK_TRY(const auto stack, find_stack(call, request.stack_name));
    cloudformation::GetStackPolicyOutput response;
    const auto& policy = stack_policy_in_force(stack);
    if (!policy.empty()) response.stack_policy_body = policy;
    return response;
}

Result<cloudformation::SetStackPolicyResponse> set_policy(Call& call,
                                                          const cloudformation::SetStackPolicyInput& request) {
    SEK_TRY(auto stack, find_stack(call, request.stack_name));
    if (stack.deleted_at) return no_such_stack(request.stack_name);
    SEK_TRY(auto policy, read_stack_policy("StackPolicy", request.stack_policy_body, request.stack_policy_url));
    if (policy.empty()) return validation_error("You must specify either StackPolicyURL or StackPolicyBody");
    stack.policy = std::move(policy);
    SEK_TRY(domain::stacks.put(call.tx, stack));
    return cloudformation::SetStackPolicyResponse{};
}

}  // namespace

const operation::OperationTable stack_operations = {
    operation::operation<cloudformation::CreateStack>(
        {.access = Access::write, .resources = create_permissions, .handle = create_stack}),
    operation::operation<cloudformation::UpdateStack>(
        {.access = Access::write, .resources = update_permissions, .handle = update_stack}),
    operation::operation<cloudformation::DeleteStack>(
        {.access = Access::write, .resources = delete_permissions, .handle = delete_stack}),
    operation::operation<cloudformation::UpdateTerminationProtection>(
        {.access = Access::write,
         .resources = on_stack<cloudformation::UpdateTerminationProtectionInput>,
         .handle = update_protection}),
    operation::operation<cloudformation::GetStackPolicy>(
        {.access = Access::read, .resources = on_stack<cloudformation::GetStackPolicyInput>, .handle = get_policy}),
    operation::operation<cloudformation::SetStackPolicy>(
        {.access = Access::write, .resources = on_stack<cloudformation::SetStackPolicyInput>, .handle = set_policy}),
};

}  // namespace sekisho::cloudformation_service
