#include "base/text.h"
#include "services/eks/common.h"
#include "services/eks/service.h"
#include "wire/arn.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

ApiError not_found(const std::string& arn) {
    return eks::errors::not_found_exception("The resource with ARN " + arn + " was not found.");
}

// Calls change(tags) on the tags of the cluster or node group that an ARN names, and keeps what it made of them.
template <class Change>
Result<void> change_tags(Call& call, const std::string& arn, Change change) {
    const auto parsed = wire::Arn::parse(arn);
    if (!parsed || parsed->service != "eks") return eks::errors::bad_request_exception("Invalid ARN: " + arn);
    const auto parts = split(parsed->resource, '/');
    if (parsed->account != call.account().str() || parsed->region != call.region().str()) return not_found(arn);
    if (parts.size() == 2 && parts[0] == "cluster") {
        SEK_TRY(auto cluster, domain::clusters.get(call.tx, call.account(), call.region(), parts[1]));
        if (!cluster) return not_found(arn);
        SEK_TRY(change(cluster->tags));
        return domain::clusters.put(call.tx, *cluster);
    }
    if (parts.size() == 4 && parts[0] == "nodegroup") {
        SEK_TRY(auto group, domain::nodegroups.get(call.tx, call.account(), call.region(), parts[1], parts[2]));
        if (!group || group->id != parts[3]) return not_found(arn);
        SEK_TRY(change(group->tags));
        return domain::nodegroups.put(call.tx, *group);
    }
    return not_found(arn);
}

Result<eks::TagResourceResponse> tag_resource(Call& call, const eks::TagResourceRequest& request) {
    SEK_TRY(change_tags(call, request.resource_arn, [&](domain::Tags& tags) -> Result<void> {
        for (const auto& [key, value] : request.tags) {
            if (starts_with_ignoring_case(key, "aws:")) {
                return eks::errors::bad_request_exception("Tag keys that begin with aws: are reserved.");
            }
            tags[key] = value;
        }
        if (tags.size() > tags_max) return eks::errors::bad_request_exception("A resource has at most 50 tags.");
        return {};
    }));
    return eks::TagResourceResponse{};
}

Result<eks::UntagResourceResponse> untag_resource(Call& call, const eks::UntagResourceRequest& request) {
    SEK_TRY(change_tags(call, request.resource_arn, [&](domain::Tags& tags) -> Result<void> {
        for (const auto& key : request.tag_keys) tags.erase(key);
        return {};
    }));
    return eks::UntagResourceResponse{};
}

Result<eks::ListTagsForResourceResponse> list_tags(Call& call, const eks::ListTagsForResourceRequest& request) {
    eks::ListTagsForResourceResponse response;
    const auto parsed = wire::Arn::parse(request.resource_arn);
    const auto parts = parsed ? split(parsed->resource, '/') : std::vector<std::string_view>();
    if (parts.size() == 2 && parts[0] == "cluster") {
        SEK_TRY(const auto cluster, domain::clusters.get(call.tx, call.account(), call.region(), parts[1]));
        if (!cluster) return not_found(request.resource_arn);
        response.tags = cluster->tags;
        return response;
    }
    if (parts.size() == 4 && parts[0] == "nodegroup") {
        SEK_TRY(const auto group, domain::nodegroups.get(call.tx, call.account(), call.region(), parts[1], parts[2]));
        if (!group) return not_found(request.resource_arn);
        response.tags = group->tags;
        return response;
    }
    return not_found(request.resource_arn);
}

template <class Request>
access::Permissions on_resource(const Call&, const Request& request) {
    return {{.resource = request.resource_arn}};
}

}  // namespace

const operation::OperationTable tag_operations = {
    operation::operation<eks::TagResource>(
        {.access = Access::write, .resources = on_resource<eks::TagResourceRequest>, .handle = tag_resource}),
    operation::operation<eks::UntagResource>(
        {.access = Access::write, .resources = on_resource<eks::UntagResourceRequest>, .handle = untag_resource}),
    operation::operation<eks::ListTagsForResource>(
        {.access = Access::read, .resources = on_resource<eks::ListTagsForResourceRequest>, .handle = list_tags}),
};

}  // namespace sekisho::eks_service
