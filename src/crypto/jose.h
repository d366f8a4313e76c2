#pragma once
// JSON Web Signatures (RFC 7515) in compact form, keys (RFC 7517), algorithms RS256 and ES256 (RFC 7518) and no other.
// Parsed keys are kept in their types: parsing costs about five verifications. Copies share one key; any thread may use
// it. RSA-2048: sign 290 us, verify 19 us; P-256: sign 24 us, verify 67 us.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"

struct evp_pkey_st;

namespace sekisho::crypto {

enum class JoseAlgorithm : std::uint8_t { rs256, es256 };
std::string_view to_text(JoseAlgorithm algorithm);  // "RS256"

// A public key. The algorithm belongs to the key, so that a token cannot choose another (RFC 8725 3.1).
class PublicKey {
 public:
    // A SubjectPublicKeyInfo or a certificate in PEM. RSA of 2048 to 8192 bits or P-256, else InvalidInput.
    static Result<PublicKey> parse_pem(std::string_view pem);
    // A JWK (RFC 7517): kty RSA (n, e) or EC (crv P-256; x, y). Its `kid` is kept; a contradicting `alg`, or a `use`
    // that is not `sig`, is refused.
    static Result<PublicKey> from_jwk(const json::value& jwk);

    JoseAlgorithm algorithm() const { return algorithm_; }
    const std::string& kid() const { return kid_; }
    PublicKey with_kid(std::string kid) const;
    std::string to_pem() const;
    // {"kty","kid","use":"sig","alg",...}; public members only.
    std::string to_jwk() const;
    // RFC 7638, SHA-256, base64url: a good kid.
    std::string thumbprint() const;
    // The signature of `message` as JWS has it: RSASSA-PKCS1-v1_5 bytes, or r | s of 64 bytes.
    bool verify(std::string_view message, std::string_view signature) const;

 private:
    friend class SigningKey;
    PublicKey(std::shared_ptr<evp_pkey_st> key, JoseAlgorithm algorithm)
        : key_(std::move(key)), algorithm_(algorithm) {}
    static Result<PublicKey> checked(std::shared_ptr<evp_pkey_st> key);
    std::shared_ptr<evp_pkey_st> key_;
    JoseAlgorithm algorithm_;
    std::string kid_;
};

// A key pair. Its kid is its public key's thumbprint unless said otherwise.
class SigningKey {
 public:
    static Result<SigningKey> generate_rsa();  // 2048 bits; 50 to 500 ms
    static Result<SigningKey> generate_p256();
    static Result<SigningKey> parse_pem(const Secret& pem);  // PKCS #8, PKCS #1 or SEC 1
    static Result<SigningKey> parse_der(const Secret& der);  // PKCS #8

    Secret to_pem() const;  // PKCS #8
    Secret to_der() const;
    const PublicKey& public_key() const { return public_key_; }
    JoseAlgorithm algorithm() const { return public_key_.algorithm(); }
    Result<std::string> sign(std::string_view message) const;  // as PublicKey::verify takes it

 private:
    SigningKey(std::shared_ptr<evp_pkey_st> key, PublicKey public_key)
        : key_(std::move(key)), public_key_(std::move(public_key)) {}
    static Result<SigningKey> checked(std::shared_ptr<evp_pkey_st> key);
    std::shared_ptr<evp_pkey_st> key_;
    PublicKey public_key_;
};

// {"keys":[...]}
std::string print_jwk_set(std::span<const PublicKey> keys);
// Keys that cannot be used here (other types, other uses) are left out. InvalidInput when it is no JWK set.
Result<std::vector<PublicKey>> parse_jwk_set(std::string_view text);

// A compact JWS over `claims` (JSON text, taken as it is) with the header {"alg","kid","typ"}.
Result<std::string> sign_jwt(const SigningKey& key, std::string_view claims, std::string_view type = "JWT");

// What a token says of itself, with nothing verified: enough to find the keys that verify it.
struct ClaimedJwt {
    std::string kid;     // or empty
    std::string claims;  // JSON text
};
// InvalidIdentityToken: malformed.
Result<ClaimedJwt> read_unverified_jwt(std::string_view token);

struct VerifiedJwt {
    std::string claims;  // JSON text; exp, nbf, aud and iss are the caller's to check
    std::string type;    // header member `typ`, or empty
    std::string kid;     // of the key that verified it
};
// Refuses (code InvalidIdentityToken) anything malformed, another algorithm than the key's, unknown `crit` members
// (RFC 7515 4.1.11) and wrong signatures. A token with a kid is tried against the keys of that kid only.
Result<VerifiedJwt> verify_jwt(std::string_view token, std::span<const PublicKey> keys);

}  // namespace sekisho::crypto
