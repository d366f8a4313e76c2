#include "services/identity_center/tags.h"

#include <set>

#include "services/identity_center/application.h"
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

bool is_of_kind(std::string_view arn, std::string_view kind) {
    return arn.find(":" + std::string(kind) + "/") != std::string_view::npos;
}

template <class Request>
access::Permissions resource_permissions(const Call& call, const Request& request) {
    const auto& arn = request.resource_arn;
    if (is_of_kind(arn, "application")) return on_application(call, arn);
    if (is_of_kind(arn, "trustedTokenIssuer")) return on_trusted_token_issuer(call, arn);
    const auto instance = domain::instance_arn_of(arn);
    if (!is_of_kind(arn, "permissionSet")) return on_instance(call, instance);
    auto permissions = on_permission_set(call, instance, arn);
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

// Lets `change` change the record's tags, and writes it when they are others.
template <class Record, class Change>
Result<domain::Tags> change_tags(Call& call, const store::Table<Record>& table, Record record, Change&& change) {
    const auto before = record.tags;
    SEK_TRY(change(record.tags));
    if (record.tags != before) SEK_TRY(table.put(call.tx, record));
    return std::move(record.tags);
}

template <class Op, class Change>
Result<domain::Tags> with_tags(Call& call, const typename Op::Request& request, Change&& change) {
    const auto& arn = request.resource_arn;
    const auto is_elsewhere = [&](std::string_view instance) {
        return request.instance_arn && *request.instance_arn != instance;
    };
    const auto elsewhere = [] {
        return sso_admin::errors::validation_exception("The resource is not of the instance.");
    };
    if (is_of_kind(arn, "application")) {
        SEK_TRY(auto application, find_application(call, arn));
        if (is_elsewhere(application.instance_arn)) return elsewhere();
        return change_tags(call, domain::applications, std::move(application), change);
    }
    if (is_of_kind(arn, "trustedTokenIssuer")) {
        SEK_TRY(auto issuer, find_trusted_token_issuer(call, arn));
        if (is_elsewhere(issuer.instance_arn)) return elsewhere();
        return change_tags(call, domain::trusted_token_issuers, std::move(issuer), change);
    }
    const auto instance = domain::instance_arn_of(arn);
    if (is_elsewhere(instance)) return elsewhere();
    auto center = find_instance(call, instance);
    if (!center || center->owner_account_id != call.account()) return access_denied(call, Op::model.iam_action, arn);
    if (is_of_kind(arn, "permissionSet")) {
        SEK_TRY(auto set, find_permission_set(call, *center, arn));
        return change_tags(call, domain::permission_sets, std::move(set), change);
    }
    if (center->instance_arn.str() != arn) {
        return sso_admin::errors::resource_not_found_exception("Resource not found: " + arn);
    }
    return change_tags(call, domain::identity_centers, std::move(*center), change);
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
