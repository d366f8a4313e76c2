#include "template/graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "template/functions.h"

namespace sekisho::templates {
namespace {

using Visit = std::function<Result<void>(const Reference&)>;

Result<void> visit_sub(const Scope* scope, const json::value& argument, const Visit& visit) {
    const json::value* names = nullptr;
    const json::value* text = &argument;
    if (argument.is_array()) {
        if (argument.get_array().size() != 2) return {};
        text = &argument.get_array()[0];
        names = &argument.get_array()[1];
        SEK_TRY(visit_references(scope, *names, visit));
    }
    if (!text->is_string()) return {};
    SEK_TRY(const auto parts, split_sub(text->get_string()));
    for (const auto& part : parts) {
        if (!part.is_name || (names != nullptr && find(*names, part.text) != nullptr)) continue;
        const auto dot = part.text.find('.');
        if (dot == std::string::npos) {
            SEK_TRY(visit({part.text, {}}));
        } else {
            SEK_TRY(visit({part.text.substr(0, dot), part.text.substr(dot + 1)}));
        }
    }
    return {};
}

// A circle through what is left when everything that can be ordered is taken away.
Result<void> check_circles(Dependencies left) {
    for (bool is_smaller = true; is_smaller;) {
        is_smaller = false;
        for (auto at = left.begin(); at != left.end();) {
            if (!at->second.empty()) {
                ++at;
                continue;
            }
            for (auto& [name, needs] : left) needs.erase(at->first);
            at = left.erase(at);
            is_smaller = true;
        }
    }
    if (left.empty()) return {};
    std::vector<std::string> names;
    for (const auto& [name, needs] : left) names.push_back(name);
    return template_error(fmt::format("Circular dependency between resources: [{}]", fmt::join(names, ", ")));
}

Result<void> check_condition(const Template& model, const std::string& name, std::string_view block) {
    if (name.empty() || model.conditions.contains(name)) return {};
    return template_error(
        fmt::format("Template format error: Unresolved condition dependency {} in the {} block of the "
                    "template",
                    name, block));
}

Result<void> check_functions(const Template& model, const json::value& value, Place place) {
    if (value.is_array()) {
        for (const auto& item : value.get_array()) SEK_TRY(check_functions(model, item, place));
        return {};
    }
    if (!value.is_object()) return {};
    const auto name = function_name(value);
    if (!name.empty() && (name != "Condition" || place == Place::conditions)) {
        const auto* function = find_function(name);
        if (function == nullptr || (function->place == Place::rules && place != Place::rules)) {
            return template_error(fmt::format("Template format error: Unrecognized intrinsic function {}", name));
        }
        const auto& argument = value.get_object().begin()->value();
        if (const char* complaint = function->complaint(argument)) return template_error(complaint);
        if (name == "Fn::If") {
            SEK_TRY(check_condition(model, std::string(argument.get_array()[0].get_string()),
                                    place == Place::conditions ? "Conditions" : "Resources"));
        }
    }
    for (const auto& [key, member] : value.get_object()) SEK_TRY(check_functions(model, member, place));
    return {};
}

Result<void> check_block(const Template& model, const json::value& value, std::string_view block,
                         Place place = Place::values) {
    SEK_TRY(check_functions(model, value, place));
    const bool may_be_resource = place == Place::values;
    std::set<std::string> unresolved;
    SEK_TRY(visit_references(nullptr, value, [&](const Reference& reference) -> Result<void> {
        const bool is_value = is_pseudo_parameter(reference.name) || model.parameter(reference.name) != nullptr;
        if (reference.attribute.empty() && is_value) return {};
        if (may_be_resource && model.resource(reference.name) != nullptr) return {};
        if (!reference.attribute.empty() && may_be_resource) {
            return template_error("Template error: instance of Fn::GetAtt references undefined resource " +
                                  reference.name);
        }
        unresolved.insert(reference.name);
        return {};
    }));
    if (unresolved.empty()) return {};
    if (!may_be_resource) {
        return template_error(
            fmt::format("Template format error: Unresolved dependencies [{}]. Cannot reference resources "
                        "in the {} block of the template",
                        fmt::join(unresolved, ", "), block));
    }
    return template_error(
        fmt::format("Template format error: Unresolved resource dependencies [{}] in the {} block of the "
                    "template",
                    fmt::join(unresolved, ", "), block));
}

}  // namespace

Result<void> visit_references(const Scope* scope, const json::value& value, const Visit& visit) {
    if (value.is_array()) {
        for (const auto& item : value.get_array()) SEK_TRY(visit_references(scope, item, visit));
        return {};
    }
    if (!value.is_object()) return {};
    const auto function = function_name(value);
    if (!function.empty()) {
        const auto& argument = value.get_object().begin()->value();
        if (function == "Ref" && argument.is_string()) return visit({std::string(argument.get_string()), {}});
        if (function == "Fn::Sub") return visit_sub(scope, argument, visit);
        if (function == "Fn::GetAtt") {
            const auto names = attribute_names(argument);
            if (!names) return {};
            SEK_TRY(visit_references(scope, names->second, visit));
            // A computed attribute is still a reference to the resource.
            return visit({names->first, scalar_text(names->second).value_or("?")});
        }
        if (function == "Fn::If" && scope != nullptr && is_list_of(argument, 3, 3) &&
            argument.get_array()[0].is_string()) {
            const bool is_true = holds(*scope, argument.get_array()[0].get_string());
            return visit_references(scope, argument.get_array()[is_true ? 1 : 2], visit);
        }
    }
    for (const auto& [name, member] : value.get_object()) SEK_TRY(visit_references(scope, member, visit));
    return {};
}

Result<void> check_references(const Template& model) {
    for (const auto& [name, condition] : model.conditions) {
        SEK_TRY(check_block(model, condition, "Conditions", Place::conditions));
    }
    for (const auto& rule : model.rules) {
        if (rule.condition) SEK_TRY(check_block(model, *rule.condition, "Rules", Place::rules));
        for (const auto& [assertion, text] : rule.assertions) {
            SEK_TRY(check_block(model, assertion, "Rules", Place::rules));
        }
    }
    for (const auto& resource : model.resources) {
        SEK_TRY(check_condition(model, resource.condition, "Resources"));
        SEK_TRY(check_block(model, resource.properties, "Resources"));
        for (const auto& other : resource.depends_on) {
            if (model.resource(other) != nullptr) continue;
            return template_error(
                fmt::format("Template format error: Unresolved resource dependencies [{}] in the Resources "
                            "block of the template",
                            other));
        }
    }
    for (const auto& output : model.outputs) {
        SEK_TRY(check_condition(model, output.condition, "Outputs"));
        SEK_TRY(check_block(model, output.value, "Outputs"));
        if (output.export_name) SEK_TRY(check_block(model, *output.export_name, "Outputs"));
    }
    return {};
}

Result<Dependencies> dependencies(const Scope& scope) {
    const auto& model = *scope.model;
    Dependencies all;
    for (const auto& resource : model.resources) {
        if (holds(scope, resource.condition)) all[resource.logical_id];
    }
    std::set<std::string> unresolved;
    for (const auto& resource : model.resources) {
        if (!all.contains(resource.logical_id)) continue;
        auto& needs = all[resource.logical_id];
        SEK_TRY(visit_references(&scope, resource.properties, [&](const Reference& reference) -> Result<void> {
            if (model.resource(reference.name) == nullptr) return {};
            if (all.contains(reference.name)) {
                needs.insert(reference.name);
            } else {
                unresolved.insert(reference.name);
            }
            return {};
        }));
        // What is not made need not be waited for.
        for (const auto& other : resource.depends_on) {
            if (all.contains(other)) needs.insert(other);
        }
    }
    if (!unresolved.empty()) {
        return template_error(
            fmt::format("Template format error: Unresolved resource dependencies [{}] in the Resources "
                        "block of the template",
                        fmt::join(unresolved, ", ")));
    }
    SEK_TRY(check_circles(all));
    return all;
}

}  // namespace sekisho::templates
