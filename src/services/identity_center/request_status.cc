#include "services/identity_center/request_status.h"

#include "services/identity_center/instance.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

std::optional<std::string> failure_reason(const domain::ProvisioningRequest& request) {
    if (request.failure_reason.empty() || request.status != domain::request_failed) return {};
    return request.failure_reason;
}

}  // namespace

sso_admin::StatusValues status_of(const domain::ProvisioningRequest& request) {
    if (request.status == domain::request_failed) return sso_admin::StatusValues::failed;
    if (request.status == domain::request_succeeded) return sso_admin::StatusValues::succeeded;
    return sso_admin::StatusValues::in_progress;
}

sso_admin::AccountAssignmentOperationStatus assignment_status(const domain::ProvisioningRequest& request) {
    const bool is_group = request.assignee_kind == domain::AssigneeKind::group;
    return {.status = status_of(request),
            .request_id = request.id,
            .failure_reason = failure_reason(request),
            .target_id = request.account_id.value_or(AccountId()).str(),
            .target_type = sso_admin::TargetType::aws_account,
            .permission_set_arn = request.permission_set_arn.str(),
            .principal_type = is_group ? sso_admin::PrincipalType::group : sso_admin::PrincipalType::user,
            .principal_id = request.assignee_id,
            .created_date = request.created_at};
}

sso_admin::PermissionSetProvisioningStatus provisioning_status(const domain::ProvisioningRequest& request) {
    sso_admin::PermissionSetProvisioningStatus status{.status = status_of(request),
                                                      .request_id = request.id,
                                                      .account_id = {},
                                                      .permission_set_arn = request.permission_set_arn.str(),
                                                      .failure_reason = failure_reason(request),
                                                      .created_date = request.created_at};
    if (request.account_id) status.account_id = request.account_id->str();
    return status;
}

namespace {

template <class Op>
Result<domain::ProvisioningRequest> find_request(const Call& call, const typename Op::Request& request,
                                                 std::string_view kind, const std::string& id) {
    SEK_TRY(const auto center, instance_of<Op>(call, request));
    SEK_TRY(auto found, domain::provisioning_requests.get(call.tx, center.instance_arn, kind, id));
    if (!found) return sso_admin::errors::resource_not_found_exception("Could not find request with id " + id);
    return std::move(*found);
}

Result<sso_admin::DescribeAccountAssignmentCreationStatusResponse> describe_creation(
    Call& call, const sso_admin::DescribeAccountAssignmentCreationStatusRequest& request) {
    using Op = sso_admin::DescribeAccountAssignmentCreationStatus;
    SEK_TRY(const auto found, find_request<Op>(call, request, domain::assignment_creation_kind,
                                               request.account_assignment_creation_request_id));
    return Op::Response{.account_assignment_creation_status = assignment_status(found)};
}

Result<sso_admin::DescribeAccountAssignmentDeletionStatusResponse> describe_deletion(
    Call& call, const sso_admin::DescribeAccountAssignmentDeletionStatusRequest& request) {
    using Op = sso_admin::DescribeAccountAssignmentDeletionStatus;
    SEK_TRY(const auto found, find_request<Op>(call, request, domain::assignment_deletion_kind,
                                               request.account_assignment_deletion_request_id));
    return Op::Response{.account_assignment_deletion_status = assignment_status(found)};
}

Result<sso_admin::DescribePermissionSetProvisioningStatusResponse> describe_provisioning(
    Call& call, const sso_admin::DescribePermissionSetProvisioningStatusRequest& request) {
    using Op = sso_admin::DescribePermissionSetProvisioningStatus;
    SEK_TRY(const auto found,
            find_request<Op>(call, request, domain::provisioning_kind, request.provision_permission_set_request_id));
    return Op::Response{.permission_set_provisioning_status = provisioning_status(found)};
}

// A page of the instance's requests of one kind, as `Metadata`; gives the next token.
template <class Op, class Metadata>
Result<std::optional<std::string>> list_requests(Call& call, const typename Op::Request& request, std::string_view kind,
                                                 std::vector<Metadata>& out) {
    SEK_TRY(const auto center, instance_of<Op>(call, request));
    const auto status = request.filter ? request.filter->status : std::nullopt;
    const auto scope = std::string(Op::model.name) + " " + center.instance_arn.str() + " " +
                       (status ? std::string(sso_admin::to_text(*status)) : "");
    SEK_TRY(const auto page, open_page(call, scope, request));
    const auto scan = [&](const store::Page& part) {
        return domain::provisioning_requests.scan(call.tx, store::prefix(center.instance_arn, kind), part);
    };
    const auto keep = [&](const domain::ProvisioningRequest& found) { return !status || status_of(found) == *status; };
    SEK_TRY(const auto found, filtered_page(page, scan, keep));
    for (const auto& item : found.items) {
        out.push_back({.status = status_of(item), .request_id = item.id, .created_date = item.created_at});
    }
    return seal_next(call, scope, found.next);
}

Result<sso_admin::ListAccountAssignmentCreationStatusResponse> list_creations(
    Call& call, const sso_admin::ListAccountAssignmentCreationStatusRequest& request) {
    using Op = sso_admin::ListAccountAssignmentCreationStatus;
    Op::Response response;
    SEK_TRY(response.next_token, list_requests<Op>(call, request, domain::assignment_creation_kind,
                                                   response.account_assignments_creation_status.emplace()));
    return response;
}

Result<sso_admin::ListAccountAssignmentDeletionStatusResponse> list_deletions(
    Call& call, const sso_admin::ListAccountAssignmentDeletionStatusRequest& request) {
    using Op = sso_admin::ListAccountAssignmentDeletionStatus;
    Op::Response response;
    SEK_TRY(response.next_token, list_requests<Op>(call, request, domain::assignment_deletion_kind,
                                                   response.account_assignments_deletion_status.emplace()));
    return response;
}

Result<sso_admin::ListPermissionSetProvisioningStatusResponse> list_provisionings(
    Call& call, const sso_admin::ListPermissionSetProvisioningStatusRequest& request) {
    using Op = sso_admin::ListPermissionSetProvisioningStatus;
    Op::Response response;
    SEK_TRY(response.next_token, list_requests<Op>(call, request, domain::provisioning_kind,
                                                   response.permission_sets_provisioning_status.emplace()));
    return response;
}

}  // namespace

const operation::OperationTable provisioning_status_operations = {
    operation::operation<sso_admin::DescribeAccountAssignmentCreationStatus>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::DescribeAccountAssignmentCreationStatusRequest>,
         .handle = describe_creation}),
    operation::operation<sso_admin::DescribeAccountAssignmentDeletionStatus>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::DescribeAccountAssignmentDeletionStatusRequest>,
         .handle = describe_deletion}),
    operation::operation<sso_admin::DescribePermissionSetProvisioningStatus>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::DescribePermissionSetProvisioningStatusRequest>,
         .handle = describe_provisioning}),
    operation::operation<sso_admin::ListAccountAssignmentCreationStatus>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::ListAccountAssignmentCreationStatusRequest>,
         .handle = list_creations}),
    operation::operation<sso_admin::ListAccountAssignmentDeletionStatus>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::ListAccountAssignmentDeletionStatusRequest>,
         .handle = list_deletions}),
    operation::operation<sso_admin::ListPermissionSetProvisioningStatus>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::ListPermissionSetProvisioningStatusRequest>,
         .handle = list_provisionings}),
};

}  // namespace sekisho::identity_center_service
