#include "kube/nodes.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace sekisho::kube {
namespace {

VirtualNode node() {
    VirtualNode made;
    made.name = "ip-192-168-1-2.ec2.internal";
    made.instance_id = "i-0123456789abcdef0";
    made.region = "us-east-1";
    made.zone = "us-east-1b";
    made.node_group = "g";
    made.image_id = "ami-1";
    made.launch_template_id = "lt-1";
    made.launch_template_version = "3";
    made.labels = {{"team", "red"}};
    made.taints = {{"gpu", "", "NoExecute"}};
    return made;
}

json::value parsed(const std::string& text) {
    return parse_json(text).value();
}

TEST(VirtualNode, CarriesTheLabelsOfEks) {
    const auto object = parsed(node_object(node()));
    const auto& labels = *find(*find(object, "metadata"), "labels");
    EXPECT_EQ(find_text(labels, "eks.amazonaws.com/nodegroup"), "g");
    EXPECT_EQ(find_text(labels, "eks.amazonaws.com/nodegroup-image"), "ami-1");
    EXPECT_EQ(find_text(labels, "eks.amazonaws.com/capacityType"), "ON_DEMAND");
    EXPECT_EQ(find_text(labels, "eks.amazonaws.com/sourceLaunchTemplateId"), "lt-1");
    EXPECT_EQ(find_text(labels, "eks.amazonaws.com/sourceLaunchTemplateVersion"), "3");
    EXPECT_EQ(find_text(labels, "topology.kubernetes.io/zone"), "us-east-1b");
    EXPECT_EQ(find_text(labels, "team"), "red");
    EXPECT_EQ(find_text(*find(object, "spec"), "providerID"), "aws:///us-east-1b/i-0123456789abcdef0");
}

TEST(VirtualNode, FollowsItsGroup) {
    auto changed = node();
    const auto object = parsed(node_object(changed));
    EXPECT_EQ(node_patch(changed, object), "");  // it is as it should be
    changed.labels = {{"stage", "test"}};
    changed.taints = {{"gpu", "a100", "NoSchedule"}};
    const auto patch = parsed(node_patch(changed, object));
    const auto& labels = *find(*find(patch, "metadata"), "labels");
    EXPECT_TRUE(find(labels, "team")->is_null());
    EXPECT_EQ(find_text(labels, "stage"), "test");
    const auto& taints = find(*find(patch, "spec"), "taints")->get_array();
    ASSERT_EQ(taints.size(), 1u);
    EXPECT_EQ(find_text(taints[0], "effect"), "NoSchedule");
}

TEST(VirtualNode, KeepsWhatOthersSet) {
    auto object = parsed(node_object(node())).get_object();
    object["spec"].get_object()["taints"].get_array().push_back(
        json::object{{"key", "node.kubernetes.io/unreachable"}, {"effect", "NoSchedule"}});
    object["metadata"].get_object()["resourceVersion"] = "7";
    auto changed = node();
    changed.taints.clear();
    const auto patch = parsed(node_patch(changed, object));
    EXPECT_EQ(find_text(*find(patch, "metadata"), "resourceVersion"), "7");
    const auto& taints = find(*find(patch, "spec"), "taints")->get_array();
    ASSERT_EQ(taints.size(), 1u);
    EXPECT_EQ(find_text(taints[0], "key"), "node.kubernetes.io/unreachable");
}

}  // namespace
}  // namespace sekisho::kube
