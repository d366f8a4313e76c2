#pragma once
// What the operations of CloudFormation share: finding stacks, permissions, pages, texts, events.
#include <optional>
#include <string>

#include "domain/stacks.h"
#include "models/cloudformation.h"
#include "operation/operation.h"
#include "services/cloudformation/status.h"

namespace sekisho::cloudformation_service {

ApiError validation_error(std::string message);
ApiError no_such_stack(std::string_view name);  // "Stack with id X does not exist"

// By name (of those not deleted) or by ARN (deleted ones too), of the caller's account and region.
Result<std::optional<domain::Stack>> look_for_stack(const operation::Call& call, const std::string& name_or_arn);
Result<domain::Stack> find_stack(const operation::Call& call, const std::string& name_or_arn);
std::string make_stack_arn(const operation::Call& call, std::string_view name, std::string_view id);

// On the stack that a request names. The text of a refusal shows the request's name alone.
access::Permission stack_permission(const operation::Call& call, const std::string& name_or_arn);
template <class Request>
access::Permissions on_stack(const operation::Call& call, const Request& request) {
    return {stack_permission(call, request.stack_name)};
}
// Where the stack's name is optional: every stack.
template <class Request>
access::Permissions on_stack_or_all(const operation::Call& call, const Request& request) {
    if (!request.stack_name) return {access::Permission{}};
    return {stack_permission(call, *request.stack_name)};
}
// iam:PassRole, where a role is given.
void add_pass_role(const operation::Call& call, const std::optional<std::string>& role_arn,
                   access::Permissions& permissions);

Result<store::Page> read_page(const operation::Call& call, std::string_view scope,
                              const std::optional<std::string>& token, std::size_t limit);
std::optional<std::string> next_token(const operation::Call& call, std::string_view scope,
                                      const std::optional<std::string>& next);

// A moment of a stack's life: what a handler and the machine write with.
struct Moment {
    store::Transaction& tx;
    Time now;
    Random& random;
};
// Of the stack itself.
Result<void> record_stack_event(const Moment& moment, const domain::Stack& stack);
Result<void> record_event(const Moment& moment, const domain::Stack& stack, const domain::StackResource& resource,
                          std::string_view properties = {});

domain::Tags tags_from_wire(const std::optional<std::vector<cloudformation::Tag>>& tags);
std::vector<cloudformation::Tag> tags_to_wire(const domain::Tags& tags);

}  // namespace sekisho::cloudformation_service
