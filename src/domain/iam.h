#pragma once
// IAM's records: users, groups, roles, policies, keys. Names are unique ignoring case within an account and kind, as in
// AWS, so keys hold the lower-case name. https://docs.aws.amazon.com/IAM/latest/APIReference/
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

// What a user, group or role may do. A record of its own beside the principal's: authorization reads it, and compiles
// it once for each revision (access/policies.cc).
struct PrincipalPolicies {
    PrincipalId principal_id;
    std::map<std::string, std::string> inline_policies;  // name to document
    std::vector<std::string> attached_policy_arns;
    std::optional<std::string> permissions_boundary_arn;
    std::vector<PrincipalId> group_ids;  // of a user: the groups whose policies also count
    static const Shape shape;
};

struct IamUser {
    AccountId account_id;
    std::string name;
    std::string path;
    PrincipalId id;  // AIDA..
    Time created_at{};
    std::optional<Time> password_last_used;
    Tags tags;
    static const Shape shape;
};

struct LoginProfile {
    AccountId account_id;
    std::string user_name;  // empty: the account's root user
    Secret password_hash;   // Argon2id, PHC form
    bool password_reset_required = false;
    Time created_at{};
    // Absent: not since it was made (records of before there was this member: unknown). iam_password.h reads it.
    std::optional<Time> password_changed_at;
    std::vector<Secret> former_password_hashes;  // newest first; as many as the account's policy remembers, 24 at most
    std::optional<Time> root_last_used;          // of the root's; a user's is in its IamUser
    static const Shape shape;
};

struct AccessKey {
    AccessKeyId id;
    AccountId account_id;
    std::string user_name;
    PrincipalId user_id;
    Secret secret;
    bool active = true;
    Time created_at{};
    std::optional<Time> last_used_at;
    std::string last_used_region;
    std::string last_used_service;
    static const Shape shape;
};

struct IamGroup {
    AccountId account_id;
    std::string name;
    std::string path;
    PrincipalId id;  // AGPA..
    Time created_at{};
    static const Shape shape;
};

// By ids, so that renaming either changes nothing here. A user's groups also stand in its PrincipalPolicies.
struct IamGroupMembership {
    AccountId account_id;
    PrincipalId group_id;
    PrincipalId user_id;
    static const Shape shape;
};

struct Role {
    AccountId account_id;
    std::string name;
    std::string path;
    PrincipalId id;  // AROA..
    std::string trust_policy;
    std::optional<std::string> description;
    std::int32_t session_seconds_max = 3600;
    Time created_at{};
    Tags tags;
    // A role that AWS itself keeps (aws-reserved path, service-linked): IAM's writes are refused.
    bool is_protected = false;
    std::optional<Time> last_used_at;
    std::string last_used_region;
    // The trust policy as it was given, where trust_policy holds its principals by their unique ids. Empty: the same.
    std::string trust_policy_text;
    static const Shape shape;
};

struct PolicyVersion {
    std::string id;  // v1, v2, ..
    std::string document;
    Time created_at{};
    static const Shape shape;
};

struct ManagedPolicy {  // customer managed; AWS's own are data (managed_policies.h)
    AccountId account_id;
    std::string name;
    std::string path;
    std::string id;  // ANPA..
    std::optional<std::string> description;
    std::vector<PolicyVersion> versions;  // five at most
    std::string default_version_id;
    std::int32_t versions_made = 0;
    Time created_at{};
    Time updated_at{};
    Tags tags;
    static const Shape shape;
};

// One principal's use of a managed policy (customer's or AWS's), for ListEntitiesForPolicy and attachment counts.
struct PolicyUse {
    AccountId account_id;
    std::string policy_arn;
    std::string kind;  // user, group, role; user-boundary, role-boundary
    std::string name;
    PrincipalId principal_id;
    static const Shape shape;
};

struct InstanceProfile {
    AccountId account_id;
    std::string name;
    std::string path;
    std::string id;  // AIPA..
    std::optional<std::string> role_name;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct SamlProvider {
    AccountId account_id;
    std::string name;
    std::string metadata_document;
    Time created_at{};
    std::optional<Time> valid_until;
    Tags tags;
    bool is_protected = false;  // AWSSSO_.._DO_NOT_DELETE
    static const Shape shape;
};

// Which account has an alias: aliases are unique among all accounts. Account::alias says the same from the other side.
struct AccountAlias {
    std::string alias;
    AccountId account_id;
    static const Shape shape;
};

// The rules for the passwords of an account's IAM users.
struct IamPasswordPolicy {
    AccountId account_id;
    std::int32_t length_min = 6;
    bool require_symbols = false;
    bool require_numbers = false;
    bool require_uppercase = false;
    bool require_lowercase = false;
    bool users_may_change = false;
    std::optional<std::int32_t> days_max;
    std::optional<std::int32_t> reuse_prevention;
    bool hard_expiry = false;
    static const Shape shape;
};

// An answer to GetServiceLinkedRoleDeletionStatus; ends after a while.
struct ServiceLinkedRoleDeletion {
    AccountId account_id;
    std::string task_id;
    Time expires_at{};
    static const Shape shape;
};

// Each key(account, lower(name)) unless said.
inline constexpr std::uint8_t iam_users_by_id = 1;  // unique
extern const store::Table<IamUser> iam_users;
extern const store::Table<LoginProfile> login_profiles;  // the root's: key(account, "")
inline constexpr std::uint8_t access_keys_by_user = 1;   // account, lower(user)
extern const store::Table<AccessKey> access_keys;        // key(id)
inline constexpr std::uint8_t iam_groups_by_id = 1;      // unique
extern const store::Table<IamGroup> iam_groups;
extern const store::Table<IamGroupMembership> iam_group_memberships;  // key(group id, user id)
inline constexpr std::uint8_t roles_by_id = 1;                        // unique
extern const store::Table<Role> roles;
extern const store::Table<PrincipalPolicies> principal_policies;  // key(principal id)
extern const store::Table<ManagedPolicy> managed_policies;
extern const store::Table<PolicyUse> policy_uses;             // key(account, policy arn, kind, lower(name))
inline constexpr std::uint8_t instance_profiles_by_role = 1;  // account, lower(role)
extern const store::Table<InstanceProfile> instance_profiles;
extern const store::Table<SamlProvider> saml_providers;                              // key(account, name)
extern const store::Table<AccountAlias> account_aliases;                             // key(alias)
extern const store::Table<IamPasswordPolicy> iam_password_policies;                  // key(account)
extern const store::Table<ServiceLinkedRoleDeletion> service_linked_role_deletions;  // key(account, task); expires

// Guard keys: what a decision on a set reads (Transaction::read_guard). The tables bump them.
std::string access_keys_guard(const AccountId& account, std::string_view user_name);
std::string group_members_guard(const PrincipalId& group);
std::string policy_uses_guard(const AccountId& account, std::string_view policy_arn);
std::string role_profiles_guard(const AccountId& account, std::string_view role_name);

// A unique id: prefix + 17 of A-Z2-7, the account inside as AWS has it (wire/errors-and-records 5).
std::string make_unique_id(std::string_view prefix, const AccountId& account, Random& random);
// AKIA/ASIA + 16, the account inside.
AccessKeyId make_access_key_id(std::string_view prefix, const AccountId& account, Random& random);
// The account that an access key or unique id carries; nothing on text of another form.
std::optional<AccountId> account_of_key(std::string_view id);
Secret make_secret_access_key(Random& random);  // 40 of A-Za-z0-9+/

// What stands for an account's root user where a user's id stands otherwise: the account's.
PrincipalId root_principal(const AccountId& account);

std::string user_arn(const IamUser& user);
std::string role_arn(const Role& role);
std::string group_arn(const IamGroup& group);
std::string policy_arn(const ManagedPolicy& policy);
std::string instance_profile_arn(const InstanceProfile& profile);

}  // namespace sekisho::domain
