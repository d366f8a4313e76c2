#include "domain/permission_sets.h"

#include <cstddef>

#include "base/limits.h"

namespace sekisho::domain {

using store::key;
using store::unique;

const Shape CustomerManagedPolicyReference::shape = record_shape<CustomerManagedPolicyReference>(
    "CustomerManagedPolicyReference",
    {SEK_FIELD(1, CustomerManagedPolicyReference, name), SEK_FIELD(2, CustomerManagedPolicyReference, path)});

const Shape PermissionsBoundary::shape = record_shape<PermissionsBoundary>(
    "PermissionsBoundary", {SEK_FIELD(1, PermissionsBoundary, managed_policy_arn),
                            SEK_FIELD(2, PermissionsBoundary, customer_managed_policy)});

const Shape PermissionSet::shape = record_shape<PermissionSet>(
    "PermissionSet",
    {SEK_FIELD(1, PermissionSet, arn), SEK_FIELD(2, PermissionSet, instance_arn), SEK_FIELD(3, PermissionSet, name),
     SEK_FIELD(4, PermissionSet, description), SEK_FIELD(5, PermissionSet, relay_state),
     SEK_FIELD(6, PermissionSet, session_seconds), SEK_FIELD(7, PermissionSet, managed_policy_arns),
     SEK_FIELD(8, PermissionSet, customer_managed_policies), SEK_FIELD(9, PermissionSet, inline_policy),
     SEK_FIELD(10, PermissionSet, boundary), SEK_FIELD(11, PermissionSet, created_at),
     SEK_FIELD(12, PermissionSet, content_version), SEK_FIELD(13, PermissionSet, tags)});

const Shape Assignment::shape = record_shape<Assignment>(
    "Assignment", {SEK_FIELD(1, Assignment, instance_arn), SEK_FIELD(2, Assignment, account_id),
                   SEK_FIELD(3, Assignment, permission_set_arn), SEK_FIELD(4, Assignment, assignee_kind),
                   SEK_FIELD(5, Assignment, assignee_id), SEK_FIELD(6, Assignment, created_at)});

const Shape ProvisionedRole::shape = record_shape<ProvisionedRole>(
    "ProvisionedRole", {SEK_FIELD(1, ProvisionedRole, instance_arn), SEK_FIELD(2, ProvisionedRole, account_id),
                        SEK_FIELD(3, ProvisionedRole, permission_set_arn), SEK_FIELD(4, ProvisionedRole, role_name),
                        SEK_FIELD(5, ProvisionedRole, role_id), SEK_FIELD(6, ProvisionedRole, content_version),
                        SEK_FIELD(7, ProvisionedRole, provisioned_at)});

const Shape ProvisioningRequest::shape = record_shape<ProvisioningRequest>(
    "ProvisioningRequest",
    {SEK_FIELD(1, ProvisioningRequest, id), SEK_FIELD(2, ProvisioningRequest, instance_arn),
     SEK_FIELD(3, ProvisioningRequest, kind), SEK_FIELD(4, ProvisioningRequest, status),
     SEK_FIELD(5, ProvisioningRequest, failure_reason), SEK_FIELD(6, ProvisioningRequest, account_id),
     SEK_FIELD(7, ProvisioningRequest, permission_set_arn), SEK_FIELD(8, ProvisioningRequest, assignee_kind),
     SEK_FIELD(9, ProvisioningRequest, assignee_id), SEK_FIELD(10, ProvisioningRequest, requester_account_id),
     SEK_FIELD(11, ProvisioningRequest, created_at), SEK_FIELD(12, ProvisioningRequest, assignment_was_there),
     SEK_FIELD(13, ProvisioningRequest, place)});

const store::Table<PermissionSet> permission_sets(
    60, "permission_sets", [](const PermissionSet& s) { return key(s.arn); },
    {.indexes = {{permission_sets_by_name, "by_name", unique,
                  [](const PermissionSet& s) { return std::vector{key(s.instance_arn, s.name)}; }}}});

const store::Table<Assignment> assignments(
    61, "assignments",
    [](const Assignment& a) { return key(a.account_id, a.permission_set_arn, a.assignee_kind, a.assignee_id); },
    {.indexes = {{assignments_by_assignee, "by_assignee", store::several,
                  [](const Assignment& a) {
                      return std::vector{key(a.assignee_id, a.account_id, a.permission_set_arn)};
                  }},
                 {assignments_by_permission_set, "by_permission_set", store::several,
                  [](const Assignment& a) { return std::vector{key(a.permission_set_arn, a.account_id)}; }}},
     .guards = [](const Assignment& a) {
         return std::vector{assignments_guard(a.permission_set_arn),
                            assignments_guard(a.permission_set_arn, a.account_id)};
     }});

const store::Table<ProvisionedRole> provisioned_roles(
    62, "provisioned_roles", [](const ProvisionedRole& r) { return key(r.account_id, r.permission_set_arn); },
    {.indexes = {{provisioned_roles_by_permission_set, "by_permission_set", store::several,
                  [](const ProvisionedRole& r) { return std::vector{key(r.permission_set_arn, r.account_id)}; }},
                 {provisioned_roles_by_role_id, "by_role_id", unique,
                  [](const ProvisionedRole& r) { return std::vector{key(r.role_id)}; }}}});

const store::Table<ProvisioningRequest> provisioning_requests(
    63, "provisioning_requests", [](const ProvisioningRequest& r) { return key(r.instance_arn, r.kind, r.id); },
    {.expires_at = [](const ProvisioningRequest& r) -> std::optional<Time> {
        return r.created_at + days(limits::provisioning_request_days_max);
    }});

InstanceArn instance_arn_of(std::string_view permission_set_arn) {
    constexpr std::string_view marker = ":permissionSet/";
    const auto place = permission_set_arn.find(marker);
    if (place == std::string_view::npos) return InstanceArn(permission_set_arn);
    const auto rest = permission_set_arn.substr(place + marker.size());
    return InstanceArn(std::string(permission_set_arn.substr(0, place)) + ":instance/" +
                       std::string(rest.substr(0, rest.find('/'))));
}

std::string assignments_guard(const PermissionSetArn& permission_set) {
    return key("assignments", permission_set);
}

std::string assignments_guard(const PermissionSetArn& permission_set, const AccountId& account) {
    return key("assignments", permission_set, account);
}

}  // namespace sekisho::domain
