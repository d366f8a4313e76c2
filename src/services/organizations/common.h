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
// The same, for operations of the management account alone. Error: AccessDeniedException.
Result<domain::Organization> managed_organization(const operation::Call& call);
// The same, for operations that the management account can delegate: by its resource policy, which must allow the
// operation with these permissions (the row's own); and, where they are asked for, to delegated administrators of
// services, which see the whole organization.
enum class Delegates : std::uint8_t { by_policy, also_services };
Result<domain::Organization> delegable_organization(const operation::Call& call, std::string_view operation,
                                                    access::Permissions permissions, Delegates delegates);
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

// Where an action knows no resource.
inline access::Permissions on_anything() {
    return {access::Permission{}};
}
// On the caller's organization.
template <class Request>
access::Permissions on_own_organization(const operation::Call& call, const Request&) {
    const auto organization = own_organization(call);
    return {{.resource = organization ? organization_arn(*organization) : std::string("*")}};
}
// With the tags of a request as context, and the right to tag where there are some.
access::Permissions with_request_tags(access::Permissions permissions,
                                      const std::optional<std::vector<organizations::Tag>>& tags);

// The tags of a request. Errors: InvalidInputException, ConstraintViolationException.
Result<domain::Tags> read_tags(const std::optional<std::vector<organizations::Tag>>& tags);
// Adds them to those that a resource has.
Result<void> add_tags(domain::Tags& tags, const std::vector<organizations::Tag>& more);

// Every root, unit and account holds AWS's full-access policy of each kind from its start, so that enabling a kind of
// policy changes nothing by itself (Organizations user guide, "SCP evaluation").
Result<void> attach_full_access(operation::Call& call, const OrganizationId& organization, const std::string& target);

// InvalidInputException and ConstraintViolationException with their Reason.
ApiError invalid_input(std::string reason, std::string message);
ApiError constraint(std::string reason, std::string message);
// Policies, trusted services and delegation need all features. Error: ConstraintViolationException.
Result<void> require_all_features(const domain::Organization& organization);

// A page of a list: what the store is asked for, and the token of the next one.
Result<store::Page> read_page(const operation::Call& call, std::string_view scope,
                              const std::optional<std::string>& token, std::optional<std::int32_t> limit);
std::optional<std::string> next_token(const operation::Call& call, std::string_view scope,
                                      const std::optional<std::string>& next);

organizations::Account to_wire(const domain::Organization& organization, const domain::Account& account);

}  // namespace sekisho::organizations_service
