#pragma once
// AWS Security Token Service. https://docs.aws.amazon.com/STS/latest/APIReference/
#include <functional>
#include <string>

#include "operation/operation.h"

namespace sekisho::sts_service {

// Adds the operations that need nothing from outside.
void register_operations(operation::Registry& registry);

// Gets a public document: https only, without redirects, within limits of size and time. Called from any thread;
// `done` is called once, from any thread.
using FetchDocument =
    std::function<void(std::string url, std::move_only_function<void(Result<std::string> document)> done)>;
// Adds AssumeRoleWithWebIdentity, which asks a token's issuer for its keys.
void register_web_identity(operation::Registry& registry, FetchDocument fetch);

extern const operation::OperationTable caller_identity_operations;
extern const operation::OperationTable assume_role_operations;
extern const operation::OperationTable session_token_operations;

}  // namespace sekisho::sts_service
