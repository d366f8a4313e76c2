#include "crypto/digest.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/equal.h"

namespace sekisho::crypto {
namespace {

std::string bytes(std::string_view hex) {
    return decode_hex(hex).value();
}

// FIPS 180-4 examples.
TEST(Digest, PublishedValues) {
    EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha1("abc").hex(), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(sha512("abc").hex().substr(0, 32), "ddaf35a193617abacc417349ae204131");
}

TEST(Digest, PiecesMakeTheWhole) {
    const std::string text(1000, 'x');
    for (const std::size_t cut : {0U, 1U, 63U, 64U, 65U, 999U, 1000U}) {
        EXPECT_EQ(Sha256().update(text.substr(0, cut)).update(text.substr(cut)).finish(), sha256(text)) << cut;
    }
}

// RFC 4231 4.2 to 4.8 (4.6 truncates and says nothing more).
TEST(Hmac, Rfc4231) {
    const struct {
        std::string key, data, mac;
    } cases[] = {
        {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {bytes("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (const auto& [key, data, mac] : cases) {
        EXPECT_EQ(hmac_sha256(key, data).hex(), mac);
        const HmacKey cached(key);
        EXPECT_EQ(cached.mac(data).hex(), mac);
        EXPECT_EQ(cached.mac(data).hex(), mac) << "a second time";
    }
}

TEST(Hmac, EmptyKeyIsNotTheKeyBefore) {
    static_cast<void>(hmac_sha256("another key", "text"));
    EXPECT_EQ(hmac_sha256("", "").hex(), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Equal, ComparesWholeTexts) {
    EXPECT_TRUE(equal("", ""));
    EXPECT_TRUE(equal("abc", "abc"));
    EXPECT_FALSE(equal("abc", "abd"));
    EXPECT_FALSE(equal("abc", "ab"));
    EXPECT_FALSE(equal(Secret("abc"), Secret("Abc")));
}

}  // namespace
}  // namespace sekisho::crypto
