#pragma once
// Blocks of addresses: 10.0.0.0/16, 2600:1f18::/56.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::domain {

struct Cidr {
    bool is_ipv6 = false;
    std::array<std::uint8_t, 16> bytes{};  // of the first address; IPv4 uses four
    unsigned prefix = 0;

    // Host bits are cut off: 10.1.2.3/8 is 10.0.0.0/8.
    static std::optional<Cidr> parse(std::string_view text);
    std::string print() const;
    bool contains(const Cidr& other) const;
    bool overlaps(const Cidr& other) const { return contains(other) || other.contains(*this); }
    unsigned width() const { return is_ipv6 ? 128 : 32; }
    // IPv4: how many addresses, and the n-th of them as text.
    std::uint64_t size() const { return std::uint64_t{1} << (width() - prefix); }
    std::string address(std::uint64_t n) const;
};

// Under what name tries from an address are counted: who has one IPv6 address has its whole /64 (RFC 6177), so that
// block stands for it; an IPv4 address, also one that is mapped into IPv6, for itself. A text that is no address stays.
std::string counted_address(std::string_view address);

}  // namespace sekisho::domain
