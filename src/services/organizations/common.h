#pragma once
// What the operations of Organizations share: whose organization is meant, ARNs, pages.
#include <optional>
#include <string>

#include "domain/organization.h"
#include "models/organizations.h"
#include "operation/operation.h"

namespace sekisho::organizations_service {

inline constexpr std::string_view control_policy = "SERVICE_CONTROL_POLICY";
inline constexpr std::string_view resource_control_policy = "RESOURCE_CONTROL_POLICY";
inline constexpr std::string_view full_access_policy_id = "p-FullAWSAccess";
inline constexpr std::string_view full_resource_access_policy_id = "p-RCPFullAWSAccess";

// The caller's organization. Error: AWSOrganizationsNotInUseException.
Result<domain::Organization> own_organization(const operation::Call& call);
// The same, for operations of the management account and of delegated administrators. Error: AccessDeniedException.
Result<domain::Organization> managed_organization(const operation::Call& call, bool delegated_too = false);
// An account of that organization. Error: AccountNotFoundException.
Result<domain::Account> member_account(const operation::Call& call, const domain::Organization& organization,
                                       const std::string& id);

// arn:aws:organizations::<management>:<kind>/<organization>[/<id>]
std::string organization_arn(const domain::Organization& organization);
std::string node_arn(const domain::Organization& organization, std::string_view kind, std::string_view id);
std::string policy_arn(const domain::Organization& organization, const domain::OrganizationPolicy& policy);

// One permission on a node (account, ou, root, policy of a type) of the caller's organization.
access::Permissions permission_on(const operation::Call& call, std::string_view kind, std::string_view id);
// On the account, unit or root that an id names by its form.
access::Permissions permission_on_target(const operation::Call& call, std::string_view id);

// Every root, unit and account holds AWS's full-access policy of each kind from its start, so that enabling a kind of
// policy changes nothing by itself (Organizations user guide, "SCP evaluation").
Result<void> attach_full_access(operation::Call& call, const OrganizationId& organization, const std::string& target);

// InvalidInputException with its Reason.
ApiError invalid_input(std::string reason, std::string message);

// A page of a list: what the store is asked for, and the token of the next one.
Result<store::Page> read_page(const operation::Call& call, std::string_view scope,
                              const std::optional<std::string>& token, std::optional<std::int32_t> limit);
std::optional<std::string> next_token(const operation::Call& call, std::string_view scope,
                                      const std::optional<std::string>& next);

organizations::Account to_wire(const domain::Organization& organization, const domain::Account& account);

}  // namespace sekisho::organizations_service
