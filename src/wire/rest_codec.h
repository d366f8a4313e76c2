#pragma once
// What rest-json puts outside the body: URI labels, query string, headers.
#include "wire/codec.h"
#include "wire/validation.h"

namespace sekisho::wire {

// "/clusters/{name}/node-groups" and a path give the labels, decoded; nothing when the path does not match. A label
// never matches an empty or several segments; "{name+}" matches the rest.
using Labels = std::vector<std::pair<std::string_view, std::string>>;
// The path has the template's form; its labels are not decoded yet.
bool has_uri_form(std::string_view uri_template, std::string_view path);
std::optional<Labels> match_uri(std::string_view uri_template, std::string_view path);

Result<void> decode_bound_members(const OperationModel& model, const RequestParts& parts, void* request,
                                  Violations& violations);
// The target (path and query) and headers of a request.
void encode_bound_members(const OperationModel& model, const void* request, ClientRequestParts& out);
// The headers and the status of an answer.
void encode_bound_response(const Shape& shape, const void* response, EncodedResponse& out);

}  // namespace sekisho::wire
