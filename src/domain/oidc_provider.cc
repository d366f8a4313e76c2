#include "domain/oidc_provider.h"

#include <cstddef>

#include "wire/arn.h"

namespace sekisho::domain {

using store::key;

const Shape OidcProvider::shape = record_shape<OidcProvider>(
    "OidcProvider", {SEK_FIELD(1, OidcProvider, account_id), SEK_FIELD(2, OidcProvider, issuer),
                     SEK_FIELD(3, OidcProvider, client_ids), SEK_FIELD(4, OidcProvider, thumbprints),
                     SEK_FIELD(5, OidcProvider, created_at), SEK_FIELD(6, OidcProvider, tags)});

const store::Table<OidcProvider> oidc_providers(45, "oidc_providers",
                                                [](const OidcProvider& p) { return key(p.account_id, p.issuer); },
                                                {.guards = [](const OidcProvider& p) {
                                                    return std::vector{oidc_providers_guard(p.account_id)};
                                                }});

std::string oidc_providers_guard(const AccountId& account) {
    return key("iam-oidc-providers", account);
}

std::string oidc_provider_arn(const OidcProvider& provider) {
    return wire::make_oidc_provider_arn(provider.account_id, provider.issuer);
}

std::string issuer_without_port(std::string_view issuer) {
    constexpr std::string_view folder = "/oidc/id/";
    constexpr std::size_t id_characters = 32;
    const auto slash = issuer.find('/');
    if (slash == std::string_view::npos) return {};
    const auto path = issuer.substr(slash), host = issuer.substr(0, slash);
    const auto colon = host.rfind(':');
    const bool has_port = colon != std::string_view::npos && colon + 1 < host.size() &&
                          host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
    const bool is_cluster = path.starts_with(folder) && path.size() == folder.size() + id_characters &&
                            path.find_first_not_of("0123456789ABCDEF", folder.size()) == std::string_view::npos;
    if (!has_port || !is_cluster) return {};
    return std::string(host.substr(0, colon)) + std::string(path);
}

namespace {

// Every provider of the account that goes by a name without a port.
Result<std::vector<OidcProvider>> providers_without_port(const store::Reader& reader, const AccountId& account,
                                                         std::string_view name) {
    std::vector<OidcProvider> found;
    SEK_TRY(oidc_providers.each(reader, store::prefix(account), [&](const OidcProvider& provider) {
        if (provider.issuer == name || issuer_without_port(provider.issuer) == name) found.push_back(provider);
        return true;
    }));
    return found;
}

}  // namespace

Result<std::string> other_issuer_name(const store::Reader& reader, const OidcProvider& provider) {
    auto name = issuer_without_port(provider.issuer);
    if (name.empty()) return name;
    SEK_TRY(const auto namesakes, providers_without_port(reader, provider.account_id, name));
    return namesakes.size() == 1 ? std::move(name) : std::string();
}

Result<std::optional<OidcProvider>> find_oidc_provider(const store::Reader& reader, const AccountId& account,
                                                       std::string_view arn) {
    const auto parsed = wire::Arn::parse(arn);
    const bool is_own = parsed && parsed->service == "iam" && parsed->account == account.str() &&
                        parsed->resource.starts_with("oidc-provider/");
    if (!is_own) return std::optional<OidcProvider>();
    SEK_TRY(auto provider, oidc_providers.get(reader, account, parsed->resource_id()));
    if (provider) return provider;
    SEK_TRY(auto namesakes, providers_without_port(reader, account, parsed->resource_id()));
    if (namesakes.size() != 1) return std::optional<OidcProvider>();
    return std::optional(std::move(namesakes.front()));
}

}  // namespace sekisho::domain
