// Change sets: what an update, or a first creation, would do, looked at before it is done.
#include <fmt/format.h>

#include "services/cloudformation/input.h"
#include "services/cloudformation/machine.h"
#include "services/cloudformation/service.h"
#include "wire/arn.h"
#include "wire/json_codec.h"

namespace sekisho::cloudformation_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t sets_in_page = 100;
constexpr std::string_view no_changes =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

Moment moment_of(Call& call) {
    return {call.tx, call.now, call.random};
}

ApiError no_such_set(const std::string& name) {
    return cloudformation::errors::change_set_not_found_exception(fmt::format("ChangeSet [{}] does not exist", name));
}

// arn:aws:cloudformation:<region>:<account>:changeSet/<name>/<uuid>
std::string set_name(const std::string& name_or_arn) {
    if (!name_or_arn.starts_with("arn:")) return name_or_arn;
    const auto first = name_or_arn.find('/'), last = name_or_arn.rfind('/');
    return first == last ? name_or_arn : name_or_arn.substr(first + 1, last - first - 1);
}

struct FoundSet {
    domain::Stack stack;
    domain::StackChangeSet set;
};

// By name and stack, or by its ARN alone.
Result<FoundSet> find_set(const Call& call, const std::string& name_or_arn,
                          const std::optional<std::string>& stack_name) {
    const bool is_arn = name_or_arn.starts_with("arn:");
    if (stack_name) {
        SEK_TRY(auto stack, look_for_stack(call, *stack_name));
        if (!stack) return validation_error(fmt::format("Stack [{}] does not exist", *stack_name));
        SEK_TRY(auto set, domain::stack_change_sets.get(call.tx, stack->id, set_name(name_or_arn)));
        if (!set || (is_arn && set->arn != name_or_arn)) return no_such_set(name_or_arn);
        return FoundSet{std::move(*stack), std::move(*set)};
    }
    if (!is_arn) return validation_error("StackName must be specified if ChangeSetName is not specified as an ARN.");
    SEK_TRY(auto set, domain::stack_change_sets.get_by(call.tx, domain::stack_change_sets_by_arn, name_or_arn));
    if (!set) return no_such_set(name_or_arn);
    SEK_TRY(auto stack, domain::stacks.get(call.tx, set->stack_id));
    if (!stack || stack->account_id != call.account() || stack->region != call.region())
        return no_such_set(name_or_arn);
    return FoundSet{std::move(*stack), std::move(*set)};
}

template <class Request>
access::Permissions on_set(const Call& call, const Request& request) {
    if (request.stack_name) return {stack_permission(call, *request.stack_name)};
    const auto found = find_set(call, request.change_set_name, {});
    auto permission = stack_permission(call, found ? found->stack.arn : "*");
    permission.shown_resource = request.change_set_name;
    return {std::move(permission)};
}

// The stack of a new set: the one that is there, or one in review for a first creation.
Result<domain::Stack> stack_for(Call& call, const cloudformation::CreateChangeSetInput& request, bool creates) {
    SEK_TRY(auto stack, look_for_stack(call, request.stack_name));
    const bool in_review = stack && stack->status == status::review_in_progress;
    if (!creates) {
        if (!stack || in_review || stack->deleted_at) {
            return validation_error(fmt::format("Stack [{}] does not exist", request.stack_name));
        }
        SEK_TRY(check_may_update(*stack));
        return std::move(*stack);
    }
    if (in_review) return std::move(*stack);
    if (stack) {
        return validation_error(
            fmt::format("Stack [{}] already exists and cannot be created again with the changeSet "
                        "[{}].",
                        request.stack_name, request.change_set_name));
    }
    SEK_TRY(check_stack_name(request.stack_name));
    auto made = new_stack(call, request.stack_name);
    made.status = status::review_in_progress;
    made.status_reason = "User Initiated";
    SEK_TRY(record_stack_event(moment_of(call), made));
    return made;
}

Result<cloudformation::CreateChangeSetOutput> create_set(Call& call,
                                                         const cloudformation::CreateChangeSetInput& request) {
    const auto type = request.change_set_type.value_or(cloudformation::ChangeSetType::update);
    if (type == cloudformation::ChangeSetType::import) {
        return validation_error("Resources cannot be imported here.");
    }
    const bool creates = type == cloudformation::ChangeSetType::create;
    SEK_TRY(auto stack, stack_for(call, request, creates));
    SEK_TRY(const auto existing, domain::stack_change_sets.get(call.tx, stack.id, request.change_set_name));
    if (existing) {
        const auto& token = request.client_token;
        if (token && !token->empty() && existing->client_token == *token) {
            return cloudformation::CreateChangeSetOutput{.id = existing->arn, .stack_id = stack.arn};
        }
        return cloudformation::errors::already_exists_exception(
            fmt::format("ChangeSet {} cannot be created due to a mismatch with existing attribute(s)", existing->arn));
    }
    SEK_TRY(auto desired, read_desired(call, stack, model_input(request), creates ? nullptr : &stack.model));
    SEK_TRY(make_stack_caller(call, request.role_arn.value_or(creates ? "" : stack.role_arn)));
    SEK_TRY(auto changes, compute_changes(call, stack, desired));
    bool is_empty = false;
    if (!creates) {
        SEK_TRY(is_empty, is_unchanged(call, stack, desired, changes));
    }
    domain::StackChangeSet set;
    set.stack_id = stack.id;
    set.name = request.change_set_name;
    set.arn = wire::make_arn("cloudformation", call.region(), call.account(),
                             fmt::format("changeSet/{}/{}", set.name, random_uuid(call.random)));
    set.description = request.description.value_or("");
    set.type = enum_text(type);
    set.status = enum_text(is_empty ? cloudformation::ChangeSetStatus::failed
                                    : cloudformation::ChangeSetStatus::create_complete);
    if (is_empty) set.status_reason = no_changes;
    set.execution_status =
        enum_text(is_empty ? cloudformation::ExecutionStatus::unavailable : cloudformation::ExecutionStatus::available);
    set.model = desired.model;
    set.role_arn = request.role_arn.value_or("");
    if (request.on_stack_failure) set.on_failure = enum_text(*request.on_stack_failure);
    set.client_token = request.client_token.value_or("");
    set.created_at = call.now;
    cloudformation::DescribeChangeSetOutput kept;
    kept.changes = std::move(changes);
    JsonWriter writer(set.changes);
    wire::encode_json(cloudformation::DescribeChangeSetOutput::shape, &kept, writer);
    SEK_TRY(domain::stack_change_sets.put(call.tx, set));
    if (!request.use_previous_template.value_or(false)) SEK_TRY(domain::stack_templates.put(call.tx, desired.text));
    if (stack.status == status::review_in_progress) SEK_TRY(domain::stacks.put(call.tx, stack));
    return cloudformation::CreateChangeSetOutput{.id = set.arn, .stack_id = stack.arn};
}

access::Permissions create_permissions(const Call& call, const cloudformation::CreateChangeSetInput& request) {
    access::Permissions permissions{stack_permission(call, request.stack_name)};
    permissions.front().context.push_back({"cloudformation:ChangeSetName", {request.change_set_name}});
    add_pass_role(call, request.role_arn, permissions);
    return permissions;
}

Result<cloudformation::DescribeChangeSetOutput> describe_set(Call& call,
                                                             const cloudformation::DescribeChangeSetInput& request) {
    SEK_TRY(const auto found, find_set(call, request.change_set_name, request.stack_name));
    const auto& set = found.set;
    cloudformation::DescribeChangeSetOutput response;
    SEK_TRY(const auto kept, parse_json(set.changes));
    wire::Violations violations;
    SEK_TRY(wire::decode_json(cloudformation::DescribeChangeSetOutput::shape, kept, &response, violations));
    response.change_set_name = set.name;
    response.change_set_id = set.arn;
    response.stack_id = found.stack.arn;
    response.stack_name = found.stack.name;
    if (!set.description.empty()) response.description = set.description;
    response.parameters = parameters_to_wire(set.model);
    response.creation_time = set.created_at;
    response.execution_status = enum_of<cloudformation::ExecutionStatus>(set.execution_status);
    response.status = enum_of<cloudformation::ChangeSetStatus>(set.status);
    if (!set.status_reason.empty()) response.status_reason = set.status_reason;
    response.notification_ar_ns = set.model.notification_arns;
    response.rollback_configuration = cloudformation::RollbackConfiguration{};
    response.capabilities = capabilities_to_wire(set.model.capabilities);
    response.tags = tags_to_wire(set.model.tags);
    response.include_nested_stacks = false;
    response.on_stack_failure = enum_of<cloudformation::OnStackFailure>(set.on_failure);
    return response;
}

Result<cloudformation::ListChangeSetsOutput> list_sets(Call& call, const cloudformation::ListChangeSetsInput& request) {
    SEK_TRY(const auto stack, look_for_stack(call, request.stack_name));
    if (!stack) return validation_error(fmt::format("Stack [{}] does not exist", request.stack_name));
    const std::string scope = "ListChangeSets " + stack->id;
    SEK_TRY(auto page, read_page(call, scope, request.next_token, sets_in_page));
    page.direction = store::Direction::forward;
    SEK_TRY(const auto found, domain::stack_change_sets.scan(call.tx, store::prefix(stack->id), page));
    cloudformation::ListChangeSetsOutput response;
    response.summaries.emplace();
    for (const auto& set : found.items) {
        cloudformation::ChangeSetSummary summary;
        summary.stack_id = stack->arn;
        summary.stack_name = stack->name;
        summary.change_set_id = set.arn;
        summary.change_set_name = set.name;
        summary.execution_status = enum_of<cloudformation::ExecutionStatus>(set.execution_status);
        summary.status = enum_of<cloudformation::ChangeSetStatus>(set.status);
        if (!set.status_reason.empty()) summary.status_reason = set.status_reason;
        summary.creation_time = set.created_at;
        if (!set.description.empty()) summary.description = set.description;
        response.summaries->push_back(std::move(summary));
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<void> erase_set(Call& call, const domain::Stack& stack, const domain::StackChangeSet& set) {
    SEK_TRY(domain::stack_change_sets.erase(call.tx, stack.id, set.name));
    const bool is_in_use = set.model.template_id == stack.model.template_id ||
                           (stack.previous_model && stack.previous_model->template_id == set.model.template_id);
    if (!is_in_use) SEK_TRY(domain::stack_templates.erase(call.tx, stack.id, set.model.template_id));
    return {};
}

Result<cloudformation::DeleteChangeSetOutput> delete_set(Call& call,
                                                         const cloudformation::DeleteChangeSetInput& request) {
    const auto found = find_set(call, request.change_set_name, request.stack_name);
    // What is not there is deleted (API reference, DeleteChangeSet).
    if (!found && found.error().code != "ValidationError") return cloudformation::DeleteChangeSetOutput{};
    if (!found) return found.error();
    SEK_TRY(erase_set(call, found->stack, found->set));
    return cloudformation::DeleteChangeSetOutput{};
}

Result<cloudformation::ExecuteChangeSetOutput> execute_set(Call& call,
                                                           const cloudformation::ExecuteChangeSetInput& request) {
    SEK_TRY(auto found, find_set(call, request.change_set_name, request.stack_name));
    auto& [stack, set] = found;
    if (set.execution_status != enum_text(cloudformation::ExecutionStatus::available)) {
        return cloudformation::errors::invalid_change_set_status_exception(
            fmt::format("ChangeSet [{}] cannot be executed in its current status of [{}]", set.arn, set.status));
    }
    const bool creates = stack.status == status::review_in_progress;
    if (!creates) SEK_TRY(check_may_update(stack));
    const auto role = set.role_arn.empty() ? stack.role_arn : set.role_arn;
    SEK_TRY(const auto caller, make_stack_caller(call, role));
    stack.role_arn = role;
    stack.change_set_id = set.arn;
    stack.client_request_token = request.client_request_token.value_or("");
    const bool stays = request.disable_rollback.value_or(false);
    stack.on_failure = stays ? "DO_NOTHING" : creates && !set.on_failure.empty() ? set.on_failure : "ROLLBACK";
    const auto model = set.model;
    if (creates) {
        stack.model = model;
        SEK_TRY(begin_operation(moment_of(call), stack, status::create_in_progress, "User Initiated", caller));
    } else {
        SEK_TRY(begin_update(moment_of(call), stack, model, caller));
    }
    SEK_TRY(domain::stacks.put(call.tx, stack));
    // The sets of the stack that are left do not fit it any more (API reference, ExecuteChangeSet).
    SEK_TRY(const auto others, domain::stack_change_sets.scan(call.tx, store::prefix(stack.id), {.limit = 20}));
    for (const auto& other : others.items) SEK_TRY(erase_set(call, stack, other));
    return cloudformation::ExecuteChangeSetOutput{};
}

}  // namespace

const operation::OperationTable change_set_operations = {
    operation::operation<cloudformation::CreateChangeSet>(
        {.access = Access::write, .resources = create_permissions, .handle = create_set}),
    operation::operation<cloudformation::DescribeChangeSet>(
        {.access = Access::read, .resources = on_set<cloudformation::DescribeChangeSetInput>, .handle = describe_set}),
    operation::operation<cloudformation::ListChangeSets>(
        {.access = Access::read, .resources = on_stack<cloudformation::ListChangeSetsInput>, .handle = list_sets}),
    operation::operation<cloudformation::DeleteChangeSet>(
        {.access = Access::write, .resources = on_set<cloudformation::DeleteChangeSetInput>, .handle = delete_set}),
    operation::operation<cloudformation::ExecuteChangeSet>(
        {.access = Access::write, .resources = on_set<cloudformation::ExecuteChangeSetInput>, .handle = execute_set}),
};

}  // namespace sekisho::cloudformation_service
