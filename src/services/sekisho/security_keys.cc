#include "services/sekisho/security_keys.h"

#include <algorithm>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "domain/sessions.h"

namespace sekisho::control_service {
namespace {

constexpr std::string_view known_transports[] = {"usb", "nfc", "ble", "smart-card", "hybrid", "internal"};
constexpr std::int64_t timeout_milliseconds = 5 * 60 * 1000;

std::string_view authority_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find('/'));
}

void write_descriptors(JsonWriter& json, const std::vector<domain::MfaDevice>& devices) {
    json.begin_array();
    for (const auto& device : devices) {
        if (device.kind != domain::MfaKind::security_key) continue;
        json.begin_object().member("type", "public-key").member("id", encode_base64url(device.credential_id));
        json.name("transports").begin_array();
        for (const auto& transport : device.transports) json.text(transport);
        json.end_array().end_object();
    }
    json.end_array();
}

ApiError malformed() {
    return {.code = "InvalidWebauthn",
            .message = "The security key's answer is not valid.",
            .cause = "not a public key credential in JSON"};
}

}  // namespace

crypto::WebauthnCeremony ceremony_of(const operation::Call& call, std::string_view challenge) {
    const std::string_view url = call.environment.public_url;
    const auto authority = authority_of(url);
    // An origin leaves its scheme's own port out (RFC 6454, 6.2).
    constexpr std::string_view default_port = ":443";
    const bool has_default = authority.ends_with(default_port);
    return {.rp_id = std::string(authority.substr(0, authority.rfind(':'))),
            .origin = std::string(has_default ? url.substr(0, url.size() - default_port.size()) : url),
            .challenge = std::string(challenge)};
}

std::string creation_options(const operation::Call& call, std::string_view challenge, const domain::Person& person,
                             const std::vector<domain::MfaDevice>& known) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.name("rp").begin_object().member("id", ceremony_of(call, challenge).rp_id).member("name", "Sekisho");
    json.end_object();
    json.name("user").begin_object().member("id", encode_base64url(person.id.str()));
    json.member("name", person.user_name).member("displayName", person.display_name).end_object();
    json.member("challenge", encode_base64url(challenge)).member("timeout", timeout_milliseconds);
    json.name("pubKeyCredParams").begin_array();
    for (const int algorithm : {crypto::cose_es256, crypto::cose_eddsa, crypto::cose_rs256}) {
        json.begin_object().member("type", "public-key").member("alg", algorithm).end_object();
    }
    json.end_array();
    json.name("excludeCredentials");
    write_descriptors(json, known);
    json.name("authenticatorSelection").begin_object();
    json.member("residentKey", "preferred").member("userVerification", "preferred").end_object();
    json.member("attestation", "none");
    json.name("extensions").begin_object().member("credProps", true).end_object();
    json.end_object();
    return out;
}

std::string request_options(const operation::Call& call, std::string_view challenge,
                            const std::vector<domain::MfaDevice>& devices) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("rpId", ceremony_of(call, challenge).rp_id);
    json.member("challenge", encode_base64url(challenge)).member("timeout", timeout_milliseconds);
    json.name("allowCredentials");
    write_descriptors(json, devices);
    json.member("userVerification", devices.empty() ? "required" : "preferred").end_object();
    return out;
}

Result<CredentialAnswer> read_credential(std::string_view text) {
    if (text.size() > limits::webauthn_response_bytes_max) return malformed();
    const auto value = parse_json(text);
    if (!value || find_text(*value, "type") != "public-key") return malformed();
    const auto* response = find(*value, "response");
    if (response == nullptr) return malformed();
    const auto decode = [](const json::value& from, std::string_view name, std::string& to) {
        const auto encoded = find_text(from, name);
        if (!encoded) return true;
        auto bytes = decode_base64url(*encoded);
        if (bytes) to = std::move(*bytes);
        return bytes.has_value();
    };
    CredentialAnswer answer;
    if (!decode(*value, "rawId", answer.credential_id) || !decode(*response, "clientDataJSON", answer.client_data) ||
        !decode(*response, "attestationObject", answer.attestation_object) ||
        !decode(*response, "authenticatorData", answer.authenticator_data) ||
        !decode(*response, "signature", answer.signature) || !decode(*response, "userHandle", answer.user_handle)) {
        return malformed();
    }
    if (answer.credential_id.empty() || answer.client_data.empty()) return malformed();
    if (const auto* transports = find(*response, "transports"); transports != nullptr && transports->is_array()) {
        for (const auto known : known_transports) {
            if (std::ranges::find(transports->get_array(), json::value(known)) != transports->get_array().end()) {
                answer.transports.emplace_back(known);
            }
        }
    }
    if (const auto* extensions = find(*value, "clientExtensionResults")) {
        const auto* properties = find(*extensions, "credProps");
        const auto* resident = properties != nullptr ? find(*properties, "rk") : nullptr;
        answer.is_discoverable = resident != nullptr && resident->is_bool() && resident->get_bool();
    }
    return answer;
}

Result<bool> use_challenge(operation::Call& call, std::string_view challenge, Time expires_at) {
    const auto hash = access::hash_of_secret(challenge);
    SEK_TRY(const auto used, domain::used_challenges.get(call.tx, hash));
    if (used) return false;
    SEK_TRY(domain::used_challenges.put(call.tx, {.challenge_hash = hash, .expires_at = expires_at}));
    return true;
}

}  // namespace sekisho::control_service
