#pragma once
// The ConfigMap kube-system/aws-auth: followed live, and written when node groups come and go.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "kube/client.h"
#include "kube/identity_mapping.h"

namespace sekisho::kube {

// What the webhook maps by. While the watch is broken the last good data serves and is_current is false.
struct MappingState {
    std::shared_ptr<const IdentityMapping> mapping;  // never null
    bool is_current = false;
    std::vector<std::string> problems;
};

class AwsAuthWatch {
 public:
    using Data = std::map<std::string, std::string>;
    // `last` is the persisted data of the last run; `persist` is called (on the watch's thread) with each new one.
    AwsAuthWatch(const KubernetesClient& client, std::string cluster_name, const Data& last,
                 std::function<void(const Data&)> persist);
    ~AwsAuthWatch();  // ends the watch first: nothing is called afterwards

    MappingState state() const;

 private:
    void take(const Data& data, bool persist);

    const std::string cluster_name_;
    const std::function<void(const Data&)> persist_;
    mutable std::mutex mutex_;
    MappingState state_;
    Data data_;
    std::unique_ptr<Watch> watch_;
};

// The text of mapRoles with an entry for a node role (its path stripped), as EKS writes it:
// groups [system:bootstrappers, system:nodes], username system:node:{{EC2PrivateDNSName}}. All other text stays as it
// is. Unchanged when an entry of that role is there. Error: the text is no YAML list.
Result<std::string> add_node_role(std::string_view map_roles, std::string_view role_arn);
// Without the entries of that role; other entries keep their text.
Result<std::string> remove_node_role(std::string_view map_roles, std::string_view role_arn);

// The same on the cluster: creates the ConfigMap where it is missing, keeps all else in it, tries again on Conflict.
Result<void> upsert_node_role_mapping(const KubernetesClient& client, std::string_view role_arn);
Result<void> remove_node_role_mapping(const KubernetesClient& client, std::string_view role_arn);

}  // namespace sekisho::kube
