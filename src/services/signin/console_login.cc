#include "services/signin/console_login.h"

#include "base/json.h"
#include "operation/event_record.h"

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

audit::Record make_record(const Call& call, const AccountId& account, bool mfa_used) {
    audit::Record record;
    record.user_identity.type = audit::IdentityType::iam_user;
    record.user_identity.account_id = account.str();
    record.event_source = "signin.amazonaws.com";
    record.event_name = "ConsoleLogin";
    record.event_type = "AwsConsoleSignIn";
    record.additional_event_data = additional_data(call, mfa_used);
    record.read_only = false;
    record.recipient_account_id = account.str();
    return record;
}

}  // namespace

void record_success(Call& call, const domain::IamUser& user, bool mfa_used) {
    auto record = make_record(call, user.account_id, mfa_used);
    const auto arn = domain::user_arn(user);
    record.user_identity.principal_id = user.id.str();
    record.user_identity.arn = arn;
    record.user_identity.user_name = user.name;
    record.response_elements = one_member("ConsoleLogin", "Success");
    operation::leave_record(call, call.tx, std::move(record));
}

void record_failure(Call& call, const AccountId& account, const domain::IamUser* user, bool mfa_used) {
    auto record = make_record(call, account, mfa_used);
    if (user != nullptr) record.user_identity.principal_id = user->id.str();
    record.user_identity.user_name = user != nullptr ? std::string_view(user->name) : audit::hidden_text;
    record.error_message = user != nullptr ? "Failed authentication" : "No username found in supplied account";
    record.response_elements = one_member("ConsoleLogin", "Failure");
    operation::leave_record(call, call.on_refusal(), std::move(record));
}

}  // namespace sekisho::signin_service
