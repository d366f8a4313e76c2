#pragma once
// IAM Identity Center: identitystore, sso-admin, and Sekisho's own operations on the instance and its people.
// https://docs.aws.amazon.com/singlesignon/latest/APIReference/
// https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/
#include "operation/operation.h"
#include "operation/pipeline.h"
#include "store/outbox.h"

namespace sekisho::identity_center_service {

// Adds every operation of these three services that has a row here.
void register_operations(operation::Registry& registry);
// Provisioning of permission sets, and clearing up after deleted people and groups. Both outlive the workers.
void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline);

// identitystore
extern const operation::OperationTable identity_store_operations;
extern const operation::OperationTable user_operations;
extern const operation::OperationTable user_update_operations;
extern const operation::OperationTable group_operations;
extern const operation::OperationTable membership_operations;
// sso-admin
extern const operation::OperationTable instance_operations;
extern const operation::OperationTable region_operations;
extern const operation::OperationTable access_control_operations;
extern const operation::OperationTable permission_set_operations;
extern const operation::OperationTable managed_policy_operations;
extern const operation::OperationTable policy_document_operations;
extern const operation::OperationTable tag_operations;
extern const operation::OperationTable assignment_operations;
extern const operation::OperationTable provisioning_operations;
extern const operation::OperationTable application_operations;
extern const operation::OperationTable application_setting_operations;
extern const operation::OperationTable application_assignment_operations;
extern const operation::OperationTable trusted_token_issuer_operations;
extern const operation::OperationTable provisioning_status_operations;
// sekisho
extern const operation::OperationTable center_operations;
extern const operation::OperationTable person_state_operations;
extern const operation::OperationTable search_operations;
extern const operation::OperationTable completion_operations;
extern const operation::OperationTable region_completion_operations;

}  // namespace sekisho::identity_center_service
