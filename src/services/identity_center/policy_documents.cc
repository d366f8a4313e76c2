// A permission set's inline policy and its permissions boundary.
#include "domain/aws_managed_policies.h"
#include "models/sso_admin.h"
#include "policy/document.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

Result<void> put_changed(Call& call, domain::PermissionSet& set) {
    ++set.content_version;
    return domain::permission_sets.put(call.tx, set);
}

Result<sso_admin::PutInlinePolicyToPermissionSetResponse> put_inline_policy(
    Call& call, const sso_admin::PutInlinePolicyToPermissionSetRequest& request) {
    SEK_TRY(auto set, permission_set_of<sso_admin::PutInlinePolicyToPermissionSet>(call, request));
    if (auto parsed = policy::parse(request.inline_policy, policy::Use::identity); !parsed) {
        return sso_admin::errors::validation_exception(parsed.error().message);
    }
    if (policy::count_policy_characters(request.inline_policy) > limits::permission_set_policy_characters_max) {
        return sso_admin::errors::service_quota_exceeded_exception(
            "The inline policy has more than " + std::to_string(limits::permission_set_policy_characters_max) +
            " characters other than white space.");
    }
    set.inline_policy = request.inline_policy;
    SEK_TRY(put_changed(call, set));
    return sso_admin::PutInlinePolicyToPermissionSetResponse();
}

// None: an empty text, not an error.
Result<sso_admin::GetInlinePolicyForPermissionSetResponse> get_inline_policy(
    Call& call, const sso_admin::GetInlinePolicyForPermissionSetRequest& request) {
    SEK_TRY(const auto set, permission_set_of<sso_admin::GetInlinePolicyForPermissionSet>(call, request));
    return sso_admin::GetInlinePolicyForPermissionSetResponse{.inline_policy = set.inline_policy};
}

Result<sso_admin::DeleteInlinePolicyFromPermissionSetResponse> delete_inline_policy(
    Call& call, const sso_admin::DeleteInlinePolicyFromPermissionSetRequest& request) {
    SEK_TRY(auto set, permission_set_of<sso_admin::DeleteInlinePolicyFromPermissionSet>(call, request));
    if (!set.inline_policy.empty()) {
        set.inline_policy.clear();
        SEK_TRY(put_changed(call, set));
    }
    return sso_admin::DeleteInlinePolicyFromPermissionSetResponse();
}

Result<sso_admin::PutPermissionsBoundaryToPermissionSetResponse> put_boundary(
    Call& call, const sso_admin::PutPermissionsBoundaryToPermissionSetRequest& request) {
    SEK_TRY(auto set, permission_set_of<sso_admin::PutPermissionsBoundaryToPermissionSet>(call, request));
    const auto& wanted = request.permissions_boundary;
    if (wanted.managed_policy_arn.has_value() == wanted.customer_managed_policy_reference.has_value()) {
        return sso_admin::errors::validation_exception(
            "Specify either CustomerManagedPolicyReference or ManagedPolicyArn.");
    }
    domain::PermissionsBoundary boundary;
    if (wanted.managed_policy_arn) {
        if (domain::find_aws_managed_policy_by_arn(*wanted.managed_policy_arn) == nullptr) {
            return sso_admin::errors::resource_not_found_exception("Policy does not exist with ARN: " +
                                                                   *wanted.managed_policy_arn);
        }
        boundary.managed_policy_arn = wanted.managed_policy_arn;
    } else {
        boundary.customer_managed_policy = domain::CustomerManagedPolicyReference{
            .name = wanted.customer_managed_policy_reference->name,
            .path = wanted.customer_managed_policy_reference->path.value_or("/")};
    }
    set.boundary = std::move(boundary);
    SEK_TRY(put_changed(call, set));
    return sso_admin::PutPermissionsBoundaryToPermissionSetResponse();
}

Result<sso_admin::GetPermissionsBoundaryForPermissionSetResponse> get_boundary(
    Call& call, const sso_admin::GetPermissionsBoundaryForPermissionSetRequest& request) {
    SEK_TRY(const auto set, permission_set_of<sso_admin::GetPermissionsBoundaryForPermissionSet>(call, request));
    if (!set.boundary) {
        return sso_admin::errors::resource_not_found_exception("Could not find PermissionsBoundary for PermissionSet " +
                                                               std::string(id_of(set.arn)));
    }
    sso_admin::GetPermissionsBoundaryForPermissionSetResponse response;
    auto& boundary = response.permissions_boundary.emplace();
    boundary.managed_policy_arn = set.boundary->managed_policy_arn;
    if (const auto& reference = set.boundary->customer_managed_policy) {
        boundary.customer_managed_policy_reference =
            sso_admin::CustomerManagedPolicyReference{.name = reference->name, .path = reference->path};
    }
    return response;
}

Result<sso_admin::DeletePermissionsBoundaryFromPermissionSetResponse> delete_boundary(
    Call& call, const sso_admin::DeletePermissionsBoundaryFromPermissionSetRequest& request) {
    SEK_TRY(auto set, permission_set_of<sso_admin::DeletePermissionsBoundaryFromPermissionSet>(call, request));
    if (set.boundary) {
        set.boundary.reset();
        SEK_TRY(put_changed(call, set));
    }
    return sso_admin::DeletePermissionsBoundaryFromPermissionSetResponse();
}

}  // namespace

const operation::OperationTable policy_document_operations = {
    operation::operation<sso_admin::PutInlinePolicyToPermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::PutInlinePolicyToPermissionSetRequest>,
         .handle = put_inline_policy}),
    operation::operation<sso_admin::GetInlinePolicyForPermissionSet>(
        {.access = Access::read,
         .resources = permission_set_permissions<sso_admin::GetInlinePolicyForPermissionSetRequest>,
         .handle = get_inline_policy}),
    operation::operation<sso_admin::DeleteInlinePolicyFromPermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::DeleteInlinePolicyFromPermissionSetRequest>,
         .handle = delete_inline_policy}),
    operation::operation<sso_admin::PutPermissionsBoundaryToPermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::PutPermissionsBoundaryToPermissionSetRequest>,
         .handle = put_boundary}),
    operation::operation<sso_admin::GetPermissionsBoundaryForPermissionSet>(
        {.access = Access::read,
         .resources = permission_set_permissions<sso_admin::GetPermissionsBoundaryForPermissionSetRequest>,
         .handle = get_boundary}),
    operation::operation<sso_admin::DeletePermissionsBoundaryFromPermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::DeletePermissionsBoundaryFromPermissionSetRequest>,
         .handle = delete_boundary}),
};

}  // namespace sekisho::identity_center_service
