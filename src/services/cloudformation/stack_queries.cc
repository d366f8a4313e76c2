// DescribeStacks and ListStacks.
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/input.h"
#include "services/cloudformation/service.h"

namespace sekisho::cloudformation_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t stacks_in_page = 100;  // of the answers, in AWS too

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::optional<std::string>() : text;
}

cloudformation::Stack to_wire(const domain::Stack& stack) {
    cloudformation::Stack wire;
    wire.stack_id = stack.arn;
    wire.stack_name = stack.name;
    wire.change_set_id = if_any(stack.change_set_id);
    wire.description = if_any(stack.description);
    if (!stack.model.parameters.empty()) wire.parameters = parameters_to_wire(stack.model);
    wire.creation_time = stack.created_at;
    wire.deletion_time = stack.deleted_at;
    wire.last_updated_time = stack.updated_at;
    wire.rollback_configuration = cloudformation::RollbackConfiguration{};
    wire.stack_status = enum_of<cloudformation::StackStatus>(stack.status).value_or(cloudformation::StackStatus{});
    wire.stack_status_reason = if_any(stack.status_reason);
    wire.disable_rollback = stack.on_failure == "DO_NOTHING";
    wire.notification_ar_ns = stack.model.notification_arns;
    if (stack.timeout_minutes > 0) wire.timeout_in_minutes = stack.timeout_minutes;
    wire.capabilities = capabilities_to_wire(stack.model.capabilities);
    if (!stack.outputs.empty()) wire.outputs.emplace();
    for (const auto& output : stack.outputs) {
        wire.outputs->push_back({.output_key = output.key,
                                 .output_value = output.value,
                                 .description = if_any(output.description),
                                 .export_name = if_any(output.export_name)});
    }
    wire.role_arn = if_any(stack.role_arn);
    wire.tags = tags_to_wire(stack.model.tags);
    wire.enable_termination_protection = stack.termination_protection;
    wire.drift_information =
        cloudformation::StackDriftInformation{.stack_drift_status = cloudformation::StackDriftStatus::not_checked};
    return wire;
}

Result<cloudformation::DescribeStacksOutput> describe_stacks(Call& call,
                                                             const cloudformation::DescribeStacksInput& request) {
    cloudformation::DescribeStacksOutput response;
    response.stacks.emplace();
    if (request.stack_name) {
        SEK_TRY(const auto stack, find_stack(call, *request.stack_name));
        response.stacks->push_back(to_wire(stack));
        return response;
    }
    SEK_TRY(const auto page, read_page(call, "DescribeStacks", request.next_token, stacks_in_page));
    SEK_TRY(const auto found, domain::stacks.scan_by(call.tx, domain::stacks_by_time,
                                                     store::prefix(call.account(), call.region()), page));
    for (const auto& stack : found.items) {
        if (!stack.deleted_at) response.stacks->push_back(to_wire(stack));
    }
    response.next_token = next_token(call, "DescribeStacks", found.next);
    return response;
}

cloudformation::StackSummary to_summary(const domain::Stack& stack) {
    cloudformation::StackSummary wire;
    wire.stack_id = stack.arn;
    wire.stack_name = stack.name;
    wire.template_description = if_any(stack.description);
    wire.creation_time = stack.created_at;
    wire.last_updated_time = stack.updated_at;
    wire.deletion_time = stack.deleted_at;
    wire.stack_status = enum_of<cloudformation::StackStatus>(stack.status).value_or(cloudformation::StackStatus{});
    wire.stack_status_reason = if_any(stack.status_reason);
    wire.drift_information = cloudformation::StackDriftInformationSummary{
        .stack_drift_status = cloudformation::StackDriftStatus::not_checked};
    return wire;
}

Result<cloudformation::ListStacksOutput> list_stacks(Call& call, const cloudformation::ListStacksInput& request) {
    const auto filter = request.stack_status_filter.value_or(std::vector<cloudformation::StackStatus>());
    std::string scope = "ListStacks";
    for (const auto wanted : filter) scope += fmt::format(" {}", enum_text(wanted));
    SEK_TRY(auto page, read_page(call, scope, request.next_token, stacks_in_page));
    SEK_TRY(const auto found, domain::stacks.scan_by(call.tx, domain::stacks_by_time,
                                                     store::prefix(call.account(), call.region()), page));
    cloudformation::ListStacksOutput response;
    response.stack_summaries.emplace();
    for (const auto& stack : found.items) {
        const auto now = enum_of<cloudformation::StackStatus>(stack.status);
        const bool is_wanted = filter.empty() || (now && std::ranges::find(filter, *now) != filter.end());
        if (is_wanted) response.stack_summaries->push_back(to_summary(stack));
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable stack_query_operations = {
    operation::operation<cloudformation::DescribeStacks>(
        {.access = Access::read,
         .resources = on_stack_or_all<cloudformation::DescribeStacksInput>,
         .handle = describe_stacks}),
    operation::operation<cloudformation::ListStacks>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_stacks}),
};

}  // namespace sekisho::cloudformation_service
