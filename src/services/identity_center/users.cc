#include "base/json.h"
#include "base/text.h"
#include "services/identity_center/forget.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"
#include "services/identity_center/user_record.h"

namespace sekisho::identity_center_service {
namespace {

using identitystore::ResourceType;

template <class Request>
access::Permissions user_read_permissions(const Call& call, const Request& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    add_user(permissions, request.user_id);
    return permissions;
}

access::Permissions delete_user_permissions(const Call& call, const identitystore::DeleteUserRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::owner);
    add_user(permissions, request.user_id);
    return permissions;
}

access::Permissions list_users_permissions(const Call& call, const identitystore::ListUsersRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    add_user(permissions, "*");
    return permissions;
}

Result<identitystore::CreateUserResponse> create_user(Call& call, const identitystore::CreateUserRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    domain::Person person;
    take_user(request, person);
    person.identity_store_id = center.identity_store_id;
    person.id = PersonId(make_directory_id(center, call.random));
    person.created_at = person.updated_at = call.now;
    person.created_by = person.updated_by = call.caller.arn;
    SEK_TRY(check_person(person));
    if (auto put = domain::people.put(call.tx, person); !put) return conflict_of(std::move(put).error());
    return identitystore::CreateUserResponse{.identity_store_id = center.identity_store_id.str(),
                                             .user_id = person.id.str(),
                                             .user_arn = domain::person_arn(person.id),
                                             .revision = std::to_string(person.revision)};
}

Result<identitystore::DescribeUserResponse> describe_user(Call& call,
                                                          const identitystore::DescribeUserRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto person, find_person(call, center, request.user_id));
    identitystore::DescribeUserResponse response;
    fill_user(person, request.extensions.value_or(std::vector<std::string>()), response);
    return response;
}

Result<identitystore::DeleteUserResponse> delete_user(Call& call, const identitystore::DeleteUserRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto person, find_person(call, center, request.user_id));
    if (request.revision && *request.revision != std::to_string(person.revision)) return stale_revision();
    SEK_TRY(domain::people.erase(call.tx, center.identity_store_id, person.id));
    SEK_TRY(forget_later(call.tx, center, domain::AssigneeKind::user, person.id));
    return identitystore::DeleteUserResponse();
}

// The one that a filter names; filters are exact (API reference, ListUsers).
Result<std::vector<domain::Person>> people_of_filter(const Call& call, const domain::IdentityCenter& center,
                                                     const identitystore::Filter& filter) {
    if (domain::fold_name(filter.attribute_path) != "username") {
        return validation_error("The attribute " + filter.attribute_path + " is not supported in a filter.");
    }
    SEK_TRY(auto found, domain::people.scan_by(call.tx, domain::people_by_name,
                                               store::key(center.identity_store_id, filter.attribute_value)));
    return std::move(found.items);
}

Result<identitystore::ListUsersResponse> list_users(Call& call, const identitystore::ListUsersRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    const auto scope = "ListUsers " + center.identity_store_id.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    store::Slice<domain::Person> found;
    if (request.filters && !request.filters->empty()) {
        if (request.filters->size() > 1) return validation_error("Only one filter is supported.");
        SEK_TRY(found.items, people_of_filter(call, center, request.filters->front()));
    } else {
        SEK_TRY(found, domain::people.scan(call.tx, store::prefix(center.identity_store_id), page));
    }
    identitystore::ListUsersResponse response;
    const auto extensions = request.extensions.value_or(std::vector<std::string>());
    for (const auto& person : found.items) fill_user(person, extensions, response.users.emplace_back());
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

// Exactly one of the two ways to name a user, by a unique attribute or by an outside id.
Result<std::optional<domain::Person>> find_alternate(const Call& call, const IdentityStoreId& store,
                                                     const identitystore::AlternateIdentifier& identifier) {
    if (identifier.external_id.has_value() == identifier.unique_attribute.has_value()) {
        return validation_error("AlternateIdentifier must have exactly one member.");
    }
    if (identifier.external_id) {
        SEK_TRY(auto found,
                domain::people.scan_by(call.tx, domain::people_by_external_id,
                                       store::key(store, identifier.external_id->issuer, identifier.external_id->id),
                                       {.limit = 1}));
        if (found.items.empty()) return std::optional<domain::Person>();
        return std::optional(std::move(found.items.front()));
    }
    const auto& attribute = *identifier.unique_attribute;
    const auto value = parse_json(attribute.attribute_value);
    if (!value || !value->is_string() || value->as_string().empty()) {
        return validation_error("attribute value cannot be empty or null for attribute path");
    }
    const std::string text(value->as_string());
    const auto path = lower_ascii(attribute.attribute_path);
    if (path == "username") {
        SEK_TRY(auto person,
                domain::people.get_by(call.tx, domain::people_by_folded_name, store, domain::fold_name(text)));
        if (person && person->user_name != text) person.reset();
        return person;
    }
    if (path == "emails.value") {
        return domain::people.get_by(call.tx, domain::people_by_email, store, domain::fold_name(text));
    }
    return validation_error("The attribute " + attribute.attribute_path + " is not a unique attribute");
}

access::Permissions get_user_id_permissions(const Call& call, const identitystore::GetUserIdRequest& request) {
    auto permissions = on_store(call, request.identity_store_id, Reach::members);
    std::string id = "*";
    if (const auto center = find_store(call, request.identity_store_id)) {
        const auto person = find_alternate(call, center->identity_store_id, request.alternate_identifier);
        if (person && *person) id = (*person)->id.str();
    }
    add_user(permissions, id);
    hide_last_resource(permissions);
    return permissions;
}

Result<identitystore::GetUserIdResponse> get_user_id(Call& call, const identitystore::GetUserIdRequest& request) {
    SEK_TRY(const auto center, store_of(call, request.identity_store_id));
    SEK_TRY(const auto person, find_alternate(call, center.identity_store_id, request.alternate_identifier));
    if (!person) return not_found(ResourceType::user, "");
    return identitystore::GetUserIdResponse{.identity_store_id = center.identity_store_id.str(),
                                            .user_id = person->id.str(),
                                            .user_arn = domain::person_arn(person->id)};
}

}  // namespace

const operation::OperationTable user_operations = {
    operation::operation<identitystore::CreateUser>(
        {.access = Access::write,
         .resources = store_write_permissions<identitystore::CreateUserRequest>,
         .handle = create_user}),
    operation::operation<identitystore::DescribeUser>(
        {.access = Access::read,
         .resources = user_read_permissions<identitystore::DescribeUserRequest>,
         .handle = describe_user}),
    operation::operation<identitystore::DeleteUser>(
        {.access = Access::write, .resources = delete_user_permissions, .handle = delete_user}),
    operation::operation<identitystore::ListUsers>(
        {.access = Access::read, .resources = list_users_permissions, .handle = list_users}),
    operation::operation<identitystore::GetUserId>(
        {.access = Access::read, .resources = get_user_id_permissions, .handle = get_user_id}),
};

}  // namespace sekisho::identity_center_service
