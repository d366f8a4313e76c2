#include "base/error.h"

namespace sekisho::errors {

ApiError internal_failure(std::string cause) {
    return {.code = "InternalFailure",
            .message = "The request processing has failed because of an unknown error, exception or failure.",
            .http_status = 500,
            .cause = std::move(cause)};
}

ApiError service_unavailable(std::string cause) {
    return {.code = "ServiceUnavailable",
            .message = "The request has failed due to a temporary failure of the server.",
            .http_status = 503,
            .cause = std::move(cause)};
}

}  // namespace sekisho::errors
