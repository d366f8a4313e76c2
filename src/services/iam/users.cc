#include "base/text.h"
#include "domain/organization.h"
#include "domain/virtual_mfa.h"
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/policy_use.h"
#include "services/iam/service.h"
#include "services/iam/tag_operations.h"
#include "services/iam/tags.h"
#include "services/iam/wire_forms.h"
#include "wire/arn.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

Result<iam::User> to_wire_full(const store::Reader& reader, const domain::IamUser& user) {
    auto wire = user_to_wire(user);
    SEK_TRY(const auto policies, load_policies(reader, user.id));
    wire.permissions_boundary = boundary_to_wire(policies);
    wire.tags = tags_or_none(user.tags);
    return wire;
}

Permissions create_user_permissions(const Call& call, const iam::CreateUserRequest& request) {
    ContextValues context;
    add_request_tags(context, request.tags);
    add_boundary(context, request.permissions_boundary);
    Permissions permissions{on_new(call, "user", request.path, request.user_name, "", std::move(context))};
    if (request.tags && !request.tags->empty()) also(permissions, "iam:TagUser");
    return permissions;
}

Result<iam::CreateUserResponse> create_user(Call& call, const iam::CreateUserRequest& request) {
    if (domain::iam_users.exists(call.tx, call.account(), lower_ascii(request.user_name))) {
        return iam::errors::entity_already_exists_exception("User with name " + request.user_name + " already exists.");
    }
    domain::IamUser user;
    user.account_id = call.account();
    user.name = request.user_name;
    user.path = request.path.value_or("/");
    user.id = PrincipalId(domain::make_unique_id("AIDA", call.account(), call.random));
    user.created_at = call.now;
    if (request.tags) SEK_TRY(add_tags(user.tags, *request.tags));
    SEK_TRY(domain::iam_users.put(call.tx, user));
    if (request.permissions_boundary) SEK_TRY(set_boundary(call.tx, entity_of(user), *request.permissions_boundary));
    iam::CreateUserResponse response;
    SEK_TRY(response.user, to_wire_full(call.tx, user));
    return response;
}

Permissions get_user_permissions(const Call& call, const iam::GetUserRequest& request) {
    return on_user_or_caller(call, request.user_name);
}

Result<iam::GetUserResponse> get_user(Call& call, const iam::GetUserRequest& request) {
    SEK_TRY(const auto name, user_or_caller(call, request.user_name));
    iam::GetUserResponse response;
    if (!name) {
        SEK_TRY(response.user, root_to_wire(call.tx, call.account()));
        return response;
    }
    SEK_TRY(const auto user, require_user(call.tx, call.account(), *name));
    SEK_TRY(response.user, to_wire_full(call.tx, user));
    return response;
}

Permissions list_users_permissions(const Call& call, const iam::ListUsersRequest& request) {
    return on_path(call, "user", request.path_prefix);
}

Result<iam::ListUsersResponse> list_users(Call& call, const iam::ListUsersRequest& request) {
    const auto prefix = request.path_prefix.value_or("/");
    const auto scope = "ListUsers\n" + prefix;
    SEK_TRY(auto page, store_page(call, scope, request));
    SEK_TRY(const auto found,
            filtered_page(domain::iam_users, call.tx, store::prefix(call.account()), std::move(page),
                          [&](const domain::IamUser& user) { return user.path.starts_with(prefix); }));
    iam::ListUsersResponse response;
    for (const auto& user : found.items) response.users.push_back(user_to_wire(user));
    close_page(call, scope, found.next, response);
    return response;
}

Permissions update_user_permissions(const Call& call, const iam::UpdateUserRequest& request) {
    auto permissions = on_entity(call, EntityKind::user, request.user_name);
    if (request.new_user_name || request.new_path) {
        // Both the user as it is and as it will be (IAM user guide, "Renaming an IAM user").
        permissions.push_back(on_new(call, "user", request.new_path, request.new_user_name.value_or(request.user_name),
                                     "user", permissions.front().context));
    }
    return permissions;
}

// What is keyed by the user's name follows it.
Result<void> rename_user(Call& call, const domain::IamUser& user, const std::string& new_name) {
    SEK_TRY(rename_policy_uses(call.tx, entity_of(user), new_name));
    SEK_TRY(const auto keys, domain::access_keys.scan_by(call.tx, domain::access_keys_by_user,
                                                         store::key(user.account_id, lower_ascii(user.name))));
    call.tx.read_guard(domain::access_keys_guard(user.account_id, user.name));
    for (auto key : keys.items) {
        key.user_name = new_name;
        SEK_TRY(domain::access_keys.put(call.tx, key));
    }
    SEK_TRY(auto profile, domain::login_profiles.get(call.tx, user.account_id, lower_ascii(user.name)));
    if (profile) {
        SEK_TRY([[maybe_unused]] const bool existed,
                domain::login_profiles.erase(call.tx, user.account_id, lower_ascii(user.name)));
        profile->user_name = new_name;
        SEK_TRY(domain::login_profiles.put(call.tx, *profile));
    }
    SEK_TRY([[maybe_unused]] const bool existed,
            domain::iam_users.erase(call.tx, user.account_id, lower_ascii(user.name)));
    return {};
}

Result<iam::UpdateUserResponse> update_user(Call& call, const iam::UpdateUserRequest& request) {
    SEK_TRY(auto user, require_user(call.tx, call.account(), request.user_name));
    const auto new_name = request.new_user_name.value_or(user.name);
    if (new_name != user.name) {
        const bool taken = !equals_ignoring_case(new_name, user.name) &&
                           domain::iam_users.exists(call.tx, call.account(), lower_ascii(new_name));
        if (taken) {
            return iam::errors::entity_already_exists_exception("User with name " + new_name + " already exists.");
        }
        SEK_TRY(rename_user(call, user, new_name));
        user.name = new_name;
    }
    user.path = request.new_path.value_or(user.path);
    SEK_TRY(domain::iam_users.put(call.tx, user));
    return iam::UpdateUserResponse{};
}

Permissions delete_user_permissions(const Call& call, const iam::DeleteUserRequest& request) {
    return on_entity(call, EntityKind::user, request.user_name);
}

ApiError must_first(std::string_view what) {
    return iam::errors::delete_conflict_exception("Cannot delete entity, must " + std::string(what) + " first.");
}

Result<iam::DeleteUserResponse> delete_user(Call& call, const iam::DeleteUserRequest& request) {
    SEK_TRY(const auto user, require_user(call.tx, call.account(), request.user_name));
    const auto name = lower_ascii(user.name);
    if (domain::login_profiles.exists(call.tx, user.account_id, name)) return must_first("delete login profile");
    call.tx.read_guard(domain::access_keys_guard(user.account_id, user.name));
    SEK_TRY(const auto keys, domain::access_keys.scan_by(call.tx, domain::access_keys_by_user,
                                                         store::key(user.account_id, name), {.limit = 1}));
    if (!keys.items.empty()) return must_first("delete access keys");
    call.tx.read_guard(domain::user_mfa_devices_guard(user.id));
    SEK_TRY(const auto devices, domain::mfa_devices_of_user(call.tx, user.id));
    if (!devices.empty()) return must_first("delete MFA device");
    SEK_TRY(const auto policies, load_policies(call.tx, user.id));
    if (!policies.group_ids.empty()) return must_first("remove users from group");
    SEK_TRY(delete_policies(call.tx, entity_of(user)));
    SEK_TRY([[maybe_unused]] const bool existed, domain::iam_users.erase(call.tx, user.account_id, name));
    return iam::DeleteUserResponse{};
}

struct UserTags {
    using Tag = iam::TagUser;
    using Untag = iam::UntagUser;
    using List = iam::ListUserTags;
    static const std::string& name(const auto& request) { return request.user_name; }
    static Permissions permissions(const Call& call, const std::string& name, ContextValues context) {
        return on_entity(call, EntityKind::user, name, std::move(context));
    }
    static Result<domain::IamUser> find(const Call& call, const std::string& name) {
        return require_user(call.tx, call.account(), name);
    }
    static Result<void> save(Call& call, const domain::IamUser& user) { return domain::iam_users.put(call.tx, user); }
};

}  // namespace

iam::User user_to_wire(const domain::IamUser& user) {
    iam::User wire;
    wire.path = user.path;
    wire.user_name = user.name;
    wire.user_id = user.id.str();
    wire.arn = domain::user_arn(user);
    wire.create_date = user.created_at;
    wire.password_last_used = user.password_last_used;
    return wire;
}

Result<iam::User> root_to_wire(const store::Reader& reader, const AccountId& id) {
    SEK_TRY(const auto account, domain::accounts.get(reader, id));
    if (!account) return errors::internal_failure("the account of a root user is missing");
    SEK_TRY(const auto profile, domain::login_profiles.get(reader, id, ""));
    iam::User wire;
    wire.path = "/";
    wire.user_name = account->alias.value_or(id.str());
    wire.user_id = id.str();
    wire.arn = wire::make_root_arn(id);
    wire.create_date = account->created_at;
    if (profile) wire.password_last_used = profile->root_last_used;
    return wire;
}

const operation::OperationTable user_operations = with_tag_operations<UserTags>({
    operation<iam::CreateUser>({.access = Access::write, .resources = create_user_permissions, .handle = create_user}),
    operation<iam::GetUser>({.access = Access::read, .resources = get_user_permissions, .handle = get_user}),
    operation<iam::ListUsers>({.access = Access::read, .resources = list_users_permissions, .handle = list_users}),
    operation<iam::UpdateUser>({.access = Access::write, .resources = update_user_permissions, .handle = update_user}),
    operation<iam::DeleteUser>({.access = Access::write, .resources = delete_user_permissions, .handle = delete_user}),
});

}  // namespace sekisho::iam_service
