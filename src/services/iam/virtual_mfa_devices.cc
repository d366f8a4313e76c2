// Virtual MFA devices themselves; mfa_devices.cc enables them for users.
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/qr_code.h"
#include "crypto/totp.h"
#include "services/iam/service.h"
#include "services/iam/tag_operations.h"
#include "services/iam/virtual_mfa.h"
#include "services/iam/wire_forms.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

Permissions on_device(const Call& call, const std::string& serial_number, ContextValues context = {}) {
    access::Permission permission;
    permission.resource = serial_number;
    permission.context = std::move(context);
    const auto device = domain::find_virtual_mfa(call.tx, call.account(), serial_number);
    if (device && *device) add_resource_tags(permission.context, (*device)->tags);
    return {permission};
}

Permissions create_permissions(const Call& call, const iam::CreateVirtualMFADeviceRequest& request) {
    ContextValues context;
    add_request_tags(context, request.tags);
    Permissions permissions{on_new(call, "mfa", request.path, request.virtual_mfa_device_name, "", std::move(context))};
    if (request.tags && !request.tags->empty()) also(permissions, "iam:TagMFADevice");
    return permissions;
}

// The serial number must fit where other operations take it.
Result<void> check_length(const std::string& serial_number, const std::string& name) {
    constexpr std::size_t serial_number_characters_max = 256;
    if (serial_number.size() <= serial_number_characters_max) return {};
    const std::size_t others = serial_number.size() - name.size();
    return ApiError{
        .code = "ValidationError",
        .message = fmt::format("1 validation error detected: Value '{}' at 'virtualMFADeviceName' failed to satisfy "
                               "constraint: Member must have length less than or equal to {}",
                               name, serial_number_characters_max - std::min(serial_number_characters_max, others))};
}

Result<iam::CreateVirtualMFADeviceResponse> create_device(Call& call,
                                                          const iam::CreateVirtualMFADeviceRequest& request) {
    domain::VirtualMfaDevice device;
    device.account_id = call.account();
    device.path = request.path.value_or("/");
    device.name = request.virtual_mfa_device_name;
    const auto serial_number = domain::virtual_mfa_arn(device);
    SEK_TRY(check_length(serial_number, device.name));
    if (domain::virtual_mfa_devices.exists(call.tx, device.account_id, device.path, device.name)) {
        return iam::errors::entity_already_exists_exception(
            "MFADevice entity at the same path and name already exists.");
    }
    device.seed = crypto::new_totp_seed(call.random);
    device.created_at = call.now;
    if (request.tags) SEK_TRY(add_tags(device.tags, *request.tags));
    SEK_TRY(domain::virtual_mfa_devices.put(call.tx, device));

    const auto uri = crypto::totp_uri(device.seed, "Sekisho", device.name + "@" + device.account_id.str());
    iam::VirtualMFADevice wire;
    wire.serial_number = serial_number;
    wire.base32_string_seed = encode_base32(device.seed.expose());
    SEK_TRY(wire.qr_code_png, make_qr_png(uri.expose()));
    wire.tags = tags_or_none(device.tags);
    return iam::CreateVirtualMFADeviceResponse{.virtual_mfa_device = std::move(wire)};
}

template <class Request>
Permissions on_named_device(const Call& call, const Request& request) {
    return on_device(call, request.serial_number);
}

Result<iam::DeleteVirtualMFADeviceResponse> delete_device(Call& call,
                                                          const iam::DeleteVirtualMFADeviceRequest& request) {
    SEK_TRY(const auto device, require_virtual_mfa(call, request.serial_number));
    if (device.user_id) {
        return iam::errors::delete_conflict_exception("MFA VirtualDevice in use. Must deactivate first.");
    }
    SEK_TRY([[maybe_unused]] const bool existed,
            domain::virtual_mfa_devices.erase(call.tx, device.account_id, device.path, device.name));
    return iam::DeleteVirtualMFADeviceResponse{};
}

Permissions list_permissions(const Call& call, const iam::ListVirtualMFADevicesRequest&) {
    return on_path(call, "mfa", {});
}

// Without seed and image: those are told once.
Result<iam::VirtualMFADevice> to_wire(const store::Reader& reader, const domain::VirtualMfaDevice& device) {
    iam::VirtualMFADevice wire;
    wire.serial_number = domain::virtual_mfa_arn(device);
    wire.enable_date = device.enabled_at;
    if (device.user_id) {
        if (*device.user_id == domain::root_principal(device.account_id)) {
            SEK_TRY(wire.user, root_to_wire(reader, device.account_id));
            return wire;
        }
        SEK_TRY(const auto user, domain::iam_users.get_by(reader, domain::iam_users_by_id, *device.user_id));
        if (user) wire.user = user_to_wire(*user);
    }
    return wire;
}

Result<iam::ListVirtualMFADevicesResponse> list_devices(Call& call, const iam::ListVirtualMFADevicesRequest& request) {
    using Status = iam::AssignmentStatusType;
    const auto status = request.assignment_status.value_or(Status::any);
    const auto scope = "ListVirtualMFADevices\n" + std::string(to_text(status));
    SEK_TRY(auto page, store_page(call, scope, request));
    SEK_TRY(const auto found, filtered_page(domain::virtual_mfa_devices, call.tx, store::prefix(call.account()),
                                            std::move(page), [&](const domain::VirtualMfaDevice& device) {
                                                return status == Status::any ||
                                                       (status == Status::assigned) == device.user_id.has_value();
                                            }));
    iam::ListVirtualMFADevicesResponse response;
    for (const auto& device : found.items) {
        SEK_TRY(auto wire, to_wire(call.tx, device));
        response.virtual_mfa_devices.push_back(std::move(wire));
    }
    close_page(call, scope, found.next, response);
    return response;
}

struct DeviceTags {
    using Tag = iam::TagMFADevice;
    using Untag = iam::UntagMFADevice;
    using List = iam::ListMFADeviceTags;
    static const std::string& name(const auto& request) { return request.serial_number; }
    static constexpr auto permissions = on_device;
    static constexpr auto find = require_virtual_mfa;
    static Result<void> save(Call& call, const domain::VirtualMfaDevice& device) {
        return domain::virtual_mfa_devices.put(call.tx, device);
    }
};

}  // namespace

const operation::OperationTable virtual_mfa_device_operations = with_tag_operations<DeviceTags>({
    operation<iam::CreateVirtualMFADevice>(
        {.access = Access::write, .resources = create_permissions, .handle = create_device}),
    operation<iam::DeleteVirtualMFADevice>({.access = Access::write,
                                            .resources = on_named_device<iam::DeleteVirtualMFADeviceRequest>,
                                            .handle = delete_device}),
    operation<iam::ListVirtualMFADevices>(
        {.access = Access::read, .resources = list_permissions, .handle = list_devices}),
});

}  // namespace sekisho::iam_service
