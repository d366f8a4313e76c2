// The inner operations that end asynchronous requests. Each is idempotent: a request that has ended stays as it is.
#include "models/control.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/forget.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/provisioning.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

using Failure = std::optional<std::string>;

ApiError no_such(std::string_view what) {
    return control::errors::resource_not_found_exception("No such " + std::string(what) + ".");
}

Result<domain::IdentityCenter> center_of(const Call& call, std::string_view instance_arn) {
    SEK_TRY(auto center, domain::identity_centers.get(call.tx, instance_arn));
    if (!center) return no_such("instance");
    return std::move(*center);
}

Result<void> end(Call& call, domain::ProvisioningRequest& request, const Failure& failure) {
    request.status = failure ? domain::request_failed : domain::request_succeeded;
    request.failure_reason = failure.value_or("");
    return domain::provisioning_requests.put(call.tx, request);
}

Result<bool> assignee_exists(const Call& call, const domain::IdentityCenter& center,
                             const domain::ProvisioningRequest& request) {
    if (request.assignee_kind == domain::AssigneeKind::user) {
        SEK_TRY(const auto person, domain::people.get(call.tx, center.identity_store_id, request.assignee_id));
        return person.has_value();
    }
    SEK_TRY(const auto group, domain::directory_groups.get(call.tx, center.identity_store_id, request.assignee_id));
    return group.has_value();
}

// Everything is judged again: what the request was accepted on may have gone meanwhile.
Result<Failure> create_assignment(Call& call, const domain::IdentityCenter& center,
                                  const domain::ProvisioningRequest& request) {
    SEK_TRY(const auto set, domain::permission_sets.get(call.tx, request.permission_set_arn));
    if (!set) return Failure("Received a 404 status error: Permission set not found.");
    SEK_TRY(const bool is_there, assignee_exists(call, center, request));
    if (!is_there) return Failure("Received a 404 status error: Principal not found.");
    SEK_TRY(auto failure, provision(call.tx, center, *set, *request.account_id, call.now, call.random));
    if (failure) return failure;
    const domain::Assignment assignment{.instance_arn = center.instance_arn,
                                        .account_id = *request.account_id,
                                        .permission_set_arn = set->arn,
                                        .assignee_kind = request.assignee_kind,
                                        .assignee_id = request.assignee_id,
                                        .created_at = call.now};
    // A repetition keeps the first one's date.
    if (!domain::assignments.exists(call.tx, assignment.account_id, set->arn, assignment.assignee_kind,
                                    assignment.assignee_id)) {
        SEK_TRY(domain::assignments.put(call.tx, assignment));
    }
    return Failure();
}

Result<Failure> delete_assignment(Call& call, const domain::ProvisioningRequest& request) {
    const auto& account = *request.account_id;
    call.tx.read_guard(domain::assignments_guard(request.permission_set_arn, account));
    // The request took it away already, unless its creation was still under way then.
    SEK_TRY(const bool erased, domain::assignments.erase(call.tx, account, request.permission_set_arn,
                                                         request.assignee_kind, request.assignee_id));
    SEK_TRY(unprovision_unless_assigned(call.tx, account, request.permission_set_arn));
    if (erased || request.assignment_was_there) return Failure();
    return Failure("Received a 404 status error: Assignment not found.");
}

Result<control::CompleteAccountAssignmentResponse> complete_account_assignment(
    Call& call, const control::CompleteAccountAssignmentRequest& request) {
    SEK_TRY(const auto center, center_of(call, request.instance_arn));
    SEK_TRY(auto found, domain::provisioning_requests.get(call.tx, center.instance_arn,
                                                          domain::assignment_creation_kind, request.request_id));
    if (!found) {
        SEK_TRY(found, domain::provisioning_requests.get(call.tx, center.instance_arn, domain::assignment_deletion_kind,
                                                         request.request_id));
    }
    if (!found || !found->account_id) return no_such("request");
    if (found->status == domain::request_in_progress) {
        const bool is_creation = found->kind == domain::assignment_creation_kind;
        SEK_TRY(const auto failure,
                is_creation ? create_assignment(call, center, *found) : delete_assignment(call, *found));
        SEK_TRY(end(call, *found, failure));
    }
    return control::CompleteAccountAssignmentResponse{.status = found->status};
}

// Of all accounts where the set is provisioned: the next one. True: there are more.
Result<bool> provision_next(Call& call, const domain::IdentityCenter& center, const domain::PermissionSet& set,
                            domain::ProvisioningRequest& request) {
    SEK_TRY(const auto found,
            domain::provisioned_roles.scan_by(call.tx, domain::provisioned_roles_by_permission_set,
                                              store::prefix(set.arn), {.after = request.place, .limit = 1}));
    for (const auto& role : found.items) {
        SEK_TRY(const auto failure, provision(call.tx, center, set, role.account_id, call.now, call.random));
        if (failure && request.failure_reason.empty()) request.failure_reason = *failure;
    }
    request.place = found.next.value_or("");
    return found.next.has_value();
}

Result<control::CompletePermissionSetProvisioningResponse> complete_permission_set_provisioning(
    Call& call, const control::CompletePermissionSetProvisioningRequest& request) {
    SEK_TRY(const auto center, center_of(call, request.instance_arn));
    SEK_TRY(auto found, domain::provisioning_requests.get(call.tx, center.instance_arn, domain::provisioning_kind,
                                                          request.request_id));
    if (!found) return no_such("request");
    control::CompletePermissionSetProvisioningResponse response{.status = found->status, .done = true};
    if (found->status != domain::request_in_progress) return response;

    SEK_TRY(const auto set, domain::permission_sets.get(call.tx, found->permission_set_arn));
    Failure failure;
    if (!set) {
        failure = "Received a 404 status error: Permission set not found.";
    } else if (found->account_id) {
        SEK_TRY(failure, provision(call.tx, center, *set, *found->account_id, call.now, call.random));
    } else {
        SEK_TRY(const bool has_more, provision_next(call, center, *set, *found));
        response.done = !has_more;
        if (!found->failure_reason.empty()) failure = found->failure_reason;
    }
    if (response.done) {
        SEK_TRY(end(call, *found, failure));
    } else {
        SEK_TRY(domain::provisioning_requests.put(call.tx, *found));
    }
    response.status = found->status;
    return response;
}

Result<control::CollectProvisionedRoleResponse> collect_provisioned_role(
    Call& call, const control::CollectProvisionedRoleRequest& request) {
    const PermissionSetArn set(request.permission_set_arn);
    if (request.account_id) {
        SEK_TRY(unprovision_unless_assigned(call.tx, AccountId(*request.account_id), set));
        return control::CollectProvisionedRoleResponse{.done = true};
    }
    SEK_TRY(const auto found, domain::provisioned_roles.scan_by(call.tx, domain::provisioned_roles_by_permission_set,
                                                                store::prefix(set), {.limit = 1}));
    bool is_erased = true;
    for (const auto& role : found.items) {
        SEK_TRY(unprovision_unless_assigned(call.tx, role.account_id, set));
        is_erased = !domain::provisioned_roles.exists(call.tx, role.account_id, set);
    }
    // A role that is assigned stays, and the ones after it are not this row's any more: the set is in use.
    return control::CollectProvisionedRoleResponse{.done = !found.next || !is_erased};
}

constexpr std::size_t forgotten_keys = 80;  // in one transaction

Result<control::ForgetApplicationResponse> forget_application(Call& call,
                                                              const control::ForgetApplicationRequest& request) {
    SEK_TRY(const bool done, forget_some_of_application(call.tx, request.application_arn, forgotten_keys));
    return control::ForgetApplicationResponse{.done = done};
}

Result<control::ForgetPrincipalResponse> forget_principal(Call& call, const control::ForgetPrincipalRequest& request) {
    SEK_TRY(const auto center, domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store,
                                                               IdentityStoreId(request.identity_store_id)));
    if (!center) return control::ForgetPrincipalResponse{.done = true};
    const auto kind = request.principal_type == "GROUP" ? domain::AssigneeKind::group : domain::AssigneeKind::user;
    SEK_TRY(const bool done, forget_some(call.tx, *center, kind, request.principal_id, forgotten_keys));
    return control::ForgetPrincipalResponse{.done = done};
}

Result<control::ForgetInstanceResponse> forget_instance(Call& call, const control::ForgetInstanceRequest& request) {
    SEK_TRY(const bool done, forget_some_of_instance(call.tx, InstanceArn(request.instance_arn),
                                                     IdentityStoreId(request.identity_store_id), forgotten_keys));
    return control::ForgetInstanceResponse{.done = done};
}

}  // namespace

const operation::OperationTable completion_operations = {
    operation::operation<control::CompleteAccountAssignment>(
        {.access = Access::write, .resources = operation::workers_only, .handle = complete_account_assignment}),
    operation::operation<control::CompletePermissionSetProvisioning>({.access = Access::write,
                                                                      .resources = operation::workers_only,
                                                                      .handle = complete_permission_set_provisioning}),
    operation::operation<control::CollectProvisionedRole>(
        {.access = Access::write, .resources = operation::workers_only, .handle = collect_provisioned_role}),
    operation::operation<control::ForgetPrincipal>(
        {.access = Access::write, .resources = operation::workers_only, .handle = forget_principal}),
    operation::operation<control::ForgetInstance>(
        {.access = Access::write, .resources = operation::workers_only, .handle = forget_instance}),
    operation::operation<control::ForgetApplication>(
        {.access = Access::write, .resources = operation::workers_only, .handle = forget_application}),
};

}  // namespace sekisho::identity_center_service
