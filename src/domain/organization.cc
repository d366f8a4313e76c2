#include "domain/organization.h"

#include <cstddef>

#include "base/text.h"

namespace sekisho::domain {

using store::key;
using store::unique;

const Shape Account::shape = record_shape<Account>(
    "Account",
    {SEK_FIELD(1, Account, id), SEK_FIELD(2, Account, name), SEK_FIELD(3, Account, email), SEK_FIELD(4, Account, state),
     SEK_FIELD(5, Account, email_verified), SEK_FIELD(6, Account, organization_id), SEK_FIELD(7, Account, parent_id),
     SEK_FIELD(8, Account, joined_method), SEK_FIELD(9, Account, joined_at), SEK_FIELD(10, Account, created_at),
     SEK_FIELD(11, Account, tags), SEK_FIELD(12, Account, alias)});

const Shape Organization::shape = record_shape<Organization>(
    "Organization", {SEK_FIELD(1, Organization, id), SEK_FIELD(2, Organization, management_account_id),
                     SEK_FIELD(3, Organization, root_id), SEK_FIELD(4, Organization, feature_set),
                     SEK_FIELD(5, Organization, enabled_policy_types), SEK_FIELD(6, Organization, created_at),
                     SEK_FIELD(7, Organization, root_tags), SEK_FIELD(8, Organization, all_features_handshake_id),
                     SEK_FIELD(9, Organization, invitations_canceled_at)});

const Shape OrganizationalUnit::shape = record_shape<OrganizationalUnit>(
    "OrganizationalUnit", {SEK_FIELD(1, OrganizationalUnit, id), SEK_FIELD(2, OrganizationalUnit, organization_id),
                           SEK_FIELD(3, OrganizationalUnit, parent_id), SEK_FIELD(4, OrganizationalUnit, name),
                           SEK_FIELD(5, OrganizationalUnit, tags)});

const Shape OrganizationPolicy::shape = record_shape<OrganizationPolicy>(
    "OrganizationPolicy", {SEK_FIELD(1, OrganizationPolicy, id), SEK_FIELD(2, OrganizationPolicy, organization_id),
                           SEK_FIELD(3, OrganizationPolicy, type), SEK_FIELD(4, OrganizationPolicy, name),
                           SEK_FIELD(5, OrganizationPolicy, description), SEK_FIELD(6, OrganizationPolicy, content),
                           SEK_FIELD(7, OrganizationPolicy, aws_managed), SEK_FIELD(8, OrganizationPolicy, tags)});

const Shape PolicyAttachment::shape = record_shape<PolicyAttachment>(
    "PolicyAttachment", {SEK_FIELD(1, PolicyAttachment, organization_id), SEK_FIELD(2, PolicyAttachment, target_id),
                         SEK_FIELD(3, PolicyAttachment, policy_id), SEK_FIELD(4, PolicyAttachment, type)});

const Shape CreateAccountRequest::shape = record_shape<CreateAccountRequest>(
    "CreateAccountRequest",
    {SEK_FIELD(1, CreateAccountRequest, id), SEK_FIELD(2, CreateAccountRequest, organization_id),
     SEK_FIELD(3, CreateAccountRequest, management_account_id), SEK_FIELD(4, CreateAccountRequest, account_name),
     SEK_FIELD(5, CreateAccountRequest, email), SEK_FIELD(6, CreateAccountRequest, role_name),
     SEK_FIELD(7, CreateAccountRequest, state), SEK_FIELD(8, CreateAccountRequest, failure_reason),
     SEK_FIELD(9, CreateAccountRequest, account_id), SEK_FIELD(10, CreateAccountRequest, requested_at),
     SEK_FIELD(11, CreateAccountRequest, completed_at), SEK_FIELD(12, CreateAccountRequest, tags)});

const store::Table<Account> accounts(20, "accounts", [](const Account& a) { return key(a.id); },
                                     {.indexes = {{accounts_by_email, "by_email", unique,
                                                   [](const Account& a) {
                                                       return std::vector{key(lower_ascii(a.email))};
                                                   }},
                                                  {accounts_by_parent, "by_parent", store::several,
                                                   [](const Account& a) {
                                                       std::vector<std::string> keys;
                                                       if (a.organization_id && a.parent_id)
                                                           keys.push_back(key(*a.organization_id, *a.parent_id));
                                                       return keys;
                                                   }}},
                                      .guards = [](const Account& a) {
                                          std::vector<std::string> guards;
                                          if (a.organization_id)
                                              guards.push_back(organization_guard(*a.organization_id));
                                          return guards;
                                      }});

const store::Table<Organization> organizations(21, "organizations", [](const Organization& o) { return key(o.id); },
                                               {.guards = [](const Organization& o) {
                                                   return std::vector{organization_guard(o.id)};
                                               }});

const store::Table<OrganizationalUnit> organizational_units(
    22, "organizational_units", [](const OrganizationalUnit& u) { return key(u.organization_id, u.id); },
    {.indexes = {{units_by_parent, "by_parent", unique,
                  [](const OrganizationalUnit& u) {
                      return std::vector{key(u.organization_id, u.parent_id, lower_ascii(u.name))};
                  }}},
     .guards = [](const OrganizationalUnit& u) { return std::vector{organization_guard(u.organization_id)}; }});

const store::Table<OrganizationPolicy> organization_policies(
    23, "organization_policies", [](const OrganizationPolicy& p) { return key(p.organization_id, p.id); },
    {.indexes = {{organization_policies_by_name, "by_name", unique,
                  [](const OrganizationPolicy& p) { return std::vector{key(p.organization_id, p.type, p.name)}; }}},
     .guards = [](const OrganizationPolicy& p) { return std::vector{organization_guard(p.organization_id)}; }});

const store::Table<PolicyAttachment> policy_attachments(
    24, "policy_attachments",
    [](const PolicyAttachment& a) { return key(a.organization_id, a.target_id, a.policy_id); },
    {.indexes = {{attachments_by_policy, "by_policy", store::several,
                  [](const PolicyAttachment& a) { return std::vector{key(a.organization_id, a.policy_id)}; }}},
     .guards = [](const PolicyAttachment& a) { return std::vector{organization_guard(a.organization_id)}; }});

const store::Table<CreateAccountRequest> create_account_requests(25, "create_account_requests",
                                                                 [](const CreateAccountRequest& r) {
                                                                     return key(r.organization_id, r.id);
                                                                 });

const Shape TrustedService::shape = record_shape<TrustedService>(
    "TrustedService", {SEK_FIELD(1, TrustedService, organization_id), SEK_FIELD(2, TrustedService, service_principal),
                       SEK_FIELD(3, TrustedService, enabled_at)});

const Shape DelegatedAdministrator::shape = record_shape<DelegatedAdministrator>(
    "DelegatedAdministrator",
    {SEK_FIELD(1, DelegatedAdministrator, organization_id), SEK_FIELD(2, DelegatedAdministrator, account_id),
     SEK_FIELD(3, DelegatedAdministrator, service_principal), SEK_FIELD(4, DelegatedAdministrator, enabled_at)});

const store::Table<TrustedService> trusted_services(26, "trusted_services", [](const TrustedService& s) {
    return key(s.organization_id, s.service_principal);
});

const store::Table<DelegatedAdministrator> delegated_administrators(27, "delegated_administrators",
                                                                    [](const DelegatedAdministrator& d) {
                                                                        return key(d.organization_id, d.account_id,
                                                                                   d.service_principal);
                                                                    });

std::string organization_guard(const OrganizationId& id) {
    return "organization/" + id.str();
}

}  // namespace sekisho::domain
