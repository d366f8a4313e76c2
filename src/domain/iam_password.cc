#include "domain/iam_password.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/digest.h"

namespace sekisho::domain {
namespace {

// Upper case, lower case, digits, others.
std::array<bool, 4> kinds_in(std::string_view password) {
    std::array<bool, 4> kinds{};
    for (const char c : password) {
        if (c >= 'A' && c <= 'Z') {
            kinds[0] = true;
        } else if (c >= 'a' && c <= 'z') {
            kinds[1] = true;
        } else if (c >= '0' && c <= '9') {
            kinds[2] = true;
        } else {
            kinds[3] = true;
        }
    }
    return kinds;
}

}  // namespace

bool conforms(const IamPasswordPolicy* policy, std::string_view password) {
    const auto kinds = kinds_in(password);
    const std::size_t length = count_code_points(password);
    if (policy == nullptr) return length >= 8 && std::ranges::count(kinds, true) >= 3;
    return length >= static_cast<std::size_t>(policy->length_min) && (kinds[0] || !policy->require_uppercase) &&
           (kinds[1] || !policy->require_lowercase) && (kinds[2] || !policy->require_numbers) &&
           (kinds[3] || !policy->require_symbols);
}

std::string password_stamp(const LoginProfile& profile) {
    return crypto::sha256(profile.password_hash.expose()).hex().substr(0, 32);
}

}  // namespace sekisho::domain
