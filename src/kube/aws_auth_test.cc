#include "kube/aws_auth.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "domain/clusters.h"
#include "kube/nodes.h"
#include "kube/test_api_server.h"

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
    EXPECT_FALSE(add_node_role(std::string("- a: b\0c\n", 9), role));
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

domain::MappingChange put(const std::string& arn, const std::string& username, std::vector<std::string> groups = {}) {
    return {.id = {}, .principal_arn = arn, .username = username, .groups = std::move(groups)};
}
domain::MappingChange removal(const std::string& arn) {
    return {.id = {}, .principal_arn = arn, .removes = true, .username = {}, .groups = {}};
}

TEST(AwsAuthText, AnEntryIsWrittenAsEksctlDoes) {
    const std::string sso =
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_A_0123456789abcdef";
    EXPECT_EQ(*change_entry(other, put(sso, "cluster-admin", {"system:masters"})),
              other +
                  "- groups:\n  - system:masters\n"
                  "  rolearn: arn:aws:iam::111122223333:role/AWSReservedSSO_A_0123456789abcdef\n"
                  "  username: cluster-admin\n");
    EXPECT_EQ(*change_entry("", put("arn:aws:iam::111122223333:user/team/ann", "ann")),
              "- userarn: arn:aws:iam::111122223333:user/team/ann\n  username: ann\n");
    EXPECT_EQ(aws_auth_key("arn:aws:iam::111122223333:user/team/ann"), "mapUsers");
    EXPECT_EQ(aws_auth_key(sso), "mapRoles");
}

TEST(AwsAuthText, AnEntryTakesThePlaceOfAllOfItsPrincipal) {
    const std::string twice = "- rolearn: arn:aws:iam::111122223333:role/node\n  username: a\n" + other +
                              "- RoleArn: arn:aws:iam::111122223333:role/path/NODE\n  username: b\n";
    const auto changed = change_entry(twice, put(role, "c", {"viewers"}));
    ASSERT_TRUE(changed);
    EXPECT_EQ(*changed, other +
                            "- groups:\n  - viewers\n  rolearn: arn:aws:iam::111122223333:role/node\n"
                            "  username: c\n");
    EXPECT_EQ(*change_entry(*changed, removal("arn:aws:iam::111122223333:role/node")), other);
    EXPECT_EQ(*change_entry(other, removal(role)), other);
    EXPECT_EQ(*change_entry(other + "- rolearn: arn:aws:sts::111122223333:assumed-role/node/x\n", removal(role)),
              other);
    EXPECT_FALSE(change_entry("- {", put(role, "c")));
    EXPECT_FALSE(change_entry("a: b", removal(role)));
}

// Nothing that a name holds becomes an entry, a group or another type.
TEST(AwsAuthText, NamesAreTextWhateverTheyHold) {
    for (const std::string name : {"true",
                                   "no",
                                   "0x10",
                                   "1e3",
                                   "~",
                                   "a: b",
                                   "a\n- rolearn: x",
                                   "#x",
                                   "{{SessionName}}",
                                   "'",
                                   "\"",
                                   "\\",
                                   "[a]",
                                   "- a",
                                   "&a",
                                   "*a",
                                   "!a",
                                   "a #b",
                                   "\xe6\xbc\xa2",
                                   "null",
                                   "2026-11-24",
                                   "admin:{{SessionName}}",
                                   "a:"}) {
        const auto changed = change_entry(other, put(role, name, {name, "b"}));
        ASSERT_TRUE(changed) << name;
        const auto parsed = parse_aws_auth({{"mapRoles", *changed}});
        ASSERT_EQ(parsed.mapping.roles.size(), 2u) << *changed;
        EXPECT_EQ(parsed.mapping.roles[1].username, name);
        EXPECT_EQ(parsed.mapping.roles[1].groups, (std::vector<std::string>{name, "b"}));
        EXPECT_EQ(parsed.problems.size(), 0u);
    }
}

std::string event(const std::string& map_roles) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("type", "MODIFIED").name("object").begin_object().name("data").begin_object();
    json.member("mapRoles", map_roles).member("mapUsers", "[]").member("other", "x");
    json.end_object().end_object().end_object();
    return text + "\n";
}

class AwsAuthWatchTest : public testing::Test {
 protected:
    AwsAuthWatchTest() { server_.set_list(R"({"metadata":{"resourceVersion":"1"},"items":[]})"); }

    std::unique_ptr<AwsAuthWatch> watch(ServedMapping last = {}) {
        return std::make_unique<AwsAuthWatch>(client_, "demo", std::move(last), [this](const ServedMapping& served) {
            const std::lock_guard lock(mutex_);
            changed_.notify_all();
            if (refuses_) {
                ++refusals_;
                return false;
            }
            if (!served.is_stale) kept_.data = served.data;  // as the record does
            kept_.is_stale = served.is_stale;
            return true;
        });
    }
    // Whether this is kept, at last.
    bool keeps(const std::string& map_roles, bool is_stale) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] {
            return kept_.data["mapRoles"] == map_roles && kept_.is_stale == is_stale && !kept_.data.contains("other");
        });
    }
    bool refused() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return refusals_ > 0; });
    }
    void refuse(bool refuses) {
        const std::lock_guard lock(mutex_);
        refuses_ = refuses;
    }

    TestApiServer server_;
    net::HttpClient http_;
    KubernetesClient client_{http_, {.url = server_.url()}};
    std::mutex mutex_;
    std::condition_variable changed_;
    ServedMapping kept_;
    bool refuses_ = false;
    int refusals_ = 0;
};

TEST_F(AwsAuthWatchTest, WhatCannotBeReadLeavesTheLastGoodMapping) {
    const auto watched = watch();
    server_.send(event(other));
    EXPECT_TRUE(keeps(other, false));
    for (const char* broken : {"- {", "a: b", "- rolearn: [", "\t- x"}) {
        server_.send(event(broken));
        EXPECT_TRUE(keeps(other, true)) << broken;
        EXPECT_EQ(watched->state().cause, "aws-auth cannot be read: mapRoles");
        EXPECT_TRUE(watched->state().is_followed);
        server_.send(event(other));
        EXPECT_TRUE(keeps(other, false)) << broken;
    }
    server_.send(event(node_text));
    EXPECT_TRUE(keeps(node_text, false));
    server_.send("{\"type\":\"DELETED\",\"object\":{}}\n");
    EXPECT_TRUE(keeps("", false));
}

TEST_F(AwsAuthWatchTest, ABrokenWatchLeavesTheMappingMarkedStaleAndAHealedOneTakesTheMarkOff) {
    const auto watched = watch();
    server_.send(event(other));
    EXPECT_TRUE(keeps(other, false));
    server_.set_list("");
    server_.break_off();
    EXPECT_TRUE(keeps(other, true));
    EXPECT_FALSE(watched->state().is_followed);
    server_.set_list(R"({"metadata":{"resourceVersion":"1"},"items":[{"data":{"mapRoles":"[]"}}]})");
    EXPECT_TRUE(keeps("[]", false));
}

TEST_F(AwsAuthWatchTest, TheMarkOfTheLastRunComesOff) {
    kept_ = {.data = {{"mapRoles", "[]"}}, .is_stale = true};
    server_.set_list(R"({"metadata":{"resourceVersion":"1"},"items":[{"data":{"mapRoles":"[]"}}]})");
    const auto watched = watch(kept_);
    EXPECT_TRUE(keeps("[]", false));
}

TEST_F(AwsAuthWatchTest, WhatCouldNotBeKeptIsKeptLater) {
    const auto watched = watch();
    server_.send(event(other));
    EXPECT_TRUE(keeps(other, false));
    refuse(true);
    server_.send(event(node_text));
    EXPECT_TRUE(refused());
    refuse(false);
    watched->keep();
    EXPECT_TRUE(keeps(node_text, false));
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

// Else a node could register itself after it was deleted.
TEST(Nodes, ADroppedNodeIsNotWrittenAnyMore) {
    TestApiServer server;
    server.set_list("{}");
    net::HttpClient http;
    std::promise<void> asked;
    std::promise<void> released;
    std::atomic<bool> is_released = false;
    const auto token = [&](const VirtualNode&) -> Result<Secret> {
        asked.set_value();
        released.get_future().wait();
        return Secret("x");
    };
    NodeKeeper keeper(http, server.url(), "", token, system_clock());
    keeper.keep({{.name = "ip-10-0-1-2.ec2.internal"}});
    asked.get_future().wait();
    auto dropped = std::async(std::launch::async, [&] {
        keeper.keep({});
        return is_released.load();
    });
    dropped.wait_for(std::chrono::milliseconds(50));
    is_released = true;
    released.set_value();
    EXPECT_TRUE(dropped.get());
    EXPECT_TRUE(keeper.states().empty());
}

}  // namespace
}  // namespace sekisho::kube
