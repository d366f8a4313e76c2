#pragma once
// What an application redeems beside codes and refresh tokens: a token of a trusted issuer (RFC 7523), and a token of
// another application (RFC 8693).
#include <string_view>
#include <vector>

#include "access/id_token.h"
#include "access/issuer_keys.h"
#include "domain/applications.h"
#include "models/sso_oidc.h"
#include "operation/operation.h"
#include "services/sso/issued_tokens.h"

namespace sekisho::sso_service {

// RFC 8693 3.
inline constexpr std::string_view access_token_type = "urn:ietf:params:oauth:token-type:access_token";
inline constexpr std::string_view refresh_token_type = "urn:ietf:params:oauth:token-type:refresh_token";
// Of a request that wants the person's identity context. With openid and "aws" it is of every application.
inline constexpr std::string_view identity_context_scope = "sts:identity_context";

// The issuer whose keys verify the assertion: one that the application trusts now. InvalidGrantException.
struct Assertion {
    access::UnverifiedToken token;
    domain::TrustedTokenIssuer issuer;
};
Result<Assertion> read_assertion(const operation::Call& call, const domain::Application& application,
                                 const sso_oidc::CreateTokenWithIAMRequest& request);

// By an assertion. `keys`: the issuer's. A sign-in session is made for the tokens: it ends with them, or when the
// application trusts the issuer no more.
Result<IssuedTokens> redeem_assertion(operation::Call& call, const domain::Application& application,
                                      const sso_oidc::CreateTokenWithIAMRequest& request,
                                      const std::vector<crypto::PublicKey>& keys);

// By an access token that another application holds, of a scope that names this one as a target.
Result<IssuedTokens> exchange_token(operation::Call& call, const domain::Application& application,
                                    const sso_oidc::CreateTokenWithIAMRequest& request);

}  // namespace sekisho::sso_service
