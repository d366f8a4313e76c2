// What cluster providers report: inner operations, written into the records that the API shows.
#include "models/control.h"
#include "services/eks/common.h"
#include "services/eks/network.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

Result<control::RecordClusterStateResponse> record_cluster_state(Call& call,
                                                                 const control::RecordClusterStateRequest& request) {
    SEK_TRY(auto cluster, domain::clusters.get(call.tx, request.account_id, request.region, request.cluster_name));
    // Another cluster may have the name by now.
    if (!cluster || (request.cluster_id && *request.cluster_id != cluster->id))
        return control::RecordClusterStateResponse{};
    if (request.status.value_or("") == "DELETED") {
        // What belongs to it goes in parts; the provider reports again until the cluster itself is gone.
        SEK_TRY(const bool is_empty, domain::erase_cluster_parts(call.tx, *cluster));
        if (!is_empty) return control::RecordClusterStateResponse{};
        SEK_TRY(leave_network(call, *cluster));
        SEK_TRY(domain::identity_mappings.erase(call.tx, cluster->id));
        SEK_TRY(domain::clusters.erase(call.tx, cluster->account_id, cluster->region, cluster->name));
        return control::RecordClusterStateResponse{};
    }
    // A cluster that is being deleted stays so, whatever its start reports late. Without a status: about health only.
    if (request.status && cluster->status != "DELETING") cluster->status = *request.status;
    if (request.endpoint) cluster->endpoint = *request.endpoint;
    if (request.certificate_authority_pem) cluster->certificate_authority = *request.certificate_authority_pem;
    if (request.service_account_key_pem) cluster->service_account_key = *request.service_account_key_pem;
    cluster->failure = request.failure_reason.value_or("");
    SEK_TRY(domain::clusters.put(call.tx, *cluster));
    return control::RecordClusterStateResponse{};
}

Result<control::RecordNodegroupStateResponse> record_nodegroup_state(
    Call& call, const control::RecordNodegroupStateRequest& request) {
    SEK_TRY(auto group, domain::nodegroups.get(call.tx, request.account_id, request.region, request.cluster_name,
                                               request.nodegroup_name));
    if (!group || (request.nodegroup_id && *request.nodegroup_id != group->id)) {
        return control::RecordNodegroupStateResponse{};
    }
    if (request.status == "DELETED") {
        SEK_TRY(domain::nodegroups.erase(call.tx, group->account_id, group->region, group->cluster_name, group->name));
        SEK_TRY(const auto cluster,
                domain::clusters.get(call.tx, group->account_id, group->region, group->cluster_name));
        if (!cluster) return control::RecordNodegroupStateResponse{};
        SEK_TRY(drop_node_entry(call, *cluster, *group));
        call.tx.bump_guard(domain::nodegroups_guard(cluster->id));
        return control::RecordNodegroupStateResponse{};
    }
    if (group->status != "DELETING") group->status = request.status;
    group->failure = request.failure_reason.value_or("");
    SEK_TRY(finish_update(call, *group, group->failure));
    group->update_id.clear();
    SEK_TRY(domain::nodegroups.put(call.tx, *group));
    return control::RecordNodegroupStateResponse{};
}

Result<control::RecordIdentityMappingResponse> record_identity_mapping(
    Call& call, const control::RecordIdentityMappingRequest& request) {
    SEK_TRY(auto found, domain::identity_mappings.get(call.tx, request.cluster_id));
    auto mapping = found.value_or(domain::IdentityMapping{.cluster_id = request.cluster_id});
    mapping.stale = request.stale.value_or(false);
    // While the watch is broken the last good mapping stays.
    if (!mapping.stale) {
        mapping.map_roles = request.map_roles.value_or("");
        mapping.map_users = request.map_users.value_or("");
        mapping.map_accounts = request.map_accounts.value_or("");
        mapping.resource_version = request.resource_version.value_or("");
        mapping.read_at = call.now;
    }
    SEK_TRY(domain::identity_mappings.put(call.tx, mapping));
    return control::RecordIdentityMappingResponse{};
}

Result<control::RecordIdentityMappingChangeResponse> record_identity_mapping_change(
    Call& call, const control::RecordIdentityMappingChangeRequest& request) {
    SEK_TRY(auto mapping, domain::identity_mappings.get(call.tx, request.cluster_id));
    if (!mapping || mapping->change_id != request.change_id) return control::RecordIdentityMappingChangeResponse{};
    mapping->change_failure = request.failure_reason.value_or("");
    mapping->change_status = mapping->change_failure.empty() ? "SUCCEEDED" : "FAILED";
    SEK_TRY(domain::identity_mappings.put(call.tx, *mapping));
    return control::RecordIdentityMappingChangeResponse{};
}

}  // namespace

const operation::OperationTable provider_report_operations = {
    operation::operation<control::RecordClusterState>(
        {.access = Access::write, .resources = operation::workers_only, .handle = record_cluster_state}),
    operation::operation<control::RecordNodegroupState>(
        {.access = Access::write, .resources = operation::workers_only, .handle = record_nodegroup_state}),
    operation::operation<control::RecordIdentityMapping>(
        {.access = Access::write, .resources = operation::workers_only, .handle = record_identity_mapping}),
    operation::operation<control::RecordIdentityMappingChange>(
        {.access = Access::write, .resources = operation::workers_only, .handle = record_identity_mapping_change}),
};

}  // namespace sekisho::eks_service
