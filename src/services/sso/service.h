#pragma once
// SSO-OIDC and the SSO portal API. https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/ and
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/
#include "operation/operation.h"

namespace sekisho::sso_service {

void register_operations(operation::Registry& registry);

extern const operation::OperationTable client_operations;
extern const operation::OperationTable token_operations;
extern const operation::OperationTable application_token_operations;
extern const operation::OperationTable portal_operations;

}  // namespace sekisho::sso_service
