// A person's MFA devices, for administrators.
#include "services/sekisho/people.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

Result<control::ListMfaDevicesResponse> list_mfa_devices(Call& call, const control::ListMfaDevicesRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    const auto scope = "ListMfaDevices " + request.user_id;
    auto after = call.open_page(scope, request.next_token.value_or(""));
    if (!after) return control::errors::validation_exception("NextToken is not valid.");
    SEK_TRY(auto page, domain::mfa_devices.scan(call.tx, store::prefix(found.person.id),
                                                {.after = std::move(*after), .limit = page_limit(request)}));
    control::ListMfaDevicesResponse response;
    for (const auto& device : page.items) response.mfa_devices.push_back(to_view(device));
    if (page.next) response.next_token = call.seal_page(scope, *page.next);
    return response;
}

Result<domain::MfaDevice> find_device(Call& call, const domain::Person& person, const std::string& id) {
    SEK_TRY(auto device, domain::mfa_devices.get(call.tx, person.id, id));
    if (!device) return control::errors::resource_not_found_exception("MFA device not found.");
    return std::move(*device);
}

Result<control::UpdateMfaDeviceResponse> update_mfa_device(Call& call, const control::UpdateMfaDeviceRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    SEK_TRY(auto device, find_device(call, found.person, request.device_id));
    device.name = request.display_name;
    SEK_TRY(domain::mfa_devices.put(call.tx, device));
    return control::UpdateMfaDeviceResponse{.mfa_device = to_view(device)};
}

Result<control::DeleteMfaDeviceResponse> delete_mfa_device(Call& call, const control::DeleteMfaDeviceRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    SEK_TRY(const auto device, find_device(call, found.person, request.device_id));
    SEK_TRY(domain::mfa_devices.erase(call.tx, found.person.id, device.id));
    return control::DeleteMfaDeviceResponse{};
}

}  // namespace

const operation::OperationTable mfa_device_operations = {
    operation::operation<control::ListMfaDevices>(
        {.access = Access::read, .resources = person_permissions, .handle = list_mfa_devices}),
    operation::operation<control::UpdateMfaDevice>(
        {.access = Access::write, .resources = person_permissions, .handle = update_mfa_device}),
    operation::operation<control::DeleteMfaDevice>(
        {.access = Access::write, .resources = person_permissions, .handle = delete_mfa_device}),
};

}  // namespace sekisho::control_service
