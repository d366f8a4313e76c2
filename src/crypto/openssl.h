#pragma once
// Private to this room: owners of OpenSSL's objects, and its errors as ours.
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sekisho::crypto {

template <auto Function>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        Function(object);
    }
};
template <class T, auto Function>
using Owned = std::unique_ptr<T, FreeWith<Function>>;

using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedKeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using OwnedMacContext = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using OwnedCipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using OwnedBio = Owned<BIO, BIO_free_all>;
using OwnedNumber = Owned<BIGNUM, BN_free>;
using OwnedCertificate = Owned<X509, X509_free>;

inline const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(char* text) {
    return reinterpret_cast<unsigned char*>(text);
}

// A built-in algorithm failed on valid arguments: memory is gone or the library is broken. Nothing safe can follow.
inline void require(bool succeeded) {
    if (!succeeded) std::abort();
}

// InternalFailure with OpenSSL's own reason in the cause; empties its error queue.
ApiError openssl_failure(std::string_view what);
// The caller's bytes are at fault.
ApiError invalid_input(std::string message);

// Text is read in place: `text` outlives the BIO.
OwnedBio read_bio(std::string_view text);
std::string take_text(BIO* memory);

// Algorithms fetched once: an implicit fetch at each call costs 250 ns.
const EVP_MD* fetched_sha1();
const EVP_MD* fetched_sha256();
const EVP_MD* fetched_sha512();

// Public keys of their numbers, big-endian; null: not a key (a point that is not on the curve).
OwnedKey rsa_key(std::string_view modulus, std::string_view exponent);
OwnedKey p256_key(std::string_view x, std::string_view y);  // 32 bytes each

// Private keys: PEM (never asking for a pass phrase) and PKCS #8.
Owned<EVP_PKEY, EVP_PKEY_free> parse_private_key(std::string_view pem);
std::string private_key_pem(EVP_PKEY* key);

}  // namespace sekisho::crypto
