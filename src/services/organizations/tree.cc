#include "base/limits.h"
#include "services/organizations/common.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

template <class Request>
access::Permissions on_unit(const Call& call, const Request& request) {
    return permission_on(call, "ou", request.organizational_unit_id);
}
template <class Request>
access::Permissions on_parent(const Call& call, const Request& request) {
    return permission_on_target(call, request.parent_id);
}
access::Permissions on_child(const Call& call, const organizations::ListParentsRequest& request) {
    return permission_on_target(call, request.child_id);
}
organizations::OrganizationalUnit to_wire(const domain::Organization& organization,
                                          const domain::OrganizationalUnit& unit) {
    organizations::OrganizationalUnit wire;
    wire.id = unit.id.str();
    wire.arn = node_arn(organization, "ou", unit.id);
    wire.name = unit.name;
    return wire;
}

Result<domain::OrganizationalUnit> find_unit(const Call& call, const domain::Organization& organization,
                                             const std::string& id) {
    SEK_TRY(auto unit, domain::organizational_units.get(call.tx, organization.id, id));
    if (!unit) {
        return organizations::errors::organizational_unit_not_found_exception(
            "You specified an organizational unit that doesn't exist.");
    }
    return std::move(*unit);
}

// How many units lie between a parent and the root; nothing: no such parent.
Result<std::optional<int>> depth_of(const Call& call, const domain::Organization& organization, std::string id) {
    for (int depth = 0; depth <= limits::unit_depth_max; ++depth) {
        if (id == organization.root_id.str()) return std::optional(depth);
        SEK_TRY(const auto unit, domain::organizational_units.get(call.tx, organization.id, id));
        if (!unit) return std::optional<int>();
        id = unit->parent_id.str();
    }
    return std::optional(limits::unit_depth_max);
}

Result<organizations::ListRootsResponse> list_roots(Call& call, const organizations::ListRootsRequest&) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListRoots", on_anything(), Delegates::also_services));
    organizations::Root root;
    root.id = organization.root_id.str();
    root.arn = node_arn(organization, "root", organization.root_id);
    root.name = "Root";
    root.policy_types.emplace();
    for (const auto& type : organization.enabled_policy_types) {
        root.policy_types->push_back(
            {.type = enum_of<organizations::PolicyType>(type), .status = organizations::PolicyTypeStatus::enabled});
    }
    organizations::ListRootsResponse response;
    response.roots = std::vector{root};
    return response;
}

Result<organizations::CreateOrganizationalUnitResponse> create_unit(
    Call& call, const organizations::CreateOrganizationalUnitRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(const auto depth, depth_of(call, organization, request.parent_id));
    if (!depth) return organizations::errors::parent_not_found_exception("You specified parent that doesn't exist.");
    if (*depth >= limits::unit_depth_max) {
        return constraint(
            "OU_DEPTH_LIMIT_EXCEEDED",
            "You cannot add an organizational unit to the specified parent because it would exceed the max "
            "depth allowed.");
    }
    domain::OrganizationalUnit unit;
    unit.id = OrganizationNodeId("ou-" + organization.root_id.str().substr(2) + "-" +
                                 random_text(call.random, 8, "abcdefghijklmnopqrstuvwxyz0123456789"));
    unit.organization_id = organization.id;
    unit.parent_id = OrganizationNodeId(request.parent_id);
    unit.name = request.name;
    SEK_TRY(unit.tags, read_tags(request.tags));
    if (auto written = domain::organizational_units.put(call.tx, unit); !written) {
        if (written.error().code != store::codes::unique_index_violation) return std::move(written).error();
        return organizations::errors::duplicate_organizational_unit_exception(
            "An OU with the same name already exists.");
    }
    SEK_TRY(attach_full_access(call, organization.id, unit.id.str()));
    return organizations::CreateOrganizationalUnitResponse{.organizational_unit = to_wire(organization, unit)};
}

Result<organizations::DescribeOrganizationalUnitResponse> describe_unit(
    Call& call, const organizations::DescribeOrganizationalUnitRequest& request) {
    SEK_TRY(const auto organization, delegable_organization(call, "DescribeOrganizationalUnit", on_unit(call, request),
                                                            Delegates::also_services));
    SEK_TRY(const auto unit, find_unit(call, organization, request.organizational_unit_id));
    return organizations::DescribeOrganizationalUnitResponse{.organizational_unit = to_wire(organization, unit)};
}

Result<organizations::UpdateOrganizationalUnitResponse> update_unit(
    Call& call, const organizations::UpdateOrganizationalUnitRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(auto unit, find_unit(call, organization, request.organizational_unit_id));
    if (request.name) unit.name = *request.name;
    if (auto written = domain::organizational_units.put(call.tx, unit); !written) {
        if (written.error().code != store::codes::unique_index_violation) return std::move(written).error();
        return organizations::errors::duplicate_organizational_unit_exception(
            "An OU with the same name already exists.");
    }
    return organizations::UpdateOrganizationalUnitResponse{.organizational_unit = to_wire(organization, unit)};
}

Result<organizations::DeleteOrganizationalUnitResponse> delete_unit(
    Call& call, const organizations::DeleteOrganizationalUnitRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(const auto unit, find_unit(call, organization, request.organizational_unit_id));
    call.tx.read_guard(domain::organization_guard(organization.id));
    SEK_TRY(const auto accounts, domain::accounts.scan_by(call.tx, domain::accounts_by_parent,
                                                          store::prefix(organization.id, unit.id), {.limit = 1}));
    SEK_TRY(const auto units,
            domain::organizational_units.scan_by(call.tx, domain::units_by_parent,
                                                 store::prefix(organization.id, unit.id), {.limit = 1}));
    if (!accounts.items.empty() || !units.items.empty()) {
        return organizations::errors::organizational_unit_not_empty_exception(
            "The specified organizational unit is not empty. Move all accounts to another root or to other OUs, remove "
            "all child OUs, and try the operation again.");
    }
    SEK_TRY(const auto attached, domain::policy_attachments.scan(call.tx, store::prefix(organization.id, unit.id)));
    for (const auto& attachment : attached.items) {
        SEK_TRY(domain::policy_attachments.erase(call.tx, organization.id, attachment.target_id, attachment.policy_id));
    }
    SEK_TRY(domain::organizational_units.erase(call.tx, organization.id, unit.id));
    return organizations::DeleteOrganizationalUnitResponse{};
}

Result<organizations::ListOrganizationalUnitsForParentResponse> list_units(
    Call& call, const organizations::ListOrganizationalUnitsForParentRequest& request) {
    SEK_TRY(const auto organization, delegable_organization(call, "ListOrganizationalUnitsForParent",
                                                            on_parent(call, request), Delegates::also_services));
    SEK_TRY(const auto depth, depth_of(call, organization, request.parent_id));
    if (!depth) return organizations::errors::parent_not_found_exception("You specified parent that doesn't exist.");
    const std::string scope = "ListOrganizationalUnitsForParent " + request.parent_id;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found,
            domain::organizational_units.scan_by(call.tx, domain::units_by_parent,
                                                 store::prefix(organization.id, request.parent_id), page));
    organizations::ListOrganizationalUnitsForParentResponse response;
    response.organizational_units.emplace();
    for (const auto& unit : found.items) response.organizational_units->push_back(to_wire(organization, unit));
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<organizations::ListParentsResponse> list_parents(Call& call, const organizations::ListParentsRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListParents", on_child(call, request), Delegates::also_services));
    std::string parent;
    if (request.child_id.starts_with("ou-")) {
        SEK_TRY(const auto unit, domain::organizational_units.get(call.tx, organization.id, request.child_id));
        if (unit) parent = unit->parent_id.str();
    } else {
        SEK_TRY(const auto account, domain::accounts.get(call.tx, request.child_id));
        if (account && account->organization_id == organization.id) parent = account->parent_id->str();
    }
    if (parent.empty()) {
        return organizations::errors::child_not_found_exception("You specified a child that doesn't exist.");
    }
    const bool is_root = parent.starts_with("r-");
    organizations::ListParentsResponse response;
    response.parents = std::vector<organizations::Parent>{
        {.id = parent,
         .type = is_root ? organizations::ParentType::root : organizations::ParentType::organizational_unit}};
    return response;
}

Result<organizations::ListChildrenResponse> list_children(Call& call,
                                                          const organizations::ListChildrenRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListChildren", on_parent(call, request), Delegates::also_services));
    SEK_TRY(const auto depth, depth_of(call, organization, request.parent_id));
    if (!depth) return organizations::errors::parent_not_found_exception("You specified parent that doesn't exist.");
    const std::string scope = "ListChildren " + request.parent_id + " " + std::string(enum_text(request.child_type));
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    const auto below = store::prefix(organization.id, request.parent_id);
    organizations::ListChildrenResponse response;
    response.children.emplace();
    if (request.child_type == organizations::ChildType::account) {
        SEK_TRY(const auto found, domain::accounts.scan_by(call.tx, domain::accounts_by_parent, below, page));
        for (const auto& account : found.items) {
            response.children->push_back({.id = account.id.str(), .type = request.child_type});
        }
        response.next_token = next_token(call, scope, found.next);
    } else {
        SEK_TRY(const auto found, domain::organizational_units.scan_by(call.tx, domain::units_by_parent, below, page));
        for (const auto& unit : found.items) {
            response.children->push_back({.id = unit.id.str(), .type = request.child_type});
        }
        response.next_token = next_token(call, scope, found.next);
    }
    return response;
}

Result<organizations::MoveAccountResponse> move_account(Call& call, const organizations::MoveAccountRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(auto account, member_account(call, organization, request.account_id));
    if (account.parent_id->str() != request.source_parent_id) {
        return organizations::errors::source_parent_not_found_exception(
            "You specified a source parent that doesn't exist.");
    }
    SEK_TRY(const auto depth, depth_of(call, organization, request.destination_parent_id));
    if (!depth) {
        return organizations::errors::destination_parent_not_found_exception(
            "You specified a destination parent that doesn't exist.");
    }
    if (request.source_parent_id == request.destination_parent_id) {
        return organizations::errors::duplicate_account_exception("The account is already in that container.");
    }
    account.parent_id = OrganizationNodeId(request.destination_parent_id);
    SEK_TRY(domain::accounts.put(call.tx, account));
    return organizations::MoveAccountResponse{};
}

access::Permissions on_create(const Call& call, const organizations::CreateOrganizationalUnitRequest& request) {
    return with_request_tags(on_parent(call, request), request.tags);
}
access::Permissions on_move(const Call& call, const organizations::MoveAccountRequest& request) {
    auto permissions = permission_on(call, "account", request.account_id);
    for (const auto* node : {&request.source_parent_id, &request.destination_parent_id}) {
        permissions.push_back(permission_on_target(call, *node).front());
    }
    return permissions;
}

}  // namespace

const operation::OperationTable tree_operations = {
    operation::operation<organizations::ListRoots>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_roots}),
    operation::operation<organizations::CreateOrganizationalUnit>(
        {.access = Access::write, .resources = on_create, .handle = create_unit}),
    operation::operation<organizations::DescribeOrganizationalUnit>(
        {.access = Access::read,
         .resources = on_unit<organizations::DescribeOrganizationalUnitRequest>,
         .handle = describe_unit}),
    operation::operation<organizations::UpdateOrganizationalUnit>(
        {.access = Access::write,
         .resources = on_unit<organizations::UpdateOrganizationalUnitRequest>,
         .handle = update_unit}),
    operation::operation<organizations::DeleteOrganizationalUnit>(
        {.access = Access::write,
         .resources = on_unit<organizations::DeleteOrganizationalUnitRequest>,
         .handle = delete_unit}),
    operation::operation<organizations::ListOrganizationalUnitsForParent>(
        {.access = Access::read,
         .resources = on_parent<organizations::ListOrganizationalUnitsForParentRequest>,
         .handle = list_units}),
    operation::operation<organizations::ListParents>(
        {.access = Access::read, .resources = on_child, .handle = list_parents}),
    operation::operation<organizations::ListChildren>(
        {.access = Access::read, .resources = on_parent<organizations::ListChildrenRequest>, .handle = list_children}),
    operation::operation<organizations::MoveAccount>(
        {.access = Access::write, .resources = on_move, .handle = move_account}),
};

}  // namespace sekisho::organizations_service
