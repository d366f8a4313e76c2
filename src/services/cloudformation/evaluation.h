#pragma once
// A stack's model with its values: template, parameters, conditions, and what its resources are known to be.
#include <map>
#include <memory>
#include <set>
#include <string>

#include "domain/stacks.h"
#include "services/cloudformation/type.h"
#include "store/reader.h"
#include "template/evaluate.h"
#include "template/graph.h"

namespace sekisho::cloudformation_service {

using ResourceRows = std::map<std::string, domain::StackResource>;  // by logical id

struct Evaluation {
    templates::Template model;
    templates::Scope scope;
    templates::Dependencies order;  // of the resources that are to be
    bool is_to_be(const std::string& logical_id) const { return order.contains(logical_id); }
};
using EvaluationPointer = std::unique_ptr<Evaluation>;

// Everything that needs no resource: form, types, parameters, conditions, order, attributes. `masked`: NoEcho
// parameters are "****". Errors: ValidationError.
Result<EvaluationPointer> evaluate_model(const domain::Stack& stack, const domain::StackModel& model,
                                         std::string_view body, bool masked = false);
// The model of a stack that is in the store.
Result<EvaluationPointer> load_model(const store::Reader& reader, const domain::Stack& stack,
                                     const domain::StackModel& model, bool masked = false);
// References go to the rows, imports to the exports of the stack's account and region.
void resolve_references(Evaluation& evaluation, const store::Reader& reader, const domain::Stack& stack,
                        const ResourceRows& rows);

// Whether the model's parameters fit its template's rules; what they name is looked up in the stack's account and
// region. Errors: ValidationError.
Result<void> check_model_rules(Evaluation& evaluation, const store::Reader& reader, const domain::Stack& stack);

// The exports that a model imports. Errors: ValidationError (a name that depends on a resource).
Result<std::set<std::string>> imported_names(const Evaluation& evaluation);
// Outputs as a stack shows them. Errors: ValidationError.
Result<std::vector<domain::StackOutput>> outputs_of(const Evaluation& evaluation);
// CAPABILITY_IAM or CAPABILITY_NAMED_IAM, if the template needs one; and its reason.
std::string required_capability(const templates::Template& model);
// Properties with functions applied. Errors: ValidationError, and a scope's own.
Result<json::object> properties_of(const Evaluation& evaluation, const templates::Resource& resource);
// The stack's tags and over them the resource's own.
domain::Tags tags_of(const ResourceType& type, const domain::Tags& stack_tags, const json::object& properties);

}  // namespace sekisho::cloudformation_service
