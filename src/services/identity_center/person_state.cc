// Disabling a person ends everything that stands on them: the next request of the portal, of a token, of role
// credentials or of kubectl is refused (access/liveness.h).
#include "models/control.h"
#include "services/identity_center/directory.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

template <class Request>
access::Permissions person_permissions(const Call& call, const Request& request) {
    auto permissions = on_store_of_any_region(call, request.identity_store_id);
    add_user(permissions, request.user_id);
    return permissions;
}

template <class Request>
Result<domain::Person> person_of(const Call& call, const Request& request) {
    SEK_TRY(const auto center, store_of_any_region(call, request.identity_store_id));
    SEK_TRY(auto person, domain::people.get(call.tx, center.identity_store_id, request.user_id));
    if (!person) return control::errors::resource_not_found_exception("USER not found.");
    return std::move(*person);
}

Result<void> put_changed(Call& call, domain::Person& person) {
    ++person.revision;
    person.updated_at = call.now;
    person.updated_by = call.caller.arn;
    return domain::people.put(call.tx, person);
}

Result<control::DisableUserResponse> disable_user(Call& call, const control::DisableUserRequest& request) {
    SEK_TRY(auto person, person_of(call, request));
    if (person.enabled) {
        person.enabled = false;
        ++person.epoch;
        SEK_TRY(put_changed(call, person));
    }
    return control::DisableUserResponse();
}

// The epoch stays: what was ended stays ended, and the person signs in anew.
Result<control::EnableUserResponse> enable_user(Call& call, const control::EnableUserRequest& request) {
    SEK_TRY(auto person, person_of(call, request));
    if (!person.enabled) {
        person.enabled = true;
        SEK_TRY(put_changed(call, person));
    }
    return control::EnableUserResponse();
}

}  // namespace

const operation::OperationTable person_state_operations = {
    operation::operation<control::DisableUser>({.access = Access::write,
                                                .resources = person_permissions<control::DisableUserRequest>,
                                                .handle = disable_user}),
    operation::operation<control::EnableUser>(
        {.access = Access::write, .resources = person_permissions<control::EnableUserRequest>, .handle = enable_user}),
};

}  // namespace sekisho::identity_center_service
