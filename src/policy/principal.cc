#include "policy/principal.h"

#include <algorithm>

namespace sekisho::policy {
namespace {

// "123456789012" and "arn:aws:iam::123456789012:root" both name an account.
std::string_view account_of(std::string_view entry) {
    if (entry.size() == 12 && entry.find_first_not_of("0123456789") == std::string_view::npos) return entry;
    if (!entry.starts_with("arn:") || !entry.ends_with(":root")) return {};
    const auto iam = entry.find(":iam::");
    return iam == std::string_view::npos ? std::string_view() : entry.substr(iam + 6, 12);
}

Named names_aws(std::string_view entry, const Principal& principal) {
    if (principal.kind == PrincipalKind::service || principal.kind == PrincipalKind::federated) {
        return entry == "*" ? Named::direct : Named::no;
    }
    if (entry == "*") return Named::direct;
    if (principal.kind == PrincipalKind::anonymous) return Named::no;
    if (entry == principal.arn) return Named::direct;
    if (!principal.issuer.empty() && entry == principal.issuer) return Named::issuer;
    if (!principal.unique_id.empty() && entry == principal.unique_id) {
        return principal.kind == PrincipalKind::role ? Named::issuer : Named::direct;
    }
    const auto account = account_of(entry);
    return !account.empty() && account == principal.account ? Named::account : Named::no;
}

bool contains(const std::vector<std::string>& entries, std::string_view wanted) {
    return std::ranges::any_of(entries, [&](const std::string& entry) { return entry == wanted || entry == "*"; });
}

}  // namespace

Named names(const Principals& principals, const Principal& principal) {
    if (principals.everyone) return Named::direct;
    Named best = Named::no;
    for (const auto& entry : principals.aws) best = std::max(best, names_aws(entry, principal));
    if (principal.kind == PrincipalKind::service && contains(principals.service, principal.arn)) return Named::direct;
    if (principal.kind == PrincipalKind::federated && contains(principals.federated, principal.arn)) {
        return Named::direct;
    }
    return best;
}

}  // namespace sekisho::policy
