#include "crypto/password.h"

#include <argon2.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace sekisho::crypto {
namespace {

constexpr std::uint32_t memory_kibibytes = 19 * 1024;
constexpr std::uint32_t passes = 2;
constexpr std::uint32_t lanes = 1;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;

struct Parameters {
    std::uint32_t version = 0;
    std::uint32_t memory = 0;
    std::uint32_t time = 0;
    std::uint32_t parallelism = 0;
};

bool skip(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool read_number(std::string_view& text, std::uint32_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

std::optional<Parameters> read_parameters(std::string_view phc) {
    Parameters p;
    if (skip(phc, "$argon2id$v=") && read_number(phc, p.version) && skip(phc, "$m=") && read_number(phc, p.memory) &&
        skip(phc, ",t=") && read_number(phc, p.time) && skip(phc, ",p=") && read_number(phc, p.parallelism) &&
        skip(phc, "$")) {
        return p;
    }
    return std::nullopt;
}

}  // namespace

Result<std::string> hash_password(const Secret& password, Random& random) {
    const std::string salt = random_bytes(random, salt_bytes);
    std::array<char, 128> encoded{};
    const int status =
        argon2id_hash_encoded(passes, memory_kibibytes, lanes, password.expose().data(), password.expose().size(),
                              salt.data(), salt.size(), hash_bytes, encoded.data(), encoded.size());
    if (status != ARGON2_OK) return errors::internal_failure(std::string("argon2: ") + argon2_error_message(status));
    return std::string(encoded.data());
}

bool verify_password(std::string_view phc, const Secret& password) {
    const auto p = read_parameters(phc);
    // A text from a damaged or foreign store must not be able to take all memory or time.
    if (!p || p->memory > 64 * 1024 || p->time > 16 || p->parallelism > 8 || phc.size() > 512) return false;
    // Compares in constant time (argon2_compare).
    return argon2id_verify(std::string(phc).c_str(), password.expose().data(), password.expose().size()) == ARGON2_OK;
}

bool needs_rehash(std::string_view phc) {
    const auto p = read_parameters(phc);
    return !p || p->version != ARGON2_VERSION_13 || p->memory != memory_kibibytes || p->time != passes ||
           p->parallelism != lanes;
}

void burn_password_verification(const Secret& password) {
    constexpr std::array<char, salt_bytes> salt{};
    std::array<char, hash_bytes> out;
    // The value is of no use, only the time; a failure to allocate is as good as any other answer here.
    static_cast<void>(argon2id_hash_raw(passes, memory_kibibytes, lanes, password.expose().data(),
                                        password.expose().size(), salt.data(), salt.size(), out.data(), out.size()));
}

}  // namespace sekisho::crypto
