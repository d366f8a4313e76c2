#include "domain/clusters.h"

#include <cstddef>

#include "base/text.h"
#include "store/record_codec.h"

namespace sekisho::domain {

using store::key;

const Shape Cluster::shape = record_shape<Cluster>("Cluster", {SEK_FIELD(1, Cluster, account_id),
                                                               SEK_FIELD(2, Cluster, region),
                                                               SEK_FIELD(3, Cluster, name),
                                                               SEK_FIELD(4, Cluster, arn),
                                                               SEK_FIELD(5, Cluster, id),
                                                               SEK_FIELD(6, Cluster, provider),
                                                               SEK_FIELD(7, Cluster, status),
                                                               SEK_FIELD(8, Cluster, version),
                                                               SEK_FIELD(9, Cluster, platform_version),
                                                               SEK_FIELD(10, Cluster, role_arn),
                                                               SEK_FIELD(11, Cluster, endpoint),
                                                               SEK_FIELD(12, Cluster, certificate_authority),
                                                               SEK_FIELD(13, Cluster, service_ipv4_cidr),
                                                               SEK_FIELD(14, Cluster, subnet_ids),
                                                               SEK_FIELD(15, Cluster, security_group_ids),
                                                               SEK_FIELD(16, Cluster, endpoint_public_access),
                                                               SEK_FIELD(17, Cluster, endpoint_private_access),
                                                               SEK_FIELD(18, Cluster, public_access_cidrs),
                                                               SEK_FIELD(19, Cluster, authentication_mode),
                                                               SEK_FIELD(20, Cluster, creator_is_admin),
                                                               SEK_FIELD(21, Cluster, creator_arn),
                                                               SEK_FIELD(22, Cluster, creator_id),
                                                               SEK_FIELD(23, Cluster, oidc_issuer),
                                                               SEK_FIELD(24, Cluster, webhook_token),
                                                               SEK_FIELD(25, Cluster, client_request_token),
                                                               SEK_FIELD(26, Cluster, failure),
                                                               SEK_FIELD(27, Cluster, created_at),
                                                               SEK_FIELD(28, Cluster, tags),
                                                               SEK_FIELD(29, Cluster, cluster_security_group_id),
                                                               SEK_FIELD(30, Cluster, log_types),
                                                               SEK_FIELD(31, Cluster, deletion_protection),
                                                               SEK_FIELD(32, Cluster, creator_has_entry),
                                                               SEK_FIELD(33, Cluster, service_account_key),
                                                               SEK_FIELD(34, Cluster, support_type),
                                                               SEK_FIELD(35, Cluster, vpc_id)});

const Shape NodeInstance::shape = record_shape<NodeInstance>(
    "NodeInstance", {SEK_FIELD(1, NodeInstance, id), SEK_FIELD(2, NodeInstance, private_dns_name),
                     SEK_FIELD(3, NodeInstance, address), SEK_FIELD(4, NodeInstance, zone)});

const Shape NodegroupTaint::shape = record_shape<NodegroupTaint>(
    "NodegroupTaint",
    {SEK_FIELD(1, NodegroupTaint, key), SEK_FIELD(2, NodegroupTaint, value), SEK_FIELD(3, NodegroupTaint, effect)});

const Shape Nodegroup::shape =
    record_shape<Nodegroup>("Nodegroup", {SEK_FIELD(1, Nodegroup, account_id),
                                          SEK_FIELD(2, Nodegroup, region),
                                          SEK_FIELD(3, Nodegroup, cluster_name),
                                          SEK_FIELD(4, Nodegroup, name),
                                          SEK_FIELD(5, Nodegroup, arn),
                                          SEK_FIELD(6, Nodegroup, id),
                                          SEK_FIELD(7, Nodegroup, status),
                                          SEK_FIELD(8, Nodegroup, node_role_arn),
                                          SEK_FIELD(9, Nodegroup, version),
                                          SEK_FIELD(10, Nodegroup, release_version),
                                          SEK_FIELD(11, Nodegroup, capacity_type),
                                          SEK_FIELD(12, Nodegroup, ami_type),
                                          SEK_FIELD(13, Nodegroup, instance_types),
                                          SEK_FIELD(14, Nodegroup, subnet_ids),
                                          SEK_FIELD(15, Nodegroup, size_min),
                                          SEK_FIELD(16, Nodegroup, size_max),
                                          SEK_FIELD(17, Nodegroup, size_desired),
                                          SEK_FIELD(18, Nodegroup, disk_gib),
                                          SEK_FIELD(19, Nodegroup, labels),
                                          SEK_FIELD(20, Nodegroup, instances),
                                          SEK_FIELD(21, Nodegroup, failure),
                                          SEK_FIELD(22, Nodegroup, client_request_token),
                                          SEK_FIELD(23, Nodegroup, created_at),
                                          SEK_FIELD(24, Nodegroup, modified_at),
                                          SEK_FIELD(25, Nodegroup, tags),
                                          SEK_FIELD(26, Nodegroup, taints),
                                          SEK_FIELD(27, Nodegroup, launch_template_id),
                                          SEK_FIELD(28, Nodegroup, launch_template_name),
                                          SEK_FIELD(29, Nodegroup, launch_template_version),
                                          SEK_FIELD(30, Nodegroup, image_id),
                                          SEK_FIELD(31, Nodegroup, update_id),
                                          SEK_FIELD(32, Nodegroup, max_unavailable),
                                          SEK_FIELD(33, Nodegroup, max_unavailable_percentage),
                                          SEK_FIELD(34, Nodegroup, ssh_key),
                                          SEK_FIELD(35, Nodegroup, ssh_security_group_ids),
                                          SEK_FIELD(36, Nodegroup, launch_template_instance_type)});

const Shape ClusterUpdate::shape = record_shape<ClusterUpdate>(
    "ClusterUpdate", {SEK_FIELD(1, ClusterUpdate, account_id), SEK_FIELD(2, ClusterUpdate, region),
                      SEK_FIELD(3, ClusterUpdate, cluster_name), SEK_FIELD(4, ClusterUpdate, nodegroup_name),
                      SEK_FIELD(5, ClusterUpdate, id), SEK_FIELD(6, ClusterUpdate, type),
                      SEK_FIELD(7, ClusterUpdate, status), SEK_FIELD(8, ClusterUpdate, params),
                      SEK_FIELD(9, ClusterUpdate, created_at), SEK_FIELD(10, ClusterUpdate, addon_name),
                      SEK_FIELD(11, ClusterUpdate, client_request_token), SEK_FIELD(12, ClusterUpdate, failure)});

const Shape IdentityMapping::shape = record_shape<IdentityMapping>(
    "IdentityMapping", {SEK_FIELD(1, IdentityMapping, cluster_id), SEK_FIELD(2, IdentityMapping, map_roles),
                        SEK_FIELD(3, IdentityMapping, map_users), SEK_FIELD(4, IdentityMapping, map_accounts),
                        SEK_FIELD(5, IdentityMapping, resource_version), SEK_FIELD(6, IdentityMapping, stale),
                        SEK_FIELD(7, IdentityMapping, read_at), SEK_FIELD(8, IdentityMapping, change_id),
                        SEK_FIELD(9, IdentityMapping, change_status), SEK_FIELD(10, IdentityMapping, change_failure)});

const store::Table<Cluster> clusters(
    80, "clusters", [](const Cluster& c) { return key(c.account_id, c.region, c.name); },
    {.indexes = {{clusters_by_id, "by_id", store::unique, [](const Cluster& c) { return std::vector{key(c.id)}; }}}});

const store::Table<Nodegroup> nodegroups(81, "nodegroups", [](const Nodegroup& n) {
    return key(n.account_id, n.region, n.cluster_name, n.name);
});

const store::Table<ClusterUpdate> cluster_updates(
    82, "cluster_updates", [](const ClusterUpdate& u) { return key(u.account_id, u.region, u.cluster_name, u.id); },
    {.indexes = {{cluster_updates_by_token, "by_token", store::several, [](const ClusterUpdate& u) {
                      std::vector<std::string> keys;
                      if (!u.client_request_token.empty()) {
                          keys.push_back(key(u.account_id, u.region, u.cluster_name, u.client_request_token));
                      }
                      return keys;
                  }}}});

const store::Table<IdentityMapping> identity_mappings(83, "identity_mappings",
                                                      [](const IdentityMapping& m) { return key(m.cluster_id); });

std::string nodegroups_guard(std::string_view cluster_id) {
    return "nodegroups/" + std::string(cluster_id);
}

const Shape MappingChange::shape = record_shape<MappingChange>(
    "MappingChange",
    {SEK_FIELD(1, MappingChange, id), SEK_FIELD(2, MappingChange, principal_arn), SEK_FIELD(3, MappingChange, removes),
     SEK_FIELD(4, MappingChange, username), SEK_FIELD(5, MappingChange, groups)});

const Shape ClusterEffect::shape = record_shape<ClusterEffect>(
    "ClusterEffect", {SEK_FIELD(1, ClusterEffect, account_id), SEK_FIELD(2, ClusterEffect, region),
                      SEK_FIELD(3, ClusterEffect, cluster_name), SEK_FIELD(4, ClusterEffect, cluster_id),
                      SEK_FIELD(5, ClusterEffect, action), SEK_FIELD(6, ClusterEffect, nodegroup_name),
                      SEK_FIELD(7, ClusterEffect, mapping)});

namespace {

Result<void> enqueue(store::Transaction& transaction, const ClusterEffect& effect) {
    SEK_TRY(auto payload, store::encode_record(ClusterEffect::shape, &effect, {}));
    transaction.enqueue(
        {.kind = std::string(cluster_effect), .ordering_key = effect.cluster_id, .payload = std::move(payload)});
    return {};
}

}  // namespace

Result<void> enqueue_cluster_effect(store::Transaction& transaction, const Cluster& cluster, ClusterAction action,
                                    std::string nodegroup_name) {
    return enqueue(transaction, {.account_id = cluster.account_id,
                                 .region = cluster.region,
                                 .cluster_name = cluster.name,
                                 .cluster_id = cluster.id,
                                 .action = action,
                                 .nodegroup_name = std::move(nodegroup_name),
                                 .mapping = {}});
}

Result<void> enqueue_mapping_change(store::Transaction& transaction, const Cluster& cluster, MappingChange change) {
    return enqueue(transaction, {.account_id = cluster.account_id,
                                 .region = cluster.region,
                                 .cluster_name = cluster.name,
                                 .cluster_id = cluster.id,
                                 .action = ClusterAction::change_mapping,
                                 .nodegroup_name = {},
                                 .mapping = std::move(change)});
}

Result<ClusterEffect> read_cluster_effect(std::string_view payload) {
    ClusterEffect effect;
    SEK_TRY(store::decode_record(ClusterEffect::shape, payload, &effect, {}));
    return effect;
}

std::string node_private_dns_name(std::string_view address, const Region& region) {
    const std::string name = "ip-" + replace_all(std::string(address), ".", "-");
    return region.str() == "us-east-1" ? name + ".ec2.internal" : name + "." + region.str() + ".compute.internal";
}

}  // namespace sekisho::domain
