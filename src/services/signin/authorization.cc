// A command line asks, in the user's browser, for a code: OAuth 2.0 (RFC 6749 4.1) with PKCE (RFC 7636), for AWS's two
// public clients.
// https://docs.aws.amazon.com/signin/latest/APIReference/API_dataplane-signin_AuthorizeOAuth2Access.html
#include <algorithm>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "domain/login.h"
#include "models/signin.h"
#include "services/signin/service.h"

namespace sekisho::signin_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t state_bytes_max = 512;

ApiError refuse(std::string_view text) {
    return signin::errors::invalid_request_exception(std::string(text));
}

// "http://127.0.0.1:<port>/oauth/callback" and nothing else: never another host, whatever a browser makes of the text
// (RFC 8252 7.3, 8.3).
bool is_loopback_callback(std::string_view uri) {
    constexpr std::string_view before = "http://127.0.0.1:";
    constexpr std::string_view after = "/oauth/callback";
    if (!uri.starts_with(before) || !uri.ends_with(after) || uri.size() <= before.size() + after.size()) return false;
    const auto port = uri.substr(before.size(), uri.size() - before.size() - after.size());
    if (port.size() > 5 || port.front() == '0') return false;
    int number = 0;
    for (const char c : port) {
        if (c < '0' || c > '9') return false;
        number = 10 * number + (c - '0');
    }
    return number <= 65'535;
}

// Of the client on another device: our own page, by whatever name the client knows us. Nobody is ever sent there: the
// page itself shows the code, and the address is compared when the code is redeemed.
bool is_confirmation_page(std::string_view uri) {
    constexpr std::string_view scheme = "https://";
    constexpr std::string_view page = "/v1/sessions/confirmation";
    if (!uri.starts_with(scheme) || !uri.ends_with(page) || uri.size() <= scheme.size() + page.size()) return false;
    const auto host = uri.substr(scheme.size(), uri.size() - scheme.size() - page.size());
    return std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".-:[]").contains(c);
    });
}

// RFC 7636 4.3, SHA-256 only: AWS's clients write the method "SHA-256", the RFC "S256".
bool is_challenge(std::string_view method, const std::string& challenge) {
    if (method != "SHA-256" && method != "S256") return false;
    return challenge.size() == 43 && decode_base64url(challenge).has_value();
}

// What is wrong with a request is shown on our page and never told by a redirect (RFC 6749 4.1.2.1). True: for a client
// on another device.
template <class Request>
Result<bool> check_request(const Request& request) {
    const bool crosses = request.client_id == domain::cross_device_client;
    if (!crosses && request.client_id != domain::same_device_client) return refuse("The client is not known.");
    if (crosses ? !is_confirmation_page(request.redirect_uri) : !is_loopback_callback(request.redirect_uri)) {
        return refuse("The redirect URI is not one of this client.");
    }
    if (request.response_type != "code") return refuse("Only response_type code is supported.");
    if (request.scope != "openid") return refuse("Only the scope openid is supported.");
    const auto& state = request.state.value_or("");
    if (state.empty() || state.size() > state_bytes_max) return refuse("A state is required.");
    if (!is_challenge(request.code_challenge_method.value_or(""), request.code_challenge.value_or(""))) {
        return refuse("A code challenge of method SHA-256 is required.");
    }
    return crosses;
}

Result<signin::DescribeOAuth2AccessResponse> describe_access(Call&,
                                                             const signin::DescribeOAuth2AccessRequest& request) {
    SEK_TRY(const bool crosses, check_request(request));
    signin::DescribeOAuth2AccessResponse response{.cross_device = crosses, .redirect_uri = {}};
    if (!crosses) response.redirect_uri = request.redirect_uri;
    return response;
}

access::Permissions on_client(const Call& call, const signin::AuthorizeOAuth2AccessRequest& request) {
    return {{.resource = domain::public_client_arn(request.client_id, call.region(), call.account())}};
}

Result<signin::AuthorizeOAuth2AccessResponse> authorize_access(Call& call,
                                                               const signin::AuthorizeOAuth2AccessRequest& request) {
    SEK_TRY(const bool crosses, check_request(request));
    const auto& session = call.caller.root.sign_in_session_id;
    if (!session || !call.caller.access_key_id.empty()) return refuse("Only a signed-in user may allow this.");
    auto code = encode_base64url(random_bytes(call.random, 32));
    SEK_TRY(domain::login_codes.put(call.tx, {.code_hash = access::hash_of_secret(code),
                                              .session_id = *session,
                                              .client_id = request.client_id,
                                              .redirect_uri = request.redirect_uri,
                                              .code_challenge = *request.code_challenge,
                                              .expires_at = call.now + seconds(limits::authorization_code_seconds),
                                              .redeemed_as = {}}));
    return signin::AuthorizeOAuth2AccessResponse{.code = std::move(code), .cross_device = crosses};
}

}  // namespace

const operation::OperationTable authorization_operations = {
    operation::operation<signin::DescribeOAuth2Access>(
        {.access = Access::read, .resources = operation::any_signed_in, .handle = describe_access}),
    operation::operation<signin::AuthorizeOAuth2Access>(
        {.access = Access::write, .resources = on_client, .handle = authorize_access}),
};

}  // namespace sekisho::signin_service
