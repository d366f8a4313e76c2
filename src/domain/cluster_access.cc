#include "domain/cluster_access.h"

#include <algorithm>
#include <array>

#include "wire/arn.h"

namespace sekisho::domain {

using store::key;

namespace {

constexpr std::string_view policy_arn_prefix = "arn:aws:eks::aws:cluster-access-policy/";

// EKS user guide, "Review access policy permissions"; in order of name.
constexpr std::array<std::string_view, 16> policy_names = {
    "AmazonEKSAdminPolicy",           "AmazonEKSAdminViewPolicy",
    "AmazonEKSAutoNodePolicy",        "AmazonEKSBlockStorageClusterPolicy",
    "AmazonEKSBlockStoragePolicy",    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSClusterInsightsPolicy", "AmazonEKSComputeClusterPolicy",
    "AmazonEKSComputePolicy",         "AmazonEKSEditPolicy",
    "AmazonEKSHybridPolicy",          "AmazonEKSLoadBalancingClusterPolicy",
    "AmazonEKSLoadBalancingPolicy",   "AmazonEKSNetworkingClusterPolicy",
    "AmazonEKSNetworkingPolicy",      "AmazonEKSViewPolicy"};

// What EKS gives a type's entries (EKS user guide, "Create access entries").
std::string default_username(std::string_view principal_arn, std::string_view type) {
    if (type == "EC2_LINUX" || type == "EC2_WINDOWS" || type == "EC2") return "system:node:{{EC2PrivateDNSName}}";
    if (type != "STANDARD") return "system:node:{{SessionName}}";
    const auto arn = wire::Arn::parse(principal_arn);
    const auto role = wire::role_name(principal_arn);
    if (!arn || !role) return std::string(principal_arn);
    return "arn:" + arn->partition + ":sts::" + arn->account + ":assumed-role/" + role->name + "/{{SessionName}}";
}

std::vector<std::string> default_groups(std::string_view type) {
    if (type == "STANDARD") return {};
    if (type == "EC2_WINDOWS") return {"eks:kube-proxy-windows", "system:nodes"};
    if (type == "FARGATE_LINUX") return {"system:node-proxier", "system:nodes"};
    return {"system:nodes"};
}

std::string entry_arn(const Cluster& cluster, std::string_view principal_arn, const std::string& id) {
    const auto arn = wire::Arn::parse(principal_arn);
    const std::string kind = arn ? std::string(arn->resource_type()) : "";
    const std::string name = arn ? arn->resource.substr(arn->resource.rfind('/') + 1) : "";
    return wire::make_arn(
        "eks", cluster.region, cluster.account_id,
        "access-entry/" + cluster.name + "/" + kind + "/" + (arn ? arn->account : "") + "/" + name + "/" + id);
}

}  // namespace

const Shape AssociatedAccessPolicy::shape = record_shape<AssociatedAccessPolicy>(
    "AssociatedAccessPolicy",
    {SEK_FIELD(1, AssociatedAccessPolicy, policy_name), SEK_FIELD(2, AssociatedAccessPolicy, namespaces),
     SEK_FIELD(3, AssociatedAccessPolicy, associated_at), SEK_FIELD(4, AssociatedAccessPolicy, modified_at)});

const Shape AccessEntry::shape = record_shape<AccessEntry>(
    "AccessEntry", {SEK_FIELD(1, AccessEntry, cluster_id), SEK_FIELD(2, AccessEntry, cluster_name),
                    SEK_FIELD(3, AccessEntry, principal_arn), SEK_FIELD(4, AccessEntry, principal_id),
                    SEK_FIELD(5, AccessEntry, id), SEK_FIELD(6, AccessEntry, arn), SEK_FIELD(7, AccessEntry, type),
                    SEK_FIELD(8, AccessEntry, username), SEK_FIELD(9, AccessEntry, kubernetes_groups),
                    SEK_FIELD(10, AccessEntry, policies), SEK_FIELD(11, AccessEntry, is_of_nodes),
                    SEK_FIELD(12, AccessEntry, client_request_token), SEK_FIELD(13, AccessEntry, created_at),
                    SEK_FIELD(14, AccessEntry, modified_at), SEK_FIELD(15, AccessEntry, tags)});

const store::Table<AccessEntry> access_entries(
    84, "access_entries", [](const AccessEntry& e) { return key(e.cluster_id, e.principal_arn); },
    {.indexes = {{access_entries_by_principal, "by_principal", store::unique,
                  [](const AccessEntry& e) { return std::vector{key(e.cluster_id, e.principal_id)}; }},
                 {access_entries_by_id, "by_id", store::unique,
                  [](const AccessEntry& e) { return std::vector{key(e.cluster_id, e.id)}; }}}});

std::span<const std::string_view> access_policy_names() {
    return policy_names;
}

std::string access_policy_arn(std::string_view name) {
    return std::string(policy_arn_prefix) + std::string(name);
}

std::optional<std::string> access_policy_name(std::string_view arn) {
    if (!arn.starts_with(policy_arn_prefix)) return std::nullopt;
    const std::string_view name = arn.substr(policy_arn_prefix.size());
    if (!std::ranges::binary_search(policy_names, name)) return std::nullopt;
    return std::string(name);
}

std::string access_group(const AccessEntry& entry) {
    return std::string(access_group_prefix) + "access-entry:" + entry.id;
}

AccessEntry make_access_entry(const Cluster& cluster, std::string_view principal_arn, PrincipalId principal_id,
                              std::string_view type, std::string id, Time now) {
    AccessEntry entry;
    entry.cluster_id = cluster.id;
    entry.cluster_name = cluster.name;
    entry.principal_arn = principal_arn;
    entry.principal_id = std::move(principal_id);
    entry.arn = entry_arn(cluster, principal_arn, id);
    entry.id = std::move(id);
    entry.type = type;
    entry.username = default_username(principal_arn, type);
    entry.kubernetes_groups = default_groups(type);
    entry.created_at = entry.modified_at = now;
    return entry;
}

AccessEntry make_creator_entry(const Cluster& cluster, std::string id, Time now) {
    auto entry = make_access_entry(cluster, cluster.creator_arn, cluster.creator_id, "STANDARD", std::move(id), now);
    entry.policies.push_back(
        {.policy_name = std::string(cluster_admin_policy), .associated_at = now, .modified_at = now});
    return entry;
}

}  // namespace sekisho::domain
