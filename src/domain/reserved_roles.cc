#include "domain/reserved_roles.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "crypto/digest.h"
#include "wire/arn.h"

namespace sekisho::domain {
namespace {

constexpr std::string_view role_use = "role";
constexpr std::string_view role_boundary_use = "role-boundary";

struct Uses {
    std::set<std::string> attached;
    std::optional<std::string> boundary;
};

Uses uses_of(const PrincipalPolicies& policies) {
    return {{policies.attached_policy_arns.begin(), policies.attached_policy_arns.end()},
            policies.permissions_boundary_arn};
}

Result<void> put_use(store::Transaction& transaction, const Role& role, const std::string& arn, std::string_view kind) {
    return policy_uses.put(transaction, {.account_id = role.account_id,
                                         .policy_arn = arn,
                                         .kind = std::string(kind),
                                         .name = role.name,
                                         .principal_id = role.id});
}

Result<void> erase_use(store::Transaction& transaction, const Role& role, const std::string& arn,
                       std::string_view kind) {
    SEK_TRY(policy_uses.erase(transaction, role.account_id, arn, kind, lower_ascii(role.name)));
    return {};
}

Result<void> change_uses(store::Transaction& transaction, const Role& role, const Uses& before, const Uses& after) {
    for (const auto& arn : before.attached) {
        if (!after.attached.contains(arn)) SEK_TRY(erase_use(transaction, role, arn, role_use));
    }
    for (const auto& arn : after.attached) {
        if (!before.attached.contains(arn)) SEK_TRY(put_use(transaction, role, arn, role_use));
    }
    if (before.boundary == after.boundary) return {};
    if (before.boundary) SEK_TRY(erase_use(transaction, role, *before.boundary, role_boundary_use));
    if (after.boundary) SEK_TRY(put_use(transaction, role, *after.boundary, role_boundary_use));
    return {};
}

}  // namespace

Result<Role> put_reserved_role(store::Transaction& transaction, const ReservedRole& wanted, Time now, Random& random) {
    SEK_TRY(auto known, roles.get(transaction, wanted.account_id, lower_ascii(wanted.name)));
    Role role = known ? *known
                      : Role{.account_id = wanted.account_id,
                             .name = wanted.name,
                             .id = PrincipalId(make_unique_id("AROA", wanted.account_id, random)),
                             .created_at = now};
    role.path = wanted.path;
    role.trust_policy = wanted.trust_policy;
    role.description = wanted.description;
    role.session_seconds_max = reserved_role_session_seconds_max;
    role.is_protected = true;

    SEK_TRY(auto before, principal_policies.get(transaction, role.id));
    PrincipalPolicies after{.principal_id = role.id,
                            .inline_policies = wanted.inline_policies,
                            .attached_policy_arns = wanted.policy_arns,
                            .permissions_boundary_arn = wanted.boundary_arn};
    SEK_TRY(change_uses(transaction, role, before ? uses_of(*before) : Uses(), uses_of(after)));
    SEK_TRY(principal_policies.put(transaction, after));
    SEK_TRY(roles.put(transaction, role));
    return role;
}

Result<void> erase_reserved_role(store::Transaction& transaction, const AccountId& account, std::string_view name) {
    SEK_TRY(const auto role, roles.get(transaction, account, lower_ascii(name)));
    if (!role) return {};
    SEK_TRY(const auto policies, principal_policies.get(transaction, role->id));
    if (policies) SEK_TRY(change_uses(transaction, *role, uses_of(*policies), Uses()));
    SEK_TRY(principal_policies.erase(transaction, role->id));
    SEK_TRY(roles.erase(transaction, account, lower_ascii(name)));
    return {};
}

std::string make_single_sign_on_role_name(std::string_view permission_set, Random& random) {
    return fmt::format("AWSReservedSSO_{}_{}", permission_set, random_hex(random, 16));
}

std::string stable_single_sign_on_role_name(std::string_view permission_set, std::string_view instance_arn) {
    const auto digest = crypto::sha256(fmt::format("{}\n{}", instance_arn, permission_set)).hex();
    return fmt::format("AWSReservedSSO_{}_{}", permission_set, digest.substr(0, 16));
}

std::string single_sign_on_role_path(const Region& region) {
    constexpr std::string_view path = "/aws-reserved/sso.amazonaws.com/";
    if (region.str() == "us-east-1") return std::string(path);
    return std::string(path) + region.str() + "/";
}

std::string single_sign_on_provider_name(std::string_view instance_arn, const AccountId& account) {
    const auto digest = crypto::sha256(fmt::format("{}\n{}", instance_arn, account.str())).hex();
    return "AWSSSO_" + digest.substr(0, 16) + "_DO_NOT_DELETE";
}

std::string single_sign_on_trust_policy(const AccountId& account, std::string_view provider) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":")" +
           wire::make_saml_provider_arn(account, provider) +
           R"("},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],)"
           R"("Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]})";
}

}  // namespace sekisho::domain
