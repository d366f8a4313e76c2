#pragma once
// The intrinsic functions, one row each: the form of the argument, and the value. Inside the room only.
#include <set>
#include <span>

#include "template/evaluate.h"

namespace sekisho::templates {

using Value = std::optional<json::value>;  // nothing: AWS::NoValue

// One evaluation: functions evaluate their arguments by it. Bounds what repetition can make of a small template.
class Evaluator {
 public:
    explicit Evaluator(const Scope& scope) : scope_(scope) {}
    const Scope& scope() const { return scope_; }

    Result<Value> value(const json::value& source);
    // With the error of the function that asks.
    Result<std::string> text(const json::value& source, std::string_view complaint);
    Result<std::vector<std::string>> texts(const json::value& source, std::string_view complaint);
    Result<void> spend(std::size_t bytes);

 private:
    const Scope& scope_;
    std::size_t spent_ = 0;
};

// Where a function may stand.
enum class Place : std::uint8_t { values, conditions, rules };

struct Function {
    std::string_view name;
    Place place;
    // Null: fine. Otherwise AWS's complaint.
    const char* (*complaint)(const json::value& argument);
    Result<Value> (*apply)(Evaluator& evaluator, const json::value& argument);
};
const Function* find_function(std::string_view name);

extern const std::span<const Function> value_functions;      // functions.cc
extern const std::span<const Function> condition_functions;  // conditions.cc
extern const std::span<const Function> rule_functions;       // rules.cc

// The arguments of a form that is checked already.
inline const json::value& argument(const json::value& list, std::size_t index) {
    return list.get_array()[index];
}
inline bool is_list_of(const json::value& value, std::size_t least, std::size_t most) {
    return value.is_array() && value.get_array().size() >= least && value.get_array().size() <= most;
}
// A text, or a function that gives one.
inline bool may_be_text(const json::value& value) {
    return !value.is_null() && !value.is_array() && (!value.is_object() || !function_name(value).empty());
}
inline bool may_be_list(const json::value& value) {
    return value.is_array() || !function_name(value).empty();
}

// Fn::GetAtt's two names, from its list or "A.B" form; the second may be a function.
std::optional<std::pair<std::string, json::value>> attribute_names(const json::value& argument);

// `count` blocks of an address range with `host_bits` of addresses each. Errors: ValidationError.
Result<std::vector<std::string>> cidr_blocks(std::string_view range, std::int64_t count, std::int64_t host_bits);

}  // namespace sekisho::templates
