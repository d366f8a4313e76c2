#include "kube/oidc_issuer.h"

#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/jose.h"

namespace sekisho::kube {
namespace {

// kube-apiserver's key id: base64url of the SHA-256 of the public key's DER (pkg/serviceaccount, keyIDFromPublicKey).
std::optional<std::string> key_id(std::string_view pem) {
    std::string body;
    for (const std::string_view line : split(pem, '\n')) {
        if (!line.starts_with("-----")) body += trim(line);
    }
    const auto der = decode_base64(body);
    if (!der) return std::nullopt;
    return encode_base64url(crypto::sha256(*der).view());
}

}  // namespace

Result<std::string> issuer_keys(const domain::Cluster& cluster) {
    if (cluster.service_account_key.empty()) return crypto::print_jwk_set({});
    SEK_TRY(const auto key, crypto::PublicKey::parse_pem(cluster.service_account_key));
    const auto id = key_id(cluster.service_account_key);
    if (!id) return errors::internal_failure("a service account key is no PEM");
    const std::array keys{key.with_kid(*id)};
    return crypto::print_jwk_set(keys);
}

}  // namespace sekisho::kube
