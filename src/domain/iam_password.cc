#include "domain/iam_password.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/equal.h"
#include "crypto/password.h"

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

std::size_t remembered_count(const IamPasswordPolicy* policy) {
    return policy == nullptr ? 0 : static_cast<std::size_t>(policy->reuse_prevention.value_or(0));
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

Time password_changed_at(const LoginProfile& profile) {
    return profile.password_changed_at.value_or(profile.created_at);
}

bool has_expired(const IamPasswordPolicy* policy, const LoginProfile& profile, Time now) {
    return policy != nullptr && policy->days_max && password_changed_at(profile) + days(*policy->days_max) <= now;
}

std::vector<Secret> remembered_hashes(const IamPasswordPolicy* policy, const LoginProfile& profile) {
    const std::size_t count = remembered_count(policy);
    if (count == 0) return {};
    const auto& former = profile.former_password_hashes;
    std::vector<Secret> hashes{profile.password_hash};
    hashes.insert(hashes.end(), former.begin(),
                  former.begin() + static_cast<std::ptrdiff_t>(std::min(count, former.size())));
    return hashes;
}

PasswordComparison compare_with(std::vector<Secret> hashes, const Secret& password) {
    const bool is_among_them = std::ranges::any_of(
        hashes, [&](const Secret& hash) { return crypto::verify_password(hash.expose(), password); });
    return {.hashes = std::move(hashes), .is_among_them = is_among_them};
}

bool is_new(const PasswordComparison& comparison, const IamPasswordPolicy* policy, const LoginProfile& profile) {
    const auto is_same = [](const Secret& one, const Secret& other) { return crypto::equal(one, other); };
    return !comparison.is_among_them &&
           std::ranges::equal(comparison.hashes, remembered_hashes(policy, profile), is_same);
}

void set_password(LoginProfile& profile, const IamPasswordPolicy* policy, Secret hash, Time now) {
    auto& former = profile.former_password_hashes;
    if (!profile.password_hash.empty()) former.insert(former.begin(), std::move(profile.password_hash));
    if (const std::size_t count = remembered_count(policy); former.size() > count) former.resize(count);
    profile.password_hash = std::move(hash);
    profile.password_changed_at = now;
}

bool conforms_for_root(const Account& account, std::string_view password) {
    constexpr std::size_t characters_max = 128;
    return conforms(nullptr, password) && count_code_points(password) <= characters_max &&
           !equals_ignoring_case(password, account.name) && !equals_ignoring_case(password, account.email);
}

std::string password_stamp(const LoginProfile& profile) {
    return crypto::sha256(profile.password_hash.expose()).hex().substr(0, 32);
}

}  // namespace sekisho::domain
