// Credentials that AWS's IAM users can have beside passwords and access keys, and ours cannot: the lists are there, so
// that clients which look before they delete a user (Terraform, eksctl, aws-nuke) find that there are none.
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

template <class Request>
Permissions on_owner(const Call& call, const Request& request) {
    return on_user_or_caller(call, request.user_name);
}

// The answer of a list without items, once it is known that its user exists.
template <class Request, class Response>
Result<Response> none_of_user(Call& call, const Request& request) {
    SEK_TRY(const auto name, user_or_caller(call, request.user_name));
    if (name) {
        SEK_TRY([[maybe_unused]] const auto user, require_user(call.tx, call.account(), *name));
    }
    Response response;
    if constexpr (requires { response.ssh_public_keys; }) response.ssh_public_keys.emplace();
    if constexpr (requires { response.service_specific_credentials; }) response.service_specific_credentials.emplace();
    if constexpr (requires { response.is_truncated; }) response.is_truncated = false;
    return response;
}

template <class Op>
operation::Operation listing() {
    return operation<Op>({.access = Access::read,
                          .resources = on_owner<typename Op::Request>,
                          .handle = none_of_user<typename Op::Request, typename Op::Response>});
}

}  // namespace

const operation::OperationTable user_credential_operations = {
    listing<iam::ListSSHPublicKeys>(),
    listing<iam::ListSigningCertificates>(),
    listing<iam::ListServiceSpecificCredentials>(),
};

}  // namespace sekisho::iam_service
