#include "crypto/jose.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"

namespace sekisho::crypto {
namespace {

constexpr std::size_t p256_bytes = 32;
using OwnedParameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using OwnedBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using OwnedEcdsaSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;

std::shared_ptr<EVP_PKEY> share(OwnedKey key) {
    return std::shared_ptr<EVP_PKEY>(key.release(), EVP_PKEY_free);
}

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 32> group{};
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), nullptr) == 1 &&
           std::string_view(group.data()) == "prime256v1";
}

std::optional<JoseAlgorithm> algorithm_of(const EVP_PKEY* key) {
    if (is_p256(key)) return JoseAlgorithm::es256;
    // RFC 7518 3.3: 2048 bits or more; the upper bound keeps one verification from taking milliseconds.
    if (EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192) {
        return JoseAlgorithm::rs256;
    }
    return std::nullopt;
}

// A number of the key, big endian; `width` pads it (RFC 7518 6.2.1.2), 0 takes its own length.
std::string key_number(const EVP_PKEY* key, const char* name, std::size_t width) {
    BIGNUM* raw = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
    const OwnedNumber number(raw);
    const std::size_t size = width != 0 ? width : static_cast<std::size_t>(BN_num_bytes(raw));
    std::string out(size, '\0');
    require(BN_bn2binpad(raw, bytes_of(out.data()), static_cast<int>(size)) >= 0);
    return out;
}

OwnedNumber to_number(std::string_view bytes) {
    return OwnedNumber(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

OwnedKey key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const OwnedParameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    return OwnedKey(key);
}

}  // namespace

OwnedKey rsa_key(std::string_view modulus, std::string_view exponent) {
    const OwnedNumber n = to_number(modulus);
    const OwnedNumber e = to_number(exponent);
    const OwnedBuilder builder(OSSL_PARAM_BLD_new());
    require(n && e && builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
    return key_from("RSA", builder.get());
}

OwnedKey p256_key(std::string_view x, std::string_view y) {
    const std::string point = "\x04" + std::string(x) + std::string(y);  // SEC 1 2.3.3, uncompressed
    const OwnedBuilder builder(OSSL_PARAM_BLD_new());
    require(builder &&
            OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1);
    return key_from("EC", builder.get());
}

namespace {

std::string ecdsa_to_jose(std::string_view der) {
    const unsigned char* at = bytes_of(der);
    const OwnedEcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    require(parsed != nullptr);
    std::string out(2 * p256_bytes, '\0');
    require(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), bytes_of(out.data()), p256_bytes) >= 0 &&
            BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), bytes_of(out.data() + p256_bytes), p256_bytes) >= 0);
    return out;
}

std::optional<std::string> ecdsa_from_jose(std::string_view signature) {
    if (signature.size() != 2 * p256_bytes) return std::nullopt;
    const OwnedEcdsaSignature parts(ECDSA_SIG_new());
    OwnedNumber r = to_number(signature.substr(0, p256_bytes));
    OwnedNumber s = to_number(signature.substr(p256_bytes));
    require(parts && r && s && ECDSA_SIG_set0(parts.get(), r.release(), s.release()) == 1);
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(parts.get(), &der);
    require(size > 0);
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

ApiError bad_key() {
    return invalid_input("The key is not an RSA key of 2048 to 8192 bits or an EC key on P-256.");
}

}  // namespace

std::string_view to_text(JoseAlgorithm algorithm) {
    return algorithm == JoseAlgorithm::rs256 ? "RS256" : "ES256";
}

Result<PublicKey> PublicKey::checked(std::shared_ptr<evp_pkey_st> key) {
    const auto algorithm = key ? algorithm_of(key.get()) : std::nullopt;
    if (!algorithm) return bad_key();
    return PublicKey(std::move(key), *algorithm);
}

Result<PublicKey> PublicKey::parse_pem(std::string_view pem) {
    if (pem.contains("-----BEGIN CERTIFICATE-----")) {
        const OwnedCertificate certificate(PEM_read_bio_X509(read_bio(pem).get(), nullptr, nullptr, nullptr));
        if (!certificate) return bad_key();
        return checked(share(OwnedKey(X509_get_pubkey(certificate.get()))));
    }
    return checked(share(OwnedKey(PEM_read_bio_PUBKEY(read_bio(pem).get(), nullptr, nullptr, nullptr))));
}

Result<PublicKey> PublicKey::from_jwk(const json::value& jwk) {
    const auto number = [&jwk](std::string_view name) {
        const auto text = find_text(jwk, name);
        return text ? decode_base64url(*text).value_or("") : std::string();
    };
    constexpr std::size_t number_bytes_max = 1024;
    if (const auto use = find_text(jwk, "use"); use && *use != "sig") return bad_key();
    const std::string type = find_text(jwk, "kty").value_or("");
    OwnedKey key;
    if (type == "RSA") {
        const std::string n = number("n");
        const std::string e = number("e");
        if (!n.empty() && n.size() <= number_bytes_max && !e.empty() && e.size() <= 8) key = rsa_key(n, e);
    } else if (type == "EC" && find_text(jwk, "crv") == "P-256") {
        const std::string x = number("x");
        const std::string y = number("y");
        if (x.size() == p256_bytes && y.size() == p256_bytes) key = p256_key(x, y);
    }
    SEK_TRY(auto out, checked(key ? share(std::move(key)) : nullptr));
    if (const auto algorithm = find_text(jwk, "alg"); algorithm && *algorithm != to_text(out.algorithm_)) {
        return bad_key();
    }
    out.kid_ = find_text(jwk, "kid").value_or("");
    return out;
}

PublicKey PublicKey::with_kid(std::string kid) const {
    PublicKey out = *this;
    out.kid_ = std::move(kid);
    return out;
}

std::string PublicKey::to_pem() const {
    const OwnedBio bio(BIO_new(BIO_s_mem()));
    require(bio && PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
    return take_text(bio.get());
}

std::string PublicKey::to_jwk() const {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object();
    const auto number = [&](const char* name, std::size_t width) {
        return encode_base64url(key_number(key_.get(), name, width));
    };
    if (algorithm_ == JoseAlgorithm::rs256) {
        writer.member("kty", "RSA");
        writer.member("n", number(OSSL_PKEY_PARAM_RSA_N, 0)).member("e", number(OSSL_PKEY_PARAM_RSA_E, 0));
    } else {
        writer.member("kty", "EC").member("crv", "P-256");
        writer.member("x", number(OSSL_PKEY_PARAM_EC_PUB_X, p256_bytes));
        writer.member("y", number(OSSL_PKEY_PARAM_EC_PUB_Y, p256_bytes));
    }
    writer.member("kid", kid_).member("use", "sig").member("alg", to_text(algorithm_)).end_object();
    return out;
}

std::string PublicKey::thumbprint() const {
    const auto number = [&](const char* name, std::size_t width) {
        return encode_base64url(key_number(key_.get(), name, width));
    };
    // RFC 7638 3.2: the required members only, in the order of their names, without white space.
    const std::string text = algorithm_ == JoseAlgorithm::rs256
                                 ? R"({"e":")" + number(OSSL_PKEY_PARAM_RSA_E, 0) + R"(","kty":"RSA","n":")" +
                                       number(OSSL_PKEY_PARAM_RSA_N, 0) + R"("})"
                                 : R"({"crv":"P-256","kty":"EC","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, p256_bytes) +
                                       R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y, p256_bytes) + R"("})";
    return encode_base64url(sha256(text).view());
}

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
    std::string der;
    if (algorithm_ == JoseAlgorithm::es256) {
        auto converted = ecdsa_from_jose(signature);
        if (!converted) return false;
        der = std::move(*converted);
        signature = der;
    }
    const OwnedDigestContext context(EVP_MD_CTX_new());
    require(context && EVP_DigestVerifyInit(context.get(), nullptr, fetched_sha256(), nullptr, key_.get()) == 1);
    const bool valid =
        EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
    ERR_clear_error();
    return valid;
}

Result<SigningKey> SigningKey::checked(std::shared_ptr<evp_pkey_st> key) {
    SEK_TRY(auto public_key, PublicKey::checked(key));
    const OwnedKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!context || EVP_PKEY_private_check(context.get()) != 1) return bad_key();
    return SigningKey(std::move(key), public_key.with_kid(public_key.thumbprint()));
}

Result<SigningKey> SigningKey::generate_rsa() {
    OwnedKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
    if (!key) return openssl_failure("generating an RSA key");
    return checked(share(std::move(key)));
}

Result<SigningKey> SigningKey::generate_p256() {
    OwnedKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    if (!key) return openssl_failure("generating a P-256 key");
    return checked(share(std::move(key)));
}

Result<SigningKey> SigningKey::parse_pem(const Secret& pem) {
    OwnedKey key = parse_private_key(pem.expose());
    if (!key) return bad_key();
    return checked(share(std::move(key)));
}

Result<SigningKey> SigningKey::parse_der(const Secret& der) {
    const unsigned char* at = bytes_of(der.expose());
    OwnedKey key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.expose().size())));
    if (!key) return bad_key();
    return checked(share(std::move(key)));
}

Secret SigningKey::to_pem() const {
    return Secret(private_key_pem(key_.get()));
}

Secret SigningKey::to_der() const {
    const OwnedBio bio(BIO_new(BIO_s_secmem()));
    require(bio && i2d_PKCS8PrivateKey_bio(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return Secret(take_text(bio.get()));
}

Result<std::string> SigningKey::sign(std::string_view message) const {
    const OwnedDigestContext context(EVP_MD_CTX_new());
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    std::string signature(size, '\0');
    if (!context || EVP_DigestSignInit(context.get(), nullptr, fetched_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), bytes_of(signature.data()), &size, bytes_of(message), message.size()) != 1) {
        return openssl_failure("signing");
    }
    signature.resize(size);
    return algorithm() == JoseAlgorithm::es256 ? ecdsa_to_jose(signature) : signature;
}

std::string print_jwk_set(std::span<const PublicKey> keys) {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object().name("keys").begin_array();
    for (const PublicKey& key : keys) writer.raw(key.to_jwk());
    writer.end_array().end_object();
    return out;
}

Result<std::vector<PublicKey>> parse_jwk_set(std::string_view text) {
    const auto document = parse_json(text);
    const json::value* keys = document ? find(*document, "keys") : nullptr;
    if (keys == nullptr || !keys->is_array()) return invalid_input("The text is not a JWK set.");
    std::vector<PublicKey> out;
    for (const json::value& jwk : keys->get_array()) {
        if (auto key = PublicKey::from_jwk(jwk)) out.push_back(std::move(*key));
    }
    return out;
}

}  // namespace sekisho::crypto
