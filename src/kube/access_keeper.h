#pragma once
// Keeps the access policies of one cluster's entries bound in it (access_policies.h), also in namespaces that are made
// later.
#include <functional>
#include <memory>
#include <string>

#include "kube/client.h"
#include "store/store.h"

namespace sekisho::kube {

class AccessKeeper {
 public:
    // `again` is called, on a thread of the keeper's own, when apply() is to be called: it must not wait for it.
    AccessKeeper(const KubernetesClient& client, store::Store& store, std::string cluster_id,
                 std::function<void()> again);

    // Brings the entries of the newest state into the cluster. One call at a time.
    Result<void> apply();

 private:
    void follow_namespaces();

    const KubernetesClient& client_;
    store::Store& store_;
    const std::string cluster_id_;
    const std::function<void()> again_;
    std::unique_ptr<Watch> namespaces_;  // from the first scope that names some on
};

}  // namespace sekisho::kube
