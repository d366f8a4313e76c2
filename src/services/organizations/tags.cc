#include "domain/handshakes.h"
#include "services/organizations/common.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

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
    if (id.starts_with("rp-")) {
        SEK_TRY(auto policy, domain::organization_resource_policies.get(call.tx, organization.id));
        if (!policy || policy->id != id) return no_target();
        SEK_TRY(change(policy->tags));
        return domain::organization_resource_policies.put(call.tx, *policy);
    }
    SEK_TRY(auto account, domain::accounts.get(call.tx, id));
    if (!account || account->organization_id != organization.id) return no_target();
    SEK_TRY(change(account->tags));
    return domain::accounts.put(call.tx, *account);
}

template <class Request>
access::Permissions on_resource(const Call& call, const Request& request) {
    return permission_on_target(call, request.resource_id);
}
access::Permissions on_tagging(const Call& call, const organizations::TagResourceRequest& request) {
    auto permissions = with_request_tags(on_resource(call, request), request.tags);
    permissions.resize(1);  // the right to tag is the operation's own
    return permissions;
}

Result<organizations::TagResourceResponse> tag_resource(Call& call, const organizations::TagResourceRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "TagResource", on_tagging(call, request), Delegates::by_policy));
    SEK_TRY(change_tags(call, organization, request.resource_id,
                        [&](domain::Tags& tags) { return add_tags(tags, request.tags); }));
    return organizations::TagResourceResponse{};
}

Result<organizations::UntagResourceResponse> untag_resource(Call& call,
                                                            const organizations::UntagResourceRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "UntagResource", on_resource(call, request), Delegates::by_policy));
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
    if (id.starts_with("rp-")) {
        SEK_TRY(auto policy, domain::organization_resource_policies.get(call.tx, organization.id));
        if (!policy || policy->id != id) return no_target();
        return std::move(policy->tags);
    }
    SEK_TRY(auto account, domain::accounts.get(call.tx, id));
    if (!account || account->organization_id != organization.id) return no_target();
    return std::move(account->tags);
}

Result<organizations::ListTagsForResourceResponse> list_tags(Call& call,
                                                             const organizations::ListTagsForResourceRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListTagsForResource", on_resource(call, request), Delegates::also_services));
    SEK_TRY(const auto tags, tags_of(call, organization, request.resource_id));
    organizations::ListTagsForResourceResponse response;
    response.tags.emplace();
    for (const auto& [key, value] : tags) response.tags->push_back({.key = key, .value = value});
    return response;
}

}  // namespace

const operation::OperationTable tag_operations = {
    operation::operation<organizations::TagResource>(
        {.access = Access::write, .resources = on_tagging, .handle = tag_resource}),
    operation::operation<organizations::UntagResource>({.access = Access::write,
                                                        .resources = on_resource<organizations::UntagResourceRequest>,
                                                        .handle = untag_resource}),
    operation::operation<organizations::ListTagsForResource>(
        {.access = Access::read,
         .resources = on_resource<organizations::ListTagsForResourceRequest>,
         .handle = list_tags}),
};

}  // namespace sekisho::organizations_service
