#pragma once
// CloudTrail's events of sign-in pages. ConsoleLogin: one for each sign-in and for each one that failed, whatever the
// steps were. PasswordRecoveryRequested and PasswordRecoveryCompleted, of root users' mailed links.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
#include <string_view>

#include "domain/iam.h"
#include "operation/call.h"

namespace sekisho::signin_service {

// Who signs in.
struct Subject {
    AccountId account_id;
    bool is_root = false;
    // Null, but for the root user: the account has none of that name, which is not told: it may be a password that was
    // typed into the wrong field.
    const domain::IamUser* user = nullptr;
};

void record_success(operation::Call& call, const Subject& subject, bool mfa_used);
// With the refusal.
void record_failure(operation::Call& call, const Subject& subject, bool mfa_used);

void record_recovery_requested(operation::Call& call, const AccountId& account);
void record_recovery_completed(operation::Call& call, const AccountId& account);

}  // namespace sekisho::signin_service
