#pragma once
// Security keys and passkeys at sign-in: what a browser is asked (navigator.credentials, in JSON) and what it answers.
// The verification itself is crypto/webauthn.h's.
#include <string>
#include <string_view>
#include <vector>

#include "crypto/webauthn.h"
#include "domain/directory.h"
#include "operation/call.h"

namespace sekisho::control_service {

// The relying party is the host of the public URL, whatever port it is at. Browsers refuse addresses as such: a server
// whose public URL names an address has no security keys.
crypto::WebauthnCeremony ceremony_of(const operation::Call& call, std::string_view challenge);

// PublicKeyCredentialCreationOptionsJSON. `known`: keys that are not to be registered again.
std::string creation_options(const operation::Call& call, std::string_view challenge, const domain::Person& person,
                             const std::vector<domain::MfaDevice>& known);
// PublicKeyCredentialRequestOptionsJSON. Without devices: of a passkey, which must verify its user.
std::string request_options(const operation::Call& call, std::string_view challenge,
                            const std::vector<domain::MfaDevice>& devices);

// A PublicKeyCredential in JSON, read; texts are decoded. Of a registration or of a sign-in.
struct CredentialAnswer {
    std::string credential_id;
    std::string client_data;
    std::string attestation_object;
    std::string authenticator_data;
    std::string signature;
    std::string user_handle;
    std::vector<std::string> transports;
    bool is_discoverable = false;
};
// InvalidWebauthn: not such a value.
Result<CredentialAnswer> read_credential(std::string_view json);

// An accepted answer uses its challenge up (a refused one is counted as a failed try). False: it was used up before.
Result<bool> use_challenge(operation::Call& call, std::string_view challenge, Time expires_at);

}  // namespace sekisho::control_service
