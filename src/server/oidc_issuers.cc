#include "server/oidc_issuers.h"

#include <array>
#include <optional>

#include "base/log.h"
#include "crypto/oidc_discovery.h"
#include "domain/applications.h"
#include "kube/oidc_issuer.h"

namespace sekisho::server {
namespace {

constexpr std::string_view path_of_all = "/oidc/";

struct Published {
    crypto::OidcIssuer issuer;
    std::string keys;
};

Result<std::optional<Published>> cluster_issuer(const store::Reader& reader, std::string_view id) {
    SEK_TRY(const auto cluster, domain::clusters.get_by(reader, domain::clusters_by_id, id));
    if (!cluster) return std::optional<Published>();
    SEK_TRY(auto keys, kube::issuer_keys(*cluster));
    return std::optional<Published>(
        {.issuer = {.url = cluster->oidc_issuer, .authorization_endpoint = "urn:kubernetes:programmatic_authorization"},
         .keys = std::move(keys)});
}

Result<std::optional<Published>> identity_center_issuer(const store::Reader& reader, std::string_view public_url,
                                                        std::string_view store_id) {
    SEK_TRY(const auto center,
            domain::identity_centers.get_by(reader, domain::identity_centers_by_store, IdentityStoreId(store_id)));
    if (!center) return std::optional<Published>();
    SEK_TRY(const auto key, domain::id_token_keys.get(reader, center->instance_arn));
    if (!key) return std::optional<Published>();
    SEK_TRY(const auto pair, crypto::SigningKey::parse_der(key->private_key));
    const std::array keys{pair.public_key().with_kid(pair.public_key().thumbprint())};
    return std::optional<Published>({.issuer = {.url = domain::id_token_issuer(public_url, center->identity_store_id),
                                                .authorization_endpoint = std::string(public_url) + "/authorize",
                                                .algorithm = pair.algorithm()},
                                     .keys = crypto::print_jwk_set(keys)});
}

net::Response plain(int status, std::string text) {
    return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(text)};
}

}  // namespace

net::Response serve_oidc_issuer(const store::Reader& reader, std::string_view public_url, const net::Request& request) {
    std::string_view rest = request.path();
    if (!rest.starts_with(path_of_all)) return plain(404, "no such issuer\n");
    rest.remove_prefix(path_of_all.size());
    const bool is_cluster = rest.starts_with(kube::oidc_folder);
    if (is_cluster) rest.remove_prefix(kube::oidc_folder.size());
    const std::string_view id = rest.substr(0, rest.find('/'));
    rest.remove_prefix(id.size());
    auto found = is_cluster ? cluster_issuer(reader, id) : identity_center_issuer(reader, public_url, id);
    if (!found) {
        log::error("an issuer's keys cannot be shown", {{"issuer", id}, {"cause", found.error().cause}});
        return plain(500, "no keys\n");
    }
    const bool is_configuration = rest == crypto::oidc_configuration_path;
    if (!*found || (!is_configuration && rest != crypto::oidc_keys_path)) return plain(404, "no such issuer\n");
    return {.status = 200,
            .headers = {{"Content-Type", "application/json"},
                        {"Cache-Control", "public, max-age=60"},
                        {"X-Content-Type-Options", "nosniff"}},
            .body = is_configuration ? crypto::print_oidc_configuration((*found)->issuer) : std::move((*found)->keys)};
}

}  // namespace sekisho::server
