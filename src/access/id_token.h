#pragma once
// Tokens of OpenID Connect issuers outside: what they say. Whether it is true is for crypto::verify_jwt with the
// issuer's keys (issuer_keys.h), and for whoever trusts the issuer.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::access {

// The members of a token that are looked at (OpenID Connect Core 2, RFC 7519 4.1).
struct IdToken {
    std::string issuer;
    std::string subject;
    std::vector<std::string> audiences;
    std::optional<std::string> authorized_party;
    std::optional<std::string> id;  // jti
    std::vector<std::string> methods;
    std::optional<std::int64_t> expires_at;
    std::optional<std::int64_t> not_before;
};

// Nothing: no JSON object.
std::optional<IdToken> parse_id_token(std::string_view claims);
// The text at a path of names with dots between them: "email", "identity.name". Nothing: no such text.
std::optional<std::string> claim_at(std::string_view claims, std::string_view path);
// The claim is there and false.
bool denies(std::string_view claims, std::string_view claim);

// What a token says before it is verified: whose keys, and which of them, verify it. Nothing: no JWT.
struct UnverifiedToken {
    std::string kid;  // or empty
    IdToken claims;
};
std::optional<UnverifiedToken> read_unverified(std::string_view token);

}  // namespace sekisho::access
