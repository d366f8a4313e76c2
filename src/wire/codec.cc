#include "wire/codec.h"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <iterator>

#include "base/json.h"
#include "base/text.h"
#include "wire/envelope.h"
#include "wire/form_codec.h"
#include "wire/json_codec.h"
#include "wire/rest_codec.h"
#include "wire/xml_codec.h"

namespace sekisho::wire {
namespace {

Result<void> decode_json_body(const Shape& shape, std::string_view body, void* request, Violations& violations,
                              bool skip_bound) {
    if (trim(body).empty()) body = "{}";
    std::array<unsigned char, 8192> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    SEK_TRY(const auto value, parse_json(body, &memory));
    return decode_json(shape, value, request, violations, skip_bound);
}

Result<void> decode_rest_body(const OperationModel& model, std::string_view body, void* request,
                              Violations& violations) {
    const Member* payload = find_payload(*model.request);
    if (payload == nullptr) return decode_json_body(*model.request, body, request, violations, true);
    if (trim(body).empty()) {
        if (payload->required) violations.add_missing(Path::member(Path(), payload->name));
        return {};
    }
    void* field = static_cast<char*>(request) + payload->offset;
    if (payload->optional != nullptr) field = payload->optional->emplace(field);
    return decode_json_body(*payload->shape, body, field, violations, false);
}

Result<void> decode_parameters(const OperationModel& model, const RequestParts& parts, void* request,
                               Violations& violations) {
    const auto protocol = model.service->protocol;
    SEK_TRY(const auto in_body, parse_form(parts.body));
    SEK_TRY(const auto in_query, parse_form(parts.query));
    if (in_body.empty()) return decode_form(protocol, *model.request, in_query, request, violations);
    if (in_query.empty()) return decode_form(protocol, *model.request, in_body, request, violations);
    FormParameters both;  // of a name in both, the body's
    constexpr auto name_of = &FormParameters::value_type::first;
    std::ranges::set_union(in_body, in_query, std::back_inserter(both), {}, name_of, name_of);
    return decode_form(protocol, *model.request, both, request, violations);
}

// STS and IAM answer JSON to `Accept: application/json`, in the manner of their XML.
std::string query_json_body(const OperationModel& model, const void* response, std::string_view request_id) {
    std::string body;
    body.reserve(1024);
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

void encode_json_body(const OperationModel& model, const void* response, std::string& body) {
    JsonWriter writer(body);
    const bool is_rest = model.service->protocol == Protocol::rest_json;
    const Member* payload = is_rest ? find_payload(*model.response) : nullptr;
    if (payload == nullptr) return encode_json(*model.response, response, writer, is_rest);
    const void* field = static_cast<const char*>(response) + payload->offset;
    if (payload->optional != nullptr && !payload->optional->has(field)) return;
    encode_json_value(*payload->shape, payload->optional != nullptr ? payload->optional->get(field) : field, writer);
}

std::string query_xml_body(const OperationModel& model, const void* response, std::string_view request_id) {
    std::string body;
    body.reserve(2048);
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

// No element around the result; an operation without output answers that it is done.
std::string ec2_xml_body(const OperationModel& model, const void* response, std::string_view request_id) {
    std::string body(xml_declaration);
    body.reserve(2048);
    const auto append = [&](std::initializer_list<std::string_view> parts) {
        for (const auto part : parts) body.append(part);
    };
    append({"<", model.name, "Response xmlns=\"", model.service->xml_namespace, "/\">\n    <requestId>", request_id,
            "</requestId>\n    "});
    if (model.has_output) {
        encode_xml(*model.response, response, body);
    } else {
        body.append("<return>true</return>");
    }
    append({"\n</", model.name, "Response>"});
    return body;
}

}  // namespace

Result<void> decode_request(const OperationModel& model, const RequestParts& parts, void* request) {
    Violations violations;
    switch (model.service->protocol) {
        case Protocol::query:
        case Protocol::ec2_query:
            SEK_TRY(decode_parameters(model, parts, request, violations));
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
    const auto protocol = model.service->protocol;
    if (protocol == Protocol::ec2_query) {
        out.body = ec2_xml_body(model, response, request_id);
        out.headers = {{"Content-Type", "text/xml;charset=UTF-8"}};
    } else if (protocol == Protocol::query) {
        out.body =
            wants_json ? query_json_body(model, response, request_id) : query_xml_body(model, response, request_id);
        out.headers = {{"Content-Type", wants_json ? "application/json" : "text/xml"}};
    } else {
        if (model.has_output) encode_json_body(model, response, out.body);
        out.headers = {{"Content-Type", json_content_type(*model.service)}};
        if (protocol == Protocol::rest_json) encode_bound_response(*model.response, response, out);
    }
    out.headers.emplace_back(request_id_header, request_id);
    return out;
}

}  // namespace sekisho::wire
