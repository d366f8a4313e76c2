#include "services/iam/service.h"

#include "models/iam.h"

namespace sekisho::iam_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table :
         {&user_operations, &access_key_operations, &role_operations, &policy_operations, &policy_version_operations,
          &attachment_operations, &boundary_operations, &inline_policy_operations}) {
        registry.add(iam::service, *table);
    }
}

}  // namespace sekisho::iam_service
