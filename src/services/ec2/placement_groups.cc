#include "services/ec2/describe.h"
#include "services/ec2/service.h"
#include "wire/arn.h"

namespace sekisho::ec2_service {
namespace {

using domain::PlacementGroup;
using Values = std::vector<std::string>;

constexpr std::int32_t partitions_max = 7;

// Placement groups are named by their names in ARNs.
std::string arn_of_group(const AccountId& account, const Region& region, std::string_view name) {
    return wire::make_arn("ec2", region, account, "placement-group/" + std::string(name));
}

ec2::PlacementGroup to_wire(const PlacementGroup& group) {
    ec2::PlacementGroup wire;
    wire.group_id = group.id;
    wire.group_name = group.name;
    wire.group_arn = arn_of_group(group.account_id, group.region, group.name);
    wire.state = ec2::PlacementGroupState::available;
    wire.strategy = enum_of<ec2::PlacementStrategy>(group.strategy);
    if (group.partitions != 0) wire.partition_count = group.partitions;
    if (!group.spread_level.empty()) wire.spread_level = enum_of<ec2::SpreadLevel>(group.spread_level);
    wire.tags = tags_to_wire(group.tags);
    return wire;
}

Result<std::optional<PlacementGroup>> find_by_name(const Call& call, const std::string& name) {
    return domain::placement_groups.get_by(call.tx, domain::by_name, call.account(), call.region(), name);
}

Result<ec2::CreatePlacementGroupResult> create_group(Call& call, const ec2::CreatePlacementGroupRequest& request) {
    if (!request.group_name || request.group_name->empty()) return missing_parameter("groupName");
    const auto strategy = request.strategy.value_or(ec2::PlacementStrategy::cluster);
    if (request.partition_count && strategy != ec2::PlacementStrategy::partition) {
        return error("InvalidParameterCombination", "The parameter PartitionCount is for the strategy partition only.");
    }
    if (request.partition_count && (*request.partition_count < 1 || *request.partition_count > partitions_max)) {
        return invalid_value("Value (" + std::to_string(*request.partition_count) +
                             ") for parameter partitionCount is invalid.");
    }
    SEK_TRY(const auto other, find_by_name(call, *request.group_name));
    if (other) {
        return error("InvalidPlacementGroup.Duplicate",
                     "The Placement Group '" + *request.group_name + "' already exists.");
    }
    SEK_TRY(auto tags, read_tags(call, placement_group_kind, request.tag_specifications));
    auto group = new_record<PlacementGroup>(call, placement_group_kind.prefix, std::move(tags));
    group.name = *request.group_name;
    group.strategy = enum_text(strategy);
    if (strategy == ec2::PlacementStrategy::partition) group.partitions = request.partition_count.value_or(2);
    if (request.spread_level) group.spread_level = enum_text(*request.spread_level);
    SEK_TRY(domain::placement_groups.put(call.tx, group));
    return ec2::CreatePlacementGroupResult{.placement_group = to_wire(group)};
}

access::Permissions create_permissions(const Call& call, const ec2::CreatePlacementGroupRequest& request) {
    auto permissions = making(call, placement_group_kind, "CreatePlacementGroup", request.tag_specifications);
    for (auto& permission : permissions) {
        permission.resource = arn_of_group(call.account(), call.region(), request.group_name.value_or("*"));
    }
    return permissions;
}

Result<ec2::DeletePlacementGroup::Response> delete_group(Call& call, const ec2::DeletePlacementGroupRequest& request) {
    SEK_TRY(const auto group, find_by_name(call, request.group_name));
    if (!group) return not_found(placement_group_kind, request.group_name);
    SEK_TRY(domain::placement_groups.erase(call.tx, call.account(), call.region(), group->id));
    return ec2::DeletePlacementGroup::Response{};
}

access::Permissions delete_permissions(const Call& call, const ec2::DeletePlacementGroupRequest& request) {
    const auto group = find_by_name(call, request.group_name);
    auto permission = on_existing(call, placement_group_kind, group && *group ? (*group)->id : "*");
    permission.resource = arn_of_group(call.account(), call.region(), request.group_name);
    return {std::move(permission)};
}

constexpr FilterRow<PlacementGroup> filters[] = {
    {"group-arn", [](const PlacementGroup& g) { return Values{arn_of_group(g.account_id, g.region, g.name)}; }},
    {"group-name", [](const PlacementGroup& g) { return Values{g.name}; }},
    {"spread-level", [](const PlacementGroup& g) { return Values{g.spread_level}; }},
    {"state", [](const PlacementGroup&) { return Values{"available"}; }},
    {"strategy", [](const PlacementGroup& g) { return Values{g.strategy}; }},
};

Result<ec2::DescribePlacementGroupsResult> describe_groups(Call& call,
                                                           const ec2::DescribePlacementGroupsRequest& request) {
    Ids ids = request.group_ids;
    for (const auto& name : request.group_names.value_or(Values())) {
        SEK_TRY(const auto group, find_by_name(call, name));
        if (!group) return not_found(placement_group_kind, name);
        if (!ids) ids.emplace();
        ids->push_back(group->id);
    }
    SEK_TRY(const auto found, describe<PlacementGroup>(call, domain::placement_groups, placement_group_kind, filters,
                                                       ids, request.filters, {"DescribePlacementGroups", {}, {}}));
    ec2::DescribePlacementGroupsResult result;
    result.placement_groups.emplace();
    for (const auto& group : found.records) result.placement_groups->push_back(to_wire(group));
    return result;
}

}  // namespace

const operation::OperationTable placement_group_operations = {
    row<ec2::CreatePlacementGroup>({.access = Access::write, .resources = create_permissions, .handle = create_group}),
    row<ec2::DeletePlacementGroup>({.access = Access::write, .resources = delete_permissions, .handle = delete_group}),
    row<ec2::DescribePlacementGroups>({.access = Access::read,
                                       .resources = anywhere<ec2::DescribePlacementGroupsRequest>,
                                       .handle = describe_groups}),
};

}  // namespace sekisho::ec2_service
