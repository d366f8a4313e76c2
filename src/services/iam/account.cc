// The account itself: its alias and its numbers.
#include "base/limits.h"
#include "domain/iam.h"
#include "domain/oidc_provider.h"
#include "domain/organization.h"
#include "domain/virtual_mfa.h"
#include "models/iam.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::any_resource;
using operation::Call;
using operation::operation;

Result<domain::Account> require_account(const Call& call) {
    SEK_TRY(auto account, domain::accounts.get(call.tx, call.account()));
    if (!account) return errors::internal_failure("the caller's account is missing");
    return std::move(*account);
}

Result<iam::CreateAccountAliasResponse> create_alias(Call& call, const iam::CreateAccountAliasRequest& request) {
    SEK_TRY(auto account, require_account(call));
    SEK_TRY(const auto taken, domain::account_aliases.get(call.tx, request.account_alias));
    if (taken) {
        return iam::errors::entity_already_exists_exception("The account alias " + request.account_alias +
                                                            " already exists.");
    }
    // An account has one alias: a new one replaces it.
    if (account.alias) {
        SEK_TRY([[maybe_unused]] const bool existed, domain::account_aliases.erase(call.tx, *account.alias));
    }
    account.alias = request.account_alias;
    SEK_TRY(domain::accounts.put(call.tx, account));
    SEK_TRY(domain::account_aliases.put(call.tx, {.alias = request.account_alias, .account_id = account.id}));
    return iam::CreateAccountAliasResponse{};
}

Result<iam::ListAccountAliasesResponse> list_aliases(Call& call, const iam::ListAccountAliasesRequest& request) {
    SEK_TRY(const auto account, require_account(call));
    std::vector<std::string> aliases;
    if (account.alias) aliases.push_back(*account.alias);
    iam::ListAccountAliasesResponse response;
    SEK_TRY(response.account_aliases, page_of(call, "ListAccountAliases", std::move(aliases), request, response));
    return response;
}

Result<iam::DeleteAccountAliasResponse> delete_alias(Call& call, const iam::DeleteAccountAliasRequest& request) {
    SEK_TRY(auto account, require_account(call));
    if (account.alias != request.account_alias) {
        return iam::errors::no_such_entity_exception("The account alias " + request.account_alias +
                                                     " cannot be found.");
    }
    SEK_TRY([[maybe_unused]] const bool existed, domain::account_aliases.erase(call.tx, request.account_alias));
    account.alias.reset();
    SEK_TRY(domain::accounts.put(call.tx, account));
    return iam::DeleteAccountAliasResponse{};
}

template <class Record, class Visit = void (*)(const Record&)>
Result<std::int32_t> count_of(const store::Table<Record>& table, const Call& call, Visit visit = [](const Record&) {}) {
    std::int32_t count = 0;
    SEK_TRY(table.each(call.tx, store::prefix(call.account()), [&](const Record& record) {
        ++count;
        visit(record);
        return true;
    }));
    return count;
}

template <class Number>
std::int32_t as_quota(Number number) {
    return static_cast<std::int32_t>(number);
}

// AWS's default quotas (IAM user guide, "IAM and AWS STS quotas").
void add_quotas(std::map<std::string, std::int32_t>& summary) {
    summary["UsersQuota"] = 5000;
    summary["GroupsQuota"] = 300;
    summary["RolesQuota"] = 1000;
    summary["PoliciesQuota"] = 1500;
    summary["InstanceProfilesQuota"] = 1000;
    summary["ServerCertificatesQuota"] = 20;
    summary["SigningCertificatesPerUserQuota"] = 2;
    summary["PolicyVersionsInUseQuota"] = 10'000;
    summary["GroupsPerUserQuota"] = as_quota(limits::groups_of_user_max);
    summary["AccessKeysPerUserQuota"] = as_quota(limits::access_keys_of_user_max);
    summary["AttachedPoliciesPerGroupQuota"] = as_quota(limits::attached_policies_max);
    summary["AttachedPoliciesPerRoleQuota"] = as_quota(limits::attached_policies_max);
    summary["AttachedPoliciesPerUserQuota"] = as_quota(limits::attached_policies_max);
    summary["VersionsPerPolicyQuota"] = as_quota(limits::policy_versions_max);
    summary["PolicySizeQuota"] = as_quota(limits::managed_policy_characters_max);
    summary["UserPolicySizeQuota"] = as_quota(limits::user_inline_policy_characters_max);
    summary["GroupPolicySizeQuota"] = as_quota(limits::group_inline_policy_characters_max);
    summary["RolePolicySizeQuota"] = as_quota(limits::role_inline_policy_characters_max);
    summary["AssumeRolePolicySizeQuota"] = as_quota(limits::trust_policy_characters_max);
}

Result<iam::GetAccountSummaryResponse> get_summary(Call& call, const iam::GetAccountSummaryRequest&) {
    std::map<std::string, std::int32_t> summary;
    add_quotas(summary);
    SEK_TRY(summary["Users"], count_of(domain::iam_users, call));
    SEK_TRY(summary["Groups"], count_of(domain::iam_groups, call));
    SEK_TRY(summary["Roles"], count_of(domain::roles, call));
    SEK_TRY(summary["InstanceProfiles"], count_of(domain::instance_profiles, call));
    SEK_TRY(const auto saml_providers, count_of(domain::saml_providers, call));
    SEK_TRY(const auto oidc_providers, count_of(domain::oidc_providers, call));
    summary["Providers"] = saml_providers + oidc_providers;
    std::int32_t versions = 0;
    SEK_TRY(summary["Policies"], count_of(domain::managed_policies, call, [&](const domain::ManagedPolicy& policy) {
                versions += static_cast<std::int32_t>(policy.versions.size());
            }));
    summary["PolicyVersionsInUse"] = versions;
    SEK_TRY(const auto root_keys, domain::access_keys.scan_by(call.tx, domain::access_keys_by_user,
                                                              store::key(call.account(), ""), {.limit = 1}));
    summary["AccountAccessKeysPresent"] = root_keys.items.empty() ? 0 : 1;
    std::int32_t devices_in_use = 0;
    SEK_TRY(summary["MFADevices"],
            count_of(domain::virtual_mfa_devices, call,
                     [&](const domain::VirtualMfaDevice& device) { devices_in_use += device.user_id ? 1 : 0; }));
    summary["MFADevicesInUse"] = devices_in_use;
    SEK_TRY(const auto root_devices, domain::mfa_devices_of_user(call.tx, domain::root_principal(call.account())));
    summary["AccountMFAEnabled"] = root_devices.empty() ? 0 : 1;
    summary["AccountPasswordPresent"] = domain::login_profiles.exists(call.tx, call.account(), "") ? 1 : 0;
    // There are no certificates here.
    for (const char* none : {"AccountSigningCertificatesPresent", "ServerCertificates"}) summary[none] = 0;
    summary["GlobalEndpointTokenVersion"] = 2;
    return iam::GetAccountSummaryResponse{.summary_map = std::move(summary)};
}

}  // namespace

const operation::OperationTable account_operations = {
    operation<iam::CreateAccountAlias>({.access = Access::write, .resources = any_resource, .handle = create_alias}),
    operation<iam::ListAccountAliases>({.access = Access::read, .resources = any_resource, .handle = list_aliases}),
    operation<iam::DeleteAccountAlias>({.access = Access::write, .resources = any_resource, .handle = delete_alias}),
    operation<iam::GetAccountSummary>({.access = Access::read, .resources = any_resource, .handle = get_summary}),
};

}  // namespace sekisho::iam_service
