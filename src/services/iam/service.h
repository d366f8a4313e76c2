#pragma once
// AWS Identity and Access Management. https://docs.aws.amazon.com/IAM/latest/APIReference/
#include "operation/operation.h"

namespace sekisho::iam_service {

// Adds every IAM operation that has a row.
void register_operations(operation::Registry& registry);

extern const operation::OperationTable user_operations;
extern const operation::OperationTable access_key_operations;
extern const operation::OperationTable login_profile_operations;
extern const operation::OperationTable group_operations;
extern const operation::OperationTable role_operations;
extern const operation::OperationTable service_linked_role_operations;
extern const operation::OperationTable policy_operations;
extern const operation::OperationTable policy_version_operations;
extern const operation::OperationTable policy_list_operations;
extern const operation::OperationTable attachment_operations;
extern const operation::OperationTable boundary_operations;
extern const operation::OperationTable inline_policy_operations;
extern const operation::OperationTable instance_profile_operations;
extern const operation::OperationTable saml_provider_operations;
extern const operation::OperationTable account_operations;
extern const operation::OperationTable password_policy_operations;
extern const operation::OperationTable authorization_detail_operations;
extern const operation::OperationTable simulation_operations;
extern const operation::OperationTable user_credential_operations;
extern const operation::OperationTable virtual_mfa_device_operations;
extern const operation::OperationTable mfa_device_operations;
extern const operation::OperationTable oidc_provider_operations;

}  // namespace sekisho::iam_service
