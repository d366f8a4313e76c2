#include <gtest/gtest.h>

#include "domain/cidr.h"
#include "domain/directory.h"
#include "domain/iam_password.h"

namespace sekisho::domain {
namespace {

TEST(UniqueIds, CarryTheirAccount) {
    for (const char* account : {"000000000000", "111222333444", "999999999999"}) {
        const auto key = make_access_key_id("ASIA", AccountId(account), system_random());
        EXPECT_EQ(key.str().size(), 20u);
        EXPECT_EQ(account_of_key(key), AccountId(account));
        const auto id = make_unique_id("AROA", AccountId(account), system_random());
        EXPECT_EQ(id.size(), 21u);
        EXPECT_EQ(account_of_key(id), AccountId(account));
    }
}

// Real pairs, from errors-and-records section 5 (localstack's aws/accounts.py).
TEST(UniqueIds, ReadAwsOwn) {
    EXPECT_EQ(account_of_key("ASIAQAAAAAAAGMKEM7X5"), AccountId("000000000000"));
    EXPECT_EQ(account_of_key("AKIASP2TPHJSQH3FJXYZ"), AccountId("171436882533"));
    EXPECT_FALSE(account_of_key("AKIAIOSFODNN7EXAMPLE"));
    EXPECT_FALSE(account_of_key("short"));
}

TEST(CountedAddress, OneHostIsOneName) {
    EXPECT_EQ(counted_address("203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(counted_address("::ffff:203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(counted_address("2001:db8:1:2::9"), "2001:db8:1:2::/64");
    EXPECT_EQ(counted_address("2001:db8:1:2:ffff:ffff:ffff:ffff"), counted_address("2001:db8:1:2::9"));
    EXPECT_NE(counted_address("2001:db8:1:3::9"), counted_address("2001:db8:1:2::9"));
    EXPECT_EQ(counted_address("sekisho.internal"), "sekisho.internal");
    EXPECT_EQ(counted_address(""), "");
}

TEST(IamPassword, ExpiresADayCountAfterItWasSet) {
    const Time made = time_from_epoch_seconds(1'800'000'000);
    LoginProfile profile;
    profile.created_at = made;
    IamPasswordPolicy policy;
    EXPECT_FALSE(has_expired(&policy, profile, made + days(5'000)));
    policy.days_max = 90;
    EXPECT_FALSE(has_expired(nullptr, profile, made + days(5'000)));
    EXPECT_FALSE(has_expired(&policy, profile, made + days(90) - milliseconds(1)));
    EXPECT_TRUE(has_expired(&policy, profile, made + days(90)));
    set_password(profile, &policy, Secret("a"), made + days(89));
    EXPECT_FALSE(has_expired(&policy, profile, made + days(90)));
    EXPECT_TRUE(has_expired(&policy, profile, made + days(179)));
    EXPECT_EQ(profile.created_at, made);
}

TEST(IamPassword, RemembersAsManyAsThePolicySays) {
    IamPasswordPolicy policy{.reuse_prevention = 24};
    LoginProfile profile;
    for (int i = 0; i < 30; ++i) set_password(profile, &policy, Secret(std::to_string(i)), Time());
    ASSERT_EQ(profile.former_password_hashes.size(), 24u);
    EXPECT_EQ(profile.former_password_hashes.front().expose(), "28");
    EXPECT_EQ(profile.former_password_hashes.back().expose(), "5");
    const auto remembered = remembered_hashes(&policy, profile);
    ASSERT_EQ(remembered.size(), 25u);
    EXPECT_EQ(remembered.front().expose(), "29");
    EXPECT_TRUE(remembered_hashes(nullptr, profile).empty());

    // What it was compared with must be what is remembered when it is set.
    EXPECT_TRUE(is_new({.hashes = remembered}, &policy, profile));
    EXPECT_FALSE(is_new({.hashes = remembered, .is_among_them = true}, &policy, profile));
    EXPECT_FALSE(is_new({}, &policy, profile));
    policy.reuse_prevention = 2;
    EXPECT_FALSE(is_new({.hashes = remembered}, &policy, profile));
    const auto fewer = remembered_hashes(&policy, profile);
    EXPECT_EQ(fewer.size(), 3u);
    set_password(profile, &policy, Secret("30"), Time());
    EXPECT_EQ(profile.former_password_hashes.size(), 2u);
    EXPECT_FALSE(is_new({.hashes = fewer}, &policy, profile));
    set_password(profile, nullptr, Secret("31"), Time());
    EXPECT_TRUE(profile.former_password_hashes.empty());
}

TEST(RootPassword, IsHeldToAwssRules) {
    const Account account{.id = AccountId("111222333444"), .name = "Harbour-1", .email = "Root-1@example.com"};
    for (const auto* good : {"Harbour-2", "abcdefG1", "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9A1a"}) {
        EXPECT_TRUE(conforms_for_root(account, good)) << good;
    }
    for (const auto* poor : {"", "aA1-", "abcdefg1", "ABCDEFG-", "harbour-1", "Harbour-1", "rOOT-1@example.com"}) {
        EXPECT_FALSE(conforms_for_root(account, poor)) << poor;
    }
    EXPECT_TRUE(conforms_for_root(account, "Aa1" + std::string(125, 'x')));
    EXPECT_FALSE(conforms_for_root(account, "Aa1" + std::string(126, 'x')));
}

TEST(FoldName, LooksAlikeFoldsAlike) {
    EXPECT_EQ(fold_name("EksAdmin"), fold_name("eksadmin"));
    EXPECT_EQ(fold_name("\uff45\uff4bsadmin"), fold_name("eksadmin"));  // full-width letters
    EXPECT_EQ(fold_name("stra\u00dfe"), fold_name("STRASSE"));
    EXPECT_NE(fold_name("eksadmin1"), fold_name("eksadmin"));
}

}  // namespace
}  // namespace sekisho::domain
