#pragma once
// Requests and answers of AWS's protocols, by model. Facts: wire/errors-and-records 1 of the project's notes; AWS's
// protocol tests. No per-type code: everything works on shapes.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "wire/model.h"

namespace sekisho::wire {

// A request as the codecs see it.
struct RequestParts {
    std::string_view method;
    std::string_view path;   // encoded, without query
    std::string_view query;  // encoded
    std::string_view body;
    std::string_view content_type;
    // The first header of that name, ignoring case; null: none.
    const std::string* (*header)(const void* context, std::string_view name) = nullptr;
    const void* context = nullptr;
};

struct EncodedResponse {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// Decodes and validates into *request (a default-made object of model.request). Errors: SerializationException,
// MalformedInput, ValidationError(Exception).
Result<void> decode_request(const OperationModel& model, const RequestParts& parts, void* request);

// `wants_json`: the client sent Accept: application/json to a query service (STS and IAM answer JSON then).
EncodedResponse encode_response(const OperationModel& model, const void* response, std::string_view request_id,
                                bool wants_json);
// An error in the envelope of the service. `model` null: the operation is not known.
EncodedResponse encode_error(const ServiceModel& service, const OperationModel* model, const ApiError& error,
                             std::string_view request_id, bool wants_json);

// Our own client's side.
struct ClientRequestParts {
    std::string method;
    std::string target;  // path and query
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};
ClientRequestParts encode_request(const OperationModel& model, const void* request);
// Of answers with status 2xx. Errors: SerializationException.
Result<void> decode_response(const OperationModel& model, std::string_view body, void* response);
// Of any other answer. `error_type_header`: x-amzn-ErrorType, or empty.
ApiError decode_error(int status, std::string_view error_type_header, std::string_view body);

}  // namespace sekisho::wire
