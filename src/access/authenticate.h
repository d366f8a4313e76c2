#pragma once
// authenticate: from a request's signature or token to a Caller. Each gives a live caller or AWS's refusal.
#include <string_view>

#include "access/caller.h"
#include "access/facts.h"
#include "access/session_token.h"
#include "base/result.h"
#include "store/reader.h"
#include "wire/sigv4.h"

namespace sekisho::access {

// Why authentication refused; the pipeline names it as the service's protocol does (wire/errors-and-records 2).
enum class AuthenticationFailure : std::uint16_t {
    missing_token,         // unsigned
    incomplete_signature,  // malformed
    invalid_key,           // unknown key, bad session token, dead principal
    wrong_signature,       // does not match; skew; scope
    expired_token,
};
struct AuthenticationError {
    AuthenticationFailure failure;
    std::string message;  // AWS's text
};
template <class T>
using Authenticated = std::expected<T, AuthenticationError>;

// SigV4 by header or query. `service` is the signing name that the scope must carry. `is_eks_token` applies the token authenticator's
// age rules (15 minutes, whatever X-Amz-Expires says).
Authenticated<Caller> authenticate_signature(const store::Reader& reader, const SessionTokens& tokens,
                                             const wire::HttpRequestView& request, std::string_view service, Time now,
                                             bool ignores_expires = false);

// The portal's bearer token (x-amz-sso_bearer_token).
Authenticated<Caller> authenticate_bearer(const store::Reader& reader, std::string_view token, Time now);

// The portal's cookie.
Authenticated<Caller> authenticate_session(const store::Reader& reader, std::string_view session_secret, Time now);

}  // namespace sekisho::access
