#pragma once
// Access entries of EKS clusters and the access policies associated with them: who may enter a cluster, as the EKS API
// keeps it beside the aws-auth ConfigMap. https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/clusters.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

struct AssociatedAccessPolicy {
    std::string policy_name;              // AmazonEKSViewPolicy
    std::vector<std::string> namespaces;  // may hold '*'; empty: the whole cluster
    Time associated_at{};
    Time modified_at{};
    static const Shape shape;
};

struct AccessEntry {
    std::string cluster_id;
    std::string cluster_name;
    std::string principal_arn;  // a user's or role's own, with its path
    PrincipalId principal_id;   // a principal made anew under the same ARN is another one
    std::string id;             // uuid
    std::string arn;
    std::string type;  // STANDARD, EC2_LINUX, ..
    std::string username;
    std::vector<std::string> kubernetes_groups;
    std::vector<AssociatedAccessPolicy> policies;  // each policy once
    bool is_of_nodes = false;                      // made with a node group, and gone with the last one of its role
    std::string client_request_token;
    Time created_at{};
    Time modified_at{};
    Tags tags;
    static const Shape shape;
};

inline constexpr std::uint8_t access_entries_by_principal = 1;  // unique: key(cluster id, principal id)
inline constexpr std::uint8_t access_entries_by_id = 2;         // unique: key(cluster id, id)
extern const store::Table<AccessEntry> access_entries;          // key(cluster id, principal ARN)

// Every access policy by name, as ListAccessPolicies tells them.
std::span<const std::string_view> access_policy_names();
// arn:aws:eks::aws:cluster-access-policy/<name>
std::string access_policy_arn(std::string_view name);
// The name, of an ARN of a policy that exists.
std::optional<std::string> access_policy_name(std::string_view arn);
inline constexpr std::string_view cluster_admin_policy = "AmazonEKSClusterAdminPolicy";

// The Kubernetes group that stands for one entry: policies are bound to it, and TokenReview puts the entry's principal
// into it. Nobody can name such a group in an entry.
inline constexpr std::string_view access_group_prefix = "sekisho:";
std::string access_group(const AccessEntry& entry);

// Whether access entries are asked at all, and whether aws-auth is.
inline bool has_access_entries(const Cluster& cluster) {
    return cluster.authentication_mode == "API" || cluster.authentication_mode == "API_AND_CONFIG_MAP";
}
inline bool has_aws_auth(const Cluster& cluster) {
    return cluster.authentication_mode != "API";
}

// An entry of a cluster with the defaults of its type: user name and groups. `id` is a fresh uuid.
AccessEntry make_access_entry(const Cluster& cluster, std::string_view principal_arn, PrincipalId principal_id,
                              std::string_view type, std::string id, Time now);
// The creator's entry: a cluster administrator like any other (bootstrapClusterCreatorAdminPermissions).
AccessEntry make_creator_entry(const Cluster& cluster, std::string id, Time now);

}  // namespace sekisho::domain
