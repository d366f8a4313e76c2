#pragma once
// What the operations of EKS share: finding records, ARNs, permissions, pages, updates.
#include <optional>
#include <string>

#include "domain/cluster_access.h"
#include "domain/cluster_parts.h"
#include "domain/clusters.h"
#include "models/eks.h"
#include "operation/operation.h"

namespace sekisho::eks_service {

// The one Kubernetes version that runs here; what is reported is what runs.
inline constexpr std::string_view kubernetes_version = "1.34";
inline constexpr std::string_view kubernetes_patch_version = "1.34.4";
inline constexpr std::string_view platform_version = "eks.1";
inline constexpr std::size_t tags_max = 50;

// ResourceNotFoundException "No cluster found for name: X."
Result<domain::Cluster> find_cluster(const operation::Call& call, const std::string& name);
Result<domain::Nodegroup> find_nodegroup(const operation::Call& call, const std::string& cluster,
                                         const std::string& name);

std::string cluster_arn(const operation::Call& call, std::string_view name);
// With the id of the record, or "*" for one that is not there.
std::string nodegroup_arn(const operation::Call& call, std::string_view cluster, std::string_view name);
std::string missing_nodegroup_arn(const operation::Call& call, std::string_view cluster, std::string_view name);

// The ARN of what belongs to a cluster: arn:aws:eks:<region>:<account>:<kind>/<cluster>/<rest>.
std::string part_arn(const operation::Call& call, std::string_view kind, std::string_view cluster,
                     std::string_view rest);
// The cluster's record of a part, for authorization: nothing where either is missing.
template <class Record, class... Parts>
std::optional<Record> known_part(const operation::Call& call, const store::Table<Record>& table,
                                 const std::string& cluster_name, const Parts&... parts) {
    const auto cluster = domain::clusters.get(call.tx, call.account(), call.region(), cluster_name);
    if (!cluster || !*cluster) return {};
    auto record = table.get(call.tx, (*cluster)->id, parts...);
    return record ? std::move(*record) : std::nullopt;
}
// The permission on a part. The text of a refusal must not tell whether it exists: it shows `missing_arn`, without id.
template <class Record>
access::Permission on_part(const std::optional<Record>& known, const std::string& missing_arn) {
    access::Permission permission{.resource = known ? known->arn : missing_arn, .shown_resource = missing_arn};
    if (!known) return permission;
    for (const auto& [key, value] : known->tags) permission.context.push_back({"aws:ResourceTag/" + key, {value}});
    return permission;
}

template <class Request>
access::Permissions on_cluster(const operation::Call& call, const Request& request) {
    return {{.resource = cluster_arn(call, request.name)}};
}
template <class Request>
access::Permissions on_clusters_of_request(const operation::Call& call, const Request& request) {
    return {{.resource = cluster_arn(call, request.cluster_name)}};
}
template <class Request>
access::Permissions on_nodegroup(const operation::Call& call, const Request& request) {
    // The text of a refusal must not tell whether the group exists, so it never shows the group's id.
    return {{.resource = nodegroup_arn(call, request.cluster_name, request.nodegroup_name),
             .shown_resource = missing_nodegroup_arn(call, request.cluster_name, request.nodegroup_name)}};
}
// aws:RequestTag/.. and aws:TagKeys of a request's tags.
access::ContextValues tag_context(const std::optional<std::map<std::string, std::string>>& tags);
// iam:PassRole on the role, for the service that will use it.
access::Permission pass_role(const std::string& role_arn, std::string_view service);

ApiError invalid_parameter(std::string message);

// The role must be there, in the caller's account, and trust the service.
Result<void> check_service_role(const operation::Call& call, const std::string& role_arn, std::string_view service);
// InvalidRequestException "Cluster 'X' is not in ACTIVE status".
Result<void> check_active(const domain::Cluster& cluster);
// Whether a request that finds its record there already is the request that made it, sent again.
bool is_same_request(const std::optional<std::string>& token, std::string_view known_token);

// A page of at most 100 names.
Result<store::Page> read_page(const operation::Call& call, std::string_view scope,
                              const std::optional<std::string>& token, std::optional<std::int32_t> limit);
std::optional<std::string> next_token(const operation::Call& call, std::string_view scope,
                                      const std::optional<std::string>& next);

using UpdateParams = std::vector<std::pair<eks::UpdateParamType, std::string>>;
struct NewUpdate {
    eks::UpdateType type = eks::UpdateType::config_update;
    UpdateParams params;
    std::string nodegroup_name;
    std::string addon_name;
    std::optional<std::string> client_request_token;
    bool is_done = true;  // carried out already; else a provider's report ends it (finish_update)
};
Result<domain::ClusterUpdate> record_update(operation::Call& call, const domain::Cluster& cluster, NewUpdate update);
// The update that the same request has made before.
Result<std::optional<eks::Update>> earlier_update(const operation::Call& call, const domain::Cluster& cluster,
                                                  const std::optional<std::string>& token);
// Ends an update; an empty failure is success. An unknown one is no error.
Result<void> finish_update(operation::Call& call, const domain::Nodegroup& group, const std::string& failure);
eks::Update update_to_wire(const domain::ClusterUpdate& update);

// InvalidRequestException where the cluster's authentication mode is CONFIG_MAP.
Result<domain::Cluster> find_cluster_with_entries(const operation::Call& call, const std::string& name);
struct FoundAccessEntry {
    domain::Cluster cluster;
    domain::AccessEntry entry;
};
Result<FoundAccessEntry> find_access_entry(const operation::Call& call, const std::string& cluster_name,
                                           const std::string& principal_arn);
std::string missing_entry_arn(const operation::Call& call, const std::string& cluster,
                              const std::string& principal_arn);
template <class Request>
access::Permissions on_access_entry(const operation::Call& call, const Request& request) {
    return {on_part(known_part(call, domain::access_entries, request.cluster_name, request.principal_arn),
                    missing_entry_arn(call, request.cluster_name, request.principal_arn))};
}
// The access entry that a managed node group's role needs, where access entries are in use; left alone if it is there.
Result<void> ensure_node_entry(operation::Call& call, const domain::Cluster& cluster, const domain::Nodegroup& group);
// Erases it with the last node group of the role.
Result<void> drop_node_entry(operation::Call& call, const domain::Cluster& cluster, const domain::Nodegroup& group);

// Makes or removes pod identity associations on behalf of an add-on.
Result<domain::PodIdentityAssociation> associate_pod_identity(operation::Call& call, const domain::Cluster& cluster,
                                                              domain::PodIdentityAssociation association);
inline constexpr std::string_view pod_identity_service = "pods.eks.amazonaws.com";

}  // namespace sekisho::eks_service
