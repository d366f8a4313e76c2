#pragma once
// AWS Security Token Service. https://docs.aws.amazon.com/STS/latest/APIReference/
#include <memory>

#include "access/issuer_keys.h"
#include "operation/operation.h"

namespace sekisho::sts_service {

// Adds the operations that need nothing from outside.
void register_operations(operation::Registry& registry);

// Adds AssumeRoleWithWebIdentity, which asks a token's issuer for its keys.
void register_web_identity(operation::Registry& registry, std::shared_ptr<access::IssuerKeys> issuers);

extern const operation::OperationTable caller_identity_operations;
extern const operation::OperationTable assume_role_operations;
extern const operation::OperationTable session_token_operations;

}  // namespace sekisho::sts_service
