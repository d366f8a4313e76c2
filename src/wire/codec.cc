#include "wire/codec.h"

#include <boost/json/monotonic_resource.hpp>

#include "base/json.h"
#include "base/text.h"
#include "wire/form_codec.h"
#include "wire/json_codec.h"
#include "wire/rest_codec.h"

namespace sekisho::wire {
namespace {

Result<void> decode_json_body(const Shape& shape, std::string_view body, void* request, Violations& violations,
                              bool skip_bound) {
    if (trim(body).empty()) body = "{}";
    std::array<unsigned char, 8192> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    SEK_TRY(const auto value, parse_json(body, &memory));
    return decode_json(shape, value, request, "", violations, skip_bound);
}

const Member* payload_member(const Shape& shape) {
    for (const auto& member : shape.members) {
        if (member.is_payload) return &member;
    }
    return nullptr;
}

Result<void> decode_rest_body(const OperationModel& model, std::string_view body, void* request,
                              Violations& violations) {
    const Member* payload = payload_member(*model.request);
    if (payload == nullptr) return decode_json_body(*model.request, body, request, violations, true);
    if (trim(body).empty()) {
        if (payload->required) violations.add_missing(lower_first(payload->name));
        return {};
    }
    void* field = static_cast<char*>(request) + payload->offset;
    if (payload->optional != nullptr) field = payload->optional->emplace(field);
    return decode_json_body(*payload->shape, body, field, violations, false);
}

Result<void> decode_query(const OperationModel& model, const RequestParts& parts, void* request,
                          Violations& violations) {
    SEK_TRY(auto parameters, parse_form(parts.body));
    if (!parts.query.empty()) {
        SEK_TRY(auto from_query, parse_form(parts.query));
        parameters.merge(from_query);
    }
    return decode_form(*model.request, parameters, request, violations);
}

constexpr std::string_view request_id_header = "x-amzn-RequestId";

std::string json_content_type(const ServiceModel& service) {
    if (service.protocol == Protocol::aws_json) return "application/x-amz-json-" + std::string(service.json_version);
    return "application/json";
}

// STS and IAM answer JSON to `Accept: application/json`, in the manner of their XML.
std::string query_json_body(const OperationModel& model, const void* response, std::string_view request_id) {
    std::string body;
    JsonWriter writer(body);
    writer.begin_object().name(std::string(model.name) + "Response").begin_object();
    if (!model.result_wrapper.empty()) {
        writer.name(model.result_wrapper);
        encode_json(*model.response, response, writer);
    }
    writer.name("ResponseMetadata").begin_object().member("RequestId", request_id).end_object();
    writer.end_object().end_object();
    return body;
}

std::string query_xml_body(const OperationModel& model, const void* response, std::string_view request_id) {
    std::string body;
    body.reserve(512);
    const auto append = [&](std::initializer_list<std::string_view> parts) {
        for (const auto part : parts) body.append(part);
    };
    append({"<", model.name, "Response xmlns=\"", model.service->xml_namespace, "\">\n"});
    if (!model.result_wrapper.empty()) {
        append({"  <", model.result_wrapper, ">"});
        encode_xml(*model.response, response, body);
        append({"</", model.result_wrapper, ">\n"});
    }
    append({"  <ResponseMetadata>\n    <RequestId>", request_id, "</RequestId>\n  </ResponseMetadata>\n</", model.name,
            "Response>\n"});
    return body;
}

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
    const std::string xmlns(model == nullptr ? std::string_view("http://webservices.amazon.com/AWSFault/2005-15-09")
                                             : service.xml_namespace);
    out.body = "<ErrorResponse xmlns=\"" + xmlns + "\">\n  <Error>\n    <Type>" + std::string(type) +
               "</Type>\n    <Code>" + escape_xml(error.code) + "</Code>\n    <Message>" + escape_xml(error.message) +
               "</Message>\n  </Error>\n  <RequestId>" + std::string(request_id) + "</RequestId>\n</ErrorResponse>\n";
    out.headers = {{"Content-Type", "text/xml"}};
    return out;
}

// Errors of the framework say "message"; modelled ones what the service's model says; AccessDenied is capital in
// awsJson.
bool writes_capital_message(const ServiceModel& service, const ApiError& error) {
    if (service.protocol != Protocol::aws_json) return false;
    if (error.code == "SerializationException" || error.code == "UnrecognizedClientException" ||
        error.code == "InvalidSignatureException" || error.code == "IncompleteSignatureException" ||
        error.code == "MissingAuthenticationTokenException" || error.code == "ExpiredTokenException" ||
        error.code == "ThrottlingException" || error.code == "InternalFailure") {
        return false;
    }
    return service.name != "sekisho";
}

EncodedResponse encode_json_error(const ServiceModel& service, const ApiError& error) {
    EncodedResponse out{.status = error.http_status, .headers = {}, .body = {}};
    JsonWriter writer(out.body);
    writer.begin_object();
    if (service.protocol == Protocol::aws_json) {
        out.status = error.is_server_fault() ? error.http_status : 400;
        writer.member("__type", error.code);
        if (error.code != "UnknownOperationException") {
            writer.member(writes_capital_message(service, error) ? "Message" : "message", error.message);
        }
    } else if (error.fields.empty() || service.name != "sso-oidc") {
        writer.member("message", error.message);
    }
    for (const auto& [name, value] : error.fields) writer.member(name, value);
    writer.end_object();
    out.headers = {{"Content-Type", json_content_type(service)}};
    if (service.protocol == Protocol::rest_json) out.headers.emplace_back("x-amzn-ErrorType", error.code);
    return out;
}

}  // namespace

Result<void> decode_request(const OperationModel& model, const RequestParts& parts, void* request) {
    Violations violations;
    switch (model.service->protocol) {
        case Protocol::query:
            SEK_TRY(decode_query(model, parts, request, violations));
            break;
        case Protocol::aws_json:
            SEK_TRY(decode_json_body(*model.request, parts.body, request, violations, false));
            break;
        case Protocol::rest_json:
            SEK_TRY(decode_bound_members(model, parts, request, violations));
            SEK_TRY(decode_rest_body(model, parts.body, request, violations));
            break;
    }
    validate(*model.request, request, violations);
    if (!violations.empty()) return violations.error(model.service->protocol);
    return {};
}

EncodedResponse encode_response(const OperationModel& model, const void* response, std::string_view request_id,
                                bool wants_json) {
    EncodedResponse out;
    if (model.service->protocol == Protocol::query) {
        out.body =
            wants_json ? query_json_body(model, response, request_id) : query_xml_body(model, response, request_id);
        out.headers = {{"Content-Type", wants_json ? "application/json" : "text/xml"}};
    } else {
        JsonWriter writer(out.body);
        const Member* payload =
            model.service->protocol == Protocol::rest_json ? payload_member(*model.response) : nullptr;
        if (payload != nullptr) {
            const void* field = static_cast<const char*>(response) + payload->offset;
            if (payload->optional != nullptr && payload->optional->has(field)) {
                encode_json_value(*payload->shape, payload->optional->get(field), writer);
            } else if (payload->optional == nullptr) {
                encode_json_value(*payload->shape, field, writer);
            }
        } else {
            encode_json(*model.response, response, writer, model.service->protocol == Protocol::rest_json);
        }
        out.headers = {{"Content-Type", json_content_type(*model.service)}};
    }
    out.headers.emplace_back(request_id_header, request_id);
    return out;
}

EncodedResponse encode_error(const ServiceModel& service, const OperationModel* model, const ApiError& error,
                             std::string_view request_id, bool wants_json) {
    auto out = service.protocol == Protocol::query ? encode_query_error(service, model, error, request_id, wants_json)
                                                   : encode_json_error(service, error);
    out.headers.emplace_back(request_id_header, request_id);
    return out;
}

ClientRequestParts encode_request(const OperationModel& model, const void* request) {
    const auto& service = *model.service;
    ClientRequestParts out{.method = "POST", .target = "/", .headers = {}, .body = {}};
    if (service.protocol == Protocol::query) {
        out.body = "Action=" + std::string(model.name) + "&Version=" + std::string(service.api_version);
        encode_form(*model.request, request, out.body);
        out.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
        return out;
    }
    if (service.protocol == Protocol::rest_json) {
        out.method = std::string(model.method);
        encode_bound_members(model, request, out);
    } else {
        out.headers.emplace_back("X-Amz-Target", std::string(service.target_prefix) + "." + std::string(model.name));
    }
    out.headers.emplace_back("Content-Type", json_content_type(service));
    if (out.method == "GET") return out;
    JsonWriter writer(out.body);
    const Member* payload = service.protocol == Protocol::rest_json ? payload_member(*model.request) : nullptr;
    if (payload == nullptr) {
        encode_json(*model.request, request, writer, service.protocol == Protocol::rest_json);
        return out;
    }
    const void* field = static_cast<const char*>(request) + payload->offset;
    if (payload->optional != nullptr && !payload->optional->has(field)) return out;
    encode_json_value(*payload->shape, payload->optional != nullptr ? payload->optional->get(field) : field, writer);
    return out;
}

Result<void> decode_response(const OperationModel& model, std::string_view body, void* response) {
    Violations missing;
    SEK_TRY(const auto value, parse_json(trim(body).empty() ? "{}" : body));
    return decode_json(*model.response, value, response, "", missing, model.service->protocol == Protocol::rest_json);
}

ApiError decode_error(int status, std::string_view error_type_header, std::string_view body) {
    ApiError error{.code = std::string(error_type_header), .message = {}, .http_status = status};
    if (const auto value = parse_json(body)) {
        if (error.code.empty()) error.code = find_text(*value, "__type").value_or("");
        error.message = find_text(*value, "message").value_or(find_text(*value, "Message").value_or(""));
    }
    error.code = error.code.substr(error.code.find('#') + 1);
    error.code = error.code.substr(0, error.code.find(':'));
    if (error.code.empty()) error.code = "HTTP " + std::to_string(status);
    return error;
}

}  // namespace sekisho::wire
