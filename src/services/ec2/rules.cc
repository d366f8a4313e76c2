#include "services/ec2/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "domain/cidr.h"
#include "wire/arn.h"

namespace sekisho::ec2_service {
namespace {

using domain::Cidr;
using domain::SecurityGroup;
using domain::SecurityGroupRule;

constexpr std::int32_t port_max = 65535;
constexpr std::string_view all_protocols = "-1";

// IANA's numbers of the protocols that EC2 names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> protocol_numbers = {
    {{"1", "icmp"}, {"6", "tcp"}, {"17", "udp"}, {"58", "icmpv6"}}};

bool has_ports(std::string_view protocol) {
    return protocol == "tcp" || protocol == "udp" || protocol == "icmp" || protocol == "icmpv6";
}

ApiError malformed_block(const std::string& text) {
    return invalid_value("CIDR block " + text + " is malformed");
}

Result<std::string> read_block(const std::optional<std::string>& text, bool ipv6) {
    const auto cidr = Cidr::parse(text.value_or(""));
    if (!cidr || cidr->is_ipv6 != ipv6) return malformed_block(text.value_or(""));
    return cidr->print();
}

Result<SecurityGroup> find_peer(const Call& call, const SecurityGroup& group, const ec2::UserIdGroupPair& pair) {
    if (!pair.group_id) {
        return error("InvalidGroup.NotFound",
                     "The security group '" + pair.group_name.value_or("") + "' does not exist in default VPC");
    }
    SEK_TRY(auto peer, find(call, domain::security_groups, security_group_kind, *pair.group_id));
    if (peer.vpc_id == group.vpc_id) return peer;
    return error("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.");
}

}  // namespace

Result<void> normalize_protocol(SecurityGroupRule& rule, const std::optional<std::string>& protocol,
                                std::optional<std::int32_t> from_port, std::optional<std::int32_t> to_port) {
    if (!protocol || protocol->empty()) return missing_parameter("ipProtocol");
    rule.protocol = lower_ascii(*protocol);
    if (rule.protocol == "all") rule.protocol = all_protocols;
    for (const auto& [number, name] : protocol_numbers) {
        if (rule.protocol == number) rule.protocol = name;
    }
    const bool is_number = std::ranges::all_of(rule.protocol, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number && rule.protocol != all_protocols && !has_ports(rule.protocol)) {
        return error("InvalidPermission.Malformed",
                     "Unsupported IP protocol \"" + *protocol + "\" - supported: [tcp, udp, icmp, icmpv6]");
    }
    rule.from_port = rule.to_port = -1;
    if (!has_ports(rule.protocol)) return {};
    const bool has_range = rule.protocol == "tcp" || rule.protocol == "udp";
    if (has_range && (!from_port || !to_port)) {
        return invalid_value("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
    }
    rule.from_port = from_port.value_or(-1);
    rule.to_port = to_port.value_or(-1);
    const auto is_port = [](std::int32_t port) { return port >= 0 && port <= port_max; };
    if (has_range && (!is_port(rule.from_port) || !is_port(rule.to_port) || rule.from_port > rule.to_port)) {
        return invalid_value(fmt::format("Invalid {} port range ({}:{})", rule.protocol == "tcp" ? "TCP" : "UDP",
                                         rule.from_port, rule.to_port));
    }
    return {};
}

Result<std::vector<SecurityGroupRule>> read_rules(const Call& call, const SecurityGroup& group,
                                                  const std::vector<ec2::IpPermission>& permissions, bool egress) {
    std::vector<SecurityGroupRule> rules;
    for (const auto& permission : permissions) {
        SecurityGroupRule common{.is_egress = egress};
        SEK_TRY(normalize_protocol(common, permission.ip_protocol, permission.from_port, permission.to_port));
        const auto add = [&](const std::optional<std::string>& description) -> SecurityGroupRule& {
            auto& rule = rules.emplace_back(common);
            rule.description = description.value_or("");
            return rule;
        };
        for (const auto& range : permission.ip_ranges.value_or(std::vector<ec2::IpRange>())) {
            SEK_TRY(auto block, read_block(range.cidr_ip, false));
            add(range.description).cidr_ipv4 = std::move(block);
        }
        for (const auto& range : permission.ipv6_ranges.value_or(std::vector<ec2::Ipv6Range>())) {
            SEK_TRY(auto block, read_block(range.cidr_ipv6, true));
            add(range.description).cidr_ipv6 = std::move(block);
        }
        for (const auto& list : permission.prefix_list_ids.value_or(std::vector<ec2::PrefixListId>())) {
            add(list.description).prefix_list_id = list.prefix_list_id.value_or("");
        }
        for (const auto& pair : permission.user_id_group_pairs.value_or(std::vector<ec2::UserIdGroupPair>())) {
            SEK_TRY(const auto peer, find_peer(call, group, pair));
            add(pair.description).group_id = peer.id;
        }
    }
    if (rules.empty()) return missing_parameter("ipPermissions");
    return rules;
}

bool is_same_rule(const SecurityGroupRule& a, const SecurityGroupRule& b) {
    const auto facts = [](const SecurityGroupRule& rule) {
        return std::tie(rule.is_egress, rule.protocol, rule.from_port, rule.to_port, rule.cidr_ipv4, rule.cidr_ipv6,
                        rule.prefix_list_id, rule.group_id);
    };
    return facts(a) == facts(b);
}

std::string describe_rule(const SecurityGroupRule& rule) {
    const auto& peer = !rule.cidr_ipv4.empty()        ? rule.cidr_ipv4
                       : !rule.cidr_ipv6.empty()      ? rule.cidr_ipv6
                       : !rule.prefix_list_id.empty() ? rule.prefix_list_id
                                                      : rule.group_id;
    std::string protocol;
    for (const char c : rule.protocol) protocol += upper_ascii(c);
    if (rule.protocol == all_protocols) return fmt::format("peer: {}, ALL, ALLOW", peer);
    if (!has_ports(rule.protocol)) return fmt::format("peer: {}, {}, ALLOW", peer, protocol);
    return fmt::format("peer: {}, {}, from port: {}, to port: {}, ALLOW", peer, protocol, rule.from_port, rule.to_port);
}

std::vector<ec2::IpPermission> permissions_to_wire(const SecurityGroup& group, bool egress) {
    std::vector<ec2::IpPermission> wire;
    for (const auto& rule : group.rules) {
        if (rule.is_egress != egress) continue;
        const bool shows_ports = has_ports(rule.protocol);
        const auto is_like = [&](const ec2::IpPermission& permission) {
            return permission.ip_protocol == rule.protocol &&
                   (!shows_ports || (permission.from_port == rule.from_port && permission.to_port == rule.to_port));
        };
        auto at = std::ranges::find_if(wire, is_like);
        if (at == wire.end()) {
            ec2::IpPermission fresh;
            fresh.ip_protocol = rule.protocol;
            if (shows_ports) fresh.from_port = rule.from_port;
            if (shows_ports) fresh.to_port = rule.to_port;
            fresh.ip_ranges.emplace();
            fresh.ipv6_ranges.emplace();
            fresh.prefix_list_ids.emplace();
            fresh.user_id_group_pairs.emplace();
            at = wire.insert(wire.end(), std::move(fresh));
        }
        std::optional<std::string> description;
        if (!rule.description.empty()) description = rule.description;
        if (!rule.cidr_ipv4.empty()) at->ip_ranges->push_back({description, rule.cidr_ipv4});
        if (!rule.cidr_ipv6.empty()) at->ipv6_ranges->push_back({description, rule.cidr_ipv6});
        if (!rule.prefix_list_id.empty()) at->prefix_list_ids->push_back({description, rule.prefix_list_id});
        if (rule.group_id.empty()) continue;
        at->user_id_group_pairs->push_back(
            {.description = description, .user_id = group.account_id.str(), .group_id = rule.group_id});
    }
    return wire;
}

ec2::SecurityGroupRule rule_to_wire(const SecurityGroup& group, const SecurityGroupRule& rule) {
    ec2::SecurityGroupRule wire;
    wire.security_group_rule_id = rule.id;
    wire.security_group_rule_arn =
        wire::make_arn("ec2", group.region, group.account_id, "security-group-rule/" + rule.id);
    wire.group_id = group.id;
    wire.group_owner_id = group.account_id.str();
    wire.is_egress = rule.is_egress;
    wire.ip_protocol = rule.protocol;
    wire.from_port = rule.from_port;
    wire.to_port = rule.to_port;
    if (!rule.cidr_ipv4.empty()) wire.cidr_ipv4 = rule.cidr_ipv4;
    if (!rule.cidr_ipv6.empty()) wire.cidr_ipv6 = rule.cidr_ipv6;
    if (!rule.prefix_list_id.empty()) wire.prefix_list_id = rule.prefix_list_id;
    if (!rule.group_id.empty()) {
        wire.referenced_group_info =
            ec2::ReferencedSecurityGroup{.group_id = rule.group_id, .user_id = group.account_id.str()};
    }
    if (!rule.description.empty()) wire.description = rule.description;
    wire.tags = tags_to_wire(rule.tags);
    return wire;
}

}  // namespace sekisho::ec2_service
