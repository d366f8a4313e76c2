#pragma once
// EKS clusters, node groups and their nodes, keyed by (account, region) from the first day.
// https://docs.aws.amazon.com/eks/latest/APIReference/
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

struct Cluster {
    AccountId account_id;
    Region region;
    std::string name;
    std::string arn;
    std::string id;        // our own, names its folder and webhook path; never used again
    std::string provider;  // local, record
    std::string status;    // CREATING, ACTIVE, DELETING, FAILED, UPDATING
    std::string version;   // 1.34
    std::string platform_version;
    std::string role_arn;
    std::string endpoint;
    std::string certificate_authority;  // PEM
    std::string service_ipv4_cidr;
    std::vector<std::string> subnet_ids;
    std::vector<std::string> security_group_ids;
    bool endpoint_public_access = true;
    bool endpoint_private_access = false;
    std::vector<std::string> public_access_cidrs;
    std::string authentication_mode;  // CONFIG_MAP, API_AND_CONFIG_MAP, API
    bool creator_is_admin = true;
    // Who made it: system:masters as long as the cluster lives (CONFIG_MAP mode), by unique id and ARN.
    std::string creator_arn;  // canonical: the role's or user's ARN
    PrincipalId creator_id;
    std::string oidc_issuer;
    Secret webhook_token;  // bearer of this cluster's TokenReviews
    std::string client_request_token;
    std::string failure;  // why FAILED
    Time created_at{};
    Tags tags;
    std::string cluster_security_group_id;
    std::vector<std::string> log_types;  // of the control plane, as asked for
    bool deletion_protection = false;
    // The creator's right is an access entry (cluster_access.h), which can be deleted; false: it goes with the cluster.
    bool creator_has_entry = false;
    std::string service_account_key;  // public, PEM; what the issuer serves. Empty: nothing is signed here
    std::string support_type = "EXTENDED";
    std::string vpc_id;  // that holds its subnets, where it is known
    static const Shape shape;
};

struct NodeInstance {
    std::string id;                // i-<17 hex>
    std::string private_dns_name;  // ip-192-168-1-2.us-east-1.compute.internal
    std::string address;
    std::string zone;  // us-east-1a
    static const Shape shape;
};

struct NodegroupTaint {
    std::string key;
    std::string value;
    std::string effect;  // NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE
    static const Shape shape;
};

struct Nodegroup {
    AccountId account_id;
    Region region;
    std::string cluster_name;
    std::string name;
    std::string arn;
    std::string id;      // uuid
    std::string status;  // CREATING, ACTIVE, UPDATING, DELETING, CREATE_FAILED
    std::string node_role_arn;
    std::string version;
    std::string release_version;
    std::string capacity_type;
    std::string ami_type;
    std::vector<std::string> instance_types;
    std::vector<std::string> subnet_ids;
    std::int32_t size_min = 1;
    std::int32_t size_max = 2;
    std::int32_t size_desired = 2;
    std::int32_t disk_gib = 20;  // 0: the launch template says it
    Tags labels;
    std::vector<NodeInstance> instances;
    std::string failure;
    std::string client_request_token;
    Time created_at{};
    Time modified_at{};
    Tags tags;
    std::vector<NodegroupTaint> taints;
    std::string launch_template_id;
    std::string launch_template_name;
    std::string launch_template_version;
    std::string image_id;   // of its nodes' label; no image is behind it
    std::string update_id;  // the update that is being carried out
    std::optional<std::int32_t> max_unavailable;
    std::optional<std::int32_t> max_unavailable_percentage;
    std::string ssh_key;  // remote access
    std::vector<std::string> ssh_security_group_ids;
    std::string launch_template_instance_type;  // of its nodes, where the template says it and the group does not
    static const Shape shape;
};

struct ClusterUpdate {  // DescribeUpdate
    AccountId account_id;
    Region region;
    std::string cluster_name;
    std::string nodegroup_name;
    std::string id;
    std::string type;
    std::string status;
    std::vector<Tags> params;
    Time created_at{};
    std::string addon_name;
    std::string client_request_token;
    std::string failure;
    static const Shape shape;
};

// The last good aws-auth mapping of a cluster: while the watch is broken it still serves.
struct IdentityMapping {
    std::string cluster_id;
    std::string map_roles;  // the ConfigMap's texts, as read
    std::string map_users;
    std::string map_accounts;
    std::string resource_version;
    bool stale = false;
    Time read_at{};  // epoch: not read yet
    // The last change that was asked for by our API: at most one is under way.
    std::string change_id;
    std::string change_status;  // IN_PROGRESS, SUCCEEDED, FAILED; empty: there was none
    std::string change_failure;
    static const Shape shape;
};

inline constexpr std::uint8_t clusters_by_id = 1;              // unique
extern const store::Table<Cluster> clusters;                   // key(account, region, name)
extern const store::Table<Nodegroup> nodegroups;               // key(account, region, cluster, name)
inline constexpr std::uint8_t cluster_updates_by_token = 1;    // key(account, region, cluster, request token)
extern const store::Table<ClusterUpdate> cluster_updates;      // key(account, region, cluster, id)
extern const store::Table<IdentityMapping> identity_mappings;  // key(cluster id)

// The guard of a cluster's set of node groups.
std::string nodegroups_guard(std::string_view cluster_id);

// What is to be done to a cluster: the payload of outbox rows of kind cluster_effect, whose ordering key is the
// cluster's id, so that a node group is made after its cluster. Carried out by the provider's worker
// (kube/cluster_manager.h).
inline constexpr std::string_view cluster_effect = "cluster";
enum class ClusterAction : std::uint16_t {
    create_cluster,
    delete_cluster,
    apply_nodegroup,
    delete_nodegroup,
    apply_access,   // the access policies of its access entries
    change_mapping  // one entry of its aws-auth
};
constexpr std::string_view cluster_action_names[] = {"create-cluster",   "delete-cluster", "apply-nodegroup",
                                                     "delete-nodegroup", "apply-access",   "change-mapping"};
constexpr std::span<const std::string_view> enum_names(ClusterAction) {
    return cluster_action_names;
}
// One entry of aws-auth that is to be as said, or to go.
struct MappingChange {
    std::string id;
    std::string principal_arn;  // of a role or user
    bool removes = false;
    std::string username;
    std::vector<std::string> groups;
    static const Shape shape;
};
struct ClusterEffect {
    AccountId account_id;
    Region region;
    std::string cluster_name;
    std::string cluster_id;
    ClusterAction action = ClusterAction::create_cluster;
    std::string nodegroup_name;
    MappingChange mapping;
    static const Shape shape;
};
Result<void> enqueue_cluster_effect(store::Transaction& transaction, const Cluster& cluster, ClusterAction action,
                                    std::string nodegroup_name = {});
Result<void> enqueue_mapping_change(store::Transaction& transaction, const Cluster& cluster, MappingChange change);
Result<ClusterEffect> read_cluster_effect(std::string_view payload);

// EC2's name of an address in a region: ip-10-0-1-2.ec2.internal in us-east-1, ip-10-0-1-2.<region>.compute.internal
// elsewhere (EC2 user guide, "IP name").
std::string node_private_dns_name(std::string_view address, const Region& region);

}  // namespace sekisho::domain
