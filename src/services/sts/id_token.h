#pragma once
// ID tokens of OpenID Connect issuers: what they say. Whether it is true is for crypto::verify_jwt and web_identity.cc.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sekisho::sts_service {

// The members of an ID token that are looked at (OpenID Connect Core 2, RFC 7519 4.1).
struct IdToken {
    std::string issuer;
    std::string subject;
    std::vector<std::string> audiences;
    std::optional<std::string> authorized_party;
    std::vector<std::string> methods;
    std::optional<std::int64_t> expires_at;
    std::optional<std::int64_t> not_before;
};

// Errors of both: InvalidIdentityToken.
Result<IdToken> parse_id_token(std::string_view claims);

// What a token says before it is verified: whose keys, and which of them, verify it.
struct UnverifiedToken {
    std::string kid;  // or empty
    IdToken claims;
};
Result<UnverifiedToken> read_unverified(std::string_view token);

}  // namespace sekisho::sts_service
