// The consent pages: a device's code (RFC 8628 3.3) and a client's request for a code (RFC 6749 4.1.1 with RFC 7636).
#include <algorithm>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "domain/applications.h"
#include "domain/oidc_client.h"
#include "domain/sessions.h"
#include "services/sekisho/failures.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

// As typed: lower case, spaces and a missing hyphen are forgiven (RFC 8628 6.1).
std::string normal_user_code(std::string_view typed) {
    std::string code;
    for (char c : typed) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        if (c >= 'A' && c <= 'Z') code += c;
    }
    return code.size() == 8 ? code.substr(0, 4) + "-" + code.substr(4) : code;
}

// The grant that a person may decide on. Wrong codes count against the address: codes are short (RFC 8628 5.1).
Result<domain::DeviceGrant> find_device_grant(Call& call, const std::string& typed) {
    const auto& address = call.facts.source_address;
    SEK_TRY(check_address_lock(call, address));
    SEK_TRY(auto grant,
            domain::device_grants.get_by(call.tx, domain::device_grants_by_user_code, normal_user_code(typed)));
    if (!grant || grant->identity_store_id != call.caller.root.identity_store_id) {
        SEK_TRY(count_address_failure(call, address));
        return control::errors::resource_not_found_exception("The code is not known. Compare it with the one shown.");
    }
    if (grant->expires_at <= call.now) {
        return control::errors::expired_token_exception("The code has ended. Start again on your device.");
    }
    return std::move(*grant);
}

Result<control::DescribeDeviceAuthorizationResponse> describe_device_authorization(
    Call& call, const control::DescribeDeviceAuthorizationRequest& request) {
    SEK_TRY(auto grant, find_device_grant(call, request.user_code));
    if (grant.state != "pending") {
        return control::errors::expired_token_exception("This request was answered already.");
    }
    control::DescribeDeviceAuthorizationResponse response;
    response.client_name = grant.client_name;
    response.scopes = grant.scopes;
    response.source_address = grant.source_address;
    response.created_date = grant.created_at;
    response.expires_date = grant.expires_at;
    return response;
}

Result<control::DecideDeviceAuthorizationResponse> decide_device_authorization(
    Call& call, const control::DecideDeviceAuthorizationRequest& request) {
    SEK_TRY(auto grant, find_device_grant(call, request.user_code));
    if (grant.state != "pending") {
        return control::errors::conflict_exception("This request was answered already.");
    }
    const bool allowed = request.decision == control::AuthorizationDecision::allow;
    grant.state = allowed ? "allowed" : "denied";
    if (allowed) {
        grant.session_id = call.caller.root.sign_in_session_id;
        grant.person_id = call.caller.root.person_id;
    }
    SEK_TRY(domain::device_grants.put(call.tx, grant));
    return control::DecideDeviceAuthorizationResponse{.client_name = grant.client_name};
}

ApiError refuse(std::string_view text) {
    return control::errors::validation_exception(std::string(text));
}

// Who asks: a public client, by the registration that its id is; or an application, by its ARN.
struct Asker {
    domain::ClientRegistration client;
    std::optional<domain::Application> application;
};

Result<Asker> find_asker(const Call& call, const std::string& client_id) {
    if (!client_id.starts_with("arn:")) {
        const auto plain = call.environment.tokens->open_sealed(domain::client_id_purpose, client_id);
        if (!plain) return refuse("The client is not known.");
        Asker asker;
        SEK_TRY(asker.client, domain::decode_client_registration(*plain));
        if (asker.client.expires_at <= call.now) return refuse("The client's registration has ended.");
        return asker;
    }
    SEK_TRY(auto application, domain::applications.get(call.tx, client_id));
    if (!application || !application->enabled) return refuse("The application is not known, or it is switched off.");
    auto client = domain::client_of(*application);
    return Asker{.client = std::move(client), .application = std::move(application)};
}

// RFC 7636 4.3. An application proves itself by its signature when it redeems the code; it need not bring a challenge.
template <class Request>
Result<void> check_challenge(const Asker& asker, const Request& request) {
    const auto& challenge = request.code_challenge.value_or("");
    if (asker.application && challenge.empty() && !request.code_challenge_method) return {};
    if (request.code_challenge_method.value_or("") == "S256" && challenge.size() == 43 && decode_base64url(challenge)) {
        return {};
    }
    return refuse("A code challenge of method S256 is required.");
}

// What is wrong with a client or its redirect must never be told by a redirect (RFC 6749 4.1.2.1): both pages show it.
template <class Request>
Result<Asker> check_request(const Call& call, const Request& request) {
    SEK_TRY(auto asker, find_asker(call, request.client_id));
    const auto& client = asker.client;
    if (!domain::matches_redirect_uri(client, request.redirect_uri)) {
        return refuse("The redirect URI is not one that the client has registered.");
    }
    if (request.response_type.value_or("code") != "code") return refuse("Only response_type code is supported.");
    if (!domain::allows_grant(client, domain::authorization_code_grant)) {
        return refuse("The client is not registered for this grant.");
    }
    SEK_TRY(check_challenge(asker, request));
    for (const auto& scope : request.scopes.value_or(std::vector<std::string>())) {
        if (std::ranges::find(client.scopes, scope) == client.scopes.end()) {
            return refuse("The client has not registered the scope that it asks for.");
        }
    }
    return asker;
}

// An application is for those of its own identity store to whom it is assigned.
Result<void> check_assignment(const Call& call, const Asker& asker) {
    if (!asker.application) return {};
    const auto& root = call.caller.root;
    SEK_TRY(const auto center, domain::identity_centers.get(call.tx, asker.application->instance_arn));
    if (center && center->identity_store_id == root.identity_store_id) {
        SEK_TRY(const bool may,
                domain::may_sign_in_to(call.tx, *asker.application, center->identity_store_id, *root.person_id));
        if (may) return {};
    }
    return control::errors::access_denied_exception("The application is not assigned to you.");
}

template <class Request>
std::vector<std::string> scopes_of(const domain::ClientRegistration& client, const Request& request) {
    return request.scopes && !request.scopes->empty() ? *request.scopes : client.scopes;
}

Result<control::DescribeAuthorizationRequestResponse> describe_authorization_request(
    Call& call, const control::DescribeAuthorizationRequestRequest& request) {
    SEK_TRY(const auto asker, check_request(call, request));
    const auto& client = asker.client;
    control::DescribeAuthorizationRequestResponse response;
    response.client_name = client.name;
    response.scopes = scopes_of(client, request);
    response.redirect_uri = request.redirect_uri;
    return response;
}

Result<control::DecideAuthorizationRequestResponse> decide_authorization_request(
    Call& call, const control::DecideAuthorizationRequestRequest& request) {
    SEK_TRY(const auto asker, check_request(call, request));
    const auto& client = asker.client;
    std::string answer = request.redirect_uri + (request.redirect_uri.contains('?') ? "&" : "?");
    if (request.decision == control::AuthorizationDecision::allow) {
        SEK_TRY(check_assignment(call, asker));
        const auto code = encode_base64url(random_bytes(call.random, 32));
        SEK_TRY(
            domain::code_grants.put(call.tx, {.code_hash = access::hash_of_secret(code),
                                              .client_id = access::hash_of_secret(request.client_id),
                                              .redirect_uri = request.redirect_uri,
                                              .code_challenge = request.code_challenge.value_or(""),
                                              .scopes = scopes_of(client, request),
                                              .session_id = *call.caller.root.sign_in_session_id,
                                              .person_id = *call.caller.root.person_id,
                                              .expires_at = call.now + seconds(limits::authorization_code_seconds),
                                              .refreshes = domain::allows_grant(client, domain::refresh_token_grant)}));
        answer += "code=" + code;
    } else {
        answer += "error=access_denied&error_description=The%20request%20was%20denied.";
    }
    if (request.state) answer += "&state=" + encode_uri(*request.state);
    return control::DecideAuthorizationRequestResponse{.redirect_to = std::move(answer)};
}

}  // namespace

const operation::OperationTable authorization_operations = {
    operation::operation<control::DescribeDeviceAuthorization>(
        {.access = Access::read, .resources = operation::any_person, .handle = describe_device_authorization}),
    operation::operation<control::DecideDeviceAuthorization>(
        {.access = Access::write, .resources = operation::any_person, .handle = decide_device_authorization}),
    operation::operation<control::DescribeAuthorizationRequest>(
        {.access = Access::read, .resources = operation::anyone, .handle = describe_authorization_request}),
    operation::operation<control::DecideAuthorizationRequest>(
        {.access = Access::write, .resources = operation::any_person, .handle = decide_authorization_request}),
};

}  // namespace sekisho::control_service
