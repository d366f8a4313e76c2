#include "crypto/drbg.h"

#include <gtest/gtest.h>

#include <thread>

namespace sekisho::crypto {
namespace {

Drbg::Seed seed_of(int value) {
    Drbg::Seed seed;
    seed.fill(static_cast<std::byte>(value));
    return seed;
}

TEST(Drbg, SameSeedSameBytesHoweverDrawn) {
    Drbg whole(seed_of(1));
    Drbg pieces(seed_of(1));
    const std::string expected = random_bytes(whole, 200);
    std::string got;
    for (const std::size_t count : {1U, 31U, 32U, 33U, 0U, 64U, 39U}) got += random_bytes(pieces, count);
    EXPECT_EQ(got, expected);
}

TEST(Drbg, OtherSeedsOtherBytes) {
    Drbg a(seed_of(1));
    Drbg b(seed_of(2));
    const std::string first = random_bytes(a, 32);
    EXPECT_NE(first, random_bytes(b, 32));
    EXPECT_NE(first, random_bytes(a, 32)) << "the stream does not repeat";
}

TEST(Drbg, ACopyContinuesAlike) {
    Drbg a(seed_of(3));
    static_cast<void>(random_bytes(a, 10));
    Drbg b = a;
    EXPECT_EQ(random_bytes(a, 50), random_bytes(b, 50));
}

TEST(ThreadRandom, ThreadsAndReseedsDiffer) {
    const std::string here = random_bytes(thread_random(), 32);
    std::string there;
    std::thread([&] { there = random_bytes(thread_random(), 32); }).join();
    EXPECT_NE(here, there);
    EXPECT_NE(random_bytes(thread_random(), 200'000).substr(199'968), random_bytes(thread_random(), 32));
    EXPECT_NE(random_seed(), random_seed());
}

}  // namespace
}  // namespace sekisho::crypto
