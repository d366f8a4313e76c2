#include "domain/cluster_parts.h"

#include "domain/cluster_access.h"

namespace sekisho::domain {

using store::key;

namespace {

constexpr std::size_t parts_erased_max = 20;  // in one transaction: each may have several keys

template <class Record>
Result<void> erase_some(store::Transaction& transaction, const store::Table<Record>& table, const std::string& prefix,
                        std::size_t& left) {
    if (left == 0) return {};
    SEK_TRY(const auto found, table.scan(transaction, prefix, {.limit = left}));
    for (const Record& record : found.items) {
        SEK_TRY(table.erase_key(transaction, table.primary_key(&record)));
        --left;
    }
    return {};
}

}  // namespace

const Shape Addon::shape = record_shape<Addon>(
    "Addon", {SEK_FIELD(1, Addon, cluster_id), SEK_FIELD(2, Addon, cluster_name), SEK_FIELD(3, Addon, name),
              SEK_FIELD(4, Addon, id), SEK_FIELD(5, Addon, arn), SEK_FIELD(6, Addon, version),
              SEK_FIELD(7, Addon, service_account_role_arn), SEK_FIELD(8, Addon, configuration_values),
              SEK_FIELD(9, Addon, namespace_name), SEK_FIELD(10, Addon, pod_identity_association_arns),
              SEK_FIELD(11, Addon, client_request_token), SEK_FIELD(12, Addon, created_at),
              SEK_FIELD(13, Addon, modified_at), SEK_FIELD(14, Addon, tags)});

const Shape PodIdentityAssociation::shape = record_shape<PodIdentityAssociation>(
    "PodIdentityAssociation",
    {SEK_FIELD(1, PodIdentityAssociation, cluster_id), SEK_FIELD(2, PodIdentityAssociation, cluster_name),
     SEK_FIELD(3, PodIdentityAssociation, id), SEK_FIELD(4, PodIdentityAssociation, arn),
     SEK_FIELD(5, PodIdentityAssociation, namespace_name), SEK_FIELD(6, PodIdentityAssociation, service_account),
     SEK_FIELD(7, PodIdentityAssociation, role_arn), SEK_FIELD(8, PodIdentityAssociation, target_role_arn),
     SEK_FIELD(9, PodIdentityAssociation, external_id), SEK_FIELD(10, PodIdentityAssociation, policy),
     SEK_FIELD(11, PodIdentityAssociation, disable_session_tags), SEK_FIELD(12, PodIdentityAssociation, owner_arn),
     SEK_FIELD(13, PodIdentityAssociation, client_request_token), SEK_FIELD(14, PodIdentityAssociation, created_at),
     SEK_FIELD(15, PodIdentityAssociation, modified_at), SEK_FIELD(16, PodIdentityAssociation, tags)});

const Shape FargateSelector::shape = record_shape<FargateSelector>(
    "FargateSelector", {SEK_FIELD(1, FargateSelector, namespace_name), SEK_FIELD(2, FargateSelector, labels)});

const Shape FargateProfile::shape = record_shape<FargateProfile>(
    "FargateProfile",
    {SEK_FIELD(1, FargateProfile, cluster_id), SEK_FIELD(2, FargateProfile, cluster_name),
     SEK_FIELD(3, FargateProfile, name), SEK_FIELD(4, FargateProfile, id), SEK_FIELD(5, FargateProfile, arn),
     SEK_FIELD(6, FargateProfile, pod_execution_role_arn), SEK_FIELD(7, FargateProfile, subnet_ids),
     SEK_FIELD(8, FargateProfile, selectors), SEK_FIELD(9, FargateProfile, client_request_token),
     SEK_FIELD(10, FargateProfile, created_at), SEK_FIELD(11, FargateProfile, tags)});

const Shape OidcProviderConfig::shape = record_shape<OidcProviderConfig>(
    "OidcProviderConfig",
    {SEK_FIELD(1, OidcProviderConfig, cluster_id), SEK_FIELD(2, OidcProviderConfig, cluster_name),
     SEK_FIELD(3, OidcProviderConfig, name), SEK_FIELD(4, OidcProviderConfig, id),
     SEK_FIELD(5, OidcProviderConfig, arn), SEK_FIELD(6, OidcProviderConfig, issuer_url),
     SEK_FIELD(7, OidcProviderConfig, client_id), SEK_FIELD(8, OidcProviderConfig, username_claim),
     SEK_FIELD(9, OidcProviderConfig, username_prefix), SEK_FIELD(10, OidcProviderConfig, groups_claim),
     SEK_FIELD(11, OidcProviderConfig, groups_prefix), SEK_FIELD(12, OidcProviderConfig, required_claims),
     SEK_FIELD(13, OidcProviderConfig, tags)});

const store::Table<Addon> addons(85, "addons", [](const Addon& a) { return key(a.cluster_id, a.name); });

const store::Table<PodIdentityAssociation> pod_identity_associations(
    86, "pod_identity_associations", [](const PodIdentityAssociation& a) { return key(a.cluster_id, a.id); },
    {.indexes = {{pod_identities_by_account, "by_account", store::unique, [](const PodIdentityAssociation& a) {
                      return std::vector{key(a.cluster_id, a.namespace_name, a.service_account)};
                  }}}});

const store::Table<FargateProfile> fargate_profiles(87, "fargate_profiles",
                                                    [](const FargateProfile& p) { return key(p.cluster_id, p.name); },
                                                    {.guards = [](const FargateProfile& p) {
                                                        return std::vector{fargate_profiles_guard(p.cluster_id)};
                                                    }});

const store::Table<OidcProviderConfig> oidc_provider_configs(88, "oidc_provider_configs",
                                                             [](const OidcProviderConfig& c) {
                                                                 return key(c.cluster_id, c.name);
                                                             });

std::string fargate_profiles_guard(std::string_view cluster_id) {
    return "fargate-profiles/" + std::string(cluster_id);
}

Result<bool> erase_cluster_parts(store::Transaction& transaction, const Cluster& cluster) {
    std::size_t left = parts_erased_max;
    const std::string by_id = key(cluster.id);
    const std::string by_name = key(cluster.account_id, cluster.region, cluster.name);
    SEK_TRY(erase_some(transaction, access_entries, by_id, left));
    SEK_TRY(erase_some(transaction, addons, by_id, left));
    SEK_TRY(erase_some(transaction, pod_identity_associations, by_id, left));
    SEK_TRY(erase_some(transaction, fargate_profiles, by_id, left));
    SEK_TRY(erase_some(transaction, oidc_provider_configs, by_id, left));
    SEK_TRY(erase_some(transaction, cluster_updates, by_name, left));
    return left > 0;
}

}  // namespace sekisho::domain
