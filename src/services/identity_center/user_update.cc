#include "services/identity_center/attribute_update.h"
#include "services/identity_center/service.h"
#include "services/identity_center/user_record.h"

namespace sekisho::identity_center_service {
namespace {

constexpr std::string_view settable[] = {
    "UserName",     "Name",      "DisplayName", "NickName",          "ProfileUrl", "Emails",   "Addresses",
    "PhoneNumbers", "UserType",  "Title",       "PreferredLanguage", "Locale",     "Timezone", "Photos",
    "Website",      "Birthdate", "Roles",       "ExternalIds"};

access::Permissions update_user_permissions(const Call& call, const identitystore::UpdateUserRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::owner);
    add_user(permissions, request.user_id);
    return permissions;
}

Result<identitystore::UpdateUserResponse> update_user(Call& call, const identitystore::UpdateUserRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(auto person, find_person(call, center, request.user_id));
    if (request.revision && *request.revision != std::to_string(person.revision)) return stale_revision();

    identitystore::User before, user;
    fill_user(person, {std::string(enterprise_extension)}, before);
    SEK_TRY(update_attributes(identitystore::User::shape, &before, settable, request.operations, &user));
    take_user(user, person);
    person.external_ids.clear();
    for (const auto& external : user.external_ids.value_or(std::vector<identitystore::ExternalId>())) {
        person.external_ids.push_back({.issuer = external.issuer, .id = external.id});
    }
    SEK_TRY(check_person(person));
    ++person.revision;
    person.updated_at = call.now;
    person.updated_by = call.caller.arn;
    if (auto put = domain::people.put(call.tx, person); !put) return conflict_of(std::move(put).error());
    return identitystore::UpdateUserResponse{.identity_store_id = center.identity_store_id.str(),
                                             .user_id = person.id.str(),
                                             .user_arn = domain::person_arn(person.id),
                                             .revision = std::to_string(person.revision)};
}

}  // namespace

const operation::OperationTable user_update_operations = {
    operation::operation<identitystore::UpdateUser>(
        {.access = Access::write, .resources = update_user_permissions, .handle = update_user}),
};

}  // namespace sekisho::identity_center_service
