#include "services/identity_center/tags.h"

#include <set>

#include "services/identity_center/instance.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {

std::vector<sso_admin::Tag> tags_to_wire(const domain::Tags& tags) {
    std::vector<sso_admin::Tag> wire;
    for (const auto& [key, value] : tags) wire.push_back({.key = key, .value = value});
    return wire;
}

domain::Tags tags_of(const std::optional<std::vector<sso_admin::Tag>>& tags) {
    domain::Tags result;
    if (!tags) return result;
    for (const auto& tag : *tags) result[tag.key] = tag.value;
    return result;
}

Result<void> add_tags(domain::Tags& tags, const std::vector<sso_admin::Tag>& added) {
    std::set<std::string> seen;
    for (const auto& tag : added) {
        if (!seen.insert(tag.key).second) {
            return sso_admin::errors::validation_exception("Duplicate tag key " + tag.key + ".");
        }
        if (tag.key.starts_with("aws:")) {
            return sso_admin::errors::validation_exception("Tag keys that begin with aws: are reserved.");
        }
        tags[tag.key] = tag.value;
    }
    if (tags.size() <= limits::tags_max) return {};
    return sso_admin::errors::service_quota_exceeded_exception("A resource has at most " +
                                                               std::to_string(limits::tags_max) + " tags.");
}

namespace {

bool is_permission_set(std::string_view arn) {
    return arn.find(":permissionSet/") != std::string_view::npos;
}

// arn:aws:sso:::permissionSet/ssoins-X/ps-Y is of the instance ssoins-X.
std::string instance_arn_of(std::string_view arn) {
    constexpr std::string_view marker = ":permissionSet/";
    const auto place = arn.find(marker);
    if (place == std::string_view::npos) return std::string(arn);
    const auto rest = arn.substr(place + marker.size());
    return std::string(arn.substr(0, place)) + ":instance/" + std::string(rest.substr(0, rest.find('/')));
}

template <class Request>
access::Permissions resource_permissions(const Call& call, const Request& request) {
    const auto instance = instance_arn_of(request.resource_arn);
    if (!is_permission_set(request.resource_arn)) return on_instance(call, instance);
    auto permissions = on_permission_set(call, instance, request.resource_arn);
    permissions.erase(permissions.begin());  // the resource alone (service authorization reference)
    return permissions;
}

access::Permissions tag_permissions(const Call& call, const sso_admin::TagResourceRequest& request) {
    auto permissions = resource_permissions(call, request);
    add_request_tags(permissions, tags_of(request.tags));
    return permissions;
}

access::Permissions untag_permissions(const Call& call, const sso_admin::UntagResourceRequest& request) {
    auto permissions = resource_permissions(call, request);
    permissions.front().context.push_back({"aws:TagKeys", request.tag_keys});
    return permissions;
}

// Reads the tags of the resource, lets `change` change them, and writes them when they are others.
template <class Op, class Change>
Result<domain::Tags> with_tags(Call& call, const typename Op::Request& request, Change&& change) {
    const auto instance = instance_arn_of(request.resource_arn);
    if (request.instance_arn && *request.instance_arn != instance) {
        return sso_admin::errors::validation_exception("The resource is not of the instance.");
    }
    auto center = find_instance(call, instance);
    if (!center || center->owner_account_id != call.account()) {
        return access_denied(call, Op::model.iam_action, request.resource_arn);
    }
    if (!is_permission_set(request.resource_arn)) {
        if (center->instance_arn.str() != request.resource_arn) {
            return sso_admin::errors::resource_not_found_exception("Resource not found: " + request.resource_arn);
        }
        const auto before = center->tags;
        SEK_TRY(change(center->tags));
        if (center->tags != before) SEK_TRY(domain::identity_centers.put(call.tx, *center));
        return center->tags;
    }
    SEK_TRY(auto set, find_permission_set(call, *center, request.resource_arn));
    const auto before = set.tags;
    SEK_TRY(change(set.tags));
    if (set.tags != before) SEK_TRY(domain::permission_sets.put(call.tx, set));
    return set.tags;
}

Result<sso_admin::TagResourceResponse> tag_resource(Call& call, const sso_admin::TagResourceRequest& request) {
    SEK_TRY(with_tags<sso_admin::TagResource>(call, request,
                                              [&](domain::Tags& tags) { return add_tags(tags, request.tags); }));
    return sso_admin::TagResourceResponse();
}

Result<sso_admin::UntagResourceResponse> untag_resource(Call& call, const sso_admin::UntagResourceRequest& request) {
    SEK_TRY(with_tags<sso_admin::UntagResource>(call, request, [&](domain::Tags& tags) -> Result<void> {
        for (const auto& key : request.tag_keys) tags.erase(key);
        return {};
    }));
    return sso_admin::UntagResourceResponse();
}

// Fifty tags at most: one page.
Result<sso_admin::ListTagsForResourceResponse> list_tags_for_resource(
    Call& call, const sso_admin::ListTagsForResourceRequest& request) {
    SEK_TRY(open_page(call, "ListTagsForResource", request));
    SEK_TRY(const auto tags,
            with_tags<sso_admin::ListTagsForResource>(call, request, [](domain::Tags&) -> Result<void> { return {}; }));
    return sso_admin::ListTagsForResourceResponse{.tags = tags_to_wire(tags), .next_token = {}};
}

}  // namespace

const operation::OperationTable tag_operations = {
    operation::operation<sso_admin::TagResource>(
        {.access = Access::write, .resources = tag_permissions, .handle = tag_resource}),
    operation::operation<sso_admin::UntagResource>(
        {.access = Access::write, .resources = untag_permissions, .handle = untag_resource}),
    operation::operation<sso_admin::ListTagsForResource>(
        {.access = Access::read,
         .resources = resource_permissions<sso_admin::ListTagsForResourceRequest>,
         .handle = list_tags_for_resource}),
};

}  // namespace sekisho::identity_center_service
