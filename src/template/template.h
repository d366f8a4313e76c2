#pragma once
// A CloudFormation template as values. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace sekisho::templates {

struct Parameter {
    std::string name;
    std::string type;
    std::optional<std::string> default_value;
    bool no_echo = false;
    std::vector<std::string> allowed_values;
    std::string allowed_pattern;
    std::string constraint_description;
    std::string description;
    std::optional<std::int64_t> length_min, length_max;
    std::optional<double> value_min, value_max;
};

enum class RemovalPolicy : std::uint8_t { remove, retain, retain_except_on_create };

struct Resource {
    std::string logical_id;
    std::string type;
    json::value properties = json::object();
    std::vector<std::string> depends_on;
    std::string condition;  // empty: always
    RemovalPolicy deletion_policy = RemovalPolicy::remove;
    RemovalPolicy update_replace_policy = RemovalPolicy::remove;
    json::value metadata;
};

struct Output {
    std::string name;
    json::value value;
    std::string description;
    std::string condition;
    std::optional<json::value> export_name;
};

// What parameters must fit: the assertions count where the condition holds.
struct Assertion {
    json::value assertion;
    std::string description;  // the error's text
};
struct Rule {
    std::string name;
    std::optional<json::value> condition;  // none: always
    std::vector<Assertion> assertions;
};

struct Template {
    std::string description;
    json::value metadata;
    std::vector<Parameter> parameters;
    std::vector<Rule> rules;
    json::object mappings;
    json::object conditions;
    std::vector<Resource> resources;
    std::vector<Output> outputs;

    const Parameter* parameter(std::string_view name) const;
    const Resource* resource(std::string_view logical_id) const;
};

// The text as JSON, short forms of YAML as the long ones. Errors: ValidationError "Template format error: ...".
Result<json::value> read_template(std::string_view body);

// Reads and checks all that needs no values: form, limits, functions' arguments, references to names that are not
// there. Errors: ValidationError with AWS's text.
Result<Template> parse_template(std::string_view body);

ApiError template_error(std::string message);  // ValidationError

}  // namespace sekisho::templates
