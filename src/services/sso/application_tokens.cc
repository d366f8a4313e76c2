// CreateTokenWithIAM: an application, known by its AWS signature, redeems what a person has consented to.
// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateTokenWithIAM.html
#include <algorithm>

#include "access/authenticate.h"
#include "base/json.h"
#include "crypto/jose.h"
#include "domain/applications.h"
#include "services/sso/application_grants.h"
#include "services/sso/oidc_error.h"
#include "services/sso/service.h"

namespace sekisho::sso_service {
namespace {

using operation::Access;
using operation::Call;

// Whoever the application's actor policy names, or an identity policy of its own account allows.
access::Permissions permissions(const Call& call, const sso_oidc::CreateTokenWithIAMRequest& request) {
    access::Permission permission{.resource = request.client_id};
    const auto application = domain::applications.get(call.tx, request.client_id);
    if (application && *application) {
        permission.resource_account = (*application)->account_id;
        permission.resource_policy = (*application)->actor_policy;
    }
    return {std::move(permission)};
}

Result<domain::Application> find_application(const Call& call, const std::string& client_id) {
    SEK_TRY(auto application, domain::applications.get(call.tx, client_id));
    if (!application || !application->enabled) {
        return invalid_client("The application is not known, or it is switched off.");
    }
    return std::move(*application);
}

Result<crypto::SigningKey> id_token_key(Call& call, const InstanceArn& instance) {
    SEK_TRY(const auto known, domain::id_token_keys.get(call.tx, instance));
    if (known) return crypto::SigningKey::parse_der(known->private_key);
    SEK_TRY(auto made, crypto::SigningKey::generate_p256());
    SEK_TRY(domain::id_token_keys.put(call.tx, {.instance_arn = instance, .private_key = made.to_der()}));
    return made;
}

// The person, for the role that the application assumes (AssumeRole with ProvidedContexts).
Result<std::string> make_identity_context(const Call& call, const domain::Application& application,
                                          const IssuedTokens& tokens) {
    const auto& session = tokens.session;
    return call.environment.tokens->seal_context({.identity_store_id = session.identity_store_id,
                                                  .person_id = session.person_id,
                                                  .person_epoch = session.person_epoch,
                                                  .sign_in_session_id = session.id,
                                                  .application_arn = application.arn,
                                                  .expires_at = call.now + seconds(tokens.expires_in_seconds)});
}

// OpenID Connect Core 2: who signed in, for this application, by this portal.
Result<std::string> make_id_token(Call& call, const domain::Application& application, const IssuedTokens& tokens,
                                  const std::string& identity_context) {
    SEK_TRY(const auto key, id_token_key(call, application.instance_arn));
    const auto& session = tokens.session;
    std::string claims;
    JsonWriter writer(claims);
    writer.begin_object();
    writer.member("iss", domain::id_token_issuer(call.environment.public_url, session.identity_store_id));
    writer.member("sub", session.person_id.str());
    writer.member("aud", application.arn);
    writer.member("iat", epoch_seconds(call.now));
    writer.member("exp", epoch_seconds(call.now) + tokens.expires_in_seconds);
    writer.member("auth_time", epoch_seconds(session.created_at));
    writer.member("identitystore:id", session.identity_store_id.str());
    writer.member(identity_context_scope, identity_context);
    writer.end_object();
    return crypto::sign_jwt(key, claims);
}

using Request = sso_oidc::CreateTokenWithIAMRequest;
using Keys = access::IssuerKeys::Keys;

// Only an assertion needs something from outside: its issuer's keys.
void prepare_keys(access::IssuerKeys& issuers, const Call& call, const Request& request, operation::PrepareDone done) {
    if (request.grant_type != domain::jwt_bearer_grant) return done(operation::make_prepared(Keys()));
    auto application = find_application(call, request.client_id);
    if (!application) return done(std::move(application).error());
    auto asserted = read_assertion(call, *application, request);
    if (!asserted) return done(std::move(asserted).error());
    issuers.get(asserted->issuer.issuer_url, asserted->token.kid, call.now,
                [done = std::move(done)](Result<Keys> keys) mutable {
                    if (keys) return done(operation::make_prepared(std::move(*keys)));
                    auto error = invalid_grant("The keys of the assertion's issuer cannot be had.");
                    error.cause = std::move(keys.error().cause);
                    done(std::move(error));
                });
}

Result<IssuedTokens> redeem(Call& call, const domain::Application& application, const Request& request) {
    const TokenClient client{.id_hash = access::hash_of_secret(application.arn), .application_arn = application.arn};
    if (request.grant_type == domain::authorization_code_grant) {
        return redeem_code(
            call, client,
            {.code = request.code, .redirect_uri = request.redirect_uri, .verifier = request.code_verifier});
    }
    if (request.grant_type == domain::refresh_token_grant) return refresh(call, client, request.refresh_token);
    if (request.grant_type == domain::jwt_bearer_grant) {
        return redeem_assertion(call, application, request, *call.prepared<Keys>());
    }
    if (request.grant_type == domain::token_exchange_grant) return exchange_token(call, application, request);
    return oidc_error(sso_oidc::errors::unsupported_grant_type_exception, "unsupported_grant_type",
                      "The grant type is not supported.");
}

bool has(const std::vector<std::string>& scopes, std::string_view scope) {
    return std::ranges::find(scopes, scope) != scopes.end();
}

// Taken away from the application or from the person since: no token, by a code or a refresh token from before, either.
Result<sso_oidc::CreateTokenWithIAMResponse> create_token_with_iam(Call& call, const Request& request) {
    SEK_TRY(const auto application, find_application(call, request.client_id));
    if (domain::find_grant(application, request.grant_type) == nullptr) {
        return unauthorized_client("The application has no grant of this type.");
    }
    SEK_TRY(const auto tokens, redeem(call, application, request));
    SEK_TRY(const bool may,
            domain::may_sign_in_to(call.tx, application, tokens.session.identity_store_id, tokens.session.person_id));
    if (!may) return invalid_grant("The application is not assigned to the person.");
    SEK_TRY(auto context, make_identity_context(call, application, tokens));
    sso_oidc::CreateTokenWithIAMResponse response;
    response.access_token = tokens.access_token;
    response.token_type = "Bearer";
    response.expires_in = tokens.expires_in_seconds;
    response.refresh_token = tokens.refresh_token;
    const bool wants_refresh = request.grant_type == domain::token_exchange_grant && tokens.refresh_token;
    response.issued_token_type = wants_refresh ? refresh_token_type : access_token_type;
    response.scope = tokens.scopes;
    if (has(tokens.scopes, domain::openid_scope)) {
        SEK_TRY(response.id_token, make_id_token(call, application, tokens, context));
    }
    response.aws_additional_details = sso_oidc::AwsAdditionalDetails{.identity_context = std::move(context)};
    return response;
}

}  // namespace

void register_application_tokens(operation::Registry& registry, std::shared_ptr<access::IssuerKeys> issuers) {
    auto row = operation::operation<sso_oidc::CreateTokenWithIAM>(
        {.access = Access::write, .resources = permissions, .handle = create_token_with_iam});
    row.prepare = [issuers = std::move(issuers)](const Call& call, const void* request, operation::PrepareDone done) {
        prepare_keys(*issuers, call, *static_cast<const Request*>(request), std::move(done));
    };
    registry.add(sso_oidc::service, {std::move(row)});
}

}  // namespace sekisho::sso_service
