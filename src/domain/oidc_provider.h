#pragma once
// OpenID Connect providers of an account: whose tokens its roles may trust. Made by IAM, asked by STS
// (AssumeRoleWithWebIdentity). https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

struct OidcProvider {
    AccountId account_id;
    std::string issuer;  // the URL after https://: host, port and path
    std::vector<std::string> client_ids;
    std::vector<std::string> thumbprints;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

extern const store::Table<OidcProvider> oidc_providers;  // key(account, issuer)
std::string oidc_providers_guard(const AccountId& account);

std::string oidc_provider_arn(const OidcProvider& provider);

// The other name of a cluster's issuer that has a port (localhost:7443/oidc/id/<32 hex>): the one without. AWS's
// issuers have no port, and eksctl leaves it out of the provider's ARN and of condition keys. Empty: the issuer has no
// other name. The id is drawn at random and belongs to one cluster, so the port tells nothing.
std::string issuer_without_port(std::string_view issuer);
// That name of a provider, if it is its alone in the account; empty: it has none.
Result<std::string> other_issuer_name(const store::Reader& reader, const OidcProvider& provider);

// Of an ARN of this account, by either name; nothing: no such provider.
Result<std::optional<OidcProvider>> find_oidc_provider(const store::Reader& reader, const AccountId& account,
                                                       std::string_view arn);

}  // namespace sekisho::domain
