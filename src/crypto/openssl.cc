#include "crypto/openssl.h"

#include <openssl/pem.h>

#include <array>

namespace sekisho::crypto {

ApiError openssl_failure(std::string_view what) {
    std::array<char, 256> reason{"no reason given"};
    if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, reason.data(), reason.size());
    ERR_clear_error();
    return errors::internal_failure(std::string(what) + ": " + reason.data());
}

ApiError invalid_input(std::string message) {
    ERR_clear_error();
    return {.code = "InvalidInput", .message = std::move(message), .http_status = 400};
}

OwnedBio read_bio(std::string_view text) {
    OwnedBio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    require(bio != nullptr);
    return bio;
}

std::string take_text(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

const EVP_MD* fetched_sha1() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    require(algorithm != nullptr);
    return algorithm;
}

const EVP_MD* fetched_sha256() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    require(algorithm != nullptr);
    return algorithm;
}

const EVP_MD* fetched_sha512() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA512", nullptr);
    require(algorithm != nullptr);
    return algorithm;
}

OwnedKey parse_private_key(std::string_view pem) {
    const OwnedBio bio = read_bio(pem);
    const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
    return OwnedKey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
}

std::string private_key_pem(EVP_PKEY* key) {
    // Secure-heap BIO: wiped when freed.
    const OwnedBio bio(BIO_new(BIO_s_secmem()));
    require(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return take_text(bio.get());
}

}  // namespace sekisho::crypto
