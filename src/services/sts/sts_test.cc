#include "models/sts.h"

#include <gtest/gtest.h>

#include "domain/iam.h"
#include "operation/testing.h"
#include "services/sts/service.h"

namespace sekisho::sts_service {
namespace {

using operation::TestHouse;

constexpr std::string_view trusts_account =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111222333444:root"},)"
    R"("Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]})";

class Sts : public testing::Test {
 protected:
    void add_role(const std::string& name, std::string_view trust, const AccountId& account = TestHouse::account) {
        const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            return domain::roles.put(tx, {.account_id = account,
                                          .name = name,
                                          .path = "/team/",
                                          .id = PrincipalId(domain::make_unique_id("AROA", account, system_random())),
                                          .trust_policy = std::string(trust),
                                          .created_at = house.clock().now()});
        });
        ASSERT_TRUE(committed.has_value());
    }
    Result<sts::AssumeRoleResponse> assume(const access::Caller& caller, sts::AssumeRoleRequest request) {
        request.role_arn = "arn:aws:iam::111222333444:role/team/r";
        request.role_session_name = "s";
        return house.call<sts::AssumeRole>(caller, request);
    }
    TestHouse house{register_operations};
};

TEST_F(Sts, CallerIdentityNeedsNoPermission) {
    const auto bob =
        house.user("bob", R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]})");
    const auto answer = house.call<sts::GetCallerIdentity>(bob, {}).value();
    EXPECT_EQ(answer.arn, "arn:aws:iam::111222333444:user/bob");
    EXPECT_EQ(answer.account, "111222333444");
    EXPECT_EQ(answer.user_id, bob.principal_id.str());
}

TEST_F(Sts, AssumedRoleHasItsShape) {
    add_role("r", trusts_account);
    const auto answer = assume(house.administrator(), {}).value();
    EXPECT_EQ(answer.assumed_role_user->arn, "arn:aws:sts::111222333444:assumed-role/r/s");
    EXPECT_TRUE(answer.assumed_role_user->assumed_role_id.starts_with("AROA"));
    EXPECT_TRUE(answer.credentials->access_key_id.starts_with("ASIA"));
    EXPECT_EQ(answer.credentials->secret_access_key.size(), 40u);
    EXPECT_EQ(answer.credentials->expiration, house.clock().now() + hours(1));
    // What was issued opens again, and only for its own key.
    const auto snapshot = house.store().snapshot();
    const auto& tokens = *house.environment().tokens;
    const auto& session = *answer.credentials;
    const auto claims = tokens.open(snapshot, session.session_token, session.access_key_id);
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(tokens.secret_access_key(*claims).expose(), session.secret_access_key);
    EXPECT_FALSE(tokens.open(snapshot, session.session_token, "ASIAQAAAAAAAGMKEM7X5"));
}

TEST_F(Sts, RefusalDoesNotTellWhetherTheRoleExists) {
    add_role("r", trusts_account);
    const auto nobody = house.user("nobody", "");
    const auto existing = assume(nobody, {}).error();
    sts::AssumeRoleRequest missing{.role_arn = "arn:aws:iam::111222333444:role/missing", .role_session_name = "s"};
    auto absent = house.call<sts::AssumeRole>(nobody, missing).error();
    EXPECT_EQ(existing.code, "AccessDenied");
    EXPECT_EQ(existing.message,
              "User: arn:aws:iam::111222333444:user/nobody is not authorized to perform: sts:AssumeRole on resource: "
              "arn:aws:iam::111222333444:role/team/r");
    EXPECT_EQ(absent.code, existing.code);
    EXPECT_EQ(absent.http_status, existing.http_status);
    EXPECT_EQ(absent.message,
              "User: arn:aws:iam::111222333444:user/nobody is not authorized to perform: sts:AssumeRole on resource: "
              "arn:aws:iam::111222333444:role/missing");
}

TEST_F(Sts, ChainedSessionsLastAnHour) {
    add_role("r", trusts_account);
    add_role(
        "first",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]})");
    const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        const auto role = domain::roles.get(tx, TestHouse::account, "first").value();
        return domain::principal_policies.put(
            tx,
            {.principal_id = role->id,
             .inline_policies = {
                 {"p", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"}}});
    });
    ASSERT_TRUE(committed.has_value());
    const auto session = house.role_session(TestHouse::account, "first", "one");
    EXPECT_TRUE(assume(session, {.duration_seconds = 3600}).has_value());
    const auto error = assume(session, {.duration_seconds = 3601}).error();
    EXPECT_EQ(error.code, "ValidationError");
    EXPECT_EQ(error.message,
              "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
    EXPECT_EQ(assume(house.administrator(), {.duration_seconds = 3601}).error().message,
              "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
}

TEST_F(Sts, TagsAreChecked) {
    add_role("r", trusts_account);
    sts::AssumeRoleRequest request;
    request.tags = std::vector<sts::Tag>{{.key = "Team", .value = "a"}, {.key = "team", .value = "b"}};
    EXPECT_EQ(assume(house.administrator(), request).error().message,
              "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    request.tags = std::vector<sts::Tag>{{.key = "Team", .value = "a"}};
    request.transitive_tag_keys = std::vector<std::string>{"Other"};
    EXPECT_EQ(assume(house.administrator(), request).error().message,
              "The specified transitive tag key must be included in the requested tags.");
    request.transitive_tag_keys = std::vector<std::string>{"Team"};
    EXPECT_TRUE(assume(house.administrator(), request).has_value());
}

TEST_F(Sts, SessionsOfADeletedUserAreDead) {
    const auto bob = house.user("bob", "");
    const auto session = house.call<sts::GetSessionToken>(bob, {}).value();
    const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::iam_users.erase(tx, TestHouse::account, "bob"));
        return {};
    });
    ASSERT_TRUE(committed.has_value());
    EXPECT_EQ(house.call<sts::GetCallerIdentity>(bob, {}).error().code, "InvalidClientTokenId");
}

TEST_F(Sts, AccessKeyInfoOnlyDecodes) {
    EXPECT_EQ(
        house.call<sts::GetAccessKeyInfo>(house.administrator(), {.access_key_id = "AKIASP2TPHJSQH3FJXYZ"})->account,
        "171436882533");
}

}  // namespace
}  // namespace sekisho::sts_service
