// The default network ACL of each VPC: it allows all, and its subnets are all of the VPC's.
#include "services/ec2/describe.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using Values = std::vector<std::string>;

constexpr std::int32_t first_rule = 100;
constexpr std::int32_t last_rule = 32767;  // shown as "*": what no rule allows is denied

struct DefaultAcl {
    domain::Vpc vpc;
    std::vector<domain::Subnet> subnets;
    domain::Tags tags;  // none
};

ec2::NetworkAclEntry entry(bool egress, bool ipv6, std::int32_t number) {
    ec2::NetworkAclEntry made{.egress = egress,
                              .protocol = "-1",
                              .rule_action = number == last_rule ? ec2::RuleAction::deny : ec2::RuleAction::allow,
                              .rule_number = ipv6 ? number + 1 : number};
    (ipv6 ? made.ipv6_cidr_block : made.cidr_block) = ipv6 ? "::/0" : "0.0.0.0/0";
    return made;
}

ec2::NetworkAcl to_wire(const DefaultAcl& acl) {
    ec2::NetworkAcl wire;
    wire.network_acl_id = acl.vpc.network_acl_id;
    wire.vpc_id = acl.vpc.id;
    wire.owner_id = acl.vpc.account_id.str();
    wire.is_default = true;
    wire.entries.emplace();
    for (const bool egress : {true, false}) {
        for (const auto number : {first_rule, last_rule}) {
            wire.entries->push_back(entry(egress, false, number));
            if (!acl.vpc.ipv6_cidrs.empty()) wire.entries->push_back(entry(egress, true, number));
        }
    }
    wire.associations.emplace();
    for (const auto& subnet : acl.subnets) {
        wire.associations->push_back({.network_acl_association_id = subnet.network_acl_association_id,
                                      .network_acl_id = acl.vpc.network_acl_id,
                                      .subnet_id = subnet.id});
    }
    wire.tags.emplace();
    return wire;
}

Values subnet_values(const DefaultAcl& acl, std::string domain::Subnet::* member) {
    Values values;
    for (const auto& subnet : acl.subnets) values.push_back(subnet.*member);
    return values;
}
constexpr FilterRow<DefaultAcl> filters[] = {
    {"association.association-id",
     [](const DefaultAcl& a) { return subnet_values(a, &domain::Subnet::network_acl_association_id); }},
    {"association.network-acl-id", [](const DefaultAcl& a) { return Values{a.vpc.network_acl_id}; }},
    {"association.subnet-id", [](const DefaultAcl& a) { return subnet_values(a, &domain::Subnet::id); }},
    {"default", [](const DefaultAcl&) { return Values{"true"}; }},
    {"network-acl-id", [](const DefaultAcl& a) { return Values{a.vpc.network_acl_id}; }},
    {"owner-id", [](const DefaultAcl& a) { return Values{a.vpc.account_id.str()}; }},
    {"vpc-id", [](const DefaultAcl& a) { return Values{a.vpc.id}; }},
};

Result<ec2::DescribeNetworkAclsResult> describe_acls(Call& call, const ec2::DescribeNetworkAclsRequest& request) {
    std::vector<DefaultAcl> all;
    SEK_TRY(domain::vpcs.each(call.tx, store::prefix(call.account(), call.region()), [&](const domain::Vpc& vpc) {
        all.push_back({vpc, {}, {}});
        return true;
    }));
    for (auto& acl : all) {
        SEK_TRY(acl.subnets, all_in_vpc(call, domain::subnets, acl.vpc.id));
    }
    const auto has_id = [](const std::string& id) {
        return [&id](const DefaultAcl& acl) { return acl.vpc.network_acl_id == id; };
    };
    if (request.network_acl_ids && !request.network_acl_ids->empty()) {
        for (const auto& id : *request.network_acl_ids) {
            SEK_TRY(check_id(network_acl_kind, id));
            if (std::ranges::none_of(all, has_id(id))) return not_found(network_acl_kind, id);
        }
        std::erase_if(all, [&](const DefaultAcl& acl) {
            return std::ranges::find(*request.network_acl_ids, acl.vpc.network_acl_id) ==
                   request.network_acl_ids->end();
        });
    }
    SEK_TRY(auto kept, select<DefaultAcl>(filters, request.filters, std::move(all)));
    SEK_TRY(const auto page,
            page_of(call, std::move(kept), {"DescribeNetworkAcls", request.next_token, request.max_results}));
    ec2::DescribeNetworkAclsResult result;
    result.network_acls.emplace();
    for (const auto& acl : page.records) result.network_acls->push_back(to_wire(acl));
    result.next_token = page.next_token;
    return result;
}

}  // namespace

const operation::OperationTable network_acl_operations = {
    row<ec2::DescribeNetworkAcls>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeNetworkAclsRequest>, .handle = describe_acls}),
};

}  // namespace sekisho::ec2_service
