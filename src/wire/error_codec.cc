// Errors in each protocol's envelope (encode_error of codec.h). The forms are AWS's own, recorded.
#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "wire/codec.h"
#include "wire/envelope.h"

namespace sekisho::wire {
namespace {

constexpr std::string_view unknown_action_namespace = "http://webservices.amazon.com/AWSFault/2005-15-09";

EncodedResponse encode_query_error(const ServiceModel& service, const OperationModel* model, const ApiError& error,
                                   std::string_view request_id, bool wants_json) {
    EncodedResponse out{.status = error.http_status, .headers = {}, .body = {}};
    const std::string_view type = error.is_server_fault() ? "Receiver" : "Sender";
    if (wants_json) {
        JsonWriter writer(out.body);
        writer.begin_object().name("Error").begin_object();
        writer.member("Code", error.code).member("Message", error.message).member("Type", type).end_object();
        writer.member("RequestId", request_id).end_object();
        out.headers = {{"Content-Type", "application/json"}};
        return out;
    }
    const auto append = [&](std::initializer_list<std::string_view> parts) {
        for (const auto part : parts) out.body.append(part);
    };
    append({"<ErrorResponse xmlns=\"", model == nullptr ? unknown_action_namespace : service.xml_namespace,
            "\">\n  <Error>\n    <Type>", type, "</Type>\n    <Code>", escape_xml(error.code), "</Code>\n    <Message>",
            escape_xml(error.message), "</Message>\n  </Error>\n  <RequestId>", request_id,
            "</RequestId>\n</ErrorResponse>\n"});
    out.headers = {{"Content-Type", "text/xml"}};
    return out;
}

EncodedResponse encode_ec2_error(const ApiError& error, std::string_view request_id) {
    EncodedResponse out{.status = error.http_status, .headers = {}, .body = std::string(xml_declaration)};
    out.body.append("<Response><Errors><Error><Code>").append(escape_xml(error.code));
    out.body.append("</Code><Message>").append(escape_xml(error.message));
    out.body.append("</Message></Error></Errors><RequestID>").append(request_id).append("</RequestID></Response>");
    out.headers = {{"Content-Type", "text/xml;charset=UTF-8"}};
    return out;
}

// awsJson: the framework's own errors say "message"; AccessDenied and the errors of the models of organizations,
// sso-admin and identitystore say "Message".
bool writes_capital_message(const ServiceModel& service, const ApiError& error) {
    constexpr std::array<std::string_view, 8> framework = {
        "ExpiredTokenException",     "IncompleteSignatureException",        "InternalFailure",
        "InvalidSignatureException", "MissingAuthenticationTokenException", "SerializationException",
        "ThrottlingException",       "UnrecognizedClientException"};
    if (error.code == "AccessDeniedException") return true;
    return service.name != "sekisho" && std::ranges::find(framework, error.code) == framework.end();
}

void write_aws_json_error(const ServiceModel& service, const ApiError& error, JsonWriter& writer) {
    writer.member("__type", error.code);
    if (error.code == "UnknownOperationException") return;
    writer.member(writes_capital_message(service, error) ? "Message" : "message", error.message);
}

// RFC 6749 5.2 and RFC 8628 3.5 name errors so: AuthorizationPendingException is "authorization_pending".
std::string oauth_name(std::string_view code) {
    if (code.ends_with("Exception")) code.remove_suffix(9);
    if (code.starts_with("Internal")) return "server_error";
    std::string name;
    for (const char c : code) {
        const bool is_capital = c >= 'A' && c <= 'Z';
        if (is_capital && !name.empty()) name += '_';
        name += lower_ascii(c);
    }
    return name;
}

void write_rest_error(const ServiceModel& service, const ApiError& error, JsonWriter& writer) {
    if (service.name != "sso-oidc") {
        writer.member("message", error.message);
        return;
    }
    const bool has_name = std::ranges::any_of(error.fields, [](const auto& field) { return field.first == "error"; });
    if (has_name) return;
    writer.member("error", oauth_name(error.code)).member("error_description", error.message);
}

EncodedResponse encode_json_error(const ServiceModel& service, const ApiError& error) {
    EncodedResponse out{.status = error.http_status, .headers = {}, .body = {}};
    JsonWriter writer(out.body);
    writer.begin_object();
    if (service.protocol == Protocol::aws_json) {
        out.status = error.is_server_fault() ? error.http_status : 400;
        write_aws_json_error(service, error, writer);
    } else {
        write_rest_error(service, error, writer);
    }
    for (const auto& [name, value] : error.fields) writer.member(name, value);
    writer.end_object();
    out.headers = {{"Content-Type", json_content_type(service)}};
    if (service.protocol == Protocol::rest_json) out.headers.emplace_back("x-amzn-ErrorType", error.code);
    return out;
}

}  // namespace

EncodedResponse encode_error(const ServiceModel& service, const OperationModel* model, const ApiError& error,
                             std::string_view request_id, bool wants_json) {
    auto out = service.protocol == Protocol::ec2_query ? encode_ec2_error(error, request_id)
               : service.protocol == Protocol::query ? encode_query_error(service, model, error, request_id, wants_json)
                                                     : encode_json_error(service, error);
    out.headers.emplace_back(request_id_header, request_id);
    return out;
}

}  // namespace sekisho::wire
