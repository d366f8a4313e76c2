#pragma once
// The TokenReview webhook (authentication.k8s.io v1 and v1beta1) for EKS tokens: a SigV4 query-presigned
// GetCallerIdentity URL, bound to one cluster by the signed header x-k8s-aws-id. Pure; the signature, the liveness of
// the principal and its mapping are functions of the caller. Rules: aws-iam-authenticator v0.7.18 pkg/token,
// pkg/server; CVE-2022-2385.
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "kube/identity_mapping.h"

namespace sekisho::kube {

// Hosts whose presigned URLs are accepted: our own (exact `host` or `host:port`, without case), and the names of AWS's
// STS (sts.amazonaws.com, sts[-fips].<region>.<domain of a partition>), which clients behind the proxy door sign for.
class StsHosts {
 public:
    explicit StsHosts(std::vector<std::string> own);
    bool allows(std::string_view host) const;

 private:
    std::vector<std::string> own_;
};

// A token that passed every rule that needs no key. All values come from the one parsed copy of the URL.
struct EksToken {
    std::string host;        // as in the URL, with its port: the signed `host` header
    std::string raw_query;   // as in the URL
    std::string credential;  // akid/date/region/sts/aws4_request
    std::string access_key_id;
    std::string region;
    std::string session_token;  // empty for an access key of a user
    std::string signature;
    std::string signed_headers;  // host;x-k8s-aws-id
    Time signed_at;
};

// Rules 1-16 of the verification, and what STS itself would refuse: a date more than 5 minutes ahead, a scope that is
// not <date of X-Amz-Date>/<region>/sts/aws4_request, another algorithm, a host that is not signed. Errors carry
// upstream's text ("input token was not properly formatted: ...") and code AccessDenied.
Result<EksToken> parse_eks_token(std::string_view token, const StsHosts& hosts, Time now);

struct TokenReviewRequest {
    std::string api_version;  // authentication.k8s.io/v1 or /v1beta1
    std::string token;
    std::vector<std::string> audiences;
};

// Error (400): not JSON, not a TokenReview, no token.
Result<TokenReviewRequest> parse_token_review(std::string_view body);

// Checks the signature with `x-k8s-aws-id: <cluster name>` and that the principal lives; gives its identity.
// An error with http_status 429 or >= 500 means "could not be judged"; any other means "refused".
using VerifyPrincipal = std::function<Result<AwsIdentity>(const EksToken& token, std::string_view cluster_name)>;
using MapPrincipal = std::function<Result<KubernetesUser>(const AwsIdentity& identity)>;

struct ReviewContext {
    std::string cluster_name;
    const StsHosts& hosts;
    Time now;
    const VerifyPrincipal& verify;
    const MapPrincipal& map;
};

enum class ReviewOutcome { success, malformed_request, invalid_token, refused_principal, unknown_user, unavailable };
std::string_view review_outcome_name(ReviewOutcome outcome);  // as the metric's label

struct ReviewAnswer {
    int status = 200;
    std::string body;
    std::string content_type = "application/json; charset=UTF-8";
    ReviewOutcome outcome = ReviewOutcome::success;
    std::string reason;    // for our log and audit; empty on success
    AwsIdentity identity;  // as far as it was established
    KubernetesUser user;   // on success
};

// The whole answer to a request at a cluster's webhook path, whose credential the caller has checked already. A bad
// token or an unmapped principal gets 200 with `authenticated: false` (kube-apiserver caches it and does not retry).
ReviewAnswer review_token(std::string_view method, std::string_view body, const ReviewContext& context);

// The parts of review_token: a TokenReview that accepts (username, groups, uid, extra) or refuses.
std::string encode_accepted(const TokenReviewRequest& request, const AwsIdentity& identity, const KubernetesUser& user);
std::string encode_refused(const TokenReviewRequest& request, std::string_view error);

}  // namespace sekisho::kube
