// The body of the first octet 'J' is a TokenReview; anything else is the URL inside a token. Whatever is accepted must
// keep what the verification rests on: one action, an allowed host, a signed cluster header.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "kube/token_review.h"

using namespace sekisho;
using namespace sekisho::kube;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const StsHosts hosts({"localhost:7443"});
    const Time now = *parse_iso8601_basic("20261124T000500Z");
    const VerifyPrincipal verify = [](const EksToken& token, std::string_view) -> Result<AwsIdentity> {
        return AwsIdentity{.account_id = "111122223333",
                           .arn = "arn:aws:sts::111122223333:assumed-role/R/s",
                           .user_id = "AROAEXAMPLE:s",
                           .access_key_id = token.access_key_id};
    };
    const MapPrincipal map = [](const AwsIdentity& identity) -> Result<KubernetesUser> {
        return KubernetesUser{identity.access_key_id, {"g"}};
    };
    const ReviewContext context{"demo", hosts, now, verify, map};
    if (!text.empty() && text[0] == 'J') {
        const ReviewAnswer answer = review_token("POST", text.substr(1), context);
        if (answer.status != 200 && answer.status != 400) std::abort();
    }
    const auto token = parse_eks_token("k8s-aws-v1." + encode_base64url(text), hosts, now);
    if (!token) return 0;
    if (!hosts.allows(token->host) || token->access_key_id.empty()) std::abort();
    if (!text.starts_with("https://" + token->host + "/?")) std::abort();
    return 0;
}
