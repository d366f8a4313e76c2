// Policies of a permission set by name: AWS's managed ones, and the customer's of each account.
#include <algorithm>

#include "domain/aws_managed_policies.h"
#include "models/sso_admin.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

ApiError too_many_policies(const domain::PermissionSet& set) {
    return sso_admin::errors::service_quota_exceeded_exception(
        "You have exceeded AWS SSO limits. Cannot create ManagedPolicy more than " +
        std::to_string(limits::permission_set_policies_max) + " for id " + std::string(id_of(set.arn)) +
        ". Please refer to https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html");
}

bool is_full(const domain::PermissionSet& set) {
    return set.managed_policy_arns.size() + set.customer_managed_policies.size() >= limits::permission_set_policies_max;
}

Result<void> put_changed(Call& call, domain::PermissionSet& set) {
    ++set.content_version;
    return domain::permission_sets.put(call.tx, set);
}

Result<sso_admin::AttachManagedPolicyToPermissionSetResponse> attach_managed_policy(
    Call& call, const sso_admin::AttachManagedPolicyToPermissionSetRequest& request) {
    SEK_TRY(auto set, permission_set_of<sso_admin::AttachManagedPolicyToPermissionSet>(call, request));
    const auto& arn = request.managed_policy_arn;
    if (domain::find_aws_managed_policy_by_arn(arn) == nullptr) {
        return sso_admin::errors::resource_not_found_exception("Policy does not exist with ARN: " + arn);
    }
    if (std::ranges::find(set.managed_policy_arns, arn) != set.managed_policy_arns.end()) {
        return sso_admin::errors::conflict_exception("Permission set with id " + std::string(id_of(set.arn)) +
                                                     " already has a typed link attachment to a manged policy with " +
                                                     arn);
    }
    if (is_full(set)) return too_many_policies(set);
    set.managed_policy_arns.push_back(arn);
    SEK_TRY(put_changed(call, set));
    return sso_admin::AttachManagedPolicyToPermissionSetResponse();
}

Result<sso_admin::DetachManagedPolicyFromPermissionSetResponse> detach_managed_policy(
    Call& call, const sso_admin::DetachManagedPolicyFromPermissionSetRequest& request) {
    SEK_TRY(auto set, permission_set_of<sso_admin::DetachManagedPolicyFromPermissionSet>(call, request));
    if (std::erase(set.managed_policy_arns, request.managed_policy_arn) == 0) {
        return sso_admin::errors::resource_not_found_exception("Could not find ManagedPolicy with arn " +
                                                               request.managed_policy_arn);
    }
    SEK_TRY(put_changed(call, set));
    return sso_admin::DetachManagedPolicyFromPermissionSetResponse();
}

Result<sso_admin::ListManagedPoliciesInPermissionSetResponse> list_managed_policies(
    Call& call, const sso_admin::ListManagedPoliciesInPermissionSetRequest& request) {
    SEK_TRY(const auto set, permission_set_of<sso_admin::ListManagedPoliciesInPermissionSet>(call, request));
    const auto scope = "ListManagedPoliciesInPermissionSet " + set.arn.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found, slice_of(set.managed_policy_arns, page));
    sso_admin::ListManagedPoliciesInPermissionSetResponse response;
    response.attached_managed_policies.emplace();
    for (const auto& arn : found.items) {
        response.attached_managed_policies->push_back({.name = std::string(id_of(arn)), .arn = arn});
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

domain::CustomerManagedPolicyReference from_wire(const sso_admin::CustomerManagedPolicyReference& reference) {
    return {.name = reference.name, .path = reference.path.value_or("/")};
}

auto find_reference(domain::PermissionSet& set, const domain::CustomerManagedPolicyReference& reference) {
    return std::ranges::find_if(set.customer_managed_policies, [&](const auto& known) {
        return known.name == reference.name && known.path == reference.path;
    });
}

Result<sso_admin::AttachCustomerManagedPolicyReferenceToPermissionSetResponse> attach_customer_policy(
    Call& call, const sso_admin::AttachCustomerManagedPolicyReferenceToPermissionSetRequest& request) {
    using Op = sso_admin::AttachCustomerManagedPolicyReferenceToPermissionSet;
    SEK_TRY(auto set, permission_set_of<Op>(call, request));
    auto reference = from_wire(request.customer_managed_policy_reference);
    if (find_reference(set, reference) != set.customer_managed_policies.end()) {
        return sso_admin::errors::conflict_exception("Given customer managed policy with name: " + reference.name +
                                                     "  and path " + reference.path + " already attached");
    }
    if (is_full(set)) {
        return sso_admin::errors::service_quota_exceeded_exception(
            "Cannot attach managed policy: number of attached managed policies is already at maximum " +
            std::to_string(limits::permission_set_policies_max));
    }
    set.customer_managed_policies.push_back(std::move(reference));
    SEK_TRY(put_changed(call, set));
    return Op::Response();
}

Result<sso_admin::DetachCustomerManagedPolicyReferenceFromPermissionSetResponse> detach_customer_policy(
    Call& call, const sso_admin::DetachCustomerManagedPolicyReferenceFromPermissionSetRequest& request) {
    using Op = sso_admin::DetachCustomerManagedPolicyReferenceFromPermissionSet;
    SEK_TRY(auto set, permission_set_of<Op>(call, request));
    const auto reference = from_wire(request.customer_managed_policy_reference);
    const auto found = find_reference(set, reference);
    if (found == set.customer_managed_policies.end()) {
        return sso_admin::errors::resource_not_found_exception("Given managed policy with name: " + reference.name +
                                                               "  and path " + reference.path +
                                                               " does not exist on PermissionSet");
    }
    set.customer_managed_policies.erase(found);
    SEK_TRY(put_changed(call, set));
    return Op::Response();
}

Result<sso_admin::ListCustomerManagedPolicyReferencesInPermissionSetResponse> list_customer_policies(
    Call& call, const sso_admin::ListCustomerManagedPolicyReferencesInPermissionSetRequest& request) {
    using Op = sso_admin::ListCustomerManagedPolicyReferencesInPermissionSet;
    SEK_TRY(const auto set, permission_set_of<Op>(call, request));
    const auto scope = "ListCustomerManagedPolicyReferencesInPermissionSet " + set.arn.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found, slice_of(set.customer_managed_policies, page));
    Op::Response response;
    response.customer_managed_policy_references.emplace();
    for (const auto& reference : found.items) {
        response.customer_managed_policy_references->push_back({.name = reference.name, .path = reference.path});
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable managed_policy_operations = {
    operation::operation<sso_admin::AttachManagedPolicyToPermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::AttachManagedPolicyToPermissionSetRequest>,
         .handle = attach_managed_policy}),
    operation::operation<sso_admin::DetachManagedPolicyFromPermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::DetachManagedPolicyFromPermissionSetRequest>,
         .handle = detach_managed_policy}),
    operation::operation<sso_admin::ListManagedPoliciesInPermissionSet>(
        {.access = Access::read,
         .resources = permission_set_permissions<sso_admin::ListManagedPoliciesInPermissionSetRequest>,
         .handle = list_managed_policies}),
    operation::operation<sso_admin::AttachCustomerManagedPolicyReferenceToPermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::AttachCustomerManagedPolicyReferenceToPermissionSetRequest>,
         .handle = attach_customer_policy}),
    operation::operation<sso_admin::DetachCustomerManagedPolicyReferenceFromPermissionSet>(
        {.access = Access::write,
         .resources =
             permission_set_permissions<sso_admin::DetachCustomerManagedPolicyReferenceFromPermissionSetRequest>,
         .handle = detach_customer_policy}),
    operation::operation<sso_admin::ListCustomerManagedPolicyReferencesInPermissionSet>(
        {.access = Access::read,
         .resources = permission_set_permissions<sso_admin::ListCustomerManagedPolicyReferencesInPermissionSetRequest>,
         .handle = list_customer_policies}),
};

}  // namespace sekisho::identity_center_service
