#pragma once
// The rules for IAM users' passwords.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
#include <string>

#include "domain/iam.h"
#include "operation/call.h"

namespace sekisho::iam_service {

// The account's own policy, or AWS's default one. Error: PasswordPolicyViolation.
Result<void> check_password(const operation::Call& call, const std::string& password);

}  // namespace sekisho::iam_service
