#include "template/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "template/functions.h"

namespace sekisho::templates {
namespace {

// AWS's partitions by the region's name.
std::pair<std::string_view, std::string_view> partition_of(std::string_view region) {
    if (region.starts_with("cn-")) return {"aws-cn", "amazonaws.com.cn"};
    if (region.starts_with("us-gov-")) return {"aws-us-gov", "amazonaws.com"};
    return {"aws", "amazonaws.com"};
}

}  // namespace

void add_pseudo_parameters(Scope& scope, const StackNames& names) {
    const auto [partition, suffix] = partition_of(names.region);
    auto& values = scope.parameters;
    values["AWS::AccountId"] = json::string(names.account_id);
    values["AWS::Region"] = json::string(names.region);
    values["AWS::StackId"] = json::string(names.stack_id);
    values["AWS::StackName"] = json::string(names.stack_name);
    values["AWS::Partition"] = json::string(partition);
    values["AWS::URLSuffix"] = json::string(suffix);
    json::array topics;
    for (const auto& topic : names.notification_arns) topics.emplace_back(topic);
    values["AWS::NotificationARNs"] = std::move(topics);
}

bool is_pseudo_parameter(std::string_view name) {
    static constexpr std::string_view names[] = {"AWS::AccountId", "AWS::NoValue",  "AWS::NotificationARNs",
                                                 "AWS::Partition", "AWS::Region",   "AWS::StackId",
                                                 "AWS::StackName", "AWS::URLSuffix"};
    return std::ranges::find(names, name) != std::end(names);
}

std::optional<std::string> scalar_text(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    if (value.is_double()) return fmt::format("{}", value.get_double());
    return {};
}

std::string_view function_name(const json::value& value) {
    if (!value.is_object() || value.get_object().size() != 1) return {};
    const std::string_view name = value.get_object().begin()->key();
    return name == "Ref" || name == "Condition" || name.starts_with("Fn::") ? name : std::string_view();
}

const Function* find_function(std::string_view name) {
    for (const auto& table : {value_functions, condition_functions, rule_functions}) {
        const auto found = std::ranges::find(table, name, &Function::name);
        if (found != table.end()) return &*found;
    }
    return nullptr;
}

Result<void> Evaluator::spend(std::size_t bytes) {
    spent_ += bytes;
    if (spent_ <= limits::template_value_bytes_max) return {};
    return template_error(
        fmt::format("Template error: a value is larger than {} bytes", limits::template_value_bytes_max));
}

Result<Value> Evaluator::value(const json::value& source) {
    SEK_TRY(spend(source.is_string() ? source.get_string().size() : sizeof(json::value)));
    if (source.is_array()) {
        json::array list;
        for (const auto& item : source.get_array()) {
            SEK_TRY(auto made, value(item));
            if (made) list.push_back(std::move(*made));
        }
        return Value(std::move(list));
    }
    if (!source.is_object()) return Value(source);
    const auto name = function_name(source);
    // In a policy's statement a lone Condition is data; the function exists in the Conditions section, which has no
    // data (check_functions).
    const auto* function = name.empty() || (name == "Condition" && !source.get_object().begin()->value().is_string())
                               ? nullptr
                               : find_function(name);
    if (function != nullptr) {
        const auto& argument = source.get_object().begin()->value();
        if (const char* complaint = function->complaint(argument)) return template_error(complaint);
        return function->apply(*this, argument);
    }
    json::object object;
    for (const auto& [key, member] : source.get_object()) {
        SEK_TRY(auto made, value(member));
        if (made) object.emplace(key, std::move(*made));
    }
    return Value(std::move(object));
}

Result<std::string> Evaluator::text(const json::value& source, std::string_view complaint) {
    SEK_TRY(const auto made, value(source));
    auto text = made ? scalar_text(*made) : std::nullopt;
    if (!text) return template_error(std::string(complaint));
    return std::move(*text);
}

Result<std::vector<std::string>> Evaluator::texts(const json::value& source, std::string_view complaint) {
    SEK_TRY(const auto made, value(source));
    if (!made || !made->is_array()) return template_error(std::string(complaint));
    std::vector<std::string> texts;
    for (const auto& item : made->get_array()) {
        auto text = scalar_text(item);
        if (!text) return template_error(std::string(complaint));
        texts.push_back(std::move(*text));
    }
    return texts;
}

Result<std::optional<json::value>> evaluate(const Scope& scope, const json::value& value) {
    return Evaluator(scope).value(value);
}

Result<std::string> evaluate_text(const Scope& scope, const json::value& value) {
    return Evaluator(scope).text(value, "Template format error: The value must be a string");
}

}  // namespace sekisho::templates
