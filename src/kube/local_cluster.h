#pragma once
// The `local` provider of one cluster: etcd, kube-apiserver, kube-controller-manager and kube-scheduler as child
// processes on loopback, with a PKI of the cluster's own. Everything it needs again lies in the cluster's folder (mode
// 0700, files 0600): authorities, service account key, ports, etcd's data. Started again, it comes up on the same data
// and port.
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "kube/client.h"
#include "kube/process.h"

namespace sekisho::kube {

struct ClusterBinaries {
    std::string etcd;
    std::string kube_apiserver;
    std::string kube_controller_manager;
    std::string kube_scheduler;
};
// PATH first (kube-apiserver must say 1.34.x), then the cache (tools/build_client's layout). NotFound: which are
// missing, and the command that builds them.
Result<ClusterBinaries> find_binaries(std::string_view path, std::string_view cache_folder);

struct WebhookTarget {
    std::string url;  // https://localhost:7443/clusters/<id>/authenticate
    std::string ca_pem;
    Secret bearer;  // the cluster's credential
};

// <folder>/webhook.kubeconfig (the folder is made if it is missing), for kube-apiserver's
// --authentication-token-webhook-config-file.
Result<void> write_webhook_kubeconfig(const std::string& folder, const WebhookTarget& webhook);

struct LocalClusterSpec {
    std::string folder;
    std::string name;
    std::string region;
    std::string service_cidr = "10.100.0.0/16";
    std::string service_account_issuer;       // https://...
    std::vector<std::string> endpoint_names;  // further names and addresses of the API server's certificate
    WebhookTarget webhook;
    ClusterBinaries binaries;
};

enum class ClusterState { stopped, starting, ready, failed };

class LocalCluster {
 public:
    // Makes (or loads) the folder's content and writes the kubeconfigs. Starts nothing.
    static Result<std::unique_ptr<LocalCluster>> prepare(LocalClusterSpec spec, Supervisor& supervisor,
                                                         net::HttpClient& http, const Clock& clock, Random& random);
    ~LocalCluster();  // stops

    // Starts the processes and waits until /readyz answers; blocks up to `deadline`, and ends early when cancel() or
    // stop() is called. Once only: what was stopped stays so.
    Result<void> start(milliseconds deadline);
    void cancel() { stopping_ = true; }
    void stop();
    ClusterState state() const { return state_; }

    const std::string& endpoint() const { return endpoint_; }  // https://127.0.0.1:<port>
    const std::string& ca_pem() const { return ca_pem_; }
    // Public key of the service account issuer (PEM), for its JWKS.
    const std::string& service_account_public_key_pem() const { return service_account_public_key_; }
    // As system:masters, for our own controllers and for break-glass (<folder>/admin.kubeconfig is the same).
    const KubernetesClient& admin() const { return *admin_; }

 private:
    LocalCluster(LocalClusterSpec spec, Supervisor& supervisor, net::HttpClient& http)
        : spec_(std::move(spec)), supervisor_(supervisor), http_(http) {}
    Result<void> run(const std::string& name, const std::string& program, std::vector<std::string> arguments);
    Result<void> wait_ready(milliseconds deadline);

    LocalClusterSpec spec_;
    Supervisor& supervisor_;
    net::HttpClient& http_;
    std::string endpoint_;
    std::string ca_pem_;
    std::string service_account_public_key_;
    int port_ = 0;
    std::unique_ptr<KubernetesClient> admin_;
    std::atomic<ClusterState> state_ = ClusterState::stopped;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::vector<Supervisor::Id> processes_;
};

}  // namespace sekisho::kube
