// The Rules section: what parameters must fit before anything is made, and the functions that exist only there.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html
#include <fmt/format.h>

#include <algorithm>

#include "template/functions.h"
#include "template/parameters.h"

namespace sekisho::templates {
namespace {

constexpr char contains_form[] =
    "Template error: every Fn::Contains object requires two parameters, (1) a list of strings and (2) a string.";
constexpr char each_equals_form[] =
    "Template error: every Fn::EachMemberEquals object requires two parameters, (1) a list of strings and (2) a "
    "string.";
constexpr char each_in_form[] = "Template error: every Fn::EachMemberIn object requires two lists of strings.";
constexpr char all_form[] = "Template error: every Fn::RefAll object requires a parameter type.";
constexpr char value_form[] =
    "Template error: every Fn::ValueOf object requires two parameters, (1) a parameter's name and (2) an attribute.";
constexpr char values_form[] =
    "Template error: every Fn::ValueOfAll object requires two parameters, (1) a parameter type and (2) an attribute.";

template <auto& complaint>
const char* pair_form(const json::value& source) {
    return is_list_of(source, 2, 2) && may_be_list(argument(source, 0)) ? nullptr : complaint;
}

template <auto& complaint>
const char* names_form(const json::value& source) {
    const bool fits = is_list_of(source, 2, 2) && argument(source, 0).is_string() && argument(source, 1).is_string();
    return fits ? nullptr : complaint;
}

Result<Value> apply_contains(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto list, evaluator.texts(argument(source, 0), contains_form));
    SEK_TRY(const auto text, evaluator.text(argument(source, 1), contains_form));
    return Value(std::ranges::find(list, text) != list.end());
}

Result<Value> apply_each_equals(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto list, evaluator.texts(argument(source, 0), each_equals_form));
    SEK_TRY(const auto text, evaluator.text(argument(source, 1), each_equals_form));
    return Value(std::ranges::all_of(list, [&](const auto& item) { return item == text; }));
}

Result<Value> apply_each_in(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto list, evaluator.texts(argument(source, 0), each_in_form));
    SEK_TRY(const auto among, evaluator.texts(argument(source, 1), each_in_form));
    return Value(
        std::ranges::all_of(list, [&](const auto& item) { return std::ranges::find(among, item) != among.end(); }));
}

// What a parameter's type is without its list: what each of its values is.
std::string_view item_type(std::string_view type) {
    if (type.starts_with("List<") && type.ends_with('>')) return type.substr(5, type.size() - 6);
    return type;
}

std::vector<std::string> values_of(const Scope& scope, const std::string& parameter) {
    std::vector<std::string> texts;
    const auto found = scope.parameters.find(parameter);
    if (found == scope.parameters.end()) return texts;
    if (!found->second.is_array()) return {scalar_text(found->second).value_or("")};
    for (const auto& item : found->second.get_array()) texts.push_back(scalar_text(item).value_or(""));
    return texts;
}

// An attribute of each value of a parameter.
Result<void> look_up(const Scope& scope, const Parameter& parameter, const std::string& attribute, json::array& into) {
    for (const auto& text : values_of(scope, parameter.name)) {
        if (!scope.value_attribute) {
            return template_error("Template error: attributes of parameters' values are not known here");
        }
        SEK_TRY(auto value, scope.value_attribute(std::string(item_type(parameter.type)), text, attribute));
        into.emplace_back(std::move(value));
    }
    return {};
}

Result<Value> apply_all(Evaluator& evaluator, const json::value& source) {
    json::array all;
    for (const auto& parameter : evaluator.scope().model->parameters) {
        if (parameter.type != source.get_string()) continue;
        for (auto& text : values_of(evaluator.scope(), parameter.name)) all.emplace_back(std::move(text));
    }
    return Value(std::move(all));
}

Result<Value> apply_value(Evaluator& evaluator, const json::value& source) {
    const auto& scope = evaluator.scope();
    const auto* parameter = scope.model->parameter(argument(source, 0).get_string());
    if (parameter == nullptr) return template_error(value_form);
    json::array values;
    SEK_TRY(look_up(scope, *parameter, std::string(argument(source, 1).get_string()), values));
    if (is_list_type(parameter->type) || values.empty()) return Value(std::move(values));
    return Value(std::move(values.front()));
}

Result<Value> apply_values(Evaluator& evaluator, const json::value& source) {
    json::array values;
    for (const auto& parameter : evaluator.scope().model->parameters) {
        if (parameter.type != argument(source, 0).get_string()) continue;
        SEK_TRY(look_up(evaluator.scope(), parameter, std::string(argument(source, 1).get_string()), values));
    }
    return Value(std::move(values));
}

constexpr Function functions[] = {
    {"Fn::Contains", Place::rules, pair_form<contains_form>, apply_contains},
    {"Fn::EachMemberEquals", Place::rules, pair_form<each_equals_form>, apply_each_equals},
    {"Fn::EachMemberIn", Place::rules, pair_form<each_in_form>, apply_each_in},
    {"Fn::RefAll", Place::rules,
     [](const json::value& source) -> const char* { return source.is_string() ? nullptr : all_form; }, apply_all},
    {"Fn::ValueOf", Place::rules, names_form<value_form>, apply_value},
    {"Fn::ValueOfAll", Place::rules, names_form<values_form>, apply_values},
};

Result<bool> truth(const Scope& scope, const Rule& rule, const json::value& source) {
    SEK_TRY(const auto value, evaluate(scope, source));
    if (value && value->is_bool()) return value->get_bool();
    return template_error(fmt::format(
        "Template format error: The conditions and assertions of rule {} must be boolean functions.", rule.name));
}

}  // namespace

const std::span<const Function> rule_functions = functions;

Result<void> check_rules(const Scope& scope) {
    for (const auto& rule : scope.model->rules) {
        if (rule.condition) {
            SEK_TRY(const bool applies, truth(scope, rule, *rule.condition));
            if (!applies) continue;
        }
        for (const auto& [assertion, description] : rule.assertions) {
            SEK_TRY(const bool is_met, truth(scope, rule, assertion));
            if (is_met) continue;
            return template_error(description.empty() ? fmt::format("Rule {} is not met.", rule.name) : description);
        }
    }
    return {};
}

}  // namespace sekisho::templates
