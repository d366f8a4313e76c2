#include "services/sekisho/service.h"

#include "models/control.h"

namespace sekisho::control_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table :
         {&sign_in_operations, &enrolment_operations, &invitation_operations, &portal_operations,
          &authorization_operations, &password_operations, &mfa_device_operations, &session_operations,
          &mail_operations, &own_account_operations, &identity_mapping_operations}) {
        registry.add(control::service, *table);
    }
}

}  // namespace sekisho::control_service
