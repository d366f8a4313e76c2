// A template of any bytes is read or refused with a text; what is read orders its resources and evaluates each of its
// values to something of bounded size, without functions left in it, or to an error with a text.
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <cstdlib>

#include "base/limits.h"
#include "template/graph.h"
#include "template/parameters.h"

namespace {

using namespace sekisho;
using namespace sekisho::templates;

template <class T>
bool succeeded(const Result<T>& result) {
    if (!result && result.error().message.empty()) std::abort();
    return result.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto model = parse_template(body);
    if (!succeeded(model)) return 0;
    ParameterTexts given;
    for (const auto& parameter : model->parameters) given[parameter.name] = parameter.default_value.value_or("1");
    const auto texts = complete_parameters(*model, given);
    if (!succeeded(texts)) return 0;
    Scope scope;
    scope.model = &*model;
    add_pseudo_parameters(scope, {"111122223333", "us-east-1", "stack/id", "s", {}});
    add_parameters(scope, *texts);
    if (!succeeded(evaluate_conditions(scope))) return 0;
    scope.reference = [](const std::string& id) { return Result<json::value>(json::string(id)); };
    scope.attribute = [](const std::string& id, const std::string&) { return Result<json::value>(json::string(id)); };
    scope.import = [](const std::string& name) { return Result<std::string>(name); };
    scope.value_attribute = [](const std::string&, const std::string& value, const std::string&) {
        return Result<std::string>(value);
    };
    succeeded(check_rules(scope));
    const auto order = dependencies(scope);
    if (!succeeded(order)) return 0;
    for (const auto& [name, needs] : *order) {
        const auto* resource = model->resource(name);
        if (resource == nullptr || needs.contains(name)) std::abort();
        const auto value = evaluate(scope, resource->properties);
        if (!succeeded(value) || !*value) continue;
        // Spending counts texts and nodes; JSON's escapes are at most six bytes for one.
        if (json::serialize(**value).size() > limits::template_value_bytes_max * 8) std::abort();
    }
    for (const auto& output : model->outputs) succeeded(evaluate_text(scope, output.value));
    return 0;
}
