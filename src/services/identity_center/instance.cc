#include "services/identity_center/instance.h"

#include "access/records.h"
#include "models/sso_admin.h"

namespace sekisho::identity_center_service {
namespace {

std::optional<domain::IdentityCenter> value_of(Result<std::optional<domain::IdentityCenter>> found) {
    if (!found) return {};
    return std::move(*found);
}

std::optional<domain::IdentityCenter> here(const Call& call, std::optional<domain::IdentityCenter> center) {
    if (!center || center->region != call.region()) return {};
    return center;
}

void add_tags(access::ContextValues& context, const domain::Tags& tags) {
    for (const auto& [key, value] : tags) context.push_back({"aws:ResourceTag/" + key, {value}});
}

}  // namespace

std::optional<domain::IdentityCenter> find_instance(const Call& call, std::string_view instance_arn) {
    return here(call, value_of(domain::identity_centers.get(call.tx, instance_arn)));
}

std::optional<domain::IdentityCenter> find_store(const Call& call, std::string_view identity_store) {
    auto center = here(call, value_of(domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store,
                                                                      id_of(identity_store))));
    const bool is_arn = identity_store.starts_with("arn:");
    if (center && is_arn && domain::identity_store_arn(*center) != identity_store) return {};
    return center;
}

std::optional<domain::IdentityCenter> own_center(const Call& call) {
    return value_of(domain::identity_centers.get_by(call.tx, domain::identity_centers_by_owner, call.account()));
}

std::optional<domain::IdentityCenter> organization_center(const Call& call) {
    const auto account = access::cached_account(call.tx, call.account());
    if (!account || !account->organization_id) return {};
    return value_of(
        domain::identity_centers.get_by(call.tx, domain::identity_centers_by_organization, *account->organization_id));
}

bool is_of_organization(const Call& call, const domain::IdentityCenter& center) {
    if (!center.organization_id) return false;
    const auto account = access::cached_account(call.tx, call.account());
    return account && account->organization_id == center.organization_id;
}

std::string_view id_of(std::string_view id_or_arn) {
    const auto slash = id_or_arn.rfind('/');
    return slash == std::string_view::npos ? id_or_arn : id_or_arn.substr(slash + 1);
}

std::string_view id_of(std::string_view id_or_arn, std::string_view type) {
    const auto slash = id_or_arn.rfind('/');
    if (slash == std::string_view::npos) return id_or_arn;
    return id_or_arn.substr(0, slash).ends_with(type) ? id_or_arn.substr(slash + 1) : id_or_arn;
}

ApiError access_denied(const Call& call, std::string_view action, std::string_view resource) {
    return sso_admin::errors::access_denied_exception("User: " + call.caller.arn + " is not authorized to perform: " +
                                                      std::string(action) + " on resource: " + std::string(resource));
}

access::Permissions on_instance(const Call& call, std::string_view instance_arn) {
    access::Permission permission{.resource = std::string(instance_arn)};
    if (const auto center = find_instance(call, instance_arn)) {
        permission.resource_account = center->owner_account_id;
        permission.context.push_back({"sso:PrimaryRegion", {center->region.str()}});
        add_tags(permission.context, center->tags);
    }
    return {std::move(permission)};
}

access::Permissions on_permission_set(const Call& call, std::string_view instance_arn, std::string_view set_arn) {
    auto permissions = on_instance(call, instance_arn);
    access::Permission permission{.resource = std::string(set_arn),
                                  .resource_account = permissions.front().resource_account};
    if (const auto center = find_instance(call, instance_arn)) {
        permission.context.push_back({"sso:PrimaryRegion", {center->region.str()}});
        const auto set = domain::permission_sets.get(call.tx, set_arn);
        if (set && *set && (*set)->instance_arn == center->instance_arn) add_tags(permission.context, (*set)->tags);
    }
    permissions.push_back(std::move(permission));
    return permissions;
}

access::Permission on_account(std::string_view account_id) {
    return {.resource = "arn:aws:sso:::account/" + std::string(account_id)};
}

void add_request_tags(access::Permissions& permissions, const domain::Tags& tags) {
    if (tags.empty()) return;
    std::vector<std::string> keys;
    for (auto& permission : permissions) {
        for (const auto& [key, value] : tags) permission.context.push_back({"aws:RequestTag/" + key, {value}});
    }
    for (const auto& [key, value] : tags) keys.push_back(key);
    for (auto& permission : permissions) permission.context.push_back({"aws:TagKeys", keys});
}

Result<domain::PermissionSet> find_permission_set(const Call& call, const domain::IdentityCenter& center,
                                                  std::string_view arn) {
    SEK_TRY(auto set, domain::permission_sets.get(call.tx, arn));
    if (!set || set->instance_arn != center.instance_arn) {
        return sso_admin::errors::resource_not_found_exception("Could not find PermissionSet with id " +
                                                               std::string(id_of(arn)));
    }
    return std::move(*set);
}

std::string portal_url(const Call& call) {
    return call.environment.public_url + "/start";
}

std::string start_url(const domain::IdentityCenter& center) {
    return "https://" + center.portal_host_name.value_or(center.identity_store_id.str()) + ".awsapps.com/start";
}

}  // namespace sekisho::identity_center_service
