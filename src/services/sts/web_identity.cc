// AssumeRoleWithWebIdentity: a role for who shows a token of an OpenID Connect provider of the role's account. The
// request is unsigned: the token is the proof, and the role's trust policy the permission.
#include <fmt/format.h>

#include <algorithm>

#include "access/authorize.h"
#include "access/id_token.h"
#include "access/issuer_keys.h"
#include "base/limits.h"
#include "domain/oidc_provider.h"
#include "models/sts.h"
#include "services/sts/role_request.h"
#include "services/sts/service.h"
#include "services/sts/session_request.h"
#include "wire/arn.h"

namespace sekisho::sts_service {
namespace {

using access::IdToken;
using access::IssuerKeys;
using operation::Access;
using operation::Call;
using Request = sts::AssumeRoleWithWebIdentityRequest;
using Response = sts::AssumeRoleWithWebIdentityResponse;

ApiError invalid_token(std::string message) {
    return sts::errors::invalid_identity_token_exception(std::move(message));
}

ApiError not_a_jwt() {
    return invalid_token(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
}

constexpr std::string_view no_keys_text =
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
    "documentation for requirements";

ApiError no_keys(const ApiError& error) {
    const bool is_reached = error.code != access::issuer_not_reached;
    auto refused = is_reached ? invalid_token(std::string(no_keys_text))
                              : sts::errors::idp_communication_error_exception(std::string(no_keys_text));
    refused.cause = error.cause;
    return refused;
}

ApiError not_authorized() {
    return {.code = "AccessDenied",
            .message = "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            .http_status = 403};
}

// The provider of the role's account that is the token's issuer.
Result<domain::OidcProvider> require_provider(const Call& call, const Request& request, const std::string& issuer) {
    const auto role = parse_role(request.role_arn);
    if (!role) return validation_error(request.role_arn + " is invalid");
    constexpr std::string_view scheme = "https://";
    if (issuer.starts_with(scheme)) {
        SEK_TRY(auto provider, domain::oidc_providers.get(call.tx, role->account, issuer.substr(scheme.size())));
        if (provider) return std::move(*provider);
    }
    return invalid_token("No OpenIDConnect provider found in your account for " + issuer);
}

// Which of the provider's clients the token is for: its authorized party, else its audience.
Result<std::string> audience_of(const IdToken& claims, const domain::OidcProvider& provider) {
    const auto candidates = claims.authorized_party ? std::vector{*claims.authorized_party} : claims.audiences;
    const auto found = std::ranges::find_first_of(candidates, provider.client_ids);
    if (found == candidates.end()) return invalid_token("Incorrect token audience");
    return *found;
}

Result<void> check_times(const IdToken& claims, Time now) {
    const auto current = epoch_seconds(now);
    if (!claims.expires_at) return invalid_token("Missing a required claim: exp");
    if (*claims.expires_at <= current) {
        return sts::errors::expired_token_exception(
            fmt::format("Token expired: current date/time {} must be before the expiration date/time {}", current,
                        *claims.expires_at));
    }
    if (claims.not_before && *claims.not_before > current + limits::oidc_skew_seconds) {
        return invalid_token(fmt::format("The token is not valid before {}", *claims.not_before));
    }
    return {};
}

void prepare_keys(IssuerKeys& issuers, const Call& call, const Request& request, operation::PrepareDone done) {
    const auto token = access::read_unverified(request.web_identity_token);
    if (!token) return done(not_a_jwt());
    auto provider = require_provider(call, request, token->claims.issuer);
    if (!provider) return done(std::move(provider).error());
    issuers.get(token->claims.issuer, token->kid, call.now,
                [done = std::move(done)](Result<IssuerKeys::Keys> keys) mutable {
                    if (!keys) return done(no_keys(keys.error()));
                    done(operation::make_prepared(std::move(*keys)));
                });
}

// Who the token says it is, before it holds the role. `other_arn`: of the provider, where it goes by two names.
access::Caller outside_identity(const IdToken& claims, const std::string& provider_arn, const std::string& audience,
                                const std::string& other_arn) {
    access::Caller identity;
    identity.kind = access::CallerKind::web_identity;
    identity.arn = provider_arn;
    identity.principal_arn = other_arn;
    identity.user_id = claims.issuer + ":" + audience + ":" + claims.subject;
    identity.root.oidc_provider_arn = provider_arn;
    return identity;
}

// The role's trust policy (and the resource control policies over its account) decide; AWS says no more of a refusal
// than that it is one.
Result<void> check_trust(const Call& call, const Request& request, const domain::OidcProvider& provider,
                         const IdToken& claims, const std::string& audience, const domain::Role* role) {
    access::Permission permission{
        .action = "sts:AssumeRoleWithWebIdentity",
        .resource = request.role_arn,
        .resource_account = provider.account_id,
        .context = {{"sts:RoleSessionName", {request.role_session_name}}},
        .resource_policy = role != nullptr ? role->trust_policy : std::string(no_trust),
        .is_trust_policy = true,
    };
    SEK_TRY(const auto other_name, domain::other_issuer_name(call.tx, provider));
    for (const auto& issuer : {provider.issuer, other_name}) {
        if (issuer.empty()) continue;
        permission.context.push_back({issuer + ":sub", {claims.subject}});
        permission.context.push_back({issuer + ":aud", {audience}});
        if (!claims.methods.empty()) permission.context.push_back({issuer + ":amr", claims.methods});
        if (claims.authorized_party) permission.context.push_back({issuer + ":oaud", claims.audiences});
    }
    if (role != nullptr) add_role_tags(permission.context, *role);
    const auto other_arn =
        other_name.empty() ? other_name : wire::make_oidc_provider_arn(provider.account_id, other_name);
    const auto identity = outside_identity(claims, domain::oidc_provider_arn(provider), audience, other_arn);
    if (access::authorize(call.tx, identity, call.facts, call.now, {permission})) return not_authorized();
    return {};
}

Result<IdToken> verify(const Call& call, const Request& request) {
    const auto& keys = *call.prepared<IssuerKeys::Keys>();
    const auto token = crypto::verify_jwt(request.web_identity_token, keys);
    if (!token) return invalid_token(std::string(no_keys_text));
    auto claims = access::parse_id_token(token->claims);
    if (!claims) return not_a_jwt();
    if (claims->subject.empty()) return invalid_token("Missing a required claim: sub");
    SEK_TRY(check_times(*claims, call.now));
    return std::move(*claims);
}

Result<Response> assume_role_with_web_identity(Call& call, const Request& request) {
    SEK_TRY(const auto claims, verify(call, request));
    SEK_TRY(const auto provider, require_provider(call, request, claims.issuer));
    SEK_TRY(const auto audience, audience_of(claims, provider));
    const auto role = find_role(call.tx, request.role_arn);
    SEK_TRY(check_trust(call, request, provider, claims, audience, role.get()));
    if (!role) return not_authorized();

    auto session = role_session_claims(call, *role, request.role_session_name);
    SEK_TRY(const auto length, session_seconds(request.duration_seconds, *role));
    session.expires_at = call.now + length;
    session.root.oidc_provider_arn = domain::oidc_provider_arn(provider);
    SEK_TRY(add_session_policies(call.tx, request.policy, arns_of(request.policy_arns), session));
    SEK_TRY(const auto packed, packed_percent(session));

    SEK_TRY(const auto credentials, call.environment.tokens->issue(call.tx, session, call.random));
    Response response;
    response.credentials = to_wire(credentials);
    response.assumed_role_user = assumed_role_user(*role, request.role_session_name);
    response.subject_from_web_identity_token = claims.subject;
    response.provider = session.root.oidc_provider_arn;
    response.audience = audience;
    if (packed > 0) response.packed_policy_size = packed;
    return response;
}

}  // namespace

void register_web_identity(operation::Registry& registry, std::shared_ptr<IssuerKeys> issuers) {
    auto row = operation::operation<sts::AssumeRoleWithWebIdentity>(
        {.access = Access::write, .resources = operation::anyone, .handle = assume_role_with_web_identity});
    row.prepare = [issuers = std::move(issuers)](const Call& call, const void* request, operation::PrepareDone done) {
        prepare_keys(*issuers, call, *static_cast<const Request*>(request), std::move(done));
    };
    registry.add(sts::service, {std::move(row)});
}

}  // namespace sekisho::sts_service
