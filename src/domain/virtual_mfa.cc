#include "domain/virtual_mfa.h"

#include <cstddef>
#include <cstdlib>

#include "base/limits.h"
#include "crypto/totp.h"
#include "domain/sessions.h"
#include "wire/arn.h"

namespace sekisho::domain {
namespace {

using store::key;

void took_code(VirtualMfaDevice& device, std::int64_t step) {
    device.last_used_step = step;
    device.failures = 0;
    device.last_failure_at.reset();
    device.locked_until.reset();
}

}  // namespace

const Shape VirtualMfaDevice::shape = record_shape<VirtualMfaDevice>(
    "VirtualMfaDevice", {SEK_FIELD(1, VirtualMfaDevice, account_id), SEK_FIELD(2, VirtualMfaDevice, path),
                         SEK_FIELD(3, VirtualMfaDevice, name), SEK_FIELD(4, VirtualMfaDevice, seed),
                         SEK_FIELD(5, VirtualMfaDevice, created_at), SEK_FIELD(6, VirtualMfaDevice, tags),
                         SEK_FIELD(7, VirtualMfaDevice, user_id), SEK_FIELD(8, VirtualMfaDevice, enabled_at),
                         SEK_FIELD(9, VirtualMfaDevice, clock_steps), SEK_FIELD(10, VirtualMfaDevice, last_used_step),
                         SEK_FIELD(11, VirtualMfaDevice, failures), SEK_FIELD(12, VirtualMfaDevice, last_failure_at),
                         SEK_FIELD(13, VirtualMfaDevice, locked_until)});

const store::Table<VirtualMfaDevice> virtual_mfa_devices(
    44, "virtual_mfa_devices", [](const VirtualMfaDevice& d) { return key(d.account_id, d.path, d.name); },
    {.indexes = {{virtual_mfa_devices_by_user, "by_user", store::several,
                  [](const VirtualMfaDevice& d) {
                      std::vector<std::string> keys;
                      if (d.user_id) keys.push_back(key(*d.user_id));
                      return keys;
                  }}},
     .guards = [](const VirtualMfaDevice& d) {
         std::vector<std::string> guards;
         if (d.user_id) guards.push_back(user_mfa_devices_guard(*d.user_id));
         return guards;
     }});

std::string user_mfa_devices_guard(const PrincipalId& user) {
    return key("iam-mfa-devices", user);
}

std::string virtual_mfa_arn(const VirtualMfaDevice& device) {
    return wire::make_arn("iam", "", device.account_id, "mfa" + device.path + device.name);
}

Result<std::optional<VirtualMfaDevice>> find_virtual_mfa(const store::Reader& reader, const AccountId& account,
                                                         std::string_view serial_number) {
    const auto arn = wire::Arn::parse(serial_number);
    const auto name = arn ? wire::entity_name(*arn, "mfa") : std::nullopt;
    if (!name || arn->account != account.str()) return std::optional<VirtualMfaDevice>();
    return virtual_mfa_devices.get(reader, account, name->path, name->name);
}

Result<std::vector<VirtualMfaDevice>> mfa_devices_of_user(const store::Reader& reader, const PrincipalId& user) {
    SEK_TRY(auto found, virtual_mfa_devices.scan_by(reader, virtual_mfa_devices_by_user, key(user)));
    return std::move(found.items);
}

bool use_code(VirtualMfaDevice& device, std::string_view code, Time now) {
    // By its clock; or by ours, for who typed two codes late was taken for a slow clock.
    for (const std::int64_t ahead : {device.clock_steps, std::int64_t{0}}) {
        const Time by_its_clock = now + seconds(ahead * crypto::totp_step_seconds);
        const auto step = crypto::verify_totp(device.seed, code, by_its_clock, device.last_used_step);
        if (!step) continue;
        took_code(device, *step);
        device.clock_steps = ahead;
        return true;
    }
    return false;
}

bool use_code_pair(VirtualMfaDevice& device, std::string_view first, std::string_view second, Time now, int steps_max) {
    const auto step = crypto::verify_totp_pair(device.seed, first, second, now, device.last_used_step, steps_max);
    if (!step) return false;
    took_code(device, *step);
    // One step either way is how people type, not how the clock goes; use_code allows for it.
    const std::int64_t ahead = *step - crypto::totp_step(now);
    device.clock_steps = std::abs(ahead) <= 1 ? 0 : ahead;
    return true;
}

bool is_locked(const VirtualMfaDevice& device, Time now) {
    return device.locked_until && *device.locked_until > now;
}

void count_wrong_code(VirtualMfaDevice& device, Time now) {
    const auto kept = seconds(limits::failures_kept_seconds);
    if (device.last_failure_at && *device.last_failure_at + kept <= now) device.failures = 0;
    ++device.failures;
    device.last_failure_at = now;
    device.locked_until = lock_after(device.failures, limits::user_failures_free, now);
}

}  // namespace sekisho::domain
