#pragma once
// ClusterManager: makes clusters of the records that EKS keeps, and keeps them. Takes the outbox rows of kind
// domain::cluster_effect, starts clusters again after a restart of the server, follows each one's aws-auth ConfigMap,
// and tends its virtual nodes. Reports through inner operations only.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "domain/clusters.h"
#include "kube/aws_auth.h"
#include "kube/local_cluster.h"
#include "kube/nodes.h"
#include "kube/process.h"
#include "net/client.h"
#include "operation/pipeline.h"
#include "store/outbox.h"

namespace sekisho::kube {

struct ClusterManagerOptions {
    std::string folder;        // of all clusters, one folder each
    std::string search_path;   // where Kubernetes' programs are looked for first (PATH)
    std::string cache_folder;  // then here
    std::string server_url;    // https://127.0.0.1:7443: where kube-apiserver reaches our webhook
    std::string server_ca;     // PEM
    std::string sts_host;      // host[:port] that tokens of virtual nodes are signed for
};

class ClusterManager {
 public:
    ClusterManager(operation::Pipeline& pipeline, net::HttpClient& http, ClusterManagerOptions options);
    ~ClusterManager();  // stop()

    void register_worker(store::Outbox& outbox);
    // Starts the clusters that are recorded as made. Returns at once.
    void start();
    // Ends every cluster's processes, all at the same time; work under way is left to the next start.
    void stop();

 private:
    struct Running;
    using Task = std::move_only_function<void()>;
    using SteadyTime = std::chrono::steady_clock::time_point;

    void enqueue(Task task);
    void work();
    Result<void> carry_out(const domain::ClusterEffect& effect);
    Result<void> create(const domain::Cluster& cluster);
    Result<void> create_local(const domain::Cluster& cluster);
    Result<void> create_record(const domain::Cluster& cluster);
    WebhookTarget webhook_of(const domain::Cluster& cluster) const;
    Result<void> remove(const domain::Cluster& cluster);
    Result<void> apply_nodegroup(const domain::Cluster& cluster, const std::string& name);
    Result<void> delete_nodegroup(const domain::Cluster& cluster, const std::string& name);
    Result<std::shared_ptr<Running>> ensure_running(const domain::Cluster& cluster);
    Result<void> apply_access(const domain::Cluster& recorded);
    Result<void> change_mapping(const domain::Cluster& cluster, const domain::MappingChange& change);
    Result<void> change_config_map(const domain::Cluster& cluster, const domain::MappingChange& change);
    Result<void> change_recorded_mapping(const domain::Cluster& cluster, const domain::MappingChange& change);
    Result<void> start_local(const domain::Cluster& cluster, Running& running);
    void tend_nodes(const domain::Cluster& cluster, Running& running);
    Result<void> wait_for_nodes(Running& running, const domain::Nodegroup& group);
    Result<Secret> token_of(const domain::Cluster& cluster, const VirtualNode& node);

    Result<std::optional<domain::Cluster>> find(const domain::ClusterEffect& effect) const;
    Result<std::vector<domain::Nodegroup>> nodegroups_of(const domain::Cluster& cluster) const;
    struct ClusterReport {
        std::string status;
        std::string endpoint;
        std::string ca_pem;
        std::string service_account_key;
        std::string failure;
    };
    Result<void> report_cluster(const domain::Cluster& cluster, const ClusterReport& report);
    Result<void> report_made(const domain::Cluster& cluster, const LocalCluster& local);
    Result<void> report_nodegroup(const domain::Nodegroup& group, std::string status, const std::string& failure);
    Result<void> report_health(const domain::Cluster& cluster, const std::string& failure);
    Result<void> report_mapping(const domain::Cluster& cluster, const ServedMapping& served);
    Result<void> report_mapping_change(const domain::Cluster& cluster, const std::string& change_id,
                                       const std::string& failure);
    void start_again(const domain::Cluster& recorded);
    bool check(Running& running, SteadyTime now);
    void check_running();

    operation::Pipeline& pipeline_;
    net::HttpClient& http_;
    const ClusterManagerOptions options_;
    Supervisor supervisor_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::deque<Task> tasks_;
    std::map<std::string, std::shared_ptr<Running>> running_;  // by cluster id
    std::vector<std::thread> threads_;
};

}  // namespace sekisho::kube
