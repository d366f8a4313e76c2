#include "services/iam/entity.h"

#include "base/text.h"
#include "services/iam/policy_use.h"

namespace sekisho::iam_service {

std::string_view kind_name(EntityKind kind) {
    switch (kind) {
        case EntityKind::user:
            return "user";
        case EntityKind::group:
            return "group";
        default:
            return "role";
    }
}

std::string Entity::arn() const {
    return "arn:aws:iam::" + account_id.str() + ":" + std::string(kind_name(kind)) + path + name;
}

Entity entity_of(const domain::IamUser& user) {
    return {EntityKind::user, user.account_id, user.name, user.path, user.id, user.tags, false};
}

Entity entity_of(const domain::IamGroup& group) {
    return {EntityKind::group, group.account_id, group.name, group.path, group.id, {}, false};
}

Entity entity_of(const domain::Role& role) {
    return {EntityKind::role, role.account_id, role.name, role.path, role.id, role.tags, role.is_protected};
}

namespace {

template <class Record>
Result<std::optional<Entity>> find_in(const store::Table<Record>& table, const store::Reader& reader,
                                      const AccountId& account, std::string_view name) {
    SEK_TRY(const auto record, table.get(reader, account, lower_ascii(name)));
    if (!record) return std::optional<Entity>();
    return std::optional(entity_of(*record));
}

template <class Record>
Result<Record> require_in(const store::Table<Record>& table, EntityKind kind, const store::Reader& reader,
                          const AccountId& account, std::string_view name) {
    SEK_TRY(auto record, table.get(reader, account, lower_ascii(name)));
    if (!record) return no_such_entity(kind, name);
    return std::move(*record);
}

}  // namespace

Result<std::optional<Entity>> find_entity(const store::Reader& reader, const AccountId& account, EntityKind kind,
                                          std::string_view name) {
    switch (kind) {
        case EntityKind::user:
            return find_in(domain::iam_users, reader, account, name);
        case EntityKind::group:
            return find_in(domain::iam_groups, reader, account, name);
        default:
            return find_in(domain::roles, reader, account, name);
    }
}

Result<Entity> require_entity(const store::Reader& reader, const AccountId& account, EntityKind kind,
                              std::string_view name) {
    SEK_TRY(auto entity, find_entity(reader, account, kind, name));
    if (!entity) return no_such_entity(kind, name);
    return std::move(*entity);
}

Result<Entity> require_modifiable(const store::Reader& reader, const AccountId& account, EntityKind kind,
                                  std::string_view name) {
    SEK_TRY(auto entity, require_entity(reader, account, kind, name));
    if (entity.is_protected) return protected_role(entity.name);
    return entity;
}

Result<domain::IamUser> require_user(const store::Reader& reader, const AccountId& account, std::string_view name) {
    return require_in(domain::iam_users, EntityKind::user, reader, account, name);
}

Result<domain::IamGroup> require_group(const store::Reader& reader, const AccountId& account, std::string_view name) {
    return require_in(domain::iam_groups, EntityKind::group, reader, account, name);
}

Result<domain::Role> require_role(const store::Reader& reader, const AccountId& account, std::string_view name) {
    return require_in(domain::roles, EntityKind::role, reader, account, name);
}

ApiError no_such_entity(EntityKind kind, std::string_view name) {
    return iam::errors::no_such_entity_exception("The " + std::string(kind_name(kind)) + " with name " +
                                                 std::string(name) + " cannot be found.");
}

ApiError protected_role(std::string_view name) {
    return iam::errors::unmodifiable_entity_exception("Cannot perform the operation on the protected role '" +
                                                      std::string(name) + "' - this role is only modifiable by AWS");
}

Result<std::optional<std::string>> user_or_caller(const operation::Call& call, const std::optional<std::string>& name) {
    if (name) return name;
    switch (call.caller.kind) {
        case access::CallerKind::root:
            return std::optional<std::string>();
        case access::CallerKind::user:
            return std::optional(call.caller.user_name);
        default:
            return ApiError{.code = "ValidationError",
                            .message = "Must specify userName when calling with non-User credentials"};
    }
}

Result<domain::PrincipalPolicies> load_policies(const store::Reader& reader, const PrincipalId& id) {
    SEK_TRY(auto found, domain::principal_policies.get(reader, id));
    if (found) return std::move(*found);
    domain::PrincipalPolicies none;
    none.principal_id = id;
    return none;
}

Result<void> save_policies(store::Transaction& transaction, const domain::PrincipalPolicies& policies) {
    if (policies.inline_policies.empty() && policies.attached_policy_arns.empty() &&
        !policies.permissions_boundary_arn && policies.group_ids.empty()) {
        SEK_TRY([[maybe_unused]] const bool existed,
                domain::principal_policies.erase(transaction, policies.principal_id));
        return {};
    }
    return domain::principal_policies.put(transaction, policies);
}

Result<void> delete_policies(store::Transaction& transaction, const Entity& entity) {
    SEK_TRY(auto policies, load_policies(transaction, entity.id));
    if (!policies.attached_policy_arns.empty()) {
        return iam::errors::delete_conflict_exception("Cannot delete entity, must detach all policies first.");
    }
    if (!policies.inline_policies.empty()) {
        return iam::errors::delete_conflict_exception("Cannot delete entity, must delete policies first.");
    }
    if (policies.permissions_boundary_arn) {
        SEK_TRY(remove_use(transaction, entity, *policies.permissions_boundary_arn, PolicyUsage::boundary));
    }
    policies.permissions_boundary_arn.reset();
    policies.group_ids.clear();
    return save_policies(transaction, policies);
}

Result<void> rename_policy_uses(store::Transaction& transaction, const Entity& entity, const std::string& new_name) {
    SEK_TRY(const auto policies, load_policies(transaction, entity.id));
    Entity renamed = entity;
    renamed.name = new_name;
    const auto move = [&](const std::string& arn, PolicyUsage usage) -> Result<void> {
        SEK_TRY(remove_use(transaction, entity, arn, usage));
        return add_use(transaction, renamed, arn, usage);
    };
    for (const auto& arn : policies.attached_policy_arns) SEK_TRY(move(arn, PolicyUsage::permissions));
    if (policies.permissions_boundary_arn) {
        SEK_TRY(move(*policies.permissions_boundary_arn, PolicyUsage::boundary));
    }
    return {};
}

std::optional<iam::AttachedPermissionsBoundary> boundary_to_wire(const domain::PrincipalPolicies& policies) {
    if (!policies.permissions_boundary_arn) return {};
    return iam::AttachedPermissionsBoundary{
        .permissions_boundary_type = iam::PermissionsBoundaryAttachmentType::permissions_boundary_policy,
        .permissions_boundary_arn = policies.permissions_boundary_arn};
}

}  // namespace sekisho::iam_service
