#pragma once
// The signing keys of OpenID Connect issuers: found by discovery (OpenID Connect Discovery 1.0, section 4), kept for a
// while, asked for again when a token names a key that is not among them.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/jose.h"

namespace sekisho::access {

// Gets a public document: https only, without redirects, within limits of size and time. Called from any thread;
// `done` is called once, from any thread.
using FetchDocument =
    std::function<void(std::string url, std::move_only_function<void(Result<std::string> document)> done)>;

// The codes of the errors that this makes, with their reason as cause; callers say them in their service's words.
inline constexpr std::string_view issuer_not_reached = "IssuerNotReached";
inline constexpr std::string_view issuer_has_no_keys = "IssuerHasNoKeys";  // no discovery document or keys there

class IssuerKeys {
 public:
    explicit IssuerKeys(FetchDocument fetch);

    using Keys = std::shared_ptr<const std::vector<crypto::PublicKey>>;
    using Done = std::move_only_function<void(Result<Keys>)>;
    // Of an issuer's URL (https://..). `kid`: the key that is looked for; an answer without it is possible. Calls for
    // one issuer share one request, and a failure, too, is kept for limits::oidc_retry_seconds.
    void get(const std::string& issuer, const std::string& kid, Time now, Done done);

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace sekisho::access
