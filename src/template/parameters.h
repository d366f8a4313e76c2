#pragma once
// Parameters: types, constraints, and the values that a stack gives them.
#include <map>
#include <string>

#include "base/result.h"
#include "template/evaluate.h"
#include "template/template.h"

namespace sekisho::templates {

// One parameter's values, as given or by default: what Ref gives.
using ParameterTexts = std::map<std::string, std::string, std::less<>>;

// All values, defaults included. Errors: ValidationError "Parameters: [A] must have values", "... do not exist in the
// template", a constraint that is not kept.
Result<ParameterTexts> complete_parameters(const Template& model, const ParameterTexts& given);
// Into scope.parameters: texts, or lists for list types.
void add_parameters(Scope& scope, const ParameterTexts& texts);

bool is_list_type(std::string_view type);
bool is_known_type(std::string_view type);

}  // namespace sekisho::templates
