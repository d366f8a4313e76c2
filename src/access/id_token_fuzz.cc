// A token before its first line feed, the claims of one or a JWK set after it. No token may pass that nobody signed,
// and what the claims say must stay within them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "access/id_token.h"
#include "crypto/jose.h"

using namespace sekisho;
using namespace sekisho::access;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto key = crypto::SigningKey::generate_p256().value();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto token = text.substr(0, text.find('\n'));
    const auto rest = text.substr(std::min(text.size(), token.size() + 1));
    const auto read = read_unverified(token);
    if (read && read->claims.issuer.size() + read->claims.subject.size() > token.size()) std::abort();
    const auto claims = parse_id_token(rest);
    (void)claim_at(rest, "identity.email");
    if (claims && claims->expires_at && *claims->expires_at < 0) std::abort();
    const auto keys = crypto::parse_jwk_set(rest);
    if (crypto::verify_jwt(token, std::vector{key.public_key()})) std::abort();
    if (keys) (void)crypto::verify_jwt(token, *keys);
    return 0;
}
