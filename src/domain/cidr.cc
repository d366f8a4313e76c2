#include "domain/cidr.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace sekisho::domain {
namespace {

// Is that bit of the address behind the prefix?
std::uint8_t mask_of_byte(unsigned index, unsigned prefix) {
    const unsigned first = index * 8;
    if (prefix >= first + 8) return 0xFF;
    if (prefix <= first) return 0;
    return static_cast<std::uint8_t>(0xFF << (8 - (prefix - first)));
}

}  // namespace

std::optional<Cidr> Cidr::parse(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash > INET6_ADDRSTRLEN) return {};
    const std::string address(text.substr(0, slash));
    const auto digits = text.substr(slash + 1);
    Cidr cidr;
    cidr.is_ipv6 = address.find(':') != std::string::npos;
    if (inet_pton(cidr.is_ipv6 ? AF_INET6 : AF_INET, address.c_str(), cidr.bytes.data()) != 1) return {};
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), cidr.prefix);
    if (digits.empty() || error != std::errc() || stop != digits.data() + digits.size()) return {};
    if (cidr.prefix > cidr.width()) return {};
    for (unsigned i = 0; i < cidr.bytes.size(); ++i) cidr.bytes[i] &= mask_of_byte(i, cidr.prefix);
    return cidr;
}

std::string Cidr::print() const {
    char text[INET6_ADDRSTRLEN];
    inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
    return fmt::format("{}/{}", text, prefix);
}

bool Cidr::contains(const Cidr& other) const {
    if (is_ipv6 != other.is_ipv6 || other.prefix < prefix) return false;
    for (unsigned i = 0; i < bytes.size(); ++i) {
        if ((other.bytes[i] & mask_of_byte(i, prefix)) != bytes[i]) return false;
    }
    return true;
}

std::string Cidr::address(std::uint64_t n) const {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value = value << 8 | bytes[i];
    value += static_cast<std::uint32_t>(n);
    return fmt::format("{}.{}.{}.{}", value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255);
}

std::string counted_address(std::string_view address) {
    const std::string text(address);
    in6_addr whole{};
    if (inet_pton(AF_INET6, text.c_str(), &whole) != 1) return text;
    if (IN6_IS_ADDR_V4MAPPED(&whole)) {
        char plain[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, whole.s6_addr + 12, plain, sizeof plain);
        return plain;
    }
    const auto network = Cidr::parse(text + "/64");
    return network ? network->print() : text;
}

}  // namespace sekisho::domain
