#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "services/eks/common.h"
#include "services/eks/network.h"
#include "services/eks/service.h"
#include "wire/arn.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view default_service_cidr = "10.100.0.0/16";
constexpr std::string_view cluster_service = "eks.amazonaws.com";
// Kubernetes 1.34's dates on EKS (EKS user guide, "Kubernetes versions").
constexpr std::int64_t released = 1'759'363'200;              // 2025-10-02
constexpr std::int64_t standard_support_end = 1'796'169'600;  // 2026-12-02
constexpr std::int64_t extended_support_end = 1'827'705'600;  // 2027-12-02

eks::Logging logging_of(const domain::Cluster& cluster) {
    eks::LogSetup on{.types = std::vector<eks::LogType>(), .enabled = true};
    eks::LogSetup off{.types = std::vector<eks::LogType>(), .enabled = false};
    for (std::size_t i = 0; i < std::size(eks::log_type_names); ++i) {
        const bool is_on = std::ranges::find(cluster.log_types, eks::log_type_names[i]) != cluster.log_types.end();
        (is_on ? on : off).types->push_back(static_cast<eks::LogType>(i));
    }
    eks::Logging logging{.cluster_logging = std::vector<eks::LogSetup>()};
    if (!on.types->empty()) logging.cluster_logging->push_back(std::move(on));
    if (!off.types->empty()) logging.cluster_logging->push_back(std::move(off));
    return logging;
}

eks::VpcConfigResponse vpc_config_of(const domain::Cluster& cluster) {
    eks::VpcConfigResponse vpc;
    vpc.subnet_ids = cluster.subnet_ids;
    vpc.security_group_ids = cluster.security_group_ids;
    // eksctl reads one always. Subnets that no VPC here is known to hold stand in one of the cluster's own name.
    vpc.vpc_id = cluster.vpc_id.empty() ? "vpc-0" + lower_ascii(cluster.id.substr(0, 16)) : cluster.vpc_id;
    vpc.cluster_security_group_id = cluster.cluster_security_group_id;
    vpc.endpoint_public_access = cluster.endpoint_public_access;
    vpc.endpoint_private_access = cluster.endpoint_private_access;
    vpc.public_access_cidrs = cluster.public_access_cidrs;
    return vpc;
}

eks::Cluster to_wire(const domain::Cluster& cluster) {
    eks::Cluster wire;
    wire.name = cluster.name;
    wire.arn = cluster.arn;
    wire.created_at = cluster.created_at;
    wire.version = cluster.version;
    wire.platform_version = cluster.platform_version;
    wire.role_arn = cluster.role_arn;
    wire.status = enum_of<eks::ClusterStatus>(cluster.status);
    wire.resources_vpc_config = vpc_config_of(cluster);
    wire.kubernetes_network_config = eks::KubernetesNetworkConfigResponse{
        .service_ipv4_cidr = cluster.service_ipv4_cidr, .ip_family = eks::IpFamily::ipv4};
    wire.logging = logging_of(cluster);
    wire.identity = eks::Identity{.oidc = eks::OIDC{.issuer = cluster.oidc_issuer}};
    // Until a cluster is there, AWS shows neither address nor authority.
    if (!cluster.endpoint.empty()) wire.endpoint = cluster.endpoint;
    wire.certificate_authority = eks::Certificate{};
    if (!cluster.certificate_authority.empty()) {
        wire.certificate_authority->data = encode_base64(cluster.certificate_authority);
    }
    wire.tags = cluster.tags;
    wire.health = eks::ClusterHealth{.issues = std::vector<eks::ClusterIssue>()};
    if (!cluster.failure.empty()) {
        // One that was never there has failed; one that was does not answer.
        const auto code = cluster.status == "FAILED" ? eks::ClusterIssueCode::internal_failure
                                                     : eks::ClusterIssueCode::cluster_unreachable;
        wire.health->issues->push_back({.code = code, .message = cluster.failure});
    }
    wire.access_config =
        eks::AccessConfigResponse{.bootstrap_cluster_creator_admin_permissions = cluster.creator_is_admin,
                                  .authentication_mode = enum_of<eks::AuthenticationMode>(cluster.authentication_mode)};
    wire.upgrade_policy = eks::UpgradePolicyResponse{.support_type = enum_of<eks::SupportType>(cluster.support_type)};
    wire.deletion_protection = cluster.deletion_protection;
    return wire;
}

// What would change how a cluster runs, and cannot be had here: better refused than passed over.
std::string_view unsupported_option(const eks::CreateClusterRequest& request) {
    const auto& network = request.kubernetes_network_config;
    if (network && network->ip_family == eks::IpFamily::ipv6) return "ipFamily ipv6";
    if (request.encryption_config && !request.encryption_config->empty()) return "encryptionConfig";
    if (request.outpost_config) return "outpostConfig";
    if (request.remote_network_config) return "remoteNetworkConfig";
    if (request.compute_config && request.compute_config->enabled.value_or(false)) return "computeConfig";
    if (request.zonal_shift_config && request.zonal_shift_config->enabled.value_or(false)) return "zonalShiftConfig";
    return {};
}

Result<void> check_request(const Call& call, const eks::CreateClusterRequest& request) {
    if (request.version && *request.version != kubernetes_version) {
        return invalid_parameter("unsupported Kubernetes version");
    }
    SEK_TRY(check_zones(call, request.resources_vpc_config.subnet_ids.value_or(std::vector<std::string>())));
    if (const auto option = unsupported_option(request); !option.empty()) {
        return invalid_parameter(std::string(option) + " is not supported");
    }
    return check_service_role(call, request.role_arn, cluster_service);
}

void take_options(const Call& call, const eks::CreateClusterRequest& request, domain::Cluster& cluster) {
    const auto& vpc = request.resources_vpc_config;
    cluster.subnet_ids = vpc.subnet_ids.value_or(std::vector<std::string>());
    cluster.security_group_ids = vpc.security_group_ids.value_or(std::vector<std::string>());
    cluster.endpoint_public_access = vpc.endpoint_public_access.value_or(true);
    cluster.endpoint_private_access = vpc.endpoint_private_access.value_or(false);
    cluster.public_access_cidrs = vpc.public_access_cidrs.value_or(std::vector<std::string>{"0.0.0.0/0"});
    cluster.service_ipv4_cidr = default_service_cidr;
    if (request.kubernetes_network_config && request.kubernetes_network_config->service_ipv4_cidr) {
        cluster.service_ipv4_cidr = *request.kubernetes_network_config->service_ipv4_cidr;
    }
    const auto access = request.access_config.value_or(eks::CreateAccessConfigRequest());
    cluster.authentication_mode = enum_text(access.authentication_mode.value_or(eks::AuthenticationMode::config_map));
    cluster.creator_is_admin = access.bootstrap_cluster_creator_admin_permissions.value_or(true);
    cluster.creator_arn = call.caller.principal_arn;
    cluster.creator_id = call.caller.principal_id;
    cluster.deletion_protection = request.deletion_protection.value_or(false);
    if (request.upgrade_policy && request.upgrade_policy->support_type) {
        cluster.support_type = enum_text(*request.upgrade_policy->support_type);
    }
    cluster.tags = request.tags.value_or(domain::Tags());
    if (!request.logging || !request.logging->cluster_logging) return;
    for (const auto& setup : *request.logging->cluster_logging) {
        if (!setup.enabled.value_or(false) || !setup.types) continue;
        for (const auto type : *setup.types) cluster.log_types.emplace_back(enum_text(type));
    }
}

Result<eks::CreateClusterResponse> create_cluster(Call& call, const eks::CreateClusterRequest& request) {
    SEK_TRY(const auto existing, domain::clusters.get(call.tx, call.account(), call.region(), request.name));
    if (existing) {
        if (is_same_request(request.client_request_token, existing->client_request_token)) {
            return eks::CreateClusterResponse{.cluster = to_wire(*existing)};
        }
        return eks::errors::resource_in_use_exception("Cluster already exists with name: " + request.name)
            .with("clusterName", request.name);
    }
    SEK_TRY(check_request(call, request));
    domain::Cluster cluster;
    cluster.account_id = call.account();
    cluster.region = call.region();
    cluster.name = request.name;
    cluster.arn = cluster_arn(call, request.name);
    cluster.id = random_text(call.random, 32, "0123456789ABCDEF");
    cluster.provider = call.environment.cluster_provider;
    cluster.status = enum_text(eks::ClusterStatus::creating);
    cluster.version = kubernetes_version;
    cluster.platform_version = platform_version;
    cluster.role_arn = request.role_arn;
    cluster.cluster_security_group_id = "sg-0" + random_hex(call.random, 16);
    cluster.oidc_issuer = call.environment.public_url + "/oidc/id/" + cluster.id;
    cluster.webhook_token = Secret(random_hex(call.random, 64));
    cluster.client_request_token = request.client_request_token.value_or("");
    cluster.created_at = call.now;
    take_options(call, request, cluster);
    SEK_TRY(join_network(call, cluster));
    cluster.creator_has_entry = cluster.creator_is_admin && domain::has_access_entries(cluster);
    if (cluster.creator_has_entry) {
        SEK_TRY(domain::access_entries.put(call.tx,
                                           domain::make_creator_entry(cluster, random_uuid(call.random), call.now)));
    }
    SEK_TRY(domain::clusters.put(call.tx, cluster));
    SEK_TRY(domain::enqueue_cluster_effect(call.tx, cluster, domain::ClusterAction::create_cluster));
    if (cluster.creator_has_entry) {
        SEK_TRY(domain::enqueue_cluster_effect(call.tx, cluster, domain::ClusterAction::apply_access));
    }
    return eks::CreateClusterResponse{.cluster = to_wire(cluster)};
}

access::Permissions create_permissions(const Call& call, const eks::CreateClusterRequest& request) {
    return {{.resource = cluster_arn(call, request.name), .context = tag_context(request.tags)},
            pass_role(request.role_arn, cluster_service)};
}

Result<eks::DescribeClusterResponse> describe_cluster(Call& call, const eks::DescribeClusterRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.name));
    return eks::DescribeClusterResponse{.cluster = to_wire(cluster)};
}

access::Permissions describe_permissions(const Call& call, const eks::DescribeClusterRequest& request) {
    access::Permission permission{.resource = cluster_arn(call, request.name)};
    const auto cluster = domain::clusters.get(call.tx, call.account(), call.region(), request.name);
    if (cluster && *cluster) {
        for (const auto& [key, value] : (*cluster)->tags)
            permission.context.push_back({"aws:ResourceTag/" + key, {value}});
    }
    return {permission};
}

Result<eks::ListClustersResponse> list_clusters(Call& call, const eks::ListClustersRequest& request) {
    SEK_TRY(const auto page, read_page(call, "ListClusters", request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::clusters.scan(call.tx, store::prefix(call.account(), call.region()), page));
    eks::ListClustersResponse response;
    response.clusters.emplace();
    for (const auto& cluster : found.items) response.clusters->push_back(cluster.name);
    response.next_token = next_token(call, "ListClusters", found.next);
    return response;
}

access::Permissions list_permissions(const Call& call, const eks::ListClustersRequest&) {
    return {{.resource = cluster_arn(call, "*")}};
}

Result<eks::DeleteClusterResponse> delete_cluster(Call& call, const eks::DeleteClusterRequest& request) {
    SEK_TRY(auto cluster, find_cluster(call, request.name));
    call.tx.read_guard(domain::nodegroups_guard(cluster.id));
    SEK_TRY(const auto groups,
            domain::nodegroups.scan(call.tx, store::prefix(call.account(), call.region(), request.name), {.limit = 1}));
    if (!groups.items.empty()) {
        return eks::errors::resource_in_use_exception("Cluster has nodegroups attached")
            .with("clusterName", request.name)
            .with("nodegroupName", groups.items.front().name);
    }
    call.tx.read_guard(domain::fargate_profiles_guard(cluster.id));
    SEK_TRY(const auto profiles, domain::fargate_profiles.scan(call.tx, store::prefix(cluster.id), {.limit = 1}));
    if (!profiles.items.empty()) {
        return eks::errors::resource_in_use_exception("Cluster has Fargate profiles attached")
            .with("clusterName", request.name);
    }
    if (cluster.deletion_protection) {
        return eks::errors::invalid_request_exception(
            "Cluster deletion protection is enabled. Disable deletion protection before deleting the cluster.");
    }
    if (cluster.status != "DELETING") {
        cluster.status = enum_text(eks::ClusterStatus::deleting);
        SEK_TRY(domain::clusters.put(call.tx, cluster));
        SEK_TRY(domain::enqueue_cluster_effect(call.tx, cluster, domain::ClusterAction::delete_cluster));
    }
    return eks::DeleteClusterResponse{.cluster = to_wire(cluster)};
}

// The one version that runs here, unless the request asks for others only.
Result<eks::DescribeClusterVersionsResponse> describe_versions(Call&,
                                                               const eks::DescribeClusterVersionsRequest& request) {
    eks::DescribeClusterVersionsResponse response;
    response.cluster_versions.emplace();
    const auto wanted = request.cluster_versions.value_or(std::vector<std::string>());
    const bool is_wanted =
        (wanted.empty() || std::ranges::find(wanted, kubernetes_version) != wanted.end()) &&
        request.cluster_type.value_or("eks") == "eks" &&
        request.version_status.value_or(eks::VersionStatus::standard_support) == eks::VersionStatus::standard_support &&
        request.status.value_or(eks::ClusterVersionStatus::standard_support) ==
            eks::ClusterVersionStatus::standard_support;
    if (!is_wanted) return response;
    eks::ClusterVersionInformation version;
    version.cluster_version = std::string(kubernetes_version);
    version.cluster_type = "eks";
    version.default_platform_version = std::string(platform_version);
    version.default_version = true;
    version.release_date = time_from_epoch_seconds(released);
    version.end_of_standard_support_date = time_from_epoch_seconds(standard_support_end);
    version.end_of_extended_support_date = time_from_epoch_seconds(extended_support_end);
    version.status = eks::ClusterVersionStatus::standard_support;
    version.version_status = eks::VersionStatus::standard_support;
    version.kubernetes_patch_version = std::string(kubernetes_patch_version);
    response.cluster_versions->push_back(std::move(version));
    return response;
}

}  // namespace

const operation::OperationTable cluster_operations = {
    operation::operation<eks::CreateCluster>(
        {.access = Access::write, .resources = create_permissions, .handle = create_cluster}),
    operation::operation<eks::DescribeCluster>(
        {.access = Access::read, .resources = describe_permissions, .handle = describe_cluster}),
    operation::operation<eks::ListClusters>(
        {.access = Access::read, .resources = list_permissions, .handle = list_clusters}),
    operation::operation<eks::DeleteCluster>(
        {.access = Access::write, .resources = on_cluster<eks::DeleteClusterRequest>, .handle = delete_cluster}),
    operation::operation<eks::DescribeClusterVersions>(
        {.access = Access::read, .resources = operation::any_resource, .handle = describe_versions}),
};

}  // namespace sekisho::eks_service
