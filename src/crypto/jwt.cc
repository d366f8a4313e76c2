// Compact JSON Web Signatures: RFC 7515 3.1 and 5.2, RFC 8725.
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/jose.h"

namespace sekisho::crypto {
namespace {

ApiError bad_token(std::string cause) {
    return {.code = "InvalidIdentityToken",
            .message = "The token could not be verified.",
            .http_status = 400,
            .cause = std::move(cause)};
}

struct Parts {
    json::value header;
    std::string claims;
    std::string signature;
    std::string_view signed_part;
};

Result<Parts> parse(std::string_view token) {
    constexpr std::size_t token_bytes_max = 64 * 1024;
    if (token.size() > token_bytes_max) return bad_token("longer than 64 KiB");
    const auto parts = split(token, '.');
    if (parts.size() != 3) return bad_token("not of three parts");
    const auto header_text = decode_base64url(parts[0]);
    auto claims = decode_base64url(parts[1]);
    auto signature = decode_base64url(parts[2]);
    if (!header_text || !claims || !signature) return bad_token("not base64url");
    auto header = parse_json(*header_text);
    if (!header || !header->is_object()) return bad_token("its header is not a JSON object");
    if (find(*header, "crit") != nullptr) return bad_token("its header has critical members");
    if (!is_valid_utf8(*claims)) return bad_token("its claims are not UTF-8");
    return Parts{.header = std::move(*header),
                 .claims = std::move(*claims),
                 .signature = std::move(*signature),
                 .signed_part = token.substr(0, parts[0].size() + 1 + parts[1].size())};
}

}  // namespace

Result<std::string> sign_jwt(const SigningKey& key, std::string_view claims, std::string_view type) {
    std::string header;
    JsonWriter(header)
        .begin_object()
        .member("alg", to_text(key.algorithm()))
        .member("kid", key.public_key().kid())
        .member("typ", type)
        .end_object();
    std::string token = encode_base64url(header) + "." + encode_base64url(claims);
    SEK_TRY(const std::string signature, key.sign(token));
    return token.append(".").append(encode_base64url(signature));
}

Result<ClaimedJwt> read_unverified_jwt(std::string_view token) {
    SEK_TRY(auto parts, parse(token));
    return ClaimedJwt{.kid = find_text(parts.header, "kid").value_or(""), .claims = std::move(parts.claims)};
}

Result<VerifiedJwt> verify_jwt(std::string_view token, std::span<const PublicKey> keys) {
    SEK_TRY(auto parts, parse(token));
    const auto algorithm = find_text(parts.header, "alg");
    const auto kid = find_text(parts.header, "kid");
    for (const PublicKey& key : keys) {
        if (algorithm != to_text(key.algorithm()) || (kid && *kid != key.kid())) continue;
        if (!key.verify(parts.signed_part, parts.signature)) continue;
        return VerifiedJwt{
            .claims = std::move(parts.claims), .type = find_text(parts.header, "typ").value_or(""), .kid = key.kid()};
    }
    return bad_token("no key verifies its signature");
}

}  // namespace sekisho::crypto
