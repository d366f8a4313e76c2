#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cstdlib>

namespace sekisho {
namespace {

class SystemRandom final : public Random {
 public:
    void fill(std::span<std::byte> out) override {
        while (!out.empty()) {
            const auto got = getrandom(out.data(), out.size(), 0);
            if (got < 0) std::abort();
            out = out.subspan(static_cast<std::size_t>(got));
        }
    }
};

}  // namespace

Random& system_random() {
    static SystemRandom random;
    return random;
}

std::string random_bytes(Random& random, std::size_t count) {
    std::string bytes(count, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

std::string random_text(Random& random, std::size_t count, std::string_view alphabet) {
    // Bytes at or above the largest multiple of the alphabet's size are thrown away, or the first letters came more
    // often.
    const std::size_t bound = 256 - 256 % alphabet.size();
    std::string text;
    text.reserve(count);
    while (text.size() < count) {
        std::array<std::byte, 64> buffer;
        random.fill(buffer);
        for (std::byte byte : buffer) {
            const auto value = std::to_integer<std::size_t>(byte);
            if (value < bound && text.size() < count) text.push_back(alphabet[value % alphabet.size()]);
        }
    }
    return text;
}

std::string random_hex(Random& random, std::size_t digits) {
    return random_text(random, digits, "0123456789abcdef");
}

std::string random_uuid(Random& random) {
    std::array<std::byte, 16> bytes;
    random.fill(bytes);
    bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    std::array<char, 36> text;
    char* out = text.data();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        const auto byte = std::to_integer<unsigned>(bytes[i]);
        *out++ = "0123456789abcdef"[byte >> 4];
        *out++ = "0123456789abcdef"[byte & 15];
    }
    return {text.data(), text.size()};
}

}  // namespace sekisho
