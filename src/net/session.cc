#include "net/session.h"

#include "base/log.h"
#include "base/text.h"
#include "net/http1_parser.h"

namespace sekisho::net {

bool is_listener_header(std::string_view name) {
    switch (name.size()) {
        case 4:
            return equals_ignoring_case(name, "date");
        case 7:
            return equals_ignoring_case(name, "upgrade");
        case 10:
            return equals_ignoring_case(name, "connection") || equals_ignoring_case(name, "keep-alive");
        case 14:
            return equals_ignoring_case(name, "content-length");
        case 16:
            return equals_ignoring_case(name, "proxy-connection");
        case 17:
            return equals_ignoring_case(name, "transfer-encoding");
        default:
            return false;
    }
}

Response checked_response(Response&& response) {
    bool usable = response.status >= 200 && response.status <= 599;
    for (const Header& header : response.headers) {
        usable = usable && is_token(header.name) && is_field_value(header.value);
    }
    if (usable) return std::move(response);
    log::error("an answer that HTTP cannot carry", {{"status", response.status}});
    return refusal(500, "internal error");
}

Response refusal(int status, std::string_view reason) {
    Response response{.status = status};
    response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
    response.body.append(reason).append("\n");
    return response;
}

}  // namespace sekisho::net
