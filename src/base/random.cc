#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cstdlib>

#include "base/encoding.h"

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
    std::string bytes = random_bytes(random, 16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    const std::string hex = encode_hex(bytes);
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
           hex.substr(20);
}

}  // namespace sekisho
