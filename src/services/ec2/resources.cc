#include "services/ec2/resources.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace sekisho::ec2_service {
namespace {

using ec2::ResourceType;
using Tags = Result<std::optional<domain::Tags>>;

template <const auto& table>
Tags tags_of(const store::Reader& reader, const AccountId& account, const Region& region, const std::string& id) {
    SEK_TRY(auto record, table.get(reader, account, region, id));
    if (!record) return std::optional<domain::Tags>();
    return std::optional(std::move(record->tags));
}

template <const auto& table>
Result<void> put_tags_of(store::Transaction& tx, const AccountId& account, const Region& region, const std::string& id,
                         domain::Tags tags) {
    SEK_TRY(auto record, table.get(tx, account, region, id));
    if (!record) return {};
    record->tags = std::move(tags);
    return table.put(tx, *record);
}

template <const auto& table>
Result<void> each_of(const store::Reader& reader, const AccountId& account, const Region& region,
                     const ResourceKind::Visit& visit) {
    return table.each(reader, store::prefix(account, region), [&](const auto& record) {
        visit(record.id, record.tags);
        return true;
    });
}

template <const auto& table>
constexpr ResourceKind stored(std::string_view prefix, ResourceType type, std::string_view code, std::string_view text,
                              std::string_view malformed) {
    return {prefix, type, code, text, malformed, tags_of<table>, put_tags_of<table>, each_of<table>};
}

// Rules have tags of their own inside of their group.
Tags tags_of_rule(const store::Reader& reader, const AccountId& account, const Region& region, const std::string& id) {
    SEK_TRY(const auto group, group_of_rule(reader, account, region, id));
    if (!group) return std::optional<domain::Tags>();
    return std::optional(std::ranges::find(group->rules, id, &domain::SecurityGroupRule::id)->tags);
}
Result<void> put_tags_of_rule(store::Transaction& tx, const AccountId& account, const Region& region,
                              const std::string& id, domain::Tags tags) {
    SEK_TRY(auto group, group_of_rule(tx, account, region, id));
    if (!group) return {};
    std::ranges::find(group->rules, id, &domain::SecurityGroupRule::id)->tags = std::move(tags);
    return domain::security_groups.put(tx, *group);
}
Result<void> each_rule(const store::Reader& reader, const AccountId& account, const Region& region,
                       const ResourceKind::Visit& visit) {
    return domain::security_groups.each(reader, store::prefix(account, region), [&](const auto& group) {
        for (const auto& rule : group.rules) visit(rule.id, rule.tags);
        return true;
    });
}

// Known by their errors only: they have no tags to change.
Tags no_tags(const store::Reader&, const AccountId&, const Region&, const std::string&) {
    return std::optional<domain::Tags>();
}
Result<void> put_no_tags(store::Transaction&, const AccountId&, const Region&, const std::string&, domain::Tags) {
    return {};
}
Result<void> each_of_none(const store::Reader&, const AccountId&, const Region&, const ResourceKind::Visit&) {
    return {};
}

}  // namespace

const ResourceKind vpc_kind = stored<domain::vpcs>("vpc", ResourceType::vpc, "InvalidVpcID.NotFound",
                                                   "The vpc ID '{}' does not exist", "InvalidVpcID.Malformed");
const ResourceKind subnet_kind =
    stored<domain::subnets>("subnet", ResourceType::subnet, "InvalidSubnetID.NotFound",
                            "The subnet ID '{}' does not exist", "InvalidSubnetID.Malformed");
const ResourceKind internet_gateway_kind = stored<domain::internet_gateways>(
    "igw", ResourceType::internet_gateway, "InvalidInternetGatewayID.NotFound",
    "The internetGateway ID '{}' does not exist", "InvalidInternetGatewayID.Malformed");
const ResourceKind egress_only_gateway_kind = stored<domain::egress_only_internet_gateways>(
    "eigw", ResourceType::egress_only_internet_gateway, "InvalidGatewayID.NotFound",
    "The egressOnlyInternetGateway ID '{}' does not exist", "InvalidGatewayID.Malformed");
const ResourceKind nat_gateway_kind = stored<domain::nat_gateways>(
    "nat", ResourceType::natgateway, "NatGatewayNotFound", "NAT gateway {} was not found", "NatGatewayMalformed");
const ResourceKind route_table_kind =
    stored<domain::route_tables>("rtb", ResourceType::route_table, "InvalidRouteTableID.NotFound",
                                 "The routeTable ID '{}' does not exist", "InvalidRouteTableId.Malformed");
const ResourceKind address_kind =
    stored<domain::addresses>("eipalloc", ResourceType::elastic_ip, "InvalidAllocationID.NotFound",
                              "The allocation ID '{}' does not exist", "InvalidAllocationID.Malformed");
const ResourceKind network_interface_kind = stored<domain::network_interfaces>(
    "eni", ResourceType::network_interface, "InvalidNetworkInterfaceID.NotFound",
    "The networkInterface ID '{}' does not exist", "InvalidNetworkInterfaceId.Malformed");
const ResourceKind security_group_kind =
    stored<domain::security_groups>("sg", ResourceType::security_group, "InvalidGroup.NotFound",
                                    "The security group '{}' does not exist", "InvalidGroupId.Malformed");
const ResourceKind security_group_rule_kind = {"sgr",
                                               ResourceType::security_group_rule,
                                               "InvalidSecurityGroupRuleId.NotFound",
                                               "The security group rule ID '{}' does not exist",
                                               "InvalidSecurityGroupRuleId.Malformed",
                                               tags_of_rule,
                                               put_tags_of_rule,
                                               each_rule};
const ResourceKind launch_template_kind = stored<domain::launch_templates>(
    "lt", ResourceType::launch_template, "InvalidLaunchTemplateId.NotFound",
    "The specified launch template, with template ID {}, does not exist.", "InvalidLaunchTemplateId.Malformed");
const ResourceKind key_pair_kind =
    stored<domain::key_pairs>("key", ResourceType::key_pair, "InvalidKeyPair.NotFound",
                              "The key pair '{}' does not exist", "InvalidKeyPair.Format");
const ResourceKind placement_group_kind =
    stored<domain::placement_groups>("pg", ResourceType::placement_group, "InvalidPlacementGroup.Unknown",
                                     "The Placement Group '{}' is unknown.", "InvalidPlacementGroupId.Malformed");
const ResourceKind network_acl_kind = {"acl",
                                       ResourceType::network_acl,
                                       "InvalidNetworkAclID.NotFound",
                                       "The networkAcl ID '{}' does not exist",
                                       "InvalidNetworkAclID.Malformed",
                                       no_tags,
                                       put_no_tags,
                                       each_of_none};
const ResourceKind instance_kind = {"i",
                                    ResourceType::instance,
                                    "InvalidInstanceID.NotFound",
                                    "The instance ID '{}' does not exist",
                                    "InvalidInstanceID.Malformed",
                                    no_tags,
                                    put_no_tags,
                                    each_of_none};

std::span<const ResourceKind* const> all_kinds() {
    static constexpr const ResourceKind* kinds[] = {&vpc_kind,
                                                    &subnet_kind,
                                                    &internet_gateway_kind,
                                                    &egress_only_gateway_kind,
                                                    &nat_gateway_kind,
                                                    &route_table_kind,
                                                    &address_kind,
                                                    &network_interface_kind,
                                                    &security_group_kind,
                                                    &key_pair_kind,
                                                    &security_group_rule_kind,
                                                    &launch_template_kind,
                                                    &placement_group_kind,
                                                    &network_acl_kind,
                                                    &instance_kind};
    return kinds;
}

const ResourceKind* kind_of_id(std::string_view id) {
    const auto prefix = id.substr(0, id.find('-'));
    const auto found = std::ranges::find(all_kinds(), prefix, [](const ResourceKind* kind) { return kind->prefix; });
    return found == all_kinds().end() ? nullptr : *found;
}

ApiError not_found(const ResourceKind& kind, std::string_view id) {
    return {.code = std::string(kind.not_found), .message = replace_all(std::string(kind.not_found_text), "{}", id)};
}

Result<void> check_id(const ResourceKind& kind, std::string_view id) {
    const bool is_of_kind = id.starts_with(kind.prefix) && id.substr(kind.prefix.size()).starts_with('-');
    const auto digits = is_of_kind ? id.substr(kind.prefix.size() + 1) : std::string_view();
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if ((digits.size() == 8 || digits.size() == 17) && std::ranges::all_of(digits, is_hex)) return {};
    return ApiError{.code = std::string(kind.malformed),
                    .message = fmt::format("Invalid id: \"{}\"{}", id,
                                           is_of_kind ? "" : fmt::format(" (expecting \"{}-...\")", kind.prefix))};
}

Result<std::optional<domain::SecurityGroup>> group_of_rule(const store::Reader& reader, const AccountId& account,
                                                           const Region& region, const std::string& rule_id) {
    std::optional<domain::SecurityGroup> found;
    SEK_TRY(domain::security_groups.each(reader, store::prefix(account, region), [&](const auto& group) {
        if (std::ranges::find(group.rules, rule_id, &domain::SecurityGroupRule::id) != group.rules.end()) found = group;
        return !found;
    }));
    return read_found(reader, domain::security_groups, found);
}

}  // namespace sekisho::ec2_service
