#include "services/sts/id_token.h"

#include "base/json.h"
#include "crypto/jose.h"
#include "models/sts.h"

namespace sekisho::sts_service {
namespace {

ApiError not_a_jwt() {
    return sts::errors::invalid_identity_token_exception(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
}

std::vector<std::string> texts_of(const json::value& claims, std::string_view name) {
    std::vector<std::string> texts;
    const auto* value = find(claims, name);
    if (value == nullptr) return texts;
    if (value->is_string()) texts.emplace_back(value->get_string());
    if (!value->is_array()) return texts;
    for (const auto& item : value->get_array()) {
        if (item.is_string()) texts.emplace_back(item.get_string());
    }
    return texts;
}

std::optional<std::int64_t> seconds_of(const json::value& claims, std::string_view name) {
    const auto* value = find(claims, name);
    if (value == nullptr || !value->is_number()) return {};
    // RFC 7519 2, NumericDate: may have a fraction. What no clock can show is taken as not there.
    const double number = value->to_number<double>();
    if (!(number >= 0 && number < 1e12)) return {};
    return static_cast<std::int64_t>(number);
}

}  // namespace

Result<IdToken> parse_id_token(std::string_view text) {
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return not_a_jwt();
    IdToken claims;
    claims.issuer = find_text(*parsed, "iss").value_or("");
    claims.subject = find_text(*parsed, "sub").value_or("");
    claims.audiences = texts_of(*parsed, "aud");
    claims.authorized_party = find_text(*parsed, "azp");
    claims.methods = texts_of(*parsed, "amr");
    claims.expires_at = seconds_of(*parsed, "exp");
    claims.not_before = seconds_of(*parsed, "nbf");
    return claims;
}

Result<UnverifiedToken> read_unverified(std::string_view token) {
    auto parts = crypto::read_unverified_jwt(token);
    if (!parts) return not_a_jwt();
    SEK_TRY(auto claims, parse_id_token(parts->claims));
    return UnverifiedToken{.kid = std::move(parts->kid), .claims = std::move(claims)};
}

}  // namespace sekisho::sts_service
