#include "policy/pattern.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace sekisho::policy {
namespace {

// Bytes that UTF-8 never has (RFC 3629 3), so that they cannot be confused with text.
constexpr char any_sequence = '\xFF';
constexpr char any_one = '\xFE';
constexpr char wildcard_bytes[] = {any_sequence, any_one};
constexpr char plain_colon = '\xFD';  // came with a variable's value: separates nothing

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Length in bytes of the code point at the front; a broken one counts as one byte.
std::size_t code_point_bytes(std::string_view text) {
    std::size_t size = 1;
    if ((static_cast<unsigned char>(text.front()) & 0xC0) != 0xC0) return size;
    while (size < text.size() && size < 4 && is_continuation(text[size])) ++size;
    return size;
}

// Bytes of `text` that `piece` (no any_sequence in it) takes at its front; npos when it does not match there.
std::size_t match_front(std::string_view piece, std::string_view text) {
    std::size_t at = 0;
    for (const char c : piece) {
        if (at == text.size()) return std::string_view::npos;
        if (c == any_one) {
            at += code_point_bytes(text.substr(at));
        } else if (c == text[at]) {
            ++at;
        } else {
            return std::string_view::npos;
        }
    }
    return at;
}

bool match_back(std::string_view piece, std::string_view text) {
    std::size_t at = text.size();
    for (auto c = piece.rbegin(); c != piece.rend(); ++c) {
        if (at == 0) return false;
        --at;
        if (*c != any_one) {
            if (*c != text[at]) return false;
            continue;
        }
        for (int i = 0; i < 3 && at > 0 && is_continuation(text[at]); ++i) --at;
    }
    return true;
}

// The rest of `text` after the first place where `piece` matches; nothing when it matches nowhere.
std::optional<std::string_view> search(std::string_view piece, std::string_view text) {
    if (piece.find(any_one) == piece.npos) {
        const auto found = text.empty() ? nullptr : memmem(text.data(), text.size(), piece.data(), piece.size());
        if (found == nullptr) return std::nullopt;
        return text.substr(static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + piece.size());
    }
    while (!text.empty()) {
        const auto taken = match_front(piece, text);
        if (taken != text.npos) return text.substr(taken);
        text.remove_prefix(code_point_bytes(text));
    }
    return std::nullopt;
}

// Greedy by pieces: each piece between wildcards takes its first place, which is never worse than a later one.
bool match_encoded(std::string_view pattern, std::string_view text) {
    // Most patterns already differ at their first byte.
    if (!pattern.empty() && pattern.front() != any_sequence && pattern.front() != any_one &&
        (text.empty() || pattern.front() != text.front())) {
        return false;
    }
    if (pattern.size() == 1 && pattern.front() == any_sequence) return true;
    auto star = pattern.find(any_sequence);
    if (star == pattern.npos) {
        return match_front(pattern, text) == text.size();
    }
    const auto taken = match_front(pattern.substr(0, star), text);
    if (taken == text.npos) return false;
    text.remove_prefix(taken);
    pattern.remove_prefix(star + 1);
    while ((star = pattern.find(any_sequence)) != pattern.npos) {
        if (star > 0) {
            const auto rest = search(pattern.substr(0, star), text);
            if (!rest) return false;
            text = *rest;
        }
        pattern.remove_prefix(star + 1);
    }
    return match_back(pattern, text);
}

void encode_wildcards(std::string_view text, std::string& out) {
    for (const char c : text) out += c == '*' ? any_sequence : c == '?' ? any_one : c;
}

constexpr int arn_parts = 6;

// From the part `first` on. `pattern` may hold plain_colon, which is given back its form here, part by part.
bool match_arn_encoded(std::string_view pattern, std::string_view value, char* owned, int first = 0) {
    for (int segment = first; segment < arn_parts; ++segment) {
        const auto colon = segment == arn_parts - 1 ? pattern.npos : pattern.find(':');
        const auto part = pattern.substr(0, colon);
        if (owned != nullptr) {
            std::replace(owned, owned + part.size(), plain_colon, ':');
        }
        if (colon == pattern.npos) {
            if (segment < arn_parts - 1 && (part.empty() || part.back() != any_sequence)) return false;
            return match_encoded(part, value);
        }
        const auto end = value.find(':');
        if (end == value.npos || !match_encoded(part, value.substr(0, end))) return false;
        if (owned != nullptr) owned += colon + 1;
        pattern.remove_prefix(colon + 1);
        value.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace

Pattern::Pattern(std::string_view text, Wildcards wildcards, bool variables) {
    const bool active = wildcards == Wildcards::active;
    while (!text.empty()) {
        const auto dollar = variables ? text.find("${") : text.npos;
        const auto plain = text.substr(0, dollar);
        if (active) {
            encode_wildcards(plain, text_);
        } else {
            text_ += plain;
        }
        if (dollar == text.npos) break;
        const auto close = text.find('}', dollar);
        if (close == text.npos) {
            text_ += text.substr(dollar);
            break;
        }
        const auto body = text.substr(dollar + 2, close - dollar - 2);
        if (!read_variable(body)) text_ += text.substr(dollar, close - dollar + 1);
        text.remove_prefix(close + 1);
    }
    everything_ = active && variables_.empty() && text_.size() == 1 && text_[0] == any_sequence;
    if (variables_.empty()) measure_plain_parts();
}

void Pattern::measure_plain_parts() {
    const std::string_view plain =
        std::string_view(text_).substr(0, text_.find_first_of(std::string_view(wildcard_bytes, 2)));
    for (auto colon = plain.find(':'); colon != plain.npos && plain_parts_ < arn_parts - 1;
         colon = plain.find(':', colon + 1)) {
        plain_bytes_ = colon + 1;
        ++plain_parts_;
    }
}

// "key", "key, 'default'", or one of the three plain characters.
bool Pattern::read_variable(std::string_view body) {
    if (body == "*" || body == "?" || body == "$") {
        text_ += body;
        return true;
    }
    Variable variable{.offset = text_.size()};
    const auto comma = body.find(',');
    if (comma != body.npos) {
        const auto quoted = trim(body.substr(comma + 1));
        if (quoted.size() < 2 || quoted.front() != '\'' || quoted.back() != '\'') return false;
        variable.fallback = std::string(quoted.substr(1, quoted.size() - 2));
    }
    variable.key = lower_ascii(trim(body.substr(0, comma)));
    variables_.push_back(std::move(variable));
    return true;
}

bool Pattern::expand(const Context& context, std::pmr::string& out) const {
    std::size_t done = 0;
    for (const auto& variable : variables_) {
        out.append(text_, done, variable.offset - done);
        done = variable.offset;
        const auto values = context.find(variable.key);
        const bool single = values && values->size() == 1;  // several values stand for no text
        if (!single && !variable.fallback) return false;
        if (!single && values && !values->empty()) return false;
        const std::string_view value = single ? values->front() : std::string_view(*variable.fallback);
        for (const char c : value) {
            if (c == any_sequence || c == any_one || c == plain_colon) return false;
            out += c == ':' ? plain_colon : c;
        }
    }
    out.append(text_, done, text_.npos);
    return true;
}

template <class Compare>
Match Pattern::with_text(const Context& context, Compare compare) const {
    if (variables_.empty()) return compare(std::string_view(text_), nullptr) ? Match::yes : Match::no;
    std::array<std::byte, 2048> stack;
    std::pmr::monotonic_buffer_resource memory(stack.data(), stack.size());
    std::pmr::string text(&memory);
    text.reserve(1024);
    if (!expand(context, text)) return Match::unresolved;
    return compare(std::string_view(text), text.data()) ? Match::yes : Match::no;
}

Match Pattern::matches(std::string_view value, const Context& context) const {
    if (everything_) return Match::yes;
    return with_text(context, [&](std::string_view text, char* owned) {
        if (owned != nullptr) std::replace(owned, owned + text.size(), plain_colon, ':');
        return match_encoded(text, value);
    });
}

Match Pattern::matches_ignoring_case(std::string_view value, const Context& context) const {
    return with_text(context, [&](std::string_view text, char* owned) {
        if (owned != nullptr) std::replace(owned, owned + text.size(), plain_colon, ':');
        return equals_ignoring_case(text, value);
    });
}

Match Pattern::matches_arn(std::string_view value, const Context& context) const {
    if (everything_) return Match::yes;
    if (variables_.empty()) {
        const std::string_view text = text_;
        const bool begins_alike = value.starts_with(text.substr(0, plain_bytes_));
        const bool matches = begins_alike && match_arn_encoded(text.substr(plain_bytes_), value.substr(plain_bytes_),
                                                               nullptr, plain_parts_);
        return matches ? Match::yes : Match::no;
    }
    return with_text(context,
                     [&](std::string_view text, char* owned) { return match_arn_encoded(text, value, owned); });
}

bool glob(std::string_view pattern, std::string_view value) {
    return match_encoded(pattern, value);
}

std::string encode_glob(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    encode_wildcards(text, out);
    return out;
}

}  // namespace sekisho::policy
