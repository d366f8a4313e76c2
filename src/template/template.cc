#include "template/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "template/evaluate.h"
#include "template/graph.h"
#include "template/parameters.h"

namespace sekisho::templates {
namespace {

constexpr std::string_view top_members[] = {"AWSTemplateFormatVersion",
                                            "Description",
                                            "Metadata",
                                            "Parameters",
                                            "Rules",
                                            "Mappings",
                                            "Conditions",
                                            "Transform",
                                            "Hooks",
                                            "Resources",
                                            "Outputs"};
constexpr std::string_view resource_members[] = {
    "Type",         "Properties",     "DependsOn", "Condition",  "DeletionPolicy", "UpdateReplacePolicy",
    "UpdatePolicy", "CreationPolicy", "Metadata",  "Description"};

ApiError format_error(std::string_view message) {
    return template_error(fmt::format("Template format error: {}", message));
}

bool is_alphanumeric(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

template <class Names>
bool is_in(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != std::end(names);
}

// A section of the template; an empty object where there is none.
Result<json::object> section(const json::object& root, std::string_view name, std::size_t members_max) {
    const auto* found = root.if_contains(name);
    if (found == nullptr) return json::object();
    if (!found->is_object()) return format_error(fmt::format("{} must be an object", name));
    if (found->get_object().size() > members_max) {
        return format_error(fmt::format("Number of {}, {}, is greater than maximum allowed, {}",
                                        name == "Resources" ? "resources" : name, found->get_object().size(),
                                        members_max));
    }
    return found->get_object();
}

// A member that must be a text; absent: empty.
Result<std::string> text_member(const json::object& object, std::string_view name, std::string_view where) {
    const auto* found = object.if_contains(name);
    if (found == nullptr) return std::string();
    if (!found->is_string()) return format_error(fmt::format("Every {} member of {} must be a string.", name, where));
    return std::string(found->get_string());
}

Result<std::optional<double>> number_member(const json::object& object, std::string_view name, std::string_view where) {
    const auto* found = object.if_contains(name);
    if (found == nullptr) return std::optional<double>();
    const auto text = scalar_text(*found);
    char* end = nullptr;
    const double number = text ? std::strtod(text->c_str(), &end) : 0;
    if (!text || text->empty() || *end != '\0') {
        return format_error(fmt::format("{} of {} must be a number.", name, where));
    }
    return std::optional<double>(number);
}

Result<Parameter> parse_parameter(std::string_view name, const json::value& source) {
    if (!is_alphanumeric(name)) return format_error(fmt::format("Parameter name {} is non alphanumeric.", name));
    if (!source.is_object()) return format_error("Every Parameters member must be an object.");
    const auto& object = source.get_object();
    Parameter parameter{.name = std::string(name)};
    SEK_TRY(parameter.type, text_member(object, "Type", name));
    if (parameter.type.empty()) return format_error("Every Parameters object must contain a Type member.");
    if (!is_known_type(parameter.type)) {
        return format_error(fmt::format("Unrecognized parameter type: {}", parameter.type));
    }
    if (const auto* value = object.if_contains("Default")) {
        parameter.default_value = scalar_text(*value);
        if (!parameter.default_value) return format_error("Every Default member must be a string.");
    }
    if (const auto* no_echo = object.if_contains("NoEcho")) parameter.no_echo = scalar_text(*no_echo) == "true";
    if (const auto* allowed = object.if_contains("AllowedValues")) {
        if (!allowed->is_array()) return format_error("Every AllowedValues member must be a list.");
        for (const auto& value : allowed->get_array()) {
            const auto text = scalar_text(value);
            if (!text) return format_error("Every AllowedValues value must be a string.");
            parameter.allowed_values.push_back(*text);
        }
    }
    SEK_TRY(parameter.allowed_pattern, text_member(object, "AllowedPattern", name));
    SEK_TRY(parameter.constraint_description, text_member(object, "ConstraintDescription", name));
    SEK_TRY(parameter.description, text_member(object, "Description", name));
    SEK_TRY(const auto length_min, number_member(object, "MinLength", name));
    SEK_TRY(const auto length_max, number_member(object, "MaxLength", name));
    if (length_min) parameter.length_min = static_cast<std::int64_t>(std::clamp(*length_min, -1e9, 1e9));
    if (length_max) parameter.length_max = static_cast<std::int64_t>(std::clamp(*length_max, -1e9, 1e9));
    SEK_TRY(parameter.value_min, number_member(object, "MinValue", name));
    SEK_TRY(parameter.value_max, number_member(object, "MaxValue", name));
    return parameter;
}

Result<RemovalPolicy> parse_policy(const json::object& object, std::string_view name) {
    SEK_TRY(const auto text, text_member(object, name, "Resources"));
    if (text.empty() || text == "Delete") return RemovalPolicy::remove;
    if (text == "Retain") return RemovalPolicy::retain;
    if (text == "RetainExceptOnCreate" && name == "DeletionPolicy") return RemovalPolicy::retain_except_on_create;
    return format_error(fmt::format("Unrecognized {} {}", name, text));
}

Result<Resource> parse_resource(std::string_view name, const json::value& source) {
    if (!is_alphanumeric(name) || name.size() > limits::template_name_characters_max) {
        return format_error(fmt::format("Resource name {} is non alphanumeric.", name));
    }
    if (!source.is_object()) return format_error("Every Resources member must be an object.");
    const auto& object = source.get_object();
    Resource resource{.logical_id = std::string(name)};
    for (const auto& [member, value] : object) {
        if (!is_in(resource_members, member)) {
            return template_error(fmt::format("Invalid template resource property '{}'", std::string_view(member)));
        }
    }
    SEK_TRY(resource.type, text_member(object, "Type", name));
    if (resource.type.empty()) {
        return format_error(fmt::format("[/Resources/{}] Every Resources object must contain a Type member.", name));
    }
    if (const auto* properties = object.if_contains("Properties"); properties && !properties->is_null()) {
        if (!properties->is_object()) return format_error("Every Properties member must be an object.");
        resource.properties = *properties;
    }
    if (const auto* depends = object.if_contains("DependsOn"); depends && depends->is_string()) {
        resource.depends_on.emplace_back(depends->get_string());
    } else if (depends) {
        if (!depends->is_array()) return format_error("DependsOn must be a string or list of strings.");
        for (const auto& item : depends->get_array()) {
            if (!item.is_string()) return format_error("Every DependsOn value must be a string.");
            resource.depends_on.emplace_back(item.get_string());
        }
    }
    SEK_TRY(resource.condition, text_member(object, "Condition", name));
    SEK_TRY(resource.deletion_policy, parse_policy(object, "DeletionPolicy"));
    SEK_TRY(resource.update_replace_policy, parse_policy(object, "UpdateReplacePolicy"));
    if (const auto* metadata = object.if_contains("Metadata")) resource.metadata = *metadata;
    return resource;
}

Result<Output> parse_output(std::string_view name, const json::value& source) {
    if (!is_alphanumeric(name)) return format_error(fmt::format("Output name {} is non alphanumeric.", name));
    if (!source.is_object() || !source.get_object().contains("Value")) {
        return format_error(
            fmt::format("Output {} is malformed. Every Outputs member must contain a Value object", name));
    }
    const auto& object = source.get_object();
    Output output{.name = std::string(name), .value = object.at("Value")};
    SEK_TRY(output.description, text_member(object, "Description", name));
    SEK_TRY(output.condition, text_member(object, "Condition", name));
    if (const auto* exported = object.if_contains("Export")) {
        if (!exported->is_object() || exported->get_object().size() != 1 || !exported->get_object().contains("Name")) {
            return format_error(fmt::format("Output {} is malformed. Every Export must contain a Name", name));
        }
        output.export_name = exported->get_object().at("Name");
    }
    return output;
}

Result<Rule> parse_rule(std::string_view name, const json::value& source) {
    if (!is_alphanumeric(name)) return format_error(fmt::format("Rule name {} is non alphanumeric.", name));
    const auto* assertions = source.is_object() ? source.get_object().if_contains("Assertions") : nullptr;
    if (assertions == nullptr || !assertions->is_array()) {
        return format_error(fmt::format("Every Rules member must contain a list of Assertions; {} does not.", name));
    }
    Rule rule{.name = std::string(name)};
    for (const auto& [member, value] : source.get_object()) {
        if (member == "RuleCondition") {
            rule.condition = value;
        } else if (member != "Assertions") {
            return format_error(fmt::format("Rule {} has an unknown member {}.", name, std::string_view(member)));
        }
    }
    for (const auto& item : assertions->get_array()) {
        const auto* assertion = item.is_object() ? item.get_object().if_contains("Assert") : nullptr;
        if (assertion == nullptr) return format_error("Every Assertions member must contain an Assert.");
        SEK_TRY(auto description, text_member(item.get_object(), "AssertDescription", name));
        rule.assertions.push_back({*assertion, std::move(description)});
    }
    return rule;
}

// Map name -> key -> name -> text or list.
Result<void> check_mappings(const json::object& mappings) {
    for (const auto& [name, mapping] : mappings) {
        if (!mapping.is_object()) return format_error("Every Mappings member must be an object.");
        for (const auto& [key, attributes] : mapping.get_object()) {
            if (!attributes.is_object()) {
                return format_error(
                    fmt::format("Every Mappings member {} must be a map of maps", std::string_view(name)));
            }
            for (const auto& [attribute, value] : attributes.get_object()) {
                if (value.is_object() || value.is_null()) {
                    return format_error("Every Mappings attribute must be a String or a List.");
                }
            }
        }
    }
    return {};
}

Result<void> check_top(const json::object& root) {
    std::vector<std::string> unknown;
    for (const auto& [name, value] : root) {
        if (!is_in(top_members, name)) unknown.emplace_back(name);
    }
    if (!unknown.empty()) {
        return template_error(fmt::format("Invalid template property or properties [{}]", fmt::join(unknown, ", ")));
    }
    if (const auto* version = root.if_contains("AWSTemplateFormatVersion")) {
        if (scalar_text(*version) != "2010-09-09") {
            return format_error(
                fmt::format("Unsupported template format version: {}", scalar_text(*version).value_or("")));
        }
    }
    for (const std::string_view name : {"Transform", "Hooks"}) {
        if (root.contains(name)) return format_error(fmt::format("The section {} is not supported here.", name));
    }
    return {};
}

}  // namespace

const Parameter* Template::parameter(std::string_view name) const {
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() ? nullptr : &*found;
}

const Resource* Template::resource(std::string_view logical_id) const {
    const auto found = std::ranges::find(resources, logical_id, &Resource::logical_id);
    return found == resources.end() ? nullptr : &*found;
}

Result<Template> parse_template(std::string_view body) {
    SEK_TRY(const auto read, read_template(body));
    const auto& root = read.get_object();
    SEK_TRY(check_top(root));
    Template model;
    SEK_TRY(model.description, text_member(root, "Description", "the template"));
    if (model.description.size() > limits::template_description_bytes_max) {
        return format_error("Description exceeds the maximum length of 1024 bytes.");
    }
    if (const auto* metadata = root.if_contains("Metadata")) model.metadata = *metadata;
    SEK_TRY(const auto parameters, section(root, "Parameters", limits::template_parameters_max));
    for (const auto& [name, value] : parameters) {
        SEK_TRY(auto parameter, parse_parameter(name, value));
        model.parameters.push_back(std::move(parameter));
    }
    SEK_TRY(const auto rules, section(root, "Rules", limits::template_resources_max));
    for (const auto& [name, value] : rules) {
        SEK_TRY(auto rule, parse_rule(name, value));
        model.rules.push_back(std::move(rule));
    }
    SEK_TRY(model.mappings, section(root, "Mappings", limits::template_mappings_max));
    SEK_TRY(check_mappings(model.mappings));
    SEK_TRY(model.conditions, section(root, "Conditions", limits::template_resources_max));
    SEK_TRY(const auto resources, section(root, "Resources", limits::template_resources_max));
    if (resources.empty()) return format_error("At least one Resources member must be defined.");
    for (const auto& [name, value] : resources) {
        SEK_TRY(auto resource, parse_resource(name, value));
        model.resources.push_back(std::move(resource));
    }
    SEK_TRY(const auto outputs, section(root, "Outputs", limits::template_outputs_max));
    for (const auto& [name, value] : outputs) {
        SEK_TRY(auto output, parse_output(name, value));
        model.outputs.push_back(std::move(output));
    }
    SEK_TRY(check_references(model));
    return model;
}

}  // namespace sekisho::templates
