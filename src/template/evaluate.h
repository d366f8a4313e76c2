#pragma once
// Intrinsic functions, pseudo parameters and conditions.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "template/template.h"

namespace sekisho::templates {

// What values depend on. References are asked when they are met.
struct Scope {
    const Template* model = nullptr;
    std::map<std::string, json::value, std::less<>> parameters;  // and pseudo parameters: texts or lists of texts
    std::map<std::string, bool, std::less<>> conditions;         // evaluate_conditions
    // Of a resource. None: references are not allowed here (conditions, export names of ValidateTemplate).
    std::function<Result<json::value>(const std::string& logical_id)> reference;
    std::function<Result<json::value>(const std::string& logical_id, const std::string& name)> attribute;
    std::function<Result<std::string>(const std::string& name)> import;
    std::function<std::vector<std::string>(const std::string& region)> zones;
    // Of what a parameter of a type (AWS::EC2::Subnet::Id) names; only rules ask.
    std::function<Result<std::string>(const std::string& type, const std::string& value, const std::string& attribute)>
        value_attribute;
};

// AWS::AccountId and the others that do not change within a stack, into scope.parameters.
struct StackNames {
    std::string account_id, region, stack_id, stack_name;
    std::vector<std::string> notification_arns;
};
void add_pseudo_parameters(Scope& scope, const StackNames& names);
bool is_pseudo_parameter(std::string_view name);

// scope.conditions from the template's. Errors: ValidationError.
Result<void> evaluate_conditions(Scope& scope);
bool holds(const Scope& scope, std::string_view condition);  // empty: yes

// Whether the parameters fit the template's rules. Errors: ValidationError, with the assertion's description.
Result<void> check_rules(const Scope& scope);

// The value with all functions applied; members and elements that are AWS::NoValue are gone. Nothing: the whole value
// is AWS::NoValue. Errors: ValidationError, and what the scope's own functions answer.
Result<std::optional<json::value>> evaluate(const Scope& scope, const json::value& value);
Result<std::string> evaluate_text(const Scope& scope, const json::value& value);

// Texts, numbers and booleans as a template's functions see them; nothing for lists and maps.
std::optional<std::string> scalar_text(const json::value& value);

// The parts of a Fn::Sub text: literal, or a name (X, X.Y, AWS::Z). "${!x}" is the literal "${x}".
struct SubPart {
    bool is_name = false;
    std::string text;
};
Result<std::vector<SubPart>> split_sub(std::string_view text);

// The name of the function that an object is ("Ref", "Fn::Sub"); empty: it is not one.
std::string_view function_name(const json::value& value);

}  // namespace sekisho::templates
