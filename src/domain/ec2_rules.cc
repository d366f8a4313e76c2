#include <fmt/format.h>

#include <algorithm>

#include "domain/ec2.h"

namespace sekisho::domain {

bool RouteTable::is_main() const {
    return std::ranges::any_of(associations, [](const auto& association) { return association.subnet_id.empty(); });
}

std::string make_ec2_id(std::string_view prefix, Random& random) {
    return fmt::format("{}-0{}", prefix, random_hex(random, 16));
}

SecurityGroup make_security_group(const Vpc& vpc, std::string name, std::string description, Time now, Random& random) {
    SecurityGroup group;
    group.account_id = vpc.account_id;
    group.region = vpc.region;
    group.id = make_ec2_id("sg", random);
    group.name = std::move(name);
    group.description = std::move(description);
    group.vpc_id = vpc.id;
    group.created_at = now;
    group.rules.push_back(
        {.id = make_ec2_id("sgr", random), .is_egress = true, .protocol = "-1", .cidr_ipv4 = "0.0.0.0/0"});
    if (!vpc.ipv6_cidrs.empty()) {
        group.rules.push_back(
            {.id = make_ec2_id("sgr", random), .is_egress = true, .protocol = "-1", .cidr_ipv6 = "::/0"});
    }
    return group;
}

Result<std::optional<Vpc>> vpc_of_subnets(const store::Reader& reader, const AccountId& account, const Region& region,
                                          const std::vector<std::string>& subnet_ids) {
    for (const auto& id : subnet_ids) {
        SEK_TRY(const auto subnet, subnets.get(reader, account, region, id));
        if (subnet) return vpcs.get(reader, account, region, subnet->vpc_id);
    }
    return std::optional<Vpc>();
}

Result<std::optional<SecurityGroup>> create_cluster_security_group(store::Transaction& transaction,
                                                                   const AccountId& account, const Region& region,
                                                                   const std::string& cluster_name,
                                                                   const std::vector<std::string>& subnet_ids, Time now,
                                                                   Random& random) {
    SEK_TRY(const auto vpc, vpc_of_subnets(transaction, account, region, subnet_ids));
    if (!vpc) return std::optional<SecurityGroup>();
    const auto name = fmt::format("eks-cluster-sg-{}-{}", cluster_name, random_text(random, 10, "0123456789"));
    auto group = make_security_group(*vpc, name,
                                     "EKS created security group applied to ENI that is attached to EKS Control Plane "
                                     "master nodes, as well as any managed workloads.",
                                     now, random);
    group.rules.push_back({.id = make_ec2_id("sgr", random), .protocol = "-1", .group_id = group.id});
    group.tags = {
        {"Name", name}, {"aws:eks:cluster-name", cluster_name}, {"kubernetes.io/cluster/" + cluster_name, "owned"}};
    SEK_TRY(security_groups.put(transaction, group));
    return std::optional(std::move(group));
}

Result<void> erase_cluster_security_group(store::Transaction& transaction, const AccountId& account,
                                          const Region& region, const std::string& group_id) {
    SEK_TRY(const auto group, security_groups.get(transaction, account, region, group_id));
    if (!group) return {};
    transaction.read_guard(vpc_guard(account, region, group->vpc_id));
    bool is_named = false;
    SEK_TRY(security_groups.each(transaction, store::prefix(account, region), [&](const SecurityGroup& other) {
        is_named = other.id != group_id &&
                   std::ranges::find(other.rules, group_id, &SecurityGroupRule::group_id) != other.rules.end();
        return !is_named;
    }));
    if (is_named) return {};
    SEK_TRY(security_groups.erase(transaction, account, region, group_id));
    return {};
}

}  // namespace sekisho::domain
