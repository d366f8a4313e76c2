#include "services/eks/network.h"

#include "domain/ec2.h"
#include "services/eks/test_cluster.h"

namespace sekisho::eks_service {
namespace {

const AccountId& account = TestHouse::account;
const Region region("us-east-1");

class Network : public Eks {
 protected:
    void SetUp() override {
        Eks::SetUp();
        const auto made = house.store().commit_and_wait([](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::vpcs.put(tx, {.account_id = account, .region = region, .id = "vpc-1"}));
            const auto subnet = [&](const char* id, const char* cidr, const char* zone) {
                return domain::subnets.put(
                    tx,
                    {.account_id = account, .region = region, .id = id, .vpc_id = "vpc-1", .cidr = cidr, .zone = zone});
            };
            SEK_TRY(subnet("subnet-1", "10.0.1.0/28", "us-east-1c"));
            SEK_TRY(subnet("subnet-2", "10.0.2.0/28", "us-east-1d"));
            SEK_TRY(subnet("subnet-3", "10.0.3.0/28", "us-east-1d"));
            SEK_TRY(domain::launch_templates.put(tx, {.account_id = account,
                                                      .region = region,
                                                      .id = "lt-1",
                                                      .name = "template",
                                                      .default_version = 1,
                                                      .latest_version = 2}));
            for (const std::int64_t number : {1, 2}) {
                SEK_TRY(domain::launch_template_versions.put(
                    tx, {.account_id = account,
                         .region = region,
                         .template_id = "lt-1",
                         .number = number,
                         .data = Secret(number == 1 ? "{}" : R"({"InstanceType":"m5.xlarge"})")}));
            }
            return {};
        });
        ASSERT_TRUE(made.has_value());
    }
    void make_cluster_in(std::vector<std::string> subnets) {
        auto request = cluster_request("c");
        request.resources_vpc_config.subnet_ids = std::move(subnets);
        ASSERT_TRUE(house.call<eks::CreateCluster>(house.administrator(), request).has_value());
        report_cluster("c", "ACTIVE");
    }
    domain::Nodegroup group(const std::string& name) {
        return domain::nodegroups.get(house.store().snapshot(), account, region, "c", name).value().value();
    }
};

TEST_F(Network, AClusterIsInItsSubnetsVpc) {
    make_cluster_in({"subnet-1", "subnet-2"});
    const auto vpc =
        house.call<eks::DescribeCluster>(house.administrator(), {.name = "c"})->cluster->resources_vpc_config.value();
    EXPECT_EQ(vpc.vpc_id, "vpc-1");
    const auto group =
        domain::security_groups.get(house.store().snapshot(), account, region, *vpc.cluster_security_group_id);
    ASSERT_TRUE(group.value().has_value());
    EXPECT_EQ((*group)->vpc_id, "vpc-1");
    ASSERT_TRUE(house.call<eks::DeleteCluster>(house.administrator(), {.name = "c"}).has_value());
    report_cluster("c", "DELETED");
    EXPECT_FALSE(domain::security_groups.get(house.store().snapshot(), account, region, *vpc.cluster_security_group_id)
                     .value()
                     .has_value());
}

TEST_F(Network, OneZoneIsNotEnough) {
    auto request = cluster_request("c");
    request.resources_vpc_config.subnet_ids = std::vector<std::string>{"subnet-2", "subnet-3"};
    EXPECT_EQ(refusal<eks::CreateCluster>(request).message, "Subnets specified must be in at least two different AZs");
}

TEST_F(Network, NodesHaveAddressesOfTheirSubnets) {
    make_cluster_in({"subnet-1", "subnet-2"});
    auto request = group_request("g");
    request.subnets = {"subnet-1", "subnet-2"};
    ASSERT_TRUE(house.call<eks::CreateNodegroup>(house.administrator(), request).has_value());
    const auto nodes = group("g").instances;
    ASSERT_EQ(nodes.size(), 2u);
    EXPECT_TRUE(nodes[0].address.starts_with("10.0.1.")) << nodes[0].address;
    EXPECT_EQ(nodes[0].zone, "us-east-1c");
    EXPECT_TRUE(nodes[1].address.starts_with("10.0.2.")) << nodes[1].address;
    request.nodegroup_name = "full";
    request.subnets = {"subnet-3"};
    request.scaling_config = eks::NodegroupScalingConfig{.min_size = 1, .max_size = 12, .desired_size = 12};
    EXPECT_EQ(refusal<eks::CreateNodegroup>(request).code, "InvalidRequestException");  // eleven are free
    request.scaling_config->desired_size = 11;
    EXPECT_TRUE(house.call<eks::CreateNodegroup>(house.administrator(), request).has_value());
}

TEST_F(Network, TemplatesAreKnownByIdNameAndVersion) {
    make_cluster_in({"subnet-1", "subnet-2"});
    auto request = group_request("g");
    request.launch_template = eks::LaunchTemplateSpecification{.name = "template"};
    const auto made = house.call<eks::CreateNodegroup>(house.administrator(), request).value();
    EXPECT_EQ(made.nodegroup->launch_template->id, "lt-1");
    EXPECT_EQ(made.nodegroup->launch_template->version, "1");
    report_nodegroup("g", "ACTIVE");
    eks::UpdateNodegroupVersionRequest update{.cluster_name = "c", .nodegroup_name = "g"};
    update.launch_template = eks::LaunchTemplateSpecification{.version = "3", .id = "lt-1"};
    EXPECT_EQ(refusal<eks::UpdateNodegroupVersion>(update).code, "InvalidRequestException");
    update.launch_template->version = "$Latest";
    ASSERT_TRUE(house.call<eks::UpdateNodegroupVersion>(house.administrator(), update).has_value());
    EXPECT_EQ(group("g").launch_template_version, "2");
    EXPECT_EQ(group("g").launch_template_instance_type, "m5.xlarge");
}

}  // namespace
}  // namespace sekisho::eks_service
