#pragma once
// Security keys and passkeys: what a browser's authenticator answers, verified (W3C Web Authentication Level 3,
// sections 7.1 "Registering a New Credential" and 7.2 "Verifying an Authentication Assertion"). Pure. ES256, EdDSA
// (Ed25519) and RS256 keys. Attestation is not asked for, and a statement about the maker is not looked at.
//
// OpenSSL and a strict reader of our own (cbor.h), not libfido2: that library speaks to USB devices; of what is here it
// verifies the signature alone, leaves challenge, origin and type to its caller, refuses registrations without
// attestation, and brings libcbor and libudev into the process that faces the network.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::crypto {

// What this sign-in or registration asked for.
struct WebauthnCeremony {
    std::string rp_id;      // the host of our pages: "localhost"
    std::string origin;     // "https://localhost:7443"
    std::string challenge;  // bytes
    bool needs_user_verification = false;
};

struct WebauthnRegistration {
    std::string credential_id;
    std::string public_key;  // COSE_Key, for StoredCredential
    std::int64_t sign_count = 0;
    bool user_verified = false;
    bool can_back_up = false;  // a passkey that is synced between devices
};

struct StoredCredential {
    std::string_view public_key;
    std::int64_t sign_count = 0;
    bool can_back_up = false;
};
struct WebauthnAssertion {
    std::int64_t sign_count = 0;  // to be stored
    bool user_verified = false;
};

inline constexpr std::size_t credential_id_bytes_max = 1023;  // 7.1, step 25
inline constexpr int cose_es256 = -7;                         // RFC 9053, 2.1
inline constexpr int cose_eddsa = -8;
inline constexpr int cose_rs256 = -257;  // RFC 8812, 2

// Errors of both: InvalidWebauthn, whose cause says for the log what was wrong. The texts are the browser's
// base64url-decoded bytes.
Result<WebauthnRegistration> verify_registration(const WebauthnCeremony& ceremony, std::string_view client_data,
                                                 std::string_view attestation_object);
struct AssertionResponse {
    std::string_view client_data;
    std::string_view authenticator_data;
    std::string_view signature;
};
Result<WebauthnAssertion> verify_assertion(const WebauthnCeremony& ceremony, const StoredCredential& credential,
                                           const AssertionResponse& response);

}  // namespace sekisho::crypto
