#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "operation/operation.h"

namespace sekisho::operation {

void Registry::add(const wire::ServiceModel& service, const OperationTable& table) {
    if (std::ranges::find(services_, &service) == services_.end()) services_.push_back(&service);
    for (const Operation& row : table) {
        const auto at = std::ranges::lower_bound(operations_, row.model, std::less<>(), &Row::first);
        if (at != operations_.end() && at->first == row.model) {
            std::fprintf(stderr, "two rows name the operation %s\n", std::string(row.model->name).c_str());
            std::abort();
        }
        operations_.insert(at, {row.model, row});
    }
}

const Operation* Registry::find(const wire::OperationModel& model) const {
    const auto at = std::ranges::lower_bound(operations_, &model, std::less<>(), &Row::first);
    return at != operations_.end() && at->first == &model ? &at->second : nullptr;
}

}  // namespace sekisho::operation
