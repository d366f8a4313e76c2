// CreateOAuth2Token: a code, or a refresh token, for temporary credentials of the user who allowed it. The request is
// not signed: the code or token and the proof of the client's key stand for the user, whose permissions are asked here.
// https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html
#include "access/authenticate.h"
#include "access/authorize.h"
#include "access/liveness.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/equal.h"
#include "crypto/jose.h"
#include "domain/sessions.h"
#include "services/signin/dpop.h"
#include "services/signin/login_credentials.h"
#include "services/signin/service.h"

namespace sekisho::signin_service {
namespace {

using operation::Access;
using operation::Call;
using Body = signin::CreateOAuth2TokenRequestBody;
using Output = signin::CreateOAuth2TokenResponseBody;

ApiError invalid_request(std::string text) {
    return signin::errors::validation_exception(std::move(text)).with("error", "INVALID_REQUEST");
}

// AWS's text for whatever is wrong with a code or token.
ApiError invalid_grant() {
    return invalid_request("The provided authorization grant is invalid, expired, revoked, or malformed");
}

// The status depends on the error (API model, AccessDeniedException).
ApiError denied(int status, std::string error, std::string text) {
    auto made = signin::errors::access_denied_exception(std::move(text));
    made.http_status = status;
    return std::move(made).with("error", std::move(error));
}

ApiError token_expired() {
    return denied(401, "TOKEN_EXPIRED", "The refresh token has expired.");
}

ApiError credentials_changed() {
    return denied(403, "USER_CREDENTIALS_CHANGED", "The user's credentials have changed, or the session was ended.");
}

// RFC 9449 4.3 and 11.1. The thumbprint of the key that the client has.
Result<std::string> prove_key(Call& call, const signin::CreateOAuth2TokenRequest& request) {
    const auto proven = verify_proof(request.dpop.value_or(""),
                                     {.method = "POST", .host = call.facts.host, .path = "/v1/token", .now = call.now});
    if (!proven) return invalid_request("The DPoP proof is missing or not valid.");
    const auto shown = access::hash_of_secret("dpop\n" + proven->thumbprint + "\n" + proven->proof_id);
    SEK_TRY(const auto known, domain::used_challenges.get(call.tx, shown));
    if (known) return invalid_request("The DPoP proof was used before.");
    SEK_TRY(domain::used_challenges.put(
        call.tx, {.challenge_hash = shown, .expires_at = call.now + seconds(2 * domain::dpop_age_seconds_max)}));
    return proven->thumbprint;
}

// The session, while it and its user live and may do this.
Result<domain::LoginSession> live_session(Call& call, const SignInSessionId& id, const Body& body) {
    SEK_TRY(auto session, domain::login_sessions.get(call.tx, id));
    if (!session) return credentials_changed();
    auto user = access::caller_of_login(call.tx, *session);
    switch (access::check_liveness(call.tx, user, call.now)) {
        case access::Liveness::alive:
            break;
        case access::Liveness::expired:
            return token_expired();
        default:
            return credentials_changed();
    }
    const auto client = domain::public_client_arn(body.client_id, call.region(), session->account_id);
    const auto refusal = access::authorize(call.tx, user, call.facts, call.now,
                                           {{.action = "signin:CreateOAuth2Token", .resource = client}});
    if (!refusal) return std::move(*session);
    return denied(403, "INSUFFICIENT_PERMISSIONS",
                  "User: " + user.arn + " is not authorized to perform: signin:CreateOAuth2Token on resource: " +
                      client + " " + refusal->reason);
}

Result<Output> issue(Call& call, const domain::LoginSession& session, std::string refresh_token) {
    SEK_TRY(const auto credentials, issue_credentials(call, session, seconds(domain::login_credentials_seconds)));
    Output output;
    output.access_token = to_wire(credentials);
    output.token_type = "aws_sigv4";
    const auto left = std::chrono::duration_cast<seconds>(credentials.expires_at - call.now).count();
    output.expires_in = static_cast<std::int32_t>(std::max<std::int64_t>(left, 1));
    output.refresh_token = std::move(refresh_token);
    return output;
}

std::string make_refresh_token(Call& call, const SignInSessionId& session) {
    return call.environment.tokens->seal(domain::login_refresh_purpose,
                                         domain::refresh_token_plain(session, random_hex(call.random, 32)));
}

Result<crypto::SigningKey> id_token_key(Call& call) {
    constexpr std::string_view name = "id_token";
    SEK_TRY(const auto known, domain::login_token_keys.get(call.tx, name));
    if (known) return crypto::SigningKey::parse_der(known->private_key);
    SEK_TRY(auto made, crypto::SigningKey::generate_p256());
    SEK_TRY(domain::login_token_keys.put(call.tx, {.name = std::string(name), .private_key = made.to_der()}));
    return made;
}

// OpenID Connect Core 2. Clients name their profile's session after `sub`.
Result<std::string> make_id_token(Call& call, const domain::LoginSession& session, const Body& body) {
    SEK_TRY(const auto key, id_token_key(call));
    std::string claims;
    JsonWriter(claims)
        .begin_object()
        .member("iss", call.environment.public_url + "/v1/token")
        .member("sub", access::caller_of_login(call.tx, session).arn)
        .member("aud", body.client_id)
        .member("iat", epoch_seconds(call.now))
        .member("exp", epoch_seconds(call.now) + domain::login_credentials_seconds)
        .member("auth_time", epoch_seconds(session.created_at))
        .end_object();
    return crypto::sign_jwt(key, claims);
}

// RFC 7636 4.6.
bool proves(const domain::LoginCode& code, const std::optional<std::string>& verifier) {
    return verifier && crypto::equal(encode_base64url(crypto::sha256(*verifier).view()), code.code_challenge);
}

Result<void> end_session(store::Transaction& tx, const SignInSessionId& session) {
    SEK_TRY([[maybe_unused]] const bool lived, domain::login_sessions.erase(tx, session));
    SEK_TRY([[maybe_unused]] const bool refreshed, domain::login_refreshes.erase(tx, session));
    return {};
}

// The command line's own session, of the browser's: it ends no later, and apart from it.
Result<domain::LoginSession> start_session(Call& call, domain::LoginSession session, const Body& body) {
    constexpr std::size_t user_agent_bytes_max = 512;
    session.id = SignInSessionId(random_hex(call.random, 64));
    session.created_at = call.now;
    session.source_address = call.facts.source_address;
    session.user_agent = call.facts.user_agent.substr(0, user_agent_bytes_max);
    session.client_id = body.client_id;
    SEK_TRY(domain::login_sessions.put(call.tx, session));
    return session;
}

Result<Output> redeem_code(Call& call, const Body& body, const std::string& key_thumbprint) {
    if (!body.code || !body.redirect_uri || !body.code_verifier) {
        return invalid_request("code, redirectUri and codeVerifier are required.");
    }
    SEK_TRY(auto code, domain::login_codes.get(call.tx, access::hash_of_secret(*body.code)));
    const bool is_right = code && code->client_id == body.client_id && code->redirect_uri == *body.redirect_uri &&
                          proves(*code, body.code_verifier);
    if (!is_right) return invalid_grant();
    if (code->redeemed_as) {
        // RFC 6749 4.1.2: what a code shown twice has given is taken back.
        SEK_TRY(end_session(call.on_refusal(), *code->redeemed_as));
        return invalid_grant();
    }
    if (code->expires_at <= call.now) return denied(401, "AUTHCODE_EXPIRED", "The authorization code has expired.");
    SEK_TRY(auto browser, live_session(call, code->session_id, body));
    SEK_TRY(const auto session, start_session(call, std::move(browser), body));
    code->redeemed_as = session.id;
    SEK_TRY(domain::login_codes.put(call.tx, *code));
    auto token = make_refresh_token(call, session.id);
    SEK_TRY(domain::login_refreshes.put(call.tx, {.session_id = session.id,
                                                  .client_id = body.client_id,
                                                  .key_thumbprint = key_thumbprint,
                                                  .current_hash = access::hash_of_secret(token),
                                                  .former_hash = {},
                                                  .rotated_at = {},
                                                  .current_token = Secret(token),
                                                  .expires_at = session.expires_at}));
    SEK_TRY(auto output, issue(call, session, std::move(token)));
    SEK_TRY(output.id_token, make_id_token(call, session, body));
    return output;
}

// Rotation keeps the last token for 60 seconds: two command lines may refresh at once. One shown later is a stolen one,
// or its thief has shown it before: nobody can tell, so the session ends (RFC 9700 4.14.2).
Result<Output> refresh(Call& call, const Body& body, const std::string& key_thumbprint) {
    if (!body.refresh_token) return invalid_request("refreshToken is required.");
    const auto plain = call.environment.tokens->open_sealed(domain::login_refresh_purpose, *body.refresh_token);
    if (!plain) return invalid_grant();
    const auto id = domain::session_of_refresh_token(*plain);
    SEK_TRY(auto known, domain::login_refreshes.get(call.tx, id));
    if (!known || known->expires_at <= call.now) return token_expired();
    if (known->client_id != body.client_id || !crypto::equal(known->key_thumbprint, key_thumbprint)) {
        return invalid_grant();
    }
    const auto hash = access::hash_of_secret(*body.refresh_token);
    const bool is_former = crypto::equal(hash, known->former_hash) && known->rotated_at &&
                           call.now - *known->rotated_at <= seconds(limits::refresh_reuse_seconds);
    if (!is_former && !crypto::equal(hash, known->current_hash)) {
        SEK_TRY(end_session(call.on_refusal(), id));
        return invalid_grant();
    }
    SEK_TRY(const auto session, live_session(call, id, body));
    if (!is_former) {
        const auto next = make_refresh_token(call, id);
        known->former_hash = hash;
        known->current_hash = access::hash_of_secret(next);
        known->current_token = Secret(next);
        known->rotated_at = call.now;
        SEK_TRY(domain::login_refreshes.put(call.tx, *known));
    }
    return issue(call, session, std::string(known->current_token.expose()));
}

Result<signin::CreateOAuth2TokenResponse> create_token(Call& call, const signin::CreateOAuth2TokenRequest& request) {
    SEK_TRY(const auto key_thumbprint, prove_key(call, request));
    const auto& body = request.token_input;
    const bool by_code = body.grant_type == "authorization_code";  // or refresh_token: the model has no third
    SEK_TRY(auto output, by_code ? redeem_code(call, body, key_thumbprint) : refresh(call, body, key_thumbprint));
    return signin::CreateOAuth2TokenResponse{.token_output = std::move(output)};
}

}  // namespace

const operation::OperationTable token_operations = {
    operation::operation<signin::CreateOAuth2Token>(
        {.access = Access::write, .resources = operation::anyone, .handle = create_token}),
};

}  // namespace sekisho::signin_service
