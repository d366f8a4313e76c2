#pragma once
// What an issuer of JSON Web Tokens publishes of itself (OpenID Connect Discovery 1.0, section 3), below its own URL:
// the configuration that names its keys, and the keys (RFC 7517).
#include <string>
#include <string_view>

#include "crypto/jose.h"

namespace sekisho::crypto {

inline constexpr std::string_view oidc_configuration_path = "/.well-known/openid-configuration";
inline constexpr std::string_view oidc_keys_path = "/keys";

struct OidcIssuer {
    std::string url;                     // "iss" of its tokens, https, without a slash at its end
    std::string authorization_endpoint;  // a URN where nobody is sent to sign in
    JoseAlgorithm algorithm = JoseAlgorithm::rs256;
};
std::string print_oidc_configuration(const OidcIssuer& issuer);

}  // namespace sekisho::crypto
