// GetTemplate, GetTemplateSummary, ValidateTemplate.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <set>

#include "services/cloudformation/input.h"
#include "services/cloudformation/service.h"

namespace sekisho::cloudformation_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view capability_reason = "The following resource(s) require capabilities: [";

Result<cloudformation::GetTemplateOutput> get_template(Call& call, const cloudformation::GetTemplateInput& request) {
    if (!request.stack_name) return validation_error("StackName is required if ChangeSetName is not specified.");
    SEK_TRY(const auto stack, find_stack(call, *request.stack_name));
    auto template_id = stack.model.template_id;
    if (request.change_set_name) {
        auto name = *request.change_set_name;
        if (name.starts_with("arn:")) name = name.substr(name.find('/') + 1, name.rfind('/') - name.find('/') - 1);
        SEK_TRY(const auto set, domain::stack_change_sets.get(call.tx, stack.id, name));
        if (!set) {
            return cloudformation::errors::change_set_not_found_exception("ChangeSet [" + *request.change_set_name +
                                                                          "] does not exist");
        }
        template_id = set->model.template_id;
    }
    SEK_TRY(const auto text, domain::stack_templates.get(call.tx, stack.id, template_id));
    if (!text) return no_such_stack(*request.stack_name);
    return cloudformation::GetTemplateOutput{.template_body = text->body,
                                             .stages_available = std::vector{cloudformation::TemplateStage::original,
                                                                             cloudformation::TemplateStage::processed}};
}

// The types that need the capability that a template needs.
std::string reason_of(const templates::Template& model) {
    std::set<std::string> types;
    for (const auto& resource : model.resources) {
        const auto* type = find_type(resource.type);
        if (type != nullptr && type->is_iam) types.insert(resource.type);
    }
    std::string text(capability_reason);
    for (const auto& type : types) text += (text.ends_with('[') ? "" : ", ") + type;
    return text + "]";
}

template <class Response>
void add_capabilities(const templates::Template& model, Response& response) {
    const auto needed = required_capability(model);
    if (needed.empty()) return;
    response.capabilities = capabilities_to_wire({needed});
    response.capabilities_reason = reason_of(model);
}

Result<void> check_known_types(const templates::Template& model) {
    for (const auto& resource : model.resources) {
        if (find_type(resource.type) == nullptr) {
            return validation_error("Template format error: Unrecognized resource types: [" + resource.type + "]");
        }
    }
    return {};
}

Result<cloudformation::ValidateTemplateOutput> validate_template(Call&,
                                                                 const cloudformation::ValidateTemplateInput& request) {
    SEK_TRY(const auto body, read_body(request.template_body, request.template_url));
    SEK_TRY(const auto model, templates::parse_template(body));
    SEK_TRY(check_known_types(model));
    cloudformation::ValidateTemplateOutput response;
    response.parameters.emplace();
    for (const auto& parameter : model.parameters) {
        cloudformation::TemplateParameter wire;
        wire.parameter_key = parameter.name;
        wire.default_value = parameter.default_value;
        wire.no_echo = parameter.no_echo;
        if (!parameter.description.empty()) wire.description = parameter.description;
        response.parameters->push_back(std::move(wire));
    }
    if (!model.description.empty()) response.description = model.description;
    add_capabilities(model, response);
    return response;
}

Result<std::string> summary_body(Call& call, const cloudformation::GetTemplateSummaryInput& request) {
    if (!request.stack_name) return read_body(request.template_body, request.template_url);
    if (request.template_body || request.template_url) {
        return validation_error(
            "You must specify only one of the following parameters: StackName, StackSetName, "
            "TemplateBody, or TemplateURL.");
    }
    SEK_TRY(const auto stack, find_stack(call, *request.stack_name));
    SEK_TRY(const auto text, domain::stack_templates.get(call.tx, stack.id, stack.model.template_id));
    if (!text) return no_such_stack(*request.stack_name);
    return text->body;
}

Result<cloudformation::GetTemplateSummaryOutput> get_summary(Call& call,
                                                             const cloudformation::GetTemplateSummaryInput& request) {
    SEK_TRY(const auto body, summary_body(call, request));
    SEK_TRY(const auto model, templates::parse_template(body));
    SEK_TRY(check_known_types(model));
    cloudformation::GetTemplateSummaryOutput response;
    response.parameters.emplace();
    for (const auto& parameter : model.parameters) {
        cloudformation::ParameterDeclaration wire;
        wire.parameter_key = parameter.name;
        wire.default_value = parameter.default_value;
        wire.parameter_type = parameter.type;
        wire.no_echo = parameter.no_echo;
        if (!parameter.description.empty()) wire.description = parameter.description;
        wire.parameter_constraints = cloudformation::ParameterConstraints{};
        if (!parameter.allowed_values.empty()) wire.parameter_constraints->allowed_values = parameter.allowed_values;
        response.parameters->push_back(std::move(wire));
    }
    if (!model.description.empty()) response.description = model.description;
    add_capabilities(model, response);
    std::set<std::string> types;
    for (const auto& resource : model.resources) types.insert(resource.type);
    response.resource_types = std::vector(types.begin(), types.end());
    response.version = "2010-09-09";
    if (!model.metadata.is_null()) response.metadata = json::serialize(model.metadata);
    return response;
}

}  // namespace

const operation::OperationTable template_operations = {
    operation::operation<cloudformation::GetTemplate>({.access = Access::read,
                                                       .resources = on_stack_or_all<cloudformation::GetTemplateInput>,
                                                       .handle = get_template}),
    operation::operation<cloudformation::ValidateTemplate>(
        {.access = Access::read, .resources = operation::any_resource, .handle = validate_template}),
    operation::operation<cloudformation::GetTemplateSummary>(
        {.access = Access::read,
         .resources = on_stack_or_all<cloudformation::GetTemplateSummaryInput>,
         .handle = get_summary}),
};

}  // namespace sekisho::cloudformation_service
