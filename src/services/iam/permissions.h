#pragma once
// What IAM's operations are decided on: ARNs, condition keys and the names that AccessDenied texts show.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
#include <optional>
#include <string>
#include <string_view>

#include "access/authorize.h"
#include "operation/call.h"
#include "services/iam/entity.h"

namespace sekisho::iam_service {

using access::ContextValues;
using access::Permissions;

// The user, group or role with its path and tags; at "/" when there is none of that name.
Permissions on_entity(const operation::Call& call, EntityKind kind, std::string_view name, ContextValues context = {});
// The same, with iam:PermissionsBoundary as it is now (unless `context` has it).
Permissions on_bounded(const operation::Call& call, EntityKind kind, std::string_view name, ContextValues context = {});
// One that is to be made. AccessDenied shows "<shown_type> <name>", or, where that is empty, the ARN: AWS does so for
// CreateUser, CreateGroup and CreateRole (a policy that is to be made is shown as "policy <name>").
access::Permission on_new(const operation::Call& call, std::string_view type, const std::optional<std::string>& path,
                          std::string_view name, std::string_view shown_type, ContextValues context = {});
// The user that user_or_caller() gives.
Permissions on_user_or_caller(const operation::Call& call, const std::optional<std::string>& name);
Permissions on_policy(const operation::Call& call, const std::string& arn, ContextValues context = {});
// A list's whole path: arn:aws:iam::account:role/prefix.
Permissions on_path(const operation::Call& call, std::string_view type, const std::optional<std::string>& path_prefix);

// Adds a further action on the same resource.
void also(Permissions& permissions, std::string_view action);
void add_boundary(ContextValues& context, const std::optional<std::string>& policy_arn);

}  // namespace sekisho::iam_service
