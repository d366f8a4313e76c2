#pragma once
// AWS Organizations: accounts, the organization, its tree of units, and policies attached to it.
// https://docs.aws.amazon.com/organizations/latest/APIReference/
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

enum class AccountState : std::uint16_t { active, suspended, pending_closure };
constexpr std::string_view account_state_names[] = {"ACTIVE", "SUSPENDED", "PENDING_CLOSURE"};
constexpr std::span<const std::string_view> enum_names(AccountState) {
    return account_state_names;
}

// An account exists with or without an organization. The home's first account is made by `sekisho init`.
struct Account {
    AccountId id;
    std::string name;
    std::string email;
    AccountState state = AccountState::active;
    bool email_verified = false;
    std::optional<OrganizationId> organization_id;
    std::optional<OrganizationNodeId> parent_id;  // root or unit that holds it
    std::string joined_method;                    // INVITED or CREATED
    std::optional<Time> joined_at;
    Time created_at{};
    Tags tags;
    std::optional<std::string> alias;  // IAM account alias
    static const Shape shape;
};

struct Organization {
    OrganizationId id;
    AccountId management_account_id;
    OrganizationNodeId root_id;
    std::string feature_set;                        // ALL or CONSOLIDATED_BILLING
    std::vector<std::string> enabled_policy_types;  // SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, ...
    Time created_at{};
    Tags root_tags;
    std::string all_features_handshake_id;        // the last request for all features; empty: none yet
    std::optional<Time> invitations_canceled_at;  // when it was made: invitations from before that are canceled
    static const Shape shape;
};

struct OrganizationalUnit {
    OrganizationNodeId id;
    OrganizationId organization_id;
    OrganizationNodeId parent_id;
    std::string name;
    Tags tags;
    static const Shape shape;
};

struct OrganizationPolicy {
    OrganizationPolicyId id;
    OrganizationId organization_id;
    std::string type;  // SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY
    std::string name;
    std::string description;
    std::string content;       // the document, as given
    bool aws_managed = false;  // p-FullAWSAccess
    Tags tags;
    static const Shape shape;
};

struct PolicyAttachment {
    OrganizationId organization_id;
    std::string target_id;  // root, unit or account
    OrganizationPolicyId policy_id;
    std::string type;
    static const Shape shape;
};

struct CreateAccountRequest {  // CreateAccountStatus in the API
    std::string id;            // car-..
    OrganizationId organization_id;
    AccountId management_account_id;
    std::string account_name;
    std::string email;
    std::string role_name;  // OrganizationAccountAccessRole unless named
    std::string state;      // IN_PROGRESS, SUCCEEDED, FAILED
    std::string failure_reason;
    std::optional<AccountId> account_id;
    Time requested_at{};
    std::optional<Time> completed_at;
    Tags tags;
    static const Shape shape;
};

inline constexpr std::uint8_t accounts_by_email = 1;                  // unique: lower-case address
inline constexpr std::uint8_t accounts_by_parent = 2;                 // organization, parent
extern const store::Table<Account> accounts;                          // key(id)
extern const store::Table<Organization> organizations;                // key(id)
inline constexpr std::uint8_t units_by_parent = 1;                    // unique: organization, parent, lower-case name
extern const store::Table<OrganizationalUnit> organizational_units;   // key(organization, id)
inline constexpr std::uint8_t organization_policies_by_name = 1;      // unique: organization, type, name
extern const store::Table<OrganizationPolicy> organization_policies;  // key(organization, id)
inline constexpr std::uint8_t attachments_by_policy = 1;              // organization, policy
extern const store::Table<PolicyAttachment> policy_attachments;       // key(organization, target, policy)
extern const store::Table<CreateAccountRequest> create_account_requests;  // key(organization, id)

// A service that is trusted in the organization (EnableAWSServiceAccess), and an account that administers for it
// (RegisterDelegatedAdministrator).
struct TrustedService {
    OrganizationId organization_id;
    std::string service_principal;
    Time enabled_at{};
    static const Shape shape;
};
struct DelegatedAdministrator {
    OrganizationId organization_id;
    AccountId account_id;
    std::string service_principal;
    Time enabled_at{};
    static const Shape shape;
};
extern const store::Table<TrustedService> trusted_services;                  // key(organization, service)
extern const store::Table<DelegatedAdministrator> delegated_administrators;  // key(organization, account, service)

// The guard of everything that decides which SCPs and RCPs bind an account: writers of the tree, of attachments and of
// policies bump it, and compiled policies are cached by its revision.
std::string organization_guard(const OrganizationId& id);

}  // namespace sekisho::domain
