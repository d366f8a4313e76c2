#pragma once
// Clients of SSO-OIDC (RFC 7591): what they registered, and what it allows. Nothing is stored: the registration is a
// sealed value that the client keeps as its id.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "wire/shape.h"

namespace sekisho::domain {

inline constexpr std::string_view device_code_grant = "urn:ietf:params:oauth:grant-type:device_code";
inline constexpr std::string_view authorization_code_grant = "authorization_code";
inline constexpr std::string_view refresh_token_grant = "refresh_token";
inline constexpr std::string_view jwt_bearer_grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
inline constexpr std::string_view token_exchange_grant = "urn:ietf:params:oauth:grant-type:token-exchange";
inline constexpr std::string_view openid_scope = "openid";
inline constexpr std::string_view account_access_scope = "sso:account:access";

struct ClientRegistration {
    std::string name;
    std::vector<std::string> scopes;
    std::vector<std::string> grant_types;  // empty: not told, then all but authorization_code
    std::vector<std::string> redirect_uris;
    Time issued_at{};
    Time expires_at{};
    std::string nonce;
    static const Shape shape;
};
// What SessionTokens::seal is told for the client's id and secret.
inline constexpr std::string_view client_id_purpose = "sso-oidc client id";
inline constexpr std::string_view client_secret_purpose = "sso-oidc client secret";
Result<std::string> encode_client_registration(const ClientRegistration& registration);
Result<ClientRegistration> decode_client_registration(std::string_view plain);

// Registered, or implied where no grant types were.
bool allows_grant(const ClientRegistration& client, std::string_view grant_type);
// http on a loopback address by number (RFC 8252 7.3 and 8.3), any port, a path, nothing else.
bool is_loopback_redirect_uri(std::string_view uri);
// One that is registered as it is; of a loopback redirect the port is the client's choice at each request.
bool matches_redirect_uri(const ClientRegistration& client, std::string_view uri);

}  // namespace sekisho::domain
