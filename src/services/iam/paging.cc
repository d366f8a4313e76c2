#include "services/iam/paging.h"

namespace sekisho::iam_service {

Result<std::string> open_marker(const operation::Call& call, std::string_view scope,
                                const std::optional<std::string>& marker) {
    auto after = call.open_page(scope, marker.value_or(std::string()));
    if (!after) return ApiError{.code = "ValidationError", .message = "Invalid Marker."};
    return std::move(*after);
}

}  // namespace sekisho::iam_service
