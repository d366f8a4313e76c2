// The organization's resource policy: what the management account delegates to member accounts. Operations ask it
// through delegable_organization.
#include "base/text.h"
#include "domain/handshakes.h"
#include "policy/document.h"
#include "policy/pattern.h"
#include "services/organizations/common.h"
#include "services/organizations/service.h"
#include "wire/arn.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

// User guide, "Supported delegation policy actions".
constexpr std::string_view delegable_actions[] = {"AttachPolicy",
                                                  "CreatePolicy",
                                                  "DeletePolicy",
                                                  "DescribeAccount",
                                                  "DescribeCreateAccountStatus",
                                                  "DescribeEffectivePolicy",
                                                  "DescribeHandshake",
                                                  "DescribeOrganization",
                                                  "DescribeOrganizationalUnit",
                                                  "DescribePolicy",
                                                  "DescribeResourcePolicy",
                                                  "DetachPolicy",
                                                  "DisablePolicyType",
                                                  "EnablePolicyType",
                                                  "ListAccounts",
                                                  "ListAccountsForParent",
                                                  "ListAWSServiceAccessForOrganization",
                                                  "ListChildren",
                                                  "ListCreateAccountStatus",
                                                  "ListDelegatedAdministrators",
                                                  "ListDelegatedServicesForAccount",
                                                  "ListHandshakesForAccount",
                                                  "ListHandshakesForOrganization",
                                                  "ListOrganizationalUnitsForParent",
                                                  "ListParents",
                                                  "ListPolicies",
                                                  "ListPoliciesForTarget",
                                                  "ListRoots",
                                                  "ListTagsForResource",
                                                  "ListTargetsForPolicy",
                                                  "TagResource",
                                                  "UntagResource",
                                                  "UpdatePolicy"};

bool is_delegable(std::string_view action) {
    const auto pattern = policy::encode_glob(lower_ascii(action));
    return std::ranges::any_of(delegable_actions, [&](std::string_view name) {
        return policy::glob(pattern, "organizations:" + lower_ascii(name));
    });
}

// Everyone, or an account of the organization and who is in it.
Result<bool> is_member(const Call& call, const domain::Organization& organization, std::string_view principal) {
    if (principal == "*") return true;
    const auto arn = wire::Arn::parse(principal);
    const std::string account = arn && arn->service == "iam" ? arn->account : std::string(principal);
    SEK_TRY(const auto found, domain::accounts.get(call.tx, account));
    return found && found->organization_id == organization.id;
}

Result<void> check_statement(const Call& call, const domain::Organization& organization,
                             const policy::Statement& statement) {
    if (!statement.principals || statement.not_principal) {
        return invalid_input("INVALID_PRINCIPAL", "You specified an invalid principal element in the policy.");
    }
    const auto& principals = *statement.principals;
    bool known = principals.service.empty() && principals.federated.empty() && principals.canonical_user.empty();
    for (const auto& principal : principals.aws) {
        SEK_TRY(const bool member, is_member(call, organization, principal));
        known = known && member;
    }
    if (!known) return invalid_input("INVALID_PRINCIPAL", "You specified an invalid principal element in the policy.");
    if (statement.not_action || !std::ranges::all_of(statement.actions, is_delegable)) {
        return invalid_input("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
                             "You specified an action that is not supported in a resource policy.");
    }
    const bool known_resources = std::ranges::all_of(statement.resources, [](std::string_view resource) {
        return resource == "*" || resource.starts_with("arn:aws:organizations::");
    });
    if (statement.not_resource || statement.resources.empty() || !known_resources) {
        return invalid_input("UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY",
                             "You specified a resource that is not supported in a resource policy.");
    }
    return {};
}

Result<void> check_document(const Call& call, const domain::Organization& organization, const std::string& content) {
    const auto document = policy::parse(content, policy::Use::resource);
    if (!document) {
        return invalid_input("INVALID_RESOURCE_POLICY_JSON",
                             "The provided policy document is not valid: " + document.error().message);
    }
    for (const auto& statement : document->statements) SEK_TRY(check_statement(call, organization, statement));
    return {};
}

organizations::ResourcePolicy to_wire(const domain::Organization& organization,
                                      const domain::OrganizationResourcePolicy& policy) {
    organizations::ResourcePolicySummary summary;
    summary.id = policy.id;
    summary.arn = node_arn(organization, "resourcepolicy", policy.id);
    return {.resource_policy_summary = std::move(summary), .content = policy.content};
}

Result<organizations::PutResourcePolicyResponse> put_resource_policy(
    Call& call, const organizations::PutResourcePolicyRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(require_all_features(organization));
    SEK_TRY(check_document(call, organization, request.content));
    SEK_TRY(auto policy, domain::organization_resource_policies.get(call.tx, organization.id));
    if (!policy) {
        policy.emplace();
        policy->organization_id = organization.id;
        policy->id = "rp-" + random_text(call.random, 8, "abcdefghijklmnopqrstuvwxyz0123456789");
        SEK_TRY(policy->tags, read_tags(request.tags));
    } else if (request.tags && !request.tags->empty()) {
        return invalid_input("INVALID_LIST_MEMBER", "You can specify tags only when you create the resource policy.");
    }
    policy->content = request.content;
    SEK_TRY(domain::organization_resource_policies.put(call.tx, *policy));
    return organizations::PutResourcePolicyResponse{.resource_policy = to_wire(organization, *policy)};
}

ApiError no_policy() {
    return organizations::errors::resource_policy_not_found_exception(
        "We can't find a resource policy request with the parameter that you specified.");
}

Result<organizations::DescribeResourcePolicyResponse> describe_resource_policy(
    Call& call, const organizations::DescribeResourcePolicyRequest&) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "DescribeResourcePolicy", on_anything(), Delegates::also_services));
    SEK_TRY(const auto policy, domain::organization_resource_policies.get(call.tx, organization.id));
    if (!policy) return no_policy();
    return organizations::DescribeResourcePolicyResponse{.resource_policy = to_wire(organization, *policy)};
}

Result<organizations::DeleteResourcePolicyResponse> delete_resource_policy(
    Call& call, const organizations::DeleteResourcePolicyRequest&) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(const bool was_there, domain::organization_resource_policies.erase(call.tx, organization.id));
    if (!was_there) return no_policy();
    return organizations::DeleteResourcePolicyResponse{};
}

access::Permissions on_put(const Call&, const organizations::PutResourcePolicyRequest& request) {
    return with_request_tags(on_anything(), request.tags);
}

}  // namespace

const operation::OperationTable resource_policy_operations = {
    operation::operation<organizations::PutResourcePolicy>(
        {.access = Access::write, .resources = on_put, .handle = put_resource_policy}),
    operation::operation<organizations::DescribeResourcePolicy>(
        {.access = Access::read, .resources = operation::any_resource, .handle = describe_resource_policy}),
    operation::operation<organizations::DeleteResourcePolicy>(
        {.access = Access::write, .resources = operation::any_resource, .handle = delete_resource_policy}),
};

}  // namespace sekisho::organizations_service
