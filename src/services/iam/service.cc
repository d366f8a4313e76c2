#include "services/iam/service.h"

#include "models/iam.h"

namespace sekisho::iam_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table : {&user_operations,
                              &access_key_operations,
                              &login_profile_operations,
                              &group_operations,
                              &role_operations,
                              &service_linked_role_operations,
                              &policy_operations,
                              &policy_version_operations,
                              &policy_list_operations,
                              &attachment_operations,
                              &boundary_operations,
                              &inline_policy_operations,
                              &instance_profile_operations,
                              &saml_provider_operations,
                              &account_operations,
                              &password_policy_operations,
                              &authorization_detail_operations,
                              &user_credential_operations,
                              &virtual_mfa_device_operations,
                              &mfa_device_operations,
                              &oidc_provider_operations,
                              &simulation_operations}) {
        registry.add(iam::service, *table);
    }
}

}  // namespace sekisho::iam_service
