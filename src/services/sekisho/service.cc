#include "services/sekisho/service.h"

#include "models/control.h"
#include "operation/work_pool.h"

namespace sekisho::control_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table :
         {&sign_in_operations, &first_sign_in_operations, &enrolment_operations, &invitation_operations,
          &portal_operations, &authorization_operations, &password_operations, &mfa_device_operations,
          &session_operations, &mail_operations, &own_account_operations}) {
        registry.add(control::service, *table);
    }
}

void wait_for_pools() {
    operation::password_pool().wait_idle();
    operation::trail_pool().wait_idle();
}

}  // namespace sekisho::control_service
