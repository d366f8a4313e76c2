#pragma once
// Roles that AWS itself keeps in an account: IAM's writes are refused on them. Identity Center makes one of each
// permission set (AWSReservedSSO_..), trusted by a SAML provider of its own.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/iam.h"

namespace sekisho::domain {

inline constexpr std::int32_t reserved_role_session_seconds_max = 43'200;
inline constexpr std::string_view single_sign_on_inline_policy = "AwsSSOInlinePolicy";

// What a protected role is to be.
struct ReservedRole {
    AccountId account_id;
    std::string name;
    std::string path;
    std::string trust_policy;
    std::optional<std::string> description;
    std::map<std::string, std::string> inline_policies;  // name to document
    std::vector<std::string> policy_arns;
    std::optional<std::string> boundary_arn;
};

// Makes the role, or brings it to this state under its own id: its record, its policies and their uses. Writes at most
// 5 + 2 * (policies before and after) keys.
Result<Role> put_reserved_role(store::Transaction& transaction, const ReservedRole& wanted, Time now, Random& random);
// With its policies and their uses. No such role: nothing happens.
Result<void> erase_reserved_role(store::Transaction& transaction, const AccountId& account, std::string_view name);

// AWSReservedSSO_<permission set>_<16 hex>, the suffix drawn anew.
std::string make_single_sign_on_role_name(std::string_view permission_set, Random& random);
// The same form, with a suffix of the instance and the set's name alone: equal in every account and each time that the
// role, the assignment or the set is made anew. For instances that ask for it (IdentityCenter::stable_role_names).
std::string stable_single_sign_on_role_name(std::string_view permission_set, std::string_view instance_arn);
// /aws-reserved/sso.amazonaws.com/, with the region's part outside us-east-1.
std::string single_sign_on_role_path(const Region& region);
// AWSSSO_<16 hex>_DO_NOT_DELETE; one of each account and instance.
std::string single_sign_on_provider_name(std::string_view instance_arn, const AccountId& account);
// Trusts that provider, for AWS's sign-in audience.
std::string single_sign_on_trust_policy(const AccountId& account, std::string_view provider);

}  // namespace sekisho::domain
