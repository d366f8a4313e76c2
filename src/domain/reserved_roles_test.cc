#include "domain/reserved_roles.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "store/testing.h"

namespace sekisho::domain {
namespace {

TEST(ReservedRoles, NamesAndPaths) {
    const auto name = make_single_sign_on_role_name("EKSClusterAdminAccess", system_random());
    EXPECT_TRUE(name.starts_with("AWSReservedSSO_EKSClusterAdminAccess_"));
    EXPECT_EQ(name.size(), std::string_view("AWSReservedSSO_EKSClusterAdminAccess_").size() + 16);
    // The longest name of a permission set still gives a name that IAM takes.
    EXPECT_LE(make_single_sign_on_role_name(std::string(32, 'x'), system_random()).size(), 64u);
    const auto stable = stable_single_sign_on_role_name("EKSClusterAdminAccess", "i");
    EXPECT_EQ(stable, stable_single_sign_on_role_name("EKSClusterAdminAccess", "i"));
    EXPECT_EQ(stable.size(), name.size());
    EXPECT_TRUE(stable.starts_with("AWSReservedSSO_EKSClusterAdminAccess_"));
    EXPECT_NE(stable, stable_single_sign_on_role_name("EKSClusterAdminAccess", "j"));
    EXPECT_NE(stable.substr(stable.size() - 16), stable_single_sign_on_role_name("Other", "i").substr(21));
    EXPECT_EQ(single_sign_on_role_path(Region("us-east-1")), "/aws-reserved/sso.amazonaws.com/");
    EXPECT_EQ(single_sign_on_role_path(Region("eu-west-1")), "/aws-reserved/sso.amazonaws.com/eu-west-1/");
    const AccountId a("111222333444"), b("555666777888");
    EXPECT_EQ(single_sign_on_provider_name("i", a), single_sign_on_provider_name("i", a));
    EXPECT_NE(single_sign_on_provider_name("i", a), single_sign_on_provider_name("i", b));
    EXPECT_NE(single_sign_on_provider_name("i", a), single_sign_on_provider_name("j", a));
}

TEST(ReservedRoles, KeepTheirIdAndTheirUses) {
    const store::testing::TemporaryFolder folder;
    const auto opened = store::testing::open_store(store::testing::options_in(folder));
    ReservedRole wanted{
        .account_id = AccountId("111222333444"), .name = "AWSReservedSSO_a_0", .path = "/aws-reserved/"};
    PrincipalId id;
    const auto put = [&] {
        return opened->commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(const auto role, put_reserved_role(tx, wanted, Time(), system_random()));
            id = role.id;
            return {};
        });
    };
    const auto uses = [&] {
        const auto snapshot = opened->snapshot();
        return policy_uses.scan(snapshot, store::prefix(wanted.account_id))->items.size();
    };
    // The most that a permission set has, all replaced at once, fits into one transaction.
    for (const char* round : {"old", "new"}) {
        const auto former = id;
        wanted.policy_arns.clear();
        for (int i = 0; i < 20; ++i) wanted.policy_arns.push_back(std::string(round) + std::to_string(i));
        wanted.boundary_arn = std::string(round) + "-boundary";
        const auto done = put();
        ASSERT_TRUE(done.has_value()) << done.error().cause;
        EXPECT_EQ(uses(), 21u);
        if (!former.empty()) EXPECT_EQ(id, former);
    }
    ASSERT_TRUE(opened->commit_and_wait(
        [&](store::Transaction& tx) { return erase_reserved_role(tx, wanted.account_id, wanted.name); }));
    EXPECT_EQ(uses(), 0u);
    const auto snapshot = opened->snapshot();
    EXPECT_FALSE(roles.exists(snapshot, wanted.account_id, lower_ascii(wanted.name)));
    EXPECT_FALSE(principal_policies.exists(snapshot, id));
}

}  // namespace
}  // namespace sekisho::domain
