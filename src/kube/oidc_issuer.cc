#include "kube/oidc_issuer.h"

#include <array>

#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/jose.h"

namespace sekisho::kube {
namespace {

constexpr std::string_view configuration_path = "/.well-known/openid-configuration";
constexpr std::string_view keys_path = "/keys";

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

net::Response json_response(std::string body) {
    return {.status = 200,
            .headers = {{"Content-Type", "application/json"},
                        {"Cache-Control", "public, max-age=60"},
                        {"X-Content-Type-Options", "nosniff"}},
            .body = std::move(body)};
}

net::Response not_found() {
    return {.status = 404, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = "no such issuer\n"};
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

std::string issuer_configuration(const domain::Cluster& cluster) {
    const auto list = [](JsonWriter& json, std::string_view name, std::initializer_list<std::string_view> values) {
        json.name(name).begin_array();
        for (const auto value : values) json.text(value);
        json.end_array();
    };
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("issuer", cluster.oidc_issuer);
    json.member("jwks_uri", cluster.oidc_issuer + std::string(keys_path));
    json.member("authorization_endpoint", "urn:kubernetes:programmatic_authorization");
    list(json, "response_types_supported", {"id_token"});
    list(json, "subject_types_supported", {"public"});
    list(json, "claims_supported", {"sub", "iss"});
    list(json, "id_token_signing_alg_values_supported", {"RS256"});
    json.end_object();
    return text;
}

net::Response serve_oidc_issuer(const store::Reader& reader, const net::Request& request) {
    std::string_view rest = request.path();
    if (!rest.starts_with(oidc_path)) return not_found();
    rest.remove_prefix(oidc_path.size());
    const std::string_view id = rest.substr(0, rest.find('/'));
    rest.remove_prefix(id.size());
    const auto cluster = domain::clusters.get_by(reader, domain::clusters_by_id, id);
    if (!cluster || !*cluster) return not_found();
    if (rest == configuration_path) return json_response(issuer_configuration(**cluster));
    if (rest != keys_path) return not_found();
    auto keys = issuer_keys(**cluster);
    if (keys) return json_response(std::move(*keys));
    log::error("an issuer's keys cannot be shown", {{"cluster", (*cluster)->arn}, {"cause", keys.error().cause}});
    return {.status = 500, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = "no keys\n"};
}

}  // namespace sekisho::kube
