#include "wire/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

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

// The first and the last code point beyond the first plane, as Java's pairs of surrogates.
constexpr std::string_view supplementary = "\\uD800\\uDC00-\\uDBFF\\uDFFF";

// Java's \u0020 is RE2's \x{0020}.
std::string translate(std::string_view pattern) {
    std::string text;
    while (!pattern.empty()) {
        if (pattern.starts_with(supplementary)) {
            text.append("\\x{10000}-\\x{10FFFF}");
            pattern.remove_prefix(supplementary.size());
        } else if (pattern.starts_with("\\u") && pattern.size() >= 6) {
            // Printed so in the models; code points beyond the first plane are meant.
            const bool is_long = pattern.starts_with("\\u10000") || pattern.starts_with("\\u10FFFF");
            const std::size_t digits = !is_long ? 4 : pattern[4] == '0' ? 5 : 6;
            text.append("\\x{").append(pattern.substr(2, digits)).append("}");
            pattern.remove_prefix(2 + digits);
        } else {
            const std::size_t size = pattern.front() == '\\' && pattern.size() >= 2 ? 2 : 1;
            text.append(pattern.substr(0, size));
            pattern.remove_prefix(size);
        }
    }
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

bool full_match(std::string_view text, const re2::RE2& pattern) {
    return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

// One class of characters, repeated: "[\\w+=,.@-]+".
bool is_repeated_class(std::string_view pattern) {
    if (!pattern.starts_with('[') || !(pattern.ends_with("]+") || pattern.ends_with("]*"))) return false;
    pattern = pattern.substr(1, pattern.size() - 3);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '[' || pattern[i] == ']') return false;
        if (pattern[i] == '\\') ++i;
    }
    return true;
}

struct Compiled {
    std::vector<std::unique_ptr<re2::RE2>> conditions;
    // Of a repeated class (most names and ARNs), the ASCII characters in it: a text of these alone matches, without
    // asking RE2.
    std::bitset<128> repeated;
};

Compiled compile_all(std::string_view pattern) {
    Compiled compiled;
    for (const auto& entry : rewritten) {
        if (entry.pattern != pattern) continue;
        compiled.conditions.push_back(compile(entry.first));
        compiled.conditions.push_back(compile(entry.second));
        return compiled;
    }
    const auto& only = *compiled.conditions.emplace_back(compile(pattern));
    if (!is_repeated_class(pattern)) return compiled;
    for (std::size_t i = 0; i < compiled.repeated.size(); ++i) {
        const auto character = static_cast<char>(i);
        compiled.repeated[i] = full_match({&character, 1}, only);
    }
    return compiled;
}

bool is_all_of(const std::bitset<128>& characters, std::string_view text) {
    const auto is_in = [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < characters.size() && characters[byte];
    };
    return !text.empty() && std::ranges::all_of(text, is_in);
}

// By address: a model's patterns are literals. RE2 matches from several threads at once.
const Compiled& compiled(std::string_view pattern) {
    static std::mutex mutex;
    static std::unordered_map<const char*, Compiled> all;
    const std::lock_guard lock(mutex);
    const auto found = all.find(pattern.data());
    if (found != all.end()) return found->second;
    return all.emplace(pattern.data(), compile_all(pattern)).first->second;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
    const auto& known = compiled(pattern);
    if (is_all_of(known.repeated, text)) return true;
    return std::ranges::all_of(known.conditions, [&](const auto& condition) { return full_match(text, *condition); });
}

}  // namespace sekisho::wire
