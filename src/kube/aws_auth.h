#pragma once
// The ConfigMap kube-system/aws-auth: followed live, and written when node groups come and go.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "domain/clusters.h"
#include "kube/client.h"
#include "kube/identity_mapping.h"

namespace sekisho::kube {

using AwsAuthData = std::map<std::string, std::string>;  // mapRoles, mapUsers, mapAccounts

// `read`, with the text that served last for every key of which nothing can be taken (broken YAML, no list).
AwsAuthData good_data(const AwsAuthData& read, const AwsAuthData& last, const ParsedMapping& parsed);

// What serves, and whether it is stale: not what the ConfigMap says, since the watch is broken or what it reads is.
struct ServedMapping {
    AwsAuthData data;
    bool is_stale = false;

    friend bool operator==(const ServedMapping&, const ServedMapping&) = default;
};

struct AwsAuthState {
    bool is_followed = false;  // the watch is sound
    bool is_stale = true;
    std::string cause;  // why it is stale
};

// While the watch is broken, or what it reads is, the last good data serves and is marked stale.
class AwsAuthWatch {
 public:
    // Puts it where the webhook reads it; of a stale one, the mark only. False: it could not.
    using Keep = std::function<bool(const ServedMapping& served)>;

    // `last` is what the last run kept. `keep` is called for each change, one call at a time.
    AwsAuthWatch(const KubernetesClient& client, std::string cluster_name, ServedMapping last, Keep keep);
    ~AwsAuthWatch();  // ends the watch first: nothing is called afterwards

    AwsAuthState state() const;
    // Keeps what is not kept yet. Called at every change; to be called again where that failed.
    void keep();

 private:
    void take(const AwsAuthData& read);
    void note_state(bool is_followed, const std::string& cause);

    const std::string cluster_name_;
    const Keep keep_;
    std::mutex keep_mutex_;  // held while keep_ runs, so that the newest is the last one kept
    ServedMapping kept_;
    mutable std::mutex mutex_;
    AwsAuthData data_;
    std::string problem_;  // of what was read last; empty: none
    std::string failure_ = "it is not followed yet";
    std::unique_ptr<Watch> watch_;
};

// The text of mapRoles with an entry for a node role (its path stripped), as EKS writes it:
// groups [system:bootstrappers, system:nodes], username system:node:{{EC2PrivateDNSName}}. All other text stays as it
// is. Unchanged when an entry of that role is there. Error: the text is no YAML list.
Result<std::string> add_node_role(std::string_view map_roles, std::string_view role_arn);
// Without the entries of that role; other entries keep their text.
Result<std::string> remove_node_role(std::string_view map_roles, std::string_view role_arn);

// mapUsers for a user's ARN, else mapRoles.
std::string_view aws_auth_key(std::string_view principal_arn);
// The text under aws_auth_key() with one entry of that principal, as asked, or with none. A role is named without its
// path; other entries keep their text. Error: the text is no YAML list.
Result<std::string> change_entry(std::string_view text, const domain::MappingChange& change);

// The same on the cluster: creates the ConfigMap where it is missing, keeps all else in it, tries again on Conflict.
Result<void> upsert_node_role_mapping(const KubernetesClient& client, std::string_view role_arn);
Result<void> remove_node_role_mapping(const KubernetesClient& client, std::string_view role_arn);
Result<void> change_aws_auth(const KubernetesClient& client, const domain::MappingChange& change);

}  // namespace sekisho::kube
