// A stack's resources and events, as clients see them.
#include <boost/json/serialize.hpp>

#include "services/cloudformation/common.h"
#include "services/cloudformation/evaluation.h"
#include "services/cloudformation/service.h"

namespace sekisho::cloudformation_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t events_in_page = 100;
constexpr std::size_t resources_in_page = 100;

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::optional<std::string>() : text;
}

ApiError no_resource(const domain::Stack& stack, const std::string& logical_id) {
    return validation_error("Resource " + logical_id + " does not exist for stack " + stack.name);
}

cloudformation::StackEvent event_to_wire(const domain::StackEvent& event) {
    cloudformation::StackEvent wire;
    wire.stack_id = event.stack_arn;
    wire.event_id = event.id;
    wire.stack_name = event.stack_name;
    wire.logical_resource_id = event.logical_id;
    wire.physical_resource_id = event.physical_id;
    wire.resource_type = event.type;
    wire.timestamp = event.created_at;
    wire.resource_status = event.status;
    wire.resource_status_reason = if_any(event.status_reason);
    wire.resource_properties = if_any(event.properties);
    wire.client_request_token = if_any(event.client_request_token);
    return wire;
}

Result<cloudformation::DescribeStackEventsOutput> describe_events(
    Call& call, const cloudformation::DescribeStackEventsInput& request) {
    SEK_TRY(const auto stack, look_for_stack(call, request.stack_name));
    if (!stack) return validation_error("Stack [" + request.stack_name + "] does not exist");
    const std::string scope = "DescribeStackEvents " + stack->id;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, events_in_page));
    SEK_TRY(const auto found, domain::stack_events.scan(call.tx, store::prefix(stack->id), page));
    cloudformation::DescribeStackEventsOutput response;
    response.stack_events.emplace();
    for (const auto& event : found.items) response.stack_events->push_back(event_to_wire(event));
    response.next_token = next_token(call, scope, found.next);
    return response;
}

cloudformation::StackResource resource_to_wire(const domain::Stack& stack, const domain::StackResource& row) {
    return {.stack_name = stack.name,
            .stack_id = stack.arn,
            .logical_resource_id = row.logical_id,
            .physical_resource_id = if_any(row.physical_id),
            .resource_type = row.type,
            .timestamp = row.updated_at,
            .resource_status = row.status,
            .resource_status_reason = if_any(row.status_reason),
            .drift_information = cloudformation::StackResourceDriftInformation{
                .stack_resource_drift_status = cloudformation::StackResourceDriftStatus::not_checked}};
}

Result<cloudformation::DescribeStackResourceOutput> describe_resource(
    Call& call, const cloudformation::DescribeStackResourceInput& request) {
    SEK_TRY(const auto stack, look_for_stack(call, request.stack_name));
    if (!stack) return validation_error("Stack '" + request.stack_name + "' does not exist");
    SEK_TRY(const auto row, domain::stack_resources.get(call.tx, stack->id, request.logical_resource_id));
    if (!row) return no_resource(*stack, request.logical_resource_id);
    cloudformation::StackResourceDetail detail;
    detail.stack_name = stack->name;
    detail.stack_id = stack->arn;
    detail.logical_resource_id = row->logical_id;
    detail.physical_resource_id = if_any(row->physical_id);
    detail.resource_type = row->type;
    detail.last_updated_timestamp = row->updated_at;
    detail.resource_status = row->status;
    detail.resource_status_reason = if_any(row->status_reason);
    detail.drift_information = cloudformation::StackResourceDriftInformation{
        .stack_resource_drift_status = cloudformation::StackResourceDriftStatus::not_checked};
    const auto model = load_model(call.tx, *stack, stack->model);
    const auto* resource = model ? (*model)->model.resource(row->logical_id) : nullptr;
    detail.metadata = resource && !resource->metadata.is_null() ? json::serialize(resource->metadata) : "{}";
    return cloudformation::DescribeStackResourceOutput{.stack_resource_detail = std::move(detail)};
}

// The stack that has made a physical resource.
Result<std::optional<domain::Stack>> stack_of_resource(const Call& call, const std::string& physical_id) {
    std::optional<domain::Stack> found;
    std::string after;
    for (;;) {
        SEK_TRY(const auto page,
                domain::stacks.scan_by(call.tx, domain::stacks_by_time, store::prefix(call.account(), call.region()),
                                       {.after = after}));
        for (const auto& stack : page.items) {
            SEK_TRY(domain::stack_resources.each(call.tx, store::prefix(stack.id), [&](const auto& row) {
                if (row.physical_id == physical_id && row.status != status::delete_complete) found = stack;
                return !found;
            }));
            if (found) return found;
        }
        if (!page.next) return found;
        after = *page.next;
    }
}

Result<cloudformation::DescribeStackResourcesOutput> describe_resources(
    Call& call, const cloudformation::DescribeStackResourcesInput& request) {
    if (request.stack_name.has_value() == request.physical_resource_id.has_value()) {
        return validation_error("Exactly one of StackName and PhysicalResourceId must be specified");
    }
    std::optional<domain::Stack> stack;
    if (request.stack_name) {
        SEK_TRY(stack, find_stack(call, *request.stack_name));
    } else {
        SEK_TRY(stack, stack_of_resource(call, *request.physical_resource_id));
        if (!stack) return validation_error("Stack for " + *request.physical_resource_id + " does not exist");
    }
    cloudformation::DescribeStackResourcesOutput response;
    response.stack_resources.emplace();
    // At most 100, as AWS answers.
    SEK_TRY(const auto found,
            domain::stack_resources.scan(call.tx, store::prefix(stack->id), {.limit = resources_in_page}));
    for (const auto& row : found.items) {
        const bool is_wanted = !request.logical_resource_id || *request.logical_resource_id == row.logical_id;
        if (is_wanted) response.stack_resources->push_back(resource_to_wire(*stack, row));
    }
    if (request.logical_resource_id && response.stack_resources->empty()) {
        return no_resource(*stack, *request.logical_resource_id);
    }
    return response;
}

Result<cloudformation::ListStackResourcesOutput> list_resources(
    Call& call, const cloudformation::ListStackResourcesInput& request) {
    SEK_TRY(const auto stack, find_stack(call, request.stack_name));
    const std::string scope = "ListStackResources " + stack.id;
    SEK_TRY(auto page, read_page(call, scope, request.next_token, resources_in_page));
    page.direction = store::Direction::forward;
    SEK_TRY(const auto found, domain::stack_resources.scan(call.tx, store::prefix(stack.id), page));
    cloudformation::ListStackResourcesOutput response;
    response.stack_resource_summaries.emplace();
    for (const auto& row : found.items) {
        response.stack_resource_summaries->push_back(
            {.logical_resource_id = row.logical_id,
             .physical_resource_id = if_any(row.physical_id),
             .resource_type = row.type,
             .last_updated_timestamp = row.updated_at,
             .resource_status = row.status,
             .resource_status_reason = if_any(row.status_reason),
             .drift_information = cloudformation::StackResourceDriftInformationSummary{
                 .stack_resource_drift_status = cloudformation::StackResourceDriftStatus::not_checked}});
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable resource_operations = {
    operation::operation<cloudformation::DescribeStackEvents>(
        {.access = Access::read,
         .resources = on_stack<cloudformation::DescribeStackEventsInput>,
         .handle = describe_events}),
    operation::operation<cloudformation::DescribeStackResource>(
        {.access = Access::read,
         .resources = on_stack<cloudformation::DescribeStackResourceInput>,
         .handle = describe_resource}),
    operation::operation<cloudformation::DescribeStackResources>(
        {.access = Access::read,
         .resources = on_stack_or_all<cloudformation::DescribeStackResourcesInput>,
         .handle = describe_resources}),
    operation::operation<cloudformation::ListStackResources>(
        {.access = Access::read,
         .resources = on_stack<cloudformation::ListStackResourcesInput>,
         .handle = list_resources}),
};

}  // namespace sekisho::cloudformation_service
