#pragma once
// Proof of possession of a key: the DPoP header (RFC 9449 4), as AWS's clients send it with CreateOAuth2Token. Pure.
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace sekisho::signin_service {

struct ProvenKey {
    std::string thumbprint;  // RFC 7638
    std::string proof_id;    // the proof's jti: to be taken once
};

// The request that the proof must be for; `host` as the client asked for it, with its port.
struct ProvenRequest {
    std::string_view method;
    std::string_view host;
    std::string_view path;
    Time now{};
};

// Nothing: not a proof of a P-256 key (ES256), not signed by it, of another request, or of another time (five minutes
// either way). About 70 us. Whether its jti was shown before is the caller's to check (RFC 9449 11.1).
std::optional<ProvenKey> verify_proof(std::string_view proof, const ProvenRequest& request);

}  // namespace sekisho::signin_service
