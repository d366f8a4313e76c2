#include <gtest/gtest.h>

#include "domain/clusters.h"
#include "domain/ec2.h"
#include "models/autoscaling.h"
#include "operation/testing.h"
#include "services/autoscaling/service.h"

namespace sekisho::autoscaling_service {
namespace {

using operation::TestHouse;

class Groups : public ::testing::Test {
 protected:
    void SetUp() override {
        ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            domain::Subnet subnet;
            subnet.account_id = TestHouse::account;
            subnet.region = Region("us-east-1");
            subnet.id = "subnet-00000000000000001";
            subnet.vpc_id = "vpc-00000000000000001";
            subnet.zone = "us-east-1b";
            SEK_TRY(domain::subnets.put(tx, subnet));
            for (const auto* name : {"a", "b", "c"}) {
                domain::Nodegroup group;
                group.account_id = TestHouse::account;
                group.region = Region("us-east-1");
                group.cluster_name = "cluster";
                group.name = name;
                group.id = "1";
                group.instance_types = {"m5.large"};
                group.subnet_ids = {subnet.id, "subnet-elsewhere"};
                group.instances = {{.id = "i-00000000000000001", .private_dns_name = "ip", .address = "192.168.0.9"}};
                SEK_TRY(domain::nodegroups.put(tx, group));
            }
            return {};
        }));
    }
    autoscaling::AutoScalingGroupsType describe(autoscaling::AutoScalingGroupNamesType request) {
        return house.call<autoscaling::DescribeAutoScalingGroups>(house.administrator(), std::move(request)).value();
    }
    TestHouse house{register_operations};
};

TEST_F(Groups, AreThoseOfNodeGroups) {
    const auto found = describe({.auto_scaling_group_names = {{"eks-b-1"}}}).auto_scaling_groups;
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.front().desired_capacity, 2);
    EXPECT_EQ(found.front().availability_zones, std::vector<std::string>{"us-east-1b"});
    EXPECT_EQ(found.front().instances->front().instance_id, "i-00000000000000001");
    EXPECT_EQ(found.front().instances->front().availability_zone, "us-east-1b");
    EXPECT_TRUE(describe({.auto_scaling_group_names = {{"eks-z-1"}}}).auto_scaling_groups.empty());
}

TEST_F(Groups, AreFoundByTags) {
    using Filters = std::vector<autoscaling::Filter>;
    const Filters of_group = {{.name = "tag:eks:nodegroup-name", .values = {{"a", "c"}}}};
    EXPECT_EQ(describe({.filters = of_group}).auto_scaling_groups.size(), 2u);
    const auto refused = house.call<autoscaling::DescribeAutoScalingGroups>(
        house.administrator(), {.filters = Filters{{.name = "colour", .values = {{"red"}}}}});
    EXPECT_EQ(refused.error().code, "ValidationError");
}

TEST_F(Groups, ComeInPages) {
    const auto first = describe({.max_records = 2});
    ASSERT_EQ(first.auto_scaling_groups.size(), 2u);
    const auto rest = describe({.next_token = first.next_token, .max_records = 2});
    ASSERT_EQ(rest.auto_scaling_groups.size(), 1u);
    EXPECT_FALSE(rest.next_token);
    const auto nobody = house.user("nobody", "");
    EXPECT_EQ(house.call<autoscaling::DescribeAutoScalingGroups>(nobody, {}).error().code, "AccessDenied");
}

}  // namespace
}  // namespace sekisho::autoscaling_service
