#include "services/organizations/common.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t tags_max = 50;  // on one resource

ApiError no_target() {
    return organizations::errors::target_not_found_exception("You specified a target that doesn't exist.");
}

// Calls change(tags) on the tags of the root, unit, account or policy that an id names, and keeps what it made of them.
template <class Change>
Result<void> change_tags(Call& call, const domain::Organization& organization, const std::string& id, Change change) {
    if (id == organization.root_id.str()) {
        auto changed = organization;
        SEK_TRY(change(changed.root_tags));
        return domain::organizations.put(call.tx, changed);
    }
    if (id.starts_with("ou-")) {
        SEK_TRY(auto unit, domain::organizational_units.get(call.tx, organization.id, id));
        if (!unit) return no_target();
        SEK_TRY(change(unit->tags));
        return domain::organizational_units.put(call.tx, *unit);
    }
    if (id.starts_with("p-")) {
        SEK_TRY(auto policy, domain::organization_policies.get(call.tx, organization.id, id));
        if (!policy || policy->aws_managed) return no_target();
        SEK_TRY(change(policy->tags));
        return domain::organization_policies.put(call.tx, *policy);
    }
    SEK_TRY(auto account, domain::accounts.get(call.tx, id));
    if (!account || account->organization_id != organization.id) return no_target();
    SEK_TRY(change(account->tags));
    return domain::accounts.put(call.tx, *account);
}

Result<organizations::TagResourceResponse> tag_resource(Call& call, const organizations::TagResourceRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(change_tags(call, organization, request.resource_id, [&](domain::Tags& tags) -> Result<void> {
        for (const auto& tag : request.tags) {
            if (tag.key.starts_with("aws:")) {
                return invalid_input("INVALID_SYSTEM_TAGS_PARAMETER", "You can't add tags whose key starts with aws:.");
            }
            tags[tag.key] = tag.value;
        }
        if (tags.size() > tags_max) {
            return organizations::errors::constraint_violation_exception("You have exceeded the number of tags.")
                .with("Reason", "MAX_TAG_LIMIT_EXCEEDED");
        }
        return {};
    }));
    return organizations::TagResourceResponse{};
}

Result<organizations::UntagResourceResponse> untag_resource(Call& call,
                                                            const organizations::UntagResourceRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(change_tags(call, organization, request.resource_id, [&](domain::Tags& tags) -> Result<void> {
        for (const auto& key : request.tag_keys) tags.erase(key);
        return {};
    }));
    return organizations::UntagResourceResponse{};
}

Result<domain::Tags> tags_of(const Call& call, const domain::Organization& organization, const std::string& id) {
    if (id == organization.root_id.str()) return organization.root_tags;
    if (id.starts_with("ou-")) {
        SEK_TRY(auto unit, domain::organizational_units.get(call.tx, organization.id, id));
        if (unit) return std::move(unit->tags);
        return no_target();
    }
    if (id.starts_with("p-")) {
        SEK_TRY(auto policy, domain::organization_policies.get(call.tx, organization.id, id));
        if (policy) return std::move(policy->tags);
        return no_target();
    }
    SEK_TRY(auto account, domain::accounts.get(call.tx, id));
    if (!account || account->organization_id != organization.id) return no_target();
    return std::move(account->tags);
}

Result<organizations::ListTagsForResourceResponse> list_tags(Call& call,
                                                             const organizations::ListTagsForResourceRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call, true));
    SEK_TRY(const auto tags, tags_of(call, organization, request.resource_id));
    organizations::ListTagsForResourceResponse response;
    response.tags.emplace();
    for (const auto& [key, value] : tags) response.tags->push_back({.key = key, .value = value});
    return response;
}

template <class Request>
access::Permissions on_resource(const Call& call, const Request& request) {
    return permission_on_target(call, request.resource_id);
}

}  // namespace

const operation::OperationTable tag_operations = {
    operation::operation<organizations::TagResource>(
        {.access = Access::write, .resources = on_resource<organizations::TagResourceRequest>, .handle = tag_resource}),
    operation::operation<organizations::UntagResource>({.access = Access::write,
                                                        .resources = on_resource<organizations::UntagResourceRequest>,
                                                        .handle = untag_resource}),
    operation::operation<organizations::ListTagsForResource>(
        {.access = Access::read,
         .resources = on_resource<organizations::ListTagsForResourceRequest>,
         .handle = list_tags}),
};

}  // namespace sekisho::organizations_service
