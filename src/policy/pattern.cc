#include "policy/pattern.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sekisho::policy {
namespace {

// Bytes that UTF-8 never has stand for the wildcards of a pattern that was read.
constexpr char star = '\xfe';
constexpr char any_one = '\xff';

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Greedy matching that goes back to the newest star only: every earlier star can keep what it has.
template <class Same>
bool match_wildcards(std::string_view pattern, std::string_view value, char many, char one, Same same) {
    std::size_t p = 0, v = 0;
    std::size_t last_star = std::string_view::npos, last_value = 0;
    while (v < value.size()) {
        if (p < pattern.size() && pattern[p] == many) {
            last_star = p++;
            last_value = v;
        } else if (p < pattern.size() && pattern[p] == one) {
            ++p;
            ++v;
            while (v < value.size() && is_continuation(value[v])) ++v;
        } else if (p < pattern.size() && same(pattern[p], value[v])) {
            ++p;
            ++v;
        } else if (last_star != std::string_view::npos) {
            p = last_star + 1;
            v = ++last_value;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == many) ++p;
    return p == pattern.size();
}

constexpr auto exact = [](char a, char b) { return a == b; };
constexpr auto ignoring_case = [](char a, char b) { return lower_ascii(a) == lower_ascii(b); };

bool match_parts(std::string_view pattern, std::string_view value) {
    constexpr int parts = 6;
    for (int part = 1; part < parts; ++part) {
        const auto pattern_end = pattern.find(':'), value_end = value.find(':');
        if (pattern_end == std::string_view::npos) {
            return pattern.ends_with(star) && match_wildcards(pattern, value, star, any_one, exact);
        }
        if (value_end == std::string_view::npos) return false;
        if (!match_wildcards(pattern.substr(0, pattern_end), value.substr(0, value_end), star, any_one, exact)) {
            return false;
        }
        pattern.remove_prefix(pattern_end + 1);
        value.remove_prefix(value_end + 1);
    }
    return match_wildcards(pattern, value, star, any_one, exact);
}

}  // namespace

Pattern::Pattern(std::string_view text, Wildcards wildcards, bool variables) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (variables && c == '$' && i + 1 < text.size() && text[i + 1] == '{') {
            const auto end = text.find('}', i);
            if (end != std::string_view::npos && read_variable(text.substr(i + 2, end - i - 2))) {
                i = end;
                continue;
            }
        }
        const bool active = wildcards == Wildcards::active;
        text_.push_back(active && c == '*' ? star : active && c == '?' ? any_one : c);
    }
    everything_ = variables_.empty() && text_.size() == 1 && text_.front() == star;
}

bool Pattern::read_variable(std::string_view body) {
    body = trim(body);
    if (body == "*" || body == "?" || body == "$") {
        text_ += body;
        return true;
    }
    Variable variable{.offset = text_.size(), .key = {}, .fallback = {}};
    const auto comma = body.find(',');
    if (comma != std::string_view::npos) {
        auto fallback = trim(body.substr(comma + 1));
        if (fallback.size() < 2 || !fallback.starts_with('\'') || !fallback.ends_with('\'')) return false;
        variable.fallback = std::string(fallback.substr(1, fallback.size() - 2));
        body = trim(body.substr(0, comma));
    }
    if (body.empty() || body.find(':') == std::string_view::npos) return false;
    variable.key = lower_ascii(body);
    variables_.push_back(std::move(variable));
    return true;
}

bool Pattern::expand(const Context& context, std::pmr::string& out) const {
    std::size_t done = 0;
    for (const auto& variable : variables_) {
        out.append(text_, done, variable.offset - done);
        done = variable.offset;
        const auto values = context.find(variable.key);
        if (values && values->size() == 1) {
            out.append(values->front());
        } else if (variable.fallback) {
            out.append(*variable.fallback);
        } else {
            return false;
        }
    }
    out.append(text_, done);
    return true;
}

template <class Compare>
Match Pattern::with_text(const Context& context, Compare compare) const {
    if (variables_.empty()) return compare(std::string_view(text_)) ? Match::yes : Match::no;
    std::array<std::byte, 1024> buffer;
    std::pmr::monotonic_buffer_resource memory(buffer.data(), buffer.size());
    std::pmr::string text(&memory);
    if (!expand(context, text)) return Match::unresolved;
    return compare(std::string_view(text)) ? Match::yes : Match::no;
}

Match Pattern::matches(std::string_view value, const Context& context) const {
    return with_text(context,
                     [&](std::string_view text) { return match_wildcards(text, value, star, any_one, exact); });
}

Match Pattern::matches_ignoring_case(std::string_view value, const Context& context) const {
    return with_text(context,
                     [&](std::string_view text) { return match_wildcards(text, value, star, any_one, ignoring_case); });
}

Match Pattern::matches_arn(std::string_view value, const Context& context) const {
    if (everything_) return Match::yes;
    return with_text(context, [&](std::string_view text) { return match_parts(text, value); });
}

bool glob(std::string_view pattern, std::string_view value) {
    return match_wildcards(pattern, value, '*', '?', exact);
}

}  // namespace sekisho::policy
