#pragma once
// A source of random bytes. Handlers draw from their call's own source, seeded once per call, so that a handler that
// runs again after a conflict makes the same ids and secrets.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sekisho {

class Random {
 public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> out) = 0;
};

// The kernel's generator (getrandom). Ends the process if the kernel has none: there is no weaker fallback.
Random& system_random();

std::string random_bytes(Random& random, std::size_t count);
// `count` characters drawn evenly (by rejection) from `alphabet` (2 to 256 characters).
std::string random_text(Random& random, std::size_t count, std::string_view alphabet);
std::string random_hex(Random& random, std::size_t digits);
std::string random_uuid(Random& random);  // version 4, RFC 9562 5.4

}  // namespace sekisho
