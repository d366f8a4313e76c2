#include "services/cloudformation/common.h"

#include <fmt/format.h>

#include "wire/arn.h"

namespace sekisho::cloudformation_service {

using operation::Call;

ApiError validation_error(std::string message) {
    return {.code = "ValidationError", .message = std::move(message)};
}

ApiError no_such_stack(std::string_view name) {
    return validation_error(fmt::format("Stack with id {} does not exist", name));
}

Result<std::optional<domain::Stack>> look_for_stack(const Call& call, const std::string& name_or_arn) {
    if (!name_or_arn.starts_with("arn:")) {
        return domain::stacks.get_by(call.tx, domain::stacks_by_name, call.account(), call.region(), name_or_arn);
    }
    const auto slash = name_or_arn.rfind('/');
    if (slash == std::string::npos) return std::optional<domain::Stack>();
    SEK_TRY(auto found, domain::stacks.get(call.tx, name_or_arn.substr(slash + 1)));
    if (found && (found->arn != name_or_arn || found->account_id != call.account() || found->region != call.region())) {
        found.reset();
    }
    return found;
}

Result<domain::Stack> find_stack(const Call& call, const std::string& name_or_arn) {
    SEK_TRY(auto found, look_for_stack(call, name_or_arn));
    if (!found) return no_such_stack(name_or_arn);
    return std::move(*found);
}

std::string make_stack_arn(const Call& call, std::string_view name, std::string_view id) {
    return wire::make_arn("cloudformation", call.region(), call.account(), fmt::format("stack/{}/{}", name, id));
}

access::Permission stack_permission(const Call& call, const std::string& name_or_arn) {
    access::Permission permission{.resource = name_or_arn.starts_with("arn:") ? name_or_arn
                                                                              : make_stack_arn(call, name_or_arn, "*")};
    permission.shown_resource = permission.resource;
    const auto stack = look_for_stack(call, name_or_arn);
    if (!stack || !*stack) return permission;
    permission.resource = (*stack)->arn;
    for (const auto& [key, value] : (*stack)->model.tags)
        permission.context.push_back({"aws:ResourceTag/" + key, {value}});
    return permission;
}

void add_pass_role(const Call&, const std::optional<std::string>& role_arn, access::Permissions& permissions) {
    if (!role_arn) return;
    const auto parsed = wire::Arn::parse(*role_arn);
    permissions.push_back({.action = "iam:PassRole",
                           .resource = *role_arn,
                           .resource_account = parsed ? AccountId(parsed->account) : AccountId(),
                           .context = {{"iam:PassedToService", {"cloudformation.amazonaws.com"}}}});
}

Result<store::Page> read_page(const Call& call, std::string_view scope, const std::optional<std::string>& token,
                              std::size_t limit) {
    auto after = call.open_page(scope, token.value_or(""));
    if (!after) return validation_error("The specified NextToken is not valid.");
    return store::Page{.after = std::move(*after), .limit = limit, .direction = store::Direction::backward};
}

std::optional<std::string> next_token(const Call& call, std::string_view scope,
                                      const std::optional<std::string>& next) {
    if (!next) return {};
    return call.seal_page(scope, *next);
}

namespace {

Result<void> put_event(const Moment& moment, const domain::Stack& stack, domain::StackEvent event) {
    // After the newest. Two transactions at once may take one number; the id keeps their events apart.
    SEK_TRY(const auto newest, domain::stack_events.scan(moment.tx, store::prefix(stack.id),
                                                         {.limit = 1, .direction = store::Direction::backward}));
    event.number = newest.items.empty() ? 1 : newest.items.front().number + 1;
    event.stack_id = stack.id;
    event.stack_arn = stack.arn;
    event.stack_name = stack.name;
    event.client_request_token = stack.client_request_token;
    event.created_at = moment.now;
    return domain::stack_events.put(moment.tx, event);
}

}  // namespace

Result<void> record_stack_event(const Moment& moment, const domain::Stack& stack) {
    return put_event(moment, stack,
                     {.id = random_uuid(moment.random),
                      .logical_id = stack.name,
                      .physical_id = stack.arn,
                      .type = "AWS::CloudFormation::Stack",
                      .status = stack.status,
                      .status_reason = stack.status_reason});
}

Result<void> record_event(const Moment& moment, const domain::Stack& stack, const domain::StackResource& resource,
                          std::string_view properties) {
    return put_event(moment, stack,
                     {.id = fmt::format("{}-{}-{}", resource.logical_id, resource.status, random_uuid(moment.random)),
                      .logical_id = resource.logical_id,
                      .physical_id = resource.physical_id,
                      .type = resource.type,
                      .status = resource.status,
                      .status_reason = resource.status_reason,
                      .properties = std::string(properties)});
}

domain::Tags tags_from_wire(const std::optional<std::vector<cloudformation::Tag>>& tags) {
    domain::Tags made;
    for (const auto& tag : tags.value_or(std::vector<cloudformation::Tag>())) made[tag.key] = tag.value;
    return made;
}

std::vector<cloudformation::Tag> tags_to_wire(const domain::Tags& tags) {
    std::vector<cloudformation::Tag> wire;
    for (const auto& [key, value] : tags) wire.push_back({.key = key, .value = value});
    return wire;
}

}  // namespace sekisho::cloudformation_service
