#include "kube/access_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/cluster_access.h"
#include "operation/testing.h"

namespace sekisho::kube {
namespace {

using operation::TestHouse;
using testing::ElementsAre;

class AccessEntryMapping : public ::testing::Test {
 protected:
    AccessEntryMapping() {
        cluster.account_id = TestHouse::account;
        cluster.region = Region("us-east-1");
        cluster.name = "c";
        cluster.id = "ID";
        cluster.authentication_mode = "API_AND_CONFIG_MAP";
    }
    domain::AccessEntry entry(std::string_view arn, std::string_view id, std::string_view type = "STANDARD") {
        return domain::make_access_entry(cluster, arn, PrincipalId(id), type, "uuid-" + std::string(id), Time());
    }
    void put(const domain::AccessEntry& record) {
        ASSERT_TRUE(house.store().commit_and_wait(
            [&](store::Transaction& tx) { return domain::access_entries.put(tx, record); }));
    }
    Result<std::optional<KubernetesUser>> mapped(const std::string& role, const std::string& id,
                                                 const std::string& session) {
        const auto identity = identify({.account_id = "111222333444",
                                        .arn = "arn:aws:sts::111222333444:assumed-role/" + role + "/" + session,
                                        .user_id = id + ":" + session,
                                        .access_key_id = "ASIAEXAMPLE"});
        return map_access_entry(
            house.store().snapshot(), cluster, *identity,
            [](std::string_view instance) -> Result<std::string> { return "ip-of-" + std::string(instance); });
    }
    TestHouse house{};
    domain::Cluster cluster;
};

TEST_F(AccessEntryMapping, IsByUniqueIdAndName) {
    put(entry("arn:aws:iam::111222333444:role/team/Admin", "AROAONE"));
    const auto user = mapped("Admin", "AROAONE", "ann@example.com").value();
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->username, "arn:aws:sts::111222333444:assumed-role/Admin/ann-example.com");
    EXPECT_TRUE(user->groups.empty());
    EXPECT_FALSE(mapped("Admin", "AROATWO", "ann").value().has_value());  // a role made anew under the same name
    EXPECT_FALSE(mapped("Other", "AROAONE", "ann").value().has_value());
}

TEST_F(AccessEntryMapping, PoliciesAreAGroupOfTheEntry) {
    auto record = entry("arn:aws:iam::111222333444:role/Admin", "AROAONE");
    record.kubernetes_groups = {"team-{{AccountID}}"};
    record.policies.push_back({.policy_name = "AmazonEKSViewPolicy"});
    put(record);
    EXPECT_THAT(mapped("Admin", "AROAONE", "ann").value()->groups,
                ElementsAre("team-111222333444", "sekisho:access-entry:uuid-AROAONE"));
}

TEST_F(AccessEntryMapping, NodesAreTheirInstances) {
    put(entry("arn:aws:iam::111222333444:role/Nodes", "AROAONE", "EC2_LINUX"));
    const auto node = mapped("Nodes", "AROAONE", "i-0123456789abcdef0").value();
    EXPECT_EQ(node->username, "system:node:ip-of-i-0123456789abcdef0");
    EXPECT_THAT(node->groups, ElementsAre("system:nodes"));
    EXPECT_FALSE(mapped("Nodes", "AROAONE", "somebody").has_value());  // a session that is no instance is no node
}

}  // namespace
}  // namespace sekisho::kube
