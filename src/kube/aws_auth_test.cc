#include "kube/aws_auth.h"

#include <gtest/gtest.h>

#include "domain/clusters.h"
#include "kube/nodes.h"

namespace sekisho::kube {
namespace {

const std::string role = "arn:aws:iam::111122223333:role/path/node";
const std::string node_text =
    "- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::111122223333:role/node\n"
    "  username: system:node:{{EC2PrivateDNSName}}\n";
const std::string other = "- rolearn: arn:aws:iam::111122223333:role/Other # ours\n  username: 'x'\n";

TEST(AwsAuthText, AddsTheNodeRoleAsEksDoes) {
    EXPECT_EQ(*add_node_role("", role), node_text);
    EXPECT_EQ(*add_node_role("[]", role), node_text);
    EXPECT_EQ(*add_node_role(other, role), other + node_text);
    EXPECT_EQ(*add_node_role(other + node_text, role), other + node_text);
    const auto flow = add_node_role("[{rolearn: \"arn:aws:iam::111122223333:role/Other\", username: x}]", role);
    ASSERT_TRUE(flow);
    EXPECT_EQ(parse_aws_auth({{"mapRoles", *flow}}).mapping.roles.size(), 2u);
    const auto indented = add_node_role("  - rolearn: arn:aws:iam::111122223333:role/Other\n    username: x\n", role);
    ASSERT_TRUE(indented);
    EXPECT_EQ(parse_aws_auth({{"mapRoles", *indented}}).mapping.roles.size(), 2u);
    EXPECT_FALSE(add_node_role("- {", role));
    EXPECT_FALSE(add_node_role("a: b", role));
}

TEST(AwsAuthText, RemovesOnlyTheNodeRole) {
    EXPECT_EQ(*remove_node_role(other + node_text, role), other);
    EXPECT_EQ(*remove_node_role(node_text + other, role), other);
    EXPECT_EQ(*remove_node_role(other, role), other);
    EXPECT_EQ(*remove_node_role(node_text, role), "");
    const auto flow = remove_node_role(
        "[{rolearn: \"arn:aws:iam::111122223333:role/node\"}, {rolearn: \"arn:aws:iam::1:role/x\", username: x}]",
        role);
    ASSERT_TRUE(flow);
    ASSERT_EQ(parse_aws_auth({{"mapRoles", *flow}}).mapping.roles.size(), 1u);
    EXPECT_EQ(parse_aws_auth({{"mapRoles", *flow}}).mapping.roles[0].role_arn, "arn:aws:iam::1:role/x");
}

TEST(StatusError, NamesTheReason) {
    const auto conflict = status_error(409, R"({"kind":"Status","reason":"Conflict","message":"changed"})");
    EXPECT_EQ(conflict.code, "Conflict");
    EXPECT_EQ(conflict.message, "changed");
    EXPECT_EQ(conflict.http_status, 409);
    EXPECT_EQ(status_error(502, "<html>").code, "Unknown");
}

TEST(Nodes, ObjectsAreWhatAKubeletWrites) {
    VirtualNode node{.name = domain::node_private_dns_name("10.0.1.2", Region("eu-west-1")),
                     .instance_id = "i-0123456789abcdef0",
                     .private_ip = "10.0.1.2",
                     .region = "eu-west-1",
                     .zone = "eu-west-1a",
                     .node_group = "ng",
                     .labels = {{"team", "a"}},
                     .taints = {{"k", "v", "NoSchedule"}}};
    EXPECT_EQ(node.name, "ip-10-0-1-2.eu-west-1.compute.internal");
    EXPECT_EQ(domain::node_private_dns_name("10.0.1.2", Region("us-east-1")), "ip-10-0-1-2.ec2.internal");
    const auto object = parse_json(node_object(node));
    ASSERT_TRUE(object);
    const json::value& labels = object->at("metadata").at("labels");
    EXPECT_EQ(labels.at("eks.amazonaws.com/nodegroup"), "ng");
    EXPECT_EQ(labels.at("team"), "a");
    EXPECT_EQ(object->at("spec").at("providerID"), "aws:///eu-west-1a/i-0123456789abcdef0");
    EXPECT_EQ(object->at("spec").at("taints").at(0).at("effect"), "NoSchedule");
    const Time now = *parse_iso8601_basic("20261124T000500Z");
    const auto status = parse_json(node_status(node, now));
    ASSERT_TRUE(status);
    EXPECT_EQ(status->at("status").at("conditions").at(0).at("type"), "Ready");
    EXPECT_EQ(status->at("status").at("conditions").at(0).at("status"), "True");
    const auto lease = parse_json(node_lease(node, now));
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->at("spec").at("renewTime"), "2026-11-24T00:05:00.000000Z");
}

}  // namespace
}  // namespace sekisho::kube
