#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

iam::Group group_to_wire(const domain::IamGroup& group) {
    iam::Group wire;
    wire.path = group.path;
    wire.group_name = group.name;
    wire.group_id = group.id.str();
    wire.arn = domain::group_arn(group);
    wire.create_date = group.created_at;
    return wire;
}

template <class Request>
Permissions on_named_group(const Call& call, const Request& request) {
    return on_entity(call, EntityKind::group, request.group_name);
}

Permissions create_group_permissions(const Call& call, const iam::CreateGroupRequest& request) {
    return {on_new(call, "group", request.path, request.group_name, "")};
}

ApiError group_exists(const std::string& name) {
    return iam::errors::entity_already_exists_exception("Group with name " + name + " already exists.");
}

Result<iam::CreateGroupResponse> create_group(Call& call, const iam::CreateGroupRequest& request) {
    if (domain::iam_groups.exists(call.tx, call.account(), lower_ascii(request.group_name))) {
        return group_exists(request.group_name);
    }
    domain::IamGroup group;
    group.account_id = call.account();
    group.name = request.group_name;
    group.path = request.path.value_or("/");
    group.id = PrincipalId(domain::make_unique_id("AGPA", call.account(), call.random));
    group.created_at = call.now;
    SEK_TRY(domain::iam_groups.put(call.tx, group));
    return iam::CreateGroupResponse{.group = group_to_wire(group)};
}

Result<iam::GetGroupResponse> get_group(Call& call, const iam::GetGroupRequest& request) {
    SEK_TRY(const auto group, require_group(call.tx, call.account(), request.group_name));
    const auto scope = "GetGroup\n" + group.id.str();
    SEK_TRY(const auto page, store_page(call, scope, request));
    SEK_TRY(const auto members, domain::iam_group_memberships.scan(call.tx, store::prefix(group.id), page));
    iam::GetGroupResponse response;
    response.group = group_to_wire(group);
    for (const auto& member : members.items) {
        SEK_TRY(const auto user, domain::iam_users.get_by(call.tx, domain::iam_users_by_id, member.user_id));
        if (!user) return errors::internal_failure("a member of a group is missing");
        iam::User wire;
        wire.path = user->path;
        wire.user_name = user->name;
        wire.user_id = user->id.str();
        wire.arn = domain::user_arn(*user);
        wire.create_date = user->created_at;
        wire.password_last_used = user->password_last_used;
        response.users.push_back(std::move(wire));
    }
    close_page(call, scope, members.next, response);
    return response;
}

Permissions list_groups_permissions(const Call& call, const iam::ListGroupsRequest& request) {
    return on_path(call, "group", request.path_prefix);
}

Result<iam::ListGroupsResponse> list_groups(Call& call, const iam::ListGroupsRequest& request) {
    const auto prefix = request.path_prefix.value_or("/");
    const auto scope = "ListGroups\n" + prefix;
    SEK_TRY(auto page, store_page(call, scope, request));
    SEK_TRY(const auto found,
            filtered_page(domain::iam_groups, call.tx, store::prefix(call.account()), std::move(page),
                          [&](const domain::IamGroup& group) { return group.path.starts_with(prefix); }));
    iam::ListGroupsResponse response;
    for (const auto& group : found.items) response.groups.push_back(group_to_wire(group));
    close_page(call, scope, found.next, response);
    return response;
}

Permissions list_groups_for_user_permissions(const Call& call, const iam::ListGroupsForUserRequest& request) {
    return on_entity(call, EntityKind::user, request.user_name);
}

Result<iam::ListGroupsForUserResponse> list_groups_for_user(Call& call, const iam::ListGroupsForUserRequest& request) {
    SEK_TRY(const auto user, require_user(call.tx, call.account(), request.user_name));
    SEK_TRY(const auto policies, load_policies(call.tx, user.id));
    std::vector<iam::Group> groups;
    for (const auto& id : policies.group_ids) {
        SEK_TRY(const auto group, domain::iam_groups.get_by(call.tx, domain::iam_groups_by_id, id));
        if (!group) return errors::internal_failure("a user's group is missing");
        groups.push_back(group_to_wire(*group));
    }
    iam::ListGroupsForUserResponse response;
    SEK_TRY(response.groups,
            page_of(call, "ListGroupsForUser\n" + user.id.str(), std::move(groups), request, response));
    return response;
}

Permissions update_group_permissions(const Call& call, const iam::UpdateGroupRequest& request) {
    auto permissions = on_entity(call, EntityKind::group, request.group_name);
    if (request.new_group_name || request.new_path) {
        permissions.push_back(
            on_new(call, "group", request.new_path, request.new_group_name.value_or(request.group_name), "group"));
    }
    return permissions;
}

Result<iam::UpdateGroupResponse> update_group(Call& call, const iam::UpdateGroupRequest& request) {
    SEK_TRY(auto group, require_group(call.tx, call.account(), request.group_name));
    const auto new_name = request.new_group_name.value_or(group.name);
    if (new_name != group.name) {
        if (!equals_ignoring_case(new_name, group.name) &&
            domain::iam_groups.exists(call.tx, call.account(), lower_ascii(new_name))) {
            return group_exists(new_name);
        }
        SEK_TRY(rename_policy_uses(call.tx, entity_of(group), new_name));
        SEK_TRY([[maybe_unused]] const bool existed,
                domain::iam_groups.erase(call.tx, call.account(), lower_ascii(group.name)));
        group.name = new_name;
    }
    group.path = request.new_path.value_or(group.path);
    SEK_TRY(domain::iam_groups.put(call.tx, group));
    return iam::UpdateGroupResponse{};
}

Result<iam::DeleteGroupResponse> delete_group(Call& call, const iam::DeleteGroupRequest& request) {
    SEK_TRY(const auto group, require_group(call.tx, call.account(), request.group_name));
    call.tx.read_guard(domain::group_members_guard(group.id));
    SEK_TRY(const auto members, domain::iam_group_memberships.scan(call.tx, store::prefix(group.id), {.limit = 1}));
    if (!members.items.empty()) {
        return iam::errors::delete_conflict_exception("Cannot delete entity, must remove users from group first.");
    }
    SEK_TRY(delete_policies(call.tx, entity_of(group)));
    SEK_TRY([[maybe_unused]] const bool existed,
            domain::iam_groups.erase(call.tx, call.account(), lower_ascii(group.name)));
    return iam::DeleteGroupResponse{};
}

Result<iam::AddUserToGroupResponse> add_user_to_group(Call& call, const iam::AddUserToGroupRequest& request) {
    SEK_TRY(const auto group, require_group(call.tx, call.account(), request.group_name));
    SEK_TRY(const auto user, require_user(call.tx, call.account(), request.user_name));
    SEK_TRY(auto policies, load_policies(call.tx, user.id));
    if (std::ranges::find(policies.group_ids, group.id) != policies.group_ids.end()) {
        return iam::AddUserToGroupResponse{};
    }
    if (policies.group_ids.size() >= limits::groups_of_user_max) {
        return iam::errors::limit_exceeded_exception("Cannot exceed quota for GroupsPerUser: " +
                                                     std::to_string(limits::groups_of_user_max));
    }
    policies.group_ids.push_back(group.id);
    SEK_TRY(save_policies(call.tx, policies));
    SEK_TRY(domain::iam_group_memberships.put(
        call.tx, {.account_id = call.account(), .group_id = group.id, .user_id = user.id}));
    return iam::AddUserToGroupResponse{};
}

Result<iam::RemoveUserFromGroupResponse> remove_user_from_group(Call& call,
                                                                const iam::RemoveUserFromGroupRequest& request) {
    SEK_TRY(const auto group, require_group(call.tx, call.account(), request.group_name));
    SEK_TRY(const auto user, require_user(call.tx, call.account(), request.user_name));
    SEK_TRY(auto policies, load_policies(call.tx, user.id));
    if (std::erase(policies.group_ids, group.id) == 0) {
        return iam::errors::no_such_entity_exception("User " + user.name + " is not in group " + group.name + ".");
    }
    SEK_TRY(save_policies(call.tx, policies));
    SEK_TRY([[maybe_unused]] const bool existed, domain::iam_group_memberships.erase(call.tx, group.id, user.id));
    return iam::RemoveUserFromGroupResponse{};
}

}  // namespace

const operation::OperationTable group_operations = {
    operation<iam::CreateGroup>(
        {.access = Access::write, .resources = create_group_permissions, .handle = create_group}),
    operation<iam::GetGroup>(
        {.access = Access::read, .resources = on_named_group<iam::GetGroupRequest>, .handle = get_group}),
    operation<iam::ListGroups>({.access = Access::read, .resources = list_groups_permissions, .handle = list_groups}),
    operation<iam::ListGroupsForUser>(
        {.access = Access::read, .resources = list_groups_for_user_permissions, .handle = list_groups_for_user}),
    operation<iam::UpdateGroup>(
        {.access = Access::write, .resources = update_group_permissions, .handle = update_group}),
    operation<iam::DeleteGroup>(
        {.access = Access::write, .resources = on_named_group<iam::DeleteGroupRequest>, .handle = delete_group}),
    operation<iam::AddUserToGroup>({.access = Access::write,
                                    .resources = on_named_group<iam::AddUserToGroupRequest>,
                                    .handle = add_user_to_group}),
    operation<iam::RemoveUserFromGroup>({.access = Access::write,
                                         .resources = on_named_group<iam::RemoveUserFromGroupRequest>,
                                         .handle = remove_user_from_group}),
};

}  // namespace sekisho::iam_service
