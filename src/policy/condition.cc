#include "policy/condition.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/encoding.h"
#include "base/text.h"

namespace sekisho::policy {
namespace {

enum class Kind : std::uint8_t { text, number, date, boolean, binary, ip, arn, null };

Kind kind_of(Operator op) {
    if (op <= Operator::string_not_like) return Kind::text;
    if (op <= Operator::numeric_greater_than_equals) return Kind::number;
    if (op <= Operator::date_greater_than_equals) return Kind::date;
    if (op == Operator::boolean) return Kind::boolean;
    if (op == Operator::binary_equals) return Kind::binary;
    if (op <= Operator::not_ip_address) return Kind::ip;
    if (op <= Operator::arn_not_like) return Kind::arn;
    return Kind::null;
}

bool is_all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Whether `left op right` for the ordered kinds, negation left out.
template <class T>
bool ordered(Operator op, const T& left, const T& right) {
    switch (op) {
        case Operator::numeric_less_than:
        case Operator::date_less_than:
            return left < right;
        case Operator::numeric_less_than_equals:
        case Operator::date_less_than_equals:
            return left <= right;
        case Operator::numeric_greater_than:
        case Operator::date_greater_than:
            return left > right;
        case Operator::numeric_greater_than_equals:
        case Operator::date_greater_than_equals:
            return left >= right;
        default:
            return left == right;
    }
}

// A set of no values, or of nothing but empty texts, counts as no set.
bool is_null_set(const std::optional<ContextValues>& values) {
    return !values || std::ranges::all_of(*values, [](std::string_view v) { return v.empty(); });
}

}  // namespace

std::optional<IpRange> parse_ip_range(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = text.substr(0, slash);
    std::array<char, INET6_ADDRSTRLEN + 1> buffer{};
    if (address.size() >= buffer.size() || address.find('\0') != address.npos) return std::nullopt;
    std::ranges::copy(address, buffer.begin());
    IpRange range{.v6 = address.find(':') != address.npos};
    if (inet_pton(range.v6 ? AF_INET6 : AF_INET, buffer.data(), range.address.data()) != 1) return std::nullopt;
    const unsigned bits = range.v6 ? 128 : 32;
    unsigned prefix = bits;
    if (slash != text.npos) {
        const auto digits = text.substr(slash + 1);
        if (!is_all_digits(digits) || digits.size() > 3) return std::nullopt;
        std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (prefix > bits) return std::nullopt;
    }
    range.prefix = static_cast<std::uint8_t>(prefix);
    return range;
}

bool contains(const IpRange& range, const IpRange& address) {
    if (range.v6 != address.v6 || address.prefix < range.prefix) return false;
    const std::size_t whole = range.prefix / 8;
    if (!std::equal(range.address.begin(), range.address.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.address.begin())) {
        return false;
    }
    const unsigned spare = range.prefix % 8;
    if (spare == 0) return true;
    const unsigned mask = (0xFFU << (8 - spare)) & 0xFFU;
    return (range.address[whole] & mask) == (address.address[whole] & mask);
}

std::optional<long double> parse_number(std::string_view text) {
    if (text.starts_with("+-")) return std::nullopt;
    if (text.starts_with('+')) text.remove_prefix(1);
    const char* const text_end = text.data() + text.size();
    // Whole numbers keep all their digits, which a double would not. (Reading a long double would allocate.)
    std::int64_t whole = 0;
    if (const auto [end, error] = std::from_chars(text.data(), text_end, whole);
        error == std::errc() && end == text_end) {
        return static_cast<long double>(whole);
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text_end, value);
    if (error != std::errc() || end != text_end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<Time> parse_date(std::string_view text) {
    if (is_all_digits(text)) {
        std::int64_t epoch = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), epoch);
        constexpr std::int64_t epoch_max = 253'402'300'799;  // 9999-12-31T23:59:59Z
        if (error != std::errc() || epoch > epoch_max) return std::nullopt;
        return time_from_epoch_seconds(epoch);
    }
    if (text.size() > 40) return std::nullopt;
    // Without seconds: 2013-12-19T22:24Z.
    if (text.size() > 16 && text[13] == ':' && text[16] != ':') {
        constexpr std::string_view no_seconds = ":00";
        std::array<char, 48> whole{};
        auto* out = std::ranges::copy(text.substr(0, 16), whole.data()).out;
        out = std::ranges::copy(no_seconds, out).out;
        out = std::ranges::copy(text.substr(16), out).out;
        return parse_iso8601({whole.data(), out});
    }
    return parse_iso8601(text);  // takes a date alone too
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (equals_ignoring_case(text, "true")) return true;
    if (equals_ignoring_case(text, "false")) return false;
    return std::nullopt;
}

bool is_readable(Operator op, std::string_view value) {
    switch (kind_of(op)) {
        case Kind::number:
            return parse_number(value).has_value();
        case Kind::date:
            return parse_date(value).has_value();
        case Kind::boolean:
        case Kind::null:
            return parse_boolean(value).has_value();
        case Kind::binary:
            return decode_base64(value).has_value();
        case Kind::ip:
            return parse_ip_range(value).has_value();
        default:
            return true;
    }
}

CompiledCondition::CompiledCondition(const Condition& condition, bool variables)
    : op_(condition.op), negated_(is_negated(condition.op.base)), key_(lower_ascii(condition.key)) {
    const auto kind = kind_of(op_.base);
    const bool wildcards =
        kind == Kind::arn || op_.base == Operator::string_like || op_.base == Operator::string_not_like;
    for (const auto& value : condition.values) {
        switch (kind) {
            case Kind::text:
            case Kind::arn:
                patterns_.emplace_back(value, wildcards ? Pattern::Wildcards::active : Pattern::Wildcards::literal,
                                       variables);
                break;
            case Kind::number:
                if (const auto number = parse_number(value)) numbers_.push_back(*number);
                break;
            case Kind::date:
                if (const auto date = parse_date(value)) dates_.push_back(*date);
                break;
            case Kind::boolean:
            case Kind::null:
                if (const auto boolean = parse_boolean(value)) booleans_.push_back(*boolean);
                break;
            case Kind::binary:
                if (auto bytes = decode_base64(value)) binaries_.push_back(encode_base64(*bytes));
                break;
            case Kind::ip:
                if (const auto range = parse_ip_range(value)) ranges_.push_back(*range);
                break;
        }
    }
}

bool CompiledCondition::holds(const Context& context) const {
    auto values = context.find(key_);
    if (values && values->empty()) values.reset();
    if (op_.base == Operator::null) return holds_null(values);
    if (!values && op_.if_exists) return true;
    if (op_.set == SetQualifier::for_all_values) {
        if (is_null_set(values)) return true;
        return std::ranges::all_of(*values, [&](std::string_view v) { return passes(v, context); });
    }
    if (op_.set == SetQualifier::for_any_value) {
        if (is_null_set(values)) return false;
        return std::ranges::any_of(*values, [&](std::string_view v) { return passes(v, context); });
    }
    if (!values) return negated_;
    if (negated_) return std::ranges::all_of(*values, [&](std::string_view v) { return passes(v, context); });
    return std::ranges::any_of(*values, [&](std::string_view v) { return passes(v, context); });
}

bool CompiledCondition::holds_null(const std::optional<ContextValues>& values) const {
    return std::ranges::any_of(booleans_, [&](bool absent) { return absent == !values.has_value(); });
}

bool CompiledCondition::passes(std::string_view value, const Context& context) const {
    const auto kind = kind_of(op_.base);
    if (kind != Kind::text && kind != Kind::arn) return any_typed(value) != negated_;
    bool unresolved = false;
    const bool matched = any_pattern(value, context, unresolved);
    return negated_ ? !matched && !unresolved : matched;
}

bool CompiledCondition::any_pattern(std::string_view value, const Context& context, bool& unresolved) const {
    const bool arn = kind_of(op_.base) == Kind::arn;
    const bool ignore_case =
        op_.base == Operator::string_equals_ignore_case || op_.base == Operator::string_not_equals_ignore_case;
    for (const auto& pattern : patterns_) {
        const auto match = arn           ? pattern.matches_arn(value, context)
                           : ignore_case ? pattern.matches_ignoring_case(value, context)
                                         : pattern.matches(value, context);
        if (match == Match::yes) return true;
        if (match == Match::unresolved) unresolved = true;
    }
    return false;
}

bool CompiledCondition::any_typed(std::string_view value) const {
    switch (kind_of(op_.base)) {
        case Kind::number:
            return any_number(value);
        case Kind::date:
            return any_date(value);
        case Kind::boolean:
            return any_boolean(value);
        case Kind::binary:
            return std::ranges::any_of(binaries_, [&](const std::string& b) { return b == value; });
        default:
            return any_ip(value);
    }
}

bool CompiledCondition::any_number(std::string_view value) const {
    const auto number = parse_number(value);
    return number && std::ranges::any_of(numbers_, [&](long double n) { return ordered(op_.base, *number, n); });
}

bool CompiledCondition::any_date(std::string_view value) const {
    const auto date = parse_date(value);
    return date && std::ranges::any_of(dates_, [&](Time d) { return ordered(op_.base, *date, d); });
}

bool CompiledCondition::any_boolean(std::string_view value) const {
    const auto boolean = parse_boolean(value);
    return boolean && std::ranges::any_of(booleans_, [&](bool b) { return b == *boolean; });
}

bool CompiledCondition::any_ip(std::string_view value) const {
    const auto address = parse_ip_range(value);
    return address && std::ranges::any_of(ranges_, [&](const IpRange& r) { return contains(r, *address); });
}

}  // namespace sekisho::policy
