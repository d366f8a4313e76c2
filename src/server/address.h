#pragma once
// Numeric addresses.
#include <arpa/inet.h>

#include <string>
#include <string_view>

namespace sekisho::server {

inline bool is_ipv4_address(std::string_view text) {
    in_addr address{};
    return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}
inline bool is_ipv6_address(std::string_view text) {
    in6_addr address{};
    return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}
inline bool is_ip_address(std::string_view text) {
    return is_ipv4_address(text) || is_ipv6_address(text);
}
inline bool is_loopback(std::string_view text) {
    return text == "::1" || (is_ipv4_address(text) && text.starts_with("127."));
}

}  // namespace sekisho::server
