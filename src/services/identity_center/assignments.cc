#include <charconv>

#include "models/sso_admin.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/pages.h"
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

domain::AssigneeKind kind_of(sso_admin::PrincipalType type) {
    return type == sso_admin::PrincipalType::group ? domain::AssigneeKind::group : domain::AssigneeKind::user;
}

sso_admin::PrincipalType type_of(domain::AssigneeKind kind) {
    return kind == domain::AssigneeKind::group ? sso_admin::PrincipalType::group : sso_admin::PrincipalType::user;
}

Result<void> check_principal(const Call& call, const domain::IdentityCenter& center, sso_admin::PrincipalType type,
                             const std::string& id) {
    const bool exists = type == sso_admin::PrincipalType::group
                            ? domain::directory_groups.exists(call.tx, center.identity_store_id, id)
                            : domain::people.exists(call.tx, center.identity_store_id, id);
    if (exists) return {};
    return sso_admin::errors::resource_not_found_exception(std::string(sso_admin::to_text(type)) + " not found.");
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

// A user and their groups, in order: whose assignments are theirs.
Result<std::vector<std::string>> assignees_of(const Call& call, const domain::IdentityCenter& center,
                                              const std::string& id, sso_admin::PrincipalType type) {
    std::vector<std::string> ids{id};
    if (type == sso_admin::PrincipalType::group) return ids;
    store::Page page;
    for (;;) {
        SEK_TRY(auto part, domain::memberships.scan_by(call.tx, domain::memberships_by_person,
                                                       store::prefix(center.identity_store_id, id), page));
        for (const auto& membership : part.items) ids.push_back(membership.group_id.str());
        if (!part.next) return ids;
        page.after = std::move(*part.next);
    }
}

// Pages go over several prefixes of one index: the token is the number of the assignee, then the place within.
struct ForPrincipal {
    std::size_t assignee = 0;
    std::string after;

    static ForPrincipal parse(std::string_view text) {
        ForPrincipal place;
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return place;
        std::from_chars(text.data(), text.data() + colon, place.assignee);
        place.after = text.substr(colon + 1);
        return place;
    }
    std::string print() const { return std::to_string(assignee) + ":" + after; }
};

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
    SEK_TRY(auto page, open_page(call, scope, request));
    SEK_TRY(const auto assignees, assignees_of(call, center, request.principal_id, request.principal_type));

    Op::Response response;
    auto& items = response.account_assignments.emplace();
    const std::size_t wanted = page.limit;
    auto place = ForPrincipal::parse(page.after);
    while (place.assignee < assignees.size()) {
        if (items.size() == wanted) {
            response.next_token = call.seal_page(scope, place.print());
            return response;
        }
        const auto& id = assignees[place.assignee];
        const auto prefix = account ? store::prefix(id, AccountId(*account)) : store::prefix(id);
        SEK_TRY(auto part, domain::assignments.scan_by(call.tx, domain::assignments_by_assignee, prefix,
                                                       {.after = place.after, .limit = wanted - items.size()}));
        for (const auto& assignment : part.items) {
            items.push_back({.account_id = assignment.account_id.str(),
                             .permission_set_arn = assignment.permission_set_arn.str(),
                             .principal_id = assignment.assignee_id,
                             .principal_type = type_of(assignment.assignee_kind)});
        }
        place.after = part.next.value_or("");
        if (!part.next) ++place.assignee;
    }
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
