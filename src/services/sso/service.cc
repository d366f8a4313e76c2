#include "services/sso/service.h"

#include "models/sso.h"
#include "models/sso_oidc.h"

namespace sekisho::sso_service {

void register_operations(operation::Registry& registry) {
    registry.add(sso_oidc::service, client_operations);
    registry.add(sso_oidc::service, token_operations);
    registry.add(sso::service, portal_operations);
}

}  // namespace sekisho::sso_service
