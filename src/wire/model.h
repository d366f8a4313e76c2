#pragma once
// The model of a service's API: what the generator (tools/generate_models.py) makes of models/*.json, and all that the
// codecs, the router and the pipeline know of an operation.
#include <cstdint>
#include <span>
#include <string_view>

#include "wire/shape.h"

namespace sekisho::wire {

enum class Protocol : std::uint8_t { query, ec2_query, aws_json, rest_json };

// Requests are forms and answers XML: the query protocol and EC2's dialect of it.
constexpr bool is_form(Protocol protocol) {
    return protocol == Protocol::query || protocol == Protocol::ec2_query;
}

struct OperationModel;

struct ServiceModel {
    std::string_view name;             // the model's file: "sso-admin"
    std::string_view api_version;      // forms: the Version parameter
    std::string_view endpoint_prefix;  // "portal.sso" of portal.sso.us-east-1.amazonaws.com
    std::string_view signing_name;     // of the credential scope: "sso"
    std::string_view iam_prefix;       // of IAM actions: "sso"
    std::string_view event_source;     // CloudTrail: "sso.amazonaws.com"
    Protocol protocol = Protocol::query;
    std::string_view json_version;                      // aws_json: "1.1"
    std::string_view target_prefix;                     // aws_json: before the dot of X-Amz-Target
    std::string_view xml_namespace;                     // forms
    std::span<const OperationModel* const> operations;  // sorted by name
};

struct OperationModel {
    const ServiceModel* service = nullptr;
    std::string_view name;        // "CreateRole"
    std::string_view iam_action;  // "iam:CreateRole"
    std::string_view method;      // rest-json
    std::string_view uri;         // rest-json: "/clusters/{name}/node-groups?x"
    const Shape* request = nullptr;
    const Shape* response = nullptr;
    std::string_view result_wrapper;  // query; empty: the answer has no result element
    bool is_unsigned = false;         // the operation takes no signature (authtype none)
    bool is_internal = false;         // not reachable from the wire
    bool has_output = true;           // false: the model names no output; JSON answers have an empty body then
};

// A list of operation tags; each generated header ends with `Operations`, all of its service.
template <class... Tags>
struct OperationList {};

}  // namespace sekisho::wire
