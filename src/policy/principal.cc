#include "policy/principal.h"

#include <algorithm>

#include "base/ids.h"

namespace sekisho::policy {
namespace {

bool lists(const std::vector<std::string>& entries, std::string_view value) {
    return !value.empty() && std::ranges::any_of(entries, [&](const std::string& e) { return e == value || e == "*"; });
}

// The account that "123456789012" or "arn:aws:iam::123456789012:root" stands for; empty for anything else.
std::string_view account_of(std::string_view entry) {
    if (is_account_id(entry)) return entry;
    constexpr std::string_view head = "arn:";
    constexpr std::string_view tail = ":root";
    if (!entry.starts_with(head) || !entry.ends_with(tail)) return {};
    entry.remove_suffix(tail.size());
    const auto colons = entry.rfind("::");
    if (colons == entry.npos || !entry.substr(0, colons).ends_with(":iam")) return {};
    const auto account = entry.substr(colons + 2);
    return is_account_id(account) ? account : std::string_view();
}

bool has_account(PrincipalKind kind) {
    return kind == PrincipalKind::root || kind == PrincipalKind::user || kind == PrincipalKind::role ||
           kind == PrincipalKind::federated_user;
}

Named names_entry(std::string_view entry, const Principal& principal) {
    if (entry == "*") return Named::direct;
    if (!has_account(principal.kind)) return Named::no;
    if (entry == principal.arn) {
        // A role's own ARN as principal means one of its sessions.
        return principal.kind == PrincipalKind::role && entry == principal.issuer ? Named::issuer : Named::direct;
    }
    if (!principal.unique_id.empty() && entry == principal.unique_id) {
        return principal.kind == PrincipalKind::user ? Named::direct : Named::issuer;
    }
    const bool session = principal.kind == PrincipalKind::role || principal.kind == PrincipalKind::federated_user;
    if (session && !principal.issuer.empty() && entry == principal.issuer) return Named::issuer;
    const auto account = account_of(entry);
    if (account.empty() || account != principal.account) return Named::no;
    return principal.kind == PrincipalKind::root ? Named::direct : Named::account;
}

}  // namespace

Named names(const Principals& principals, const Principal& principal) {
    if (principals.everyone) return Named::direct;
    if (principal.kind == PrincipalKind::service && lists(principals.service, principal.arn)) return Named::direct;
    if (principal.kind == PrincipalKind::federated) {
        const auto& other = principal.issuer;
        const bool is_listed =
            lists(principals.federated, principal.arn) || (!other.empty() && lists(principals.federated, other));
        if (is_listed) return Named::direct;
    }
    Named best = Named::no;
    for (const auto& entry : principals.aws) {
        best = std::max(best, names_entry(entry, principal));
    }
    return best;
}

}  // namespace sekisho::policy
