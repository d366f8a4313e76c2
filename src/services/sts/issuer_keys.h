#pragma once
// The signing keys of OpenID Connect issuers: found by discovery (OpenID Connect Discovery 1.0, section 4), kept for a
// while, asked for again when a token names a key that is not among them.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/jose.h"
#include "services/sts/service.h"

namespace sekisho::sts_service {

class IssuerKeys {
 public:
    explicit IssuerKeys(FetchDocument fetch);

    using Keys = std::shared_ptr<const std::vector<crypto::PublicKey>>;
    using Done = std::move_only_function<void(Result<Keys>)>;
    // Of an issuer's URL (https://..). `kid`: the key that is looked for; an answer without it is possible. Calls for
    // one issuer share one request, and a failure, too, is kept for limits::oidc_retry_seconds. Errors:
    // IDPCommunicationError (not reached), InvalidIdentityToken (no discovery document or keys there).
    void get(const std::string& issuer, const std::string& kid, Time now, Done done);

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace sekisho::sts_service
