#include "operation/refusal.h"

#include <array>

#include "base/json.h"
#include "base/text.h"
#include "store/store.h"

namespace sekisho::operation {
namespace {

using wire::is_form;
using wire::Protocol;
using wire::SignatureFailure;

struct Named {
    std::string_view query;
    std::string_view json;  // awsJson and rest-json
};

Named name_of(SignatureFailure failure) {
    switch (failure) {
        case SignatureFailure::missing_token:
            return {"MissingAuthenticationToken", "MissingAuthenticationTokenException"};
        case SignatureFailure::incomplete_signature:
            return {"IncompleteSignature", "IncompleteSignatureException"};
        case SignatureFailure::invalid_key:
            return {"InvalidClientTokenId", "UnrecognizedClientException"};
        case SignatureFailure::expired_token:
            return {"ExpiredToken", "ExpiredTokenException"};
        default:
            return {"SignatureDoesNotMatch", "InvalidSignatureException"};
    }
}

// EC2 has names and statuses of its own.
ApiError ec2_authentication_error(const wire::SignatureError& error) {
    switch (error.failure) {
        case SignatureFailure::expired_token:
            return {.code = "RequestExpired", .message = "Request has expired."};
        case SignatureFailure::expired:
        case SignatureFailure::not_yet_current:
            return {.code = "RequestExpired", .message = error.message};
        case SignatureFailure::wrong_signature:
            return {.code = "SignatureDoesNotMatch", .message = error.message, .http_status = 403};
        default:
            return {.code = "AuthFailure",
                    .message = "AWS was not able to validate the provided access credentials",
                    .http_status = 401};
    }
}

std::string message_purpose(const AccountId& account) {
    return "authorization message " + account.str();
}

// {"items":[..]}: how AWS writes every list of these messages.
template <class Items, class Write>
void write_items(JsonWriter& writer, std::string_view name, const Items& items, Write write) {
    writer.name(name).begin_object().name("items").begin_array();
    for (const auto& item : items) write(item);
    writer.end_array().end_object();
}

}  // namespace

ApiError authentication_error(Protocol protocol, const wire::SignatureError& error) {
    if (protocol == Protocol::ec2_query) return ec2_authentication_error(error);
    const auto named = name_of(error.failure);
    const int query_status = error.failure == SignatureFailure::incomplete_signature ? 400 : 403;
    return {.code = std::string(is_form(protocol) ? named.query : named.json),
            .message = error.failure == SignatureFailure::missing_token && is_form(protocol)
                           ? "Request is missing Authentication Token"
                           : error.message,
            .http_status = is_form(protocol) ? query_status : 403};
}

ApiError liveness_error(Protocol protocol, access::Liveness liveness) {
    return authentication_error(
        protocol, wire::make_signature_error(liveness == access::Liveness::expired ? SignatureFailure::expired_token
                                                                                   : SignatureFailure::invalid_key));
}

ApiError access_denied(Protocol protocol, const access::Caller& caller, const access::Refusal& refusal) {
    const auto& permission = refusal.permission;
    std::string text = "User: " + caller.arn + " is not authorized to perform: " + permission.action;
    const auto& shown = permission.shown_resource.empty() ? permission.resource : permission.shown_resource;
    if (shown != "*") text += " on resource: " + shown;
    // AssumeRole names no kind of policy: the caller would learn of another account's trust policies.
    if (!permission.is_trust_policy && !refusal.reason.empty()) text += " " + refusal.reason;
    if (protocol == Protocol::ec2_query) {
        return {.code = "UnauthorizedOperation",
                .message = "You are not authorized to perform this operation. " + text,
                .http_status = 403};
    }
    return {.code = is_form(protocol) ? "AccessDenied" : "AccessDeniedException", .message = text, .http_status = 403};
}

std::string encode_authorization_message(const access::SessionTokens& tokens, const access::Caller& caller,
                                         const access::Refusal& refusal) {
    const auto& permission = refusal.permission;
    const auto& name = caller.kind == access::CallerKind::user ? caller.user_name : caller.session_name;
    const std::array<std::string, 0> none;
    std::string text;
    JsonWriter writer(text);
    writer.begin_object().member("allowed", false).member("explicitDeny", refusal.explicitly_denied);
    // Which statements decided is not kept with a refusal; AWS, too, leaves these empty for implicit denials.
    write_items(writer, "matchedStatements", none, [](const auto&) {});
    write_items(writer, "failures", none, [](const auto&) {});
    writer.name("context").begin_object();
    writer.name("principal").begin_object();
    writer.member("id", caller.user_id).member("name", name).member("arn", caller.arn).end_object();
    writer.member("action", permission.action).member("resource", permission.resource);
    write_items(writer, "conditions", permission.context, [&](const auto& condition) {
        writer.begin_object().member("key", condition.first);
        write_items(writer, "values", condition.second,
                    [&](const std::string& value) { writer.begin_object().member("value", value).end_object(); });
        writer.end_object();
    });
    writer.end_object().end_object();
    return tokens.seal(message_purpose(caller.account_id), text);
}

std::optional<std::string> decode_authorization_message(const access::SessionTokens& tokens, const AccountId& account,
                                                        std::string_view message) {
    return tokens.open_sealed(message_purpose(account), message);
}

ApiError not_implemented(const wire::OperationModel& model) {
    return {.code = is_form(model.service->protocol) ? "NotImplemented" : "NotImplementedException",
            .message = "Sekisho does not implement " + std::string(model.service->name) + ":" +
                       std::string(model.name) + ". `sekisho operations` lists what it does.",
            .http_status = 501};
}

ApiError throttled(const wire::ServiceModel& service) {
    const auto named = [](std::string_view code, int status) {
        return ApiError{.code = std::string(code), .message = "Rate exceeded", .http_status = status};
    };
    if (service.protocol == Protocol::ec2_query) {
        return {.code = "RequestLimitExceeded", .message = "Request limit exceeded.", .http_status = 503};
    }
    if (is_form(service.protocol)) return named("Throttling", 400);
    if (service.protocol == Protocol::aws_json) return named("ThrottlingException", 400);
    if (service.name == "sso-oidc") return named("SlowDownException", 400);  // RFC 8628 3.5: clients wait longer
    return named(service.name == "eks" ? "ThrottlingException" : "TooManyRequestsException", 429);
}

ApiError commit_error(const wire::ServiceModel& service, ApiError error) {
    return error.code == store::codes::queue_full ? throttled(service) : error;
}

}  // namespace sekisho::operation
