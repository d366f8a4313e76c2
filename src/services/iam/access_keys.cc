#include "base/limits.h"
#include "base/text.h"
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

// Whose keys a request is about: a user, or the account's root, whose keys have no user name.
struct KeyOwner {
    std::string user_name;
    PrincipalId id;
};

Result<KeyOwner> owner_of(const Call& call, const std::optional<std::string>& requested) {
    SEK_TRY(const auto name, user_or_caller(call, requested));
    if (!name) return KeyOwner{.user_name = {}, .id = domain::root_principal(call.account())};
    SEK_TRY(const auto user, require_user(call.tx, call.account(), *name));
    return KeyOwner{.user_name = user.name, .id = user.id};
}

template <class Request>
Permissions on_owner(const Call& call, const Request& request) {
    return on_user_or_caller(call, request.user_name);
}

std::string keys_prefix(const Call& call, const KeyOwner& owner) {
    return store::key(call.account(), lower_ascii(owner.user_name));
}

Result<domain::AccessKey> require_key(const Call& call, const KeyOwner& owner, const std::string& id) {
    SEK_TRY(auto key, domain::access_keys.get(call.tx, AccessKeyId(id)));
    if (!key || key->account_id != call.account() || key->user_id != owner.id) {
        return iam::errors::no_such_entity_exception("The Access Key with id " + id + " cannot be found.");
    }
    return std::move(*key);
}

Result<iam::CreateAccessKeyResponse> create_access_key(Call& call, const iam::CreateAccessKeyRequest& request) {
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    call.tx.read_guard(domain::access_keys_guard(call.account(), owner.user_name));
    SEK_TRY(const auto keys,
            domain::access_keys.scan_by(call.tx, domain::access_keys_by_user, keys_prefix(call, owner)));
    if (keys.items.size() >= limits::access_keys_of_user_max) {
        return iam::errors::limit_exceeded_exception("Cannot exceed quota for AccessKeysPerUser: " +
                                                     std::to_string(limits::access_keys_of_user_max));
    }
    domain::AccessKey key;
    key.id = domain::make_access_key_id("AKIA", call.account(), call.random);
    key.account_id = call.account();
    key.user_name = owner.user_name;
    key.user_id = owner.id;
    key.secret = domain::make_secret_access_key(call.random);
    key.created_at = call.now;
    SEK_TRY(domain::access_keys.put(call.tx, key));
    iam::CreateAccessKeyResponse response;
    response.access_key.user_name = owner.user_name;
    response.access_key.access_key_id = key.id.str();
    response.access_key.status = iam::StatusType::active;
    response.access_key.secret_access_key = std::string(key.secret.expose());
    response.access_key.create_date = key.created_at;
    return response;
}

Result<iam::ListAccessKeysResponse> list_access_keys(Call& call, const iam::ListAccessKeysRequest& request) {
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    SEK_TRY(const auto keys,
            domain::access_keys.scan_by(call.tx, domain::access_keys_by_user, keys_prefix(call, owner)));
    std::vector<iam::AccessKeyMetadata> all;
    for (const auto& key : keys.items) {
        all.push_back({.user_name = key.user_name,
                       .access_key_id = key.id.str(),
                       .status = key.active ? iam::StatusType::active : iam::StatusType::inactive,
                       .create_date = key.created_at});
    }
    iam::ListAccessKeysResponse response;
    SEK_TRY(response.access_key_metadata,
            page_of(call, "ListAccessKeys\n" + owner.id.str(), std::move(all), request, response));
    return response;
}

Result<iam::UpdateAccessKeyResponse> update_access_key(Call& call, const iam::UpdateAccessKeyRequest& request) {
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    if (request.status == iam::StatusType::expired) {
        return ApiError{.code = "ValidationError",
                        .message =
                            "1 validation error detected: Value at 'status' failed to satisfy constraint: "
                            "Member must satisfy enum value set: [Active, Inactive]"};
    }
    SEK_TRY(auto key, require_key(call, owner, request.access_key_id));
    key.active = request.status == iam::StatusType::active;
    SEK_TRY(domain::access_keys.put(call.tx, key));
    return iam::UpdateAccessKeyResponse{};
}

Result<iam::DeleteAccessKeyResponse> delete_access_key(Call& call, const iam::DeleteAccessKeyRequest& request) {
    SEK_TRY(const auto owner, owner_of(call, request.user_name));
    SEK_TRY(const auto key, require_key(call, owner, request.access_key_id));
    SEK_TRY([[maybe_unused]] const bool existed, domain::access_keys.erase(call.tx, key.id));
    return iam::DeleteAccessKeyResponse{};
}

// The permission is on the key's user; on the whole account's users when the key is not of this account.
Permissions last_used_permissions(const Call& call, const iam::GetAccessKeyLastUsedRequest& request) {
    const auto key = domain::access_keys.get(call.tx, AccessKeyId(request.access_key_id));
    const bool is_own = key && *key && (*key)->account_id == call.account();
    auto permissions = on_entity(call, EntityKind::user, is_own ? (*key)->user_name : std::string("*"));
    permissions.front().shown_resource = "access key " + request.access_key_id;
    return permissions;
}

Result<iam::GetAccessKeyLastUsedResponse> get_access_key_last_used(Call& call,
                                                                   const iam::GetAccessKeyLastUsedRequest& request) {
    SEK_TRY(const auto key, domain::access_keys.get(call.tx, AccessKeyId(request.access_key_id)));
    if (!key || key->account_id != call.account()) {
        // AWS refuses unknown keys so, too.
        return ApiError{.code = "AccessDenied",
                        .message = "User: " + call.caller.arn +
                                   " is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key " +
                                   request.access_key_id,
                        .http_status = 403};
    }
    iam::AccessKeyLastUsed used;
    used.last_used_date = key->last_used_at;
    used.service_name = key->last_used_at ? key->last_used_service : "N/A";
    used.region = key->last_used_at ? key->last_used_region : "N/A";
    return iam::GetAccessKeyLastUsedResponse{.user_name = key->user_name, .access_key_last_used = std::move(used)};
}

}  // namespace

const operation::OperationTable access_key_operations = {
    operation<iam::CreateAccessKey>(
        {.access = Access::write, .resources = on_owner<iam::CreateAccessKeyRequest>, .handle = create_access_key}),
    operation<iam::ListAccessKeys>(
        {.access = Access::read, .resources = on_owner<iam::ListAccessKeysRequest>, .handle = list_access_keys}),
    operation<iam::UpdateAccessKey>(
        {.access = Access::write, .resources = on_owner<iam::UpdateAccessKeyRequest>, .handle = update_access_key}),
    operation<iam::DeleteAccessKey>(
        {.access = Access::write, .resources = on_owner<iam::DeleteAccessKeyRequest>, .handle = delete_access_key}),
    operation<iam::GetAccessKeyLastUsed>(
        {.access = Access::read, .resources = last_used_permissions, .handle = get_access_key_last_used}),
};

}  // namespace sekisho::iam_service
