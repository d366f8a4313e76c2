#include <algorithm>

#include "services/eks/common.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view fargate_service = "eks-fargate-pods.amazonaws.com";
constexpr std::size_t selectors_max = 5;
constexpr std::size_t labels_max = 5;

eks::FargateProfile to_wire(const domain::FargateProfile& profile, eks::FargateProfileStatus status) {
    eks::FargateProfile wire;
    wire.fargate_profile_name = profile.name;
    wire.fargate_profile_arn = profile.arn;
    wire.cluster_name = profile.cluster_name;
    wire.created_at = profile.created_at;
    wire.pod_execution_role_arn = profile.pod_execution_role_arn;
    wire.subnets = profile.subnet_ids;
    wire.selectors.emplace();
    for (const auto& selector : profile.selectors) {
        wire.selectors->push_back({.namespace_ = selector.namespace_name, .labels = selector.labels});
    }
    wire.status = status;
    wire.tags = profile.tags;
    wire.health = eks::FargateProfileHealth{.issues = std::vector<eks::FargateProfileIssue>()};
    return wire;
}

Result<std::vector<domain::FargateSelector>> read_selectors(
    const std::optional<std::vector<eks::FargateProfileSelector>>& given) {
    if (!given || given->empty()) return invalid_parameter("Fargate Profile requires at least one selector.");
    if (given->size() > selectors_max) return invalid_parameter("Request contains more than 5 selectors");
    std::vector<domain::FargateSelector> selectors;
    for (const auto& selector : *given) {
        if (!selector.namespace_ || selector.namespace_->empty()) {
            return invalid_parameter(
                "Fargate Profile must have at least one selector with at least one namespace value.");
        }
        auto labels = selector.labels.value_or(domain::Tags());
        if (labels.size() > labels_max) {
            return invalid_parameter("Request contains Selector with more than 5 Label pairs");
        }
        selectors.push_back({.namespace_name = *selector.namespace_, .labels = std::move(labels)});
    }
    return selectors;
}

Result<domain::FargateProfile> find_profile(const Call& call, const domain::Cluster& cluster, const std::string& name) {
    SEK_TRY(auto profile, domain::fargate_profiles.get(call.tx, cluster.id, name));
    if (!profile) {
        return eks::errors::resource_not_found_exception("No Fargate Profile found with name: " + name + ".")
            .with("clusterName", cluster.name)
            .with("fargateProfileName", name);
    }
    return std::move(*profile);
}

Result<eks::CreateFargateProfileResponse> create_profile(Call& call, const eks::CreateFargateProfileRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto existing, domain::fargate_profiles.get(call.tx, cluster.id, request.fargate_profile_name));
    if (existing) {
        if (is_same_request(request.client_request_token, existing->client_request_token)) {
            return eks::CreateFargateProfileResponse{.fargate_profile =
                                                         to_wire(*existing, eks::FargateProfileStatus::creating)};
        }
        return eks::errors::resource_in_use_exception(
                   "A Fargate Profile already exists with this name in this cluster.")
            .with("clusterName", cluster.name);
    }
    SEK_TRY(check_active(cluster));
    domain::FargateProfile profile{.cluster_id = cluster.id,
                                   .cluster_name = cluster.name,
                                   .name = request.fargate_profile_name,
                                   .id = random_uuid(call.random),
                                   .pod_execution_role_arn = request.pod_execution_role_arn,
                                   .subnet_ids = request.subnets.value_or(cluster.subnet_ids),
                                   .client_request_token = request.client_request_token.value_or(""),
                                   .created_at = call.now,
                                   .tags = request.tags.value_or(domain::Tags())};
    profile.arn = part_arn(call, "fargateprofile", cluster.name, profile.name + "/" + profile.id);
    SEK_TRY(profile.selectors, read_selectors(request.selectors));
    SEK_TRY(check_service_role(call, profile.pod_execution_role_arn, fargate_service));
    SEK_TRY(domain::fargate_profiles.put(call.tx, profile));
    return eks::CreateFargateProfileResponse{.fargate_profile = to_wire(profile, eks::FargateProfileStatus::creating)};
}

access::Permissions create_permissions(const Call& call, const eks::CreateFargateProfileRequest& request) {
    return {{.resource = cluster_arn(call, request.cluster_name), .context = tag_context(request.tags)},
            pass_role(request.pod_execution_role_arn, fargate_service)};
}

template <class Request>
access::Permissions on_profile(const Call& call, const Request& request) {
    return {on_part(known_part(call, domain::fargate_profiles, request.cluster_name, request.fargate_profile_name),
                    part_arn(call, "fargateprofile", request.cluster_name, request.fargate_profile_name + "/*"))};
}

Result<eks::DescribeFargateProfileResponse> describe_profile(Call& call,
                                                             const eks::DescribeFargateProfileRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto profile, find_profile(call, cluster, request.fargate_profile_name));
    return eks::DescribeFargateProfileResponse{.fargate_profile = to_wire(profile, eks::FargateProfileStatus::active)};
}

Result<eks::ListFargateProfilesResponse> list_profiles(Call& call, const eks::ListFargateProfilesRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    const std::string scope = "ListFargateProfiles " + cluster.id;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::fargate_profiles.scan(call.tx, store::prefix(cluster.id), page));
    eks::ListFargateProfilesResponse response;
    response.fargate_profile_names.emplace();
    for (const auto& profile : found.items) response.fargate_profile_names->push_back(profile.name);
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<eks::DeleteFargateProfileResponse> delete_profile(Call& call, const eks::DeleteFargateProfileRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto profile, find_profile(call, cluster, request.fargate_profile_name));
    SEK_TRY(domain::fargate_profiles.erase(call.tx, cluster.id, profile.name));
    return eks::DeleteFargateProfileResponse{.fargate_profile = to_wire(profile, eks::FargateProfileStatus::deleting)};
}

}  // namespace

const operation::OperationTable fargate_operations = {
    operation::operation<eks::CreateFargateProfile>(
        {.access = Access::write, .resources = create_permissions, .handle = create_profile}),
    operation::operation<eks::DescribeFargateProfile>({.access = Access::read,
                                                       .resources = on_profile<eks::DescribeFargateProfileRequest>,
                                                       .handle = describe_profile}),
    operation::operation<eks::ListFargateProfiles>(
        {.access = Access::read,
         .resources = on_clusters_of_request<eks::ListFargateProfilesRequest>,
         .handle = list_profiles}),
    operation::operation<eks::DeleteFargateProfile>(
        {.access = Access::write, .resources = on_profile<eks::DeleteFargateProfileRequest>, .handle = delete_profile}),
};

}  // namespace sekisho::eks_service
