// A DPoP header. What passes names a key and an id within bounds, and passes again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/signin/dpop.h"

using namespace sekisho;
using namespace sekisho::signin_service;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view proof(reinterpret_cast<const char*>(data), size);
    // The time that the corpus's proofs are of.
    const ProvenRequest request{
        .method = "POST", .host = "localhost:7443", .path = "/v1/token", .now = time_from_epoch_seconds(1'795'921'200)};
    const auto proven = verify_proof(proof, request);
    if (!proven) return 0;
    if (proven->thumbprint.size() != 43 || proven->proof_id.empty() || proven->proof_id.size() > 256) std::abort();
    if (!verify_proof(proof, request)) std::abort();
    return 0;
}
