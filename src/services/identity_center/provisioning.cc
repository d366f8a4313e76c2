#include "services/identity_center/provisioning.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "domain/organization.h"
#include "domain/reserved_roles.h"
#include "wire/arn.h"

namespace sekisho::identity_center_service {
namespace {

// The customer's policies of a set are those of the same name and path in each account.
struct ResolvedPolicies {
    std::vector<std::string> arns;
    std::optional<std::string> boundary_arn;
    std::optional<std::string> missing_arn;
};

Result<std::string> resolve(const store::Reader& reader, const AccountId& account,
                            const domain::CustomerManagedPolicyReference& reference, ResolvedPolicies& resolved) {
    const std::string arn = wire::make_policy_arn(account, reference.path, reference.name);
    SEK_TRY(const auto policy, domain::managed_policies.get(reader, account, lower_ascii(reference.name)));
    const bool is_there = policy && policy->path == reference.path && policy->name == reference.name;
    if (!is_there && !resolved.missing_arn) resolved.missing_arn = arn;
    return arn;
}

Result<ResolvedPolicies> resolve_policies(const store::Reader& reader, const domain::PermissionSet& set,
                                          const AccountId& account) {
    ResolvedPolicies resolved{.arns = set.managed_policy_arns, .boundary_arn = {}, .missing_arn = {}};
    for (const auto& reference : set.customer_managed_policies) {
        SEK_TRY(resolved.arns.emplace_back(), resolve(reader, account, reference, resolved));
    }
    if (!set.boundary) return resolved;
    if (set.boundary->customer_managed_policy) {
        SEK_TRY(resolved.boundary_arn, resolve(reader, account, *set.boundary->customer_managed_policy, resolved));
    } else {
        resolved.boundary_arn = set.boundary->managed_policy_arn;
    }
    return resolved;
}

// The identity provider's side of the trust: an issuer without a key, as no assertion ever leaves the house.
std::string provider_metadata(const domain::IdentityCenter& center, const AccountId& account) {
    constexpr std::string_view instance_prefix = "ssoins-";
    const std::string& arn = center.instance_arn.str();
    const auto place = arn.find(instance_prefix);
    const std::string instance = place == std::string::npos ? arn : arn.substr(place + instance_prefix.size());
    const std::string host = "https://portal.sso." + center.region.str() + ".amazonaws.com/saml/";
    const std::string id = encode_base64(account.str() + "_ins-" + instance);
    return fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" )"
        R"(entityID="{0}assertion/{1}"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" )"
        R"(protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:SingleSignOnService )"
        R"(Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{0}assertion/{1}"/>)"
        R"(</md:IDPSSODescriptor></md:EntityDescriptor>)",
        host, id);
}

Result<std::string> ensure_provider(store::Transaction& transaction, const domain::IdentityCenter& center,
                                    const AccountId& account, Time now) {
    auto name = domain::single_sign_on_provider_name(center.instance_arn, account);
    SEK_TRY(const auto known, domain::saml_providers.get(transaction, account, name));
    if (known) return name;
    SEK_TRY(domain::saml_providers.put(transaction, {.account_id = account,
                                                     .name = name,
                                                     .metadata_document = provider_metadata(center, account),
                                                     .created_at = now,
                                                     .is_protected = true}));
    return name;
}

// The name of a role that is to be made; nothing: it is taken. A stable one may be held by the role of a deleted set of
// the same name that was not collected yet: that role goes on as this set's (nobody holds a grant of the old one). A
// role that somebody made is left alone: it would give this set's permissions to its maker's sessions.
Result<std::optional<std::string>> name_of_new_role(store::Transaction& transaction,
                                                    const domain::IdentityCenter& center,
                                                    const domain::PermissionSet& set, const AccountId& account,
                                                    Random& random) {
    using Name = std::optional<std::string>;
    if (!center.stable_role_names) return Name(domain::make_single_sign_on_role_name(set.name, random));
    auto name = domain::stable_single_sign_on_role_name(set.name, center.instance_arn);
    SEK_TRY(const auto taken, domain::roles.get(transaction, account, lower_ascii(name)));
    if (!taken) return Name(std::move(name));
    SEK_TRY(const auto former,
            domain::provisioned_roles.get_by(transaction, domain::provisioned_roles_by_role_id, taken->id));
    if (!former) return Name();
    SEK_TRY(domain::provisioned_roles.erase(transaction, account, former->permission_set_arn));
    return Name(std::move(name));
}

}  // namespace

Result<bool> is_target(const store::Reader& reader, const domain::IdentityCenter& center, const AccountId& account) {
    SEK_TRY(const auto found, domain::accounts.get(reader, account));
    if (!found || found->state != domain::AccountState::active) return false;
    return domain::is_account_of(center, *found);
}

Result<std::optional<std::string>> provision(store::Transaction& transaction, const domain::IdentityCenter& center,
                                             const domain::PermissionSet& set, const AccountId& account, Time now,
                                             Random& random) {
    using Failure = std::optional<std::string>;
    SEK_TRY(const bool can_be, is_target(transaction, center, account));
    if (!can_be) return Failure("Received a 404 status error: AWS account " + account.str() + " not found.");
    SEK_TRY(auto policies, resolve_policies(transaction, set, account));
    if (policies.missing_arn)
        return Failure("Received a 404 status error: Not supported policy " + *policies.missing_arn + ".");

    SEK_TRY(const auto provider, ensure_provider(transaction, center, account, now));
    SEK_TRY(const auto known, domain::provisioned_roles.get(transaction, account, set.arn));
    // A role keeps its name for as long as it is there, whatever is set since: its mappings name it.
    std::optional<std::string> name;
    if (known) name = known->role_name;
    if (!name) {
        SEK_TRY(name, name_of_new_role(transaction, center, set, account, random));
    }
    if (!name) return Failure("Received a 409 status error: A role with the name of the permission set's role exists.");
    domain::ReservedRole wanted{.account_id = account,
                                .name = std::move(*name),
                                .path = domain::single_sign_on_role_path(center.region),
                                .trust_policy = domain::single_sign_on_trust_policy(account, provider),
                                .description = set.description,
                                .inline_policies = {},
                                .policy_arns = std::move(policies.arns),
                                .boundary_arn = std::move(policies.boundary_arn)};
    if (!set.inline_policy.empty()) {
        wanted.inline_policies[std::string(domain::single_sign_on_inline_policy)] = set.inline_policy;
    }
    SEK_TRY(const auto role, domain::put_reserved_role(transaction, wanted, now, random));
    SEK_TRY(domain::provisioned_roles.put(transaction, {.instance_arn = center.instance_arn,
                                                        .account_id = account,
                                                        .permission_set_arn = set.arn,
                                                        .role_name = role.name,
                                                        .role_id = role.id,
                                                        .content_version = set.content_version,
                                                        .provisioned_at = now}));
    return Failure();
}

Result<void> unprovision_unless_assigned(store::Transaction& transaction, const AccountId& account,
                                         const PermissionSetArn& set) {
    transaction.read_guard(domain::assignments_guard(set, account));
    SEK_TRY(const auto left, domain::assignments.scan(transaction, store::prefix(account, set), {.limit = 1}));
    if (!left.items.empty()) return {};
    SEK_TRY(const auto role, domain::provisioned_roles.get(transaction, account, set));
    if (!role) return {};
    SEK_TRY(domain::erase_reserved_role(transaction, account, role->role_name));
    SEK_TRY(domain::provisioned_roles.erase(transaction, account, set));
    return {};
}

}  // namespace sekisho::identity_center_service
