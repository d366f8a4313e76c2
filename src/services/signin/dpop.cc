#include "services/signin/dpop.h"

#include <cstdlib>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/jose.h"
#include "domain/login.h"

namespace sekisho::signin_service {
namespace {

constexpr std::size_t proof_id_bytes_max = 256;

// The key that the proof brings along: public, of the one algorithm that there is here (RFC 9449 4.3, points 5 and 7).
std::optional<crypto::PublicKey> key_of(std::string_view proof) {
    const auto header_text = decode_base64url(proof.substr(0, proof.find('.')));
    if (!header_text) return {};
    const auto header = parse_json(*header_text);
    if (!header || find_text(*header, "typ") != "dpop+jwt" || find_text(*header, "alg") != "ES256") return {};
    const auto* jwk = find(*header, "jwk");
    if (jwk == nullptr || !jwk->is_object() || find(*jwk, "d") != nullptr) return {};
    auto key = crypto::PublicKey::from_jwk(*jwk);
    if (!key || key->algorithm() != crypto::JoseAlgorithm::es256) return {};
    return std::move(*key);
}

// RFC 9449 4.3, point 9: without query and fragment; the scheme's own port may be left out (RFC 3986 6.2.3).
bool is_address_of(std::string_view uri, const ProvenRequest& request) {
    constexpr std::string_view scheme = "https://";
    constexpr std::string_view own_port = ":443";
    if (!starts_with_ignoring_case(uri, scheme)) return false;
    uri = uri.substr(scheme.size(), uri.find_first_of("?#") - scheme.size());
    const auto slash = std::min(uri.find('/'), uri.size());
    auto host = uri.substr(0, slash);
    auto asked = request.host;
    for (auto* name : {&host, &asked}) {
        if (name->ends_with(own_port)) name->remove_suffix(own_port.size());
    }
    return equals_ignoring_case(host, asked) && uri.substr(slash) == request.path;
}

bool is_recent(const json::value* issued_at, Time now) {
    if (issued_at == nullptr || !issued_at->is_int64()) return false;
    // Bounded first: any number may stand there.
    const std::int64_t at = issued_at->get_int64();
    const std::int64_t current = epoch_seconds(now);
    return at >= current - domain::dpop_age_seconds_max && at <= current + domain::dpop_age_seconds_max;
}

}  // namespace

std::optional<ProvenKey> verify_proof(std::string_view proof, const ProvenRequest& request) {
    const auto key = key_of(proof);
    if (!key) return {};
    const crypto::PublicKey keys[] = {*key};
    const auto verified = crypto::verify_jwt(proof, keys);
    if (!verified) return {};
    const auto claims = parse_json(verified->claims);
    if (!claims || find_text(*claims, "htm") != request.method) return {};
    if (!is_address_of(find_text(*claims, "htu").value_or(""), request)) return {};
    if (!is_recent(find(*claims, "iat"), request.now)) return {};
    auto id = find_text(*claims, "jti").value_or("");
    if (id.empty() || id.size() > proof_id_bytes_max) return {};
    return ProvenKey{.thumbprint = key->thumbprint(), .proof_id = std::move(id)};
}

}  // namespace sekisho::signin_service
