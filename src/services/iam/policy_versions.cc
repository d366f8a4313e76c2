#include <algorithm>

#include "base/limits.h"
#include "models/iam.h"
#include "services/iam/documents.h"
#include "services/iam/managed_policy.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

template <class Request>
Permissions on_request_policy(const Call& call, const Request& request) {
    return on_policy(call, request.policy_arn);
}

ApiError version_not_found(const std::string& arn, const std::string& version) {
    return iam::errors::no_such_entity_exception("Policy " + arn + " version " + version +
                                                 " does not exist or is not attachable.");
}

Result<iam::CreatePolicyVersionResponse> create_policy_version(Call& call,
                                                               const iam::CreatePolicyVersionRequest& request) {
    SEK_TRY(auto policy, require_customer_policy(call.tx, call.account(), request.policy_arn));
    SEK_TRY(check_managed_document(request.policy_document));
    if (policy.versions.size() >= limits::policy_versions_max) {
        return iam::errors::limit_exceeded_exception(
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing "
            "version.");
    }
    const domain::PolicyVersion version{.id = "v" + std::to_string(++policy.versions_made),
                                        .document = request.policy_document,
                                        .created_at = call.now};
    policy.versions.push_back(version);
    if (request.set_as_default.value_or(false)) policy.default_version_id = version.id;
    policy.updated_at = call.now;
    SEK_TRY(domain::managed_policies.put(call.tx, policy));
    return iam::CreatePolicyVersionResponse{.policy_version = to_wire(version, policy, false)};
}

Result<iam::GetPolicyVersionResponse> get_policy_version(Call& call, const iam::GetPolicyVersionRequest& request) {
    SEK_TRY(check_policy_arn(request.policy_arn));
    if (const auto* aws = domain::find_aws_managed_policy_by_arn(request.policy_arn)) {
        // Only the version in force is known of AWS's own policies.
        if (aws->version != request.version_id) return version_not_found(request.policy_arn, request.version_id);
        return iam::GetPolicyVersionResponse{.policy_version = to_wire_version(*aws, true)};
    }
    SEK_TRY(const auto policy, find_customer_policy(call.tx, call.account(), request.policy_arn));
    if (!policy) return policy_not_found(request.policy_arn);
    const auto* version = find_version(*policy, request.version_id);
    if (version == nullptr) return version_not_found(request.policy_arn, request.version_id);
    return iam::GetPolicyVersionResponse{.policy_version = to_wire(*version, *policy, true)};
}

Result<iam::ListPolicyVersionsResponse> list_policy_versions(Call& call,
                                                             const iam::ListPolicyVersionsRequest& request) {
    SEK_TRY(check_policy_arn(request.policy_arn));
    std::vector<iam::PolicyVersion> versions;
    if (const auto* aws = domain::find_aws_managed_policy_by_arn(request.policy_arn)) {
        versions.push_back(to_wire_version(*aws, false));
    } else {
        SEK_TRY(const auto policy, find_customer_policy(call.tx, call.account(), request.policy_arn));
        if (!policy) return policy_not_found(request.policy_arn);
        // The newest first, as AWS lists them.
        for (auto version = policy->versions.rbegin(); version != policy->versions.rend(); ++version) {
            versions.push_back(to_wire(*version, *policy, false));
        }
    }
    iam::ListPolicyVersionsResponse response;
    SEK_TRY(response.versions,
            page_of(call, "ListPolicyVersions\n" + request.policy_arn, std::move(versions), request, response));
    return response;
}

Result<iam::SetDefaultPolicyVersionResponse> set_default_policy_version(
    Call& call, const iam::SetDefaultPolicyVersionRequest& request) {
    SEK_TRY(auto policy, require_customer_policy(call.tx, call.account(), request.policy_arn));
    if (find_version(policy, request.version_id) == nullptr) {
        return version_not_found(request.policy_arn, request.version_id);
    }
    policy.default_version_id = request.version_id;
    policy.updated_at = call.now;
    SEK_TRY(domain::managed_policies.put(call.tx, policy));
    return iam::SetDefaultPolicyVersionResponse{};
}

Result<iam::DeletePolicyVersionResponse> delete_policy_version(Call& call,
                                                               const iam::DeletePolicyVersionRequest& request) {
    SEK_TRY(auto policy, require_customer_policy(call.tx, call.account(), request.policy_arn));
    if (find_version(policy, request.version_id) == nullptr) {
        return version_not_found(request.policy_arn, request.version_id);
    }
    if (policy.default_version_id == request.version_id) {
        return iam::errors::delete_conflict_exception("Cannot delete the default version of a policy.");
    }
    std::erase_if(policy.versions, [&](const auto& version) { return version.id == request.version_id; });
    policy.updated_at = call.now;
    SEK_TRY(domain::managed_policies.put(call.tx, policy));
    return iam::DeletePolicyVersionResponse{};
}

}  // namespace

const operation::OperationTable policy_version_operations = {
    operation<iam::CreatePolicyVersion>({.access = Access::write,
                                         .resources = on_request_policy<iam::CreatePolicyVersionRequest>,
                                         .handle = create_policy_version}),
    operation<iam::GetPolicyVersion>({.access = Access::read,
                                      .resources = on_request_policy<iam::GetPolicyVersionRequest>,
                                      .handle = get_policy_version}),
    operation<iam::ListPolicyVersions>({.access = Access::read,
                                        .resources = on_request_policy<iam::ListPolicyVersionsRequest>,
                                        .handle = list_policy_versions}),
    operation<iam::SetDefaultPolicyVersion>({.access = Access::write,
                                             .resources = on_request_policy<iam::SetDefaultPolicyVersionRequest>,
                                             .handle = set_default_policy_version}),
    operation<iam::DeletePolicyVersion>({.access = Access::write,
                                         .resources = on_request_policy<iam::DeletePolicyVersionRequest>,
                                         .handle = delete_policy_version}),
};

}  // namespace sekisho::iam_service
