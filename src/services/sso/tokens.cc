// CreateToken: device code (RFC 8628 3.4), authorization code (RFC 6749 4.1.3, RFC 7636 4.6), refresh (RFC 6749 6).
#include "access/authenticate.h"
#include "domain/sessions.h"
#include "services/sso/issued_tokens.h"
#include "services/sso/oidc_error.h"
#include "services/sso/registered_client.h"
#include "services/sso/service.h"

namespace sekisho::sso_service {
namespace {

using operation::Access;
using operation::Call;

sso_oidc::CreateTokenResponse to_wire(const IssuedTokens& tokens) {
    sso_oidc::CreateTokenResponse response;
    response.access_token = tokens.access_token;
    response.token_type = "Bearer";
    response.expires_in = tokens.expires_in_seconds;
    response.refresh_token = tokens.refresh_token;
    return response;
}

Result<sso_oidc::CreateTokenResponse> poll_pending(Call& call, domain::DeviceGrant grant) {
    const auto last = grant.last_polled_at;
    grant.last_polled_at = call.now;
    SEK_TRY(domain::device_grants.put(call.on_refusal(), grant));
    // Clients count their pause from the answer; what the network takes off is forgiven.
    const auto pause = milliseconds(grant.interval_seconds * 1000 / 2);
    if (last && call.now - *last < pause) return slow_down("Wait between two polls.");
    return oidc_error(sso_oidc::errors::authorization_pending_exception, "authorization_pending",
                      "The request was not answered yet.");
}

Result<sso_oidc::CreateTokenResponse> redeem_device_code(Call& call, const RegisteredClient& client,
                                                         const sso_oidc::CreateTokenRequest& request) {
    if (!request.device_code) return invalid_request("deviceCode is required.");
    if (!domain::allows_grant(client.registration, domain::device_code_grant)) {
        return unauthorized_client("The client is not registered for the device grant.");
    }
    SEK_TRY(auto grant, domain::device_grants.get(call.tx, access::hash_of_secret(*request.device_code)));
    if (!grant || grant->client_id != client.id_hash || grant->state == "used") {
        return invalid_grant("The device code is not valid.");
    }
    if (grant->expires_at <= call.now) {
        return oidc_error(sso_oidc::errors::expired_token_exception, "expired_token", "The device code has ended.");
    }
    if (grant->state == "denied") {
        return oidc_error(sso_oidc::errors::access_denied_exception, "access_denied", "The request was denied.");
    }
    if (grant->state != "allowed" || !grant->session_id) return poll_pending(call, std::move(*grant));
    SEK_TRY(const auto session, live_session(call, *grant->session_id));
    grant->state = "used";
    SEK_TRY(domain::device_grants.put(call.tx, *grant));
    SEK_TRY(const auto issued, issue(call, session, {.id_hash = client.id_hash}, grant->scopes, grant->refreshes));
    return to_wire(issued.tokens);
}

Result<sso_oidc::CreateTokenResponse> create_token(Call& call, const sso_oidc::CreateTokenRequest& request) {
    SEK_TRY(const auto client, authenticate_client(call, request.client_id, request.client_secret));
    if (request.grant_type == domain::device_code_grant) return redeem_device_code(call, client, request);
    if (request.grant_type == domain::authorization_code_grant) {
        if (!request.code_verifier) return invalid_request("codeVerifier is required.");
        SEK_TRY(const auto tokens,
                redeem_code(
                    call, {.id_hash = client.id_hash},
                    {.code = request.code, .redirect_uri = request.redirect_uri, .verifier = request.code_verifier}));
        return to_wire(tokens);
    }
    if (request.grant_type == domain::refresh_token_grant) {
        SEK_TRY(const auto tokens, refresh(call, {.id_hash = client.id_hash}, request.refresh_token));
        return to_wire(tokens);
    }
    return oidc_error(sso_oidc::errors::unsupported_grant_type_exception, "unsupported_grant_type",
                      "The grant type is not supported.");
}

}  // namespace

const operation::OperationTable token_operations = {
    operation::operation<sso_oidc::CreateToken>(
        {.access = Access::write, .resources = operation::anyone, .handle = create_token}),
};

}  // namespace sekisho::sso_service
