#include "services/sts/second_factor.h"

#include "domain/virtual_mfa.h"

namespace sekisho::sts_service {
namespace {

ApiError denied(std::string message) {
    return {.code = "AccessDenied", .message = std::move(message), .http_status = 403};
}

ApiError no_device() {
    return denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid "
        "and associated with this user.");
}

ApiError wrong_code() {
    return denied("MultiFactorAuthentication failed with invalid MFA one time pass code.");
}

}  // namespace

void add_claim(access::ContextValues& context, const SecondFactor& factor) {
    if (!factor.is_claimed()) return;
    context.push_back({"aws:MultiFactorAuthPresent", {"true"}});
    context.push_back({"aws:MultiFactorAuthAge", {"0"}});
}

Result<std::optional<Time>> prove(operation::Call& call, const SecondFactor& factor) {
    if (!factor.is_claimed()) return call.caller.mfa_at;
    if (!factor.serial_number || !factor.token_code) return no_device();
    SEK_TRY(auto device, domain::find_virtual_mfa(call.tx, call.account(), *factor.serial_number));
    const bool has_devices =
        call.caller.kind == access::CallerKind::user || call.caller.kind == access::CallerKind::root;
    const bool is_own = device && has_devices && device->user_id == call.caller.principal_id;
    if (!is_own) return no_device();
    if (domain::is_locked(*device, call.now)) return wrong_code();
    if (!domain::use_code(*device, *factor.token_code, call.now)) {
        domain::count_wrong_code(*device, call.now);
        SEK_TRY(domain::virtual_mfa_devices.put(call.on_refusal(), *device));
        return wrong_code();
    }
    SEK_TRY(domain::virtual_mfa_devices.put(call.tx, *device));
    return std::optional(call.now);
}

}  // namespace sekisho::sts_service
