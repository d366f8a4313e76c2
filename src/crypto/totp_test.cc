#include "crypto/totp.h"

#include <gtest/gtest.h>

namespace sekisho::crypto {
namespace {

const Secret seed("12345678901234567890");
constexpr std::int64_t unused = -1;

Time at(std::int64_t epoch) {
    return time_from_epoch_seconds(epoch);
}

// RFC 6238 appendix B (SHA-1), the last six of its eight digits; RFC 4226 appendix D for steps 0 to 9.
TEST(Totp, PublishedValues) {
    const std::pair<std::int64_t, std::string_view> times[] = {{59, "287082"},         {1111111109, "081804"},
                                                               {1111111111, "050471"}, {1234567890, "005924"},
                                                               {2000000000, "279037"}, {20000000000, "353130"}};
    for (const auto& [time, code] : times) EXPECT_EQ(totp_code(seed, totp_step(at(time))), code);
    const std::string_view counters[] = {"755224", "287082", "359152", "969429", "338314",
                                         "254676", "287922", "162583", "399871", "520489"};
    for (std::int64_t step = 0; step < 10; ++step) EXPECT_EQ(totp_code(seed, step), counters[step]);
}

TEST(Totp, OneStepOfDriftAndNoMore) {
    const std::int64_t step = 1000;
    const Time now = at(step * 30 + 15);
    for (std::int64_t other = step - 3; other <= step + 3; ++other) {
        const auto found = verify_totp(seed, totp_code(seed, other), now, unused);
        if (other >= step - 1 && other <= step + 1) {
            EXPECT_EQ(found, other);
        } else {
            EXPECT_FALSE(found.has_value()) << other;
        }
    }
}

TEST(Totp, NoCodeTwiceAndNoneBeforeIt) {
    const Time now = at(30'000);
    const auto step = verify_totp(seed, totp_code(seed, 1000), now, unused);
    ASSERT_EQ(step, 1000);
    EXPECT_FALSE(verify_totp(seed, totp_code(seed, 1000), now, *step).has_value());
    EXPECT_FALSE(verify_totp(seed, totp_code(seed, 999), now, *step).has_value());
    EXPECT_EQ(verify_totp(seed, totp_code(seed, 1001), now, *step), 1001);
}

TEST(Totp, RefusesOtherForms) {
    const std::string code = totp_code(seed, 1000);
    for (const std::string& text : {std::string(), code.substr(1), code + "0", " " + code, std::string("abcdef")}) {
        EXPECT_FALSE(verify_totp(seed, text, at(30'000), unused).has_value()) << text;
    }
}

TEST(Totp, TwoCodesInARowTellTheClock) {
    const Time now = at(30'000);
    const auto pair = [&](std::int64_t first, std::int64_t second, std::int64_t used = unused) {
        return verify_totp_pair(seed, totp_code(seed, first), totp_code(seed, second), now, used, 5);
    };
    EXPECT_EQ(pair(999, 1000), 1000);
    EXPECT_EQ(pair(1004, 1005), 1005);
    EXPECT_EQ(pair(994, 995), 995);
    EXPECT_FALSE(pair(1005, 1006).has_value());
    EXPECT_FALSE(pair(993, 994).has_value());
    EXPECT_FALSE(pair(1000, 999).has_value());
    EXPECT_FALSE(pair(1000, 1000).has_value());
    EXPECT_FALSE(pair(998, 1000).has_value());
    EXPECT_FALSE(pair(999, 1000, 999).has_value());
    EXPECT_EQ(pair(1000, 1001, 999), 1001);
}

TEST(Totp, UriOfTheQrCode) {
    EXPECT_EQ(totp_uri(seed, "Sekisho", "a b@example.com").expose(),
              "otpauth://totp/Sekisho:a%20b%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Sekisho"
              "&algorithm=SHA1&digits=6&period=30");
    EXPECT_EQ(new_totp_seed(system_random()).expose().size(), totp_seed_bytes);
}

}  // namespace
}  // namespace sekisho::crypto
