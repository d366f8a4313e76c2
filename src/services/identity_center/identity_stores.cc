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
    return identitystore::DescribeIdentityStoreResponse{.identity_store_id = center.identity_store_id.str(),
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
};

}  // namespace sekisho::identity_center_service
