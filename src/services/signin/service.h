#pragma once
// AWS Sign-In (models/signin.json). https://docs.aws.amazon.com/signin/latest/APIReference/
#include "operation/operation.h"

namespace sekisho::signin_service {

void register_operations(operation::Registry& registry);

extern const operation::OperationTable sign_in_operations;
extern const operation::OperationTable enrolment_operations;
extern const operation::OperationTable root_password_operations;
extern const operation::OperationTable console_operations;
extern const operation::OperationTable authorization_operations;
extern const operation::OperationTable token_operations;

}  // namespace sekisho::signin_service
