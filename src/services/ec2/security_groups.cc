#include <algorithm>

#include "services/ec2/describe.h"
#include "services/ec2/rules.h"
#include "services/ec2/service.h"
#include "wire/arn.h"

namespace sekisho::ec2_service {
namespace {

using domain::SecurityGroup;
using Values = std::vector<std::string>;

constexpr std::size_t name_max = 255;
constexpr std::string_view default_name = "default";

std::string arn_of_group(const SecurityGroup& group) {
    return wire::make_arn("ec2", group.region, group.account_id, "security-group/" + group.id);
}

ec2::SecurityGroup to_wire(const SecurityGroup& group) {
    ec2::SecurityGroup wire;
    wire.group_id = group.id;
    wire.group_name = group.name;
    wire.description = group.description;
    wire.owner_id = group.account_id.str();
    wire.vpc_id = group.vpc_id;
    wire.security_group_arn = arn_of_group(group);
    wire.ip_permissions = permissions_to_wire(group, false);
    wire.ip_permissions_egress = permissions_to_wire(group, true);
    wire.tags = tags_to_wire(group.tags);
    return wire;
}

Result<void> check_texts(const ec2::CreateSecurityGroupRequest& request) {
    const auto is_plain = [](std::string_view text) {
        return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
    };
    for (const auto& [name, text] :
         {std::pair{"GroupName", &request.group_name}, std::pair{"GroupDescription", &request.description}}) {
        if (text->empty()) return missing_parameter(name);
        if (text->size() > name_max || !is_plain(*text)) {
            return invalid_value("Value (" + *text + ") for parameter " + name +
                                 " is invalid. Character sets beyond ASCII are not supported.");
        }
    }
    if (request.group_name.starts_with("sg-")) return invalid_value("Group names may not be in the format sg-*.");
    if (request.group_name == default_name) return invalid_value("Cannot use reserved security group name: default");
    return {};
}

Result<ec2::CreateSecurityGroupResult> create_group(Call& call, const ec2::CreateSecurityGroupRequest& request) {
    SEK_TRY(check_texts(request));
    if (!request.vpc_id) return error("VPCIdNotSpecified", "No default VPC for this user");
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, *request.vpc_id));
    SEK_TRY(const auto others, all_in_vpc(call, domain::security_groups, vpc.id));
    if (std::ranges::find(others, request.group_name, &SecurityGroup::name) != others.end()) {
        return error("InvalidGroup.Duplicate",
                     "The security group '" + request.group_name + "' already exists for VPC '" + vpc.id + "'");
    }
    SEK_TRY(auto tags, read_tags(call, security_group_kind, request.tag_specifications));
    auto group = domain::make_security_group(vpc, request.group_name, request.description, call.now, call.random);
    group.tags = std::move(tags);
    SEK_TRY(domain::security_groups.put(call.tx, group));
    return ec2::CreateSecurityGroupResult{
        .group_id = group.id, .tags = tags_to_wire(group.tags), .security_group_arn = arn_of_group(group)};
}

access::Permissions create_permissions(const Call& call, const ec2::CreateSecurityGroupRequest& request) {
    auto permissions = making(call, security_group_kind, "CreateSecurityGroup", request.tag_specifications);
    if (request.vpc_id) permissions.push_back(on_existing(call, vpc_kind, *request.vpc_id));
    return permissions;
}

Result<ec2::DeleteSecurityGroupResult> delete_group(Call& call, const ec2::DeleteSecurityGroupRequest& request) {
    if (!request.group_id) return missing_parameter("GroupId");
    SEK_TRY(const auto group, find(call, domain::security_groups, security_group_kind, *request.group_id));
    if (group.name == default_name) {
        return error("CannotDelete",
                     "the specified group: \"" + group.id + "\" name: \"default\" cannot be deleted by a user");
    }
    SEK_TRY(const auto others, all_in_vpc(call, domain::security_groups, group.vpc_id));
    SEK_TRY(const auto interfaces, all_in_vpc(call, domain::network_interfaces, group.vpc_id));
    const bool is_referenced = std::ranges::any_of(others, [&](const auto& other) {
        return other.id != group.id &&
               std::ranges::find(other.rules, group.id, &domain::SecurityGroupRule::group_id) != other.rules.end();
    });
    const bool is_worn = std::ranges::any_of(interfaces, [&](const auto& interface) {
        return std::ranges::find(interface.security_group_ids, group.id) != interface.security_group_ids.end();
    });
    if (is_referenced || is_worn) return dependency_violation("resource " + group.id + " has a dependent object");
    SEK_TRY(domain::security_groups.erase(call.tx, call.account(), call.region(), group.id));
    return ec2::DeleteSecurityGroupResult{.return_ = true, .group_id = group.id};
}

// Values of the rules of one direction.
template <class Value>
Values of_rules(const SecurityGroup& group, bool egress, Value value) {
    Values values;
    for (const auto& rule : group.rules) {
        if (rule.is_egress == egress) values.push_back(value(rule));
    }
    return values;
}
template <bool egress, auto member>
Values rule_values(const SecurityGroup& group) {
    return of_rules(group, egress, [](const auto& rule) {
        if constexpr (std::is_same_v<decltype(member), std::int32_t domain::SecurityGroupRule::*>) {
            return std::to_string(rule.*member);
        } else {
            return rule.*member;
        }
    });
}
using Rule = domain::SecurityGroupRule;
constexpr FilterRow<SecurityGroup> filters[] = {
    {"description", [](const SecurityGroup& g) { return Values{g.description}; }},
    {"egress.ip-permission.cidr", rule_values<true, &Rule::cidr_ipv4>},
    {"egress.ip-permission.from-port", rule_values<true, &Rule::from_port>},
    {"egress.ip-permission.group-id", rule_values<true, &Rule::group_id>},
    {"egress.ip-permission.ipv6-cidr", rule_values<true, &Rule::cidr_ipv6>},
    {"egress.ip-permission.prefix-list-id", rule_values<true, &Rule::prefix_list_id>},
    {"egress.ip-permission.protocol", rule_values<true, &Rule::protocol>},
    {"egress.ip-permission.to-port", rule_values<true, &Rule::to_port>},
    {"group-id", [](const SecurityGroup& g) { return Values{g.id}; }},
    {"group-name", [](const SecurityGroup& g) { return Values{g.name}; }},
    {"ip-permission.cidr", rule_values<false, &Rule::cidr_ipv4>},
    {"ip-permission.from-port", rule_values<false, &Rule::from_port>},
    {"ip-permission.group-id", rule_values<false, &Rule::group_id>},
    {"ip-permission.ipv6-cidr", rule_values<false, &Rule::cidr_ipv6>},
    {"ip-permission.prefix-list-id", rule_values<false, &Rule::prefix_list_id>},
    {"ip-permission.protocol", rule_values<false, &Rule::protocol>},
    {"ip-permission.to-port", rule_values<false, &Rule::to_port>},
    {"owner-id", [](const SecurityGroup& g) { return Values{g.account_id.str()}; }},
    {"vpc-id", [](const SecurityGroup& g) { return Values{g.vpc_id}; }},
};

Result<ec2::DescribeSecurityGroupsResult> describe_groups(Call& call,
                                                          const ec2::DescribeSecurityGroupsRequest& request) {
    if (request.group_names && !request.group_names->empty()) {
        // Names are for groups of a default VPC.
        return error("InvalidGroup.NotFound",
                     "The security group '" + request.group_names->front() + "' does not exist in default VPC");
    }
    SEK_TRY(
        const auto found,
        describe<SecurityGroup>(call, domain::security_groups, security_group_kind, filters, request.group_ids,
                                request.filters, {"DescribeSecurityGroups", request.next_token, request.max_results}));
    ec2::DescribeSecurityGroupsResult result;
    result.next_token = found.next_token;
    result.security_groups.emplace();
    for (const auto& group : found.records) result.security_groups->push_back(to_wire(group));
    return result;
}

}  // namespace

const operation::OperationTable security_group_operations = {
    row<ec2::CreateSecurityGroup>({.access = Access::write, .resources = create_permissions, .handle = create_group}),
    row<ec2::DeleteSecurityGroup>({.access = Access::write,
                                   .resources = on<security_group_kind, &ec2::DeleteSecurityGroupRequest::group_id>,
                                   .handle = delete_group}),
    row<ec2::DescribeSecurityGroups>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeSecurityGroupsRequest>, .handle = describe_groups}),
};

}  // namespace sekisho::ec2_service
