#include <variant>

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

using Tagged = std::variant<domain::Cluster, domain::Nodegroup, domain::AccessEntry, domain::Addon,
                            domain::PodIdentityAssociation, domain::FargateProfile, domain::OidcProviderConfig>;

// The record, unless another one has its name by now.
template <class Record>
Result<Tagged> checked(Result<std::optional<Record>> found, const std::string& arn) {
    if (!found) return std::move(found).error();
    if (!*found || (*found)->arn != arn) return not_found(arn);
    return Tagged(std::move(**found));
}

Result<Tagged> find_part(const Call& call, const domain::Cluster& cluster, const std::vector<std::string_view>& parts,
                         const std::string& arn) {
    const std::string_view kind = parts[0];
    const std::string_view name = parts.back();
    if (kind == "podidentityassociation" && parts.size() == 3) {
        return checked(domain::pod_identity_associations.get(call.tx, cluster.id, name), arn);
    }
    if (kind == "access-entry" && parts.size() == 6) {
        return checked(domain::access_entries.get_by(call.tx, domain::access_entries_by_id, cluster.id, name), arn);
    }
    if (kind == "identityproviderconfig" && parts.size() == 5) {
        return checked(domain::oidc_provider_configs.get(call.tx, cluster.id, parts[3]), arn);
    }
    if (parts.size() != 4) return not_found(arn);
    if (kind == "nodegroup") {
        return checked(domain::nodegroups.get(call.tx, call.account(), call.region(), cluster.name, parts[2]), arn);
    }
    if (kind == "addon") return checked(domain::addons.get(call.tx, cluster.id, parts[2]), arn);
    if (kind == "fargateprofile") return checked(domain::fargate_profiles.get(call.tx, cluster.id, parts[2]), arn);
    return not_found(arn);
}

Result<Tagged> find_tagged(const Call& call, const std::string& arn) {
    const auto parsed = wire::Arn::parse(arn);
    if (!parsed || parsed->service != "eks") return eks::errors::bad_request_exception("Invalid ARN: " + arn);
    const auto parts = split(parsed->resource, '/');
    if (parsed->account != call.account().str() || parsed->region != call.region().str() || parts.size() < 2) {
        return not_found(arn);
    }
    SEK_TRY(auto cluster, domain::clusters.get(call.tx, call.account(), call.region(), parts[1]));
    if (!cluster) return not_found(arn);
    if (parts[0] == "cluster" && parts.size() == 2) return Tagged(std::move(*cluster));
    return find_part(call, *cluster, parts, arn);
}

domain::Tags& tags_of(Tagged& tagged) {
    return *std::visit([](auto& record) { return &record.tags; }, tagged);
}

struct Put {
    store::Transaction& tx;
    Result<void> operator()(const domain::Cluster& record) const { return domain::clusters.put(tx, record); }
    Result<void> operator()(const domain::Nodegroup& record) const { return domain::nodegroups.put(tx, record); }
    Result<void> operator()(const domain::AccessEntry& record) const { return domain::access_entries.put(tx, record); }
    Result<void> operator()(const domain::Addon& record) const { return domain::addons.put(tx, record); }
    Result<void> operator()(const domain::PodIdentityAssociation& record) const {
        return domain::pod_identity_associations.put(tx, record);
    }
    Result<void> operator()(const domain::FargateProfile& record) const {
        return domain::fargate_profiles.put(tx, record);
    }
    Result<void> operator()(const domain::OidcProviderConfig& record) const {
        return domain::oidc_provider_configs.put(tx, record);
    }
};

Result<eks::TagResourceResponse> tag_resource(Call& call, const eks::TagResourceRequest& request) {
    SEK_TRY(auto tagged, find_tagged(call, request.resource_arn));
    auto& tags = tags_of(tagged);
    for (const auto& [key, value] : request.tags) {
        if (starts_with_ignoring_case(key, "aws:")) {
            return eks::errors::bad_request_exception("Tag keys that begin with aws: are reserved.");
        }
        tags[key] = value;
    }
    if (tags.size() > tags_max) return eks::errors::bad_request_exception("A resource has at most 50 tags.");
    SEK_TRY(std::visit(Put{call.tx}, tagged));
    return eks::TagResourceResponse{};
}

Result<eks::UntagResourceResponse> untag_resource(Call& call, const eks::UntagResourceRequest& request) {
    SEK_TRY(auto tagged, find_tagged(call, request.resource_arn));
    for (const auto& key : request.tag_keys) tags_of(tagged).erase(key);
    SEK_TRY(std::visit(Put{call.tx}, tagged));
    return eks::UntagResourceResponse{};
}

Result<eks::ListTagsForResourceResponse> list_tags(Call& call, const eks::ListTagsForResourceRequest& request) {
    SEK_TRY(auto tagged, find_tagged(call, request.resource_arn));
    return eks::ListTagsForResourceResponse{.tags = tags_of(tagged)};
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
