#include "services/identity_center/directory.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

// The organization's store is listed in its member accounts, too.
Result<identitystore::ListIdentityStoresResponse> list_identity_stores(
    Call& call, const identitystore::ListIdentityStoresRequest& request) {
    SEK_TRY(open_page(call, "ListIdentityStores", request));
    identitystore::ListIdentityStoresResponse response;
    const auto own = own_center(call);
    const auto organization = organization_center(call);
    for (const auto* center : {&own, &organization}) {
        if (!*center || (*center)->region != call.region()) continue;
        if (center == &organization && own && own->instance_arn == organization->instance_arn) continue;
        response.identity_stores.push_back({.identity_store_id = (*center)->identity_store_id.str(),
                                            .identity_store_arn = domain::identity_store_arn(**center)});
    }
    return response;
}

Result<identitystore::DescribeIdentityStoreResponse> describe_identity_store(
    Call& call, const identitystore::DescribeIdentityStoreRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    identitystore::DescribeIdentityStoreResponse response{.identity_store_id = center.identity_store_id.str(),
                                                          .identity_store_arn = domain::identity_store_arn(center)};
    if (!center.api_source_ranges.empty()) {
        response.network_configuration = identitystore::NetworkConfigurationDetails{
            .vpce_access_required = false, .api_allow_source_ips = center.api_source_ranges};
    }
    return response;
}

// Absent: every address again. What cannot be kept here (there are no VPC endpoints, nor SCIM's door) is refused, not
// noted down.
Result<identitystore::UpdateIdentityStoreResponse> update_identity_store(
    Call& call, const identitystore::UpdateIdentityStoreRequest& request) {
    SEK_TRY(auto center, store_of(call, request.identity_store_id));
    center.api_source_ranges.clear();
    if (const auto& wanted = request.network_configuration) {
        if (wanted->vpce_access_required || wanted->api_restrict_source_vpcs || wanted->scim_allow_source_ips) {
            return validation_error("VPC endpoints and SCIM are not available: only ApiAllowSourceIps can be set.");
        }
        center.api_source_ranges = wanted->api_allow_source_ips.value_or(std::vector<std::string>());
    }
    if (!is_in_ranges(center.api_source_ranges, call.facts.source_address)) {
        return validation_error("ApiAllowSourceIps must hold the address of this request, " +
                                call.facts.source_address + ".");
    }
    SEK_TRY(domain::identity_centers.put(call.tx, center));
    return identitystore::UpdateIdentityStoreResponse{.identity_store_id = center.identity_store_id.str(),
                                                      .identity_store_arn = domain::identity_store_arn(center)};
}

}  // namespace

const operation::OperationTable identity_store_operations = {
    operation::operation<identitystore::ListIdentityStores>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_identity_stores}),
    operation::operation<identitystore::DescribeIdentityStore>(
        {.access = Access::read,
         .resources = store_read_permissions<identitystore::DescribeIdentityStoreRequest>,
         .handle = describe_identity_store}),
    operation::operation<identitystore::UpdateIdentityStore>(
        {.access = Access::write,
         .resources = store_write_permissions<identitystore::UpdateIdentityStoreRequest>,
         .handle = update_identity_store}),
};

}  // namespace sekisho::identity_center_service
