// The aws-auth mapping of a cluster, as it was last read from the cluster itself.
#include "domain/clusters.h"
#include "models/control.h"
#include "services/sekisho/service.h"
#include "wire/arn.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

access::Permissions on_cluster(const Call& call, const control::DescribeIdentityMappingRequest& request) {
    return {{.resource = wire::make_arn("eks", call.region(), call.account(), "cluster/" + request.cluster_name)}};
}

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

Result<control::DescribeIdentityMappingResponse> describe_identity_mapping(
    Call& call, const control::DescribeIdentityMappingRequest& request) {
    SEK_TRY(const auto cluster, domain::clusters.get(call.tx, call.account(), call.region(), request.cluster_name));
    if (!cluster) {
        return control::errors::resource_not_found_exception("No cluster found for name: " + request.cluster_name +
                                                             ".");
    }
    SEK_TRY(const auto mapping, domain::identity_mappings.get(call.tx, cluster->id));
    control::DescribeIdentityMappingResponse response{.cluster_name = request.cluster_name};
    if (!mapping) return response;  // not read yet
    response.map_roles = unless_empty(mapping->map_roles);
    response.map_users = unless_empty(mapping->map_users);
    response.map_accounts = unless_empty(mapping->map_accounts);
    response.stale = mapping->stale;
    response.read_date = mapping->read_at;
    return response;
}

}  // namespace

const operation::OperationTable identity_mapping_operations = {operation::operation<control::DescribeIdentityMapping>(
    {.access = Access::read, .resources = on_cluster, .handle = describe_identity_mapping})};

}  // namespace sekisho::control_service
