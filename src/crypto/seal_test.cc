#include "crypto/seal.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/encoding.h"

namespace sekisho::crypto {
namespace {

KeyRing ring_of(std::initializer_list<std::uint32_t> ids) {
    KeyRing ring;
    for (const std::uint32_t id : ids) {
        EXPECT_TRUE(ring.add(id, Secret(std::string(32, static_cast<char>(id)))).has_value());
    }
    return ring;
}

TEST(Seal, OpensWhatItSealed) {
    const KeyRing ring = ring_of({1});
    for (const std::size_t size : {0U, 1U, 16U, 600U, 100'000U}) {
        const std::string text(size, 'p');
        const std::string sealed = ring.seal(text, "purpose");
        EXPECT_EQ(sealed.size(), size + sealing_overhead_bytes);
        EXPECT_EQ(ring.open(sealed, "purpose"), text);
    }
}

TEST(Seal, EveryChangedBitIsNoticed) {
    const KeyRing ring = ring_of({7});
    const std::string sealed = ring.seal("the text", "purpose");
    for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
        std::string changed = sealed;
        changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
        EXPECT_FALSE(ring.open(changed, "purpose").has_value()) << "bit " << i;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_FALSE(ring.open(sealed.substr(0, size), "purpose").has_value());
    }
    EXPECT_FALSE(ring.open(sealed, "another purpose").has_value());
    EXPECT_FALSE(ring.open(sealed + "x", "purpose").has_value());
    EXPECT_EQ(ring.open(sealed, "purpose"), "the text") << "a refusal leaves the context usable";
}

TEST(Seal, RotationKeepsOldTextsReadable) {
    KeyRing ring = ring_of({1});
    const std::string old_text = ring.seal("old", "");
    ASSERT_TRUE(ring.add(2, Secret(std::string(32, 'k'))).has_value());
    const std::string new_text = ring.seal("new", "");
    EXPECT_EQ(sealing_key_id(old_text), 1U);
    EXPECT_EQ(sealing_key_id(new_text), 2U);
    EXPECT_EQ(ring.open(old_text, ""), "old");
    EXPECT_EQ(ring.open(new_text, ""), "new");
    EXPECT_FALSE(ring_of({1}).open(new_text, "").has_value()) << "a key that is not on the ring";
}

TEST(Seal, SameIdWithAnotherKeyDoesNotOpen) {
    const std::string sealed = ring_of({1}).seal("text", "");
    KeyRing other;
    ASSERT_TRUE(other.add(1, Secret(std::string(32, 'z'))).has_value());
    EXPECT_FALSE(other.open(sealed, "").has_value());
}

TEST(Seal, RefusesBadKeys) {
    KeyRing ring = ring_of({1});
    EXPECT_FALSE(ring.add(1, Secret(std::string(32, 'a'))).has_value());
    EXPECT_FALSE(ring.add(2, Secret(std::string(16, 'a'))).has_value());
}

TEST(Seal, NoncesDoNotRepeatAndManyRingsShareAThread) {
    std::set<std::string> nonces;
    std::vector<KeyRing> rings;
    for (std::uint32_t id = 1; id <= 20; ++id) rings.push_back(ring_of({id}));
    for (int round = 0; round < 50; ++round) {
        for (const KeyRing& ring : rings) {
            const std::string sealed = ring.seal("x", "");
            EXPECT_TRUE(nonces.insert(sealed.substr(5, 12)).second);
            EXPECT_EQ(ring.open(sealed, ""), "x");
        }
    }
}

TEST(Seal, OpensOnAnotherThread) {
    const KeyRing ring = ring_of({1});
    const std::string sealed = ring.seal("text", "");
    std::optional<std::string> opened;
    std::thread([&] { opened = ring.open(sealed, ""); }).join();
    EXPECT_EQ(opened, "text");
}

// RFC 5869 appendix A.1, A.2 (lengths) and A.3.
TEST(Hkdf, Rfc5869) {
    const std::string key(22, '\x0b');
    EXPECT_EQ(encode_hex(hkdf_sha256(key, decode_hex("000102030405060708090a0b0c").value(),
                                     decode_hex("f0f1f2f3f4f5f6f7f8f9").value(), 42)
                             .expose()),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    EXPECT_EQ(encode_hex(hkdf_sha256(key, "", "", 42).expose()),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, PurposesAreApart) {
    const Secret master(std::string(32, 'm'));
    EXPECT_EQ(derive(master, "a").expose(), derive(master, "a").expose());
    EXPECT_NE(derive(master, "a").expose(), derive(master, "b").expose());
    EXPECT_EQ(derive(master, "a", 100).expose().substr(0, 32), derive(master, "a").expose());
}

}  // namespace
}  // namespace sekisho::crypto
