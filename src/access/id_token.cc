#include "access/id_token.h"

#include "base/json.h"
#include "crypto/jose.h"

namespace sekisho::access {
namespace {

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

std::optional<IdToken> parse_id_token(std::string_view text) {
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return {};
    IdToken claims;
    claims.issuer = find_text(*parsed, "iss").value_or("");
    claims.subject = find_text(*parsed, "sub").value_or("");
    claims.audiences = texts_of(*parsed, "aud");
    claims.authorized_party = find_text(*parsed, "azp");
    claims.id = find_text(*parsed, "jti");
    claims.methods = texts_of(*parsed, "amr");
    claims.expires_at = seconds_of(*parsed, "exp");
    claims.not_before = seconds_of(*parsed, "nbf");
    return claims;
}

std::optional<std::string> claim_at(std::string_view claims, std::string_view path) {
    const auto parsed = parse_json(claims);
    if (!parsed) return {};
    const json::value* here = &*parsed;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        here = find(*here, path.substr(0, dot));
        if (here == nullptr) return {};
        path.remove_prefix(dot + 1);
    }
    return find_text(*here, path);
}

bool denies(std::string_view claims, std::string_view claim) {
    const auto parsed = parse_json(claims);
    const auto* value = parsed ? find(*parsed, claim) : nullptr;
    return value != nullptr && value->is_bool() && !value->get_bool();
}

std::optional<UnverifiedToken> read_unverified(std::string_view token) {
    auto parts = crypto::read_unverified_jwt(token);
    if (!parts) return {};
    auto claims = parse_id_token(parts->claims);
    if (!claims) return {};
    return UnverifiedToken{.kid = std::move(parts->kid), .claims = std::move(*claims)};
}

}  // namespace sekisho::access
