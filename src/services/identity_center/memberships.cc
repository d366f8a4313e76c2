#include "services/identity_center/directory.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

using identitystore::ResourceType;

std::string user_id_or_any(const identitystore::MemberId& member) {
    return member.user_id.value_or("*");
}

access::Permissions create_permissions(const Call& call, const identitystore::CreateGroupMembershipRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::owner);
    add_group(permissions, request.group_id);
    add_user(permissions, user_id_or_any(request.member_id));
    return permissions;
}

// A membership known by its id is also one of its group and its user.
template <Reach reach, class Request>
access::Permissions membership_permissions(const Call& call, const Request& request) {
    auto permissions = on_store(call, request.identity_store_id, reach);
    add_membership(permissions, request.membership_id);
    std::string group = "*";
    std::string user = "*";
    if (const auto center = find_store(call, request.identity_store_id)) {
        const auto membership = find_membership(call, *center, request.membership_id);
        if (membership) {
            group = membership->group_id.str();
            user = membership->person_id.str();
        }
    }
    add_group(permissions, group);
    hide_last_resource(permissions);
    add_user(permissions, user);
    hide_last_resource(permissions);
    return permissions;
}

access::Permissions get_id_permissions(const Call& call, const identitystore::GetGroupMembershipIdRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    add_group(permissions, request.group_id);
    add_user(permissions, user_id_or_any(request.member_id));
    std::string id = "*";
    if (const auto center = find_store(call, request.identity_store_id)) {
        const auto membership =
            domain::memberships.get(call.tx, center->identity_store_id, id_of(request.group_id, "group"),
                                    id_of(user_id_or_any(request.member_id), "user"));
        if (membership && *membership) id = (*membership)->id.str();
    }
    add_membership(permissions, id);
    hide_last_resource(permissions);
    return permissions;
}

access::Permissions list_permissions(const Call& call, const identitystore::ListGroupMembershipsRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    add_membership(permissions, "*");
    add_group(permissions, request.group_id);
    return permissions;
}

access::Permissions list_for_member_permissions(const Call& call,
                                                const identitystore::ListGroupMembershipsForMemberRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    add_membership(permissions, "*");
    add_user(permissions, user_id_or_any(request.member_id));
    return permissions;
}

access::Permissions is_member_permissions(const Call& call, const identitystore::IsMemberInGroupsRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    add_membership(permissions, "*");
    for (const auto& group : request.group_ids) add_group(permissions, group);
    add_user(permissions, user_id_or_any(request.member_id));
    return permissions;
}

template <class Wire>
void fill_membership(const domain::Membership& membership, Wire& wire) {
    wire.identity_store_id = membership.identity_store_id.str();
    wire.membership_id = membership.id.str();
    wire.membership_arn = domain::membership_arn(membership.id);
    wire.group_id = membership.group_id.str();
    wire.member_id = identitystore::MemberId{.user_id = membership.person_id.str()};
    wire.created_at = membership.created_at;
    wire.updated_at = membership.updated_at;
    wire.created_by = membership.created_by;
    wire.updated_by = membership.updated_by;
}

Result<identitystore::CreateGroupMembershipResponse> create_group_membership(
    Call& call, const identitystore::CreateGroupMembershipRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto user_id, member_user_id(request.member_id));
    // Both are read by key: a deletion at the same time makes this run again.
    SEK_TRY(const auto group, find_group(call, center, request.group_id));
    SEK_TRY(const auto person, find_person(call, center, user_id));
    if (domain::memberships.exists(call.tx, center.identity_store_id, group.id, person.id)) {
        return identitystore::errors::conflict_exception("Member and Group relationship already exists.")
            .with("Reason", "UNIQUENESS_CONSTRAINT_VIOLATION");
    }
    const domain::Membership membership{.id = MembershipId(make_directory_id(center, call.random)),
                                        .identity_store_id = center.identity_store_id,
                                        .group_id = group.id,
                                        .person_id = person.id,
                                        .created_at = call.now,
                                        .updated_at = call.now,
                                        .created_by = call.caller.arn,
                                        .updated_by = call.caller.arn};
    SEK_TRY(domain::memberships.put(call.tx, membership));
    return identitystore::CreateGroupMembershipResponse{.identity_store_id = center.identity_store_id.str(),
                                                        .membership_id = membership.id.str(),
                                                        .membership_arn = domain::membership_arn(membership.id)};
}

Result<identitystore::DeleteGroupMembershipResponse> delete_group_membership(
    Call& call, const identitystore::DeleteGroupMembershipRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto membership, find_membership(call, center, request.membership_id));
    SEK_TRY(domain::memberships.erase(call.tx, center.identity_store_id, membership.group_id, membership.person_id));
    return identitystore::DeleteGroupMembershipResponse();
}

Result<identitystore::DescribeGroupMembershipResponse> describe_group_membership(
    Call& call, const identitystore::DescribeGroupMembershipRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto membership, find_membership(call, center, request.membership_id));
    identitystore::DescribeGroupMembershipResponse response;
    fill_membership(membership, response);
    return response;
}

Result<identitystore::GetGroupMembershipIdResponse> get_group_membership_id(
    Call& call, const identitystore::GetGroupMembershipIdRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto user_id, member_user_id(request.member_id));
    SEK_TRY(const auto membership,
            domain::memberships.get(call.tx, center.identity_store_id, id_of(request.group_id, "group"), user_id));
    if (!membership) return not_found(ResourceType::group_membership, "");
    return identitystore::GetGroupMembershipIdResponse{.identity_store_id = center.identity_store_id.str(),
                                                       .membership_id = membership->id.str(),
                                                       .membership_arn = domain::membership_arn(membership->id)};
}

Result<identitystore::ListGroupMembershipsResponse> list_group_memberships(
    Call& call, const identitystore::ListGroupMembershipsRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto group, find_group(call, center, request.group_id));
    const auto scope = "ListGroupMemberships " + group.id.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found,
            domain::memberships.scan(call.tx, store::prefix(center.identity_store_id, group.id), page));
    identitystore::ListGroupMembershipsResponse response;
    for (const auto& item : found.items) fill_membership(item, response.group_memberships.emplace_back());
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

Result<identitystore::ListGroupMembershipsForMemberResponse> list_group_memberships_for_member(
    Call& call, const identitystore::ListGroupMembershipsForMemberRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto user_id, member_user_id(request.member_id));
    SEK_TRY(const auto person, find_person(call, center, user_id));
    const auto scope = "ListGroupMembershipsForMember " + person.id.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found, domain::memberships.scan_by(call.tx, domain::memberships_by_person,
                                                          store::prefix(center.identity_store_id, person.id), page));
    identitystore::ListGroupMembershipsForMemberResponse response;
    for (const auto& item : found.items) fill_membership(item, response.group_memberships.emplace_back());
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

Result<identitystore::IsMemberInGroupsResponse> is_member_in_groups(
    Call& call, const identitystore::IsMemberInGroupsRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto user_id, member_user_id(request.member_id));
    SEK_TRY(const auto person, find_person(call, center, user_id));
    identitystore::IsMemberInGroupsResponse response;
    for (const auto& group : request.group_ids) {
        const auto id = id_of(group, "group");
        response.results.push_back(
            {.group_id = std::string(id),
             .member_id = identitystore::MemberId{.user_id = person.id.str()},
             .membership_exists = domain::memberships.exists(call.tx, center.identity_store_id, id, person.id)});
    }
    return response;
}

}  // namespace

const operation::OperationTable membership_operations = {
    operation::operation<identitystore::CreateGroupMembership>(
        {.access = Access::write, .resources = create_permissions, .handle = create_group_membership}),
    operation::operation<identitystore::DeleteGroupMembership>(
        {.access = Access::write,
         .resources = membership_permissions<Reach::owner, identitystore::DeleteGroupMembershipRequest>,
         .handle = delete_group_membership}),
    operation::operation<identitystore::DescribeGroupMembership>(
        {.access = Access::read,
         .resources = membership_permissions<Reach::members, identitystore::DescribeGroupMembershipRequest>,
         .handle = describe_group_membership}),
    operation::operation<identitystore::GetGroupMembershipId>(
        {.access = Access::read, .resources = get_id_permissions, .handle = get_group_membership_id}),
    operation::operation<identitystore::ListGroupMemberships>(
        {.access = Access::read, .resources = list_permissions, .handle = list_group_memberships}),
    operation::operation<identitystore::ListGroupMembershipsForMember>({.access = Access::read,
                                                                        .resources = list_for_member_permissions,
                                                                        .handle = list_group_memberships_for_member}),
    operation::operation<identitystore::IsMemberInGroups>(
        {.access = Access::read, .resources = is_member_permissions, .handle = is_member_in_groups}),
};

}  // namespace sekisho::identity_center_service
