#pragma once
// AWS Organizations. https://docs.aws.amazon.com/organizations/latest/APIReference/
#include "operation/operation.h"
#include "operation/pipeline.h"
#include "store/outbox.h"

namespace sekisho::organizations_service {

// Adds every Organizations operation that has a row, and the inner ones of this room.
void register_operations(operation::Registry& registry);
// The worker that makes accounts.
void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline);

extern const operation::OperationTable organization_operations;
extern const operation::OperationTable account_operations;
extern const operation::OperationTable account_creation_operations;
extern const operation::OperationTable inner_operations;               // of models/sekisho.json
extern const operation::OperationTable email_verification_operations;  // ..
extern const operation::OperationTable tree_operations;
extern const operation::OperationTable policy_operations;
extern const operation::OperationTable tag_operations;
extern const operation::OperationTable delegation_operations;
extern const operation::OperationTable handshake_operations;
extern const operation::OperationTable invitation_operations;
extern const operation::OperationTable all_features_operations;
extern const operation::OperationTable all_features_inner_operations;  // ..
extern const operation::OperationTable resource_policy_operations;

}  // namespace sekisho::organizations_service
