#pragma once
// What else belongs to an EKS cluster: add-ons, pod identity associations, Fargate profiles, identity providers. All
// are keyed by the cluster's id, which is never used again, and go with the cluster.
// https://docs.aws.amazon.com/eks/latest/APIReference/
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/clusters.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

// ACTIVE from the answer that made it on: nothing runs for it here.
struct Addon {
    std::string cluster_id;
    std::string cluster_name;
    std::string name;
    std::string id;  // uuid
    std::string arn;
    std::string version;
    std::string service_account_role_arn;
    std::string configuration_values;  // JSON or YAML, as given
    std::string namespace_name;        // as given; empty: the add-on's own
    std::vector<std::string> pod_identity_association_arns;
    std::string client_request_token;
    Time created_at{};
    Time modified_at{};
    Tags tags;
    static const Shape shape;
};

struct PodIdentityAssociation {
    std::string cluster_id;
    std::string cluster_name;
    std::string id;  // a-..
    std::string arn;
    std::string namespace_name;
    std::string service_account;
    std::string role_arn;
    std::string target_role_arn;
    std::string external_id;  // that the target role is assumed with
    std::string policy;       // a session policy
    bool disable_session_tags = false;
    std::string owner_arn;  // of the add-on that it belongs to
    std::string client_request_token;
    Time created_at{};
    Time modified_at{};
    Tags tags;
    static const Shape shape;
};

struct FargateSelector {
    std::string namespace_name;
    Tags labels;
    static const Shape shape;
};
struct FargateProfile {
    std::string cluster_id;
    std::string cluster_name;
    std::string name;
    std::string id;  // uuid
    std::string arn;
    std::string pod_execution_role_arn;
    std::vector<std::string> subnet_ids;
    std::vector<FargateSelector> selectors;
    std::string client_request_token;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct OidcProviderConfig {
    std::string cluster_id;
    std::string cluster_name;
    std::string name;
    std::string id;  // uuid
    std::string arn;
    std::string issuer_url;
    std::string client_id;
    std::string username_claim;
    std::string username_prefix;
    std::string groups_claim;
    std::string groups_prefix;
    Tags required_claims;
    Tags tags;
    static const Shape shape;
};

extern const store::Table<Addon> addons;                      // key(cluster id, name)
inline constexpr std::uint8_t pod_identities_by_account = 1;  // unique: key(cluster id, namespace, name)
extern const store::Table<PodIdentityAssociation> pod_identity_associations;  // key(cluster id, id)
extern const store::Table<FargateProfile> fargate_profiles;                   // key(cluster id, name)
extern const store::Table<OidcProviderConfig> oidc_provider_configs;          // key(cluster id, name)
// The guard of a cluster's set of Fargate profiles.
std::string fargate_profiles_guard(std::string_view cluster_id);

// Erases what belongs to a cluster, a part at a time, as a transaction is limited. False: there is more.
Result<bool> erase_cluster_parts(store::Transaction& transaction, const Cluster& cluster);

}  // namespace sekisho::domain
