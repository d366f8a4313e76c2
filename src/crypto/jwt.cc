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

Result<VerifiedJwt> verify_jwt(std::string_view token, std::span<const PublicKey> keys) {
    constexpr std::size_t token_bytes_max = 64 * 1024;
    if (token.size() > token_bytes_max) return bad_token("longer than 64 KiB");
    const auto parts = split(token, '.');
    if (parts.size() != 3) return bad_token("not of three parts");
    const auto header_text = decode_base64url(parts[0]);
    auto claims = decode_base64url(parts[1]);
    const auto signature = decode_base64url(parts[2]);
    if (!header_text || !claims || !signature) return bad_token("not base64url");
    const auto header = parse_json(*header_text);
    if (!header || !header->is_object()) return bad_token("its header is not a JSON object");
    if (find(*header, "crit") != nullptr) return bad_token("its header has critical members");
    if (!is_valid_utf8(*claims)) return bad_token("its claims are not UTF-8");

    const auto algorithm = find_text(*header, "alg");
    const auto kid = find_text(*header, "kid");
    const std::string_view signed_part = token.substr(0, parts[0].size() + 1 + parts[1].size());
    for (const PublicKey& key : keys) {
        if (algorithm != to_text(key.algorithm()) || (kid && *kid != key.kid())) continue;
        if (!key.verify(signed_part, *signature)) continue;
        return VerifiedJwt{
            .claims = std::move(*claims), .type = find_text(*header, "typ").value_or(""), .kid = key.kid()};
    }
    return bad_token("no key verifies its signature");
}

}  // namespace sekisho::crypto
