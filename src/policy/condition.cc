#include "policy/condition.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/encoding.h"
#include "base/text.h"

namespace sekisho::policy {
namespace {

bool is_number_operator(Operator op) {
    return op >= Operator::numeric_equals && op <= Operator::numeric_greater_than_equals;
}
bool is_date_operator(Operator op) {
    return op >= Operator::date_equals && op <= Operator::date_greater_than_equals;
}
bool is_ip_operator(Operator op) {
    return op == Operator::ip_address || op == Operator::not_ip_address;
}
bool is_arn_operator(Operator op) {
    return op >= Operator::arn_equals && op <= Operator::arn_not_like;
}
bool ignores_case(Operator op) {
    return op == Operator::string_equals_ignore_case || op == Operator::string_not_equals_ignore_case;
}
bool has_wildcards(Operator op) {
    return op == Operator::string_like || op == Operator::string_not_like || is_arn_operator(op);
}

// The order of the six comparisons is the same for numbers and dates.
template <class Value>
bool compares(Operator op, Operator first, const Value& value, const Value& bound) {
    switch (static_cast<int>(op) - static_cast<int>(first)) {
        case 0:
        case 1:
            return value == bound;  // not-equals is its negation, applied by the caller
        case 2:
            return value < bound;
        case 3:
            return value <= bound;
        case 4:
            return value > bound;
        default:
            return value >= bound;
    }
}

}  // namespace

std::optional<IpRange> parse_ip_range(std::string_view text) {
    IpRange range;
    const auto slash = text.find('/');
    const std::string address(text.substr(0, slash));
    range.v6 = address.find(':') != std::string::npos;
    if (inet_pton(range.v6 ? AF_INET6 : AF_INET, address.c_str(), range.address.data()) != 1) return {};
    const unsigned bits = range.v6 ? 128 : 32;
    unsigned prefix = bits;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (error != std::errc() || end != digits.data() + digits.size() || prefix > bits) return {};
    }
    range.prefix = static_cast<std::uint8_t>(prefix);
    return range;
}

bool contains(const IpRange& range, const IpRange& address) {
    if (range.v6 != address.v6) return false;
    const std::size_t whole = range.prefix / 8;
    if (!std::equal(range.address.begin(), range.address.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.address.begin())) {
        return false;
    }
    const unsigned rest = range.prefix % 8;
    if (rest == 0) return true;
    const unsigned mask = 0xffU << (8 - rest) & 0xffU;
    return (range.address[whole] & mask) == (address.address[whole] & mask);
}

std::optional<long double> parse_number(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty() || !std::isfinite(value)) return {};
    return value;
}

std::optional<Time> parse_date(std::string_view text) {
    text = trim(text);
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && end == text.data() + text.size() && std::abs(seconds) < 1'000'000'000'000) {
        return time_from_epoch_seconds(seconds);
    }
    return parse_iso8601(text);
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (equals_ignoring_case(text, "true")) return true;
    if (equals_ignoring_case(text, "false")) return false;
    return {};
}

bool is_readable(Operator op, std::string_view value) {
    if (is_number_operator(op)) return parse_number(value).has_value();
    if (is_date_operator(op)) return parse_date(value).has_value();
    if (is_ip_operator(op)) return parse_ip_range(value).has_value();
    if (op == Operator::boolean || op == Operator::null) return parse_boolean(value).has_value();
    if (op == Operator::binary_equals) return decode_base64(value).has_value();
    return true;
}

CompiledCondition::CompiledCondition(const Condition& condition, bool variables)
    : op_(condition.op), negated_(is_negated(condition.op.base)), key_(lower_ascii(condition.key)) {
    for (const auto& value : condition.values) {
        const auto base = op_.base;
        if (is_number_operator(base)) {
            if (const auto number = parse_number(value)) numbers_.push_back(*number);
        } else if (is_date_operator(base)) {
            if (const auto date = parse_date(value)) dates_.push_back(*date);
        } else if (is_ip_operator(base)) {
            if (const auto range = parse_ip_range(value)) ranges_.push_back(*range);
        } else if (base == Operator::boolean || base == Operator::null) {
            if (const auto flag = parse_boolean(value)) booleans_.push_back(*flag);
        } else if (base == Operator::binary_equals) {
            if (auto bytes = decode_base64(value)) binaries_.push_back(std::move(*bytes));
        } else {
            patterns_.emplace_back(
                value, has_wildcards(base) ? Pattern::Wildcards::active : Pattern::Wildcards::literal, variables);
        }
    }
}

bool CompiledCondition::any_pattern(std::string_view value, const Context& context, bool& unresolved) const {
    for (const auto& pattern : patterns_) {
        const auto match = is_arn_operator(op_.base) ? pattern.matches_arn(value, context)
                           : ignores_case(op_.base)  ? pattern.matches_ignoring_case(value, context)
                                                     : pattern.matches(value, context);
        if (match == Match::yes) return true;
        if (match == Match::unresolved) unresolved = true;
    }
    return false;
}

bool CompiledCondition::any_number(std::string_view value) const {
    const auto number = parse_number(value);
    return number && std::ranges::any_of(numbers_, [&](long double bound) {
               return compares(op_.base, Operator::numeric_equals, *number, bound);
           });
}

bool CompiledCondition::any_date(std::string_view value) const {
    const auto date = parse_date(value);
    return date && std::ranges::any_of(
                       dates_, [&](Time bound) { return compares(op_.base, Operator::date_equals, *date, bound); });
}

bool CompiledCondition::any_boolean(std::string_view value) const {
    const auto flag = parse_boolean(value);
    return flag && std::ranges::find(booleans_, *flag) != booleans_.end();
}

bool CompiledCondition::any_ip(std::string_view value) const {
    const auto address = parse_ip_range(value);
    return address && std::ranges::any_of(ranges_, [&](const IpRange& range) { return contains(range, *address); });
}

bool CompiledCondition::any_typed(std::string_view value) const {
    if (is_number_operator(op_.base)) return any_number(value);
    if (is_date_operator(op_.base)) return any_date(value);
    if (is_ip_operator(op_.base)) return any_ip(value);
    if (op_.base == Operator::boolean) return any_boolean(value);
    const auto bytes = decode_base64(value);
    return bytes && std::ranges::find(binaries_, *bytes) != binaries_.end();
}

bool CompiledCondition::passes(std::string_view value, const Context& context) const {
    if (patterns_.empty()) return any_typed(value) != negated_;
    bool unresolved = false;
    const bool matched = any_pattern(value, context, unresolved);
    if (matched) return !negated_;
    return negated_ && !unresolved;
}

// Null: "true" asks that the key is absent.
bool CompiledCondition::holds_null(const std::optional<ContextValues>& values) const {
    const bool is_absent = !values || values->empty();
    return std::ranges::find(booleans_, is_absent) != booleans_.end();
}

bool CompiledCondition::holds(const Context& context) const {
    const auto values = context.find(key_);
    if (op_.base == Operator::null) return holds_null(values);
    const bool only_empty = values && op_.set != SetQualifier::none &&
                            std::ranges::all_of(*values, [](std::string_view value) { return value.empty(); });
    if (!values || values->empty() || only_empty) {
        if (op_.if_exists || op_.set == SetQualifier::for_all_values) return true;
        return op_.set == SetQualifier::none && negated_;
    }
    const auto passing = [&](std::string_view value) { return passes(value, context); };
    const bool every = op_.set == SetQualifier::for_all_values || (op_.set == SetQualifier::none && negated_);
    return every ? std::ranges::all_of(*values, passing) : std::ranges::any_of(*values, passing);
}

}  // namespace sekisho::policy
