#include "domain/oidc_client.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "store/record_codec.h"

namespace sekisho::domain {

const Shape ClientRegistration::shape = record_shape<ClientRegistration>(
    "ClientRegistration", {SEK_FIELD(1, ClientRegistration, name), SEK_FIELD(2, ClientRegistration, scopes),
                           SEK_FIELD(3, ClientRegistration, grant_types),
                           SEK_FIELD(4, ClientRegistration, redirect_uris), SEK_FIELD(5, ClientRegistration, issued_at),
                           SEK_FIELD(6, ClientRegistration, expires_at), SEK_FIELD(7, ClientRegistration, nonce)});

Result<std::string> encode_client_registration(const ClientRegistration& registration) {
    return store::encode_record(ClientRegistration::shape, &registration, {});
}

Result<ClientRegistration> decode_client_registration(std::string_view plain) {
    ClientRegistration registration;
    SEK_TRY(store::decode_record(ClientRegistration::shape, plain, &registration, {}));
    return registration;
}

namespace {

// A loopback redirect without its port: "127.0.0.1/oauth/callback".
std::optional<std::string> without_port(std::string_view uri) {
    constexpr std::string_view scheme = "http://";
    if (!uri.starts_with(scheme)) return {};
    uri.remove_prefix(scheme.size());
    const bool has_bad_character = std::ranges::any_of(uri, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte >= 0x7f || std::string_view("\"<>\\^`{|}#?@").contains(c);
    });
    if (has_bad_character) return {};
    for (const std::string_view host : {"127.0.0.1", "[::1]"}) {
        if (!uri.starts_with(host)) continue;
        auto rest = uri.substr(host.size());
        if (rest.starts_with(':')) {
            const auto digits = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
            if (digits < 2 || digits > 6) return {};
            rest.remove_prefix(digits);
        }
        if (!rest.empty() && !rest.starts_with('/')) return {};
        return std::string(host) + std::string(rest);
    }
    return {};
}

}  // namespace

bool allows_grant(const ClientRegistration& client, std::string_view grant_type) {
    if (client.grant_types.empty()) return grant_type != authorization_code_grant;
    return std::ranges::find(client.grant_types, grant_type) != client.grant_types.end();
}

bool is_loopback_redirect_uri(std::string_view uri) {
    return without_port(uri).has_value();
}

bool matches_redirect_uri(const ClientRegistration& client, std::string_view uri) {
    const auto asked = without_port(uri);
    return std::ranges::any_of(client.redirect_uris, [&](const std::string& registered) {
        return registered == uri || (asked && without_port(registered) == asked);
    });
}

}  // namespace sekisho::domain
