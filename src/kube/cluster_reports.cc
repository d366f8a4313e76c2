// What the cluster manager tells the records: inner operations (services/eks/provider_reports.cc).
#include <future>

#include "kube/cluster_manager.h"
#include "models/control.h"

namespace sekisho::kube {
namespace {

// Runs an inner operation and waits for it. Never on an I/O or committer thread.
template <class Op>
Result<void> call_and_wait(operation::Pipeline& pipeline, const AccountId& account, const Region& region,
                           typename Op::Request request) {
    // Shared: the thread that answers is still inside set_value when this one wakes.
    auto promise = std::make_shared<std::promise<Result<void>>>();
    auto answer = promise->get_future();
    access::RequestFacts facts;
    facts.region = region;
    pipeline.call<Op>(access::service_caller(account), std::move(facts), std::move(request),
                      [promise](Result<typename Op::Response> response) {
                          promise->set_value(response ? Result<void>() : Result<void>(std::move(response).error()));
                      });
    return answer.get();
}

}  // namespace

Result<void> ClusterManager::report_cluster(const domain::Cluster& cluster, const ClusterReport& report) {
    control::RecordClusterStateRequest request;
    request.account_id = cluster.account_id.str();
    request.region = cluster.region.str();
    request.cluster_name = cluster.name;
    request.cluster_id = cluster.id;
    if (!report.status.empty()) request.status = report.status;
    if (!report.endpoint.empty()) request.endpoint = report.endpoint;
    if (!report.ca_pem.empty()) request.certificate_authority_pem = report.ca_pem;
    if (!report.service_account_key.empty()) request.service_account_key_pem = report.service_account_key;
    if (!report.failure.empty()) request.failure_reason = report.failure;
    return call_and_wait<control::RecordClusterState>(pipeline_, cluster.account_id, cluster.region,
                                                      std::move(request));
}

Result<void> ClusterManager::report_nodegroup(const domain::Nodegroup& group, std::string status,
                                              const std::string& failure) {
    control::RecordNodegroupStateRequest request;
    request.account_id = group.account_id.str();
    request.region = group.region.str();
    request.cluster_name = group.cluster_name;
    request.nodegroup_name = group.name;
    request.nodegroup_id = group.id;
    request.status = std::move(status);
    if (!failure.empty()) request.failure_reason = failure;
    return call_and_wait<control::RecordNodegroupState>(pipeline_, group.account_id, group.region, std::move(request));
}

Result<void> ClusterManager::report_health(const domain::Cluster& cluster, const std::string& failure) {
    return report_cluster(cluster, {.failure = failure});
}

Result<void> ClusterManager::report_mapping(const domain::Cluster& cluster, const ServedMapping& served) {
    const auto text = [&](const char* key) -> std::optional<std::string> {
        const auto found = served.data.find(key);
        return found == served.data.end() ? std::nullopt : std::optional(found->second);
    };
    control::RecordIdentityMappingRequest request;
    request.cluster_id = cluster.id;
    request.map_roles = text("mapRoles");
    request.map_users = text("mapUsers");
    request.map_accounts = text("mapAccounts");
    request.stale = served.is_stale;
    return call_and_wait<control::RecordIdentityMapping>(pipeline_, cluster.account_id, cluster.region,
                                                         std::move(request));
}

Result<void> ClusterManager::report_mapping_change(const domain::Cluster& cluster, const std::string& change_id,
                                                   const std::string& failure) {
    control::RecordIdentityMappingChangeRequest request{.cluster_id = cluster.id, .change_id = change_id};
    if (!failure.empty()) request.failure_reason = failure;
    return call_and_wait<control::RecordIdentityMappingChange>(pipeline_, cluster.account_id, cluster.region,
                                                               std::move(request));
}

}  // namespace sekisho::kube
