#include "services/signin/console_login.h"

#include "base/json.h"
#include "operation/event_record.h"
#include "wire/arn.h"

namespace sekisho::signin_service {
namespace {

using operation::Call;

std::string one_member(std::string_view name, std::string_view value) {
    std::string text;
    JsonWriter(text).begin_object().member(name, value).end_object();
    return text;
}

std::string additional_data(const Call& call, bool mfa_used) {
    std::string text;
    JsonWriter(text)
        .begin_object()
        .member("LoginTo", call.environment.public_url + "/console/")
        .member("MobileVersion", "No")
        .member("MFAUsed", mfa_used ? "Yes" : "No")
        .end_object();
    return text;
}

// Leaves the record of what `name` came to. `succeeded`: the subject is known by what was shown, so its ARN is told.
void leave(Call& call, const Subject& subject, std::string_view name, bool succeeded, std::string additional) {
    audit::Record record;
    auto& identity = record.user_identity;
    identity.type = subject.is_root ? audit::IdentityType::root : audit::IdentityType::iam_user;
    identity.account_id = subject.account_id.str();
    std::string arn;
    if (subject.is_root) {
        record.aws_region = "us-east-1";  // of root users, wherever they sign in
        arn = wire::make_root_arn(subject.account_id);
        identity.principal_id = subject.account_id.str();
        identity.arn = arn;
    } else if (subject.user != nullptr) {
        arn = domain::user_arn(*subject.user);
        identity.principal_id = subject.user->id.str();
        if (succeeded) identity.arn = arn;
        identity.user_name = subject.user->name;
    } else {
        identity.user_name = audit::hidden_text;
    }
    if (!succeeded) {
        const bool is_known = subject.is_root || subject.user != nullptr;
        record.error_message = is_known ? "Failed authentication" : "No username found in supplied account";
    }
    record.event_source = "signin.amazonaws.com";
    record.event_name = name;
    record.event_type = "AwsConsoleSignIn";
    record.additional_event_data = std::move(additional);
    record.read_only = false;
    record.recipient_account_id = subject.account_id.str();
    record.response_elements = one_member(name, succeeded ? "Success" : "Failure");
    operation::leave_record(call, succeeded ? call.tx : call.on_refusal(), std::move(record));
}

constexpr std::string_view console_login = "ConsoleLogin";

}  // namespace

void record_success(Call& call, const Subject& subject, bool mfa_used) {
    leave(call, subject, console_login, true, additional_data(call, mfa_used));
}

void record_failure(Call& call, const Subject& subject, bool mfa_used) {
    leave(call, subject, console_login, false, additional_data(call, mfa_used));
}

void record_recovery_requested(Call& call, const AccountId& account) {
    leave(call, {.account_id = account, .is_root = true}, "PasswordRecoveryRequested", true, {});
}

void record_recovery_completed(Call& call, const AccountId& account) {
    leave(call, {.account_id = account, .is_root = true}, "PasswordRecoveryCompleted", true, {});
}

}  // namespace sekisho::signin_service
