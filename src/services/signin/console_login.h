#pragma once
// CloudTrail's ConsoleLogin event: one for each sign-in and for each one that failed, whatever the steps were.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
#include <string_view>

#include "domain/iam.h"
#include "operation/call.h"

namespace sekisho::signin_service {

void record_success(operation::Call& call, const domain::IamUser& user, bool mfa_used);
// With the refusal. `user`: null when the account has none of that name, which is not told: it may be a password that
// was typed into the wrong field.
void record_failure(operation::Call& call, const AccountId& account, const domain::IamUser* user, bool mfa_used);

}  // namespace sekisho::signin_service
