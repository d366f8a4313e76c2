// CreateToken: device code (RFC 8628 3.4), authorization code (RFC 6749 4.1.3, RFC 7636 4.6), refresh (RFC 6749 6).
#include <algorithm>

#include "access/authenticate.h"
#include "access/liveness.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/equal.h"
#include "domain/sessions.h"
#include "services/sso/oidc_error.h"
#include "services/sso/registered_client.h"
#include "services/sso/service.h"

namespace sekisho::sso_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view refresh_purpose = "sso-oidc refresh token";

// The sign-in session that tokens are made from, while it and its person live.
Result<domain::SignInSession> live_session(Call& call, const SignInSessionId& id) {
    SEK_TRY(auto session, domain::sign_in_sessions.get(call.tx, id));
    if (session) {
        access::Caller person;
        person.kind = access::CallerKind::person;
        person.root.store_epoch = access::read_store_epoch(call.tx);
        person.root.person_id = session->person_id;
        person.root.identity_store_id = session->identity_store_id;
        person.root.person_epoch = session->person_epoch;
        person.root.sign_in_session_id = session->id;
        if (access::check_liveness(call.tx, person, call.now) == access::Liveness::alive) return std::move(*session);
    }
    return invalid_grant("The sign-in session has ended. Sign in again.");
}

struct IssuedAccess {
    sso_oidc::CreateTokenResponse response;
    std::string token_hash;
};

Result<IssuedAccess> issue_access_token(Call& call, const domain::SignInSession& session, const std::string& client,
                                        const std::vector<std::string>& scopes) {
    const auto token = encode_base64url(random_bytes(call.random, 48));
    const auto lifetime = scopes.empty() ? limits::legacy_access_token_seconds : limits::access_token_seconds;
    const auto expires_at = std::min(call.now + seconds(lifetime), session.expires_at);
    IssuedAccess issued;
    issued.token_hash = access::hash_of_secret(token);
    SEK_TRY(domain::access_tokens.put(call.tx, {.token_hash = issued.token_hash,
                                                .session_id = session.id,
                                                .person_id = session.person_id,
                                                .identity_store_id = session.identity_store_id,
                                                .person_epoch = session.person_epoch,
                                                .client_id = client,
                                                .scopes = scopes,
                                                .created_at = call.now,
                                                .expires_at = expires_at}));
    issued.response.access_token = token;
    issued.response.token_type = "Bearer";
    issued.response.expires_in =
        static_cast<std::int32_t>(std::chrono::duration_cast<seconds>(expires_at - call.now).count());
    return issued;
}

// A refresh token is a sealed value that names its chain, so that an old one is known for what it was; the chain keeps
// the hashes of the newest two.
std::string make_refresh_token(Call& call, const std::string& chain_id) {
    return call.environment.tokens->seal(refresh_purpose, chain_id + "." + random_hex(call.random, 32));
}

Result<std::string> start_refresh_chain(Call& call, const domain::SignInSession& session, const std::string& client,
                                        const std::vector<std::string>& scopes, std::string& token) {
    domain::RefreshChain chain{.id = random_hex(call.random, 32),
                               .client_id = client,
                               .session_id = session.id,
                               .person_id = session.person_id,
                               .rotated_at = {},
                               .scopes = scopes,
                               .expires_at = session.expires_at};
    token = make_refresh_token(call, chain.id);
    chain.current_hash = access::hash_of_secret(token);
    chain.current_token = Secret(token);
    SEK_TRY(domain::refresh_chains.put(call.tx, chain));
    return chain.id;
}

struct Issued {
    IssuedAccess access;
    std::string chain_id;
};

// Legacy clients (no scopes) get no refresh token, as AWS has it.
Result<Issued> issue(Call& call, const domain::SignInSession& session, const std::string& client,
                     const std::vector<std::string>& scopes, bool refreshes) {
    Issued issued;
    SEK_TRY(issued.access, issue_access_token(call, session, client, scopes));
    if (refreshes && !scopes.empty()) {
        SEK_TRY(issued.chain_id,
                start_refresh_chain(call, session, client, scopes, issued.access.response.refresh_token.emplace()));
    }
    return issued;
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
    SEK_TRY(auto issued, issue(call, session, client.id_hash, grant->scopes, grant->refreshes));
    return std::move(issued.access.response);
}

// RFC 7636 4.6.
bool proves(const domain::CodeGrant& grant, const std::string& verifier) {
    return crypto::equal(encode_base64url(crypto::sha256(verifier).view()), grant.code_challenge);
}

Result<sso_oidc::CreateTokenResponse> redeem_code(Call& call, const RegisteredClient& client,
                                                  const sso_oidc::CreateTokenRequest& request) {
    if (!request.code || !request.code_verifier || !request.redirect_uri) {
        return invalid_request("code, codeVerifier and redirectUri are required.");
    }
    SEK_TRY(auto grant, domain::code_grants.get(call.tx, access::hash_of_secret(*request.code)));
    const bool is_right = grant && grant->client_id == client.id_hash && grant->redirect_uri == *request.redirect_uri &&
                          proves(*grant, *request.code_verifier);
    if (!is_right || grant->expires_at <= call.now) return invalid_grant("The authorization code is not valid.");
    if (grant->used) {
        // RFC 6749 4.1.2: what a code shown twice has given is taken back.
        auto& tx = call.on_refusal();
        SEK_TRY(domain::access_tokens.erase(tx, grant->access_token_hash));
        SEK_TRY(domain::refresh_chains.erase(tx, grant->refresh_chain_id));
        return invalid_grant("The authorization code was used already.");
    }
    SEK_TRY(const auto session, live_session(call, grant->session_id));
    SEK_TRY(auto issued, issue(call, session, client.id_hash, grant->scopes, grant->refreshes));
    grant->used = true;
    grant->access_token_hash = issued.access.token_hash;
    grant->refresh_chain_id = issued.chain_id;
    SEK_TRY(domain::code_grants.put(call.tx, *grant));
    return std::move(issued.access.response);
}

// An old token shown late is a stolen one, or its thief has shown it before: nobody can tell, so all ends.
Result<sso_oidc::CreateTokenResponse> end_reused_chain(Call& call, const domain::RefreshChain& chain) {
    auto& tx = call.on_refusal();
    SEK_TRY(domain::refresh_chains.erase(tx, chain.id));
    SEK_TRY(domain::sign_in_sessions.erase(tx, chain.session_id));
    return invalid_grant("The refresh token was used already. The sign-in session has ended.");
}

Result<sso_oidc::CreateTokenResponse> refresh(Call& call, const RegisteredClient& client,
                                              const sso_oidc::CreateTokenRequest& request) {
    if (!request.refresh_token) return invalid_request("refreshToken is required.");
    const auto& presented = *request.refresh_token;
    const auto plain = call.environment.tokens->open_sealed(refresh_purpose, presented);
    if (!plain) return invalid_grant("The refresh token is not valid.");
    SEK_TRY(auto chain, domain::refresh_chains.get(call.tx, plain->substr(0, plain->find('.'))));
    if (!chain || chain->client_id != client.id_hash || chain->expires_at <= call.now) {
        return invalid_grant("The refresh token is not valid.");
    }
    const auto hash = access::hash_of_secret(presented);
    const bool is_former = crypto::equal(hash, chain->former_hash) && chain->rotated_at &&
                           call.now - *chain->rotated_at <= seconds(limits::refresh_reuse_seconds);
    if (!is_former && !crypto::equal(hash, chain->current_hash)) return end_reused_chain(call, *chain);
    SEK_TRY(const auto session, live_session(call, chain->session_id));
    SEK_TRY(auto issued, issue_access_token(call, session, client.id_hash, chain->scopes));
    if (!is_former) {
        const auto next = make_refresh_token(call, chain->id);
        chain->former_hash = hash;
        chain->current_hash = access::hash_of_secret(next);
        chain->current_token = Secret(next);
        chain->rotated_at = call.now;
        SEK_TRY(domain::refresh_chains.put(call.tx, *chain));
    }
    issued.response.refresh_token = std::string(chain->current_token.expose());
    return std::move(issued.response);
}

Result<sso_oidc::CreateTokenResponse> create_token(Call& call, const sso_oidc::CreateTokenRequest& request) {
    SEK_TRY(const auto client, authenticate_client(call, request.client_id, request.client_secret));
    if (request.grant_type == domain::device_code_grant) return redeem_device_code(call, client, request);
    if (request.grant_type == domain::authorization_code_grant) return redeem_code(call, client, request);
    if (request.grant_type == domain::refresh_token_grant) return refresh(call, client, request);
    return oidc_error(sso_oidc::errors::unsupported_grant_type_exception, "unsupported_grant_type",
                      "The grant type is not supported.");
}

}  // namespace

const operation::OperationTable token_operations = {
    operation::operation<sso_oidc::CreateToken>(
        {.access = Access::write, .resources = operation::anyone, .handle = create_token}),
};

}  // namespace sekisho::sso_service
