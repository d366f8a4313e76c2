#include "services/sso/issued_tokens.h"

#include <algorithm>

#include "access/authenticate.h"
#include "access/liveness.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/equal.h"
#include "services/sso/oidc_error.h"

namespace sekisho::sso_service {
namespace {

using operation::Call;

constexpr std::string_view refresh_purpose = "sso-oidc refresh token";

Result<Issued> issue_access_token(Call& call, const domain::SignInSession& session, const TokenClient& client,
                                  const std::vector<std::string>& scopes) {
    const auto token = encode_base64url(random_bytes(call.random, 48));
    const auto lifetime = scopes.empty() ? limits::legacy_access_token_seconds : limits::access_token_seconds;
    const auto expires_at = std::min(call.now + seconds(lifetime), session.expires_at);
    Issued issued;
    issued.access_token_hash = access::hash_of_secret(token);
    SEK_TRY(domain::access_tokens.put(call.tx, {.token_hash = issued.access_token_hash,
                                                .session_id = session.id,
                                                .person_id = session.person_id,
                                                .identity_store_id = session.identity_store_id,
                                                .person_epoch = session.person_epoch,
                                                .client_id = client.id_hash,
                                                .scopes = scopes,
                                                .created_at = call.now,
                                                .expires_at = expires_at,
                                                .application_arn = client.application_arn}));
    issued.tokens.access_token = token;
    issued.tokens.expires_in_seconds =
        static_cast<std::int32_t>(std::chrono::duration_cast<seconds>(expires_at - call.now).count());
    issued.tokens.scopes = scopes;
    issued.tokens.session = session;
    return issued;
}

// A refresh token is a sealed value that names its chain, so that an old one is known for what it was; the chain keeps
// the hashes of the newest two.
std::string make_refresh_token(Call& call, const std::string& chain_id) {
    return call.environment.tokens->seal(refresh_purpose, chain_id + "." + random_hex(call.random, 32));
}

Result<std::string> start_refresh_chain(Call& call, const domain::SignInSession& session, const TokenClient& client,
                                        const std::vector<std::string>& scopes, std::string& token) {
    domain::RefreshChain chain{.id = random_hex(call.random, 32),
                               .client_id = client.id_hash,
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

// RFC 7636 4.6.
bool proves(const domain::CodeGrant& grant, const std::optional<std::string>& verifier) {
    if (grant.code_challenge.empty()) return !verifier;
    return verifier && crypto::equal(encode_base64url(crypto::sha256(*verifier).view()), grant.code_challenge);
}

// An old token shown late is a stolen one, or its thief has shown it before: nobody can tell, so all ends.
Result<IssuedTokens> end_reused_chain(Call& call, const domain::RefreshChain& chain) {
    auto& tx = call.on_refusal();
    SEK_TRY(domain::refresh_chains.erase(tx, chain.id));
    SEK_TRY(domain::sign_in_sessions.erase(tx, chain.session_id));
    return invalid_grant("The refresh token was used already. The sign-in session has ended.");
}

}  // namespace

Result<Issued> issue(Call& call, const domain::SignInSession& session, const TokenClient& client,
                     const std::vector<std::string>& scopes, bool refreshes) {
    SEK_TRY(auto issued, issue_access_token(call, session, client, scopes));
    if (refreshes && !scopes.empty()) {
        SEK_TRY(issued.chain_id,
                start_refresh_chain(call, session, client, scopes, issued.tokens.refresh_token.emplace()));
    }
    return issued;
}

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

Result<IssuedTokens> redeem_code(Call& call, const TokenClient& client, const CodeProof& proof) {
    if (!proof.code || !proof.redirect_uri) return invalid_request("code and redirectUri are required.");
    SEK_TRY(auto grant, domain::code_grants.get(call.tx, access::hash_of_secret(*proof.code)));
    const bool is_right = grant && grant->client_id == client.id_hash && grant->redirect_uri == *proof.redirect_uri &&
                          proves(*grant, proof.verifier);
    if (!is_right || grant->expires_at <= call.now) return invalid_grant("The authorization code is not valid.");
    if (grant->used) {
        // RFC 6749 4.1.2: what a code shown twice has given is taken back.
        auto& tx = call.on_refusal();
        SEK_TRY(domain::access_tokens.erase(tx, grant->access_token_hash));
        SEK_TRY(domain::refresh_chains.erase(tx, grant->refresh_chain_id));
        return invalid_grant("The authorization code was used already.");
    }
    SEK_TRY(const auto session, live_session(call, grant->session_id));
    SEK_TRY(auto issued, issue(call, session, client, grant->scopes, grant->refreshes));
    grant->used = true;
    grant->access_token_hash = issued.access_token_hash;
    grant->refresh_chain_id = issued.chain_id;
    SEK_TRY(domain::code_grants.put(call.tx, *grant));
    return std::move(issued.tokens);
}

Result<IssuedTokens> refresh(Call& call, const TokenClient& client, const std::optional<std::string>& refresh_token) {
    if (!refresh_token) return invalid_request("refreshToken is required.");
    const auto& presented = *refresh_token;
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
    SEK_TRY(auto issued, issue_access_token(call, session, client, chain->scopes));
    if (!is_former) {
        const auto next = make_refresh_token(call, chain->id);
        chain->former_hash = hash;
        chain->current_hash = access::hash_of_secret(next);
        chain->current_token = Secret(next);
        chain->rotated_at = call.now;
        SEK_TRY(domain::refresh_chains.put(call.tx, *chain));
    }
    issued.tokens.refresh_token = std::string(chain->current_token.expose());
    return std::move(issued.tokens);
}

}  // namespace sekisho::sso_service
