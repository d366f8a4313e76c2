#include "policy/pattern.h"

#include <gtest/gtest.h>

#include <chrono>

#include "policy/testing.h"

namespace sekisho::policy {
namespace {

using testing::TestContext;

Match match(std::string_view pattern, std::string_view value, const TestContext& context = {}, bool variables = true) {
    return Pattern(pattern, Pattern::Wildcards::active, variables).matches(value, context);
}

Match match_arn(std::string_view pattern, std::string_view value, const TestContext& context = {}) {
    return Pattern(pattern, Pattern::Wildcards::active, true).matches_arn(value, context);
}

TEST(Glob, MatchesWholeValues) {
    const auto globs = [](std::string_view pattern, std::string_view value) {
        return glob(encode_glob(pattern), value);
    };
    EXPECT_TRUE(globs("*", ""));
    EXPECT_TRUE(globs("get*", "getobject"));
    EXPECT_TRUE(globs("*object*", "getobjectacl"));
    EXPECT_TRUE(globs("g?t*t", "getobject"));
    EXPECT_TRUE(globs("a*b*c", "aXbXbXc"));
    EXPECT_TRUE(globs("a*a", "aa"));
    EXPECT_TRUE(globs("", ""));
    EXPECT_FALSE(globs("", "a"));
    EXPECT_FALSE(globs("a*a", "a"));
    EXPECT_FALSE(globs("get", "getobject"));
    EXPECT_FALSE(globs("object", "getobject"));
    EXPECT_FALSE(globs("?", ""));
    EXPECT_FALSE(globs("a*b*c", "aXcXb"));
}

// Every pattern and value of up to four letters of a small alphabet, against plain recursion.
TEST(Glob, AgreesWithRecursionOnAllShortTexts) {
    struct Plain {
        static bool match(std::string_view p, std::string_view v) {
            if (p.empty()) return v.empty();
            if (p[0] == '*') return match(p.substr(1), v) || (!v.empty() && match(p, v.substr(1)));
            return !v.empty() && (p[0] == '?' || p[0] == v[0]) && match(p.substr(1), v.substr(1));
        }
        static std::vector<std::string> texts(std::string_view letters) {
            std::vector<std::string> all{""};
            for (std::size_t first = 0, length = 0; length < 5; ++length) {
                const auto last = all.size();
                for (; first < last; ++first) {
                    for (const char c : letters) all.push_back(all[first] + c);
                }
            }
            return all;
        }
    };
    const auto values = Plain::texts("ab");
    for (const auto& pattern : Plain::texts("ab*?")) {
        const auto encoded = encode_glob(pattern);
        for (const auto& value : values) {
            ASSERT_EQ(glob(encoded, value), Plain::match(pattern, value)) << pattern << " on " << value;
        }
    }
}

TEST(Pattern, QuestionMarkTakesOneCodePoint) {
    EXPECT_EQ(match("caf?", "café"), Match::yes);
    EXPECT_EQ(match("?", "\xE9\x96\xA2"), Match::yes);
    EXPECT_EQ(match("??", "\xE9\x96\xA2"), Match::no);
    EXPECT_EQ(match("*?", "\xE9\x96\xA2"), Match::yes);
    EXPECT_EQ(match("*?b*",
                    "\xE9\x96\xA2"
                    "b"),
              Match::yes);
}

TEST(Pattern, LiteralPatternsHaveNoWildcards) {
    const Pattern literal("a*?", Pattern::Wildcards::literal, true);
    EXPECT_EQ(literal.matches("a*?", TestContext()), Match::yes);
    EXPECT_EQ(literal.matches("abc", TestContext()), Match::no);
    EXPECT_EQ(literal.matches_ignoring_case("A*?", TestContext()), Match::yes);
}

TEST(Pattern, VariablesStandForTheirValue) {
    const auto ann =
        TestContext::of({{"aws:username", {"ann"}}, {"aws:tagkeys", {"a", "b"}}, {"aws:principaltag/team", {"x"}}});
    EXPECT_EQ(match("home/${aws:username}/*", "home/ann/x", ann), Match::yes);
    EXPECT_EQ(match("home/${AWS:UserName}/*", "home/ann/x", ann), Match::yes);
    EXPECT_EQ(match("${aws:username}-${aws:PrincipalTag/team}", "ann-x", ann), Match::yes);
    EXPECT_EQ(match("home/${aws:username}/*", "home/bob/x", ann), Match::no);
    // Documents of the old version have plain text instead.
    EXPECT_EQ(match("${aws:username}", "ann", ann, false), Match::no);
    EXPECT_EQ(match("${aws:username}", "${aws:username}", ann, false), Match::yes);
}

TEST(Pattern, VariablesWithoutOneValueAreUnresolvedUnlessTheyHaveADefault) {
    const auto context = TestContext::of({{"aws:tagkeys", {"a", "b"}}, {"aws:username", {"ann"}}});
    EXPECT_EQ(match("${aws:userid}", "x", context), Match::unresolved);
    EXPECT_EQ(match("${aws:tagkeys}", "a", context), Match::unresolved);
    EXPECT_EQ(match("${aws:userid, 'nobody'}", "nobody", context), Match::yes);
    EXPECT_EQ(match("${aws:userid,'nobody'}/*", "nobody/1", context), Match::yes);
    EXPECT_EQ(match("${aws:username, 'nobody'}", "nobody", context), Match::no);
    EXPECT_EQ(match("${aws:username, 'nobody'}", "ann", context), Match::yes);
}

TEST(Pattern, EscapedCharactersArePlain) {
    EXPECT_EQ(match("a${*}c", "a*c"), Match::yes);
    EXPECT_EQ(match("a${*}c", "abc"), Match::no);
    EXPECT_EQ(match("a${?}", "a?"), Match::yes);
    EXPECT_EQ(match("a${?}", "ab"), Match::no);
    EXPECT_EQ(match("${$}{x}", "${x}"), Match::yes);
}

TEST(Pattern, VariablesNeverBringWildcards) {
    EXPECT_EQ(match("${aws:username}", "ann", TestContext::of({{"aws:username", {"*"}}})), Match::no);
    EXPECT_EQ(match("${aws:username}", "*", TestContext::of({{"aws:username", {"*"}}})), Match::yes);
    EXPECT_EQ(match("${aws:username}", "a", TestContext::of({{"aws:username", {"?"}}})), Match::no);
    // Nor by bytes that no text has.
    for (const char* bytes : {"\xfc", "\xfd", "\xfe", "\xff"}) {
        EXPECT_NE(match("${aws:useragent}", "anything", TestContext::of({{"aws:useragent", {bytes}}})), Match::yes);
        EXPECT_NE(match("${aws:useragent}", "a", TestContext::of({{"aws:useragent", {bytes}}})), Match::yes);
    }
}

TEST(Pattern, AVariableBesideAWildcardDoesNotMatchEverything) {
    const auto ann = TestContext::of({{"aws:username", {"ann"}}});
    EXPECT_EQ(match("${aws:username}*", "bob", ann), Match::no);
    EXPECT_EQ(match("${aws:username}*", "annabel", ann), Match::yes);
    EXPECT_EQ(match_arn("${aws:username}*", "arn:aws:s3:::bob", ann), Match::no);
    EXPECT_EQ(match("*${aws:username}", "bob", ann), Match::no);
    EXPECT_EQ(match("${aws:username}*", "x"), Match::unresolved);
}

TEST(Pattern, ArnsMatchPartByPart) {
    EXPECT_EQ(match_arn("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b/c"), Match::yes);
    EXPECT_EQ(match_arn("arn:aws:iam::*:role/x", "arn:aws:iam::123456789012:role/x"), Match::yes);
    EXPECT_EQ(match_arn("arn:aws:iam::*:role/x", "arn:aws:iam::1:2:role/x"), Match::no);
    EXPECT_EQ(match_arn("arn:aws:*:role/x", "arn:aws:iam::1:role/x"), Match::no);
    EXPECT_EQ(match_arn("arn:aws:sns:*:*:a*z", "arn:aws:sns:eu-west-1:1:a:b:z"), Match::yes);
    EXPECT_EQ(match_arn("arn:*", "arn:aws:s3:::bucket/x"), Match::yes);
    EXPECT_EQ(match_arn("arn:aws:s3*", "arn:aws:s3:::bucket/x"), Match::yes);
    EXPECT_EQ(match_arn("arn:aws:s3", "arn:aws:s3:::bucket/x"), Match::no);
    EXPECT_EQ(match_arn("*", "*"), Match::yes);
    EXPECT_EQ(match_arn("arn:aws:s3:::*", "*"), Match::no);
    EXPECT_EQ(match_arn("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket"), Match::no);
}

TEST(Pattern, AValueWithColonsCannotShiftTheParts) {
    const auto context = TestContext::of({{"aws:principaltag/region", {"eu-west-1:222222222222"}}});
    EXPECT_EQ(match_arn("arn:aws:sns:${aws:PrincipalTag/region}:111111111111",
                        "arn:aws:sns:eu-west-1:222222222222:111111111111", context),
              Match::no);
    EXPECT_EQ(
        match_arn("arn:aws:sns:*:*:${aws:PrincipalTag/region}", "arn:aws:sns:a:b:eu-west-1:222222222222", context),
        Match::yes);
}

// Exponential matchers would not return.
TEST(Pattern, ManyWildcardsStayCheap) {
    std::string pattern, value(20'000, 'a');
    for (int i = 0; i < 2'000; ++i) pattern += "a*";
    pattern += 'b';
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(match(pattern, value), Match::no);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace sekisho::policy
