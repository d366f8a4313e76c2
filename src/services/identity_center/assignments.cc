#include "models/sso_admin.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/principals.h"
#include "services/identity_center/provisioning.h"
#include "services/identity_center/request_status.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

template <class Request>
access::Permissions target_permissions(const Call& call, const Request& request) {
    auto permissions = on_permission_set(call, request.instance_arn, request.permission_set_arn);
    if constexpr (requires { request.target_id; }) {
        permissions.push_back(on_account(request.target_id));
    } else {
        permissions.push_back(on_account(request.account_id));
    }
    return permissions;
}

template <class Request>
domain::ProvisioningRequest make_request(Call& call, const domain::IdentityCenter& center, std::string_view kind,
                                         const Request& request) {
    return {.id = random_uuid(call.random),
            .instance_arn = center.instance_arn,
            .kind = std::string(kind),
            .status = std::string(domain::request_in_progress),
            .failure_reason = {},
            .account_id = AccountId(request.target_id),
            .permission_set_arn = PermissionSetArn(request.permission_set_arn),
            .assignee_kind = kind_of(request.principal_type),
            .assignee_id = request.principal_id,
            .requester_account_id = call.account(),
            .created_at = call.now,
            .place = {}};
}

Result<sso_admin::CreateAccountAssignmentResponse> create_account_assignment(
    Call& call, const sso_admin::CreateAccountAssignmentRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::CreateAccountAssignment>(call, request));
    SEK_TRY(find_permission_set(call, center, request.permission_set_arn));
    SEK_TRY(const bool can_be, is_target(call.tx, center, AccountId(request.target_id)));
    if (!can_be) {
        return sso_admin::errors::resource_not_found_exception("AWS account " + request.target_id + " not found.");
    }
    SEK_TRY(check_principal(call, center, request.principal_type, request.principal_id));
    const auto made = make_request(call, center, domain::assignment_creation_kind, request);
    SEK_TRY(domain::provisioning_requests.put(call.tx, made));
    enqueue_request(call.tx, center, made);
    return sso_admin::CreateAccountAssignmentResponse{.account_assignment_creation_status = assignment_status(made)};
}

// The grant is gone with this answer; what follows is the role.
Result<sso_admin::DeleteAccountAssignmentResponse> delete_account_assignment(
    Call& call, const sso_admin::DeleteAccountAssignmentRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::DeleteAccountAssignment>(call, request));
    SEK_TRY(const auto set, find_permission_set(call, center, request.permission_set_arn));
    auto made = make_request(call, center, domain::assignment_deletion_kind, request);
    SEK_TRY(made.assignment_was_there,
            domain::assignments.erase(call.tx, *made.account_id, set.arn, made.assignee_kind, made.assignee_id));
    SEK_TRY(domain::provisioning_requests.put(call.tx, made));
    enqueue_request(call.tx, center, made);
    return sso_admin::DeleteAccountAssignmentResponse{.account_assignment_deletion_status = assignment_status(made)};
}

Result<sso_admin::ListAccountAssignmentsResponse> list_account_assignments(
    Call& call, const sso_admin::ListAccountAssignmentsRequest& request) {
    SEK_TRY(const auto set, permission_set_of<sso_admin::ListAccountAssignments>(call, request));
    const auto scope = "ListAccountAssignments " + request.account_id + " " + set.arn.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found,
            domain::assignments.scan(call.tx, store::prefix(AccountId(request.account_id), set.arn), page));
    sso_admin::ListAccountAssignmentsResponse response;
    response.account_assignments.emplace();
    for (const auto& assignment : found.items) {
        response.account_assignments->push_back({.account_id = assignment.account_id.str(),
                                                 .permission_set_arn = assignment.permission_set_arn.str(),
                                                 .principal_type = type_of(assignment.assignee_kind),
                                                 .principal_id = assignment.assignee_id});
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

Result<sso_admin::ListAccountAssignmentsForPrincipalResponse> list_account_assignments_for_principal(
    Call& call, const sso_admin::ListAccountAssignmentsForPrincipalRequest& request) {
    using Op = sso_admin::ListAccountAssignmentsForPrincipal;
    SEK_TRY(const auto center, instance_of<Op>(call, request));
    if (!center.organization_id) {
        return sso_admin::errors::validation_exception("This action is not valid for account instances.");
    }
    SEK_TRY(check_principal(call, center, request.principal_type, request.principal_id));
    const auto account = request.filter ? request.filter->account_id : std::nullopt;
    const auto scope = "ListAccountAssignmentsForPrincipal " + request.principal_id + " " + account.value_or("");
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto assignees, assignees_of(call, center, request.principal_id, request.principal_type));

    SEK_TRY(const auto found, page_over_assignees(assignees, page, [&](const std::string& id, const store::Page& part) {
                const auto prefix = account ? store::prefix(id, AccountId(*account)) : store::prefix(id);
                return domain::assignments.scan_by(call.tx, domain::assignments_by_assignee, prefix, part);
            }));
    Op::Response response;
    response.account_assignments.emplace();
    for (const auto& assignment : found.items) {
        response.account_assignments->push_back({.account_id = assignment.account_id.str(),
                                                 .permission_set_arn = assignment.permission_set_arn.str(),
                                                 .principal_id = assignment.assignee_id,
                                                 .principal_type = type_of(assignment.assignee_kind)});
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable assignment_operations = {
    operation::operation<sso_admin::CreateAccountAssignment>(
        {.access = Access::write,
         .resources = target_permissions<sso_admin::CreateAccountAssignmentRequest>,
         .handle = create_account_assignment}),
    operation::operation<sso_admin::DeleteAccountAssignment>(
        {.access = Access::write,
         .resources = target_permissions<sso_admin::DeleteAccountAssignmentRequest>,
         .handle = delete_account_assignment}),
    operation::operation<sso_admin::ListAccountAssignments>(
        {.access = Access::read,
         .resources = target_permissions<sso_admin::ListAccountAssignmentsRequest>,
         .handle = list_account_assignments}),
    operation::operation<sso_admin::ListAccountAssignmentsForPrincipal>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::ListAccountAssignmentsForPrincipalRequest>,
         .handle = list_account_assignments_for_principal}),
};

}  // namespace sekisho::identity_center_service
