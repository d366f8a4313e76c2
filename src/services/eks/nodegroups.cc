#include <fmt/format.h>

#include <set>
#include <span>

#include "base/text.h"
#include "domain/cidr.h"
#include "services/eks/common.h"
#include "services/eks/network.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view node_service = "ec2.amazonaws.com";
constexpr std::uint64_t reserved_addresses = 5;
constexpr std::size_t address_tries_max = 10'000;
constexpr std::int32_t nodes_max = 100;  // virtual nodes in one group; EKS's own quota is 450
constexpr std::string_view release_version = "1.34.4-20251120";

std::optional<std::string> given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

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
    if (!group.instance_types.empty()) wire.instance_types = group.instance_types;
    wire.subnets = group.subnet_ids;
    wire.ami_type = enum_of<eks::AMITypes>(group.ami_type);
    wire.node_role = group.node_role_arn;
    wire.labels = group.labels;
    wire.taints.emplace();
    for (const auto& taint : group.taints) {
        wire.taints->push_back(
            {.key = taint.key, .value = taint.value, .effect = enum_of<eks::TaintEffect>(taint.effect)});
    }
    wire.resources = eks::NodegroupResources{
        .auto_scaling_groups = std::vector<eks::AutoScalingGroup>{{.name = "eks-" + group.name + "-" + group.id}}};
    if (group.disk_gib > 0) wire.disk_size = group.disk_gib;
    wire.health = eks::NodegroupHealth{.issues = std::vector<eks::Issue>()};
    if (!group.failure.empty()) {
        wire.health->issues->push_back(
            {.code = eks::NodegroupIssueCode::node_creation_failure, .message = group.failure});
    }
    wire.update_config = eks::NodegroupUpdateConfig{.max_unavailable = group.max_unavailable,
                                                    .max_unavailable_percentage = group.max_unavailable_percentage};
    if (!group.max_unavailable_percentage && !group.max_unavailable) wire.update_config->max_unavailable = 1;
    if (!group.launch_template_id.empty() || !group.launch_template_name.empty()) {
        wire.launch_template = eks::LaunchTemplateSpecification{.name = given(group.launch_template_name),
                                                                .version = group.launch_template_version,
                                                                .id = given(group.launch_template_id)};
    }
    if (!group.ssh_key.empty()) {
        wire.remote_access = eks::RemoteAccessConfig{.ec2_ssh_key = group.ssh_key,
                                                     .source_security_groups = group.ssh_security_group_ids};
    }
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

// Gives the group as many instances as it desires; those that are there stay. Each is in one of the group's subnets, at
// an address that no other of the cluster has.
Result<void> fit_instances(Call& call, domain::Nodegroup& group) {
    std::set<std::string> taken;
    SEK_TRY(domain::nodegroups.each(call.tx, store::key(group.account_id, group.region, group.cluster_name),
                                    [&](const domain::Nodegroup& other) {
                                        for (const auto& instance : other.instances) taken.insert(instance.address);
                                        return true;
                                    }));
    const auto wanted = static_cast<std::size_t>(group.size_desired);
    if (group.instances.size() > wanted) group.instances.resize(wanted);
    std::size_t tries = 0;
    while (group.instances.size() < wanted) {
        SEK_TRY(const auto place, node_place(call, group, group.instances.size()));
        const auto cidr = domain::Cidr::parse(place.cidr);
        if (!cidr || cidr->is_ipv6 || cidr->size() <= reserved_addresses + 1 || ++tries > address_tries_max) {
            return eks::errors::invalid_request_exception("The subnets have no addresses left for the node group");
        }
        // The first four addresses of a subnet are EC2's, and the last.
        std::uint32_t number = 0;
        call.random.fill(std::as_writable_bytes(std::span(&number, 1)));
        const auto address = cidr->address(4 + number % (cidr->size() - reserved_addresses));
        if (!taken.insert(address).second) continue;
        group.instances.push_back({.id = "i-0" + random_hex(call.random, 16),
                                   .private_dns_name = domain::node_private_dns_name(address, group.region),
                                   .address = address,
                                   .zone = place.zone});
    }
    return {};
}

// A launch template says some things itself, so they cannot be said beside it.
Result<void> check_request(const eks::CreateNodegroupRequest& request) {
    if (request.subnets.empty()) return invalid_parameter("Subnets are required");
    if (request.warm_pool_config && request.warm_pool_config->enabled.value_or(true)) {
        return invalid_parameter("Warm pools are not supported");
    }
    if (!request.launch_template) return {};
    if (request.launch_template->id.has_value() == request.launch_template->name.has_value()) {
        return invalid_parameter("Either provide launch template ID or launch template name in the request.");
    }
    if (request.disk_size) return invalid_parameter("Disk size must be specified within the launch template.");
    if (request.remote_access) {
        return invalid_parameter("Remote access configuration cannot be specified with a launch template.");
    }
    return {};
}

std::vector<domain::NodegroupTaint> read_taints(const std::optional<std::vector<eks::Taint>>& given) {
    std::vector<domain::NodegroupTaint> taints;
    for (const auto& taint : given.value_or(std::vector<eks::Taint>())) {
        taints.push_back({.key = taint.key.value_or(""),
                          .value = taint.value.value_or(""),
                          .effect = std::string(enum_text(taint.effect.value_or(eks::TaintEffect::no_schedule)))});
    }
    return taints;
}

void take_launch(domain::Nodegroup& group, const eks::CreateNodegroupRequest& request) {
    if (!request.launch_template) {
        group.instance_types = request.instance_types.value_or(std::vector<std::string>{"t3.medium"});
        group.disk_gib = request.disk_size.value_or(20);
        if (!request.remote_access) return;
        group.ssh_key = request.remote_access->ec2_ssh_key.value_or("");
        group.ssh_security_group_ids =
            request.remote_access->source_security_groups.value_or(std::vector<std::string>());
        return;
    }
    group.instance_types = request.instance_types.value_or(std::vector<std::string>());
    group.disk_gib = 0;
    group.launch_template_id = request.launch_template->id.value_or("");
    group.launch_template_name = request.launch_template->name.value_or("");
    group.launch_template_version = request.launch_template->version.value_or("");
}

domain::Nodegroup from_request(const Call& call, const domain::Cluster& cluster,
                               const eks::CreateNodegroupRequest& request) {
    domain::Nodegroup group;
    group.account_id = call.account();
    group.region = call.region();
    group.cluster_name = cluster.name;
    group.name = request.nodegroup_name;
    group.id = random_uuid(call.random);
    group.arn = part_arn(call, "nodegroup", cluster.name, group.name + "/" + group.id);
    group.status = enum_text(eks::NodegroupStatus::creating);
    group.node_role_arn = request.node_role;
    group.version = cluster.version;
    group.release_version = request.release_version.value_or(std::string(release_version));
    group.capacity_type = enum_text(request.capacity_type.value_or(eks::CapacityTypes::on_demand));
    group.ami_type = request.ami_type ? std::string(enum_text(*request.ami_type)) : "AL2023_x86_64_STANDARD";
    group.image_id = "ami-0" + random_hex(call.random, 16);
    group.subnet_ids = request.subnets;
    const auto scaling = request.scaling_config.value_or(eks::NodegroupScalingConfig());
    group.size_min = scaling.min_size.value_or(1);
    group.size_max = scaling.max_size.value_or(2);
    group.size_desired = scaling.desired_size.value_or(2);
    if (request.update_config) {
        group.max_unavailable = request.update_config->max_unavailable;
        group.max_unavailable_percentage = request.update_config->max_unavailable_percentage;
    }
    group.labels = request.labels.value_or(domain::Tags());
    group.taints = read_taints(request.taints);
    group.client_request_token = request.client_request_token.value_or("");
    group.created_at = group.modified_at = call.now;
    group.tags = request.tags.value_or(domain::Tags());
    take_launch(group, request);
    return group;
}

Result<eks::CreateNodegroupResponse> create_nodegroup(Call& call, const eks::CreateNodegroupRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto existing, domain::nodegroups.get(call.tx, call.account(), call.region(), request.cluster_name,
                                                        request.nodegroup_name));
    if (existing) {
        if (is_same_request(request.client_request_token, existing->client_request_token)) {
            return eks::CreateNodegroupResponse{.nodegroup = to_wire(*existing)};
        }
        return eks::errors::resource_in_use_exception("NodeGroup already exists with name " + request.nodegroup_name +
                                                      " and cluster name " + request.cluster_name)
            .with("clusterName", request.cluster_name)
            .with("nodegroupName", request.nodegroup_name);
    }
    SEK_TRY(check_active(cluster));
    if (request.version && *request.version != cluster.version) {
        return invalid_parameter("Requested Nodegroup release version is invalid. Allowed kubernetes version - " +
                                 cluster.version);
    }
    SEK_TRY(check_request(request));
    SEK_TRY(check_service_role(call, request.node_role, node_service));
    auto group = from_request(call, cluster, request);
    if (request.launch_template) SEK_TRY(take_launch_template(call, group));
    SEK_TRY(check_sizes(group));
    SEK_TRY(fit_instances(call, group));
    SEK_TRY(domain::nodegroups.put(call.tx, group));
    SEK_TRY(ensure_node_entry(call, cluster, group));
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

void change_sizes(domain::Nodegroup& group, const eks::NodegroupScalingConfig& scaling, UpdateParams& params) {
    group.size_min = scaling.min_size.value_or(group.size_min);
    group.size_max = scaling.max_size.value_or(group.size_max);
    group.size_desired = scaling.desired_size.value_or(group.size_desired);
    params.emplace_back(eks::UpdateParamType::min_size, std::to_string(group.size_min));
    params.emplace_back(eks::UpdateParamType::max_size, std::to_string(group.size_max));
    params.emplace_back(eks::UpdateParamType::desired_size, std::to_string(group.size_desired));
}

void change_labels(domain::Nodegroup& group, const eks::UpdateLabelsPayload& change, UpdateParams& params) {
    std::vector<std::string> added;
    for (const auto& [key, value] : change.add_or_update_labels.value_or(domain::Tags())) {
        group.labels[key] = value;
        added.push_back(key + "=" + value);
    }
    const auto removed = change.remove_labels.value_or(std::vector<std::string>());
    for (const auto& key : removed) group.labels.erase(key);
    if (!added.empty()) params.emplace_back(eks::UpdateParamType::labels_to_add, join(added, ","));
    if (!removed.empty()) params.emplace_back(eks::UpdateParamType::labels_to_remove, join(removed, ","));
}

// A taint is known by its key and effect.
void change_taints(domain::Nodegroup& group, const eks::UpdateTaintsPayload& change, UpdateParams& params) {
    const auto drop = [&](const domain::NodegroupTaint& gone) {
        std::erase_if(group.taints, [&](const domain::NodegroupTaint& taint) {
            return taint.key == gone.key && taint.effect == gone.effect;
        });
    };
    const auto shown = [](const std::vector<domain::NodegroupTaint>& taints) {
        std::vector<std::string> texts;
        for (const auto& taint : taints) texts.push_back(taint.key + "=" + taint.value + ":" + taint.effect);
        return join(texts, ",");
    };
    const auto removed = read_taints(change.remove_taints);
    for (const auto& taint : removed) drop(taint);
    const auto added = read_taints(change.add_or_update_taints);
    for (const auto& taint : added) {
        drop(taint);
        group.taints.push_back(taint);
    }
    if (!added.empty()) params.emplace_back(eks::UpdateParamType::taints_to_add, shown(added));
    if (!removed.empty()) params.emplace_back(eks::UpdateParamType::taints_to_remove, shown(removed));
}

void change_update_config(domain::Nodegroup& group, const eks::NodegroupUpdateConfig& config, UpdateParams& params) {
    if (config.max_unavailable) {
        group.max_unavailable = config.max_unavailable;
        group.max_unavailable_percentage.reset();
        params.emplace_back(eks::UpdateParamType::max_unavailable, std::to_string(*config.max_unavailable));
    } else if (config.max_unavailable_percentage) {
        group.max_unavailable_percentage = config.max_unavailable_percentage;
        group.max_unavailable.reset();
        params.emplace_back(eks::UpdateParamType::max_unavailable_percentage,
                            std::to_string(*config.max_unavailable_percentage));
    }
}

Result<void> check_updatable(const domain::Nodegroup& group) {
    if (group.status == "ACTIVE" || group.status == "DEGRADED") return {};
    return eks::errors::resource_in_use_exception("Nodegroup cannot be updated as it is currently not in Active State")
        .with("clusterName", group.cluster_name)
        .with("nodegroupName", group.name);
}

// The group is UPDATING until its nodes are as it says; the provider's report ends the update.
Result<eks::Update> start_update(Call& call, const domain::Cluster& cluster, domain::Nodegroup& group,
                                 eks::UpdateType type, UpdateParams params, const std::optional<std::string>& token) {
    SEK_TRY(const auto update, record_update(call, cluster,
                                             {.type = type,
                                              .params = std::move(params),
                                              .nodegroup_name = group.name,
                                              .client_request_token = token,
                                              .is_done = false}));
    group.update_id = update.id;
    group.status = enum_text(eks::NodegroupStatus::updating);
    group.modified_at = call.now;
    SEK_TRY(domain::nodegroups.put(call.tx, group));
    SEK_TRY(domain::enqueue_cluster_effect(call.tx, cluster, domain::ClusterAction::apply_nodegroup, group.name));
    return update_to_wire(update);
}

Result<eks::UpdateNodegroupConfigResponse> update_config(Call& call, const eks::UpdateNodegroupConfigRequest& request) {
    SEK_TRY(auto group, find_nodegroup(call, request.cluster_name, request.nodegroup_name));
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(auto earlier, earlier_update(call, cluster, request.client_request_token));
    if (earlier) return eks::UpdateNodegroupConfigResponse{.update = std::move(*earlier)};
    SEK_TRY(check_updatable(group));
    UpdateParams params;
    if (request.scaling_config) change_sizes(group, *request.scaling_config, params);
    if (request.labels) change_labels(group, *request.labels, params);
    if (request.taints) change_taints(group, *request.taints, params);
    if (request.update_config) change_update_config(group, *request.update_config, params);
    SEK_TRY(check_sizes(group));
    SEK_TRY(fit_instances(call, group));
    SEK_TRY(auto update, start_update(call, cluster, group, eks::UpdateType::config_update, std::move(params),
                                      request.client_request_token));
    return eks::UpdateNodegroupConfigResponse{.update = std::move(update)};
}

Result<eks::UpdateNodegroupVersionResponse> update_version(Call& call,
                                                           const eks::UpdateNodegroupVersionRequest& request) {
    SEK_TRY(auto group, find_nodegroup(call, request.cluster_name, request.nodegroup_name));
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(auto earlier, earlier_update(call, cluster, request.client_request_token));
    if (earlier) return eks::UpdateNodegroupVersionResponse{.update = std::move(*earlier)};
    SEK_TRY(check_updatable(group));
    if (request.version && *request.version != cluster.version) {
        return invalid_parameter("Requested Nodegroup release version is invalid. Allowed kubernetes version - " +
                                 cluster.version);
    }
    const auto& launch = request.launch_template;
    if (launch && group.launch_template_id.empty() && group.launch_template_name.empty()) {
        return invalid_parameter("You cannot specify a launch template for a node group that was made without one");
    }
    const bool is_other = launch && ((launch->id && *launch->id != group.launch_template_id) ||
                                     (launch->name && *launch->name != group.launch_template_name));
    if (is_other) {
        return invalid_parameter(
            "The launch template of a node group cannot be replaced by another one, only its version");
    }
    group.version = cluster.version;
    group.release_version = request.release_version.value_or(std::string(release_version));
    UpdateParams params{{eks::UpdateParamType::version, group.version},
                        {eks::UpdateParamType::release_version, group.release_version}};
    if (launch) {
        group.launch_template_version = launch->version.value_or("");
        SEK_TRY(take_launch_template(call, group));
        params.emplace_back(eks::UpdateParamType::launch_template_version, group.launch_template_version);
    }
    // Nodes of another image are other nodes.
    group.image_id = "ami-0" + random_hex(call.random, 16);
    group.instances.clear();
    SEK_TRY(fit_instances(call, group));
    SEK_TRY(auto update, start_update(call, cluster, group, eks::UpdateType::version_update, std::move(params),
                                      request.client_request_token));
    return eks::UpdateNodegroupVersionResponse{.update = std::move(update)};
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
                                                      .handle = update_config}),
    operation::operation<eks::UpdateNodegroupVersion>({.access = Access::write,
                                                       .resources = on_nodegroup<eks::UpdateNodegroupVersionRequest>,
                                                       .handle = update_version}),
    operation::operation<eks::DeleteNodegroup>(
        {.access = Access::write, .resources = on_nodegroup<eks::DeleteNodegroupRequest>, .handle = delete_nodegroup}),
};

}  // namespace sekisho::eks_service
