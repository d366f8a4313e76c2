#include "net/connect_request.h"

#include <charconv>

namespace sekisho::net {
namespace {

ParseState refuse(ParseFailure& failure, int status, std::string_view reason) {
    failure = {.status = status, .reason = reason};
    return ParseState::failed;
}

bool check_line(std::string_view line) {
    const std::string_view request = line.substr(std::string_view("CONNECT ").size());
    const std::size_t space = request.find(' ');
    if (space == std::string_view::npos) return false;
    const std::string_view version = request.substr(space + 1);
    return version == "HTTP/1.1" || version == "HTTP/1.0";
}

bool check_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    return colon != std::string_view::npos && is_token(line.substr(0, colon)) && is_field_value(line.substr(colon + 1));
}

bool take_authority(std::string_view authority, ConnectRequest& out) {
    std::string normalized;
    if (!normalize_authority(authority, normalized)) return false;
    const std::string_view host = host_of_authority(normalized);
    if (host.size() == normalized.size()) return false;  // RFC 9112 3.2.3: the port is required
    const std::string_view port = std::string_view(normalized).substr(host.size() + 1);
    std::from_chars(port.data(), port.data() + port.size(), out.port);
    out.host.assign(host);
    return true;
}

}  // namespace

ParseState parse_connect(std::string_view input, ConnectRequest& out, ParseFailure& failure) {
    constexpr std::string_view method = "CONNECT ";
    const std::size_t compared = std::min(method.size(), input.size());
    if (input.substr(0, compared) != method.substr(0, compared)) return refuse(failure, 400, "this port speaks TLS");
    std::size_t start = 0;
    while (true) {
        const std::size_t end = input.find('\n', start);
        if ((end == std::string_view::npos ? input.size() : end) > connect_head_bytes_max) {
            return refuse(failure, 431, "CONNECT request too large");
        }
        if (end == std::string_view::npos) return ParseState::need_more;
        if (end == start || input[end - 1] != '\r') return refuse(failure, 400, "a line does not end in CRLF");
        const std::string_view line = input.substr(start, end - 1 - start);
        if (start == 0) {
            if (line.size() < method.size() || !check_line(line)) {
                return refuse(failure, 400, "malformed CONNECT request");
            }
            const std::string_view rest = line.substr(method.size());
            if (!take_authority(rest.substr(0, rest.find(' ')), out)) {
                return refuse(failure, 400, "malformed CONNECT authority");
            }
        } else if (line.empty()) {
            out.consumed = end + 1;
            return ParseState::done;
        } else if (!check_header(line)) {
            return refuse(failure, 400, "malformed header");
        }
        start = end + 1;
    }
}

}  // namespace sekisho::net
