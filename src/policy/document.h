#pragma once
// A policy document as written: parse and print. Follows the IAM JSON policy reference ("Grammar of the IAM JSON policy
// language") and, for control policies, the Organizations user guide ("SCP syntax", "RCP syntax").
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sekisho::policy {

// Where a document is attached: it decides which elements are required and which are forbidden.
enum class Use : std::uint8_t { identity, resource, trust, scp, rcp, session, boundary };
inline constexpr std::size_t use_count = static_cast<std::size_t>(Use::boundary) + 1;

enum class Effect : std::uint8_t { allow, deny };

// 2008-10-17 (also meant by an absent Version) has no policy variables.
enum class Version : std::uint8_t { v2008, v2012 };

enum class Operator : std::uint8_t {
    string_equals,
    string_not_equals,
    string_equals_ignore_case,
    string_not_equals_ignore_case,
    string_like,
    string_not_like,
    numeric_equals,
    numeric_not_equals,
    numeric_less_than,
    numeric_less_than_equals,
    numeric_greater_than,
    numeric_greater_than_equals,
    date_equals,
    date_not_equals,
    date_less_than,
    date_less_than_equals,
    date_greater_than,
    date_greater_than_equals,
    boolean,
    binary_equals,
    ip_address,
    not_ip_address,
    arn_equals,
    arn_not_equals,
    arn_like,
    arn_not_like,
    null,
};

enum class SetQualifier : std::uint8_t { none, for_any_value, for_all_values };

struct ConditionOperator {
    SetQualifier set = SetQualifier::none;
    Operator base = Operator::string_equals;
    bool if_exists = false;
    friend bool operator==(const ConditionOperator&, const ConditionOperator&) = default;
};

struct Condition {
    ConditionOperator op;
    std::string key;                  // as written; compared without regard to case
    std::vector<std::string> values;  // numbers and booleans as their text
    friend bool operator==(const Condition&, const Condition&) = default;
};

struct Principals {
    bool everyone = false;  // "Principal": "*"
    std::vector<std::string> aws;
    std::vector<std::string> service;
    std::vector<std::string> federated;
    std::vector<std::string> canonical_user;
    friend bool operator==(const Principals&, const Principals&) = default;
};

struct Statement {
    std::optional<std::string> sid;
    Effect effect = Effect::deny;
    std::optional<Principals> principals;
    bool not_principal = false;
    std::vector<std::string> actions;
    bool not_action = false;
    std::vector<std::string> resources;  // empty: the element is absent (trust policies; allowed in resource policies)
    bool not_resource = false;
    std::vector<Condition> conditions;  // those of one operator stand together
    friend bool operator==(const Statement&, const Statement&) = default;
};

struct Document {
    std::optional<Version> version;
    std::optional<std::string> id;
    std::vector<Statement> statements;
    friend bool operator==(const Document&, const Document&) = default;
};

// The document, or MalformedPolicyDocument (400; Organizations' MalformedPolicyDocumentException for scp and rcp) with
// AWS's text. Strict: an unknown element, a duplicated key at any depth, or a condition value that its operator cannot
// read is refused. Limits: limits::policy_document_bytes_max, json_depth_max, policy_statements_max,
// policy_values_max.
Result<Document> parse(std::string_view text, Use use);

// Whether some object of a valid JSON text has a key twice, however its characters are escaped.
bool has_repeated_key(std::string_view json);

// The normal form: one line, elements in AWS's order, every list an array. parse(print(d)) == d for every parsed d.
std::string print(const Document& document);

// CreatePolicy and its like refuse the old version: "Policy document must be version 2012-10-17 or greater."
Result<void> require_current_version(const Document& document);

// Characters other than white space, as IAM's size quotas count them (outside strings only, as IAM stores it).
std::size_t count_policy_characters(std::string_view text);

// "ForAnyValue:StringLikeIfExists" and back; names are read without regard to case.
std::string operator_name(const ConditionOperator& op);
std::optional<ConditionOperator> parse_operator(std::string_view name);
bool is_negated(Operator op);

}  // namespace sekisho::policy
