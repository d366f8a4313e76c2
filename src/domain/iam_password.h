#pragma once
// The rules for IAM users' passwords, and what changes with a password.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
#include <string>
#include <string_view>

#include "domain/iam.h"

namespace sekisho::domain {

// Pure. A null policy: AWS's default (8 characters of at least three kinds).
bool conforms(const IamPasswordPolicy* policy, std::string_view password);
// Differs with every password that is set: what was begun with one dies with it.
std::string password_stamp(const LoginProfile& profile);

}  // namespace sekisho::domain
