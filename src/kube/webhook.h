#pragma once
// The door for kube-apiserver: POST /webhook/<cluster id>/authenticate, one path and one bearer credential a cluster.
// From a TokenReview to a Kubernetes user: the token's rules (token_review.h), its signature and the liveness of who
// stands behind it (access), the cluster's mapping (identity_mapping.h). Reads only; every review leaves an audit
// record.
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/clusters.h"
#include "kube/token_review.h"
#include "net/http.h"
#include "operation/pipeline.h"

namespace sekisho::kube {

// "/webhook/<cluster id>/authenticate"
std::string webhook_path(std::string_view cluster_id);

// Tokens whose signature was verified. kube-apiserver asks about a token again and again, every few seconds for as long
// as it lives. Whole texts are compared: a signature alone proves nothing. Bounded; thread-safe.
class VerifiedTokens {
 public:
    bool has(const EksToken& token, std::string_view cluster_name) const;
    void add(const EksToken& token, std::string_view cluster_name);

 private:
    struct Entry {
        std::string host;
        std::string raw_query;
        std::string cluster_name;
    };
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> by_signature_;
};

class Webhook {
 public:
    // `own_hosts`: host[:port] names of ours that tokens may be signed for.
    Webhook(operation::Pipeline& pipeline, std::vector<std::string> own_hosts)
        : pipeline_(pipeline), hosts_(std::move(own_hosts)) {}

    // Answers on the caller's thread. An unknown cluster or a wrong credential: 401, before the body is looked at.
    net::Response serve(const net::Request& request) const;

 private:
    ReviewAnswer review(const store::Reader& reader, const domain::Cluster& cluster, const net::Request& request,
                        access::Caller& caller) const;
    Result<AwsIdentity> verify(const store::Reader& reader, const EksToken& token, std::string_view cluster_name,
                               access::Caller& caller) const;
    Result<KubernetesUser> map(const store::Reader& reader, const domain::Cluster& cluster,
                               const AwsIdentity& identity) const;
    void audit(const net::Request& request, const domain::Cluster& cluster, const access::Caller& caller,
               const ReviewAnswer& answer) const;

    operation::Pipeline& pipeline_;
    StsHosts hosts_;
    mutable VerifiedTokens verified_;
};

}  // namespace sekisho::kube
