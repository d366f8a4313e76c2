#pragma once
// A house with a role that EKS, EC2 and Fargate may take, and the calls that tests of this room share. Not part of the
// program.
#include <gtest/gtest.h>

#include "domain/cluster_access.h"
#include "domain/clusters.h"
#include "domain/iam.h"
#include "models/control.h"
#include "models/eks.h"
#include "operation/testing.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {

using operation::TestHouse;

inline constexpr std::string_view role_arn = "arn:aws:iam::111222333444:role/cluster";

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
                                     R"(["eks.amazonaws.com","ec2.amazonaws.com","eks-fargate-pods.amazonaws.com"]},)"
                                     R"("Action":"sts:AssumeRole"}]})"});
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
    void report_nodegroup(const std::string& name, const std::string& status) {
        control::RecordNodegroupStateRequest report;
        report.account_id = TestHouse::account.str();
        report.region = "us-east-1";
        report.cluster_name = "c";
        report.nodegroup_name = name;
        report.status = status;
        ASSERT_TRUE(
            house.call<control::RecordNodegroupState>(access::service_caller(TestHouse::account), report).has_value());
    }
    void make_cluster_with_entries(const std::string& name) {
        auto request = cluster_request(name);
        request.access_config =
            eks::CreateAccessConfigRequest{.authentication_mode = eks::AuthenticationMode::api_and_config_map};
        ASSERT_TRUE(house.call<eks::CreateCluster>(house.administrator(), request).has_value());
        report_cluster(name, "ACTIVE");
    }
    // Another user of the account, for entries to be made of.
    std::string make_user(const std::string& name) { return house.user(name, "").principal_arn; }

    template <class Op>
    ApiError refusal(typename Op::Request request) {
        auto answer = house.call<Op>(house.administrator(), std::move(request));
        EXPECT_FALSE(answer.has_value());
        return answer ? ApiError() : answer.error();
    }
    TestHouse house{register_operations};
};

}  // namespace sekisho::eks_service
