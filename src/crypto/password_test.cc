#include "crypto/password.h"

#include <gtest/gtest.h>

namespace sekisho::crypto {
namespace {

TEST(Password, HashesVerifyAndDiffer) {
    const Secret password("correct horse");
    const auto first = hash_password(password, system_random());
    const auto second = hash_password(password, system_random());
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(first->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *first;
    EXPECT_NE(*first, *second);
    EXPECT_TRUE(verify_password(*first, password));
    EXPECT_FALSE(verify_password(*first, Secret("correct horsf")));
    EXPECT_FALSE(verify_password(*first, Secret("")));
    EXPECT_FALSE(needs_rehash(*first));
}

// RFC 9106's reference implementation (phc-winner-argon2, src/test.c): argon2id, v=19, t=2, m=256 KiB, p=1.
TEST(Password, ReferenceVector) {
    constexpr std::string_view phc =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    EXPECT_TRUE(verify_password(phc, Secret("password")));
    EXPECT_FALSE(verify_password(phc, Secret("passwore")));
    EXPECT_TRUE(needs_rehash(phc));
}

// Made by Debian's libargon2 20171227, which made the hashes of earlier versions: at our parameters, and with four
// lanes.
TEST(Password, HashesMadeBeforeVerify) {
    const Secret password("Quiet-Harbour-42!");
    constexpr std::string_view ours =
        "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyBvaw$gR35V07ddnRhno/0PRSP66wJuQ2ONxWRxc9GDGF51rU";
    constexpr std::string_view lanes =
        "$argon2id$v=19$m=1024,t=3,p=4$c2l4dGVlbiBieXRlcyBvaw$xTGYnoxzHRHovi9DwFMkg3cIhwj9zaNkRByzeVMX0ww";
    for (const auto phc : {ours, lanes}) {
        EXPECT_TRUE(verify_password(phc, password)) << phc;
        EXPECT_FALSE(verify_password(phc, Secret("Quiet-Harbour-42?"))) << phc;
    }
    EXPECT_FALSE(needs_rehash(ours));
    EXPECT_TRUE(needs_rehash(lanes));
}

TEST(Password, RefusesForeignAndGreedyTexts) {
    const Secret password("password");
    for (const std::string_view text :
         {"", "$argon2id$", "password",
          "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
          "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
          "$argon2id$v=19$m=256,t=4000000000,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"}) {
        EXPECT_FALSE(verify_password(text, password)) << text;
        EXPECT_TRUE(needs_rehash(text)) << text;
    }
}

}  // namespace
}  // namespace sekisho::crypto
