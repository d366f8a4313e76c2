#include "template/parameters.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace sekisho::templates {
namespace {

ApiError refused(const Parameter& parameter, std::string_view why) {
    if (!parameter.constraint_description.empty()) {
        return template_error(fmt::format("Parameter {} failed to satisfy constraint: {}", parameter.name,
                                          parameter.constraint_description));
    }
    return template_error(fmt::format("Parameter '{}' {}", parameter.name, why));
}

std::optional<double> number_of(std::string_view text) {
    const std::string copy(trim(text));
    char* end = nullptr;
    const double number = std::strtod(copy.c_str(), &end);
    if (copy.empty() || *end != '\0') return {};
    return number;
}

Result<void> check_number(const Parameter& parameter, std::string_view text) {
    const auto number = number_of(text);
    if (!number) return template_error(fmt::format("Parameter '{}' must be a number", parameter.name));
    if (parameter.value_min && *number < *parameter.value_min) {
        return refused(parameter, fmt::format("must be a number not less than {}", *parameter.value_min));
    }
    if (parameter.value_max && *number > *parameter.value_max) {
        return refused(parameter, fmt::format("must be a number not greater than {}", *parameter.value_max));
    }
    return {};
}

Result<void> check_one(const Parameter& parameter, const std::string& text) {
    if (parameter.type == "Number" || parameter.type == "List<Number>") SEK_TRY(check_number(parameter, text));
    if (!parameter.allowed_values.empty() &&
        std::ranges::find(parameter.allowed_values, text) == parameter.allowed_values.end()) {
        return refused(parameter, "must be one of AllowedValues");
    }
    if (!parameter.allowed_pattern.empty()) {
        RE2::Options options;
        options.set_log_errors(false);
        const RE2 pattern(parameter.allowed_pattern, options);
        if (!pattern.ok()) {
            return template_error(
                fmt::format("Template format error: AllowedPattern of parameter {} is not a valid "
                            "regular expression.",
                            parameter.name));
        }
        if (!RE2::FullMatch(text, pattern)) {
            return refused(parameter, "must match pattern " + parameter.allowed_pattern);
        }
    }
    return {};
}

Result<void> check(const Parameter& parameter, const std::string& text) {
    if (text.size() > limits::template_parameter_bytes_max) {
        return template_error(fmt::format("Length of value for parameter '{}' is greater than 4096", parameter.name));
    }
    if (is_list_type(parameter.type)) {
        for (const auto part : split(text, ',')) SEK_TRY(check_one(parameter, std::string(trim(part))));
    } else {
        SEK_TRY(check_one(parameter, text));
    }
    const auto length = static_cast<std::int64_t>(count_code_points(text));
    if (parameter.length_min && length < *parameter.length_min) {
        return refused(parameter, fmt::format("must contain at least {} characters", *parameter.length_min));
    }
    if (parameter.length_max && length > *parameter.length_max) {
        return refused(parameter, fmt::format("must contain at most {} characters", *parameter.length_max));
    }
    return {};
}

}  // namespace

bool is_list_type(std::string_view type) {
    return type == "CommaDelimitedList" || type.starts_with("List<");
}

bool is_known_type(std::string_view type) {
    if (type == "String" || type == "Number" || type == "CommaDelimitedList" || type == "List<Number>" ||
        type == "List<String>") {
        return true;
    }
    std::string_view inner = type;
    if (inner.starts_with("List<") && inner.ends_with('>')) inner = inner.substr(5, inner.size() - 6);
    // Types whose values AWS looks up: they are taken as texts; what does not exist fails where it is used.
    static constexpr std::string_view known[] = {
        "AWS::EC2::AvailabilityZone::Name", "AWS::EC2::Image::Id",  "AWS::EC2::Instance::Id",
        "AWS::EC2::KeyPair::KeyName",       "AWS::EC2::Subnet::Id", "AWS::EC2::SecurityGroup::GroupName",
        "AWS::EC2::SecurityGroup::Id",      "AWS::EC2::VPC::Id",    "AWS::EC2::Volume::Id",
        "AWS::Route53::HostedZone::Id"};
    return std::ranges::find(known, inner) != std::end(known);
}

Result<ParameterTexts> complete_parameters(const Template& model, const ParameterTexts& given) {
    std::vector<std::string> unknown;
    for (const auto& [name, text] : given) {
        if (model.parameter(name) == nullptr) unknown.push_back(name);
    }
    if (!unknown.empty()) {
        return template_error(fmt::format("Parameters: [{}] do not exist in the template", fmt::join(unknown, ", ")));
    }
    ParameterTexts complete;
    std::vector<std::string> missing;
    for (const auto& parameter : model.parameters) {
        const auto found = given.find(parameter.name);
        if (found == given.end() && !parameter.default_value) {
            missing.push_back(parameter.name);
            continue;
        }
        complete[parameter.name] = found == given.end() ? *parameter.default_value : found->second;
    }
    if (!missing.empty()) {
        return template_error(fmt::format("Parameters: [{}] must have values", fmt::join(missing, ", ")));
    }
    for (const auto& parameter : model.parameters) SEK_TRY(check(parameter, complete.at(parameter.name)));
    return complete;
}

void add_parameters(Scope& scope, const ParameterTexts& texts) {
    for (const auto& [name, text] : texts) {
        const auto* parameter = scope.model->parameter(name);
        if (parameter == nullptr) continue;
        if (!is_list_type(parameter->type)) {
            scope.parameters[name] = json::string(text);
            continue;
        }
        json::array items;
        if (!text.empty()) {
            for (const auto part : split(text, ',')) items.emplace_back(trim(part));
        }
        scope.parameters[name] = std::move(items);
    }
}

}  // namespace sekisho::templates
