// A root user's authenticator app, registered at its first sign-in: AWS requires a second factor of root users. The
// app's seed lives in the sealed attempt until its first code comes.
#include "crypto/totp.h"
#include "domain/virtual_mfa.h"
#include "services/signin/attempt.h"
#include "services/signin/console_login.h"
#include "services/signin/service.h"
#include "services/signin/tries.h"

namespace sekisho::signin_service {
namespace {

using operation::Access;
using operation::Call;
using signin::SignInStep;

// AWS's name for it, unless one of the account's users has taken that. One that nobody uses any more is replaced.
Result<std::string> free_device_name(Call& call, const AccountId& account) {
    std::string name(domain::root_device_name);
    for (int next = 2;; ++next) {
        SEK_TRY(const auto holder, domain::virtual_mfa_devices.get(call.tx, account, "/", name));
        if (!holder || !holder->user_id) return name;
        name = std::string(domain::root_device_name) + "-" + std::to_string(next);
    }
}

Result<signin::SignInOutcome> confirm_enrolment(Call& call, const signin::ConfirmMfaEnrolmentRequest& request) {
    SEK_TRY(auto open, open_attempt(call, request.attempt_token, SignInStep::mfa_enrolment));
    if (!open.is_root() || open.attempt.seed.empty()) return attempt_is_over();
    const auto counted = open.counted();
    SEK_TRY(check_locks(call, counted));
    const auto& root = open.attempt.user_id;
    call.tx.read_guard(domain::user_mfa_devices_guard(root));
    SEK_TRY(const auto devices, domain::mfa_devices_of_user(call.tx, root));
    // Whoever knows the password alone must not add a device beside one that came meanwhile.
    if (!devices.empty()) return attempt_is_over();
    domain::VirtualMfaDevice device;
    device.account_id = open.attempt.account_id;
    device.path = "/";
    SEK_TRY(device.name, free_device_name(call, device.account_id));
    device.seed = Secret(open.attempt.seed);
    device.created_at = call.now;
    device.user_id = root;
    device.enabled_at = call.now;
    if (!domain::use_code(device, code_of(request.mfa_code), call.now)) {
        SEK_TRY(count_failure(call, counted));
        record_failure(call, open.subject(), true);
        return wrong_code();
    }
    SEK_TRY(domain::virtual_mfa_devices.put(call.tx, device));
    open.attempt.seed.clear();
    open.attempt.mfa_at = call.now;
    return go_on(call, std::move(open));
}

}  // namespace

const operation::OperationTable enrolment_operations = {
    operation::operation<signin::ConfirmMfaEnrolment>(
        {.access = Access::write, .resources = operation::anyone, .handle = confirm_enrolment}),
};

}  // namespace sekisho::signin_service
