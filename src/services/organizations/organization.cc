#include <algorithm>

#include "domain/handshakes.h"
#include "services/organizations/common.h"
#include "services/organizations/email_verification.h"
#include "services/organizations/membership.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view lower_alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";

constexpr std::string_view full_access_document =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr std::string_view full_resource_access_document =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";

organizations::Organization to_wire(const domain::Organization& organization, const domain::Account& management) {
    organizations::Organization wire;
    wire.id = organization.id.str();
    wire.arn = organization_arn(organization);
    wire.feature_set = enum_of<organizations::OrganizationFeatureSet>(organization.feature_set);
    wire.master_account_arn = node_arn(organization, "account", management.id);
    wire.master_account_id = management.id.str();
    wire.master_account_email = management.email;
    // AWS's page: with all features always this one, whatever is enabled on the root.
    wire.available_policy_types.emplace();
    if (organization.feature_set == "ALL") {
        wire.available_policy_types->push_back({.type = organizations::PolicyType::service_control_policy,
                                                .status = organizations::PolicyTypeStatus::enabled});
    }
    return wire;
}

Result<void> add_full_access(Call& call, const OrganizationId& organization, std::string_view id, std::string_view type,
                             std::string_view name, std::string_view document) {
    return domain::organization_policies.put(call.tx, {.id = OrganizationPolicyId(id),
                                                       .organization_id = organization,
                                                       .type = std::string(type),
                                                       .name = std::string(name),
                                                       .description = "Allows access to every operation",
                                                       .content = std::string(document),
                                                       .aws_managed = true});
}

Result<organizations::CreateOrganizationResponse> create_organization(
    Call& call, const organizations::CreateOrganizationRequest& request) {
    SEK_TRY(auto account, domain::accounts.get(call.tx, call.account()));
    if (!account) return errors::internal_failure("the caller's account has no record");
    if (account->organization_id) {
        return organizations::errors::already_in_organization_exception(
            "The provided account is already a member of an organization.");
    }
    domain::Organization organization;
    organization.id = OrganizationId("o-" + random_text(call.random, 10, lower_alphanumeric));
    organization.management_account_id = account->id;
    organization.root_id = OrganizationNodeId("r-" + random_text(call.random, 4, lower_alphanumeric));
    organization.feature_set = enum_text(request.feature_set.value_or(organizations::OrganizationFeatureSet::all));
    organization.created_at = call.now;
    SEK_TRY(domain::organizations.put(call.tx, organization));
    SEK_TRY(add_full_access(call, organization.id, full_access_policy_id, control_policy, "FullAWSAccess",
                            full_access_document));
    SEK_TRY(add_full_access(call, organization.id, full_resource_access_policy_id, resource_control_policy,
                            "RCPFullAWSAccess", full_resource_access_document));
    SEK_TRY(attach_full_access(call, organization.id, organization.root_id.str()));
    SEK_TRY(join(call, organization, *account, "INVITED", {}));
    if (!account->email_verified) SEK_TRY(send_verification(call, *account));
    return organizations::CreateOrganizationResponse{.organization = to_wire(organization, *account)};
}

access::Permissions create_permissions(const Call&, const organizations::CreateOrganizationRequest&) {
    return {{.resource = "*"},
            {.action = "iam:CreateServiceLinkedRole",
             .resource = "*",
             .context = {{"iam:AWSServiceName", {"organizations.amazonaws.com"}}}}};
}

Result<organizations::DescribeOrganizationResponse> describe_organization(
    Call& call, const organizations::DescribeOrganizationRequest&) {
    SEK_TRY(const auto organization, own_organization(call));
    SEK_TRY(const auto management, domain::accounts.get(call.tx, organization.management_account_id));
    if (!management) return errors::internal_failure("the management account has no record");
    return organizations::DescribeOrganizationResponse{.organization = to_wire(organization, *management)};
}

Result<organizations::DeleteOrganizationResponse> delete_organization(Call& call,
                                                                      const organizations::DeleteOrganizationRequest&) {
    SEK_TRY(const auto organization, managed_organization(call));
    call.tx.read_guard(domain::organization_guard(organization.id));
    SEK_TRY(const auto members, domain::accounts.scan_by(call.tx, domain::accounts_by_parent,
                                                         store::prefix(organization.id), {.limit = 2}));
    SEK_TRY(const auto units, domain::organizational_units.scan(call.tx, store::prefix(organization.id), {.limit = 1}));
    SEK_TRY(const auto policies,
            domain::organization_policies.scan(call.tx, store::prefix(organization.id), {.limit = 3}));
    const bool has_policies =
        std::ranges::any_of(policies.items, [](const auto& policy) { return !policy.aws_managed; });
    if (members.items.size() > 1 || !units.items.empty() || has_policies) {
        return organizations::errors::organization_not_empty_exception(
            "To delete an organization you must first remove all member accounts (except the master).");
    }
    SEK_TRY(auto attachments, domain::policy_attachments.scan(call.tx, store::prefix(organization.id)));
    for (const auto& attachment : attachments.items) {
        SEK_TRY(domain::policy_attachments.erase(call.tx, organization.id, attachment.target_id, attachment.policy_id));
    }
    for (const auto& policy : policies.items) {
        SEK_TRY(domain::organization_policies.erase(call.tx, organization.id, policy.id));
    }
    SEK_TRY(auto account, domain::accounts.get(call.tx, call.account()));
    account->organization_id.reset();
    account->parent_id.reset();
    account->joined_method.clear();
    account->joined_at.reset();
    account->tags.clear();
    SEK_TRY(domain::accounts.put(call.tx, *account));
    SEK_TRY(const auto services, domain::trusted_services.scan(call.tx, store::prefix(organization.id)));
    for (const auto& service : services.items) {
        SEK_TRY(domain::trusted_services.erase(call.tx, organization.id, service.service_principal));
    }
    SEK_TRY(domain::organization_resource_policies.erase(call.tx, organization.id));
    // Pending handshakes end with the organization (state_now).
    SEK_TRY(domain::organizations.erase(call.tx, organization.id));
    return organizations::DeleteOrganizationResponse{};
}

}  // namespace

const operation::OperationTable organization_operations = {
    operation::operation<organizations::CreateOrganization>(
        {.access = Access::write, .resources = create_permissions, .handle = create_organization}),
    operation::operation<organizations::DescribeOrganization>(
        {.access = Access::read, .resources = operation::any_resource, .handle = describe_organization}),
    operation::operation<organizations::DeleteOrganization>(
        {.access = Access::write,
         .resources = on_own_organization<organizations::DeleteOrganizationRequest>,
         .handle = delete_organization}),
};

}  // namespace sekisho::organizations_service
