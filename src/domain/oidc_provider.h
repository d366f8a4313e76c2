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
// Of an ARN of this account; nothing: no such provider.
Result<std::optional<OidcProvider>> find_oidc_provider(const store::Reader& reader, const AccountId& account,
                                                       std::string_view arn);

}  // namespace sekisho::domain
