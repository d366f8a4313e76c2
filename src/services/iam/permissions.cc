#include "services/iam/permissions.h"

#include <algorithm>

#include "base/text.h"
#include "services/iam/managed_policy.h"
#include "services/iam/tags.h"
#include "wire/arn.h"

namespace sekisho::iam_service {
namespace {

// A record that does not decode is taken as missing: the handler says so, to those who may call it.
std::optional<Entity> look_up(const operation::Call& call, EntityKind kind, std::string_view name) {
    auto found = find_entity(call.tx, call.account(), kind, name);
    return found ? std::move(*found) : std::nullopt;
}

access::Permission entity_permission(const operation::Call& call, EntityKind kind, std::string_view name,
                                     const std::optional<Entity>& entity, ContextValues context) {
    const std::string type(kind_name(kind));
    access::Permission permission;
    permission.resource =
        entity ? entity->arn() : wire::make_arn("iam", "", call.account(), type + "/" + std::string(name));
    permission.shown_resource = type + " " + std::string(name);
    permission.context = std::move(context);
    if (entity) add_resource_tags(permission.context, entity->tags);
    return permission;
}

bool has_key(const ContextValues& context, std::string_view key) {
    return std::ranges::any_of(context, [&](const auto& entry) { return entry.first == key; });
}

}  // namespace

Permissions on_entity(const operation::Call& call, EntityKind kind, std::string_view name, ContextValues context) {
    return {entity_permission(call, kind, name, look_up(call, kind, name), std::move(context))};
}

Permissions on_bounded(const operation::Call& call, EntityKind kind, std::string_view name, ContextValues context) {
    const auto entity = look_up(call, kind, name);
    if (entity && !has_key(context, "iam:PermissionsBoundary")) {
        const auto policies = load_policies(call.tx, entity->id);
        if (policies) add_boundary(context, policies->permissions_boundary_arn);
    }
    return {entity_permission(call, kind, name, entity, std::move(context))};
}

access::Permission on_new(const operation::Call& call, std::string_view type, const std::optional<std::string>& path,
                          std::string_view name, std::string_view shown_type, ContextValues context) {
    access::Permission permission;
    permission.resource =
        wire::make_arn("iam", "", call.account(), std::string(type) + path.value_or("/") + std::string(name));
    if (!shown_type.empty()) permission.shown_resource = std::string(shown_type) + " " + std::string(name);
    permission.context = std::move(context);
    return permission;
}

Permissions on_user_or_caller(const operation::Call& call, const std::optional<std::string>& name) {
    if (name) return on_entity(call, EntityKind::user, *name);
    if (call.caller.kind == access::CallerKind::user) return on_entity(call, EntityKind::user, call.caller.user_name);
    access::Permission permission;
    permission.resource = call.caller.principal_arn;
    return {permission};
}

Permissions on_policy(const operation::Call& call, const std::string& arn, ContextValues context) {
    access::Permission permission;
    permission.resource = arn;
    permission.shown_resource = "policy " + arn;
    permission.context = std::move(context);
    const auto policy = find_customer_policy(call.tx, call.account(), arn);
    if (policy && *policy) add_resource_tags(permission.context, (*policy)->tags);
    return {permission};
}

Permissions on_path(const operation::Call& call, std::string_view type, const std::optional<std::string>& path_prefix) {
    access::Permission permission;
    permission.resource = wire::make_arn("iam", "", call.account(), std::string(type) + path_prefix.value_or("/"));
    return {permission};
}

void also(Permissions& permissions, std::string_view action) {
    auto further = permissions.front();
    further.action = action;
    permissions.push_back(std::move(further));
}

void add_boundary(ContextValues& context, const std::optional<std::string>& policy_arn) {
    if (policy_arn) context.push_back({"iam:PermissionsBoundary", {*policy_arn}});
}

}  // namespace sekisho::iam_service
