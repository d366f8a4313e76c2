// The client's side of codec.h: our own CLI is a signed client of these APIs.
#include "base/json.h"
#include "base/text.h"
#include "wire/codec.h"
#include "wire/envelope.h"
#include "wire/form_codec.h"
#include "wire/json_codec.h"
#include "wire/rest_codec.h"
#include "wire/xml_codec.h"

namespace sekisho::wire {
namespace {

// Has the request members that travel in the body?
bool has_body(const Shape& request) {
    for (const auto& member : request.members) {
        if (member.location == Location::body) return true;
    }
    return false;
}

void encode_rest_request_body(const OperationModel& model, const void* request, std::string& body) {
    if (!has_body(*model.request)) return;
    JsonWriter writer(body);
    const Member* payload = find_payload(*model.request);
    if (payload == nullptr) return encode_json(*model.request, request, writer, true);
    const void* field = static_cast<const char*>(request) + payload->offset;
    if (payload->optional != nullptr && !payload->optional->has(field)) return;
    encode_json_value(*payload->shape, payload->optional != nullptr ? payload->optional->get(field) : field, writer);
}

Result<void> decode_xml_response(const OperationModel& model, std::string_view body, void* response) {
    const bool is_bare = model.service->protocol == Protocol::ec2_query;
    if (is_bare ? !model.has_output : model.result_wrapper.empty()) return {};
    SEK_TRY(const auto document, parse_xml(body));
    if (is_bare) return decode_xml(*model.response, document, response);
    const auto* result = document.find(model.result_wrapper);
    return result == nullptr ? Result<void>() : decode_xml(*model.response, *result, response);
}

void read_xml_error(const XmlElement& document, ApiError& error) {
    const auto* list = document.find("Errors");  // EC2's
    const auto* inner = (list == nullptr ? document : *list).find("Error");
    if (inner == nullptr) return;
    if (const auto* code = inner->find("Code")) error.code = code->text;
    if (const auto* message = inner->find("Message")) error.message = message->text;
}

void read_json_error(const json::value& body, ApiError& error) {
    if (error.code.empty()) error.code = find_text(body, "__type").value_or("");
    for (const auto* name : {"message", "Message", "error_description"}) {
        if (error.message.empty()) error.message = find_text(body, name).value_or("");
    }
    if (!body.is_object()) return;
    for (const auto& [name, value] : body.get_object()) {
        if (name == "__type" || name == "message" || name == "Message" || !value.is_string()) continue;
        error.fields.emplace_back(name, std::string(value.get_string()));
    }
}

}  // namespace

ClientRequestParts encode_request(const OperationModel& model, const void* request) {
    const auto& service = *model.service;
    ClientRequestParts out{.method = "POST", .target = "/", .headers = {}, .body = {}};
    if (is_form(service.protocol)) {
        out.body.append("Action=").append(model.name).append("&Version=").append(service.api_version);
        encode_form(service.protocol, *model.request, request, out.body);
        out.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
        return out;
    }
    out.headers.emplace_back("Content-Type", json_content_type(service));
    if (service.protocol == Protocol::rest_json) {
        out.method = std::string(model.method);
        encode_bound_members(model, request, out);
        encode_rest_request_body(model, request, out.body);
        return out;
    }
    out.headers.emplace_back("X-Amz-Target", std::string(service.target_prefix) + "." + std::string(model.name));
    JsonWriter writer(out.body);
    encode_json(*model.request, request, writer);
    return out;
}

Result<void> decode_response(const OperationModel& model, std::string_view body, void* response) {
    const auto protocol = model.service->protocol;
    if (is_form(protocol)) return decode_xml_response(model, body, response);
    if (trim(body).empty()) return {};
    SEK_TRY(const auto value, parse_json(body));
    Violations passed_over;  // a newer server may leave out or name what this program does not know
    const Member* payload = protocol == Protocol::rest_json ? find_payload(*model.response) : nullptr;
    if (payload == nullptr) {
        return decode_json(*model.response, value, response, passed_over, protocol == Protocol::rest_json);
    }
    void* field = static_cast<char*>(response) + payload->offset;
    if (payload->optional != nullptr) field = payload->optional->emplace(field);
    return decode_json(*payload->shape, value, field, passed_over);
}

ApiError decode_error(int status, std::string_view error_type_header, std::string_view body) {
    ApiError error{.code = std::string(error_type_header), .message = {}, .http_status = status};
    if (trim(body).starts_with('<')) {
        if (const auto document = parse_xml(body)) read_xml_error(*document, error);
    } else if (const auto value = parse_json(body)) {
        read_json_error(*value, error);
    }
    error.code = error.code.substr(error.code.find('#') + 1);
    error.code = error.code.substr(0, error.code.find(':'));
    if (error.code.empty()) error.code = "HTTP " + std::to_string(status);
    return error;
}

}  // namespace sekisho::wire
