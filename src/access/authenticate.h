#pragma once
// authenticate: from a request's signature or token to a Caller. Each gives a live caller or AWS's refusal.
#include <expected>
#include <string_view>

#include "access/caller.h"
#include "access/facts.h"
#include "access/session_token.h"
#include "base/result.h"
#include "domain/login.h"
#include "store/reader.h"
#include "wire/sigv4.h"

namespace sekisho::access {

template <class T>
using Authenticated = std::expected<T, wire::SignatureError>;

// SigV4 by header or query. The caller is live. `region`, when not null, gets the scope's.
Authenticated<Caller> authenticate_signature(const store::Reader& reader, const SessionTokens& tokens,
                                             const wire::HttpRequestView& request, const wire::VerifyOptions& options,
                                             Region* region = nullptr);

// The caller of credentials whose signature over the same bytes was verified before: a key's secret never changes, so
// it need not be verified again. Everything else is looked at anew: the caller is live.
Authenticated<Caller> authenticate_again(const store::Reader& reader, const SessionTokens& tokens,
                                         std::string_view access_key_id, std::string_view session_token, Time now);

// The portal's bearer token (x-amz-sso_bearer_token).
Authenticated<Caller> authenticate_bearer(const store::Reader& reader, std::string_view token, Time now);

// The portal's cookie: the secret whose hash names the session.
Authenticated<Caller> authenticate_session(const store::Reader& reader, std::string_view session_secret, Time now);

// An IAM user by the console's cookie: a temporary session of the user itself.
Authenticated<Caller> authenticate_login(const store::Reader& reader, std::string_view session_secret, Time now);
// The same by the session; liveness is not checked.
Caller caller_of_login(const store::Reader& reader, const domain::LoginSession& session);
// Whom an unsigned request with a proof of possession (DPoP, RFC 9449) speaks for: the user behind its code or refresh
// token. For the trail: nothing is proven, and the caller stays anonymous. `body`: its JSON.
Caller claimed_by_grant(const store::Reader& reader, const SessionTokens& tokens, std::string_view body);

// The id under which a session secret is kept, and so for every token of which we keep only the hash: SHA-256, hex.
std::string hash_of_secret(std::string_view secret);

}  // namespace sekisho::access
