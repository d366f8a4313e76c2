// CreateTokenWithIAM: an application, known by its AWS signature, redeems what a person has consented to.
// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateTokenWithIAM.html
#include <algorithm>

#include "access/authenticate.h"
#include "base/json.h"
#include "crypto/jose.h"
#include "domain/applications.h"
#include "services/sso/issued_tokens.h"
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

// OpenID Connect Core 2: who signed in, for this application, by this portal.
Result<std::string> make_id_token(Call& call, const domain::Application& application, const IssuedTokens& tokens) {
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
    writer.end_object();
    return crypto::sign_jwt(key, claims);
}

Result<IssuedTokens> redeem(Call& call, const std::string& client, const sso_oidc::CreateTokenWithIAMRequest& request) {
    if (request.grant_type == domain::authorization_code_grant) {
        return redeem_code(
            call, client,
            {.code = request.code, .redirect_uri = request.redirect_uri, .verifier = request.code_verifier});
    }
    if (request.grant_type == domain::refresh_token_grant) return refresh(call, client, request.refresh_token);
    return oidc_error(sso_oidc::errors::unsupported_grant_type_exception, "unsupported_grant_type",
                      "The grant type is not supported.");
}

// Taken away from the application or from the person since: no token, by a code or a refresh token from before, either.
Result<sso_oidc::CreateTokenWithIAMResponse> create_token_with_iam(Call& call,
                                                                   const sso_oidc::CreateTokenWithIAMRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.client_id));
    if (domain::find_grant(application, request.grant_type) == nullptr) {
        return unauthorized_client("The application has no grant of this type.");
    }
    SEK_TRY(const auto tokens, redeem(call, access::hash_of_secret(application.arn), request));
    SEK_TRY(const bool may,
            domain::may_sign_in_to(call.tx, application, tokens.session.identity_store_id, tokens.session.person_id));
    if (!may) return invalid_grant("The application is not assigned to the person.");
    sso_oidc::CreateTokenWithIAMResponse response;
    response.access_token = tokens.access_token;
    response.token_type = "Bearer";
    response.expires_in = tokens.expires_in_seconds;
    response.refresh_token = tokens.refresh_token;
    response.issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
    response.scope = tokens.scopes;
    if (std::ranges::find(tokens.scopes, domain::openid_scope) != tokens.scopes.end()) {
        SEK_TRY(response.id_token, make_id_token(call, application, tokens));
    }
    return response;
}

}  // namespace

const operation::OperationTable application_token_operations = {
    operation::operation<sso_oidc::CreateTokenWithIAM>(
        {.access = Access::write, .resources = permissions, .handle = create_token_with_iam}),
};

}  // namespace sekisho::sso_service
