#include "services/identity_center/service.h"

#include "models/control.h"
#include "models/identitystore.h"
#include "models/sso_admin.h"

namespace sekisho::identity_center_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table : {&identity_store_operations, &user_operations, &user_update_operations, &group_operations,
                              &membership_operations}) {
        registry.add(identitystore::service, *table);
    }
    for (const auto* table :
         {&instance_operations, &region_operations, &access_control_operations, &permission_set_operations,
          &managed_policy_operations, &policy_document_operations, &tag_operations, &assignment_operations,
          &provisioning_operations, &provisioning_status_operations, &application_operations,
          &application_setting_operations, &application_assignment_operations, &trusted_token_issuer_operations}) {
        registry.add(sso_admin::service, *table);
    }
    for (const auto* table : {&center_operations, &person_state_operations, &completion_operations,
                              &region_completion_operations, &search_operations}) {
        registry.add(control::service, *table);
    }
}

}  // namespace sekisho::identity_center_service
