#include "services/cloudformation/common.h"
#include "services/cloudformation/service.h"

namespace sekisho::cloudformation_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t exports_in_page = 100;

Result<cloudformation::ListExportsOutput> list_exports(Call& call, const cloudformation::ListExportsInput& request) {
    SEK_TRY(auto page, read_page(call, "ListExports", request.next_token, exports_in_page));
    page.direction = store::Direction::forward;
    SEK_TRY(const auto found, domain::stack_exports.scan(call.tx, store::prefix(call.account(), call.region()), page));
    cloudformation::ListExportsOutput response;
    response.exports.emplace();
    for (const auto& item : found.items) {
        response.exports->push_back({.exporting_stack_id = item.stack_arn, .name = item.name, .value = item.value});
    }
    response.next_token = next_token(call, "ListExports", found.next);
    return response;
}

Result<cloudformation::ListImportsOutput> list_imports(Call& call, const cloudformation::ListImportsInput& request) {
    const std::string scope = "ListImports " + request.export_name;
    SEK_TRY(auto page, read_page(call, scope, request.next_token, exports_in_page));
    page.direction = store::Direction::forward;
    const bool is_known = domain::stack_exports.exists(call.tx, call.account(), call.region(), request.export_name);
    if (!is_known) return validation_error("Export '" + request.export_name + "' does not exist.");
    SEK_TRY(const auto found, domain::stack_imports.scan(
                                  call.tx, store::prefix(call.account(), call.region(), request.export_name), page));
    if (found.items.empty()) {
        return validation_error("Export '" + request.export_name + "' is not imported by any stack.");
    }
    cloudformation::ListImportsOutput response;
    response.imports.emplace();
    for (const auto& item : found.items) response.imports->push_back(item.stack_name);
    response.next_token = next_token(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable export_operations = {
    operation::operation<cloudformation::ListExports>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_exports}),
    operation::operation<cloudformation::ListImports>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_imports}),
};

}  // namespace sekisho::cloudformation_service
