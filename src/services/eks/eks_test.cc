#include "models/eks.h"

#include <gtest/gtest.h>

#include "domain/clusters.h"
#include "domain/iam.h"
#include "models/control.h"
#include "operation/testing.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::TestHouse;

constexpr std::string_view role_arn = "arn:aws:iam::111222333444:role/cluster";

class Eks : public ::testing::Test {
 protected:
    void SetUp() override {
        const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            return domain::roles.put(
                tx, {.account_id = TestHouse::account,
                     .name = "cluster",
                     .path = "/",
                     .id = PrincipalId(domain::make_unique_id("AROA", TestHouse::account, system_random())),
                     .trust_policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":)"
                                     R"(["eks.amazonaws.com","ec2.amazonaws.com"]},"Action":"sts:AssumeRole"}]})"});
        });
        ASSERT_TRUE(committed.has_value());
    }
    eks::CreateClusterRequest cluster_request(const std::string& name) {
        eks::CreateClusterRequest request;
        request.name = name;
        request.role_arn = role_arn;
        request.resources_vpc_config.subnet_ids = std::vector<std::string>{"subnet-a", "subnet-b"};
        return request;
    }
    // Makes a cluster as a provider would report it.
    void make_cluster(const std::string& name) {
        ASSERT_TRUE(house.call<eks::CreateCluster>(house.administrator(), cluster_request(name)).has_value());
        report_cluster(name, "ACTIVE");
    }
    void report_cluster(const std::string& name, const std::string& status) {
        control::RecordClusterStateRequest report;
        report.account_id = TestHouse::account.str();
        report.region = "us-east-1";
        report.cluster_name = name;
        report.status = status;
        report.endpoint = "https://127.0.0.1:6443";
        report.certificate_authority_pem = "PEM";
        ASSERT_TRUE(
            house.call<control::RecordClusterState>(access::service_caller(TestHouse::account), report).has_value());
    }
    eks::CreateNodegroupRequest group_request(const std::string& name) {
        eks::CreateNodegroupRequest request;
        request.cluster_name = "c";
        request.nodegroup_name = name;
        request.node_role = role_arn;
        request.subnets = {"subnet-a"};
        return request;
    }
    TestHouse house{register_operations};
};

TEST_F(Eks, AClusterShowsItsEndpointOnceItIsThere) {
    const auto made = house.call<eks::CreateCluster>(house.administrator(), cluster_request("c")).value();
    EXPECT_EQ(made.cluster->status, eks::ClusterStatus::creating);
    EXPECT_EQ(made.cluster->arn, "arn:aws:eks:us-east-1:111222333444:cluster/c");
    EXPECT_FALSE(made.cluster->endpoint.has_value());
    report_cluster("c", "ACTIVE");
    const auto shown = house.call<eks::DescribeCluster>(house.administrator(), {.name = "c"}).value();
    EXPECT_EQ(shown.cluster->status, eks::ClusterStatus::active);
    EXPECT_EQ(shown.cluster->certificate_authority->data, "UEVN");
    EXPECT_EQ(house.call<eks::CreateCluster>(house.administrator(), cluster_request("c")).error().code,
              "ResourceInUseException");
}

TEST_F(Eks, ClustersBelongToARegion) {
    make_cluster("c");
    EXPECT_EQ(house.call<eks::ListClusters>(house.administrator(), {})->clusters, std::vector<std::string>{"c"});
    EXPECT_TRUE(house.call<eks::ListClusters>(house.administrator(), {}, "eu-west-1")->clusters->empty());
    const auto missing = house.call<eks::DescribeCluster>(house.administrator(), {.name = "c"}, "eu-west-1").error();
    EXPECT_EQ(missing.code, "ResourceNotFoundException");
    EXPECT_EQ(missing.message, "No cluster found for name: c.");
}

TEST_F(Eks, BadRequestsAreNamed) {
    auto request = cluster_request("c");
    request.version = "1.20";
    EXPECT_EQ(house.call<eks::CreateCluster>(house.administrator(), request).error().message,
              "unsupported Kubernetes version");
    request = cluster_request("c");
    request.resources_vpc_config.subnet_ids = std::vector<std::string>{"subnet-a", "subnet-a"};
    EXPECT_EQ(house.call<eks::CreateCluster>(house.administrator(), request).error().message,
              "Subnets specified must be in at least two different AZs");
    request = cluster_request("c");
    request.role_arn = "arn:aws:iam::111222333444:role/missing";
    EXPECT_EQ(house.call<eks::CreateCluster>(house.administrator(), request).error().code, "InvalidParameterException");
}

TEST_F(Eks, PassingARoleNeedsItsOwnPermission) {
    const auto user =
        house.user("u", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"eks:*","Resource":"*"}]})");
    const auto refused = house.call<eks::CreateCluster>(user, cluster_request("c")).error();
    EXPECT_EQ(refused.code, "AccessDeniedException");
    EXPECT_EQ(refused.message,
              "User: arn:aws:iam::111222333444:user/u is not authorized to perform: iam:PassRole on resource: "
              "arn:aws:iam::111222333444:role/cluster because no identity-based policy allows the iam:PassRole action");
}

TEST_F(Eks, TheSameRequestTokenMakesOneCluster) {
    auto request = cluster_request("c");
    request.client_request_token = "token";
    const auto first = house.call<eks::CreateCluster>(house.administrator(), request).value();
    const auto second = house.call<eks::CreateCluster>(house.administrator(), request).value();
    EXPECT_EQ(first.cluster->identity->oidc->issuer, second.cluster->identity->oidc->issuer);
}

TEST_F(Eks, NodeGroupsKeepTheirSizeWithinBounds) {
    make_cluster("c");
    const auto made = house.call<eks::CreateNodegroup>(house.administrator(), group_request("g")).value();
    EXPECT_EQ(made.nodegroup->scaling_config->desired_size, 2);
    eks::UpdateNodegroupConfigRequest update;
    update.cluster_name = "c";
    update.nodegroup_name = "g";
    update.scaling_config = eks::NodegroupScalingConfig{.desired_size = 5};
    EXPECT_EQ(house.call<eks::UpdateNodegroupConfig>(house.administrator(), update).error().message,
              "desired capacity 5 can't be greater than max size 2");
    update.scaling_config->max_size = 5;
    ASSERT_TRUE(house.call<eks::UpdateNodegroupConfig>(house.administrator(), update).has_value());
    const auto record =
        domain::nodegroups.get(house.store().snapshot(), TestHouse::account, Region("us-east-1"), "c", "g").value();
    ASSERT_EQ(record->instances.size(), 5u);
    EXPECT_TRUE(record->instances[0].private_dns_name.ends_with(".ec2.internal"));
    EXPECT_EQ(record->instances[0].id.size(), 19u);
}

TEST_F(Eks, AClusterGoesAfterItsNodeGroups) {
    make_cluster("c");
    ASSERT_TRUE(house.call<eks::CreateNodegroup>(house.administrator(), group_request("g")).has_value());
    EXPECT_EQ(house.call<eks::DeleteCluster>(house.administrator(), {.name = "c"}).error().code,
              "ResourceInUseException");
    ASSERT_TRUE(house.call<eks::DeleteNodegroup>(house.administrator(), {.cluster_name = "c", .nodegroup_name = "g"}));
    control::RecordNodegroupStateRequest report;
    report.account_id = TestHouse::account.str();
    report.region = "us-east-1";
    report.cluster_name = "c";
    report.nodegroup_name = "g";
    report.status = "DELETED";
    ASSERT_TRUE(house.call<control::RecordNodegroupState>(access::service_caller(TestHouse::account), report));
    ASSERT_TRUE(house.call<eks::DeleteCluster>(house.administrator(), {.name = "c"}).has_value());
    report_cluster("c", "ACTIVE");  // a report that comes late
    EXPECT_EQ(house.call<eks::DescribeCluster>(house.administrator(), {.name = "c"})->cluster->status,
              eks::ClusterStatus::deleting);
    report_cluster("c", "DELETED");
    EXPECT_TRUE(house.call<eks::ListClusters>(house.administrator(), {})->clusters->empty());
}

TEST_F(Eks, AReportWithoutAStatusIsAboutHealthOnly) {
    make_cluster("c");
    const auto shown = [&] { return *house.call<eks::DescribeCluster>(house.administrator(), {.name = "c"})->cluster; };
    EXPECT_TRUE(shown().health->issues->empty());
    control::RecordClusterStateRequest report{
        .account_id = TestHouse::account.str(), .region = "us-east-1", .cluster_name = "c"};
    report.failure_reason = "etcd not found";
    ASSERT_TRUE(house.call<control::RecordClusterState>(access::service_caller(TestHouse::account), report));
    EXPECT_EQ(shown().status, eks::ClusterStatus::active);
    EXPECT_EQ(shown().endpoint, "https://127.0.0.1:6443");
    ASSERT_EQ(shown().health->issues->size(), 1U);
    EXPECT_EQ(shown().health->issues->front().code, eks::ClusterIssueCode::cluster_unreachable);
    EXPECT_EQ(shown().health->issues->front().message, "etcd not found");
    report.failure_reason.reset();
    ASSERT_TRUE(house.call<control::RecordClusterState>(access::service_caller(TestHouse::account), report));
    EXPECT_TRUE(shown().health->issues->empty());
}

TEST_F(Eks, WorkersOnlyMayReport) {
    EXPECT_FALSE(house.call<control::RecordClusterState>(house.administrator(), {}).has_value());
}

TEST_F(Eks, AuthenticationModeNeverGoesBack) {
    make_cluster("c");
    eks::UpdateClusterConfigRequest update;
    update.name = "c";
    update.access_config =
        eks::UpdateAccessConfigRequest{.authentication_mode = eks::AuthenticationMode::api_and_config_map};
    const auto made = house.call<eks::UpdateClusterConfig>(house.administrator(), update);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(house.call<eks::DescribeUpdate>(house.administrator(), {.name = "c", .update_id = *made->update->id})
                  ->update->status,
              eks::UpdateStatus::successful);
    update.access_config->authentication_mode = eks::AuthenticationMode::config_map;
    EXPECT_EQ(house.call<eks::UpdateClusterConfig>(house.administrator(), update).error().code,
              "InvalidRequestException");
}

}  // namespace
}  // namespace sekisho::eks_service
