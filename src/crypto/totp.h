#pragma once
// Time-based one-time passwords (RFC 6238 on RFC 4226): SHA-1, 6 digits, steps of 30 s, as every authenticator app
// does.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"

namespace sekisho::crypto {

inline constexpr std::size_t totp_seed_bytes = 20;  // RFC 4226 section 4, R6: 160 bits recommended
inline constexpr std::int64_t totp_step_seconds = 30;

Secret new_totp_seed(Random& random);
std::int64_t totp_step(Time time);
std::string totp_code(const Secret& seed, std::int64_t step);
// The step that `code` belongs to, from `drift` steps before now to `drift` after, and later than `last_used_step` (no
// code is taken twice; pass -1 when none was used). Keep the step as the next last_used_step. Constant time.
std::optional<std::int64_t> verify_totp(const Secret& seed, std::string_view code, Time now,
                                        std::int64_t last_used_step, int drift = 1);
// Two codes in a row prove the seed and tell how far the device's clock is off (RFC 6238 section 6): the step of
// `second`, when `first` is the code of the step before it. Both later than `last_used_step`. Constant time.
std::optional<std::int64_t> verify_totp_pair(const Secret& seed, std::string_view first, std::string_view second,
                                             Time now, std::int64_t last_used_step, int drift);
// The text of a QR code (otpauth://totp/Issuer:account?secret=..&issuer=..), Google Authenticator's key URI format.
Secret totp_uri(const Secret& seed, std::string_view issuer, std::string_view account);

}  // namespace sekisho::crypto
