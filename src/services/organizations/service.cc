#include "services/organizations/service.h"

#include "models/control.h"
#include "models/organizations.h"

namespace sekisho::organizations_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table :
         {&organization_operations, &account_operations, &account_creation_operations, &tree_operations,
          &policy_operations, &tag_operations, &delegation_operations, &handshake_operations, &invitation_operations,
          &all_features_operations, &resource_policy_operations}) {
        registry.add(organizations::service, *table);
    }
    for (const auto* table : {&inner_operations, &email_verification_operations, &all_features_inner_operations}) {
        registry.add(control::service, *table);
    }
}

}  // namespace sekisho::organizations_service
