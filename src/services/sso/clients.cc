// RegisterClient and StartDeviceAuthorization (RFC 8628 3.1, 3.2).
#include <algorithm>
#include <array>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/equal.h"
#include "domain/cidr.h"
#include "domain/portal.h"
#include "domain/sessions.h"
#include "services/sso/oidc_error.h"
#include "services/sso/registered_client.h"
#include "services/sso/service.h"

namespace sekisho::sso_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::array grant_types_known = {domain::device_code_grant, domain::authorization_code_grant,
                                          domain::refresh_token_grant};

Result<void> check_registration(Call& call, const sso_oidc::RegisterClientRequest& request) {
    if (request.client_type != "public") {
        return oidc_error(sso_oidc::errors::invalid_client_metadata_exception, "invalid_client_metadata",
                          "Only the client type public is supported.");
    }
    for (const auto& scope : request.scopes.value_or(std::vector<std::string>())) {
        if (scope != domain::account_access_scope) {
            return oidc_error(sso_oidc::errors::invalid_scope_exception, "invalid_scope",
                              "The scope " + scope + " is not known.");
        }
    }
    for (const auto& grant : request.grant_types.value_or(std::vector<std::string>())) {
        if (std::ranges::find(grant_types_known, grant) == grant_types_known.end()) {
            return oidc_error(sso_oidc::errors::unsupported_grant_type_exception, "unsupported_grant_type",
                              "The grant type " + grant + " is not supported.");
        }
    }
    for (const auto& uri : request.redirect_uris.value_or(std::vector<std::string>())) {
        if (!domain::is_loopback_redirect_uri(uri)) {
            return oidc_error(sso_oidc::errors::invalid_redirect_uri_exception, "invalid_redirect_uri",
                              "Redirect URIs must be http on a loopback address.");
        }
    }
    if (!request.issuer_url) return {};
    SEK_TRY(const auto center,
            domain::identity_center_of_start_url(call.tx, call.environment.public_url, *request.issuer_url));
    if (!center) return invalid_request("The issuer URL is not one of this portal.");
    return {};
}

Result<sso_oidc::RegisterClientResponse> register_client(Call& call, const sso_oidc::RegisterClientRequest& request) {
    SEK_TRY(check_registration(call, request));
    const domain::ClientRegistration registration{
        .name = request.client_name,
        .scopes = request.scopes.value_or(std::vector<std::string>()),
        .grant_types = request.grant_types.value_or(std::vector<std::string>()),
        .redirect_uris = request.redirect_uris.value_or(std::vector<std::string>()),
        .issued_at = call.now,
        .expires_at = call.now + seconds(limits::client_registration_seconds),
        .nonce = random_hex(call.random, 16)};
    SEK_TRY(const auto plain, domain::encode_client_registration(registration));
    const auto& tokens = *call.environment.tokens;
    auto id = tokens.seal(domain::client_id_purpose, plain);
    if (id.size() > limits::client_id_bytes_max) {
        return oidc_error(sso_oidc::errors::invalid_client_metadata_exception, "invalid_client_metadata",
                          "The registration is too large.");
    }
    sso_oidc::RegisterClientResponse response;
    response.client_secret = tokens.seal(domain::client_secret_purpose, client_secret_plain(id));
    response.client_id = std::move(id);
    response.client_id_issued_at = epoch_seconds(registration.issued_at);
    response.client_secret_expires_at = epoch_seconds(registration.expires_at);
    response.authorization_endpoint = call.environment.public_url + "/authorize";
    response.token_endpoint = call.environment.public_url + "/token";
    return response;
}

// RFC 8628 6.1: letters without vowels, so that no words come up.
std::string make_user_code(Random& random) {
    constexpr std::string_view alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    return random_text(random, 4, alphabet) + "-" + random_text(random, 4, alphabet);
}

Result<void> check_open_grants(Call& call, const std::string& address) {
    call.tx.read_guard(domain::device_grants_guard(address));
    SEK_TRY(const auto known, domain::device_grants.scan_by(call.tx, domain::device_grants_by_address,
                                                            store::key(domain::counted_address(address))));
    const auto open = std::ranges::count_if(known.items, [&](const domain::DeviceGrant& grant) {
        return grant.state == "pending" && grant.expires_at > call.now;
    });
    if (static_cast<std::size_t>(open) >= limits::device_grants_per_address_max) {
        return slow_down("Too many device authorizations are open. Wait until some have ended.");
    }
    return {};
}

Result<sso_oidc::StartDeviceAuthorizationResponse> start_device_authorization(
    Call& call, const sso_oidc::StartDeviceAuthorizationRequest& request) {
    SEK_TRY(const auto client, authenticate_client(call, request.client_id, request.client_secret));
    if (!domain::allows_grant(client.registration, domain::device_code_grant)) {
        return unauthorized_client("The client is not registered for the device grant.");
    }
    SEK_TRY(const auto center,
            domain::identity_center_of_start_url(call.tx, call.environment.public_url, request.start_url));
    if (!center) return invalid_request("The start URL is not one of this portal.");
    SEK_TRY(check_open_grants(call, call.facts.source_address));
    const auto device_code = encode_base64url(random_bytes(call.random, 32));
    auto user_code = make_user_code(call.random);
    for (;;) {
        SEK_TRY(const auto taken, domain::device_grants.get_by(call.tx, domain::device_grants_by_user_code, user_code));
        if (!taken) break;
        user_code = make_user_code(call.random);
    }
    SEK_TRY(domain::device_grants.put(
        call.tx, {.device_code_hash = access::hash_of_secret(device_code),
                  .user_code = user_code,
                  .client_id = client.id_hash,
                  .client_name = client.registration.name,
                  .scopes = client.registration.scopes,
                  .state = "pending",
                  .session_id = {},
                  .person_id = {},
                  .source_address = call.facts.source_address,
                  .last_polled_at = {},
                  .interval_seconds = limits::device_poll_seconds,
                  .created_at = call.now,
                  .expires_at = call.now + seconds(limits::device_code_seconds),
                  .identity_store_id = center->identity_store_id,
                  .refreshes = domain::allows_grant(client.registration, domain::refresh_token_grant)}));
    sso_oidc::StartDeviceAuthorizationResponse response;
    response.device_code = device_code;
    response.user_code = user_code;
    response.verification_uri = call.environment.public_url + "/device";
    response.verification_uri_complete = *response.verification_uri + "?user_code=" + user_code;
    response.expires_in = limits::device_code_seconds;
    response.interval = limits::device_poll_seconds;
    return response;
}

}  // namespace

std::string client_secret_plain(std::string_view client_id) {
    return access::hash_of_secret(client_id);
}

Result<RegisteredClient> authenticate_client(const Call& call, const std::string& client_id,
                                             const std::string& client_secret) {
    const auto& tokens = *call.environment.tokens;
    const auto plain = tokens.open_sealed(domain::client_id_purpose, client_id);
    const auto secret = tokens.open_sealed(domain::client_secret_purpose, client_secret);
    if (!plain || !secret || !crypto::equal(*secret, client_secret_plain(client_id))) {
        return invalid_client("The client id or secret is not valid.");
    }
    SEK_TRY(auto registration, domain::decode_client_registration(*plain));
    if (registration.expires_at <= call.now) return invalid_client("The client's registration has ended.");
    return RegisteredClient{std::move(registration), access::hash_of_secret(client_id)};
}

const operation::OperationTable client_operations = {
    operation::operation<sso_oidc::RegisterClient>(
        {.access = Access::read, .resources = operation::anyone, .handle = register_client}),
    operation::operation<sso_oidc::StartDeviceAuthorization>(
        {.access = Access::write, .resources = operation::anyone, .handle = start_device_authorization}),
};

}  // namespace sekisho::sso_service
