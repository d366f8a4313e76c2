#pragma once
// ApiError: what a caller is told when a request is refused. A value, named after the AWS error code; the codecs
// (src/wire) give it the envelope of the service's protocol. Modelled errors are made by generated factories
// (generated/models/<service>.h, namespace <service>::errors), framework errors by the factories here.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sekisho {

struct ApiError {
    std::string code;       // the AWS code without protocol suffixes: "NoSuchEntity", "ResourceNotFoundException"
    std::string message;    // AWS's text, shown to the caller
    int http_status = 400;  // of the query and rest-json protocols; awsJson answers 400 or 500
    std::string cause;      // for our log only, never shown: what failed inside
    // Further modelled members of the error shape, wire name to text: {"Reason", "UNIQUENESS_CONSTRAINT_VIOLATION"}.
    std::vector<std::pair<std::string, std::string>> fields;

    bool is_server_fault() const { return http_status >= 500; }
    ApiError&& with(std::string name, std::string value) && {
        fields.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
};

namespace errors {

// An inner failure: the caller reads a neutral text, the log reads the cause.
ApiError internal_failure(std::string cause);
// The service cannot answer now and the caller may try again (503).
ApiError service_unavailable(std::string cause);

}  // namespace errors
}  // namespace sekisho
