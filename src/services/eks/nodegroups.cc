#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/eks/common.h"
#include "services/eks/service.h"
#include "wire/arn.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view node_service = "ec2.amazonaws.com";
constexpr std::int32_t nodes_max = 100;  // virtual nodes in one group; EKS's own quota is 450
constexpr std::string_view release_version = "1.34.4-20251120";

eks::Nodegroup to_wire(const domain::Nodegroup& group) {
    eks::Nodegroup wire;
    wire.nodegroup_name = group.name;
    wire.nodegroup_arn = group.arn;
    wire.cluster_name = group.cluster_name;
    wire.version = group.version;
    wire.release_version = group.release_version;
    wire.created_at = group.created_at;
    wire.modified_at = group.modified_at;
    wire.status = enum_of<eks::NodegroupStatus>(group.status);
    wire.capacity_type = enum_of<eks::CapacityTypes>(group.capacity_type);
    wire.scaling_config = eks::NodegroupScalingConfig{
        .min_size = group.size_min, .max_size = group.size_max, .desired_size = group.size_desired};
    wire.instance_types = group.instance_types;
    wire.subnets = group.subnet_ids;
    wire.ami_type = enum_of<eks::AMITypes>(group.ami_type);
    wire.node_role = group.node_role_arn;
    wire.labels = group.labels;
    wire.resources = eks::NodegroupResources{
        .auto_scaling_groups = std::vector<eks::AutoScalingGroup>{{.name = "eks-" + group.name + "-" + group.id}}};
    wire.disk_size = group.disk_gib;
    wire.health = eks::NodegroupHealth{.issues = std::vector<eks::Issue>()};
    if (!group.failure.empty()) {
        wire.health->issues->push_back(
            {.code = eks::NodegroupIssueCode::node_creation_failure, .message = group.failure});
    }
    wire.update_config = eks::NodegroupUpdateConfig{.max_unavailable = 1};
    wire.tags = group.tags;
    return wire;
}

Result<void> check_sizes(const domain::Nodegroup& group) {
    if (group.size_min > group.size_max)
        return invalid_parameter("Minimum capacity can't be greater than maximum size");
    if (group.size_desired < group.size_min) {
        return invalid_parameter(fmt::format("Minimum capacity {} can't be greater than desired size {}",
                                             group.size_min, group.size_desired));
    }
    if (group.size_desired > group.size_max) {
        return invalid_parameter(
            fmt::format("desired capacity {} can't be greater than max size {}", group.size_desired, group.size_max));
    }
    if (group.size_desired > nodes_max) {
        return eks::errors::resource_limit_exceeded_exception(
            fmt::format("A node group has at most {} virtual nodes here.", nodes_max));
    }
    return {};
}

// Gives the group as many instances as it desires; those that are there stay. Addresses are free ones of
// 192.168.0.0/16, unique within the cluster.
Result<void> fit_instances(Call& call, domain::Nodegroup& group) {
    std::set<std::string> taken;
    SEK_TRY(domain::nodegroups.each(call.tx, store::key(group.account_id, group.region, group.cluster_name),
                                    [&](const domain::Nodegroup& other) {
                                        for (const auto& instance : other.instances) taken.insert(instance.address);
                                        return true;
                                    }));
    const auto wanted = static_cast<std::size_t>(group.size_desired);
    if (group.instances.size() > wanted) group.instances.resize(wanted);
    while (group.instances.size() < wanted) {
        const std::string bytes = random_bytes(call.random, 2);
        const auto third = static_cast<unsigned char>(bytes[0]) & 127;
        const auto fourth = static_cast<unsigned char>(bytes[1]) % 250 + 4;
        const std::string address = fmt::format("192.168.{}.{}", third, fourth);
        if (fourth > 254 || !taken.insert(address).second) continue;
        group.instances.push_back({.id = "i-0" + random_hex(call.random, 16),
                                   .private_dns_name = domain::node_private_dns_name(address, group.region),
                                   .address = address});
    }
    return {};
}

domain::Nodegroup from_request(const Call& call, const domain::Cluster& cluster,
                               const eks::CreateNodegroupRequest& request, std::string id) {
    domain::Nodegroup group;
    group.account_id = call.account();
    group.region = call.region();
    group.cluster_name = cluster.name;
    group.name = request.nodegroup_name;
    group.id = std::move(id);
    group.arn = wire::make_arn("eks", call.region(), call.account(),
                               "nodegroup/" + cluster.name + "/" + group.name + "/" + group.id);
    group.status = enum_text(eks::NodegroupStatus::creating);
    group.node_role_arn = request.node_role;
    group.version = cluster.version;
    group.release_version = request.release_version.value_or(std::string(release_version));
    group.capacity_type = enum_text(request.capacity_type.value_or(eks::CapacityTypes::on_demand));
    group.ami_type = request.ami_type ? std::string(enum_text(*request.ami_type)) : "AL2023_x86_64_STANDARD";
    group.instance_types = request.instance_types.value_or(std::vector<std::string>{"t3.medium"});
    group.subnet_ids = request.subnets;
    const auto scaling = request.scaling_config.value_or(eks::NodegroupScalingConfig());
    group.size_min = scaling.min_size.value_or(1);
    group.size_max = scaling.max_size.value_or(2);
    group.size_desired = scaling.desired_size.value_or(2);
    group.disk_gib = request.disk_size.value_or(20);
    group.labels = request.labels.value_or(domain::Tags());
    group.client_request_token = request.client_request_token.value_or("");
    group.created_at = group.modified_at = call.now;
    group.tags = request.tags.value_or(domain::Tags());
    return group;
}

Result<eks::CreateNodegroupResponse> create_nodegroup(Call& call, const eks::CreateNodegroupRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto existing, domain::nodegroups.get(call.tx, call.account(), call.region(), request.cluster_name,
                                                        request.nodegroup_name));
    if (existing) {
        const bool is_same = request.client_request_token && !existing->client_request_token.empty() &&
                             *request.client_request_token == existing->client_request_token;
        if (is_same) return eks::CreateNodegroupResponse{.nodegroup = to_wire(*existing)};
        return eks::errors::resource_in_use_exception("NodeGroup already exists with name " + request.nodegroup_name +
                                                      " and cluster name " + request.cluster_name)
            .with("clusterName", request.cluster_name)
            .with("nodegroupName", request.nodegroup_name);
    }
    if (cluster.status != "ACTIVE" && cluster.status != "UPDATING") {
        return eks::errors::invalid_request_exception("Cluster '" + cluster.name + "' is not in ACTIVE status");
    }
    if (request.subnets.empty()) return invalid_parameter("Subnets are required");
    SEK_TRY(check_service_role(call, request.node_role, node_service));
    auto group = from_request(call, cluster, request, random_uuid(call.random));
    SEK_TRY(check_sizes(group));
    SEK_TRY(fit_instances(call, group));
    SEK_TRY(domain::nodegroups.put(call.tx, group));
    call.tx.bump_guard(domain::nodegroups_guard(cluster.id));
    SEK_TRY(domain::enqueue_cluster_effect(call.tx, cluster, domain::ClusterAction::apply_nodegroup, group.name));
    return eks::CreateNodegroupResponse{.nodegroup = to_wire(group)};
}

access::Permissions create_permissions(const Call& call, const eks::CreateNodegroupRequest& request) {
    return {{.resource = cluster_arn(call, request.cluster_name), .context = tag_context(request.tags)},
            pass_role(request.node_role, node_service)};
}

Result<eks::DescribeNodegroupResponse> describe_nodegroup(Call& call, const eks::DescribeNodegroupRequest& request) {
    SEK_TRY(const auto group, find_nodegroup(call, request.cluster_name, request.nodegroup_name));
    return eks::DescribeNodegroupResponse{.nodegroup = to_wire(group)};
}

Result<eks::ListNodegroupsResponse> list_nodegroups(Call& call, const eks::ListNodegroupsRequest& request) {
    SEK_TRY(find_cluster(call, request.cluster_name));
    const std::string scope = "ListNodegroups " + request.cluster_name;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found,
            domain::nodegroups.scan(call.tx, store::prefix(call.account(), call.region(), request.cluster_name), page));
    eks::ListNodegroupsResponse response;
    response.nodegroups.emplace();
    for (const auto& group : found.items) response.nodegroups->push_back(group.name);
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<eks::UpdateNodegroupConfigResponse> update_nodegroup(Call& call,
                                                            const eks::UpdateNodegroupConfigRequest& request) {
    SEK_TRY(auto group, find_nodegroup(call, request.cluster_name, request.nodegroup_name));
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    std::vector<std::pair<eks::UpdateParamType, std::string>> params;
    if (request.scaling_config) {
        const auto& scaling = *request.scaling_config;
        group.size_min = scaling.min_size.value_or(group.size_min);
        group.size_max = scaling.max_size.value_or(group.size_max);
        group.size_desired = scaling.desired_size.value_or(group.size_desired);
        params = {{eks::UpdateParamType::min_size, std::to_string(group.size_min)},
                  {eks::UpdateParamType::max_size, std::to_string(group.size_max)},
                  {eks::UpdateParamType::desired_size, std::to_string(group.size_desired)}};
    }
    if (request.labels) {
        for (const auto& [key, value] : request.labels->add_or_update_labels.value_or(domain::Tags())) {
            group.labels[key] = value;
        }
        for (const auto& key : request.labels->remove_labels.value_or(std::vector<std::string>()))
            group.labels.erase(key);
    }
    SEK_TRY(check_sizes(group));
    SEK_TRY(fit_instances(call, group));
    group.modified_at = call.now;
    SEK_TRY(domain::nodegroups.put(call.tx, group));
    SEK_TRY(domain::enqueue_cluster_effect(call.tx, cluster, domain::ClusterAction::apply_nodegroup, group.name));
    SEK_TRY(auto update, record_update(call, cluster, group.name, eks::UpdateType::config_update, std::move(params)));
    return eks::UpdateNodegroupConfigResponse{.update = std::move(update)};
}

Result<eks::DeleteNodegroupResponse> delete_nodegroup(Call& call, const eks::DeleteNodegroupRequest& request) {
    SEK_TRY(auto group, find_nodegroup(call, request.cluster_name, request.nodegroup_name));
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    if (group.status != "DELETING") {
        group.status = enum_text(eks::NodegroupStatus::deleting);
        group.modified_at = call.now;
        SEK_TRY(domain::nodegroups.put(call.tx, group));
        SEK_TRY(domain::enqueue_cluster_effect(call.tx, cluster, domain::ClusterAction::delete_nodegroup, group.name));
    }
    return eks::DeleteNodegroupResponse{.nodegroup = to_wire(group)};
}

}  // namespace

const operation::OperationTable nodegroup_operations = {
    operation::operation<eks::CreateNodegroup>(
        {.access = Access::write, .resources = create_permissions, .handle = create_nodegroup}),
    operation::operation<eks::DescribeNodegroup>({.access = Access::read,
                                                  .resources = on_nodegroup<eks::DescribeNodegroupRequest>,
                                                  .handle = describe_nodegroup}),
    operation::operation<eks::ListNodegroups>({.access = Access::read,
                                               .resources = on_clusters_of_request<eks::ListNodegroupsRequest>,
                                               .handle = list_nodegroups}),
    operation::operation<eks::UpdateNodegroupConfig>({.access = Access::write,
                                                      .resources = on_nodegroup<eks::UpdateNodegroupConfigRequest>,
                                                      .handle = update_nodegroup}),
    operation::operation<eks::DeleteNodegroup>(
        {.access = Access::write, .resources = on_nodegroup<eks::DeleteNodegroupRequest>, .handle = delete_nodegroup}),
};

}  // namespace sekisho::eks_service
