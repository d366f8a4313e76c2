#pragma once
// What tokens are made from: a sign-in session that lives, a code (RFC 6749 4.1.3) or a refresh token (RFC 6749 6).
// Public clients and applications come here alike, each authenticated in its own way before.
#include <optional>
#include <string>
#include <vector>

#include "domain/sessions.h"
#include "operation/call.h"

namespace sekisho::sso_service {

struct IssuedTokens {
    std::string access_token;
    std::optional<std::string> refresh_token;
    std::int32_t expires_in_seconds = 0;
    std::vector<std::string> scopes;
    domain::SignInSession session;  // whose they are
};

// Whose tokens they are.
struct TokenClient {
    std::string id_hash;               // of the client's id, which records keep
    std::string application_arn = {};  // empty: a public client
};

// The sign-in session, while it and its person live. InvalidGrantException.
Result<domain::SignInSession> live_session(operation::Call& call, const SignInSessionId& id);

// New tokens. Legacy clients (no scopes) get no refresh token, as AWS has it.
struct Issued {
    IssuedTokens tokens;
    std::string access_token_hash;
    std::string chain_id;
};
Result<Issued> issue(operation::Call& call, const domain::SignInSession& session, const TokenClient& client,
                     const std::vector<std::string>& scopes, bool refreshes);

// By an authorization code. The verifier is asked for when the code was asked for with a challenge.
struct CodeProof {
    std::optional<std::string> code;
    std::optional<std::string> redirect_uri;
    std::optional<std::string> verifier;
};
Result<IssuedTokens> redeem_code(operation::Call& call, const TokenClient& client, const CodeProof& proof);

// By a refresh token, which rotates.
Result<IssuedTokens> refresh(operation::Call& call, const TokenClient& client,
                             const std::optional<std::string>& refresh_token);

}  // namespace sekisho::sso_service
