#include "services/cloudformation/service.h"

#include "models/cloudformation.h"
#include "models/control.h"

namespace sekisho::cloudformation_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table : {&stack_operations, &stack_query_operations, &recovery_operations, &change_set_operations,
                              &template_operations, &resource_operations, &export_operations}) {
        registry.add(cloudformation::service, *table);
    }
    registry.add(control::service, machine_operations);
}

}  // namespace sekisho::cloudformation_service
