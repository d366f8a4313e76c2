// ProvisionPermissionSet, and what is provisioned where.
#include "models/sso_admin.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/provisioning.h"
#include "services/identity_center/request_status.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

access::Permissions provision_permissions(const Call& call, const sso_admin::ProvisionPermissionSetRequest& request) {
    auto permissions = on_permission_set(call, request.instance_arn, request.permission_set_arn);
    permissions.push_back(on_account(request.target_id.value_or("*")));
    return permissions;
}

access::Permissions account_permissions(const Call& call,
                                        const sso_admin::ListPermissionSetsProvisionedToAccountRequest& request) {
    auto permissions = on_instance(call, request.instance_arn);
    permissions.push_back(on_account(request.account_id));
    return permissions;
}

Result<sso_admin::ProvisionPermissionSetResponse> provision_permission_set(
    Call& call, const sso_admin::ProvisionPermissionSetRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::ProvisionPermissionSet>(call, request));
    SEK_TRY(const auto set, find_permission_set(call, center, request.permission_set_arn));
    const bool is_one = request.target_type == sso_admin::ProvisionTargetType::aws_account;
    if (is_one != request.target_id.has_value()) {
        return sso_admin::errors::validation_exception(
            is_one ? "TargetId is required when TargetType is AWS_ACCOUNT."
                   : "TargetId must not be given when TargetType is ALL_PROVISIONED_ACCOUNTS.");
    }
    domain::ProvisioningRequest made{.id = random_uuid(call.random),
                                     .instance_arn = center.instance_arn,
                                     .kind = std::string(domain::provisioning_kind),
                                     .status = std::string(domain::request_in_progress),
                                     .failure_reason = {},
                                     .account_id = {},
                                     .permission_set_arn = set.arn,
                                     .assignee_id = {},
                                     .requester_account_id = call.account(),
                                     .created_at = call.now,
                                     .place = {}};
    if (is_one) {
        made.account_id = AccountId(*request.target_id);
        SEK_TRY(const bool can_be, is_target(call.tx, center, *made.account_id));
        if (!can_be) {
            return sso_admin::errors::resource_not_found_exception("AWS account " + *request.target_id + " not found.");
        }
    }
    SEK_TRY(domain::provisioning_requests.put(call.tx, made));
    enqueue_request(call.tx, center, made);
    return sso_admin::ProvisionPermissionSetResponse{.permission_set_provisioning_status = provisioning_status(made)};
}

bool matches(const std::optional<sso_admin::ProvisioningStatus>& wanted, std::int64_t provisioned,
             std::int64_t latest) {
    if (!wanted) return true;
    const bool is_latest = *wanted == sso_admin::ProvisioningStatus::latest_permission_set_provisioned;
    return (provisioned == latest) == is_latest;
}

std::string filter_name(const std::optional<sso_admin::ProvisioningStatus>& status) {
    return status ? std::string(sso_admin::to_text(*status)) : std::string();
}

Result<sso_admin::ListPermissionSetsProvisionedToAccountResponse> list_permission_sets_provisioned_to_account(
    Call& call, const sso_admin::ListPermissionSetsProvisionedToAccountRequest& request) {
    using Op = sso_admin::ListPermissionSetsProvisionedToAccount;
    SEK_TRY(const auto center, instance_of<Op>(call, request));
    const auto scope =
        "ListPermissionSetsProvisionedToAccount " + request.account_id + " " + filter_name(request.provisioning_status);
    SEK_TRY(const auto page, open_page(call, scope, request));
    const auto scan = [&](const store::Page& part) {
        return domain::provisioned_roles.scan(call.tx, store::prefix(AccountId(request.account_id)), part);
    };
    const auto keep = [&](const domain::ProvisionedRole& role) {
        if (role.instance_arn != center.instance_arn) return false;
        if (!request.provisioning_status) return true;
        const auto set = domain::permission_sets.get(call.tx, role.permission_set_arn);
        return set && *set && matches(request.provisioning_status, role.content_version, (*set)->content_version);
    };
    SEK_TRY(const auto found, filtered_page(page, scan, keep));
    Op::Response response;
    response.permission_sets.emplace();
    for (const auto& role : found.items) response.permission_sets->push_back(role.permission_set_arn.str());
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

Result<sso_admin::ListAccountsForProvisionedPermissionSetResponse> list_accounts_for_provisioned_permission_set(
    Call& call, const sso_admin::ListAccountsForProvisionedPermissionSetRequest& request) {
    using Op = sso_admin::ListAccountsForProvisionedPermissionSet;
    SEK_TRY(const auto set, permission_set_of<Op>(call, request));
    const auto scope =
        "ListAccountsForProvisionedPermissionSet " + set.arn.str() + " " + filter_name(request.provisioning_status);
    SEK_TRY(const auto page, open_page(call, scope, request));
    const auto scan = [&](const store::Page& part) {
        return domain::provisioned_roles.scan_by(call.tx, domain::provisioned_roles_by_permission_set,
                                                 store::prefix(set.arn), part);
    };
    const auto keep = [&](const domain::ProvisionedRole& role) {
        return matches(request.provisioning_status, role.content_version, set.content_version);
    };
    SEK_TRY(const auto found, filtered_page(page, scan, keep));
    Op::Response response;
    response.account_ids.emplace();
    for (const auto& role : found.items) response.account_ids->push_back(role.account_id.str());
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable provisioning_operations = {
    operation::operation<sso_admin::ProvisionPermissionSet>(
        {.access = Access::write, .resources = provision_permissions, .handle = provision_permission_set}),
    operation::operation<sso_admin::ListPermissionSetsProvisionedToAccount>(
        {.access = Access::read,
         .resources = account_permissions,
         .handle = list_permission_sets_provisioned_to_account}),
    operation::operation<sso_admin::ListAccountsForProvisionedPermissionSet>(
        {.access = Access::read,
         .resources = permission_set_permissions<sso_admin::ListAccountsForProvisionedPermissionSetRequest>,
         .handle = list_accounts_for_provisioned_permission_set}),
};

}  // namespace sekisho::identity_center_service
