#pragma once
// A security key made of software, for tests: answers as an authenticator and its browser do, or with the tricks that
// its fields set.
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/jose.h"
#include "crypto/webauthn.h"

namespace sekisho::crypto {

inline std::string cbor_head(int major, std::size_t argument) {
    const auto first = [major](int low) { return static_cast<char>(major << 5 | low); };
    if (argument < 24) return {first(static_cast<int>(argument))};
    if (argument < 256) return {first(24), static_cast<char>(argument)};
    return {first(25), static_cast<char>(argument >> 8), static_cast<char>(argument & 255)};
}
inline std::string cbor_bytes(std::string_view bytes) {
    return cbor_head(2, bytes.size()) + std::string(bytes);
}
inline std::string cbor_text(std::string_view text) {
    return cbor_head(3, text.size()) + std::string(text);
}
inline std::string cbor_integer(std::int64_t value) {
    return value < 0 ? cbor_head(1, static_cast<std::size_t>(-1 - value))
                     : cbor_head(0, static_cast<std::size_t>(value));
}

struct TestAuthenticator {
    static constexpr unsigned char present = 0x01, verified = 0x04, can_back_up = 0x08, has_credential = 0x40;

    SigningKey key = *SigningKey::generate_p256();
    std::string credential_id = "credential-id-16";
    std::string user_handle;  // of a passkey
    std::uint32_t sign_count = 1;
    unsigned char flags = present | verified;
    // What the browser says.
    std::string origin = "https://localhost:7443";
    std::string rp_id = "localhost";
    std::string type;  // empty: the right one
    std::string more_client_data;

    std::string cose_key() const {
        const auto jwk = *parse_json(key.public_key().to_jwk());
        const auto number = [&](std::string_view name) { return *decode_base64url(*sekisho::find_text(jwk, name)); };
        return cbor_head(5, 5) + cbor_integer(1) + cbor_integer(2) + cbor_integer(3) + cbor_integer(cose_es256) +
               cbor_integer(-1) + cbor_integer(1) + cbor_integer(-2) + cbor_bytes(number("x")) + cbor_integer(-3) +
               cbor_bytes(number("y"));
    }
    std::string client_data(std::string_view right_type, std::string_view challenge) const {
        return "{\"type\":\"" + (type.empty() ? std::string(right_type) : type) + "\",\"challenge\":\"" +
               encode_base64url(challenge) + "\",\"origin\":\"" + origin + "\"" + more_client_data + "}";
    }
    std::string authenticator_data(unsigned char set_flags) const {
        std::string data = sha256(rp_id).str();
        data += static_cast<char>(set_flags);
        for (int shift = 24; shift >= 0; shift -= 8) data += static_cast<char>(sign_count >> shift & 255U);
        return data;
    }

    struct Registration {
        std::string client_data;
        std::string attestation_object;
    };
    Registration create(std::string_view challenge) const {
        std::string data = authenticator_data(flags | has_credential);
        data += std::string(16, '\0');
        data += static_cast<char>(credential_id.size() >> 8);
        data += static_cast<char>(credential_id.size() & 255U);
        data += credential_id + cose_key();
        return {.client_data = client_data("webauthn.create", challenge),
                .attestation_object = cbor_head(5, 3) + cbor_text("fmt") + cbor_text("none") + cbor_text("attStmt") +
                                      cbor_head(5, 0) + cbor_text("authData") + cbor_bytes(data)};
    }
    struct Assertion {
        std::string client_data;
        std::string authenticator_data;
        std::string signature;
        AssertionResponse view() const {
            return {.client_data = client_data, .authenticator_data = authenticator_data, .signature = signature};
        }
    };
    Assertion get(std::string_view challenge) const {
        Assertion made{.client_data = client_data("webauthn.get", challenge),
                       .authenticator_data = authenticator_data(flags),
                       .signature = {}};
        made.signature = sign(made.authenticator_data + sha256(made.client_data).str());
        return made;
    }
    // ECDSA-Sig-Value in DER (RFC 3279, 2.2.3).
    std::string sign(std::string_view message) const {
        const std::string raw = *key.sign(message);
        const auto number = [](std::string_view bytes) {
            while (bytes.size() > 1 && bytes[0] == 0) bytes.remove_prefix(1);
            std::string value(bytes);
            if ((static_cast<unsigned char>(value[0]) & 0x80U) != 0) value.insert(0, 1, '\0');
            return std::string{2, static_cast<char>(value.size())} + value;
        };
        const std::string both = number(raw.substr(0, 32)) + number(raw.substr(32));
        return std::string{0x30, static_cast<char>(both.size())} + both;
    }

    // As navigator.credentials gives them, in JSON (Level 3, 5.1: RegistrationResponseJSON).
    std::string create_json(std::string_view challenge) const {
        const auto made = create(challenge);
        return "{\"id\":\"" + encode_base64url(credential_id) + "\",\"rawId\":\"" + encode_base64url(credential_id) +
               "\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" + encode_base64url(made.client_data) +
               "\",\"attestationObject\":\"" + encode_base64url(made.attestation_object) +
               "\",\"transports\":[\"usb\",\"nfc\"]},\"clientExtensionResults\":{\"credProps\":{\"rk\":" +
               (user_handle.empty() ? "false" : "true") + "}}}";
    }
    std::string get_json(std::string_view challenge) const {
        const auto made = get(challenge);
        return "{\"id\":\"" + encode_base64url(credential_id) + "\",\"rawId\":\"" + encode_base64url(credential_id) +
               "\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"" + encode_base64url(made.client_data) +
               "\",\"authenticatorData\":\"" + encode_base64url(made.authenticator_data) + "\",\"signature\":\"" +
               encode_base64url(made.signature) + "\"" +
               (user_handle.empty() ? "" : ",\"userHandle\":\"" + encode_base64url(user_handle) + "\"") +
               "},\"clientExtensionResults\":{}}";
    }
};

}  // namespace sekisho::crypto
