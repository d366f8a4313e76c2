#include "models/sts.h"
#include "services/sts/second_factor.h"
#include "services/sts/service.h"
#include "services/sts/session_request.h"
#include "wire/arn.h"

namespace sekisho::sts_service {
namespace {

using operation::Access;
using operation::Call;

bool has_long_term_key(const access::Caller& caller) {
    return !caller.issued_at;
}

// Sessions of a root user last an hour at most (GetSessionToken, DurationSeconds).
std::chrono::seconds bounded_seconds(const access::Caller& caller, std::int32_t seconds) {
    const bool is_root = caller.kind == access::CallerKind::root;
    return std::chrono::seconds(is_root ? std::min(seconds, 3600) : seconds);
}

access::SessionClaims claims_of(const Call& call, std::int32_t seconds) {
    access::SessionClaims claims;
    claims.kind = call.caller.kind;
    claims.account_id = call.account();
    claims.principal_id = call.caller.principal_id;
    claims.principal_name = call.caller.user_name;
    claims.issued_at = call.now;
    claims.expires_at = call.now + bounded_seconds(call.caller, seconds);
    claims.root = root_of(call.caller);
    return claims;
}

Result<sts::GetSessionTokenResponse> get_session_token(Call& call, const sts::GetSessionTokenRequest& request) {
    if (!has_long_term_key(call.caller)) {
        return ApiError{.code = "AccessDenied",
                        .message = "Cannot call GetSessionToken with session credentials",
                        .http_status = 403};
    }
    auto claims = claims_of(call, request.duration_seconds.value_or(43'200));
    SEK_TRY(claims.mfa_at, prove(call, second_factor_of(request)));
    SEK_TRY(const auto credentials, call.environment.tokens->issue(call.tx, claims, call.random));
    return sts::GetSessionTokenResponse{.credentials = to_wire(credentials)};
}

std::string federated_arn(const Call& call, const std::string& name) {
    return wire::make_federated_user_arn(call.account(), name);
}

access::Permissions federation_permissions(const Call& call, const sts::GetFederationTokenRequest& request) {
    return {{.resource = federated_arn(call, request.name)}};
}

Result<sts::GetFederationTokenResponse> get_federation_token(Call& call,
                                                             const sts::GetFederationTokenRequest& request) {
    if (!has_long_term_key(call.caller)) {
        return ApiError{.code = "AccessDenied",
                        .message = "Cannot call GetFederationToken with session credentials",
                        .http_status = 403};
    }
    auto claims = claims_of(call, request.duration_seconds.value_or(43'200));
    claims.kind = access::CallerKind::federated_user;
    claims.session_name = request.name;
    for (const auto& tag : request.tags.value_or(std::vector<sts::Tag>())) claims.session_tags[tag.key] = tag.value;
    SEK_TRY(add_session_policies(call.tx, request.policy, arns_of(request.policy_arns), claims));
    SEK_TRY(const auto packed, packed_percent(claims));
    SEK_TRY(const auto credentials, call.environment.tokens->issue(call.tx, claims, call.random));
    sts::GetFederationTokenResponse response;
    response.credentials = to_wire(credentials);
    response.federated_user = sts::FederatedUser{.federated_user_id = call.account().str() + ":" + request.name,
                                                 .arn = federated_arn(call, request.name)};
    if (packed > 0) response.packed_policy_size = packed;
    return response;
}

}  // namespace

const operation::OperationTable session_token_operations = {
    operation::operation<sts::GetSessionToken>(
        {.access = Access::write, .resources = operation::any_signed_in, .handle = get_session_token}),
    operation::operation<sts::GetFederationToken>(
        {.access = Access::write, .resources = federation_permissions, .handle = get_federation_token}),
};

}  // namespace sekisho::sts_service
