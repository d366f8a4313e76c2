#include <gtest/gtest.h>

#include "domain/cidr.h"
#include "domain/directory.h"
#include "domain/iam.h"

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

TEST(FoldName, LooksAlikeFoldsAlike) {
    EXPECT_EQ(fold_name("EksAdmin"), fold_name("eksadmin"));
    EXPECT_EQ(fold_name("\uff45\uff4bsadmin"), fold_name("eksadmin"));  // full-width letters
    EXPECT_EQ(fold_name("stra\u00dfe"), fold_name("STRASSE"));
    EXPECT_NE(fold_name("eksadmin1"), fold_name("eksadmin"));
}

}  // namespace
}  // namespace sekisho::domain
