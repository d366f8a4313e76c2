#include "crypto/equal.h"

#include <openssl/crypto.h>

namespace sekisho::crypto {

bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sekisho::crypto
