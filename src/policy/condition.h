#pragma once
// Condition blocks, compiled. IAM user guide, "IAM JSON policy elements: Condition operators" and "Set operators for
// multi-valued context keys".
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "policy/document.h"
#include "policy/pattern.h"

namespace sekisho::policy {

struct IpRange {
    std::array<std::uint8_t, 16> address{};
    std::uint8_t prefix = 0;  // bits
    bool v6 = false;
};

// "203.0.113.0/24", "2001:db8::/32", or one address. Nothing on anything else.
std::optional<IpRange> parse_ip_range(std::string_view text);
bool contains(const IpRange& range, const IpRange& address);

std::optional<long double> parse_number(std::string_view text);
// ISO 8601 (a date alone is its midnight, UTC) or seconds since the epoch.
std::optional<Time> parse_date(std::string_view text);
std::optional<bool> parse_boolean(std::string_view text);

// Whether an operator can read a policy's value; parse() refuses a document for which this is false.
bool is_readable(Operator op, std::string_view value);

// One operator on one key. Immutable; holds() allocates nothing.
class CompiledCondition {
 public:
    // `condition` comes from a parsed document.
    CompiledCondition(const Condition& condition, bool variables);

    // Rules, from AWS's pages:
    // - absent key: false; true for negated operators, with IfExists, and for ForAllValues; false for ForAnyValue;
    // - a value matches when any policy value does; negated operators hold when none does;
    // - without a qualifier, a key of several values is tested as a whole: any of them, or, negated, none of them;
    // - ForAnyValue: some value passes its test; ForAllValues: every one; no values but empty texts are as absent;
    // - a policy value with a variable that has no value fails its test, negated or not.
    bool holds(const Context& context) const;
    const std::string& key() const { return key_; }

 private:
    bool passes(std::string_view value, const Context& context) const;
    bool any_pattern(std::string_view value, const Context& context, bool& unresolved) const;
    bool any_typed(std::string_view value) const;
    bool any_number(std::string_view value) const;
    bool any_date(std::string_view value) const;
    bool any_boolean(std::string_view value) const;
    bool any_ip(std::string_view value) const;
    bool holds_null(const std::optional<ContextValues>& values) const;

    ConditionOperator op_;
    bool negated_ = false;
    std::string key_;  // lower case
    std::vector<Pattern> patterns_;
    std::vector<long double> numbers_;
    std::vector<Time> dates_;
    std::vector<bool> booleans_;
    std::vector<std::string> binaries_;
    std::vector<IpRange> ranges_;
};

}  // namespace sekisho::policy
