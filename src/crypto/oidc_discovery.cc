#include "crypto/oidc_discovery.h"

#include "base/json.h"

namespace sekisho::crypto {

std::string print_oidc_configuration(const OidcIssuer& issuer) {
    std::string text;
    JsonWriter json(text);
    const auto list = [&json](std::string_view name, std::initializer_list<std::string_view> values) {
        json.name(name).begin_array();
        for (const auto value : values) json.text(value);
        json.end_array();
    };
    json.begin_object().member("issuer", issuer.url);
    json.member("jwks_uri", issuer.url + std::string(oidc_keys_path));
    json.member("authorization_endpoint", issuer.authorization_endpoint);
    list("response_types_supported", {"id_token"});
    list("subject_types_supported", {"public"});
    list("claims_supported", {"sub", "iss"});
    list("id_token_signing_alg_values_supported", {to_text(issuer.algorithm)});
    json.end_object();
    return text;
}

}  // namespace sekisho::crypto
