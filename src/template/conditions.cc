#include <fmt/format.h>

#include <algorithm>

#include "template/functions.h"

namespace sekisho::templates {
namespace {

constexpr char equals_form[] = "Template error: every Fn::Equals object requires a list of 2 string parameters.";
constexpr char and_form[] =
    "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.";
constexpr char or_form[] =
    "Template error: every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.";
constexpr char not_form[] = "Template error: every Fn::Not object requires a list of 1 boolean parameter.";
constexpr char if_form[] = "Template error: Fn::If requires a list argument with three parameters";
constexpr char condition_form[] = "Template format error: Every Condition member must be a string.";
constexpr std::size_t operands_max = 10;

Result<bool> truth(Evaluator& evaluator, const json::value& source, const char* complaint) {
    SEK_TRY(const auto value, evaluator.value(source));
    if (!value || !value->is_bool()) return template_error(complaint);
    return value->get_bool();
}

Result<Value> apply_equals(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto left, evaluator.value(argument(source, 0)));
    SEK_TRY(const auto right, evaluator.value(argument(source, 1)));
    if (!left || !right) return template_error(equals_form);
    const auto a = scalar_text(*left), b = scalar_text(*right);
    return Value(a && b ? *a == *b : *left == *right);
}

Result<Value> apply_and(Evaluator& evaluator, const json::value& source) {
    for (const auto& operand : source.get_array()) {
        SEK_TRY(const bool is_true, truth(evaluator, operand, and_form));
        if (!is_true) return Value(false);
    }
    return Value(true);
}

Result<Value> apply_or(Evaluator& evaluator, const json::value& source) {
    for (const auto& operand : source.get_array()) {
        SEK_TRY(const bool is_true, truth(evaluator, operand, or_form));
        if (is_true) return Value(true);
    }
    return Value(false);
}

Result<Value> apply_not(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const bool is_true, truth(evaluator, argument(source, 0), not_form));
    return Value(!is_true);
}

Result<Value> apply_if(Evaluator& evaluator, const json::value& source) {
    const bool is_true = holds(evaluator.scope(), argument(source, 0).get_string());
    return evaluator.value(argument(source, is_true ? 1 : 2));
}

Result<Value> apply_condition(Evaluator& evaluator, const json::value& source) {
    return Value(holds(evaluator.scope(), source.get_string()));
}

template <auto& complaint>
const char* operands_form(const json::value& source) {
    return is_list_of(source, 2, operands_max) ? nullptr : complaint;
}

constexpr Function functions[] = {
    {"Fn::Equals", Place::conditions,
     [](const json::value& a) -> const char* { return is_list_of(a, 2, 2) ? nullptr : equals_form; }, apply_equals},
    {"Fn::And", Place::conditions, operands_form<and_form>, apply_and},
    {"Fn::Or", Place::conditions, operands_form<or_form>, apply_or},
    {"Fn::Not", Place::conditions,
     [](const json::value& a) -> const char* { return is_list_of(a, 1, 1) ? nullptr : not_form; }, apply_not},
    {"Condition", Place::conditions,
     [](const json::value& a) -> const char* { return a.is_string() ? nullptr : condition_form; }, apply_condition},
    {"Fn::If", Place::values,
     [](const json::value& a) -> const char* {
         return is_list_of(a, 3, 3) && argument(a, 0).is_string() ? nullptr : if_form;
     },
     apply_if},
};

// The other conditions that one names.
void named_conditions(const json::value& value, std::set<std::string>& names) {
    if (value.is_array()) {
        for (const auto& item : value.get_array()) named_conditions(item, names);
    } else if (value.is_object()) {
        const auto function = function_name(value);
        const auto& object = value.get_object();
        if (function == "Condition" && object.begin()->value().is_string()) {
            names.emplace(object.begin()->value().get_string());
        } else if (function == "Fn::If" && object.begin()->value().is_array() &&
                   !object.begin()->value().get_array().empty() && argument(object.begin()->value(), 0).is_string()) {
            names.emplace(argument(object.begin()->value(), 0).get_string());
        }
        for (const auto& [name, member] : object) named_conditions(member, names);
    }
}

// A condition after those it names; `open`: those under way.
Result<void> evaluate_condition(Scope& scope, const std::string& name, std::set<std::string>& open) {
    if (scope.conditions.contains(name)) return {};
    if (!open.insert(name).second) {
        return template_error(
            fmt::format("Template format error: Circular dependency between conditions: [{}]", fmt::join(open, ", ")));
    }
    const auto& source = scope.model->conditions.at(name);
    std::set<std::string> named;
    named_conditions(source, named);
    for (const auto& other : named) {
        if (!scope.model->conditions.contains(other)) {
            return template_error(
                fmt::format("Template format error: Unresolved condition dependency {} in the Conditions "
                            "block of the template",
                            other));
        }
        SEK_TRY(evaluate_condition(scope, other, open));
    }
    Evaluator evaluator(scope);
    SEK_TRY(const bool is_true,
            truth(evaluator, source, "Template format error: Every Conditions member must be a boolean function."));
    scope.conditions[name] = is_true;
    open.erase(name);
    return {};
}

}  // namespace

const std::span<const Function> condition_functions = functions;

Result<void> evaluate_conditions(Scope& scope) {
    std::set<std::string> open;
    for (const auto& [name, source] : scope.model->conditions) {
        SEK_TRY(evaluate_condition(scope, std::string(name), open));
    }
    return {};
}

bool holds(const Scope& scope, std::string_view condition) {
    if (condition.empty()) return true;
    const auto found = scope.conditions.find(condition);
    return found != scope.conditions.end() && found->second;
}

}  // namespace sekisho::templates
