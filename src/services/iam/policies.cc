#include "base/limits.h"
#include "base/text.h"
#include "models/iam.h"
#include "services/iam/documents.h"
#include "services/iam/managed_policy.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"
#include "services/iam/tag_operations.h"
#include "services/iam/tags.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

template <class Request>
Permissions on_request_policy(const Call& call, const Request& request) {
    return on_policy(call, request.policy_arn);
}

Permissions create_policy_permissions(const Call& call, const iam::CreatePolicyRequest& request) {
    ContextValues context;
    add_request_tags(context, request.tags);
    Permissions permissions{on_new(call, "policy", request.path, request.policy_name, "policy", std::move(context))};
    if (request.tags && !request.tags->empty()) also(permissions, "iam:TagPolicy");
    return permissions;
}

Result<iam::CreatePolicyResponse> create_policy(Call& call, const iam::CreatePolicyRequest& request) {
    if (domain::managed_policies.exists(call.tx, call.account(), lower_ascii(request.policy_name))) {
        return iam::errors::entity_already_exists_exception("A policy called " + request.policy_name +
                                                            " already exists. Duplicate names are not allowed.");
    }
    SEK_TRY(check_managed_document(request.policy_document));
    domain::ManagedPolicy policy;
    policy.account_id = call.account();
    policy.name = request.policy_name;
    policy.path = request.path.value_or("/");
    policy.id = domain::make_unique_id("ANPA", call.account(), call.random);
    policy.description = request.description;
    policy.versions.push_back({.id = "v1", .document = request.policy_document, .created_at = call.now});
    policy.default_version_id = "v1";
    policy.versions_made = 1;
    policy.created_at = call.now;
    policy.updated_at = call.now;
    if (request.tags) SEK_TRY(add_tags(policy.tags, *request.tags));
    SEK_TRY(domain::managed_policies.put(call.tx, policy));
    iam::CreatePolicyResponse response;
    SEK_TRY(response.policy, to_wire(call.tx, policy, true));
    if (policy.tags.empty()) response.policy->tags.reset();
    return response;
}

Result<iam::GetPolicyResponse> get_policy(Call& call, const iam::GetPolicyRequest& request) {
    SEK_TRY(check_policy_arn(request.policy_arn));
    iam::GetPolicyResponse response;
    if (const auto* aws = domain::find_aws_managed_policy_by_arn(request.policy_arn)) {
        SEK_TRY(response.policy, to_wire(call.tx, call.account(), *aws));
        response.policy->tags.emplace();
        return response;
    }
    SEK_TRY(const auto policy, find_customer_policy(call.tx, call.account(), request.policy_arn));
    if (!policy) return policy_not_found(request.policy_arn);
    SEK_TRY(response.policy, to_wire(call.tx, *policy, true));
    return response;
}

Result<iam::DeletePolicyResponse> delete_policy(Call& call, const iam::DeletePolicyRequest& request) {
    SEK_TRY(const auto policy, require_customer_policy(call.tx, call.account(), request.policy_arn));
    if (policy.versions.size() > 1) {
        return iam::errors::delete_conflict_exception(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.");
    }
    call.tx.read_guard(domain::policy_uses_guard(call.account(), request.policy_arn));
    SEK_TRY(const auto uses,
            domain::policy_uses.scan(call.tx, store::prefix(call.account(), request.policy_arn), {.limit = 1}));
    if (!uses.items.empty()) {
        return iam::errors::delete_conflict_exception("Cannot delete a policy attached to entities.");
    }
    SEK_TRY([[maybe_unused]] const bool existed,
            domain::managed_policies.erase(call.tx, call.account(), lower_ascii(policy.name)));
    return iam::DeletePolicyResponse{};
}

struct PolicyTags {
    using Tag = iam::TagPolicy;
    using Untag = iam::UntagPolicy;
    using List = iam::ListPolicyTags;
    static const std::string& name(const auto& request) { return request.policy_arn; }
    static constexpr auto permissions = on_policy;
    static Result<domain::ManagedPolicy> find(const Call& call, const std::string& arn) {
        return require_customer_policy(call.tx, call.account(), arn);
    }
    static Result<void> save(Call& call, const domain::ManagedPolicy& policy) {
        return domain::managed_policies.put(call.tx, policy);
    }
};

}  // namespace

const operation::OperationTable policy_operations = with_tag_operations<PolicyTags>({
    operation<iam::CreatePolicy>(
        {.access = Access::write, .resources = create_policy_permissions, .handle = create_policy}),
    operation<iam::GetPolicy>(
        {.access = Access::read, .resources = on_request_policy<iam::GetPolicyRequest>, .handle = get_policy}),
    operation<iam::DeletePolicy>(
        {.access = Access::write, .resources = on_request_policy<iam::DeletePolicyRequest>, .handle = delete_policy}),
});

}  // namespace sekisho::iam_service
