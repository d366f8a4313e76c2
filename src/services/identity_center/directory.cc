#include "services/identity_center/directory.h"

#include <algorithm>

#include "models/control.h"
#include "policy/condition.h"

namespace sekisho::identity_center_service {
namespace {

void add_resource(access::Permissions& permissions, std::string_view type, std::string_view id) {
    permissions.push_back(
        {.resource = "arn:aws:identitystore:::" + std::string(type) + "/" + std::string(id_of(id, type)),
         .resource_account = permissions.front().resource_account,
         .context = permissions.front().context});
}

}  // namespace

access::Permissions on_store(const Call& call, std::string_view identity_store, Reach reach) {
    const auto center = find_store(call, identity_store);
    if (!center) {
        const std::string arn =
            identity_store.starts_with("arn:")
                ? std::string(identity_store)
                : "arn:aws:identitystore::" + call.account().str() + ":identitystore/" + std::string(identity_store);
        return {{.resource = arn}};
    }
    const bool is_reached = reach == Reach::members && is_of_organization(call, *center);
    return {{.resource = domain::identity_store_arn(*center),
             .resource_account = is_reached ? call.account() : center->owner_account_id,
             .context = {{"identitystore:PrimaryRegion", {center->region.str()}}}}};
}

access::Permissions on_store_of_any_region(const Call& call, std::string_view identity_store) {
    const auto center =
        domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store, id_of(identity_store));
    if (!center || !*center) {
        return {{.resource = "arn:aws:identitystore::" + call.account().str() + ":identitystore/" +
                             std::string(id_of(identity_store))}};
    }
    return {{.resource = domain::identity_store_arn(**center), .resource_account = (*center)->owner_account_id}};
}

Result<domain::IdentityCenter> store_of_any_region(const Call& call, std::string_view identity_store) {
    SEK_TRY(auto center,
            domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store, id_of(identity_store)));
    if (!center || center->owner_account_id != call.account()) {
        return control::errors::resource_not_found_exception("IDENTITY_STORE not found.");
    }
    return std::move(*center);
}

void add_user(access::Permissions& permissions, std::string_view id) {
    add_resource(permissions, "user", id);
}

void add_group(access::Permissions& permissions, std::string_view id) {
    add_resource(permissions, "group", id);
}

void add_membership(access::Permissions& permissions, std::string_view id) {
    add_resource(permissions, "membership", id);
}

void hide_last_resource(access::Permissions& permissions) {
    auto& last = permissions.back();
    last.shown_resource = last.resource.substr(0, last.resource.find('/') + 1) + "*";
}

ApiError not_found(identitystore::ResourceType type, std::string_view id) {
    const std::string name(identitystore::to_text(type));
    return identitystore::errors::resource_not_found_exception(name + " not found.")
        .with("ResourceType", name)
        .with("ResourceId", std::string(id));
}

ApiError validation_error(std::string message) {
    return identitystore::errors::validation_exception(std::move(message));
}

ApiError conflict_of(ApiError error) {
    if (error.code != store::codes::unique_index_violation) return error;
    std::string_view what = "resource";
    for (const auto& [name, value] : error.fields) {
        if (name != "Index") continue;
        if (value == "by_folded_name") what = "UserName";
        if (value == "by_email") what = "Email";
        if (value == "by_name") what = "GroupDisplayName";
    }
    return identitystore::errors::conflict_exception("Duplicate " + std::string(what))
        .with("Reason", "UNIQUENESS_CONSTRAINT_VIOLATION");
}

ApiError stale_revision() {
    return identitystore::errors::conflict_exception("The revision is not the current revision of the resource.")
        .with("Reason", "CONCURRENT_MODIFICATION");
}

bool is_in_ranges(const std::vector<std::string>& ranges, std::string_view address) {
    const auto from = policy::parse_ip_range(address);
    if (ranges.empty() || !from) return true;  // our own workers come from no address
    return std::ranges::any_of(ranges, [&](const std::string& text) {
        const auto range = policy::parse_ip_range(text);
        return range && policy::contains(*range, *from);
    });
}

Result<domain::IdentityCenter> store_of(const Call& call, std::string_view identity_store) {
    auto center = find_store(call, identity_store);
    if (!center) return not_found(identitystore::ResourceType::identity_store, identity_store);
    if (!is_in_ranges(center->api_source_ranges, call.facts.source_address)) {
        return identitystore::errors::access_denied_exception(
            "The identity store's network configuration does not allow requests from " + call.facts.source_address +
            ".");
    }
    return std::move(*center);
}

Result<domain::Person> find_person(const Call& call, const domain::IdentityCenter& center, std::string_view id) {
    SEK_TRY(auto person, domain::people.get(call.tx, center.identity_store_id, id_of(id, "user")));
    if (!person) return not_found(identitystore::ResourceType::user, id);
    return std::move(*person);
}

Result<domain::DirectoryGroup> find_group(const Call& call, const domain::IdentityCenter& center, std::string_view id) {
    SEK_TRY(auto group, domain::directory_groups.get(call.tx, center.identity_store_id, id_of(id, "group")));
    if (!group) return not_found(identitystore::ResourceType::group, id);
    return std::move(*group);
}

Result<domain::Membership> find_membership(const Call& call, const domain::IdentityCenter& center,
                                           std::string_view id) {
    SEK_TRY(auto membership, domain::memberships.get_by(call.tx, domain::memberships_by_id, center.identity_store_id,
                                                        id_of(id, "membership")));
    if (!membership) return not_found(identitystore::ResourceType::group_membership, id);
    return std::move(*membership);
}

Result<std::string> member_user_id(const identitystore::MemberId& member) {
    if (!member.user_id) return validation_error("MemberId must have a UserId.");
    return std::string(id_of(*member.user_id, "user"));
}

std::string make_directory_id(const domain::IdentityCenter& center, Random& random) {
    const std::string_view store = center.identity_store_id;
    const std::string_view prefix = store.starts_with("d-") ? store.substr(2) : std::string_view();
    return prefix.empty() ? random_uuid(random) : std::string(prefix) + "-" + random_uuid(random);
}

Result<void> check_name_is_free_to_use(std::string_view name) {
    const auto folded = domain::fold_name(name);
    if (folded != "administrator" && folded != "awsadministrators") return {};
    return validation_error(
        "Administrator and AWSAdministrators are reserved names and can't be used for users or groups.");
}

}  // namespace sekisho::identity_center_service
