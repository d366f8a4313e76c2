#include "crypto/totp.h"

#include <array>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/equal.h"

namespace sekisho::crypto {

Secret new_totp_seed(Random& random) {
    return Secret(random_bytes(random, totp_seed_bytes));
}

std::int64_t totp_step(Time time) {
    return epoch_seconds(time) / totp_step_seconds;
}

std::string totp_code(const Secret& seed, std::int64_t step) {
    std::array<char, 8> counter;
    for (std::size_t i = 0; i < 8; ++i) counter[i] = static_cast<char>(step >> (56 - 8 * i) & 0xff);
    const Sha1Digest mac = hmac_sha1(seed.expose(), {counter.data(), counter.size()});
    // RFC 4226 5.3: dynamic truncation.
    const auto byte = [&mac](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(mac.bytes[i]));
    };
    const std::size_t offset = byte(19) & 0xf;
    std::uint32_t number =
        ((byte(offset) & 0x7f) << 24 | byte(offset + 1) << 16 | byte(offset + 2) << 8 | byte(offset + 3)) % 1'000'000;
    std::string code(6, '0');
    for (std::size_t i = 6; i-- > 0; number /= 10) code[i] = static_cast<char>('0' + number % 10);
    return code;
}

std::optional<std::int64_t> verify_totp(const Secret& seed, std::string_view code, Time now,
                                        std::int64_t last_used_step, int drift) {
    const std::int64_t current = totp_step(now);
    std::optional<std::int64_t> found;
    // Every step is tried, so that the time tells nothing of which one matched.
    for (std::int64_t step = current - drift; step <= current + drift; ++step) {
        const bool matches = equal(totp_code(seed, step), code);
        if (matches && step > last_used_step && !found) found = step;
    }
    return found;
}

std::optional<std::int64_t> verify_totp_pair(const Secret& seed, std::string_view first, std::string_view second,
                                             Time now, std::int64_t last_used_step, int drift) {
    const std::int64_t current = totp_step(now);
    std::optional<std::int64_t> found;
    for (std::int64_t step = current - drift; step <= current + drift; ++step) {
        const bool first_matches = equal(totp_code(seed, step - 1), first);
        const bool second_matches = equal(totp_code(seed, step), second);
        if (first_matches && second_matches && step - 1 > last_used_step && !found) found = step;
    }
    return found;
}

Secret totp_uri(const Secret& seed, std::string_view issuer, std::string_view account) {
    const std::string encoded_issuer = encode_uri(issuer);
    return Secret("otpauth://totp/" + encoded_issuer + ":" + encode_uri(account) + "?secret=" +
                  encode_base32(seed.expose()) + "&issuer=" + encoded_issuer + "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace sekisho::crypto
