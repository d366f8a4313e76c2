#include <algorithm>

#include "access/authenticate.h"
#include "domain/mail.h"
#include "domain/sessions.h"
#include "services/organizations/common.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view lower_alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr days verification_days{1};  // AWS: the mail's link is good for 24 hours

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
    // AWS's page: always this one, whatever is enabled on the root.
    wire.available_policy_types =
        std::vector<organizations::PolicyTypeSummary>{{.type = organizations::PolicyType::service_control_policy,
                                                       .status = organizations::PolicyTypeStatus::enabled}};
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

// The management account's address must be confirmed before other accounts are invited.
Result<void> send_verification(Call& call, const domain::Account& account) {
    const std::string token =
        random_text(call.random, 43, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    SEK_TRY(domain::mailed_tokens.put(call.tx, {.token_hash = access::hash_of_secret(token),
                                                .purpose = "verify-email",
                                                .account_id = account.id,
                                                .created_at = call.now,
                                                .expires_at = call.now + verification_days}));
    const std::string link = call.environment.public_url + "/verify-email?token=" + token;
    SEK_TRY(
        domain::enqueue_mail(call.tx,
                             {.account_id = account.id,
                              .kind = "verify-email",
                              .to = account.email,
                              .subject = "Verify your email address",
                              .text = Secret("An organization was made with this account as its management account.\n"
                                             "Other accounts can be invited to it once this address is verified.\n\n"
                                             "Verify your email address:\n" +
                                             link + "\n\nThe link is good for 24 hours.\n")},
                             call.now, call.random));
    return {};
}

Result<organizations::CreateOrganizationResponse> create_organization(
    Call& call, const organizations::CreateOrganizationRequest& request) {
    SEK_TRY(auto account, domain::accounts.get(call.tx, call.account()));
    if (!account) return errors::internal_failure("the caller's account has no record");
    if (account->organization_id) {
        return organizations::errors::already_in_organization_exception(
            "The AWS account is already a member of an organization.");
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
    SEK_TRY(attach_full_access(call, organization.id, account->id.str()));
    account->organization_id = organization.id;
    account->parent_id = organization.root_id;
    account->joined_method = "INVITED";
    account->joined_at = call.now;
    SEK_TRY(domain::accounts.put(call.tx, *account));
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
    SEK_TRY(domain::accounts.put(call.tx, *account));
    SEK_TRY(domain::organizations.erase(call.tx, organization.id));
    return organizations::DeleteOrganizationResponse{};
}

template <class Request>
access::Permissions on_organization(const Call& call, const Request&) {
    const auto organization = own_organization(call);
    return {{.resource = organization ? organization_arn(*organization) : std::string("*")}};
}

}  // namespace

const operation::OperationTable organization_operations = {
    operation::operation<organizations::CreateOrganization>(
        {.access = Access::write, .resources = create_permissions, .handle = create_organization}),
    operation::operation<organizations::DescribeOrganization>(
        {.access = Access::read, .resources = operation::any_resource, .handle = describe_organization}),
    operation::operation<organizations::DeleteOrganization>(
        {.access = Access::write,
         .resources = on_organization<organizations::DeleteOrganizationRequest>,
         .handle = delete_organization}),
};

}  // namespace sekisho::organizations_service
