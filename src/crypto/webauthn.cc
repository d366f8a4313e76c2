#include "crypto/webauthn.h"

#include <optional>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/cbor.h"
#include "crypto/digest.h"
#include "crypto/equal.h"
#include "crypto/openssl.h"

namespace sekisho::crypto {
namespace {

constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t aaguid_bytes = 16;
constexpr std::size_t modulus_bytes_min = 256;  // RSA of 2048 bits
constexpr std::size_t modulus_bytes_max = 512;
constexpr std::size_t client_data_bytes_max = 4096;

ApiError invalid(std::string cause) {
    return {.code = "InvalidWebauthn", .message = "The security key's answer is not valid.", .cause = std::move(cause)};
}

// Steps 7 to 12 of 7.1, 11 to 14 of 7.2.
Result<void> check_client_data(const WebauthnCeremony& ceremony, std::string_view text, std::string_view type) {
    if (text.size() > client_data_bytes_max) return invalid("client data: too long");
    const auto data = parse_json(text);
    if (!data) return invalid("client data: not JSON");
    if (sekisho::find_text(*data, "type") != type) return invalid("client data: another type");
    const auto challenge = decode_base64url(sekisho::find_text(*data, "challenge").value_or(""));
    if (ceremony.challenge.empty() || !challenge || !equal(*challenge, ceremony.challenge)) {
        return invalid("client data: another challenge");
    }
    if (sekisho::find_text(*data, "origin") != ceremony.origin) return invalid("client data: another origin");
    // In a frame of another site's page: our pages allow no frames, so nobody honest gets here.
    const auto* cross = find(*data, "crossOrigin");
    if ((cross != nullptr && !(cross->is_bool() && !cross->get_bool())) || find(*data, "topOrigin") != nullptr) {
        return invalid("client data: framed by another origin");
    }
    return {};
}

// 6.1 "Authenticator Data".
struct AuthenticatorData {
    bool user_verified = false;
    bool can_back_up = false;
    std::int64_t sign_count = 0;
    std::string_view credential_id;
    std::string_view public_key;
};

std::uint32_t read_big_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
    return value;
}

Result<void> read_attested_credential(std::string_view& rest, AuthenticatorData& data) {
    if (rest.size() < aaguid_bytes + 2) return invalid("authenticator data: cut off");
    rest.remove_prefix(aaguid_bytes);
    const std::size_t id_bytes = read_big_endian(rest.substr(0, 2));
    rest.remove_prefix(2);
    if (id_bytes == 0 || id_bytes > credential_id_bytes_max || id_bytes > rest.size()) {
        return invalid("authenticator data: length of the credential id");
    }
    data.credential_id = rest.substr(0, id_bytes);
    rest.remove_prefix(id_bytes);
    const auto before = rest;
    if (!read_cbor_map(rest)) return invalid("authenticator data: malformed key");
    data.public_key = before.substr(0, before.size() - rest.size());
    return {};
}

Result<AuthenticatorData> read_authenticator_data(const WebauthnCeremony& ceremony, std::string_view bytes,
                                                  bool has_credential) {
    constexpr std::size_t fixed_bytes = 32 + 1 + 4;
    if (bytes.size() < fixed_bytes) return invalid("authenticator data: cut off");
    if (!equal(bytes.substr(0, 32), sha256(ceremony.rp_id).view())) {
        return invalid("authenticator data: another relying party");
    }
    const auto flags = static_cast<unsigned char>(bytes[32]);
    const bool is_backed_up = (flags & 0x10U) != 0;
    AuthenticatorData data{.user_verified = (flags & 0x04U) != 0,
                           .can_back_up = (flags & 0x08U) != 0,
                           .sign_count = read_big_endian(bytes.substr(33, 4)),
                           .credential_id = {},
                           .public_key = {}};
    if ((flags & 0x01U) == 0) return invalid("authenticator data: nobody was present");
    if (ceremony.needs_user_verification && !data.user_verified) {
        return invalid("authenticator data: the user was not verified");
    }
    if (is_backed_up && !data.can_back_up) return invalid("authenticator data: backed up without being able to");
    if (((flags & 0x40U) != 0) != has_credential) return invalid("authenticator data: attested credential");
    auto rest = bytes.substr(fixed_bytes);
    if (has_credential) SEK_TRY(read_attested_credential(rest, data));
    if ((flags & 0x80U) != 0 && !read_cbor_map(rest)) return invalid("authenticator data: malformed extensions");
    if (!rest.empty()) return invalid("authenticator data: bytes after its end");
    return data;
}

struct CoseKey {
    OwnedKey key;
    bool hashes = true;  // SHA-256 before the signature; Ed25519 hashes itself
};

// RFC 9052, 7; RFC 9053, 7; RFC 8230, 4. Private members and unknown ones are refused with the key.
std::optional<CoseKey> parse_cose_key(std::string_view text) {
    const auto map = read_cbor_map(text);
    if (!map || !text.empty()) return {};
    const auto* type = find_integer(*map, 1);
    const auto* algorithm = find_integer(*map, 3);
    if (type == nullptr || algorithm == nullptr) return {};
    if (*algorithm == cose_rs256) {
        const auto* n = find_bytes(*map, -1);
        const auto* e = find_bytes(*map, -2);
        const bool is_rsa = *type == 3 && map->size() == 4 && n != nullptr && e != nullptr;
        if (!is_rsa || n->value.size() < modulus_bytes_min || n->value.size() > modulus_bytes_max) return {};
        // 65537 is what authenticators use; a small exponent, or a modulus that is shorter than its bytes, is none.
        if (e->value != std::string_view("\x01\x00\x01", 3) || (static_cast<unsigned char>(n->value[0]) & 0x80U) == 0) {
            return {};
        }
        return CoseKey{.key = rsa_key(n->value, e->value)};
    }
    const auto* curve = find_integer(*map, -1);
    const auto* x = find_bytes(*map, -2);
    if (curve == nullptr || x == nullptr || x->value.size() != coordinate_bytes) return {};
    if (*algorithm == cose_eddsa) {
        if (*type != 1 || *curve != 6 || map->size() != 4) return {};
        return CoseKey{.key = OwnedKey(
                           EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x->value), x->value.size())),
                       .hashes = false};
    }
    const auto* y = find_bytes(*map, -3);
    if (*algorithm != cose_es256 || *type != 2 || *curve != 1 || map->size() != 5) return {};
    if (y == nullptr || y->value.size() != coordinate_bytes) return {};
    return CoseKey{.key = p256_key(x->value, y->value)};
}

bool has_signed(const CoseKey& key, std::string_view message, std::string_view signature) {
    const OwnedDigestContext context(EVP_MD_CTX_new());
    require(context != nullptr);
    const bool is_right =
        EVP_DigestVerifyInit(context.get(), nullptr, key.hashes ? fetched_sha256() : nullptr, nullptr, key.key.get()) ==
            1 &&
        EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
    ERR_clear_error();
    return is_right;
}

}  // namespace

Result<WebauthnRegistration> verify_registration(const WebauthnCeremony& ceremony, std::string_view client_data,
                                                 std::string_view attestation_object) {
    SEK_TRY(check_client_data(ceremony, client_data, "webauthn.create"));
    const auto object = read_cbor_map(attestation_object);
    if (!object || !attestation_object.empty()) return invalid("attestation object: malformed");
    const auto* authenticator_data = find_bytes(*object, "authData");
    if (authenticator_data == nullptr || find_text(*object, "fmt") == nullptr) {
        return invalid("attestation object: incomplete");
    }
    SEK_TRY(const auto data, read_authenticator_data(ceremony, authenticator_data->value, true));
    const auto key = parse_cose_key(data.public_key);
    ERR_clear_error();
    if (!key || !key->key) return invalid("authenticator data: key of another kind");
    return WebauthnRegistration{.credential_id = std::string(data.credential_id),
                                .public_key = std::string(data.public_key),
                                .sign_count = data.sign_count,
                                .user_verified = data.user_verified,
                                .can_back_up = data.can_back_up};
}

Result<WebauthnAssertion> verify_assertion(const WebauthnCeremony& ceremony, const StoredCredential& credential,
                                           const AssertionResponse& response) {
    SEK_TRY(check_client_data(ceremony, response.client_data, "webauthn.get"));
    SEK_TRY(const auto data, read_authenticator_data(ceremony, response.authenticator_data, false));
    // 7.2, step 18: whether a credential can be backed up never changes.
    if (data.can_back_up != credential.can_back_up) return invalid("authenticator data: another backup eligibility");
    const auto key = parse_cose_key(credential.public_key);
    if (!key || !key->key) return invalid("the stored key does not parse");
    const std::string message = std::string(response.authenticator_data) + sha256(response.client_data).str();
    if (!has_signed(*key, message, response.signature)) return invalid("wrong signature");
    // 6.1.1: an authenticator that counts never stands still nor goes back; one that does was copied.
    const bool counts = data.sign_count != 0 || credential.sign_count != 0;
    if (counts && data.sign_count <= credential.sign_count) return invalid("the signature counter went back");
    return WebauthnAssertion{.sign_count = data.sign_count, .user_verified = data.user_verified};
}

}  // namespace sekisho::crypto
