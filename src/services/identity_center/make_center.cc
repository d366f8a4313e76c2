#include "services/identity_center/make_center.h"

#include "models/sso_admin.h"

namespace sekisho::identity_center_service {

Result<domain::IdentityCenter> make_center(operation::Call& call, const NewCenter& wanted) {
    const domain::IdentityCenter center{
        .instance_arn = InstanceArn("arn:aws:sso:::instance/ssoins-" + random_hex(call.random, 16)),
        .identity_store_id = IdentityStoreId("d-" + random_hex(call.random, 10)),
        .owner_account_id = call.account(),
        .organization_id = wanted.organization_id,
        .region = wanted.region,
        .name = wanted.name,
        .status = "ACTIVE",
        .portal_host_name = {},
        .mfa = {},
        .created_at = call.now,
        .tags = wanted.tags,
        .client_token = wanted.client_token,
        .access_control_attributes = {}};
    if (auto put = domain::identity_centers.put(call.tx, center); !put) {
        if (put.error().code != store::codes::unique_index_violation) return std::move(put).error();
        return sso_admin::errors::conflict_exception(
            "An instance of IAM Identity Center already exists for this account.");
    }
    return center;
}

}  // namespace sekisho::identity_center_service
