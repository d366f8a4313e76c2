#include "domain/iam.h"
#include "models/sts.h"
#include "operation/refusal.h"
#include "services/sts/service.h"

namespace sekisho::sts_service {
namespace {

using operation::Access;
using operation::Call;

// Needs no permission; not even an explicit deny refuses it.
Result<sts::GetCallerIdentityResponse> get_caller_identity(Call& call, const sts::GetCallerIdentityRequest&) {
    return sts::GetCallerIdentityResponse{
        .user_id = call.caller.user_id, .account = call.account().str(), .arn = call.caller.arn};
}

// Only decodes: AWS answers for keys that do not exist, too.
Result<sts::GetAccessKeyInfoResponse> get_access_key_info(Call&, const sts::GetAccessKeyInfoRequest& request) {
    const auto account = domain::account_of_key(request.access_key_id);
    if (!account)
        return ApiError{.code = "ValidationError", .message = "Invalid access key ID: " + request.access_key_id};
    return sts::GetAccessKeyInfoResponse{.account = account->str()};
}

Result<sts::DecodeAuthorizationMessageResponse> decode_authorization_message(
    Call& call, const sts::DecodeAuthorizationMessageRequest& request) {
    const auto decoded =
        operation::decode_authorization_message(*call.environment.tokens, call.account(), request.encoded_message);
    if (!decoded) {
        return sts::errors::invalid_authorization_message_exception("Message is not valid");
    }
    return sts::DecodeAuthorizationMessageResponse{.decoded_message = *decoded};
}

}  // namespace

const operation::OperationTable caller_identity_operations = {
    operation::operation<sts::GetCallerIdentity>(
        {.access = Access::read, .resources = operation::any_signed_in, .handle = get_caller_identity}),
    operation::operation<sts::GetAccessKeyInfo>(
        {.access = Access::read, .resources = operation::any_resource, .handle = get_access_key_info}),
    operation::operation<sts::DecodeAuthorizationMessage>(
        {.access = Access::read, .resources = operation::any_resource, .handle = decode_authorization_message}),
};

}  // namespace sekisho::sts_service
