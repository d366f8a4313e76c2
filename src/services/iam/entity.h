#pragma once
// What users, groups and roles have in common: a name, a path, an id, tags, and policies.
#include <optional>
#include <string>
#include <string_view>

#include "domain/iam.h"
#include "models/iam.h"
#include "operation/call.h"

namespace sekisho::iam_service {

enum class EntityKind : std::uint8_t { user, group, role };

// "user", "group", "role": as ARNs and texts name them.
std::string_view kind_name(EntityKind kind);

struct Entity {
    EntityKind kind = EntityKind::user;
    AccountId account_id;
    std::string name;
    std::string path;
    PrincipalId id;
    domain::Tags tags;          // groups have none
    bool is_protected = false;  // a role that only AWS changes

    std::string arn() const;
};

Entity entity_of(const domain::IamUser& user);
Entity entity_of(const domain::IamGroup& group);
Entity entity_of(const domain::Role& role);

// Nothing: no such user, group or role. Names are looked up ignoring case.
Result<std::optional<Entity>> find_entity(const store::Reader& reader, const AccountId& account, EntityKind kind,
                                          std::string_view name);
// Error: NoSuchEntity, "The role with name X cannot be found.".
Result<Entity> require_entity(const store::Reader& reader, const AccountId& account, EntityKind kind,
                              std::string_view name);
// The same, and UnmodifiableEntity for a role that only AWS changes.
Result<Entity> require_modifiable(const store::Reader& reader, const AccountId& account, EntityKind kind,
                                  std::string_view name);
Result<domain::IamUser> require_user(const store::Reader& reader, const AccountId& account, std::string_view name);
Result<domain::IamGroup> require_group(const store::Reader& reader, const AccountId& account, std::string_view name);
Result<domain::Role> require_role(const store::Reader& reader, const AccountId& account, std::string_view name);
ApiError no_such_entity(EntityKind kind, std::string_view name);
ApiError protected_role(std::string_view name);

// The user that a call is about: the named one, or the caller where the request names none. Error: ValidationError when
// the caller is not a user. Root gives nothing.
Result<std::optional<std::string>> user_or_caller(const operation::Call& call, const std::optional<std::string>& name);

// What a principal may do; an empty record where it has none. save: a record that holds nothing is erased.
Result<domain::PrincipalPolicies> load_policies(const store::Reader& reader, const PrincipalId& id);
Result<void> save_policies(store::Transaction& transaction, const domain::PrincipalPolicies& policies);

// DeleteConflict when the entity has attached or inline policies; otherwise its policies record and the use of its
// boundary are gone.
Result<void> delete_policies(store::Transaction& transaction, const Entity& entity);
// Names of uses follow a renamed user or group.
Result<void> rename_policy_uses(store::Transaction& transaction, const Entity& entity, const std::string& new_name);

std::optional<iam::AttachedPermissionsBoundary> boundary_to_wire(const domain::PrincipalPolicies& policies);

}  // namespace sekisho::iam_service
