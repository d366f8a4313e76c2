#include "services/eks/common.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

using Params = std::vector<std::pair<eks::UpdateParamType, std::string>>;

// From CONFIG_MAP over API_AND_CONFIG_MAP to API, never back (EKS user guide, "Change authentication mode").
Result<void> change_mode(domain::Cluster& cluster, eks::AuthenticationMode wanted) {
    const auto rank = [](std::string_view mode) { return mode == "CONFIG_MAP" ? 0 : mode == "API" ? 2 : 1; };
    const auto name = enum_text(wanted);
    if (rank(name) < rank(cluster.authentication_mode)) {
        return eks::errors::invalid_request_exception("Unsupported authentication mode update from " +
                                                      cluster.authentication_mode + " to " + std::string(name));
    }
    cluster.authentication_mode = name;
    return {};
}

void change_logging(domain::Cluster& cluster, const eks::Logging& logging) {
    for (const auto& setup : logging.cluster_logging.value_or(std::vector<eks::LogSetup>())) {
        for (const auto type : setup.types.value_or(std::vector<eks::LogType>())) {
            std::erase(cluster.log_types, enum_text(type));
            if (setup.enabled.value_or(false)) cluster.log_types.emplace_back(enum_text(type));
        }
    }
}

Result<eks::UpdateClusterConfigResponse> update_config(Call& call, const eks::UpdateClusterConfigRequest& request) {
    SEK_TRY(auto cluster, find_cluster(call, request.name));
    if (cluster.status != "ACTIVE") {
        return eks::errors::resource_in_use_exception("Cannot update cluster " + cluster.name +
                                                      " because it is not in ACTIVE status");
    }
    Params params;
    auto type = eks::UpdateType::config_update;
    if (request.access_config && request.access_config->authentication_mode) {
        SEK_TRY(change_mode(cluster, *request.access_config->authentication_mode));
        params.emplace_back(eks::UpdateParamType::authentication_mode, cluster.authentication_mode);
        type = eks::UpdateType::access_config_update;
    } else if (request.logging) {
        change_logging(cluster, *request.logging);
        type = eks::UpdateType::logging_update;
    } else if (request.resources_vpc_config) {
        const auto& vpc = *request.resources_vpc_config;
        cluster.endpoint_public_access = vpc.endpoint_public_access.value_or(cluster.endpoint_public_access);
        cluster.endpoint_private_access = vpc.endpoint_private_access.value_or(cluster.endpoint_private_access);
        if (vpc.public_access_cidrs) cluster.public_access_cidrs = *vpc.public_access_cidrs;
        type = eks::UpdateType::endpoint_access_update;
        params = {{eks::UpdateParamType::endpoint_public_access, cluster.endpoint_public_access ? "true" : "false"},
                  {eks::UpdateParamType::endpoint_private_access, cluster.endpoint_private_access ? "true" : "false"}};
    } else if (request.deletion_protection) {
        cluster.deletion_protection = *request.deletion_protection;
    } else {
        return invalid_parameter("No changes needed for the cluster");
    }
    SEK_TRY(domain::clusters.put(call.tx, cluster));
    SEK_TRY(auto update, record_update(call, cluster, "", type, std::move(params)));
    return eks::UpdateClusterConfigResponse{.update = std::move(update)};
}

Result<eks::UpdateClusterVersionResponse> update_version(Call& call, const eks::UpdateClusterVersionRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.name));
    if (request.version == cluster.version) {
        return invalid_parameter("Cluster is already at version: " + cluster.version);
    }
    return invalid_parameter("unsupported Kubernetes version");
}

template <class Request>
bool is_of(const domain::ClusterUpdate& update, const Request& request) {
    return update.nodegroup_name == request.nodegroup_name.value_or("");
}

Result<eks::DescribeUpdateResponse> describe_update(Call& call, const eks::DescribeUpdateRequest& request) {
    SEK_TRY(find_cluster(call, request.name));
    SEK_TRY(const auto update,
            domain::cluster_updates.get(call.tx, call.account(), call.region(), request.name, request.update_id));
    if (!update || !is_of(*update, request)) {
        return eks::errors::resource_not_found_exception("No update found for ID: " + request.update_id);
    }
    return eks::DescribeUpdateResponse{.update = to_wire(*update)};
}

Result<eks::ListUpdatesResponse> list_updates(Call& call, const eks::ListUpdatesRequest& request) {
    SEK_TRY(find_cluster(call, request.name));
    const std::string scope = "ListUpdates " + request.name + " " + request.nodegroup_name.value_or("");
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found,
            domain::cluster_updates.scan(call.tx, store::prefix(call.account(), call.region(), request.name), page));
    eks::ListUpdatesResponse response;
    response.update_ids.emplace();
    for (const auto& update : found.items) {
        if (is_of(update, request)) response.update_ids->push_back(update.id);
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable update_operations = {
    operation::operation<eks::UpdateClusterConfig>(
        {.access = Access::write, .resources = on_cluster<eks::UpdateClusterConfigRequest>, .handle = update_config}),
    operation::operation<eks::UpdateClusterVersion>(
        {.access = Access::write, .resources = on_cluster<eks::UpdateClusterVersionRequest>, .handle = update_version}),
    operation::operation<eks::DescribeUpdate>(
        {.access = Access::read, .resources = on_cluster<eks::DescribeUpdateRequest>, .handle = describe_update}),
    operation::operation<eks::ListUpdates>(
        {.access = Access::read, .resources = on_cluster<eks::ListUpdatesRequest>, .handle = list_updates}),
};

}  // namespace sekisho::eks_service
