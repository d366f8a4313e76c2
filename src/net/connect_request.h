#pragma once
// The head of a CONNECT request at the proxy door (RFC 9110 9.3.6), read strictly.
#include <cstddef>
#include <string>
#include <string_view>

#include "net/http1_parser.h"

namespace sekisho::net {

inline constexpr std::size_t connect_head_bytes_max = 8 * 1024;

struct ConnectRequest {
    std::string host;  // lower case
    std::uint16_t port = 0;
    std::size_t consumed = 0;  // bytes of the head; TLS follows
};

// `input` is all that came so far. Only the request line matters; headers (Host, User-Agent, Proxy-Connection) are
// checked for their form and dropped. Fails as soon as the bytes cannot become a CONNECT request.
ParseState parse_connect(std::string_view input, ConnectRequest& out, ParseFailure& failure);

}  // namespace sekisho::net
