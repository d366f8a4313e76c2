#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"

namespace sekisho {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return ApiError{.code = "Odd"};
    return value / 2;
}
Result<int> quarter(int value) {
    SEK_TRY(const int once, half(value));
    SEK_TRY(auto twice, half(once));
    return twice;
}
Result<void> must_be_even(int value) {
    SEK_TRY(half(value));
    return {};
}

TEST(Result, TryReturnsTheErrorOrBindsTheValue) {
    EXPECT_EQ(quarter(12).value(), 3);
    EXPECT_EQ(quarter(6).error().code, "Odd");
    EXPECT_TRUE(must_be_even(2).has_value());
    EXPECT_EQ(must_be_even(3).error().code, "Odd");
}

// RFC 4648 section 10.
TEST(Encoding, PublishedVectors) {
    EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encode_base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(encode_base64("f"), "Zg==");
    EXPECT_EQ(encode_base32("foobar"), "MZXW6YTBOI");
    EXPECT_EQ(encode_hex("foobar"), "666f6f626172");
}

TEST(Encoding, DecodingInvertsEncodingForEveryLength) {
    for (std::size_t length = 0; length < 70; ++length) {
        const std::string bytes = random_bytes(system_random(), length);
        EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
        EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
        EXPECT_EQ(decode_base32(encode_base32(bytes)), bytes);
        EXPECT_EQ(decode_hex(encode_hex(bytes)), bytes);
        EXPECT_EQ(decode_uri(encode_uri(bytes)), bytes);
    }
}

TEST(Encoding, StrictDecodersRefuse) {
    EXPECT_FALSE(decode_base64("Zg="));   // short padding
    EXPECT_FALSE(decode_base64("Zh=="));  // spare bits
    EXPECT_FALSE(decode_base64("Z==="));  // a digit alone
    EXPECT_FALSE(decode_base64("Zm9v\nYmFy"));
    EXPECT_FALSE(decode_base64url("Zg=="));  // padding has no place here
    EXPECT_FALSE(decode_base64url("Zm+v"));
    EXPECT_FALSE(decode_base32("mzxw"));
    EXPECT_FALSE(decode_hex("abc"));
    EXPECT_FALSE(decode_uri("%4"));
    EXPECT_FALSE(decode_uri("%zz"));
    EXPECT_EQ(decode_uri("a+b", true), "a b");
    EXPECT_EQ(decode_uri("a+b"), "a+b");
}

TEST(Time, FormatsAndParses) {
    const Time time = time_from_epoch_seconds(1795479851) + milliseconds(7);
    EXPECT_EQ(format_iso8601(time), "2026-11-24T00:24:11Z");
    EXPECT_EQ(format_iso8601_milliseconds(time), "2026-11-24T00:24:11.007Z");
    EXPECT_EQ(format_iso8601_basic(time), "20261124T002411Z");
    EXPECT_EQ(format_http_date(time), "Tue, 24 Nov 2026 00:24:11 GMT");
    EXPECT_EQ(parse_iso8601("2026-11-24T00:24:11.007Z"), time);
    EXPECT_EQ(parse_iso8601("2026-11-24T09:24:11.007+09:00"), time);
    EXPECT_EQ(parse_iso8601_basic("20261124T002411Z"), time_from_epoch_seconds(1795479851));
    EXPECT_FALSE(parse_iso8601_basic("20260230T002411Z"));
    EXPECT_FALSE(parse_iso8601_basic("20261124T002411"));
    EXPECT_FALSE(parse_iso8601_basic("20261124T002460Z"));
    EXPECT_FALSE(parse_iso8601("2026-11-24T00:24"));
    EXPECT_FALSE(parse_iso8601("2026-11-24T00:24:11Zx"));
}

TEST(Ids, Forms) {
    EXPECT_TRUE(is_account_id("111222333444"));
    EXPECT_FALSE(is_account_id("11122233344"));
    EXPECT_FALSE(is_account_id("11122233344a"));
    EXPECT_TRUE(is_region("us-east-1"));
    EXPECT_TRUE(is_region("us-gov-west-1"));
    EXPECT_FALSE(is_region("us-east"));
    EXPECT_FALSE(is_region("us--east-1"));
    EXPECT_FALSE(is_region("../etc-1"));
}

TEST(Text, Utf8) {
    EXPECT_TRUE(is_valid_utf8("関所 ok \xf0\x9f\x94\x91"));
    EXPECT_FALSE(is_valid_utf8("\xc0\xaf"));          // overlong
    EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));      // surrogate
    EXPECT_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
    EXPECT_FALSE(is_valid_utf8("\xe9\x96"));          // cut off
    EXPECT_EQ(count_code_points("関所"), 2u);
}

TEST(Json, WriterMakesWhatTheReaderReads) {
    std::string text;
    JsonWriter writer(text);
    writer.begin_object().member("a", "x\"\\\n\x01 関").member("n", -5).member("b", true).name("l").begin_array();
    writer.integer(1).number(1.5).null().begin_object().end_object().end_array().end_object();
    const auto value = parse_json(text).value();
    EXPECT_EQ(find_text(value, "a"), "x\"\\\n\x01 関");
    EXPECT_EQ(find(value, "l")->as_array().size(), 4u);
    EXPECT_EQ(text.substr(text.find("\"n\"")), "\"n\":-5,\"b\":true,\"l\":[1,1.5,null,{}]}");
}

TEST(Json, RefusesDeepAndBroken) {
    EXPECT_FALSE(parse_json(std::string(40, '[') + std::string(40, ']')));
    EXPECT_FALSE(parse_json("{\"a\":1,}"));
    EXPECT_FALSE(parse_json("{} x"));
    EXPECT_FALSE(parse_json("\"\xff\""));
}

TEST(Random, TextUsesOnlyItsAlphabetAndUuidHasVersion4) {
    EXPECT_EQ(random_text(system_random(), 500, "ab").find_first_not_of("ab"), std::string::npos);
    const auto uuid = random_uuid(system_random());
    EXPECT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[14], '4');
}

TEST(Secret, MovingLeavesNothingBehind) {
    Secret from(std::string("hunter2"));
    const Secret to(std::move(from));
    EXPECT_EQ(to.expose(), "hunter2");
    EXPECT_TRUE(from.empty());  // NOLINT: what a moved-from secret holds is its contract
}

TEST(Metrics, PrintsPrometheusText) {
    metrics::counter("sekisho_test_total", "A test.", {{"door", "api"}}).add(2);
    metrics::histogram("sekisho_test_seconds", "A test.").observe(0.002);
    const auto text = metrics::print();
    EXPECT_NE(text.find("# TYPE sekisho_test_total counter\nsekisho_test_total{door=\"api\"} 2\n"), std::string::npos);
    EXPECT_NE(text.find("sekisho_test_seconds_bucket{le=\"0.0025\"} 1\n"), std::string::npos);
    EXPECT_NE(text.find("sekisho_test_seconds_bucket{le=\"0.001\"} 0\n"), std::string::npos);
}

}  // namespace
}  // namespace sekisho
