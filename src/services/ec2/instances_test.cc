#include "domain/clusters.h"
#include "services/ec2/testing.h"

namespace sekisho::ec2_service {
namespace {

TEST_F(Ec2Test, InstancesAreThoseOfNodeGroups) {
    const auto vpc = make_vpc();
    const auto subnet = make_subnet(vpc, "192.168.0.0/19");
    ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        domain::Nodegroup group;
        group.account_id = operation::TestHouse::account;
        group.region = Region("us-east-1");
        group.cluster_name = "c";
        group.name = "ng";
        group.instance_types = {"m5.large"};
        group.subnet_ids = {subnet};
        for (const auto* id : {"i-00000000000000001", "i-00000000000000002"}) {
            group.instances.push_back({.id = id, .private_dns_name = "ip", .address = "192.168.0.9"});
        }
        return domain::nodegroups.put(tx, group);
    }));
    const auto found =
        call<ec2::DescribeInstances>({.filters = {{filter("tag:eks:nodegroup-name", {"n?"}), filter("vpc-id", {vpc}),
                                                   filter("instance-state-name", {"running"})}}})
            .value();
    ASSERT_EQ(found.reservations->size(), 2u);
    const auto& instance = found.reservations->front().instances->front();
    EXPECT_EQ(instance.instance_type, "m5.large");
    EXPECT_EQ(instance.subnet_id, subnet);
    EXPECT_EQ(instance.placement->availability_zone, "us-east-1a");
    EXPECT_EQ(outcome<ec2::DescribeInstances>({.instance_ids = {{"i-00000000000000009"}}}),
              "InvalidInstanceID.NotFound: The instance ID 'i-00000000000000009' does not exist");
}

}  // namespace
}  // namespace sekisho::ec2_service
