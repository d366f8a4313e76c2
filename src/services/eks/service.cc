#include "services/eks/service.h"

#include "models/control.h"
#include "models/eks.h"

namespace sekisho::eks_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table : {&cluster_operations, &nodegroup_operations, &update_operations, &access_entry_operations,
                              &access_policy_operations, &addon_operations, &pod_identity_operations,
                              &fargate_operations, &identity_provider_operations, &tag_operations}) {
        registry.add(eks::service, *table);
    }
    registry.add(control::service, provider_report_operations);
}

}  // namespace sekisho::eks_service
