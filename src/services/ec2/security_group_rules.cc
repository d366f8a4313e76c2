#include <algorithm>

#include "base/limits.h"
#include "domain/cidr.h"
#include "services/ec2/describe.h"
#include "services/ec2/rules.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using domain::SecurityGroup;
using domain::SecurityGroupRule;
using Values = std::vector<std::string>;

template <class Request>
constexpr bool is_egress = std::is_same_v<Request, ec2::AuthorizeSecurityGroupEgressRequest> ||
                           std::is_same_v<Request, ec2::RevokeSecurityGroupEgressRequest> ||
                           std::is_same_v<Request, ec2::UpdateSecurityGroupRuleDescriptionsEgressRequest>;

template <class Request>
std::optional<std::string> group_id_of(const Request& request) {
    return request.group_id;
}

template <class Request>
Result<SecurityGroup> find_group(const Call& call, const Request& request) {
    const auto id = group_id_of(request);
    if (!id) return error("MissingParameter", "The request must contain the parameter groupName or groupId");
    return find(call, domain::security_groups, security_group_kind, *id);
}

// The permissions of a request: a list, or the older form with one at its top.
template <class Request>
std::vector<ec2::IpPermission> permissions_of(const Request& request) {
    if (request.ip_permissions) return *request.ip_permissions;
    if constexpr (requires { request.cidr_ip; }) {
        if (request.ip_protocol) {
            ec2::IpPermission permission{
                .ip_protocol = request.ip_protocol, .from_port = request.from_port, .to_port = request.to_port};
            permission.ip_ranges.emplace().push_back({.cidr_ip = request.cidr_ip});
            return {std::move(permission)};
        }
    }
    return {};
}

template <class Op>
Result<typename Op::Response> authorize(Call& call, const typename Op::Request& request) {
    constexpr bool egress = is_egress<typename Op::Request>;
    SEK_TRY(auto group, find_group(call, request));
    SEK_TRY(auto rules, read_rules(call, group, permissions_of(request), egress));
    SEK_TRY(const auto tags, read_tags(call, security_group_rule_kind, request.tag_specifications));
    typename Op::Response response;
    response.return_ = true;
    response.security_group_rules.emplace();
    for (auto& rule : rules) {
        const auto same = [&](const SecurityGroupRule& other) { return is_same_rule(rule, other); };
        if (std::ranges::any_of(group.rules, same)) {
            return error("InvalidPermission.Duplicate",
                         "the specified rule \"" + describe_rule(rule) + "\" already exists");
        }
        rule.id = domain::make_ec2_id(security_group_rule_kind.prefix, call.random);
        rule.tags = tags;
        response.security_group_rules->push_back(rule_to_wire(group, rule));
        group.rules.push_back(std::move(rule));
    }
    const auto count = std::ranges::count(group.rules, egress, &SecurityGroupRule::is_egress);
    if (static_cast<std::size_t>(count) > limits::security_group_rules_max) {
        return error("RulesPerSecurityGroupLimitExceeded",
                     "The maximum number of rules per security group has been reached.");
    }
    SEK_TRY(domain::security_groups.put(call.tx, group));
    return response;
}

template <class Op>
access::Permissions authorize_permissions(const Call& call, const typename Op::Request& request) {
    access::Permissions permissions{on_existing(call, security_group_kind, group_id_of(request).value_or("*"))};
    auto rules = making(call, security_group_rule_kind, Op::model.name, request.tag_specifications);
    // Without tags the new rule is no resource of the request.
    if (rules.size() > 1) permissions.insert(permissions.end(), rules.begin(), rules.end());
    return permissions;
}

ec2::RevokedSecurityGroupRule revoked(const SecurityGroup& group, const SecurityGroupRule& rule) {
    const auto shown = rule_to_wire(group, rule);
    ec2::RevokedSecurityGroupRule wire{.security_group_rule_id = rule.id,
                                       .group_id = group.id,
                                       .is_egress = rule.is_egress,
                                       .ip_protocol = shown.ip_protocol,
                                       .from_port = shown.from_port,
                                       .to_port = shown.to_port,
                                       .cidr_ipv4 = shown.cidr_ipv4,
                                       .cidr_ipv6 = shown.cidr_ipv6,
                                       .prefix_list_id = shown.prefix_list_id,
                                       .referenced_group_id = {},
                                       .description = shown.description};
    if (!rule.group_id.empty()) wire.referenced_group_id = rule.group_id;
    return wire;
}

template <class Op>
Result<typename Op::Response> revoke(Call& call, const typename Op::Request& request) {
    constexpr bool egress = is_egress<typename Op::Request>;
    SEK_TRY(auto group, find_group(call, request));
    typename Op::Response response;
    response.return_ = true;
    response.revoked_security_group_rules.emplace();
    const auto take = [&](auto is_meant) {
        const auto at = std::ranges::find_if(group.rules, is_meant);
        if (at == group.rules.end()) return false;
        response.revoked_security_group_rules->push_back(revoked(group, *at));
        group.rules.erase(at);
        return true;
    };
    for (const auto& id : request.security_group_rule_ids.value_or(Values())) {
        const auto is_meant = [&](const auto& rule) { return rule.id == id && rule.is_egress == egress; };
        if (!take(is_meant)) return not_found(security_group_rule_kind, id);
    }
    const auto permissions = permissions_of(request);
    if (!permissions.empty() || !request.security_group_rule_ids) {
        SEK_TRY(const auto rules, read_rules(call, group, permissions, egress));
        for (const auto& rule : rules) {
            if (take([&](const auto& other) { return is_same_rule(rule, other); })) continue;
            return error("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
        }
    }
    SEK_TRY(domain::security_groups.put(call.tx, group));
    return response;
}

template <class Request>
access::Permissions on_group(const Call& call, const Request& request) {
    return {on_existing(call, security_group_kind, group_id_of(request).value_or("*"))};
}

Result<ec2::ModifySecurityGroupRulesResult> modify_rules(Call& call,
                                                         const ec2::ModifySecurityGroupRulesRequest& request) {
    SEK_TRY(auto group, find_group(call, request));
    for (const auto& update : request.security_group_rules) {
        const auto at = std::ranges::find(group.rules, update.security_group_rule_id, &SecurityGroupRule::id);
        if (at == group.rules.end()) return not_found(security_group_rule_kind, update.security_group_rule_id);
        if (!update.security_group_rule) return missing_parameter("SecurityGroupRule");
        const auto& asked = *update.security_group_rule;
        ec2::IpPermission permission{
            .ip_protocol = asked.ip_protocol, .from_port = asked.from_port, .to_port = asked.to_port};
        if (asked.cidr_ipv4) permission.ip_ranges = {{.description = asked.description, .cidr_ip = asked.cidr_ipv4}};
        if (asked.cidr_ipv6) {
            permission.ipv6_ranges = {{.description = asked.description, .cidr_ipv6 = asked.cidr_ipv6}};
        }
        if (asked.prefix_list_id) {
            permission.prefix_list_ids = {{.description = asked.description, .prefix_list_id = asked.prefix_list_id}};
        }
        if (asked.referenced_group_id) {
            permission.user_id_group_pairs.emplace().push_back(
                {.description = asked.description, .group_id = asked.referenced_group_id});
        }
        SEK_TRY(auto rules, read_rules(call, group, {permission}, at->is_egress));
        if (rules.size() != 1) return invalid_value("A rule has one source or destination.");
        rules.front().id = at->id;
        rules.front().tags = at->tags;
        *at = std::move(rules.front());
    }
    SEK_TRY(domain::security_groups.put(call.tx, group));
    return ec2::ModifySecurityGroupRulesResult{.return_ = true};
}

// By ids, or by permissions that say what lets through and the new description.
template <class Op>
Result<typename Op::Response> update_descriptions(Call& call, const typename Op::Request& request) {
    SEK_TRY(auto group, find_group(call, request));
    using Descriptions = std::vector<ec2::SecurityGroupRuleDescription>;
    for (const auto& asked : request.security_group_rule_descriptions.value_or(Descriptions())) {
        const auto id = asked.security_group_rule_id.value_or("");
        const auto at = std::ranges::find(group.rules, id, &SecurityGroupRule::id);
        if (at == group.rules.end()) return not_found(security_group_rule_kind, id);
        at->description = asked.description.value_or("");
    }
    if (request.ip_permissions) {
        SEK_TRY(const auto rules, read_rules(call, group, *request.ip_permissions, is_egress<typename Op::Request>));
        for (const auto& rule : rules) {
            const auto at =
                std::ranges::find_if(group.rules, [&](const auto& other) { return is_same_rule(rule, other); });
            if (at == group.rules.end()) {
                return error("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
            }
            at->description = rule.description;
        }
    }
    SEK_TRY(domain::security_groups.put(call.tx, group));
    typename Op::Response response;
    response.return_ = true;
    return response;
}

// A rule with its group: what filters look at.
struct OwnedRule {
    SecurityGroup group;
    SecurityGroupRule rule;
    domain::Tags tags;
};
constexpr FilterRow<OwnedRule> filters[] = {
    {"group-id", [](const OwnedRule& r) { return Values{r.group.id}; }},
    {"is-egress", [](const OwnedRule& r) { return Values{text_of(r.rule.is_egress)}; }},
    {"security-group-rule-id", [](const OwnedRule& r) { return Values{r.rule.id}; }},
};

Result<ec2::DescribeSecurityGroupRulesResult> describe_rules(Call& call,
                                                             const ec2::DescribeSecurityGroupRulesRequest& request) {
    std::vector<OwnedRule> all;
    SEK_TRY(domain::security_groups.each(call.tx, store::prefix(call.account(), call.region()), [&](const auto& group) {
        for (const auto& rule : group.rules) all.push_back({group, rule, rule.tags});
        return true;
    }));
    if (request.security_group_rule_ids && !request.security_group_rule_ids->empty()) {
        for (const auto& id : *request.security_group_rule_ids) {
            SEK_TRY(check_id(security_group_rule_kind, id));
            const auto is_it = [&](const OwnedRule& owned) { return owned.rule.id == id; };
            if (std::ranges::none_of(all, is_it)) return not_found(security_group_rule_kind, id);
        }
        std::erase_if(all, [&](const OwnedRule& owned) {
            return std::ranges::find(*request.security_group_rule_ids, owned.rule.id) ==
                   request.security_group_rule_ids->end();
        });
    }
    SEK_TRY(auto kept, select<OwnedRule>(filters, request.filters, std::move(all)));
    SEK_TRY(const auto page,
            page_of(call, std::move(kept), {"DescribeSecurityGroupRules", request.next_token, request.max_results}));
    ec2::DescribeSecurityGroupRulesResult result;
    result.security_group_rules.emplace();
    for (const auto& owned : page.records) {
        result.security_group_rules->push_back(rule_to_wire(owned.group, owned.rule));
    }
    result.next_token = page.next_token;
    return result;
}

template <class Op>
operation::Operation authorize_row() {
    return row<Op>({.access = Access::write, .resources = authorize_permissions<Op>, .handle = authorize<Op>});
}
template <class Op>
operation::Operation revoke_row() {
    return row<Op>({.access = Access::write, .resources = on_group<typename Op::Request>, .handle = revoke<Op>});
}
template <class Op>
operation::Operation description_row() {
    return row<Op>(
        {.access = Access::write, .resources = on_group<typename Op::Request>, .handle = update_descriptions<Op>});
}

}  // namespace

const operation::OperationTable security_group_rule_operations = {
    authorize_row<ec2::AuthorizeSecurityGroupIngress>(),
    authorize_row<ec2::AuthorizeSecurityGroupEgress>(),
    revoke_row<ec2::RevokeSecurityGroupIngress>(),
    revoke_row<ec2::RevokeSecurityGroupEgress>(),
    description_row<ec2::UpdateSecurityGroupRuleDescriptionsIngress>(),
    description_row<ec2::UpdateSecurityGroupRuleDescriptionsEgress>(),
    row<ec2::ModifySecurityGroupRules>(
        {.access = Access::write, .resources = on_group<ec2::ModifySecurityGroupRulesRequest>, .handle = modify_rules}),
    row<ec2::DescribeSecurityGroupRules>({.access = Access::read,
                                          .resources = anywhere<ec2::DescribeSecurityGroupRulesRequest>,
                                          .handle = describe_rules}),
};

}  // namespace sekisho::ec2_service
