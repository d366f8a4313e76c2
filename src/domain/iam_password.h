#pragma once
// The rules for the passwords of IAM users and of accounts' root users, and what changes with a password.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-password.html
#include <string>
#include <string_view>
#include <vector>

#include "domain/iam.h"
#include "domain/organization.h"

namespace sekisho::domain {

// Null policies: the account has none of its own.

// AWS's default: 8 characters of at least three kinds.
bool conforms(const IamPasswordPolicy* policy, std::string_view password);

Time password_changed_at(const LoginProfile& profile);
// At sign-in only: sessions and access keys go on. A policy's period counts at once, for passwords of before it too.
bool has_expired(const IamPasswordPolicy* policy, const LoginProfile& profile, Time now);

// A new password beside those that may not come again: the current one, and as many before it as the policy remembers.
// AWS does not say whether the current one is among them: here it is one more.
struct PasswordComparison {
    std::vector<Secret> hashes;  // those it was compared with
    bool is_among_them = false;
};
std::vector<Secret> remembered_hashes(const IamPasswordPolicy* policy, const LoginProfile& profile);
// As slow as so many verifications (crypto/password.h), 25 at most: on the password pool.
PasswordComparison compare_with(std::vector<Secret> hashes, const Secret& password);
// False too when policy or profile are not what they were when it was compared.
bool is_new(const PasswordComparison& comparison, const IamPasswordPolicy* policy, const LoginProfile& profile);

// Also what was remembered, and since when the password is this one.
void set_password(LoginProfile& profile, const IamPasswordPolicy* policy, Secret hash, Time now);
// Pure. Of a root user: 8 to 128 characters of at least three kinds, and neither the account's name nor its address.
bool conforms_for_root(const Account& account, std::string_view password);
// Differs with every password that is set: what was begun with one dies with it.
std::string password_stamp(const LoginProfile& profile);

}  // namespace sekisho::domain
