#include "crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <utility>

#include "crypto/openssl.h"

namespace sekisho::crypto {
namespace {

// One context per thread and algorithm: making one costs about half of a short digest.
template <std::size_t Size>
Digest<Size> digest_with(EVP_MD_CTX* context, const EVP_MD* algorithm, std::string_view bytes) {
    Digest<Size> out;
    require(EVP_DigestInit_ex2(context, algorithm, nullptr) == 1 &&
            EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
            EVP_DigestFinal_ex(context, bytes_of(out.bytes.data()), nullptr) == 1);
    return out;
}

EVP_MAC_CTX* new_hmac_context(const char* digest) {
    static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    require(hmac != nullptr);
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(hmac);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
        OSSL_PARAM_construct_end()};
    require(context != nullptr && EVP_MAC_CTX_set_params(context, parameters) == 1);
    return context;
}

void set_key(EVP_MAC_CTX* context, std::string_view key) {
    // OpenSSL takes a null key for "the key before", so an empty one needs an address.
    const unsigned char none = 0;
    require(EVP_MAC_init(context, key.empty() ? &none : bytes_of(key), key.size(), nullptr) == 1);
}

template <std::size_t Size>
Digest<Size> finish_mac(EVP_MAC_CTX* context, std::string_view bytes) {
    Digest<Size> out;
    std::size_t written = 0;
    require(EVP_MAC_update(context, bytes_of(bytes), bytes.size()) == 1 &&
            EVP_MAC_final(context, bytes_of(out.bytes.data()), &written, Size) == 1 && written == Size);
    return out;
}

}  // namespace

Sha256Digest sha256(std::string_view bytes) {
    thread_local const OwnedDigestContext context(EVP_MD_CTX_new());
    return digest_with<32>(context.get(), fetched_sha256(), bytes);
}

Sha512Digest sha512(std::string_view bytes) {
    thread_local const OwnedDigestContext context(EVP_MD_CTX_new());
    return digest_with<64>(context.get(), fetched_sha512(), bytes);
}

Sha1Digest sha1(std::string_view bytes) {
    thread_local const OwnedDigestContext context(EVP_MD_CTX_new());
    return digest_with<20>(context.get(), fetched_sha1(), bytes);
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}
Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    require(context_ && EVP_DigestInit_ex2(context_.get(), fetched_sha256(), nullptr) == 1);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Sha256& Sha256::update(std::string_view bytes) {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
    return *this;
}

Sha256Digest Sha256::finish() {
    Sha256Digest out;
    require(EVP_DigestFinal_ex(context_.get(), bytes_of(out.bytes.data()), nullptr) == 1);
    return out;
}

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    thread_local const OwnedMacContext context(new_hmac_context("SHA256"));
    set_key(context.get(), key);
    return finish_mac<32>(context.get(), bytes);
}

Sha1Digest hmac_sha1(std::string_view key, std::string_view bytes) {
    thread_local const OwnedMacContext context(new_hmac_context("SHA1"));
    set_key(context.get(), key);
    return finish_mac<20>(context.get(), bytes);
}

void HmacKey::Free::operator()(evp_mac_ctx_st* context) const {
    EVP_MAC_CTX_free(context);
}
HmacKey::HmacKey(std::string_view key) : context_(new_hmac_context("SHA256")) {
    set_key(context_.get(), key);
}
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

Sha256Digest HmacKey::mac(std::string_view bytes) const {
    require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
    return finish_mac<32>(context_.get(), bytes);
}

}  // namespace sekisho::crypto
