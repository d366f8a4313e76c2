#include "policy/condition.h"

#include <gtest/gtest.h>

#include "policy/testing.h"

namespace sekisho::policy {
namespace {

using testing::in_document;
using testing::must_parse;
using testing::TestContext;

using Texts = std::vector<std::string>;

// The operator on aws:key with these policy values and the request's values (nothing: the key is absent).
bool holds(std::string_view op, const Texts& policy, const std::optional<Texts>& request,
           const TestContext& others = {}) {
    const auto parsed = parse_operator(op);
    EXPECT_TRUE(parsed.has_value()) << op;
    const CompiledCondition condition({.op = *parsed, .key = "aws:Key", .values = policy}, true);
    auto values = others.values();
    if (request) values["aws:key"] = *request;
    return condition.holds(TestContext(values));
}

bool holds(std::string_view op, const char* policy, const char* request) {
    return holds(op, Texts{policy}, Texts{request});
}

struct Case {
    const char* op;
    const char* policy;
    const char* request;
    bool expected;
};

TEST(Condition, EveryOperatorOnOneValue) {
    constexpr Case cases[] = {
        {"StringEquals", "john", "john", true},
        {"StringEquals", "john", "John", false},
        {"StringEquals", "jo*", "john", false},
        {"StringNotEquals", "john", "john", false},
        {"StringNotEquals", "john", "John", true},
        {"StringEqualsIgnoreCase", "john", "JOHN", true},
        {"StringEqualsIgnoreCase", "john", "johnny", false},
        {"StringNotEqualsIgnoreCase", "john", "JOHN", false},
        {"StringNotEqualsIgnoreCase", "john", "jane", true},
        {"StringLike", "jo*", "john", true},
        {"StringLike", "j??n", "john", true},
        {"StringLike", "Jo*", "john", false},
        {"StringNotLike", "jo*", "john", false},
        {"StringNotLike", "jo*", "jane", true},
        {"NumericEquals", "10", "10", true},
        {"NumericEquals", "10", "10.0", true},
        {"NumericEquals", "10", "11", false},
        {"NumericEquals", "9007199254740993", "9007199254740992", false},
        {"NumericNotEquals", "10", "10", false},
        {"NumericNotEquals", "10", "-10", true},
        {"NumericLessThan", "10", "9.99", true},
        {"NumericLessThan", "10", "10", false},
        {"NumericLessThanEquals", "10", "10", true},
        {"NumericLessThanEquals", "10", "10.5", false},
        {"NumericGreaterThan", "10", "11", true},
        {"NumericGreaterThan", "10", "10", false},
        {"NumericGreaterThanEquals", "10", "10", true},
        {"NumericGreaterThanEquals", "10", "9", false},
        {"NumericLessThan", "10", "nine", false},
        {"DateEquals", "2020-04-01T00:00:01Z", "2020-04-01T00:00:01Z", true},
        {"DateEquals", "2020-04-01", "2020-04-01T00:00:00Z", true},
        {"DateEquals", "1585699201", "2020-04-01T00:00:01Z", true},
        {"DateEquals", "2020-04-01T02:00:01+02:00", "2020-04-01T00:00:01Z", true},
        {"DateEquals", "2020-04-01T00:00:01Z", "2020-04-01T00:00:02Z", false},
        {"DateNotEquals", "2020-04-01", "2020-04-01", false},
        {"DateNotEquals", "2020-04-01", "2020-04-02", true},
        {"DateLessThan", "2020-04-01", "2020-03-31T23:59:59Z", true},
        {"DateLessThan", "2020-04-01", "2020-04-01", false},
        {"DateLessThanEquals", "2020-04-01", "2020-04-01", true},
        {"DateGreaterThan", "2020-04-01", "2020-04-01T00:00:01Z", true},
        {"DateGreaterThan", "2020-04-01", "2020-04-01", false},
        {"DateGreaterThanEquals", "2020-04-01", "2020-04-01", true},
        {"DateGreaterThanEquals", "2020-04-01", "2020-03-31", false},
        {"DateLessThan", "2020-04-01", "soon", false},
        {"Bool", "true", "true", true},
        {"Bool", "TRUE", "true", true},
        {"Bool", "false", "true", false},
        {"Bool", "false", "", false},
        {"BinaryEquals", "QmluYXJ5", "QmluYXJ5", true},
        {"BinaryEquals", "QmluYXJ5", "QmluYXJ6", false},
        {"IpAddress", "203.0.113.0/24", "203.0.113.5", true},
        {"IpAddress", "203.0.113.0/24", "203.0.114.5", false},
        {"IpAddress", "203.0.113.5", "203.0.113.5", true},
        {"IpAddress", "0.0.0.0/0", "203.0.113.5", true},
        {"IpAddress", "0.0.0.0/0", "2001:db8::1", false},
        {"IpAddress", "203.0.112.0/23", "203.0.113.255", true},
        {"IpAddress", "203.0.112.0/23", "203.0.114.0", false},
        {"IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678:9::1", true},
        {"IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", false},
        {"IpAddress", "203.0.113.0/24", "not an address", false},
        {"IpAddress", "203.0.113.0/24", "203.0.0.0/8", false},
        {"NotIpAddress", "203.0.113.0/24", "203.0.113.5", false},
        {"NotIpAddress", "203.0.113.0/24", "198.51.100.1", true},
        {"ArnEquals", "arn:aws:sns:*:111111111111:*", "arn:aws:sns:eu-west-1:111111111111:t", true},
        {"ArnLike", "arn:aws:sns:*:111111111111:*", "arn:aws:sns:eu-west-1:111111111111:t", true},
        {"ArnLike", "arn:aws:sns:*:t", "arn:aws:sns:eu-west-1:111111111111:t", false},
        {"ArnLike", "arn:aws:sns:*:111111111111:*", "not an arn", false},
        {"ArnNotEquals", "arn:aws:sns:*:111111111111:*", "arn:aws:sns:eu-west-1:111111111111:t", false},
        {"ArnNotLike", "arn:aws:sns:*:111111111111:*", "arn:aws:sns:eu-west-1:222222222222:t", true},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(holds(c.op, c.policy, c.request), c.expected) << c.op << ' ' << c.policy << ' ' << c.request;
    }
}

// The value that each operator can read.
const char* sample(Operator op) {
    if (op >= Operator::numeric_equals && op <= Operator::numeric_greater_than_equals) return "1";
    if (op >= Operator::date_equals && op <= Operator::date_greater_than_equals) return "2020-01-01";
    if (op == Operator::boolean || op == Operator::null) return "true";
    if (op == Operator::binary_equals) return "QQ==";
    if (op == Operator::ip_address || op == Operator::not_ip_address) return "10.0.0.1";
    return "arn:aws:s3:::x";
}

// "If the key that you specify in a policy condition is not present in the request context, the values do not match and
// the condition is false. If the condition requires that the key is not matched, [...] the condition is true."
TEST(Condition, AbsentKeys) {
    for (int base = 0; base < static_cast<int>(Operator::null); ++base) {
        const auto op = static_cast<Operator>(base);
        const Texts policy{sample(op)};
        for (const bool is_empty_list : {false, true}) {
            const auto request = is_empty_list ? std::optional<Texts>(Texts{}) : std::nullopt;
            const auto name = operator_name({.set = SetQualifier::none, .base = op, .if_exists = false});
            EXPECT_EQ(holds(name, policy, request), is_negated(op)) << name;
            EXPECT_TRUE(holds(name + "IfExists", policy, request)) << name;
            EXPECT_TRUE(holds("ForAllValues:" + name, policy, request)) << name;
            EXPECT_TRUE(holds("ForAllValues:" + name + "IfExists", policy, request)) << name;
            EXPECT_FALSE(holds("ForAnyValue:" + name, policy, request)) << name;
            EXPECT_TRUE(holds("ForAnyValue:" + name + "IfExists", policy, request)) << name;
        }
    }
}

// IfExists only speaks of absence: a present key is tested as without it.
TEST(Condition, IfExistsTestsKeysThatExist) {
    for (int base = 0; base < static_cast<int>(Operator::null); ++base) {
        const auto op = static_cast<Operator>(base);
        for (const auto set : {SetQualifier::none, SetQualifier::for_any_value, SetQualifier::for_all_values}) {
            for (const char* value : {sample(op), "other", "2", "2021-01-01", "10.0.0.2"}) {
                EXPECT_EQ(
                    holds(operator_name({.set = set, .base = op, .if_exists = true}), {sample(op)}, Texts{value}),
                    holds(operator_name({.set = set, .base = op, .if_exists = false}), {sample(op)}, Texts{value}));
            }
        }
    }
}

TEST(Condition, NullAsksForPresence) {
    EXPECT_TRUE(holds("Null", {"true"}, std::nullopt));
    EXPECT_TRUE(holds("Null", {"true"}, Texts{}));
    EXPECT_FALSE(holds("Null", {"true"}, Texts{"x"}));
    EXPECT_FALSE(holds("Null", {"false"}, std::nullopt));
    EXPECT_TRUE(holds("Null", {"false"}, Texts{"x"}));
    EXPECT_TRUE(holds("Null", {"false"}, Texts{"x", "y"}));
    // A tag with an empty value is there.
    EXPECT_TRUE(holds("Null", {"false"}, Texts{""}));
    EXPECT_TRUE(holds("Null", {"true", "false"}, Texts{"x"}));
}

TEST(Condition, SeveralPolicyValuesAreAnyOfThem) {
    EXPECT_TRUE(holds("StringEquals", {"a", "b"}, Texts{"b"}));
    EXPECT_FALSE(holds("StringEquals", {"a", "b"}, Texts{"c"}));
    EXPECT_FALSE(holds("StringNotEquals", {"a", "b"}, Texts{"b"}));
    EXPECT_TRUE(holds("StringNotEquals", {"a", "b"}, Texts{"c"}));
    EXPECT_TRUE(holds("NumericEquals", {"1", "2"}, Texts{"2"}));
    EXPECT_FALSE(holds("NotIpAddress", {"10.0.0.0/8", "192.0.2.0/24"}, Texts{"192.0.2.1"}));
    EXPECT_FALSE(holds("StringEquals", Texts{}, Texts{"a"}));
    EXPECT_TRUE(holds("StringNotEquals", Texts{}, Texts{"a"}));
}

TEST(Condition, SetOperators) {
    const Texts policy{"a", "b"};
    EXPECT_TRUE(holds("ForAllValues:StringEquals", policy, Texts{"a", "b", "a"}));
    EXPECT_FALSE(holds("ForAllValues:StringEquals", policy, Texts{"a", "c"}));
    EXPECT_TRUE(holds("ForAnyValue:StringEquals", policy, Texts{"a", "c"}));
    EXPECT_FALSE(holds("ForAnyValue:StringEquals", policy, Texts{"c", "d"}));
    EXPECT_TRUE(holds("ForAllValues:StringNotEquals", policy, Texts{"c", "d"}));
    EXPECT_FALSE(holds("ForAllValues:StringNotEquals", policy, Texts{"c", "a"}));
    EXPECT_TRUE(holds("ForAnyValue:StringNotEquals", policy, Texts{"c", "a"}));
    EXPECT_FALSE(holds("ForAnyValue:StringNotEquals", policy, Texts{"a", "b"}));
    EXPECT_TRUE(holds("ForAllValues:NumericLessThan", {"10"}, Texts{"1", "9"}));
    EXPECT_FALSE(holds("ForAllValues:NumericLessThan", {"10"}, Texts{"1", "10"}));
    EXPECT_TRUE(holds("ForAnyValue:NumericLessThan", {"10"}, Texts{"1", "10"}));
    // A null set is as an absent one: "resolves to a null data set, such as an empty string".
    EXPECT_TRUE(holds("ForAllValues:StringEquals", policy, Texts{""}));
    EXPECT_FALSE(holds("ForAnyValue:StringNotEquals", policy, Texts{""}));
    EXPECT_FALSE(holds("ForAllValues:StringEquals", policy, Texts{"", "a"}));
}

// Without a qualifier a key of several values is tested as a whole.
TEST(Condition, SeveralRequestValuesWithoutAQualifier) {
    EXPECT_TRUE(holds("StringEquals", {"a"}, Texts{"x", "a"}));
    EXPECT_FALSE(holds("StringNotEquals", {"a"}, Texts{"x", "a"}));
    EXPECT_TRUE(holds("StringNotEquals", {"a"}, Texts{"x", "y"}));
    EXPECT_FALSE(holds("NotIpAddress", {"10.0.0.0/8"}, Texts{"192.0.2.1", "10.0.0.1"}));
    EXPECT_FALSE(holds("ArnNotLike", {"arn:aws:s3:::*"}, Texts{"arn:aws:sqs:::a", "arn:aws:s3:::b"}));
}

TEST(Condition, VariablesInValues) {
    const auto others = TestContext::of({{"aws:username", {"ann"}}, {"aws:tagkeys", {"a", "b"}}});
    EXPECT_TRUE(holds("StringEquals", {"${aws:username}"}, Texts{"ann"}, others));
    EXPECT_FALSE(holds("StringEquals", {"${aws:username}"}, Texts{"bob"}, others));
    EXPECT_TRUE(holds("StringLike", {"${aws:username}-*"}, Texts{"ann-1"}, others));
    EXPECT_TRUE(holds("StringEqualsIgnoreCase", {"${aws:username}"}, Texts{"ANN"}, others));
    EXPECT_TRUE(holds("ArnLike", {"arn:aws:iam::*:user/${aws:username}"}, Texts{"arn:aws:iam::1:user/ann"}, others));
    EXPECT_TRUE(holds("StringEquals", {"${aws:userid, 'ann'}"}, Texts{"ann"}, others));
    EXPECT_TRUE(holds("StringNotEquals", {"${aws:userid, 'ann'}"}, Texts{"bob"}, others));
}

TEST(Condition, UnresolvedVariablesFailTheirTestNegatedOrNot) {
    for (const char* variable : {"${aws:userid}", "${aws:tagkeys}"}) {
        const auto others = TestContext::of({{"aws:tagkeys", {"a", "b"}}});
        for (const char* op : {"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "ArnLike",
                               "ArnNotLike", "StringNotEqualsIgnoreCase", "ForAllValues:StringNotEquals",
                               "ForAnyValue:StringNotEquals", "StringNotEqualsIfExists"}) {
            EXPECT_FALSE(holds(op, {variable}, Texts{"x"}, others)) << op << ' ' << variable;
        }
    }
    EXPECT_TRUE(holds("StringEquals", {"${aws:userid}", "x"}, Texts{"x"}));
    EXPECT_FALSE(holds("StringNotEquals", {"${aws:userid}", "y"}, Texts{"x"}));
}

TEST(Condition, KeysIgnoreCaseAndConditionsAreAllNeeded) {
    const CompiledPolicy policy(must_parse(in_document(R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{
        "StringEquals":{"AWS:UserName":"ann","aws:principaltag/Team":"x"},"Bool":{"aws:SecureTransport":"true"}}})")));
    const auto& statement = policy.statements().front();
    TestContext::Values values{
        {"aws:username", {"ann"}}, {"aws:principaltag/team", {"x"}}, {"aws:securetransport", {"true"}}};
    EXPECT_EQ(statement.failing_condition(TestContext(values)), nullptr);
    for (const auto& [key, ignored] : values) {
        auto fewer = values;
        fewer.erase(key);
        const auto* failing = statement.failing_condition(TestContext(fewer));
        ASSERT_NE(failing, nullptr);
        EXPECT_EQ(failing->key(), key);
    }
}

TEST(Condition, ReadsNumbersDatesAndRanges) {
    EXPECT_EQ(parse_number("-1.5e3"), -1500.0L);
    EXPECT_EQ(parse_number("+7"), 7.0L);
    for (const char* text : {"", "+", "+-1", "0x10", "1 2", "1e99999", "nan", "infinity", "1,0"}) {
        EXPECT_FALSE(parse_number(text).has_value()) << text;
    }
    EXPECT_EQ(parse_date("0"), time_from_epoch_seconds(0));
    for (const char* text : {"", "2020-13-01", "2020-02-30", "2020-04-01T25:00:00Z", "99999999999999999999",
                             "-9223372036854775808", "9223372036854775807", "today"}) {
        EXPECT_FALSE(parse_date(text).has_value()) << text;
    }
    using namespace std::string_view_literals;
    for (const auto text : {""sv, "/"sv, "10.0.0.1/"sv, "10.0.0.1/-1"sv, "10.0.0.1/33"sv, "10.0.0.1/8x"sv, "::1/129"sv,
                            "10.0.0.1\0x"sv, "1.2.3"sv, "1.2.3.4.5"sv, "10.0.0.1/4294967304"sv}) {
        EXPECT_FALSE(parse_ip_range(text).has_value()) << text;
    }
    EXPECT_TRUE(parse_ip_range("::ffff:255.255.255.255/128").has_value());
    EXPECT_FALSE(parse_ip_range(std::string(100'000, ':')).has_value());
}

}  // namespace
}  // namespace sekisho::policy
