#include "models/sso_admin.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"
#include "services/identity_center/session_duration.h"
#include "services/identity_center/tags.h"

namespace sekisho::identity_center_service {
namespace {

sso_admin::PermissionSet to_wire(const domain::PermissionSet& set) {
    return {.name = set.name,
            .permission_set_arn = set.arn.str(),
            .description = set.description,
            .created_date = set.created_at,
            .session_duration = print_session_duration(set.session_seconds),
            .relay_state = set.relay_state};
}

access::Permissions create_permissions(const Call& call, const sso_admin::CreatePermissionSetRequest& request) {
    const std::string instance(id_of(request.instance_arn));
    auto permissions = on_permission_set(call, request.instance_arn, "arn:aws:sso:::permissionSet/" + instance + "/*");
    add_request_tags(permissions, tags_of(request.tags));
    return permissions;
}

Result<sso_admin::CreatePermissionSetResponse> create_permission_set(
    Call& call, const sso_admin::CreatePermissionSetRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::CreatePermissionSet>(call, request));
    if (!center.organization_id) {
        return sso_admin::errors::validation_exception("Account instances have no permission sets.");
    }
    domain::PermissionSet set{
        .arn = PermissionSetArn("arn:aws:sso:::permissionSet/" + std::string(id_of(center.instance_arn)) + "/ps-" +
                                random_hex(call.random, 16)),
        .instance_arn = center.instance_arn,
        .name = request.name,
        .description = request.description,
        .relay_state = request.relay_state,
        .managed_policy_arns = {},
        .customer_managed_policies = {},
        .inline_policy = {},
        .boundary = {},
        .created_at = call.now,
        .tags = {}};
    if (request.session_duration) {
        SEK_TRY(set.session_seconds, parse_session_duration(*request.session_duration));
    }
    SEK_TRY(add_tags(set.tags, request.tags.value_or(std::vector<sso_admin::Tag>())));
    if (auto put = domain::permission_sets.put(call.tx, set); !put) {
        if (put.error().code != store::codes::unique_index_violation) return std::move(put).error();
        return sso_admin::errors::conflict_exception("PermissionSet with name " + set.name + " already exists.");
    }
    return sso_admin::CreatePermissionSetResponse{.permission_set = to_wire(set)};
}

Result<sso_admin::DescribePermissionSetResponse> describe_permission_set(
    Call& call, const sso_admin::DescribePermissionSetRequest& request) {
    SEK_TRY(const auto set, permission_set_of<sso_admin::DescribePermissionSet>(call, request));
    return sso_admin::DescribePermissionSetResponse{.permission_set = to_wire(set)};
}

// What the request does not name stays as it is.
Result<sso_admin::UpdatePermissionSetResponse> update_permission_set(
    Call& call, const sso_admin::UpdatePermissionSetRequest& request) {
    SEK_TRY(auto set, permission_set_of<sso_admin::UpdatePermissionSet>(call, request));
    if (request.description) set.description = request.description;
    if (request.relay_state) set.relay_state = request.relay_state;
    if (request.session_duration) {
        SEK_TRY(set.session_seconds, parse_session_duration(*request.session_duration));
    }
    ++set.content_version;
    SEK_TRY(domain::permission_sets.put(call.tx, set));
    return sso_admin::UpdatePermissionSetResponse();
}

Result<sso_admin::DeletePermissionSetResponse> delete_permission_set(
    Call& call, const sso_admin::DeletePermissionSetRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::DeletePermissionSet>(call, request));
    SEK_TRY(const auto set, find_permission_set(call, center, request.permission_set_arn));
    call.tx.read_guard(domain::assignments_guard(set.arn));
    SEK_TRY(const auto assigned, domain::assignments.scan_by(call.tx, domain::assignments_by_permission_set,
                                                             store::prefix(set.arn), {.limit = 1}));
    if (!assigned.items.empty()) {
        return sso_admin::errors::conflict_exception(
            "Could not delete because PermissionSet has ApplicationProfile associated with it");
    }
    SEK_TRY(domain::permission_sets.erase(call.tx, set.arn));
    // Roles that were provisioned and never assigned.
    enqueue_collect(call.tx, center, set.arn, {});
    return sso_admin::DeletePermissionSetResponse();
}

Result<sso_admin::ListPermissionSetsResponse> list_permission_sets(
    Call& call, const sso_admin::ListPermissionSetsRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::ListPermissionSets>(call, request));
    const auto scope = "ListPermissionSets " + center.instance_arn.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found, domain::permission_sets.scan_by(call.tx, domain::permission_sets_by_name,
                                                              store::prefix(center.instance_arn), page));
    sso_admin::ListPermissionSetsResponse response;
    response.permission_sets.emplace();
    for (const auto& set : found.items) response.permission_sets->push_back(set.arn.str());
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable permission_set_operations = {
    operation::operation<sso_admin::CreatePermissionSet>(
        {.access = Access::write, .resources = create_permissions, .handle = create_permission_set}),
    operation::operation<sso_admin::DescribePermissionSet>(
        {.access = Access::read,
         .resources = permission_set_permissions<sso_admin::DescribePermissionSetRequest>,
         .handle = describe_permission_set}),
    operation::operation<sso_admin::UpdatePermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::UpdatePermissionSetRequest>,
         .handle = update_permission_set}),
    operation::operation<sso_admin::DeletePermissionSet>(
        {.access = Access::write,
         .resources = permission_set_permissions<sso_admin::DeletePermissionSetRequest>,
         .handle = delete_permission_set}),
    operation::operation<sso_admin::ListPermissionSets>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::ListPermissionSetsRequest>,
         .handle = list_permission_sets}),
};

}  // namespace sekisho::identity_center_service
