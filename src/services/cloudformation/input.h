#pragma once
// What a request wants a stack to be: template, parameters, tags and capabilities, checked before anything is written.
#include "services/cloudformation/common.h"
#include "services/cloudformation/evaluation.h"

namespace sekisho::cloudformation_service {

// The members that CreateStack, UpdateStack and CreateChangeSet have alike.
struct ModelInput {
    const std::optional<std::string>& template_body;
    const std::optional<std::string>& template_url;
    bool use_previous_template;
    const std::optional<std::vector<cloudformation::Parameter>>& parameters;
    const std::optional<std::vector<cloudformation::Capability>>& capabilities;
    const std::optional<std::vector<cloudformation::Tag>>& tags;
    const std::optional<std::vector<std::string>>& notification_arns;
};
template <class Request>
ModelInput model_input(const Request& request) {
    bool use_previous = false;
    if constexpr (requires { request.use_previous_template; }) {
        use_previous = request.use_previous_template.value_or(false);
    }
    return {request.template_body, request.template_url,      use_previous, request.parameters, request.capabilities,
            request.tags,          request.notification_ar_ns};
}

struct Desired {
    domain::StackModel model;
    domain::StackTemplate text;
    EvaluationPointer evaluation;
};
// `previous`: what the stack is now; null for a new one. Errors: ValidationError, InsufficientCapabilitiesException.
Result<Desired> read_desired(const operation::Call& call, const domain::Stack& stack, const ModelInput& input,
                             const domain::StackModel* previous);

// A member that names a text in S3: there is no S3 here. ValidationError in AWS's words.
ApiError refuse_url(std::string_view member, const std::string& url);

// The text of a template that a request gives. Errors: ValidationError.
Result<std::string> read_body(const std::optional<std::string>& body, const std::optional<std::string>& url);

std::vector<cloudformation::Parameter> parameters_to_wire(const domain::StackModel& model);
std::vector<cloudformation::Capability> capabilities_to_wire(const std::vector<std::string>& capabilities);

// What an update would do, in the template's order, removals last.
Result<std::vector<cloudformation::Change>> compute_changes(const operation::Call& call, const domain::Stack& stack,
                                                            const Desired& desired);
// Nothing of the stack would be different: no resource, tag or output.
Result<bool> is_unchanged(const operation::Call& call, const domain::Stack& stack, const Desired& desired,
                          const std::vector<cloudformation::Change>& changes);

}  // namespace sekisho::cloudformation_service
