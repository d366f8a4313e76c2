#pragma once
// What the operations of EKS share: finding records, ARNs, permissions, pages, updates.
#include <optional>
#include <string>

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

// A page of at most 100 names.
Result<store::Page> read_page(const operation::Call& call, std::string_view scope,
                              const std::optional<std::string>& token, std::optional<std::int32_t> limit);
std::optional<std::string> next_token(const operation::Call& call, std::string_view scope,
                                      const std::optional<std::string>& next);

// Keeps an update that is already carried out, and gives it as the API shows it.
Result<eks::Update> record_update(operation::Call& call, const domain::Cluster& cluster, std::string nodegroup,
                                  eks::UpdateType type,
                                  std::vector<std::pair<eks::UpdateParamType, std::string>> params);
eks::Update to_wire(const domain::ClusterUpdate& update);

}  // namespace sekisho::eks_service
