#include "domain/iam.h"

#include <cstddef>

#include "base/encoding.h"
#include "base/text.h"
#include "wire/arn.h"

namespace sekisho::domain {

using store::key;
using store::unique;

const Shape PrincipalPolicies::shape = record_shape<PrincipalPolicies>(
    "PrincipalPolicies",
    {SEK_FIELD(1, PrincipalPolicies, principal_id), SEK_FIELD(2, PrincipalPolicies, inline_policies),
     SEK_FIELD(3, PrincipalPolicies, attached_policy_arns), SEK_FIELD(4, PrincipalPolicies, permissions_boundary_arn),
     SEK_FIELD(5, PrincipalPolicies, group_ids)});

const Shape IamUser::shape = record_shape<IamUser>(
    "IamUser", {SEK_FIELD(1, IamUser, account_id), SEK_FIELD(2, IamUser, name), SEK_FIELD(3, IamUser, path),
                SEK_FIELD(4, IamUser, id), SEK_FIELD(5, IamUser, created_at), SEK_FIELD(6, IamUser, password_last_used),
                SEK_FIELD(7, IamUser, tags)});

const Shape LoginProfile::shape = record_shape<LoginProfile>(
    "LoginProfile", {SEK_FIELD(1, LoginProfile, account_id), SEK_FIELD(2, LoginProfile, user_name),
                     SEK_FIELD(3, LoginProfile, password_hash), SEK_FIELD(4, LoginProfile, password_reset_required),
                     SEK_FIELD(5, LoginProfile, created_at), SEK_FIELD(6, LoginProfile, password_changed_at),
                     SEK_FIELD(7, LoginProfile, former_password_hashes), SEK_FIELD(8, LoginProfile, root_last_used)});

const Shape AccessKey::shape = record_shape<AccessKey>(
    "AccessKey", {SEK_FIELD(1, AccessKey, id), SEK_FIELD(2, AccessKey, account_id), SEK_FIELD(3, AccessKey, user_name),
                  SEK_FIELD(4, AccessKey, user_id), SEK_FIELD(5, AccessKey, secret), SEK_FIELD(6, AccessKey, active),
                  SEK_FIELD(7, AccessKey, created_at), SEK_FIELD(8, AccessKey, last_used_at),
                  SEK_FIELD(9, AccessKey, last_used_region), SEK_FIELD(10, AccessKey, last_used_service)});

const Shape IamGroup::shape = record_shape<IamGroup>(
    "IamGroup", {SEK_FIELD(1, IamGroup, account_id), SEK_FIELD(2, IamGroup, name), SEK_FIELD(3, IamGroup, path),
                 SEK_FIELD(4, IamGroup, id), SEK_FIELD(5, IamGroup, created_at)});

const Shape IamGroupMembership::shape = record_shape<IamGroupMembership>(
    "IamGroupMembership", {SEK_FIELD(1, IamGroupMembership, account_id), SEK_FIELD(4, IamGroupMembership, group_id),
                           SEK_FIELD(5, IamGroupMembership, user_id)});

const Shape Role::shape = record_shape<Role>(
    "Role",
    {SEK_FIELD(1, Role, account_id), SEK_FIELD(2, Role, name), SEK_FIELD(3, Role, path), SEK_FIELD(4, Role, id),
     SEK_FIELD(5, Role, trust_policy), SEK_FIELD(6, Role, description), SEK_FIELD(7, Role, session_seconds_max),
     SEK_FIELD(8, Role, created_at), SEK_FIELD(9, Role, tags), SEK_FIELD(10, Role, is_protected),
     SEK_FIELD(11, Role, last_used_at), SEK_FIELD(12, Role, last_used_region), SEK_FIELD(13, Role, trust_policy_text)});

const Shape PolicyVersion::shape = record_shape<PolicyVersion>(
    "PolicyVersion",
    {SEK_FIELD(1, PolicyVersion, id), SEK_FIELD(2, PolicyVersion, document), SEK_FIELD(3, PolicyVersion, created_at)});

const Shape ManagedPolicy::shape = record_shape<ManagedPolicy>(
    "ManagedPolicy",
    {SEK_FIELD(1, ManagedPolicy, account_id), SEK_FIELD(2, ManagedPolicy, name), SEK_FIELD(3, ManagedPolicy, path),
     SEK_FIELD(4, ManagedPolicy, id), SEK_FIELD(5, ManagedPolicy, description), SEK_FIELD(6, ManagedPolicy, versions),
     SEK_FIELD(7, ManagedPolicy, default_version_id), SEK_FIELD(8, ManagedPolicy, versions_made),
     SEK_FIELD(9, ManagedPolicy, created_at), SEK_FIELD(10, ManagedPolicy, updated_at),
     SEK_FIELD(11, ManagedPolicy, tags)});

const Shape PolicyUse::shape = record_shape<PolicyUse>(
    "PolicyUse", {SEK_FIELD(1, PolicyUse, account_id), SEK_FIELD(2, PolicyUse, policy_arn),
                  SEK_FIELD(3, PolicyUse, kind), SEK_FIELD(4, PolicyUse, name), SEK_FIELD(5, PolicyUse, principal_id)});

const Shape InstanceProfile::shape = record_shape<InstanceProfile>(
    "InstanceProfile",
    {SEK_FIELD(1, InstanceProfile, account_id), SEK_FIELD(2, InstanceProfile, name),
     SEK_FIELD(3, InstanceProfile, path), SEK_FIELD(4, InstanceProfile, id), SEK_FIELD(5, InstanceProfile, role_name),
     SEK_FIELD(6, InstanceProfile, created_at), SEK_FIELD(7, InstanceProfile, tags)});

const Shape SamlProvider::shape = record_shape<SamlProvider>(
    "SamlProvider", {SEK_FIELD(1, SamlProvider, account_id), SEK_FIELD(2, SamlProvider, name),
                     SEK_FIELD(3, SamlProvider, metadata_document), SEK_FIELD(4, SamlProvider, created_at),
                     SEK_FIELD(5, SamlProvider, valid_until), SEK_FIELD(6, SamlProvider, tags),
                     SEK_FIELD(7, SamlProvider, is_protected)});

const Shape AccountAlias::shape = record_shape<AccountAlias>(
    "AccountAlias", {SEK_FIELD(1, AccountAlias, alias), SEK_FIELD(2, AccountAlias, account_id)});

const Shape IamPasswordPolicy::shape = record_shape<IamPasswordPolicy>(
    "IamPasswordPolicy",
    {SEK_FIELD(1, IamPasswordPolicy, account_id), SEK_FIELD(2, IamPasswordPolicy, length_min),
     SEK_FIELD(3, IamPasswordPolicy, require_symbols), SEK_FIELD(4, IamPasswordPolicy, require_numbers),
     SEK_FIELD(5, IamPasswordPolicy, require_uppercase), SEK_FIELD(6, IamPasswordPolicy, require_lowercase),
     SEK_FIELD(7, IamPasswordPolicy, users_may_change), SEK_FIELD(8, IamPasswordPolicy, days_max),
     SEK_FIELD(9, IamPasswordPolicy, reuse_prevention), SEK_FIELD(10, IamPasswordPolicy, hard_expiry)});

const Shape ServiceLinkedRoleDeletion::shape = record_shape<ServiceLinkedRoleDeletion>(
    "ServiceLinkedRoleDeletion",
    {SEK_FIELD(1, ServiceLinkedRoleDeletion, account_id), SEK_FIELD(2, ServiceLinkedRoleDeletion, task_id),
     SEK_FIELD(3, ServiceLinkedRoleDeletion, expires_at)});

std::string access_keys_guard(const AccountId& account, std::string_view user_name) {
    return key("iam-access-keys", account, lower_ascii(user_name));
}

std::string group_members_guard(const PrincipalId& group) {
    return key("iam-group-members", group);
}

std::string policy_uses_guard(const AccountId& account, std::string_view policy_arn) {
    return key("iam-policy-uses", account, policy_arn);
}

std::string role_profiles_guard(const AccountId& account, std::string_view role_name) {
    return key("iam-role-profiles", account, lower_ascii(role_name));
}

const store::Table<IamUser> iam_users(
    30, "iam_users", [](const IamUser& u) { return key(u.account_id, lower_ascii(u.name)); },
    {.indexes = {{iam_users_by_id, "by_id", unique, [](const IamUser& u) { return std::vector{key(u.id)}; }}}});

const store::Table<LoginProfile> login_profiles(31, "login_profiles", [](const LoginProfile& p) {
    return key(p.account_id, lower_ascii(p.user_name));
});

const store::Table<AccessKey> access_keys(
    32, "access_keys", [](const AccessKey& k) { return key(k.id); },
    {.indexes = {{access_keys_by_user, "by_user", store::several,
                  [](const AccessKey& k) { return std::vector{key(k.account_id, lower_ascii(k.user_name))}; }}},
     .guards = [](const AccessKey& k) { return std::vector{access_keys_guard(k.account_id, k.user_name)}; }});

const store::Table<IamGroup> iam_groups(
    33, "iam_groups", [](const IamGroup& g) { return key(g.account_id, lower_ascii(g.name)); },
    {.indexes = {{iam_groups_by_id, "by_id", unique, [](const IamGroup& g) { return std::vector{key(g.id)}; }}}});

const store::Table<IamGroupMembership> iam_group_memberships(
    34, "iam_group_memberships", [](const IamGroupMembership& m) { return key(m.group_id, m.user_id); },
    {.guards = [](const IamGroupMembership& m) { return std::vector{group_members_guard(m.group_id)}; }});

const store::Table<Role> roles(35, "roles", [](const Role& r) { return key(r.account_id, lower_ascii(r.name)); },
                               {.indexes = {{roles_by_id, "by_id", unique,
                                             [](const Role& r) { return std::vector{key(r.id)}; }}}});

const store::Table<PrincipalPolicies> principal_policies(36, "principal_policies", [](const PrincipalPolicies& p) {
    return key(p.principal_id);
});

const store::Table<ManagedPolicy> managed_policies(37, "managed_policies", [](const ManagedPolicy& p) {
    return key(p.account_id, lower_ascii(p.name));
});

const store::Table<PolicyUse> policy_uses(
    38, "policy_uses", [](const PolicyUse& u) { return key(u.account_id, u.policy_arn, u.kind, lower_ascii(u.name)); },
    {.guards = [](const PolicyUse& u) { return std::vector{policy_uses_guard(u.account_id, u.policy_arn)}; }});

const store::Table<InstanceProfile> instance_profiles(
    39, "instance_profiles", [](const InstanceProfile& p) { return key(p.account_id, lower_ascii(p.name)); },
    {.indexes = {{instance_profiles_by_role, "by_role", store::several,
                  [](const InstanceProfile& p) {
                      std::vector<std::string> keys;
                      if (p.role_name) keys.push_back(key(p.account_id, lower_ascii(*p.role_name)));
                      return keys;
                  }}},
     .guards = [](const InstanceProfile& p) {
         std::vector<std::string> guards;
         if (p.role_name) guards.push_back(role_profiles_guard(p.account_id, *p.role_name));
         return guards;
     }});

const store::Table<SamlProvider> saml_providers(40, "saml_providers",
                                                [](const SamlProvider& p) { return key(p.account_id, p.name); });

const store::Table<AccountAlias> account_aliases(41, "account_aliases",
                                                 [](const AccountAlias& a) { return key(a.alias); });

const store::Table<IamPasswordPolicy> iam_password_policies(42, "iam_password_policies",
                                                            [](const IamPasswordPolicy& p) {
                                                                return key(p.account_id);
                                                            });

const store::Table<ServiceLinkedRoleDeletion> service_linked_role_deletions(
    43, "service_linked_role_deletions",
    [](const ServiceLinkedRoleDeletion& d) { return key(d.account_id, d.task_id); },
    {.expires_at = [](const ServiceLinkedRoleDeletion& d) { return std::optional(d.expires_at); }});

namespace {

// Ten bytes whose first six carry the account: z = (number << 7) with the top bit set, so the fifth character of the id
// is in Q-Z2-7, as in AWS's newer ids. The other bits are random.
std::string account_bytes(const AccountId& account, Random& random) {
    std::string bytes = random_bytes(random, 10);
    const std::uint64_t number = std::stoull(account.str());
    std::uint64_t z = (1ULL << 47) | (number << 7) | (static_cast<unsigned char>(bytes[5]) & 0x7fU);
    for (int i = 5; i >= 0; --i) {
        bytes[static_cast<std::size_t>(i)] = static_cast<char>(z & 0xff);
        z >>= 8;
    }
    return bytes;
}

}  // namespace

std::string make_unique_id(std::string_view prefix, const AccountId& account, Random& random) {
    // 16 characters from ten bytes and one more at random: 17 after the prefix.
    return std::string(prefix) + encode_base32(account_bytes(account, random)) +
           random_text(random, 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
}

AccessKeyId make_access_key_id(std::string_view prefix, const AccountId& account, Random& random) {
    return AccessKeyId(std::string(prefix) + encode_base32(account_bytes(account, random)));
}

std::optional<AccountId> account_of_key(std::string_view id) {
    if (id.size() < 20 || id[4] < '2' || (id[4] > '7' && id[4] < 'Q') || id[4] > 'Z') return {};
    const auto bytes = decode_base32(id.substr(4, 16));
    if (!bytes) return {};
    std::uint64_t z = 0;
    for (std::size_t i = 0; i < 6; ++i) z = (z << 8) | static_cast<unsigned char>((*bytes)[i]);
    const std::string number = std::to_string((z & 0x7fffffffff80ULL) >> 7);
    if (number.size() > 12) return {};
    return AccountId(std::string(12 - number.size(), '0') + number);
}

Secret make_secret_access_key(Random& random) {
    return Secret(random_text(random, 40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"));
}

PrincipalId root_principal(const AccountId& account) {
    return PrincipalId(account.str());
}

std::string user_arn(const IamUser& user) {
    return wire::make_user_arn(user.account_id, user.path, user.name);
}

std::string role_arn(const Role& role) {
    return wire::make_role_arn(role.account_id, role.path, role.name);
}

std::string group_arn(const IamGroup& group) {
    return wire::make_group_arn(group.account_id, group.path, group.name);
}

std::string instance_profile_arn(const InstanceProfile& profile) {
    return "arn:aws:iam::" + profile.account_id.str() + ":instance-profile" + profile.path + profile.name;
}

std::string policy_arn(const ManagedPolicy& policy) {
    return "arn:aws:iam::" + policy.account_id.str() + ":policy" + policy.path + policy.name;
}

}  // namespace sekisho::domain
