#include <gmock/gmock.h>

#include "domain/ec2.h"
#include "services/ec2/testing.h"

namespace sekisho::ec2_service {
namespace {

using testing::HasSubstr;

ec2::IpPermission tcp(std::int32_t port, const std::string& cidr) {
    ec2::IpPermission permission{.ip_protocol = "tcp", .from_port = port, .to_port = port};
    permission.ip_ranges = {{.description = "d", .cidr_ip = cidr}};
    return permission;
}
ec2::IpPermission all_from(const std::string& group) {
    // As eksctl asks: ports that the protocol -1 does not have.
    ec2::IpPermission permission{.ip_protocol = "-1", .from_port = 0, .to_port = 65535};
    permission.user_id_group_pairs.emplace().push_back({.group_id = group});
    return permission;
}

class SecurityGroups : public Ec2Test {
 protected:
    std::string authorize(const std::string& group, ec2::IpPermission permission) {
        return outcome<ec2::AuthorizeSecurityGroupIngress>({.group_id = group, .ip_permissions = {{permission}}});
    }
    ec2::SecurityGroup show(const std::string& id) {
        return call<ec2::DescribeSecurityGroups>({.group_ids = {{id}}}).value().security_groups->front();
    }
    const std::string vpc = make_vpc();
};

TEST_F(SecurityGroups, RulesAreThereOnce) {
    const auto group = make_group(vpc, "web");
    EXPECT_EQ(authorize(group, tcp(443, "10.0.0.9/8")), "accepted");
    EXPECT_EQ(authorize(group, tcp(443, "10.0.0.0/8")),
              "InvalidPermission.Duplicate: the specified rule \"peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, "
              "ALLOW\" already exists");
    EXPECT_EQ(authorize(group, tcp(443, "10.0.0")), "InvalidParameterValue: CIDR block 10.0.0 is malformed");
    EXPECT_EQ(authorize(group, tcp(65536, "10.0.0.0/8")),
              "InvalidParameterValue: Invalid TCP port range (65536:65536)");
    const auto shown = show(group);
    ASSERT_EQ(shown.ip_permissions->size(), 1u);
    EXPECT_EQ(shown.ip_permissions->front().ip_ranges->front().cidr_ip, "10.0.0.0/8");
    EXPECT_EQ(shown.ip_permissions_egress->front().ip_protocol, "-1");
    EXPECT_FALSE(shown.ip_permissions_egress->front().from_port);

    const auto rules = call<ec2::DescribeSecurityGroupRules>(
                           {.filters = {{filter("group-id", {group}), filter("is-egress", {"false"})}}})
                           .value();
    ASSERT_EQ(rules.security_group_rules->size(), 1u);
    const auto id = *rules.security_group_rules->front().security_group_rule_id;
    EXPECT_EQ(outcome<ec2::RevokeSecurityGroupEgress>({.security_group_rule_ids = {{id}}, .group_id = group}),
              "InvalidSecurityGroupRuleId.NotFound: The security group rule ID '" + id + "' does not exist");
    EXPECT_EQ(
        outcome<ec2::RevokeSecurityGroupIngress>({.group_id = group, .ip_permissions = {{tcp(443, "10.0.0.0/8")}}}),
        "accepted");
    EXPECT_EQ(
        outcome<ec2::RevokeSecurityGroupIngress>({.group_id = group, .ip_permissions = {{tcp(443, "10.0.0.0/8")}}}),
        "InvalidPermission.NotFound: The specified rule does not exist in this security group.");
}

TEST_F(SecurityGroups, GroupsThatNameEachOther) {
    const auto nodes = make_group(vpc, "nodes");
    const auto control = make_group(vpc, "control");
    EXPECT_EQ(authorize(nodes, all_from(control)), "accepted");
    EXPECT_EQ(authorize(nodes, all_from(control)),
              "InvalidPermission.Duplicate: the specified rule \"peer: " + control + ", ALL, ALLOW\" already exists");
    EXPECT_EQ(authorize(nodes, all_from("sg-00000000000000000")),
              "InvalidGroup.NotFound: The security group 'sg-00000000000000000' does not exist");
    EXPECT_EQ(outcome<ec2::DeleteSecurityGroup>({.group_id = control}),
              "DependencyViolation: resource " + control + " has a dependent object");
    EXPECT_EQ(outcome<ec2::DeleteSecurityGroup>({.group_id = nodes}), "accepted");
    EXPECT_EQ(outcome<ec2::DeleteSecurityGroup>({.group_id = control}), "accepted");
}

TEST_F(SecurityGroups, NamesAreUniqueInAVpc) {
    make_group(vpc, "web");
    ec2::CreateSecurityGroupRequest request;
    request.description = "d";
    request.group_name = "web";
    request.vpc_id = vpc;
    EXPECT_EQ(outcome<ec2::CreateSecurityGroup>(request),
              "InvalidGroup.Duplicate: The security group 'web' already exists for VPC '" + vpc + "'");
    request.group_name = "sg-mine";
    EXPECT_EQ(outcome<ec2::CreateSecurityGroup>(request),
              "InvalidParameterValue: Group names may not be in the format sg-*.");
    request.vpc_id = make_vpc("10.0.0.0/16");
    request.group_name = "web";
    EXPECT_EQ(outcome<ec2::CreateSecurityGroup>(request), "accepted");
}

TEST_F(SecurityGroups, TheDefaultOneStays) {
    const auto groups = call<ec2::DescribeSecurityGroups>({.filters = {{filter("group-name", {"default"})}}}).value();
    const auto id = *groups.security_groups->front().group_id;
    EXPECT_EQ(outcome<ec2::DeleteSecurityGroup>({.group_id = id}),
              "CannotDelete: the specified group: \"" + id + "\" name: \"default\" cannot be deleted by a user");
}

TEST_F(SecurityGroups, RulesAreChangedInPlace) {
    const auto group = make_group(vpc, "web");
    const auto made =
        call<ec2::AuthorizeSecurityGroupIngress>({.group_id = group, .ip_permissions = {{tcp(80, "10.0.0.0/8")}}})
            .value();
    const auto id = *made.security_group_rules->front().security_group_rule_id;
    ec2::SecurityGroupRuleRequest change;
    change.ip_protocol = "tcp";
    change.from_port = change.to_port = 8080;
    change.cidr_ipv4 = "10.0.0.0/8";
    EXPECT_EQ(outcome<ec2::ModifySecurityGroupRules>(
                  {.group_id = group,
                   .security_group_rules = {{.security_group_rule_id = id, .security_group_rule = change}}}),
              "accepted");
    EXPECT_EQ(show(group).ip_permissions->front().from_port, 8080);
    ec2::UpdateSecurityGroupRuleDescriptionsIngressRequest described;
    described.group_id = group;
    described.security_group_rule_descriptions = {{.security_group_rule_id = id, .description = "new"}};
    EXPECT_EQ(outcome<ec2::UpdateSecurityGroupRuleDescriptionsIngress>(described), "accepted");
    EXPECT_EQ(show(group).ip_permissions->front().ip_ranges->front().description, "new");
}

TEST_F(SecurityGroups, OfAClusterIsOfItsSubnetsVpc) {
    const auto subnet = make_subnet(vpc, "192.168.0.0/24");
    std::optional<domain::SecurityGroup> group;
    const auto make = [&](const std::string& subnet_id) {
        const auto done = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(group, domain::create_cluster_security_group(tx, operation::TestHouse::account, Region("us-east-1"),
                                                                 "c", {subnet_id}, Time(), system_random()));
            return {};
        });
        ASSERT_TRUE(done);
    };
    make("subnet-elsewhere");
    EXPECT_FALSE(group);
    make(subnet);
    ASSERT_TRUE(group);
    const auto shown = show(group->id);
    EXPECT_EQ(shown.vpc_id, vpc);
    EXPECT_THAT(*shown.group_name, HasSubstr("eks-cluster-sg-c-"));
    EXPECT_EQ(shown.ip_permissions->front().user_id_group_pairs->front().group_id, group->id);

    const auto erase = [&] {
        ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) {
            return domain::erase_cluster_security_group(tx, operation::TestHouse::account, Region("us-east-1"),
                                                        group->id);
        }));
    };
    const auto nodes = make_group(vpc, "nodes");
    EXPECT_EQ(authorize(nodes, all_from(group->id)), "accepted");
    erase();
    EXPECT_EQ(show(group->id).group_id, group->id);
    EXPECT_EQ(outcome<ec2::DeleteSecurityGroup>({.group_id = nodes}), "accepted");
    erase();
    EXPECT_THAT(outcome<ec2::DescribeSecurityGroups>({.group_ids = {{group->id}}}), HasSubstr("InvalidGroup.NotFound"));
}

}  // namespace
}  // namespace sekisho::ec2_service
