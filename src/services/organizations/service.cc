#include "services/organizations/service.h"

#include "models/control.h"
#include "models/organizations.h"

namespace sekisho::organizations_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table : {&organization_operations, &account_operations, &account_creation_operations,
                              &tree_operations, &policy_operations, &tag_operations, &delegation_operations}) {
        registry.add(organizations::service, *table);
    }
    registry.add(control::service, inner_operations);
}

}  // namespace sekisho::organizations_service
