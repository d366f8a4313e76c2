#include "wire/pattern.h"

#include <re2/re2.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text.h"

namespace sekisho::wire {
namespace {

// RE2 has no look-ahead; the two patterns that have one are two conditions each.
struct Rewritten {
    std::string_view pattern;
    std::string_view first;
    std::string_view second;
};
constexpr std::array rewritten = {
    Rewritten{
        R"((-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?)",
        R"((-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?)",
        R"(-?P(\d|T\d).*)"},
    Rewritten{R"(^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$)", R"([a-z0-9][a-z0-9-]{1,61}[a-z0-9])",
              R"(([a-z0-9]|-[a-z0-9])+)"},
};

// Java's notation in RE2's: \u0020 is \x{0020}; counts above RE2's 1,000 are open, the shape's length bounds them.
std::string translate(std::string_view pattern) {
    std::string text(pattern);
    // Printed so in the models; code points beyond the first plane are meant.
    text = replace_all(std::move(text), "\\u10000-\\u10FFFF", "\\x{10000}-\\x{10FFFF}");
    for (std::size_t at = 0; (at = text.find("\\u", at)) != std::string::npos;) {
        text = text.substr(0, at) + "\\x{" + text.substr(at + 2, 4) + "}" + text.substr(at + 6);
        at += 8;
    }
    // Surrogates are no code points of UTF-8.
    text = replace_all(std::move(text), "\\x{D7FF}-\\x{E000}", "");
    static const re2::RE2 count(R"(\{(\d+),(\d{4,})\})");
    re2::RE2::GlobalReplace(&text, count, R"({\1,})");
    static const re2::RE2 large_minimum(R"(\{(\d{4,}),?\d*\})");
    re2::RE2::GlobalReplace(&text, large_minimum, "+");
    return text;
}

std::unique_ptr<re2::RE2> compile(std::string_view pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(64 << 20);
    auto compiled = std::make_unique<re2::RE2>(translate(pattern), options);
    if (!compiled->ok()) {
        std::fprintf(stderr, "a model's pattern does not compile: %s: %s\n", std::string(pattern).c_str(),
                     compiled->error().c_str());
        std::abort();
    }
    return compiled;
}

using Conditions = std::vector<std::unique_ptr<re2::RE2>>;

Conditions conditions_of(std::string_view pattern) {
    Conditions conditions;
    for (const auto& entry : rewritten) {
        if (entry.pattern != pattern) continue;
        conditions.push_back(compile(entry.first));
        conditions.push_back(compile(entry.second));
        return conditions;
    }
    conditions.push_back(compile(pattern));
    return conditions;
}

// By address: a model's patterns are literals. RE2 matches from several threads at once.
const Conditions& compiled(std::string_view pattern) {
    static std::mutex mutex;
    static std::unordered_map<const char*, Conditions> all;
    const std::lock_guard lock(mutex);
    const auto found = all.find(pattern.data());
    if (found != all.end()) return found->second;
    return all.emplace(pattern.data(), conditions_of(pattern)).first->second;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
    for (const auto& condition : compiled(pattern)) {
        if (!re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *condition)) return false;
    }
    return true;
}

}  // namespace sekisho::wire
