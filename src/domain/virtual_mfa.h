#pragma once
// Virtual MFA devices of IAM users and of accounts' root users: authenticator apps that show TOTP codes. Made by IAM
// (CreateVirtualMFADevice, EnableMFADevice) or at the root's first sign-in, asked by STS (SerialNumber and TokenCode)
// and at sign-in.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

struct VirtualMfaDevice {
    AccountId account_id;
    std::string path;
    std::string name;
    Secret seed;
    Time created_at{};
    Tags tags;
    // Whom it is enabled for: a user's id, so that renaming changes nothing, or root_principal (iam.h).
    std::optional<PrincipalId> user_id;
    std::optional<Time> enabled_at;
    std::int64_t clock_steps = 0;      // how far its clock is ahead of ours, in TOTP steps
    std::int64_t last_used_step = -1;  // by its own clock: no code is taken twice
    std::int32_t failures = 0;         // wrong codes since the last right one, or since a day without one
    std::optional<Time> last_failure_at;
    std::optional<Time> locked_until;
    static const Shape shape;
};

inline constexpr std::string_view root_device_name = "root-account-mfa-device";  // AWS's, at path "/"

inline constexpr std::uint8_t virtual_mfa_devices_by_user = 1;    // user id, of those that are enabled
extern const store::Table<VirtualMfaDevice> virtual_mfa_devices;  // key(account, path, name)
std::string user_mfa_devices_guard(const PrincipalId& user);      // of the devices that are enabled for a user

std::string virtual_mfa_arn(const VirtualMfaDevice& device);  // its serial number
Result<std::optional<VirtualMfaDevice>> find_virtual_mfa(const store::Reader& reader, const AccountId& account,
                                                         std::string_view serial_number);
// All that are enabled for a user: limits::mfa_devices_of_user_max at most.
Result<std::vector<VirtualMfaDevice>> mfa_devices_of_user(const store::Reader& reader, const PrincipalId& user);

// These change the record; the caller writes it.
// False: wrong or used before.
bool use_code(VirtualMfaDevice& device, std::string_view code, Time now);
// Two codes in a row, of a clock that may be off by `steps_max`: the device's clock is known from then on.
bool use_code_pair(VirtualMfaDevice& device, std::string_view first, std::string_view second, Time now, int steps_max);
// Tries during a lock are not looked at, nor counted.
bool is_locked(const VirtualMfaDevice& device, Time now);
void count_wrong_code(VirtualMfaDevice& device, Time now);

}  // namespace sekisho::domain
