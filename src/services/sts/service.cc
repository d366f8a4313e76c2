#include "services/sts/service.h"

#include "models/sts.h"

namespace sekisho::sts_service {

void register_operations(operation::Registry& registry) {
    registry.add(sts::service, caller_identity_operations);
    registry.add(sts::service, assume_role_operations);
    registry.add(sts::service, session_token_operations);
}

}  // namespace sekisho::sts_service
