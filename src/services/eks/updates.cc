#include <set>

#include "base/text.h"
#include "services/eks/common.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

// From CONFIG_MAP to API_AND_CONFIG_MAP to API, one step at a time and never back (EKS user guide, "Change
// authentication mode").
Result<void> change_mode(domain::Cluster& cluster, eks::AuthenticationMode wanted) {
    const auto rank = [](std::string_view mode) { return mode == "CONFIG_MAP" ? 0 : mode == "API" ? 2 : 1; };
    const auto name = enum_text(wanted);
    if (rank(name) != rank(cluster.authentication_mode) + 1) {
        return invalid_parameter("Unsupported authentication mode update from " + cluster.authentication_mode + " to " +
                                 std::string(name));
    }
    cluster.authentication_mode = name;
    return {};
}

// With access entries, the creator and the roles of node groups have entries of their own, so that they come in however
// aws-auth reads.
Result<void> add_first_entries(Call& call, domain::Cluster& cluster) {
    if (cluster.creator_is_admin && !cluster.creator_has_entry) {
        SEK_TRY(domain::access_entries.put(call.tx,
                                           domain::make_creator_entry(cluster, random_uuid(call.random), call.now)));
        cluster.creator_has_entry = true;
        SEK_TRY(domain::enqueue_cluster_effect(call.tx, cluster, domain::ClusterAction::apply_access));
    }
    call.tx.read_guard(domain::nodegroups_guard(cluster.id));
    std::vector<domain::Nodegroup> groups;
    SEK_TRY(domain::nodegroups.each(call.tx, store::prefix(cluster.account_id, cluster.region, cluster.name),
                                    [&](const domain::Nodegroup& group) {
                                        groups.push_back(group);
                                        return true;
                                    }));
    for (const auto& group : groups) SEK_TRY(ensure_node_entry(call, cluster, group));
    return {};
}

Result<void> change_logging(domain::Cluster& cluster, const eks::Logging& logging) {
    const auto before = std::set(cluster.log_types.begin(), cluster.log_types.end());
    for (const auto& setup : logging.cluster_logging.value_or(std::vector<eks::LogSetup>())) {
        for (const auto type : setup.types.value_or(std::vector<eks::LogType>())) {
            std::erase(cluster.log_types, enum_text(type));
            if (setup.enabled.value_or(false)) cluster.log_types.emplace_back(enum_text(type));
        }
    }
    if (before != std::set(cluster.log_types.begin(), cluster.log_types.end())) return {};
    return invalid_parameter("No changes needed for the logging config provided");
}

Result<NewUpdate> change_vpc(domain::Cluster& cluster, const eks::VpcConfigRequest& vpc) {
    if (vpc.subnet_ids || vpc.security_group_ids) {
        cluster.subnet_ids = vpc.subnet_ids.value_or(cluster.subnet_ids);
        cluster.security_group_ids = vpc.security_group_ids.value_or(cluster.security_group_ids);
        return NewUpdate{.type = eks::UpdateType::vpc_config_update,
                         .params = {{eks::UpdateParamType::subnets, join(cluster.subnet_ids, ",")},
                                    {eks::UpdateParamType::security_groups, join(cluster.security_group_ids, ",")}}};
    }
    cluster.endpoint_public_access = vpc.endpoint_public_access.value_or(cluster.endpoint_public_access);
    cluster.endpoint_private_access = vpc.endpoint_private_access.value_or(cluster.endpoint_private_access);
    cluster.public_access_cidrs = vpc.public_access_cidrs.value_or(cluster.public_access_cidrs);
    if (!cluster.endpoint_public_access && !cluster.endpoint_private_access) {
        return invalid_parameter("Private and public endpoint access cannot both be disabled");
    }
    return NewUpdate{
        .type = eks::UpdateType::endpoint_access_update,
        .params = {{eks::UpdateParamType::endpoint_public_access, cluster.endpoint_public_access ? "true" : "false"},
                   {eks::UpdateParamType::endpoint_private_access, cluster.endpoint_private_access ? "true" : "false"},
                   {eks::UpdateParamType::public_access_cidrs, join(cluster.public_access_cidrs, ",")}}};
}

// What a request changes; a request has one kind of change.
Result<NewUpdate> change_config(Call& call, domain::Cluster& cluster, const eks::UpdateClusterConfigRequest& request) {
    using Type = eks::UpdateType;
    using Param = eks::UpdateParamType;
    const int kinds = int{request.access_config.has_value()} + request.logging.has_value() +
                      request.resources_vpc_config.has_value() + request.upgrade_policy.has_value() +
                      request.deletion_protection.has_value();
    if (kinds > 1) return invalid_parameter("Only one type of update can be allowed.");
    if (request.access_config && request.access_config->authentication_mode) {
        SEK_TRY(change_mode(cluster, *request.access_config->authentication_mode));
        SEK_TRY(add_first_entries(call, cluster));
        return NewUpdate{.type = Type::access_config_update,
                         .params = {{Param::authentication_mode, cluster.authentication_mode}}};
    }
    if (request.logging) {
        SEK_TRY(change_logging(cluster, *request.logging));
        return NewUpdate{.type = Type::logging_update,
                         .params = {{Param::cluster_logging, join(cluster.log_types, ",")}}};
    }
    if (request.resources_vpc_config) return change_vpc(cluster, *request.resources_vpc_config);
    if (request.upgrade_policy && request.upgrade_policy->support_type) {
        cluster.support_type = enum_text(*request.upgrade_policy->support_type);
        return NewUpdate{.type = Type::upgrade_policy_update,
                         .params = {{Param::upgrade_policy, cluster.support_type}}};
    }
    if (request.deletion_protection) {
        cluster.deletion_protection = *request.deletion_protection;
        return NewUpdate{.type = Type::deletion_protection_update,
                         .params = {{Param::deletion_protection, cluster.deletion_protection ? "true" : "false"}}};
    }
    return invalid_parameter("No changes needed for the cluster");
}

Result<eks::UpdateClusterConfigResponse> update_config(Call& call, const eks::UpdateClusterConfigRequest& request) {
    SEK_TRY(auto cluster, find_cluster(call, request.name));
    SEK_TRY(auto earlier, earlier_update(call, cluster, request.client_request_token));
    if (earlier) return eks::UpdateClusterConfigResponse{.update = std::move(*earlier)};
    if (cluster.status != "ACTIVE") {
        return eks::errors::resource_in_use_exception("Cannot update cluster " + cluster.name +
                                                      " because it is not in ACTIVE status");
    }
    SEK_TRY(auto made, change_config(call, cluster, request));
    made.client_request_token = request.client_request_token;
    SEK_TRY(domain::clusters.put(call.tx, cluster));
    SEK_TRY(const auto update, record_update(call, cluster, std::move(made)));
    return eks::UpdateClusterConfigResponse{.update = update_to_wire(update)};
}

Result<eks::UpdateClusterVersionResponse> update_version(Call& call, const eks::UpdateClusterVersionRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.name));
    if (request.version == cluster.version) {
        return invalid_parameter("Cluster is already at version: " + cluster.version);
    }
    // One version runs here, so there is none to go to.
    return invalid_parameter("unsupported Kubernetes version update from " + cluster.version + " to " +
                             request.version);
}

template <class Request>
bool is_of(const domain::ClusterUpdate& update, const Request& request) {
    return update.nodegroup_name == request.nodegroup_name.value_or("") &&
           update.addon_name == request.addon_name.value_or("");
}

Result<eks::DescribeUpdateResponse> describe_update(Call& call, const eks::DescribeUpdateRequest& request) {
    SEK_TRY(find_cluster(call, request.name));
    SEK_TRY(const auto update,
            domain::cluster_updates.get(call.tx, call.account(), call.region(), request.name, request.update_id));
    if (!update || !is_of(*update, request)) {
        return eks::errors::resource_not_found_exception("No update found for ID: " + request.update_id);
    }
    return eks::DescribeUpdateResponse{.update = update_to_wire(*update)};
}

Result<eks::ListUpdatesResponse> list_updates(Call& call, const eks::ListUpdatesRequest& request) {
    SEK_TRY(find_cluster(call, request.name));
    const std::string scope = "ListUpdates " + request.name + " " + request.nodegroup_name.value_or("") + " " +
                              request.addon_name.value_or("");
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
