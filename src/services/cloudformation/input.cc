#include "services/cloudformation/input.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace sekisho::cloudformation_service {

using operation::Call;

// A text that lies in S3. There is no S3 here, so no bucket exists: AWS's words for that.
ApiError refuse_url(std::string_view member, const std::string& url) {
    const auto host_end = url.find('/', std::string_view("https://").size());
    const auto host = url.starts_with("https://") ? url.substr(8, host_end - 8) : std::string();
    const bool is_s3 = host.ends_with(".amazonaws.com") && (host.starts_with("s3") || host.find(".s3") != host.npos);
    if (!is_s3) return validation_error(fmt::format("{} must be a supported URL.", member));
    return validation_error(
        "S3 error: The specified bucket does not exist\nFor more information check "
        "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html");
}

Result<std::string> read_body(const std::optional<std::string>& body, const std::optional<std::string>& url) {
    if (url) return refuse_url("TemplateURL", *url);
    if (!body || body->empty()) return validation_error("Either Template URL or Template Body must be specified.");
    if (body->size() > limits::template_body_bytes_max) {
        return validation_error(
            fmt::format("1 validation error detected: Value at 'templateBody' failed to satisfy "
                        "constraint: Member must have length less than or equal to {}",
                        limits::template_body_bytes_max));
    }
    return *body;
}

namespace {

Result<std::vector<domain::StackParameter>> read_parameters(const ModelInput& input,
                                                            const domain::StackModel* previous) {
    std::vector<domain::StackParameter> parameters;
    for (const auto& given : input.parameters.value_or(std::vector<cloudformation::Parameter>())) {
        if (!given.parameter_key) return validation_error("Parameters: every parameter must have a ParameterKey");
        domain::StackParameter parameter{.key = *given.parameter_key,
                                         .value = Secret(given.parameter_value.value_or(""))};
        if (given.use_previous_value.value_or(false)) {
            if (previous == nullptr) {
                return validation_error(
                    fmt::format("Invalid input for parameter key {}. Cannot specify usePreviousValue "
                                "as true for a parameter key not in the previous template",
                                parameter.key));
            }
            const auto old = std::ranges::find(previous->parameters, parameter.key, &domain::StackParameter::key);
            // Not given before either: the default.
            if (old == previous->parameters.end()) continue;
            parameter.value = old->value;
        }
        if (std::ranges::find(parameters, parameter.key, &domain::StackParameter::key) != parameters.end()) {
            return validation_error(fmt::format("Parameters: [{}] are duplicated", parameter.key));
        }
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

Result<void> check_tags(const domain::Tags& tags) {
    if (tags.size() > limits::tags_max) return validation_error("Stack tags exceed the maximum of 50.");
    for (const auto& [key, value] : tags) {
        if (starts_with_ignoring_case(key, "aws:")) {
            return validation_error("aws: prefixed tag key names are not allowed for external use.");
        }
    }
    return {};
}

Result<void> check_capabilities(const Desired& desired) {
    const auto needed = required_capability(desired.evaluation->model);
    const auto& given = desired.model.capabilities;
    const auto has = [&](std::string_view capability) { return std::ranges::find(given, capability) != given.end(); };
    if (needed.empty() || has("CAPABILITY_NAMED_IAM") || has(needed)) return {};
    return cloudformation::errors::insufficient_capabilities_exception(
        fmt::format("Requires capabilities : [{}]", needed));
}

}  // namespace

Result<Desired> read_desired(const Call& call, const domain::Stack& stack, const ModelInput& input,
                             const domain::StackModel* previous) {
    Desired desired;
    std::optional<domain::StackTemplate> old;
    if (previous != nullptr) {
        SEK_TRY(old, domain::stack_templates.get(call.tx, stack.id, previous->template_id));
    }
    if (input.use_previous_template) {
        if (!old) return validation_error("No previous template exists for the stack.");
        if (input.template_body || input.template_url) {
            return validation_error("Either Template URL or Template Body or UsePreviousTemplate must be specified.");
        }
        desired.text = *old;
    } else {
        SEK_TRY(desired.text.body, read_body(input.template_body, input.template_url));
        desired.text.stack_id = stack.id;
        desired.text.id = random_uuid(call.random);
    }
    auto& model = desired.model;
    model.template_id = desired.text.id;
    SEK_TRY(model.parameters, read_parameters(input, previous));
    model.tags = input.tags || previous == nullptr ? tags_from_wire(input.tags) : previous->tags;
    model.notification_arns = input.notification_arns || previous == nullptr
                                  ? input.notification_arns.value_or(std::vector<std::string>())
                                  : previous->notification_arns;
    for (const auto capability : input.capabilities.value_or(std::vector<cloudformation::Capability>())) {
        model.capabilities.emplace_back(enum_text(capability));
    }
    SEK_TRY(check_tags(model.tags));
    SEK_TRY(desired.evaluation, evaluate_model(stack, model, desired.text.body));
    SEK_TRY(check_model_rules(*desired.evaluation, call.tx, stack));
    SEK_TRY(check_capabilities(desired));
    // Defaults become the stack's own values, as DescribeStacks shows them.
    for (const auto& parameter : desired.evaluation->model.parameters) {
        const auto given = std::ranges::find(model.parameters, parameter.name, &domain::StackParameter::key);
        if (given != model.parameters.end()) {
            given->no_echo = parameter.no_echo;
        } else {
            model.parameters.push_back({.key = parameter.name,
                                        .value = Secret(parameter.default_value.value_or("")),
                                        .no_echo = parameter.no_echo});
        }
    }
    return desired;
}

std::vector<cloudformation::Parameter> parameters_to_wire(const domain::StackModel& model) {
    std::vector<cloudformation::Parameter> wire;
    for (const auto& parameter : model.parameters) {
        wire.push_back({.parameter_key = parameter.key,
                        .parameter_value = parameter.no_echo ? "****" : std::string(parameter.value.expose())});
    }
    return wire;
}

std::vector<cloudformation::Capability> capabilities_to_wire(const std::vector<std::string>& capabilities) {
    std::vector<cloudformation::Capability> wire;
    for (const auto& name : capabilities) {
        if (const auto capability = enum_of<cloudformation::Capability>(name)) wire.push_back(*capability);
    }
    return wire;
}

}  // namespace sekisho::cloudformation_service
