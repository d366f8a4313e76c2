#pragma once
// Amazon resource names: arn:partition:service:region:account:resource (IAM user guide, reference-arns). Texts that are
// no ARN give nothing; who asked knows the error to answer with.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace sekisho::wire {

inline constexpr std::string_view default_partition = "aws";
inline constexpr std::size_t arn_bytes_max = 2048;

struct Arn {
    std::string partition;
    std::string service;
    std::string region;    // empty for global services
    std::string account;   // 12 digits, "aws" for what AWS owns, or empty
    std::string resource;  // "role/path/name", "cluster/name"; may hold ':' and '/'

    // Refuses empty partition, service or resource, control characters and white space outside the resource, an account
    // that is neither empty, "aws" nor 12 digits, and more than arn_bytes_max bytes. parse(print(x)) == x.
    static std::optional<Arn> parse(std::string_view text);
    std::string print() const;
    // "role" of "role/a/b" and "role:b"; the whole resource where it has no parts.
    std::string_view resource_type() const;
    // What follows the type: "a/b". Empty where the resource has no parts.
    std::string_view resource_id() const;
    friend bool operator==(const Arn&, const Arn&) = default;
};

// An IAM entity's name and path ("/" or "/division/team/").
struct EntityName {
    std::string path;
    std::string name;
    friend bool operator==(const EntityName&, const EntityName&) = default;
};
// Of an ARN arn:p:iam::account:<type>/path/name; nothing for other services, types or forms.
std::optional<EntityName> entity_name(const Arn& arn, std::string_view type);
std::optional<EntityName> role_name(std::string_view role_arn);

// A role session, arn:p:sts::account:assumed-role/role/session: a role's path is not part of it.
struct AssumedRole {
    std::string partition;
    AccountId account;
    std::string role;
    std::string session;
};
std::optional<AssumedRole> assumed_role(std::string_view arn);

// `path` begins and ends with '/'.
std::string make_role_arn(const AccountId& account, std::string_view path, std::string_view name);
std::string make_user_arn(const AccountId& account, std::string_view path, std::string_view name);
std::string make_group_arn(const AccountId& account, std::string_view path, std::string_view name);
std::string make_policy_arn(const AccountId& account, std::string_view path, std::string_view name);
std::string make_managed_policy_arn(std::string_view path, std::string_view name);  // AWS's own, account "aws"
std::string make_instance_profile_arn(const AccountId& account, std::string_view path, std::string_view name);
std::string make_assumed_role_arn(const AccountId& account, std::string_view role, std::string_view session);
std::string make_federated_user_arn(const AccountId& account, std::string_view name);
std::string make_root_arn(const AccountId& account);
std::string make_saml_provider_arn(const AccountId& account, std::string_view name);
std::string make_oidc_provider_arn(const AccountId& account, std::string_view host_and_path);
std::string make_arn(std::string_view service, std::string_view region, std::string_view account,
                     std::string_view resource);

}  // namespace sekisho::wire
