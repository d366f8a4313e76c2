// sekisho operations: the coverage table, as this program was built.
#include <fmt/format.h>

#include <memory>

#include "base/json.h"
#include "cli/program.h"
#include "server/services.h"

namespace sekisho::cli {

namespace {

Result<void> print_operations(bool as_json) {
    const operation::Registry registry = server::make_registry();
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const wire::ServiceModel* service : registry.services()) {
        std::size_t done = 0;
        std::size_t all = 0;
        for (const wire::OperationModel* model : service->operations) {
            if (model->is_internal) continue;
            const bool implemented = registry.find(*model) != nullptr;
            done += implemented;
            ++all;
            json.begin_object().member("service", service->name).member("operation", model->name);
            json.member("action", model->iam_action);
            json.member("state", implemented ? "implemented" : "not implemented").end_object();
            if (!as_json && implemented) fmt::print("{:<16} {}\n", service->name, model->name);
        }
        if (!as_json) fmt::print("{:<16} {} of {} operations\n\n", service->name, done, all);
    }
    json.end_array();
    if (as_json) fmt::print("{}\n", out);
    return {};
}

}  // namespace

void add_operations(Program& program) {
    auto as_json = std::make_shared<bool>(false);
    auto* command = program.add(program.app(), "operations", "Show which operations of which services work",
                                [as_json] { return print_operations(*as_json); });
    program.add_home(*command);
    command->add_flag("--json", *as_json, "As JSON: service, operation, action, state");
}

}  // namespace sekisho::cli
