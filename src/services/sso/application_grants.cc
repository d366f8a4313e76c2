#include "services/sso/application_grants.h"

#include <algorithm>
#include <array>

#include "access/authenticate.h"
#include "base/limits.h"
#include "services/sso/oidc_error.h"

namespace sekisho::sso_service {
namespace {

using operation::Call;
using Request = sso_oidc::CreateTokenWithIAMRequest;

constexpr std::array scopes_of_all = {domain::openid_scope, std::string_view("aws"), identity_context_scope};

// Those asked for, which must be the application's; all of its own when none are.
Result<std::vector<std::string>> scopes_of(const domain::Application& application, const Request& request) {
    if (!request.scope || request.scope->empty()) return domain::client_of(application).scopes;
    for (const auto& scope : *request.scope) {
        const bool is_own =
            std::ranges::find(application.scopes, scope, &domain::ApplicationScope::name) != application.scopes.end();
        if (is_own || std::ranges::find(scopes_of_all, scope) != scopes_of_all.end()) continue;
        return oidc_error(sso_oidc::errors::invalid_scope_exception, "invalid_scope",
                          "The scope " + scope + " is not one of the application.");
    }
    return *request.scope;
}

TokenClient token_client(const domain::Application& application) {
    return {.id_hash = access::hash_of_secret(application.arn), .application_arn = application.arn};
}

ApiError not_taken(std::string cause) {
    auto error = invalid_grant("The assertion is not valid.");
    error.cause = std::move(cause);
    return error;
}

// RFC 7523 3, items 3 to 6: made for this application, in force now.
Result<void> check_claims(const domain::Application& application, const domain::TrustedTokenIssuer& issuer,
                          const access::IdToken& claims, Time now) {
    const auto* grant = domain::find_grant(application, domain::jwt_bearer_grant);
    const auto trusted = std::ranges::find(grant->issuers, issuer.arn, &domain::ApplicationTokenIssuer::issuer_arn);
    if (trusted == grant->issuers.end() ||
        std::ranges::find_first_of(claims.audiences, trusted->audiences) == claims.audiences.end()) {
        return not_taken("made for another audience");
    }
    const auto current = epoch_seconds(now);
    if (!claims.expires_at) return not_taken("without an end (exp)");
    if (*claims.expires_at <= current) {
        return oidc_error(sso_oidc::errors::expired_token_exception, "expired_token", "The assertion has expired.");
    }
    if (claims.not_before && *claims.not_before > current + limits::oidc_skew_seconds) {
        return not_taken("not in force yet (nbf)");
    }
    return {};
}

// A token with an id (jti) is taken once (RFC 7523 3, item 7).
Result<void> use_up(Call& call, const domain::TrustedTokenIssuer& issuer, const access::IdToken& claims) {
    if (!claims.id) return {};
    const auto hash = access::hash_of_secret(issuer.arn + "\n" + *claims.id);
    if (domain::used_challenges.exists(call.tx, hash)) return not_taken("used before (jti)");
    return domain::used_challenges.put(
        call.tx, {.challenge_hash = hash, .expires_at = time_from_epoch_seconds(*claims.expires_at)});
}

Result<domain::Person> person_of(const Call& call, const domain::IdentityCenter& center,
                                 const domain::TrustedTokenIssuer& issuer, std::string_view claims) {
    const auto value = access::claim_at(claims, issuer.claim_path);
    if (!value || value->empty()) return not_taken("without a text at " + issuer.claim_path);
    // OpenID Connect Core 5.1: the issuer itself says that the address may be somebody else's.
    if (issuer.claim_path == "email" && access::denies(claims, "email_verified")) {
        return not_taken("of an address that is not verified");
    }
    SEK_TRY(auto person, domain::find_person_by_attribute(call.tx, center.identity_store_id, issuer.attribute_path,
                                                          *value, issuer.issuer_url));
    if (!person || !person->enabled) return not_taken("of nobody in the identity store who is enabled");
    return std::move(*person);
}

domain::SignInSession make_session(Call& call, const domain::Application& application,
                                   const domain::IdentityCenter& center, const domain::Person& person,
                                   const domain::TrustedTokenIssuer& issuer) {
    const bool refreshes = domain::find_grant(application, domain::refresh_token_grant) != nullptr;
    return {
        .id = SignInSessionId(access::hash_of_secret(random_bytes(call.random, 32))),
        .person_id = person.id,
        .identity_store_id = person.identity_store_id,
        .person_epoch = person.epoch,
        .created_at = call.now,
        .expires_at = call.now + (refreshes ? std::chrono::duration_cast<seconds>(minutes(center.session_minutes_max))
                                            : seconds(limits::access_token_seconds)),
        .mfa_done = false,
        .credential_types = "EXTERNAL_IDP",
        .source_address = call.facts.source_address,
        .user_agent = application.name,
        .store_epoch = access::read_store_epoch(call.tx),
        .application_arn = application.arn,
        .token_issuer_arn = issuer.arn};
}

// The application that the token was issued to, with a scope of the token that names `target`.
Result<void> check_target(const Call& call, const domain::AccessToken& token, const domain::Application& target) {
    SEK_TRY(const auto source, domain::applications.get(call.tx, token.application_arn));
    const auto refused = [] {
        return invalid_grant("The subject token was not issued to an application that may use this one.");
    };
    if (!source || !source->enabled || source->arn == target.arn || source->instance_arn != target.instance_arn) {
        return refused();
    }
    for (const auto& scope : source->scopes) {
        const bool has_scope = std::ranges::find(token.scopes, scope.name) != token.scopes.end();
        if (!has_scope || std::ranges::find(scope.targets, target.arn) == scope.targets.end()) continue;
        SEK_TRY(const bool may, domain::may_sign_in_to(call.tx, *source, token.identity_store_id, token.person_id));
        if (may) return {};
    }
    return refused();
}

}  // namespace

Result<Assertion> read_assertion(const Call& call, const domain::Application& application, const Request& request) {
    const auto* grant = domain::find_grant(application, domain::jwt_bearer_grant);
    if (grant == nullptr) return unauthorized_client("The application has no grant of this type.");
    if (!request.assertion) return invalid_request("assertion is required.");
    auto token = access::read_unverified(*request.assertion);
    if (!token) return not_taken("no JWT");
    for (const auto& trusted : grant->issuers) {
        SEK_TRY(auto issuer, domain::trusted_token_issuers.get(call.tx, trusted.issuer_arn));
        if (issuer && issuer->issuer_url == token->claims.issuer) {
            return Assertion{.token = std::move(*token), .issuer = std::move(*issuer)};
        }
    }
    return not_taken("of an issuer that the application does not trust");
}

Result<IssuedTokens> redeem_assertion(Call& call, const domain::Application& application, const Request& request,
                                      const std::vector<crypto::PublicKey>& keys) {
    SEK_TRY(const auto asserted, read_assertion(call, application, request));
    const auto verified = crypto::verify_jwt(*request.assertion, keys);
    if (!verified) return not_taken(verified.error().cause);
    const auto& issuer = asserted.issuer;
    SEK_TRY(check_claims(application, issuer, asserted.token.claims, call.now));
    SEK_TRY(use_up(call, issuer, asserted.token.claims));
    SEK_TRY(const auto center, domain::identity_centers.get(call.tx, application.instance_arn));
    if (!center) return not_taken("of an instance that is gone");
    SEK_TRY(const auto person, person_of(call, *center, issuer, verified->claims));
    SEK_TRY(const auto scopes, scopes_of(application, request));
    const auto session = make_session(call, application, *center, person, issuer);
    SEK_TRY(domain::sign_in_sessions.put(call.tx, session));
    const bool refreshes = domain::find_grant(application, domain::refresh_token_grant) != nullptr;
    SEK_TRY(auto issued, issue(call, session, token_client(application), scopes, refreshes));
    return std::move(issued.tokens);
}

Result<IssuedTokens> exchange_token(Call& call, const domain::Application& application, const Request& request) {
    if (!request.subject_token || request.subject_token_type != access_token_type) {
        return invalid_request("subjectToken is required, and subjectTokenType must be " +
                               std::string(access_token_type) + ".");
    }
    const auto wanted = request.requested_token_type.value_or(std::string(access_token_type));
    if (wanted != access_token_type && wanted != refresh_token_type) {
        return invalid_request("requestedTokenType must be of an access token or of a refresh token.");
    }
    const bool refreshes = wanted == refresh_token_type;
    if (refreshes && domain::find_grant(application, domain::refresh_token_grant) == nullptr) {
        return unauthorized_client("The application has no grant of refresh tokens.");
    }
    SEK_TRY(const auto token, domain::access_tokens.get(call.tx, access::hash_of_secret(*request.subject_token)));
    if (!token || token->expires_at <= call.now) return invalid_grant("The subject token is not valid.");
    SEK_TRY(check_target(call, *token, application));
    SEK_TRY(const auto session, live_session(call, token->session_id));
    SEK_TRY(const auto scopes, scopes_of(application, request));
    SEK_TRY(auto issued, issue(call, session, token_client(application), scopes, refreshes));
    return std::move(issued.tokens);
}

}  // namespace sekisho::sso_service
