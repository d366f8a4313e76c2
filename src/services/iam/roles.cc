#include "base/encoding.h"
#include "base/text.h"
#include "models/iam.h"
#include "services/iam/documents.h"
#include "services/iam/entity.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/policy_use.h"
#include "services/iam/service.h"
#include "services/iam/tag_operations.h"
#include "services/iam/tags.h"
#include "services/iam/wire_forms.h"

namespace sekisho::iam_service {

iam::RoleLastUsed role_last_used(const domain::Role& role) {
    iam::RoleLastUsed wire;
    wire.last_used_date = role.last_used_at;
    if (role.last_used_at) wire.region = role.last_used_region;
    return wire;
}

iam::Role role_to_wire(const store::Reader& reader, const domain::Role& role) {
    iam::Role wire;
    wire.path = role.path;
    wire.role_name = role.name;
    wire.role_id = role.id.str();
    wire.arn = domain::role_arn(role);
    wire.create_date = role.created_at;
    wire.assume_role_policy_document = encode_uri(shown_trust_policy(reader, role));
    wire.description = role.description;
    wire.max_session_duration = role.session_seconds_max;
    return wire;
}

Result<iam::Role> role_to_wire_full(const store::Reader& reader, const domain::Role& role) {
    auto wire = role_to_wire(reader, role);
    SEK_TRY(const auto policies, load_policies(reader, role.id));
    wire.permissions_boundary = boundary_to_wire(policies);
    wire.tags = tags_or_none(role.tags);
    wire.role_last_used = role_last_used(role);
    return wire;
}

namespace {

using operation::Access;
using operation::Call;
using operation::operation;

Result<domain::Role> require_own_role(const Call& call, const std::string& name) {
    SEK_TRY(auto role, require_role(call.tx, call.account(), name));
    if (role.is_protected) return protected_role(role.name);
    return role;
}

Permissions create_role_permissions(const Call& call, const iam::CreateRoleRequest& request) {
    ContextValues context;
    add_request_tags(context, request.tags);
    add_boundary(context, request.permissions_boundary);
    Permissions permissions{on_new(call, "role", request.path, request.role_name, "", std::move(context))};
    if (request.tags && !request.tags->empty()) also(permissions, "iam:TagRole");
    return permissions;
}

// Paths under which only AWS makes roles.
bool is_reserved_path(std::string_view path) {
    return path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/");
}

Result<iam::CreateRoleResponse> create_role(Call& call, const iam::CreateRoleRequest& request) {
    const auto path = request.path.value_or("/");
    if (is_reserved_path(path)) {
        return ApiError{
            .code = "ValidationError",
            .message = "The specified value for path is reserved for service-linked roles and AWS: " + path};
    }
    if (domain::roles.exists(call.tx, call.account(), lower_ascii(request.role_name))) {
        return iam::errors::entity_already_exists_exception("Role with name " + request.role_name + " already exists.");
    }
    SEK_TRY(auto trust, check_trust_policy(call, request.assume_role_policy_document));
    domain::Role role;
    role.account_id = call.account();
    role.name = request.role_name;
    role.path = path;
    role.id = PrincipalId(domain::make_unique_id("AROA", call.account(), call.random));
    role.trust_policy = std::move(trust.decided);
    role.trust_policy_text = std::move(trust.text);
    role.description = request.description;
    role.session_seconds_max = request.max_session_duration.value_or(3600);
    role.created_at = call.now;
    if (request.tags) SEK_TRY(add_tags(role.tags, *request.tags));
    SEK_TRY(domain::roles.put(call.tx, role));
    if (request.permissions_boundary) SEK_TRY(set_boundary(call.tx, entity_of(role), *request.permissions_boundary));
    iam::CreateRoleResponse response;
    SEK_TRY(response.role, role_to_wire_full(call.tx, role));
    response.role.role_last_used.reset();
    return response;
}

// The permission on the role that a request names.
template <class Request>
Permissions on_named_role(const Call& call, const Request& request) {
    return on_entity(call, EntityKind::role, request.role_name);
}

Result<iam::GetRoleResponse> get_role(Call& call, const iam::GetRoleRequest& request) {
    SEK_TRY(const auto role, require_role(call.tx, call.account(), request.role_name));
    iam::GetRoleResponse response;
    SEK_TRY(response.role, role_to_wire_full(call.tx, role));
    return response;
}

Permissions list_roles_permissions(const Call& call, const iam::ListRolesRequest& request) {
    return on_path(call, "role", request.path_prefix);
}

Result<iam::ListRolesResponse> list_roles(Call& call, const iam::ListRolesRequest& request) {
    const auto prefix = request.path_prefix.value_or("/");
    const auto scope = "ListRoles\n" + prefix;
    SEK_TRY(auto page, store_page(call, scope, request));
    SEK_TRY(const auto found, filtered_page(domain::roles, call.tx, store::prefix(call.account()), std::move(page),
                                            [&](const domain::Role& role) { return role.path.starts_with(prefix); }));
    iam::ListRolesResponse response;
    for (const auto& role : found.items) response.roles.push_back(role_to_wire(call.tx, role));
    close_page(call, scope, found.next, response);
    return response;
}

Result<iam::UpdateRoleResponse> update_role(Call& call, const iam::UpdateRoleRequest& request) {
    SEK_TRY(auto role, require_own_role(call, request.role_name));
    if (request.description) role.description = request.description;
    if (request.max_session_duration) role.session_seconds_max = *request.max_session_duration;
    SEK_TRY(domain::roles.put(call.tx, role));
    return iam::UpdateRoleResponse{};
}

// The one thing that a service-linked role's owner may change beside its tags.
Result<iam::UpdateRoleDescriptionResponse> update_role_description(Call& call,
                                                                   const iam::UpdateRoleDescriptionRequest& request) {
    SEK_TRY(auto role, require_role(call.tx, call.account(), request.role_name));
    if (role.path.starts_with("/aws-reserved/")) return protected_role(role.name);
    role.description = request.description;
    SEK_TRY(domain::roles.put(call.tx, role));
    iam::UpdateRoleDescriptionResponse response;
    SEK_TRY(response.role, role_to_wire_full(call.tx, role));
    return response;
}

Result<iam::UpdateAssumeRolePolicyResponse> update_assume_role_policy(
    Call& call, const iam::UpdateAssumeRolePolicyRequest& request) {
    SEK_TRY(auto role, require_own_role(call, request.role_name));
    SEK_TRY(auto trust, check_trust_policy(call, request.policy_document));
    role.trust_policy = std::move(trust.decided);
    role.trust_policy_text = std::move(trust.text);
    SEK_TRY(domain::roles.put(call.tx, role));
    return iam::UpdateAssumeRolePolicyResponse{};
}

Result<iam::DeleteRoleResponse> delete_role(Call& call, const iam::DeleteRoleRequest& request) {
    SEK_TRY(const auto role, require_own_role(call, request.role_name));
    call.tx.read_guard(domain::role_profiles_guard(call.account(), role.name));
    SEK_TRY(const auto profiles,
            domain::instance_profiles.scan_by(call.tx, domain::instance_profiles_by_role,
                                              store::key(call.account(), lower_ascii(role.name)), {.limit = 1}));
    if (!profiles.items.empty()) {
        return iam::errors::delete_conflict_exception(
            "Cannot delete entity, must remove roles from instance profile first.");
    }
    SEK_TRY(delete_policies(call.tx, entity_of(role)));
    SEK_TRY([[maybe_unused]] const bool existed, domain::roles.erase(call.tx, call.account(), lower_ascii(role.name)));
    return iam::DeleteRoleResponse{};
}

struct RoleTags {
    using Tag = iam::TagRole;
    using Untag = iam::UntagRole;
    using List = iam::ListRoleTags;
    static const std::string& name(const auto& request) { return request.role_name; }
    static Permissions permissions(const Call& call, const std::string& name, ContextValues context) {
        return on_entity(call, EntityKind::role, name, std::move(context));
    }
    static Result<domain::Role> find(const Call& call, const std::string& name) {
        return require_role(call.tx, call.account(), name);
    }
    static constexpr auto change = require_own_role;
    static Result<void> save(Call& call, const domain::Role& role) { return domain::roles.put(call.tx, role); }
};

}  // namespace

const operation::OperationTable role_operations = with_tag_operations<RoleTags>({
    operation<iam::CreateRole>({.access = Access::write, .resources = create_role_permissions, .handle = create_role}),
    operation<iam::GetRole>(
        {.access = Access::read, .resources = on_named_role<iam::GetRoleRequest>, .handle = get_role}),
    operation<iam::ListRoles>({.access = Access::read, .resources = list_roles_permissions, .handle = list_roles}),
    operation<iam::UpdateRole>(
        {.access = Access::write, .resources = on_named_role<iam::UpdateRoleRequest>, .handle = update_role}),
    operation<iam::UpdateRoleDescription>({.access = Access::write,
                                           .resources = on_named_role<iam::UpdateRoleDescriptionRequest>,
                                           .handle = update_role_description}),
    operation<iam::UpdateAssumeRolePolicy>({.access = Access::write,
                                            .resources = on_named_role<iam::UpdateAssumeRolePolicyRequest>,
                                            .handle = update_assume_role_policy}),
    operation<iam::DeleteRole>(
        {.access = Access::write, .resources = on_named_role<iam::DeleteRoleRequest>, .handle = delete_role}),
});

}  // namespace sekisho::iam_service
