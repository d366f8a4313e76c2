#include "services/signin/service.h"

#include "models/signin.h"

namespace sekisho::signin_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table : {&sign_in_operations, &enrolment_operations, &root_password_operations,
                              &console_operations, &authorization_operations, &token_operations}) {
        registry.add(signin::service, *table);
    }
}

}  // namespace sekisho::signin_service
