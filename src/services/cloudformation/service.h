#pragma once
// The CloudFormation API. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
#include "operation/operation.h"
#include "operation/pipeline.h"
#include "store/outbox.h"

namespace sekisho::cloudformation_service {

// Adds every CloudFormation operation that has a row, and the inner ones of this room.
void register_operations(operation::Registry& registry);
// The worker that carries stacks out (worker.h).
void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline);

extern const operation::OperationTable stack_operations;
extern const operation::OperationTable stack_query_operations;
extern const operation::OperationTable recovery_operations;
extern const operation::OperationTable change_set_operations;
extern const operation::OperationTable template_operations;
extern const operation::OperationTable resource_operations;
extern const operation::OperationTable export_operations;
extern const operation::OperationTable machine_operations;  // of models/sekisho.json

}  // namespace sekisho::cloudformation_service
