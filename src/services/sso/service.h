#pragma once
// SSO-OIDC and the SSO portal API. https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/ and
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/
#include <memory>

#include "access/issuer_keys.h"
#include "operation/operation.h"

namespace sekisho::sso_service {

void register_operations(operation::Registry& registry);
// Adds CreateTokenWithIAM, which asks a trusted token issuer for its keys.
void register_application_tokens(operation::Registry& registry, std::shared_ptr<access::IssuerKeys> issuers);

extern const operation::OperationTable client_operations;
extern const operation::OperationTable token_operations;
extern const operation::OperationTable portal_operations;

}  // namespace sekisho::sso_service
