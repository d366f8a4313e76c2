#pragma once
// What a template's values refer to, and what follows for the order of its resources.
#include <functional>
#include <map>
#include <set>
#include <string>

#include "template/evaluate.h"
#include "template/template.h"

namespace sekisho::templates {

struct Reference {
    std::string name;       // a resource, parameter or pseudo parameter
    std::string attribute;  // of Fn::GetAtt; empty: Ref
};
// Each reference in `value`. With `scope`, only the branch of Fn::If that is taken; without, both.
Result<void> visit_references(const Scope* scope, const json::value& value,
                              const std::function<Result<void>(const Reference&)>& visit);

using Dependencies = std::map<std::string, std::set<std::string>>;  // resource -> resources that come first
// Of the resources whose condition holds. Errors: ValidationError: a reference to a resource that is not made, a
// circle.
Result<Dependencies> dependencies(const Scope& scope);

// Every function has the arguments it needs and stands where it may; every reference is to something that its section
// may refer to. Errors: ValidationError.
Result<void> check_references(const Template& model);

}  // namespace sekisho::templates
