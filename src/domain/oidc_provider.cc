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

Result<std::optional<OidcProvider>> find_oidc_provider(const store::Reader& reader, const AccountId& account,
                                                       std::string_view arn) {
    const auto parsed = wire::Arn::parse(arn);
    const bool is_own = parsed && parsed->service == "iam" && parsed->account == account.str() &&
                        parsed->resource.starts_with("oidc-provider/");
    if (!is_own) return std::optional<OidcProvider>();
    return oidc_providers.get(reader, account, parsed->resource_id());
}

}  // namespace sekisho::domain
