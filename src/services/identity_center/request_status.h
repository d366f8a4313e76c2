#pragma once
// Asynchronous requests as the wire shows them.
#include "domain/permission_sets.h"
#include "models/sso_admin.h"

namespace sekisho::identity_center_service {

sso_admin::StatusValues status_of(const domain::ProvisioningRequest& request);
sso_admin::AccountAssignmentOperationStatus assignment_status(const domain::ProvisioningRequest& request);
sso_admin::PermissionSetProvisioningStatus provisioning_status(const domain::ProvisioningRequest& request);

}  // namespace sekisho::identity_center_service
