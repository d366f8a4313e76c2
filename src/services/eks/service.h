#pragma once
// The EKS control API. https://docs.aws.amazon.com/eks/latest/APIReference/
#include "operation/operation.h"

namespace sekisho::eks_service {

// Adds every EKS operation that has a row, and the inner ones of this room.
void register_operations(operation::Registry& registry);

extern const operation::OperationTable cluster_operations;
extern const operation::OperationTable nodegroup_operations;
extern const operation::OperationTable update_operations;
extern const operation::OperationTable access_entry_operations;
extern const operation::OperationTable access_policy_operations;
extern const operation::OperationTable addon_operations;
extern const operation::OperationTable pod_identity_operations;
extern const operation::OperationTable fargate_operations;
extern const operation::OperationTable identity_provider_operations;
extern const operation::OperationTable tag_operations;
extern const operation::OperationTable provider_report_operations;  // of models/sekisho.json

}  // namespace sekisho::eks_service
