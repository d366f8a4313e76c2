#include "wire/pattern.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <chrono>
#include <set>

#include "wire/all_services_test.h"

namespace sekisho::wire {
namespace {

void collect(const Shape& shape, std::set<const Shape*>& seen) {
    if (!seen.insert(&shape).second) return;
    for (const auto& member : shape.members) collect(*member.shape, seen);
    if (shape.element != nullptr) collect(*shape.element, seen);
    if (shape.key != nullptr) collect(*shape.key, seen);
}

std::set<const Shape*> all_shapes() {
    std::set<const Shape*> shapes;
    for (const auto* service : all_services()) {
        for (const auto* operation : service->operations) {
            collect(*operation->request, shapes);
            collect(*operation->response, shapes);
        }
    }
    return shapes;
}

// A pattern that does not compile ends the process.
TEST(Pattern, AllPatternsOfAllModelsCompile) {
    int patterns = 0;
    for (const auto* shape : all_shapes()) {
        if (shape->pattern.empty()) continue;
        ++patterns;
        matches_pattern(shape->pattern, "x");
    }
    EXPECT_GT(patterns, 150);
}

bool matches(std::string_view pattern, std::string_view text) {
    return matches_pattern(pattern, text);
}

TEST(Pattern, MatchesTheWholeText) {
    constexpr std::string_view name = R"([\w+=,.@-]+)";
    EXPECT_TRUE(matches(name, "a.b@c"));
    EXPECT_FALSE(matches(name, "a b"));
    EXPECT_FALSE(matches(name, "a\n"));
    EXPECT_FALSE(matches(name, ""));
    // \w is ASCII, as in Java.
    EXPECT_FALSE(matches(name, "\xC3\xA9"));
    // Alternation of anchored halves still means the whole text.
    constexpr std::string_view parent = R"(^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$)";
    EXPECT_TRUE(matches(parent, "r-abcd"));
    EXPECT_FALSE(matches(parent, "r-abcd/../x"));
    EXPECT_FALSE(matches(parent, "xou-abcd-abcdefgh"));
}

TEST(Pattern, JavaNotation) {
    constexpr std::string_view path = R"((\u002F)|(\u002F[\u0021-\u007E]+\u002F))";
    EXPECT_TRUE(matches(path, "/"));
    EXPECT_TRUE(matches(path, "/a/b/"));
    EXPECT_FALSE(matches(path, "/a b/"));
    EXPECT_FALSE(matches(path, "a/"));
    constexpr std::string_view document = R"([\u0009\u000A\u000D\u0020-\u00FF]+)";
    EXPECT_TRUE(matches(document, "{\n\t\"a\": \"\xC3\xBF\"}"));
    EXPECT_FALSE(matches(document, "\xC4\x80"));
    EXPECT_FALSE(matches(document, std::string_view("\0", 1)));
    constexpr std::string_view xml_text =
        R"([\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+)";
    EXPECT_TRUE(matches(xml_text, "\xE6\x97\xA5\xF0\x9F\x98\x80"));
    EXPECT_FALSE(matches(xml_text, "\x01"));
    constexpr std::string_view surrogates = R"([\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*)";
    EXPECT_TRUE(matches(surrogates, "\xE6\x97\xA5\xF0\x9F\x98\x80"));
    EXPECT_FALSE(matches(surrogates, "\x01"));
    constexpr std::string_view tag = R"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)";
    EXPECT_TRUE(matches(tag, "\xE9\x83\xA8\xE9\x96\x80: 1/2"));
    EXPECT_FALSE(matches(tag, "a*"));
}

TEST(Pattern, LookAheads) {
    constexpr std::string_view duration =
        R"((-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?)";
    for (const auto* good : {"PT1H", "P1D", "-P1Y2M3DT4H5M6.7S", "P2W"}) EXPECT_TRUE(matches(duration, good)) << good;
    for (const auto* bad : {"P", "PT", "1H", "PTH", ""}) EXPECT_FALSE(matches(duration, bad)) << bad;
    constexpr std::string_view label = R"(^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$)";
    for (const auto* good : {"abc", "a-c", "a-b-c"}) EXPECT_TRUE(matches(label, good)) << good;
    for (const auto* bad : {"a--c", "-ab", "ab-", "ab", ""}) EXPECT_FALSE(matches(label, bad)) << bad;
}

// Texts that are answered from a table of characters, and as RE2 answers them.
TEST(Pattern, RepeatedClassesAreWhatTheySay) {
    std::set<std::string_view> patterns;
    for (const auto* shape : all_shapes()) {
        const bool is_class =
            shape->pattern.starts_with("[") && shape->pattern.find("]", 1) == shape->pattern.size() - 2;
        if (is_class && shape->pattern.find("\\u") == shape->pattern.npos) patterns.insert(shape->pattern);
    }
    EXPECT_GT(patterns.size(), 20U);
    for (const auto pattern : patterns) {
        const re2::RE2 reference{std::string(pattern)};
        EXPECT_EQ(matches(pattern, ""), re2::RE2::FullMatch("", reference)) << pattern;
        for (int i = 0; i < 128; ++i) {
            const std::string text(2, static_cast<char>(i));
            EXPECT_EQ(matches(pattern, text), re2::RE2::FullMatch(text, reference)) << pattern << " and " << i;
        }
    }
    EXPECT_FALSE(matches(R"([ab\]]x[c]+)", "a")) << "not one class";
    EXPECT_TRUE(matches(R"([ab\]]+)", "a]b"));
}

// Such a text takes a backtracking matcher for ever.
TEST(Pattern, TimeIsLinear) {
    constexpr std::string_view nested = R"(^[a-z0-9]([a-z0-9-]*[a-z0-9])?$)";
    const auto started = std::chrono::steady_clock::now();
    EXPECT_FALSE(matches(nested, std::string(1'000'000, 'a') + "!"));
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
}

}  // namespace
}  // namespace sekisho::wire
