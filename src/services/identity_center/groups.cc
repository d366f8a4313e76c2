#include "base/json.h"
#include "base/text.h"
#include "services/identity_center/attribute_update.h"
#include "services/identity_center/forget.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

using identitystore::ResourceType;

constexpr std::string_view settable[] = {"DisplayName", "Description", "ExternalIds"};

template <class Request>
access::Permissions group_write_permissions(const Call& call, const Request& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::owner);
    add_group(permissions, request.group_id);
    return permissions;
}

access::Permissions describe_group_permissions(const Call& call, const identitystore::DescribeGroupRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    add_group(permissions, request.group_id);
    return permissions;
}

access::Permissions list_groups_permissions(const Call& call, const identitystore::ListGroupsRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    add_group(permissions, "*");
    return permissions;
}

template <class Wire>
void fill_group(const domain::DirectoryGroup& group, Wire& wire) {
    wire.identity_store_id = group.identity_store_id.str();
    wire.group_id = group.id.str();
    wire.group_arn = domain::directory_group_arn(group.id);
    wire.revision = std::to_string(group.revision);
    wire.display_name = group.display_name;
    wire.description = group.description;
    if (!group.external_ids.empty()) wire.external_ids.emplace();
    for (const auto& external : group.external_ids) {
        wire.external_ids->push_back({.issuer = external.issuer, .id = external.id});
    }
    wire.created_at = group.created_at;
    wire.updated_at = group.updated_at;
    wire.created_by = group.created_by;
    wire.updated_by = group.updated_by;
}

Result<void> check_group(const domain::DirectoryGroup& group) {
    if (group.display_name.empty()) return validation_error("displayName is a required attribute");
    return check_name_is_free_to_use(group.display_name);
}

Result<identitystore::CreateGroupResponse> create_group(Call& call, const identitystore::CreateGroupRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    const domain::DirectoryGroup group{.id = DirectoryGroupId(make_directory_id(center, call.random)),
                                       .identity_store_id = center.identity_store_id,
                                       .display_name = request.display_name.value_or(""),
                                       .description = request.description,
                                       .created_at = call.now,
                                       .updated_at = call.now,
                                       .created_by = call.caller.arn,
                                       .updated_by = call.caller.arn};
    SEK_TRY(check_group(group));
    if (auto put = domain::directory_groups.put(call.tx, group); !put) return conflict_of(std::move(put).error());
    return identitystore::CreateGroupResponse{.identity_store_id = center.identity_store_id.str(),
                                              .group_id = group.id.str(),
                                              .group_arn = domain::directory_group_arn(group.id),
                                              .revision = std::to_string(group.revision)};
}

Result<identitystore::DescribeGroupResponse> describe_group(Call& call,
                                                            const identitystore::DescribeGroupRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto group, find_group(call, center, request.group_id));
    identitystore::DescribeGroupResponse response;
    fill_group(group, response);
    return response;
}

Result<identitystore::UpdateGroupResponse> update_group(Call& call, const identitystore::UpdateGroupRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(auto group, find_group(call, center, request.group_id));
    if (request.revision && *request.revision != std::to_string(group.revision)) return stale_revision();

    identitystore::Group before, after;
    fill_group(group, before);
    SEK_TRY(update_attributes(identitystore::Group::shape, &before, settable, request.operations, &after));
    group.display_name = after.display_name.value_or("");
    group.description = after.description;
    group.external_ids.clear();
    for (const auto& external : after.external_ids.value_or(std::vector<identitystore::ExternalId>())) {
        group.external_ids.push_back({.issuer = external.issuer, .id = external.id});
    }
    SEK_TRY(check_group(group));
    ++group.revision;
    group.updated_at = call.now;
    group.updated_by = call.caller.arn;
    if (auto put = domain::directory_groups.put(call.tx, group); !put) return conflict_of(std::move(put).error());
    return identitystore::UpdateGroupResponse{.identity_store_id = center.identity_store_id.str(),
                                              .group_id = group.id.str(),
                                              .group_arn = domain::directory_group_arn(group.id),
                                              .revision = std::to_string(group.revision)};
}

Result<identitystore::DeleteGroupResponse> delete_group(Call& call, const identitystore::DeleteGroupRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto group, find_group(call, center, request.group_id));
    if (request.revision && *request.revision != std::to_string(group.revision)) return stale_revision();
    SEK_TRY(domain::directory_groups.erase(call.tx, center.identity_store_id, group.id));
    SEK_TRY(forget_later(call.tx, center, domain::AssigneeKind::group, group.id));
    return identitystore::DeleteGroupResponse();
}

Result<std::optional<domain::DirectoryGroup>> find_by_name(const Call& call, const IdentityStoreId& store,
                                                           std::string_view name) {
    SEK_TRY(auto group,
            domain::directory_groups.get_by(call.tx, domain::directory_groups_by_name, store, domain::fold_name(name)));
    if (group && group->display_name != name) group.reset();
    return group;
}

Result<identitystore::ListGroupsResponse> list_groups(Call& call, const identitystore::ListGroupsRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    const auto scope = "ListGroups " + center.identity_store_id.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    identitystore::ListGroupsResponse response;
    if (request.filters && !request.filters->empty()) {
        const auto& filter = request.filters->front();
        if (request.filters->size() > 1) return validation_error("Only one filter is supported.");
        if (!equals_ignoring_case(filter.attribute_path, "displayName")) {
            return validation_error("The attribute " + filter.attribute_path + " is not supported in a filter.");
        }
        SEK_TRY(const auto group, find_by_name(call, center.identity_store_id, filter.attribute_value));
        if (group) fill_group(*group, response.groups.emplace_back());
        return response;
    }
    SEK_TRY(const auto found, domain::directory_groups.scan(call.tx, store::prefix(center.identity_store_id), page));
    for (const auto& group : found.items) fill_group(group, response.groups.emplace_back());
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

Result<std::optional<domain::DirectoryGroup>> find_alternate(const Call& call, const IdentityStoreId& store,
                                                             const identitystore::AlternateIdentifier& identifier) {
    if (identifier.external_id.has_value() == identifier.unique_attribute.has_value()) {
        return validation_error("AlternateIdentifier must have exactly one member.");
    }
    if (identifier.external_id) {
        SEK_TRY(auto found,
                domain::directory_groups.scan_by(
                    call.tx, domain::directory_groups_by_external_id,
                    store::key(store, identifier.external_id->issuer, identifier.external_id->id), {.limit = 1}));
        if (found.items.empty()) return std::optional<domain::DirectoryGroup>();
        return std::optional(std::move(found.items.front()));
    }
    const auto& attribute = *identifier.unique_attribute;
    if (!equals_ignoring_case(attribute.attribute_path, "displayName")) {
        return validation_error("The attribute " + attribute.attribute_path + " is not a unique attribute");
    }
    const auto value = parse_json(attribute.attribute_value);
    if (!value || !value->is_string() || value->as_string().empty()) {
        return validation_error("attribute value cannot be empty or null for attribute path");
    }
    return find_by_name(call, store, std::string_view(value->as_string()));
}

access::Permissions get_group_id_permissions(const Call& call, const identitystore::GetGroupIdRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    std::string id = "*";
    if (const auto center = find_store(call, request.identity_store_id)) {
        const auto group = find_alternate(call, center->identity_store_id, request.alternate_identifier);
        if (group && *group) id = (*group)->id.str();
    }
    add_group(permissions, id);
    hide_last_resource(permissions);
    return permissions;
}

Result<identitystore::GetGroupIdResponse> get_group_id(Call& call, const identitystore::GetGroupIdRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto group, find_alternate(call, center.identity_store_id, request.alternate_identifier));
    if (!group) return not_found(ResourceType::group, "");
    return identitystore::GetGroupIdResponse{.identity_store_id = center.identity_store_id.str(),
                                             .group_id = group->id.str(),
                                             .group_arn = domain::directory_group_arn(group->id)};
}

}  // namespace

const operation::OperationTable group_operations = {
    operation::operation<identitystore::CreateGroup>(
        {.access = Access::write,
         .resources = store_write_permissions<identitystore::CreateGroupRequest>,
         .handle = create_group}),
    operation::operation<identitystore::DescribeGroup>(
        {.access = Access::read, .resources = describe_group_permissions, .handle = describe_group}),
    operation::operation<identitystore::UpdateGroup>(
        {.access = Access::write,
         .resources = group_write_permissions<identitystore::UpdateGroupRequest>,
         .handle = update_group}),
    operation::operation<identitystore::DeleteGroup>(
        {.access = Access::write,
         .resources = group_write_permissions<identitystore::DeleteGroupRequest>,
         .handle = delete_group}),
    operation::operation<identitystore::ListGroups>(
        {.access = Access::read, .resources = list_groups_permissions, .handle = list_groups}),
    operation::operation<identitystore::GetGroupId>(
        {.access = Access::read, .resources = get_group_id_permissions, .handle = get_group_id}),
};

}  // namespace sekisho::identity_center_service
