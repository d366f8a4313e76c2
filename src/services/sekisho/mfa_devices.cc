// A person's MFA devices: for administrators, and for the person.
#include "base/limits.h"
#include "domain/portal.h"
#include "services/sekisho/attempt.h"
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
    SEK_TRY(auto after, page_start(call, scope, request));
    SEK_TRY(auto page, domain::mfa_devices.scan(call.tx, store::prefix(found.person.id),
                                                {.after = std::move(after), .limit = page_limit(request)}));
    control::ListMfaDevicesResponse response;
    for (const auto& device : page.items) response.mfa_devices.push_back(to_view(device));
    if (page.next) response.next_token = call.seal_page(scope, *page.next);
    return response;
}

Result<control::MfaDevice> rename(Call& call, const PersonId& person, const std::string& id, const std::string& name) {
    SEK_TRY(auto device, domain::mfa_devices.get(call.tx, person, id));
    if (!device) return control::errors::resource_not_found_exception("MFA device not found.");
    device->name = name;
    SEK_TRY(domain::mfa_devices.put(call.tx, *device));
    return to_view(*device);
}

Result<void> remove(Call& call, const domain::Person& person, const std::string& id) {
    SEK_TRY(const auto device, domain::mfa_devices.get(call.tx, person.id, id));
    if (!device) return control::errors::resource_not_found_exception("MFA device not found.");
    SEK_TRY(domain::mfa_devices.erase(call.tx, person.id, id));
    return tell_person(call, person, domain::MailKind::device_removed, device->name);
}

Result<control::UpdateMfaDeviceResponse> update_mfa_device(Call& call, const control::UpdateMfaDeviceRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    SEK_TRY(auto device, rename(call, found.person.id, request.device_id, request.display_name));
    return control::UpdateMfaDeviceResponse{.mfa_device = std::move(device)};
}

Result<control::DeleteMfaDeviceResponse> delete_mfa_device(Call& call, const control::DeleteMfaDeviceRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    SEK_TRY(remove(call, found.person, request.device_id));
    return control::DeleteMfaDeviceResponse{};
}

// For somebody whose devices are lost or stolen: whoever holds them is signed out, and is asked as one without a
// device.
Result<control::ResetMfaDevicesResponse> reset_mfa_devices(Call& call, const control::ResetMfaDevicesRequest& request) {
    SEK_TRY(auto found, find_administered(call, request.identity_store_id, request.user_id));
    call.tx.read_guard(domain::mfa_devices_guard(found.person.id));
    SEK_TRY(const auto devices, domain::mfa_devices.scan(call.tx, store::prefix(found.person.id)));
    for (const auto& device : devices.items) SEK_TRY(remove(call, found.person, device.id));
    SEK_TRY(domain::end_all_sessions(call.tx, found.person));
    return control::ResetMfaDevicesResponse{.removed_devices = static_cast<std::int32_t>(devices.items.size())};
}

// For one sign-in in place of the second factor, after the password. Told by telephone: easy to read aloud.
Result<control::CreateMfaRecoveryCodeResponse> create_mfa_recovery_code(
    Call& call, const control::CreateMfaRecoveryCodeRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    const auto& person = found.person;
    call.tx.read_guard(domain::mailed_tokens_guard(person.id));
    SEK_TRY(const auto before, domain::mailed_tokens.scan_by(call.tx, domain::mailed_tokens_by_person,
                                                             store::key(person.id, mfa_recovery_purpose)));
    for (const auto& token : before.items) SEK_TRY(domain::mailed_tokens.erase(call.tx, token.token_hash));
    constexpr std::string_view alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";  // 80 bits
    const auto group = [&] { return random_text(call.random, 4, alphabet); };
    const std::string code = group() + "-" + group() + "-" + group() + "-" + group();
    const auto expires_at = call.now + seconds(limits::mfa_recovery_seconds);
    SEK_TRY(domain::mailed_tokens.put(call.tx, {.token_hash = mfa_recovery_hash(person.id, code),
                                                .purpose = std::string(mfa_recovery_purpose),
                                                .person_id = person.id,
                                                .identity_store_id = person.identity_store_id,
                                                .account_id = {},
                                                .created_at = call.now,
                                                .expires_at = expires_at,
                                                .email = {}}));
    return control::CreateMfaRecoveryCodeResponse{.recovery_code = code, .expires_date = expires_at};
}

// The person who is signed in, where people manage their devices themselves.
Result<domain::Person> device_owner(Call& call, domain::IdentityCenter& center) {
    SEK_TRY(auto person, signed_in_person(call));
    SEK_TRY(center, load_center(call, person.identity_store_id));
    if (!center.mfa.users_manage_devices) {
        return control::errors::access_denied_exception("Your administrator manages MFA devices.");
    }
    return person;
}

Result<control::UpdateOwnMfaDeviceResponse> update_own_mfa_device(Call& call,
                                                                  const control::UpdateOwnMfaDeviceRequest& request) {
    domain::IdentityCenter center;
    SEK_TRY(const auto person, device_owner(call, center));
    SEK_TRY(auto device, rename(call, person.id, request.device_id, request.display_name));
    return control::UpdateOwnMfaDeviceResponse{.mfa_device = std::move(device)};
}

Result<control::DeleteOwnMfaDeviceResponse> delete_own_mfa_device(Call& call,
                                                                  const control::DeleteOwnMfaDeviceRequest& request) {
    domain::IdentityCenter center;
    SEK_TRY(const auto person, device_owner(call, center));
    SEK_TRY(const auto devices, usable_devices(call, person.id, center.mfa));
    const bool is_last = devices.size() == 1 && devices.front().id == request.device_id;
    const bool is_asked = center.mfa.prompt != domain::MfaPrompt::never;
    if (is_last && is_asked && center.mfa.missing_device == domain::MissingDevice::block) {
        return control::errors::conflict_exception(
            "This is your only MFA device, and without one you cannot sign in. Register another one first.");
    }
    SEK_TRY(remove(call, person, request.device_id));
    return control::DeleteOwnMfaDeviceResponse{};
}

}  // namespace

const operation::OperationTable mfa_device_operations = {
    operation::operation<control::ListMfaDevices>(
        {.access = Access::read, .resources = person_permissions, .handle = list_mfa_devices}),
    operation::operation<control::UpdateMfaDevice>(
        {.access = Access::write, .resources = person_permissions, .handle = update_mfa_device}),
    operation::operation<control::DeleteMfaDevice>(
        {.access = Access::write, .resources = person_permissions, .handle = delete_mfa_device}),
    operation::operation<control::ResetMfaDevices>(
        {.access = Access::write, .resources = person_permissions, .handle = reset_mfa_devices}),
    operation::operation<control::CreateMfaRecoveryCode>(
        {.access = Access::write, .resources = person_permissions, .handle = create_mfa_recovery_code}),
    operation::operation<control::UpdateOwnMfaDevice>(
        {.access = Access::write, .resources = operation::any_person, .handle = update_own_mfa_device}),
    operation::operation<control::DeleteOwnMfaDevice>(
        {.access = Access::write, .resources = operation::any_person, .handle = delete_own_mfa_device}),
};

}  // namespace sekisho::control_service
