// Who may change aws-auth by our API, what is refused at once, and what is left for the cluster manager.
#include "kube/mapping_operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/cluster_access.h"
#include "models/control.h"
#include "operation/testing.h"

namespace sekisho::kube {
namespace {

using operation::TestHouse;
using testing::HasSubstr;

const std::string admins = "arn:aws:iam::111222333444:role/Admins";
const std::string viewers = "arn:aws:iam::111222333444:role/Viewers";
const std::string admin_entry = "- groups:\n  - system:masters\n  rolearn: " + admins + "\n  username: admin\n";

class MappingOperations : public testing::Test {
 protected:
    void SetUp() override { add_cluster("CONFIG_MAP"); }

    void write(const std::function<Result<void>(store::Transaction&)>& change) {
        ASSERT_TRUE(house_.store().commit_and_wait(change).has_value());
    }
    // Made by a role that is gone.
    void add_cluster(const std::string& mode, const std::string& status = "ACTIVE") {
        cluster_ = {.account_id = TestHouse::account,
                    .region = Region("us-east-1"),
                    .name = "demo",
                    .id = "cluster-1",
                    .provider = "record",
                    .status = status,
                    .authentication_mode = mode,
                    .creator_arn = "arn:aws:iam::111222333444:role/Gone",
                    .creator_id = PrincipalId("AROAGONE")};
        write([&](store::Transaction& tx) { return domain::clusters.put(tx, cluster_); });
    }
    void set_mapping(const std::string& map_roles, const std::string& change_status = "") {
        write([&](store::Transaction& tx) {
            return domain::identity_mappings.put(tx, {.cluster_id = cluster_.id,
                                                      .map_roles = map_roles,
                                                      .read_at = house_.clock().now(),
                                                      .change_status = change_status});
        });
    }
    Result<control::PutIdentityMappingResponse> put(const std::string& arn, const std::string& username,
                                                    std::vector<std::string> groups = {}) {
        return house_.call<control::PutIdentityMapping>(
            house_.administrator(),
            {.cluster_name = "demo", .principal_arn = arn, .username = username, .groups = std::move(groups)});
    }
    Result<control::DeleteIdentityMappingResponse> remove(const std::string& arn) {
        return house_.call<control::DeleteIdentityMapping>(house_.administrator(),
                                                           {.cluster_name = "demo", .principal_arn = arn});
    }
    control::DescribeIdentityMappingResponse describe() {
        return *house_.call<control::DescribeIdentityMapping>(house_.administrator(), {.cluster_name = "demo"});
    }

    TestHouse house_{register_operations};
    domain::Cluster cluster_;
};

TEST_F(MappingOperations, EntriesAreToldByKind) {
    set_mapping(admin_entry + "- sso: {permissionSetName: View, accountID: \"111222333444\"}\n  username: v\n- x\n");
    const auto told = describe();
    ASSERT_EQ(told.entries->size(), 2u);
    EXPECT_EQ(told.entries->at(0).kind, control::IdentityMappingKind::role);
    EXPECT_EQ(told.entries->at(0).principal_arn, admins);
    EXPECT_EQ(told.entries->at(0).groups, std::vector<std::string>{"system:masters"});
    EXPECT_EQ(told.entries->at(1).kind, control::IdentityMappingKind::permission_set);
    EXPECT_EQ(told.entries->at(1).permission_set_name, "View");
    ASSERT_EQ(told.problems->size(), 1u);
    EXPECT_FALSE(told.change);
}

TEST_F(MappingOperations, AChangeIsOneOutboxRowAndOneIsUnderWayAtATime) {
    const auto asked = put(viewers, "viewer", {"viewers"});
    ASSERT_TRUE(asked) << asked.error().message;
    EXPECT_EQ(asked->change.status, control::IdentityMappingChangeStatus::in_progress);
    const auto told = describe();
    EXPECT_EQ(told.change->change_id, asked->change.change_id);
    EXPECT_FALSE(told.read_date) << "nothing was read yet";
    std::vector<domain::MappingChange> rows;
    house_.outbox().register_worker(std::string(domain::cluster_effect),
                                    [&](const store::OutboxRow& row, store::Completion completion) {
                                        rows.push_back(domain::read_cluster_effect(row.payload)->mapping);
                                        completion.done();
                                    });
    EXPECT_EQ(put(viewers, "other").error().code, "ConflictException");
    ASSERT_TRUE(house_.settle());
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].id, asked->change.change_id);
    EXPECT_EQ(rows[0].principal_arn, viewers);
    EXPECT_EQ(rows[0].username, "viewer");
    EXPECT_EQ(rows[0].groups, std::vector<std::string>{"viewers"});
    EXPECT_FALSE(rows[0].removes);
}

TEST_F(MappingOperations, TheLastAdministratorIsNotLockedOut) {
    set_mapping(admin_entry);
    const auto removed = remove(admins);
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, "ConflictException");
    EXPECT_THAT(removed.error().message, HasSubstr("lock the last administrator out of cluster demo"));
    EXPECT_FALSE(put(admins, "admin", {"viewers"})) << "an administrator who becomes a viewer";
    EXPECT_FALSE(describe().change) << "a refused change leaves nothing";
    set_mapping(admin_entry + "- {userarn: x}\n");
    EXPECT_TRUE(put(viewers, "second", {"system:masters"})) << "one more is none less";
}

TEST_F(MappingOperations, AnotherAdministratorIsEnough) {
    set_mapping(admin_entry + "- {rolearn: " + viewers + ", username: b, groups: [\"system:masters\"]}\n");
    EXPECT_TRUE(remove(admins));
    // By an access entry with the administrator's policy on the whole cluster, where entries are asked.
    add_cluster("API_AND_CONFIG_MAP");
    set_mapping(admin_entry);
    EXPECT_FALSE(remove(admins));
    auto entry = domain::make_access_entry(cluster_, viewers, PrincipalId("AROAVIEWERS"), "STANDARD", "entry-1",
                                           house_.clock().now());
    entry.policies = {{.policy_name = std::string(domain::cluster_admin_policy), .namespaces = {"team"}}};
    write([&](store::Transaction& tx) { return domain::access_entries.put(tx, entry); });
    EXPECT_FALSE(remove(admins)) << "an administrator of one namespace is none of the cluster";
    entry.policies[0].namespaces.clear();
    write([&](store::Transaction& tx) { return domain::access_entries.put(tx, entry); });
    EXPECT_TRUE(remove(admins));
}

TEST_F(MappingOperations, ALivingCreatorIsAnAdministrator) {
    const auto creator = house_.user("creator", "");
    cluster_.creator_arn = creator.principal_arn;
    cluster_.creator_id = PrincipalId(creator.user_id);
    write([&](store::Transaction& tx) { return domain::clusters.put(tx, cluster_); });
    set_mapping(admin_entry);
    EXPECT_TRUE(remove(admins));
}

TEST_F(MappingOperations, WhatCannotBeIsRefusedAtOnce) {
    EXPECT_EQ(remove(viewers).error().code, "ResourceNotFoundException");
    for (const auto* arn : {"arn:aws:sts::111222333444:assumed-role/Admins/me", "arn:aws:iam::111222333444:root",
                            "arn:aws:iam::111222333444:group/g", "Admins"}) {
        EXPECT_EQ(put(arn, "x").error().code, "ValidationException") << arn;
    }
    set_mapping("- {");
    EXPECT_EQ(put(viewers, "x").error().code, "ConflictException");
    add_cluster("API");
    EXPECT_THAT(put(viewers, "x").error().message, HasSubstr("Use access entries"));
    add_cluster("CONFIG_MAP", "CREATING");
    EXPECT_THAT(put(viewers, "x").error().message, HasSubstr("not active"));
}

TEST_F(MappingOperations, IamDecidesOnTheCluster) {
    const auto may = house_.user("may", R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":)"
                                        R"("sekisho:*IdentityMapping","Resource":"arn:aws:eks:*:*:cluster/demo"}})");
    const auto may_not = house_.user("may-not", R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":)"
                                                R"("sekisho:DescribeIdentityMapping","Resource":"*"}})");
    const control::PutIdentityMappingRequest request{.cluster_name = "demo", .principal_arn = viewers, .username = "v"};
    EXPECT_EQ(house_.call<control::PutIdentityMapping>(may_not, request).error().code, "AccessDeniedException");
    EXPECT_EQ(house_.call<control::DeleteIdentityMapping>(may_not, {.cluster_name = "demo", .principal_arn = viewers})
                  .error()
                  .code,
              "AccessDeniedException");
    EXPECT_TRUE(house_.call<control::PutIdentityMapping>(may, request));
    auto elsewhere = request;
    elsewhere.cluster_name = "other";
    EXPECT_EQ(house_.call<control::PutIdentityMapping>(may, elsewhere).error().code, "AccessDeniedException");
}

}  // namespace
}  // namespace sekisho::kube
