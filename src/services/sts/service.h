#pragma once
// AWS Security Token Service. https://docs.aws.amazon.com/STS/latest/APIReference/
#include "operation/operation.h"

namespace sekisho::sts_service {

// Adds every STS operation that has a row.
void register_operations(operation::Registry& registry);

extern const operation::OperationTable caller_identity_operations;
extern const operation::OperationTable assume_role_operations;
extern const operation::OperationTable session_token_operations;

}  // namespace sekisho::sts_service
