#include "services/eks/test_cluster.h"

namespace sekisho::eks_service {
namespace {

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

domain::Nodegroup group_record(operation::TestHouse& house, const std::string& name) {
    return domain::nodegroups
        .get(house.store().snapshot(), operation::TestHouse::account, Region("us-east-1"), "c", name)
        .value()
        .value();
}

TEST_F(Eks, NodeGroupsKeepTheirSizeWithinBounds) {
    make_cluster("c");
    const auto made = house.call<eks::CreateNodegroup>(house.administrator(), group_request("g")).value();
    EXPECT_EQ(made.nodegroup->scaling_config->desired_size, 2);
    eks::UpdateNodegroupConfigRequest update;
    update.cluster_name = "c";
    update.nodegroup_name = "g";
    update.scaling_config = eks::NodegroupScalingConfig{.desired_size = 5};
    EXPECT_EQ(refusal<eks::UpdateNodegroupConfig>(update).code, "ResourceInUseException");  // it is being made
    report_nodegroup("g", "ACTIVE");
    EXPECT_EQ(refusal<eks::UpdateNodegroupConfig>(update).message,
              "desired capacity 5 can't be greater than max size 2");
    update.scaling_config->max_size = 5;
    ASSERT_TRUE(house.call<eks::UpdateNodegroupConfig>(house.administrator(), update).has_value());
    const auto record = group_record(house, "g");
    ASSERT_EQ(record.instances.size(), 5u);
    EXPECT_TRUE(record.instances[0].private_dns_name.ends_with(".ec2.internal"));
    EXPECT_EQ(record.instances[0].id.size(), 19u);
    EXPECT_EQ(record.instances[0].zone, "us-east-1a");
}

TEST_F(Eks, AnUpdateOfANodeGroupEndsWithItsProvider) {
    make_cluster("c");
    ASSERT_TRUE(house.call<eks::CreateNodegroup>(house.administrator(), group_request("g")).has_value());
    report_nodegroup("g", "ACTIVE");
    eks::UpdateNodegroupConfigRequest change{.cluster_name = "c", .nodegroup_name = "g"};
    change.labels = eks::UpdateLabelsPayload{.add_or_update_labels = domain::Tags{{"team", "red"}}};
    change.taints = eks::UpdateTaintsPayload{
        .add_or_update_taints = std::vector<eks::Taint>{{.key = "gpu", .effect = eks::TaintEffect::no_execute}}};
    change.client_request_token = "token";
    const auto made = house.call<eks::UpdateNodegroupConfig>(house.administrator(), change).value();
    EXPECT_EQ(made.update->status, eks::UpdateStatus::in_progress);
    const auto again = house.call<eks::UpdateNodegroupConfig>(house.administrator(), change).value();
    EXPECT_EQ(again.update->id, made.update->id);
    EXPECT_EQ(group_record(house, "g").status, "UPDATING");
    report_nodegroup("g", "ACTIVE");
    const auto shown = house.call<eks::DescribeUpdate>(
        house.administrator(), {.name = "c", .update_id = *made.update->id, .nodegroup_name = "g"});
    EXPECT_EQ(shown->update->status, eks::UpdateStatus::successful);
    const auto group =
        house.call<eks::DescribeNodegroup>(house.administrator(), {.cluster_name = "c", .nodegroup_name = "g"}).value();
    EXPECT_EQ(group.nodegroup->labels->at("team"), "red");
    EXPECT_EQ(group.nodegroup->taints->at(0).effect, eks::TaintEffect::no_execute);
    EXPECT_EQ(house.call<eks::ListUpdates>(house.administrator(), {.name = "c", .nodegroup_name = "g"})->update_ids,
              std::vector{*made.update->id});
}

TEST_F(Eks, ALaunchTemplateSaysSomeThingsItself) {
    make_cluster("c");
    auto request = group_request("g");
    request.launch_template = eks::LaunchTemplateSpecification{.version = "3", .id = "lt-1"};
    request.disk_size = 30;
    EXPECT_EQ(refusal<eks::CreateNodegroup>(request).message,
              "Disk size must be specified within the launch template.");
    request.disk_size.reset();
    const auto made = house.call<eks::CreateNodegroup>(house.administrator(), request).value();
    EXPECT_EQ(made.nodegroup->launch_template->version, "3");
    EXPECT_FALSE(made.nodegroup->disk_size.has_value());
    report_nodegroup("g", "ACTIVE");
    const auto before = group_record(house, "g").instances;
    eks::UpdateNodegroupVersionRequest update{.cluster_name = "c", .nodegroup_name = "g"};
    update.launch_template = eks::LaunchTemplateSpecification{.version = "4", .id = "lt-1"};
    ASSERT_TRUE(house.call<eks::UpdateNodegroupVersion>(house.administrator(), update).has_value());
    EXPECT_EQ(group_record(house, "g").launch_template_version, "4");
    EXPECT_NE(group_record(house, "g").instances[0].id, before[0].id);  // other nodes
}

TEST_F(Eks, AClusterGoesAfterItsNodeGroups) {
    make_cluster("c");
    ASSERT_TRUE(house.call<eks::CreateNodegroup>(house.administrator(), group_request("g")).has_value());
    EXPECT_EQ(house.call<eks::DeleteCluster>(house.administrator(), {.name = "c"}).error().code,
              "ResourceInUseException");
    ASSERT_TRUE(house.call<eks::DeleteNodegroup>(house.administrator(), {.cluster_name = "c", .nodegroup_name = "g"}));
    report_nodegroup("g", "DELETED");
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

TEST_F(Eks, AuthenticationModeGoesOneStepAtATime) {
    make_cluster("c");
    eks::UpdateClusterConfigRequest update;
    update.name = "c";
    update.access_config = eks::UpdateAccessConfigRequest{.authentication_mode = eks::AuthenticationMode::api};
    EXPECT_EQ(refusal<eks::UpdateClusterConfig>(update).message,
              "Unsupported authentication mode update from CONFIG_MAP to API");
    update.access_config->authentication_mode = eks::AuthenticationMode::api_and_config_map;
    const auto made = house.call<eks::UpdateClusterConfig>(house.administrator(), update);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(house.call<eks::DescribeUpdate>(house.administrator(), {.name = "c", .update_id = *made->update->id})
                  ->update->status,
              eks::UpdateStatus::successful);
    update.access_config->authentication_mode = eks::AuthenticationMode::config_map;
    EXPECT_EQ(refusal<eks::UpdateClusterConfig>(update).code, "InvalidParameterException");
}

TEST_F(Eks, AnUpdateOfAClusterIsOfOneKind) {
    make_cluster("c");
    eks::UpdateClusterConfigRequest update;
    update.name = "c";
    update.deletion_protection = true;
    update.upgrade_policy = eks::UpgradePolicyRequest{.support_type = eks::SupportType::standard};
    EXPECT_EQ(refusal<eks::UpdateClusterConfig>(update).message, "Only one type of update can be allowed.");
    update.deletion_protection.reset();
    ASSERT_TRUE(house.call<eks::UpdateClusterConfig>(house.administrator(), update).has_value());
    const auto shown = house.call<eks::DescribeCluster>(house.administrator(), {.name = "c"}).value();
    EXPECT_EQ(shown.cluster->upgrade_policy->support_type, eks::SupportType::standard);
    EXPECT_EQ(refusal<eks::UpdateClusterVersion>({.name = "c", .version = "1.34"}).message,
              "Cluster is already at version: 1.34");
}

TEST_F(Eks, WhatCannotBeHadIsRefused) {
    auto request = cluster_request("c");
    request.encryption_config = std::vector<eks::EncryptionConfig>{{}};
    EXPECT_EQ(refusal<eks::CreateCluster>(request).message, "encryptionConfig is not supported");
    request = cluster_request("c");
    request.kubernetes_network_config = eks::KubernetesNetworkConfigRequest{.ip_family = eks::IpFamily::ipv6};
    EXPECT_EQ(refusal<eks::CreateCluster>(request).message, "ipFamily ipv6 is not supported");
}

}  // namespace
}  // namespace sekisho::eks_service
