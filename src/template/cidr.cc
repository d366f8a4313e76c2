// Fn::Cidr.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "template/functions.h"

namespace sekisho::templates {
namespace {

constexpr std::int64_t blocks_max = 256;

struct Range {
    bool is_v6 = false;
    std::array<unsigned char, 16> address{};
    int prefix_bits = 0;

    int bits() const { return is_v6 ? 128 : 32; }
};

std::optional<Range> parse_range(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return {};
    Range range;
    const std::string address(text.substr(0, slash));
    range.is_v6 = address.find(':') != std::string::npos;
    if (inet_pton(range.is_v6 ? AF_INET6 : AF_INET, address.c_str(), range.address.data()) != 1) return {};
    const auto bits = text.substr(slash + 1);
    const auto read = std::from_chars(bits.data(), bits.data() + bits.size(), range.prefix_bits);
    if (read.ec != std::errc() || read.ptr != bits.data() + bits.size()) return {};
    if (range.prefix_bits < 0 || range.prefix_bits > range.bits()) return {};
    return range;
}

// Adds 1 << shift to the address; carries go up.
void advance(Range& range, int shift) {
    int at = range.bits() / 8 - 1 - shift / 8;
    unsigned carry = 1U << (shift % 8);
    for (; at >= 0 && carry != 0; --at) {
        carry += range.address[static_cast<std::size_t>(at)];
        range.address[static_cast<std::size_t>(at)] = static_cast<unsigned char>(carry & 255);
        carry >>= 8;
    }
}

}  // namespace

Result<std::vector<std::string>> cidr_blocks(std::string_view text, std::int64_t count, std::int64_t host_bits) {
    auto range = parse_range(text);
    if (!range)
        return template_error(fmt::format("Template error: {} is not a valid address range for Fn::Cidr", text));
    if (count < 1 || count > blocks_max) {
        return template_error("Template error: Fn::Cidr count must be between 1 and 256");
    }
    const std::int64_t free_bits = range->bits() - range->prefix_bits - host_bits;
    if (host_bits < 1 || free_bits < 0 || (free_bits < 8 && count > (std::int64_t{1} << free_bits))) {
        return template_error(
            fmt::format("Template error: Fn::Cidr cannot take {} blocks of {} bits out of {}", count, host_bits, text));
    }
    for (int bit = range->prefix_bits; bit < range->bits(); ++bit) {
        range->address[static_cast<std::size_t>(bit / 8)] &= static_cast<unsigned char>(~(128U >> (bit % 8)));
    }
    std::vector<std::string> blocks;
    for (std::int64_t i = 0; i < count; ++i) {
        char printed[INET6_ADDRSTRLEN];
        inet_ntop(range->is_v6 ? AF_INET6 : AF_INET, range->address.data(), printed, sizeof printed);
        blocks.push_back(fmt::format("{}/{}", printed, range->bits() - host_bits));
        advance(*range, static_cast<int>(host_bits));
    }
    return blocks;
}

}  // namespace sekisho::templates
