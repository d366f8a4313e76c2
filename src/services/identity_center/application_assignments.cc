// Who may sign in to an application.
#include "models/sso_admin.h"
#include "services/identity_center/application.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/principals.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

Result<sso_admin::CreateApplicationAssignmentResponse> create_assignment(
    Call& call, const sso_admin::CreateApplicationAssignmentRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    SEK_TRY(check_principal(call, *find_instance(call, application.instance_arn), request.principal_type,
                            request.principal_id));
    const auto kind = kind_of(request.principal_type);
    if (domain::application_assignments.exists(call.tx, application.arn, kind, request.principal_id)) {
        return sso_admin::errors::conflict_exception("The application is already assigned to the principal.");
    }
    SEK_TRY(domain::application_assignments.put(call.tx, {.application_arn = application.arn,
                                                          .assignee_kind = kind,
                                                          .assignee_id = request.principal_id,
                                                          .created_at = call.now}));
    return sso_admin::CreateApplicationAssignmentResponse();
}

// AWS's operation is idempotent: one that is not there is no error.
Result<sso_admin::DeleteApplicationAssignmentResponse> delete_assignment(
    Call& call, const sso_admin::DeleteApplicationAssignmentRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    SEK_TRY(domain::application_assignments.erase(call.tx, application.arn, kind_of(request.principal_type),
                                                  request.principal_id));
    return sso_admin::DeleteApplicationAssignmentResponse();
}

Result<sso_admin::DescribeApplicationAssignmentResponse> describe_assignment(
    Call& call, const sso_admin::DescribeApplicationAssignmentRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    if (!domain::application_assignments.exists(call.tx, application.arn, kind_of(request.principal_type),
                                                request.principal_id)) {
        return sso_admin::errors::resource_not_found_exception("The application is not assigned to the principal.");
    }
    return sso_admin::DescribeApplicationAssignmentResponse{.principal_type = request.principal_type,
                                                            .principal_id = request.principal_id,
                                                            .application_arn = application.arn};
}

Result<sso_admin::ListApplicationAssignmentsResponse> list_assignments(
    Call& call, const sso_admin::ListApplicationAssignmentsRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    const auto scope = "ListApplicationAssignments " + application.arn;
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found, domain::application_assignments.scan(call.tx, store::prefix(application.arn), page));
    sso_admin::ListApplicationAssignmentsResponse response;
    response.application_assignments.emplace();
    for (const auto& assignment : found.items) {
        response.application_assignments->push_back({.application_arn = assignment.application_arn,
                                                     .principal_id = assignment.assignee_id,
                                                     .principal_type = type_of(assignment.assignee_kind)});
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

// A user's own and those of their groups.
Result<sso_admin::ListApplicationAssignmentsForPrincipalResponse> list_assignments_for_principal(
    Call& call, const sso_admin::ListApplicationAssignmentsForPrincipalRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::ListApplicationAssignmentsForPrincipal>(call, request));
    SEK_TRY(check_principal(call, center, request.principal_type, request.principal_id));
    const auto wanted = request.filter ? request.filter->application_arn : std::nullopt;
    const auto scope = "ListApplicationAssignmentsForPrincipal " + request.principal_id + " " + wanted.value_or("");
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto assignees, assignees_of(call, center, request.principal_id, request.principal_type));
    SEK_TRY(const auto found, page_over_assignees(assignees, page, [&](const std::string& id, const store::Page& part) {
                const auto prefix = wanted ? store::key(id, *wanted) : store::prefix(id);
                return domain::application_assignments.scan_by(call.tx, domain::application_assignments_by_assignee,
                                                               prefix, part);
            }));
    sso_admin::ListApplicationAssignmentsForPrincipalResponse response;
    response.application_assignments.emplace();
    for (const auto& assignment : found.items) {
        // Those of an application that is being deleted are on their way out.
        if (!domain::applications.exists(call.tx, assignment.application_arn)) continue;
        response.application_assignments->push_back({.application_arn = assignment.application_arn,
                                                     .principal_id = assignment.assignee_id,
                                                     .principal_type = type_of(assignment.assignee_kind)});
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable application_assignment_operations = {
    operation::operation<sso_admin::CreateApplicationAssignment>(
        {.access = Access::write,
         .resources = application_permissions<sso_admin::CreateApplicationAssignmentRequest>,
         .handle = create_assignment}),
    operation::operation<sso_admin::DeleteApplicationAssignment>(
        {.access = Access::write,
         .resources = application_permissions<sso_admin::DeleteApplicationAssignmentRequest>,
         .handle = delete_assignment}),
    operation::operation<sso_admin::DescribeApplicationAssignment>(
        {.access = Access::read,
         .resources = application_permissions<sso_admin::DescribeApplicationAssignmentRequest>,
         .handle = describe_assignment}),
    operation::operation<sso_admin::ListApplicationAssignments>(
        {.access = Access::read,
         .resources = application_permissions<sso_admin::ListApplicationAssignmentsRequest>,
         .handle = list_assignments}),
    operation::operation<sso_admin::ListApplicationAssignmentsForPrincipal>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::ListApplicationAssignmentsForPrincipalRequest>,
         .handle = list_assignments_for_principal}),
};

}  // namespace sekisho::identity_center_service
