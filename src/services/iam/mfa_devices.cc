// MFA devices of users and of the root user: virtual ones (virtual_mfa_devices.cc), enabled by two codes in a row.
#include "base/limits.h"
#include "base/text.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"
#include "services/iam/virtual_mfa.h"
#include "services/iam/wire_forms.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

template <class Request>
Permissions on_owner(const Call& call, const Request& request) {
    if constexpr (requires { request.user_name.value(); }) {
        return on_user_or_caller(call, request.user_name);
    } else {
        return on_entity(call, EntityKind::user, request.user_name);
    }
}

// Whose devices a request is about: a user's, or those of the account's root user, which only it itself manages.
struct DeviceOwner {
    PrincipalId id;
    std::string name;  // as GetUser shows it
};

Result<DeviceOwner> root_of(const Call& call) {
    SEK_TRY(auto root, root_to_wire(call.tx, call.account()));
    return DeviceOwner{.id = domain::root_principal(call.account()), .name = std::move(root.user_name)};
}

Result<DeviceOwner> owner_of(const Call& call, const std::optional<std::string>& requested) {
    SEK_TRY(const auto name, user_or_caller(call, requested));
    if (!name) return root_of(call);
    // Where a request must name somebody, the root user names itself; a user of that name goes before.
    if (call.caller.kind == access::CallerKind::root) {
        SEK_TRY(auto root, root_of(call));
        const bool is_user = domain::iam_users.exists(call.tx, call.account(), lower_ascii(*name));
        if (!is_user && *name == root.name) return root;
    }
    SEK_TRY(const auto user, require_user(call.tx, call.account(), *name));
    return DeviceOwner{.id = user.id, .name = user.name};
}

ApiError not_of_user() {
    return iam::errors::no_such_entity_exception("MFA Device invalid for user.");
}

// Wrong codes are counted, and past a few the device is locked for a while: as at sign-in.
template <class Request>
Result<void> take_codes(Call& call, domain::VirtualMfaDevice& device, const Request& request, int steps_max) {
    if (domain::is_locked(device, call.now)) {
        return iam::errors::entity_temporarily_unmodifiable_exception(
            "MFA Device is locked after too many wrong authentication codes. Wait a while, then try again.");
    }
    if (domain::use_code_pair(device, request.authentication_code1, request.authentication_code2, call.now,
                              steps_max)) {
        return {};
    }
    domain::count_wrong_code(device, call.now);
    SEK_TRY(domain::virtual_mfa_devices.put(call.on_refusal(), device));
    return iam::errors::invalid_authentication_code_exception("Authentication code for device is not valid.");
}

Result<iam::EnableMFADeviceResponse> enable_device(Call& call, const iam::EnableMFADeviceRequest& request) {
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    SEK_TRY(auto device, require_virtual_mfa(call, request.serial_number));
    if (device.user_id) return iam::errors::entity_already_exists_exception("MFA Device is already in use.");
    call.tx.read_guard(domain::user_mfa_devices_guard(owner.id));
    SEK_TRY(const auto others, domain::mfa_devices_of_user(call.tx, owner.id));
    if (others.size() >= limits::mfa_devices_of_user_max) {
        return iam::errors::limit_exceeded_exception("Cannot exceed quota for MFADevicesPerUser: " +
                                                     std::to_string(limits::mfa_devices_of_user_max));
    }
    SEK_TRY(take_codes(call, device, request, limits::mfa_enable_steps_max));
    device.user_id = owner.id;
    device.enabled_at = call.now;
    SEK_TRY(domain::virtual_mfa_devices.put(call.tx, device));
    return iam::EnableMFADeviceResponse{};
}

Result<iam::ResyncMFADeviceResponse> resync_device(Call& call, const iam::ResyncMFADeviceRequest& request) {
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    SEK_TRY(auto device, require_virtual_mfa(call, request.serial_number));
    if (device.user_id != owner.id) return not_of_user();
    SEK_TRY(take_codes(call, device, request, limits::mfa_resync_steps_max));
    SEK_TRY(domain::virtual_mfa_devices.put(call.tx, device));
    return iam::ResyncMFADeviceResponse{};
}

Result<iam::DeactivateMFADeviceResponse> deactivate_device(Call& call, const iam::DeactivateMFADeviceRequest& request) {
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    SEK_TRY(auto device, require_virtual_mfa(call, request.serial_number));
    if (device.user_id != owner.id) return not_of_user();
    device.user_id.reset();
    device.enabled_at.reset();
    SEK_TRY(domain::virtual_mfa_devices.put(call.tx, device));
    return iam::DeactivateMFADeviceResponse{};
}

Result<iam::ListMFADevicesResponse> list_devices(Call& call, const iam::ListMFADevicesRequest& request) {
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    std::vector<iam::MFADevice> all;
    SEK_TRY(const auto devices, domain::mfa_devices_of_user(call.tx, owner.id));
    for (const auto& device : devices) {
        all.push_back({.user_name = owner.name,
                       .serial_number = domain::virtual_mfa_arn(device),
                       .enable_date = device.enabled_at.value_or(device.created_at)});
    }
    iam::ListMFADevicesResponse response;
    const auto scope = "ListMFADevices\n" + owner.id.str();
    SEK_TRY(response.mfa_devices, page_of(call, scope, std::move(all), request, response));
    return response;
}

// Whose device it is, unless the request names a user.
Result<iam::GetMFADeviceResponse> get_device(Call& call, const iam::GetMFADeviceRequest& request) {
    SEK_TRY(const auto device, require_virtual_mfa(call, request.serial_number));
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    if (device.user_id != owner.id) return not_of_user();
    return iam::GetMFADeviceResponse{
        .user_name = owner.name, .serial_number = request.serial_number, .enable_date = device.enabled_at};
}

template <class Op>
operation::Operation row(Access access, Result<typename Op::Response> (*handle)(Call&, const typename Op::Request&)) {
    return operation<Op>({.access = access, .resources = on_owner<typename Op::Request>, .handle = handle});
}

}  // namespace

const operation::OperationTable mfa_device_operations = {
    row<iam::EnableMFADevice>(Access::write, enable_device),
    row<iam::ResyncMFADevice>(Access::write, resync_device),
    row<iam::DeactivateMFADevice>(Access::write, deactivate_device),
    row<iam::ListMFADevices>(Access::read, list_devices),
    row<iam::GetMFADevice>(Access::read, get_device),
};

}  // namespace sekisho::iam_service
