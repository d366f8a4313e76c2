#pragma once
// Virtual nodes: each joins the cluster with a token of its node role through the webhook, as a kubelet does, and is
// kept Ready by a lease and a status of its own. They run no pods. NodeRestriction's rules hold for them: a node writes
// itself and its lease only. Times are the kubelet's: lease every 10 s (40 s long), status every 5 minutes or after an
// error.
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "kube/client.h"

namespace sekisho::kube {

struct NodeTaint {
    std::string key;
    std::string value;
    std::string effect;  // NoSchedule, PreferNoSchedule, NoExecute
};

struct VirtualNode {
    std::string name;         // ip-10-0-1-2.us-east-1.compute.internal
    std::string instance_id;  // i-0123456789abcdef0
    std::string private_ip;
    std::string instance_type = "m5.large";
    std::string region;
    std::string zone;
    std::string node_group;
    std::string image_id;
    std::string capacity_type = "ON_DEMAND";
    std::string launch_template_id;
    std::string launch_template_version;
    std::string kubelet_version = "v1.34.4-eks-sekisho";
    std::map<std::string, std::string> labels;  // of the node group
    std::vector<NodeTaint> taints;
    int cpu_count = 2;
    int memory_mebibytes = 7680;
    int pods_max = 29;
};

// A bearer token (k8s-aws-v1...) of the node role's session, whose session name is the node's instance id.
using NodeToken = std::function<Result<Secret>(const VirtualNode& node)>;

struct NodeState {
    std::string name;
    bool is_registered = false;
    std::string error;  // of the last try; empty: all is well
};

class NodeKeeper {
 public:
    // `token` is called on the keeper's thread, for each node about every 10 minutes.
    NodeKeeper(net::HttpClient& http, std::string url, std::string ca_pem, NodeToken token, const Clock& clock);
    ~NodeKeeper();
    NodeKeeper(const NodeKeeper&) = delete;
    NodeKeeper& operator=(const NodeKeeper&) = delete;

    // The nodes that shall be. New ones join at once; one no longer named is not renewed any more (remove_node deletes
    // it): when this returns, nothing is written for it.
    void keep(std::vector<VirtualNode> nodes);
    std::vector<NodeState> states() const;

 private:
    struct Kept {
        VirtualNode node;
        NodeState state;
        Secret token;
        Time token_until{};
        Time next_lease{};
        Time next_status{};
    };
    void run();
    void tend(Kept& kept, Time now);
    Result<void> renew(Kept& kept, Time now);

    net::HttpClient& http_;
    const std::string url_;
    const std::string ca_pem_;
    const NodeToken token_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Kept> nodes_;
    std::string tended_;  // the node that is written at the moment
    bool stopping_ = false;
    std::thread thread_;
};

// With an administrator's client. A node that is not there is no error.
// Deletes the Node object and its lease.
Result<void> remove_node(const KubernetesClient& client, std::string_view name);
// Brings the labels and taints of the node group to a node that has joined: what the group does not name any more
// goes, and what others have set stays. (A node may not change its own taints.)
Result<void> update_node(const KubernetesClient& client, const VirtualNode& node);
// The names of all nodes of node groups.
Result<std::set<std::string>> list_nodes(const KubernetesClient& client);

// The objects, for tests: the Node as it is created, its status (a strategic merge patch), its lease.
std::string node_object(const VirtualNode& node);
// The merge patch of update_node for a Node as it is; empty: nothing is to be changed.
std::string node_patch(const VirtualNode& node, const json::value& object);
std::string node_status(const VirtualNode& node, Time now);
std::string node_lease(const VirtualNode& node, Time now);

}  // namespace sekisho::kube
