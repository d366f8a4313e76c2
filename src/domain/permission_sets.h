#pragma once
// Permission sets, who holds them where, and the roles that they become in accounts.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

struct CustomerManagedPolicyReference {
    std::string name;
    std::string path;
    static const Shape shape;
};

struct PermissionsBoundary {
    std::optional<std::string> managed_policy_arn;
    std::optional<CustomerManagedPolicyReference> customer_managed_policy;
    static const Shape shape;
};

struct PermissionSet {
    PermissionSetArn arn;
    InstanceArn instance_arn;
    std::string name;
    std::optional<std::string> description;
    std::optional<std::string> relay_state;
    std::int32_t session_seconds = 3600;
    std::vector<std::string> managed_policy_arns;
    std::vector<CustomerManagedPolicyReference> customer_managed_policies;
    std::string inline_policy;
    std::optional<PermissionsBoundary> boundary;
    Time created_at{};
    // Counts what changes the roles made from it; a provisioned role that has another is out of date.
    std::int64_t content_version = 1;
    Tags tags;
    static const Shape shape;
};

enum class AssigneeKind : std::uint16_t { user, group };
constexpr std::string_view assignee_kind_names[] = {"USER", "GROUP"};
constexpr std::span<const std::string_view> enum_names(AssigneeKind) {
    return assignee_kind_names;
}

// A person or group holds a permission set in an account. Its presence is the grant that liveness looks for.
struct Assignment {
    InstanceArn instance_arn;
    AccountId account_id;
    PermissionSetArn permission_set_arn;
    AssigneeKind assignee_kind = AssigneeKind::user;
    std::string assignee_id;  // PersonId or DirectoryGroupId
    Time created_at{};
    static const Shape shape;
};

// A permission set as a role of an account.
struct ProvisionedRole {
    InstanceArn instance_arn;
    AccountId account_id;
    PermissionSetArn permission_set_arn;
    std::string role_name;  // AWSReservedSSO_<name>_<16 hex>
    PrincipalId role_id;
    std::int64_t content_version = 0;
    Time provisioned_at{};
    static const Shape shape;
};

// The asynchronous request behind CreateAccountAssignment, DeleteAccountAssignment and ProvisionPermissionSet.
struct ProvisioningRequest {
    std::string id;  // uuid
    InstanceArn instance_arn;
    std::string kind;    // assignment-creation, assignment-deletion, provisioning
    std::string status;  // IN_PROGRESS, FAILED, SUCCEEDED
    std::string failure_reason;
    std::optional<AccountId> account_id;  // absent: all provisioned accounts
    PermissionSetArn permission_set_arn;
    AssigneeKind assignee_kind = AssigneeKind::user;
    std::string assignee_id;
    AccountId requester_account_id;
    Time created_at{};
    bool assignment_was_there = false;  // assignment-deletion: taken away by the request itself, at once
    // provisioning of all accounts: where to go on (Page::after); they are done one at a time.
    std::string place;
    static const Shape shape;
};

// Kinds of ProvisioningRequest.
inline constexpr std::string_view assignment_creation_kind = "assignment-creation";
inline constexpr std::string_view assignment_deletion_kind = "assignment-deletion";
inline constexpr std::string_view provisioning_kind = "provisioning";
// Their states.
inline constexpr std::string_view request_in_progress = "IN_PROGRESS";
inline constexpr std::string_view request_failed = "FAILED";
inline constexpr std::string_view request_succeeded = "SUCCEEDED";

inline constexpr std::uint8_t permission_sets_by_name = 1;              // unique: instance, name
extern const store::Table<PermissionSet> permission_sets;               // key(arn)
inline constexpr std::uint8_t assignments_by_assignee = 1;              // assignee, account, permission set
inline constexpr std::uint8_t assignments_by_permission_set = 2;        // permission set, account
extern const store::Table<Assignment> assignments;                      // key(account, permission set, kind, assignee)
inline constexpr std::uint8_t provisioned_roles_by_permission_set = 1;  // permission set, account
inline constexpr std::uint8_t provisioned_roles_by_role_id = 2;         // unique
extern const store::Table<ProvisionedRole> provisioned_roles;           // key(account, permission set)
extern const store::Table<ProvisioningRequest> provisioning_requests;   // key(instance, kind, id); expires

// arn:aws:sso:::permissionSet/ssoins-X/ps-Y is of arn:aws:sso:::instance/ssoins-X. Another text: itself.
InstanceArn instance_arn_of(std::string_view permission_set_arn);

// Who decides on there being no assignment (of a permission set; of it in an account) reads these; writers bump both.
std::string assignments_guard(const PermissionSetArn& permission_set);
std::string assignments_guard(const PermissionSetArn& permission_set, const AccountId& account);

}  // namespace sekisho::domain
