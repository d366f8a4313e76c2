#pragma once
// A stack policy: which resources updates of the stack may touch, and how. Looked at by updates only.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/stacks.h"

namespace sekisho::cloudformation_service {

// What an update does to a resource.
enum class PolicyAction : std::uint8_t { modify, replace, remove };

// A request's policy, from its two members `<name>Body` and `<name>URL`; empty: none given. Errors: ValidationError.
Result<std::string> read_stack_policy(std::string_view name, const std::optional<std::string>& body,
                                      const std::optional<std::string>& url);

// The one that holds now: an update may bring one for itself.
const std::string& stack_policy_in_force(const domain::Stack& stack);

// Why a policy that was read so does not let an update do this; nothing: it does. A policy without statements lets
// everything, as no policy does; with some, what no statement allows is refused, and a Deny outweighs every Allow.
std::optional<std::string> refused_by_policy(std::string_view policy, PolicyAction action, std::string_view logical_id,
                                             std::string_view type);

}  // namespace sekisho::cloudformation_service
