#include "access/records.h"
#include "models/sso_admin.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/make_center.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"
#include "services/identity_center/tags.h"

namespace sekisho::identity_center_service {
namespace {

template <class Wire>
void fill_instance(const domain::IdentityCenter& center, Wire& wire) {
    wire.instance_arn = center.instance_arn.str();
    wire.identity_store_id = center.identity_store_id.str();
    wire.identity_store_arn = domain::identity_store_arn(center);
    wire.owner_account_id = center.owner_account_id.str();
    if (!center.name.empty()) wire.name = center.name;
    wire.created_date = center.created_at;
    wire.status = sso_admin::InstanceStatus::active;
    wire.primary_region = center.region.str();
    wire.regions = regions_of(center);
}

// The account's own, and its organization's.
Result<sso_admin::ListInstancesResponse> list_instances(Call& call, const sso_admin::ListInstancesRequest& request) {
    SEK_TRY(open_page(call, "ListInstances", request));
    sso_admin::ListInstancesResponse response;
    response.instances.emplace();
    const bool all_regions = request.region_scope == sso_admin::RegionScope::all_regions;
    const auto add = [&](const std::optional<domain::IdentityCenter>& center) {
        if (center && (all_regions || center->region == call.region())) {
            fill_instance(*center, response.instances->emplace_back());
        }
    };
    const auto own = own_center(call);
    const auto organization = organization_center(call);
    add(own);
    if (!own || !organization || own->instance_arn != organization->instance_arn) add(organization);
    return response;
}

Result<sso_admin::DescribeInstanceResponse> describe_instance(Call& call,
                                                              const sso_admin::DescribeInstanceRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::DescribeInstance>(call, request));
    sso_admin::DescribeInstanceResponse response;
    fill_instance(center, response);
    response.encryption_configuration_details =
        sso_admin::EncryptionConfigurationDetails{.key_type = sso_admin::KmsKeyType::aws_owned_kms_key,
                                                  .kms_key_arn = {},
                                                  .encryption_status = sso_admin::KmsKeyStatus::enabled,
                                                  .encryption_status_reason = {}};
    response.permission_sets_enabled = center.organization_id.has_value();
    return response;
}

Result<sso_admin::UpdateInstanceResponse> update_instance(Call& call, const sso_admin::UpdateInstanceRequest& request) {
    SEK_TRY(auto center, instance_of<sso_admin::UpdateInstance>(call, request));
    const int parts = int{request.encryption_configuration.has_value()} +
                      int{request.permission_sets_enabled.has_value()} + int{request.network_configuration.has_value()};
    if (parts > 1) {
        return sso_admin::errors::validation_exception(
            "Specify only one of EncryptionConfiguration, PermissionSetsEnabled, and NetworkConfiguration.");
    }
    if (request.encryption_configuration &&
        request.encryption_configuration->key_type != sso_admin::KmsKeyType::aws_owned_kms_key) {
        return sso_admin::errors::validation_exception("Customer managed keys are not supported.");
    }
    if (request.permission_sets_enabled && *request.permission_sets_enabled != center.organization_id.has_value()) {
        return sso_admin::errors::validation_exception(
            "Permission sets are enabled for the organization's instance, and for no other.");
    }
    if (request.network_configuration && request.network_configuration->vpce_access_required) {
        return sso_admin::errors::validation_exception("VPC endpoints are not supported.");
    }
    if (request.name) {
        center.name = *request.name;
        SEK_TRY(domain::identity_centers.put(call.tx, center));
    }
    return sso_admin::UpdateInstanceResponse();
}

access::Permissions create_instance_permissions(const Call&, const sso_admin::CreateInstanceRequest& request) {
    access::Permissions permissions{{.resource = "arn:aws:sso:::instance/*"}};
    add_request_tags(permissions, tags_of(request.tags));
    return permissions;
}

// Account instances only: an organization's is enabled by its management account (sekisho:EnableIdentityCenter).
Result<sso_admin::CreateInstanceResponse> create_instance(Call& call, const sso_admin::CreateInstanceRequest& request) {
    const auto account = access::cached_account(call.tx, call.account());
    if (account && account->organization_id) {
        const auto organization = access::cached_organization(call.tx, *account->organization_id);
        if (organization && organization->management_account_id == call.account()) {
            return sso_admin::errors::access_denied_exception(
                "An account instance cannot be created within the organization's management account.");
        }
    }
    const auto token = request.client_token.value_or("");
    if (const auto own = own_center(call); own && !token.empty() && own->client_token == token) {
        return sso_admin::CreateInstanceResponse{.instance_arn = own->instance_arn.str()};
    }
    NewCenter wanted{.region = call.region(),
                     .organization_id = {},
                     .name = request.name.value_or(""),
                     .client_token = token,
                     .tags = {}};
    SEK_TRY(add_tags(wanted.tags, request.tags.value_or(std::vector<sso_admin::Tag>())));
    SEK_TRY(const auto center, make_center(call, wanted));
    return sso_admin::CreateInstanceResponse{.instance_arn = center.instance_arn.str()};
}

// Everything hangs on the instance's record (access/liveness.h, and whoever looks an instance or its store up): without
// it, nobody of it holds anything or is anybody. The rest goes by the outbox.
Result<sso_admin::DeleteInstanceResponse> delete_instance(Call& call, const sso_admin::DeleteInstanceRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::DeleteInstance>(call, request));
    SEK_TRY(domain::identity_centers.erase(call.tx, center.instance_arn));
    enqueue_forget_instance(call.tx, center);
    return sso_admin::DeleteInstanceResponse();
}

}  // namespace

const operation::OperationTable instance_operations = {
    operation::operation<sso_admin::ListInstances>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_instances}),
    operation::operation<sso_admin::DescribeInstance>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::DescribeInstanceRequest>,
         .handle = describe_instance}),
    operation::operation<sso_admin::UpdateInstance>(
        {.access = Access::write,
         .resources = instance_permissions<sso_admin::UpdateInstanceRequest>,
         .handle = update_instance}),
    operation::operation<sso_admin::CreateInstance>(
        {.access = Access::write, .resources = create_instance_permissions, .handle = create_instance}),
    operation::operation<sso_admin::DeleteInstance>(
        {.access = Access::write,
         .resources = instance_permissions<sso_admin::DeleteInstanceRequest>,
         .handle = delete_instance}),
};

}  // namespace sekisho::identity_center_service
