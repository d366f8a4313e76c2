#include "access/records.h"
#include "services/eks/common.h"
#include "services/eks/service.h"
#include "wire/arn.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

eks::PodIdentityAssociation to_wire(const domain::PodIdentityAssociation& association) {
    eks::PodIdentityAssociation wire;
    wire.cluster_name = association.cluster_name;
    wire.namespace_ = association.namespace_name;
    wire.service_account = association.service_account;
    wire.role_arn = association.role_arn;
    wire.association_arn = association.arn;
    wire.association_id = association.id;
    wire.tags = association.tags;
    wire.created_at = association.created_at;
    wire.modified_at = association.modified_at;
    if (!association.owner_arn.empty()) wire.owner_arn = association.owner_arn;
    wire.disable_session_tags = association.disable_session_tags;
    if (!association.target_role_arn.empty()) {
        wire.target_role_arn = association.target_role_arn;
        wire.external_id = association.external_id;
    }
    if (!association.policy.empty()) wire.policy = association.policy;
    return wire;
}

Result<domain::PodIdentityAssociation> find_association(const Call& call, const std::string& cluster_name,
                                                        const std::string& id) {
    SEK_TRY(const auto cluster, find_cluster(call, cluster_name));
    SEK_TRY(auto association, domain::pod_identity_associations.get(call.tx, cluster.id, id));
    if (!association) {
        return eks::errors::resource_not_found_exception("No association found with id: " + id)
            .with("clusterName", cluster_name);
    }
    return std::move(*association);
}

Result<void> check_role(const Call& call, const std::string& role_arn) {
    const auto arn = wire::Arn::parse(role_arn);
    const auto name = wire::role_name(role_arn);
    const auto role = arn && name && arn->account == call.account().str()
                          ? access::cached_role(call.tx, call.account(), name->name)
                          : nullptr;
    if (!role || domain::role_arn(*role) != role_arn) {
        return invalid_parameter("Role provided in the request does not exist.");
    }
    return {};
}

// A session policy cannot be applied where the session's tags are part of the trust (model: "policy").
Result<void> check_policy(const domain::PodIdentityAssociation& association) {
    if (association.policy.empty() || association.disable_session_tags) return {};
    return invalid_parameter("A policy needs session tags to be disabled");
}

// What the target role's trust policy can name: <region>/<account>/<cluster>/<namespace>/<service account>.
void take_target(const Call& call, domain::PodIdentityAssociation& association, const std::optional<std::string>& arn) {
    if (!arn) return;
    association.target_role_arn = *arn;
    association.external_id = call.region().str() + "/" + call.account().str() + "/" + association.cluster_name + "/" +
                              association.namespace_name + "/" + association.service_account;
}

Result<eks::CreatePodIdentityAssociationResponse> create_association(
    Call& call, const eks::CreatePodIdentityAssociationRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto existing,
            domain::pod_identity_associations.get_by(call.tx, domain::pod_identities_by_account, cluster.id,
                                                     request.namespace_, request.service_account));
    if (existing && is_same_request(request.client_request_token, existing->client_request_token)) {
        return eks::CreatePodIdentityAssociationResponse{.association = to_wire(*existing)};
    }
    domain::PodIdentityAssociation association{.cluster_name = cluster.name,
                                               .namespace_name = request.namespace_,
                                               .service_account = request.service_account,
                                               .role_arn = request.role_arn,
                                               .policy = request.policy.value_or(""),
                                               .disable_session_tags = request.disable_session_tags.value_or(false),
                                               .client_request_token = request.client_request_token.value_or(""),
                                               .tags = request.tags.value_or(domain::Tags())};
    take_target(call, association, request.target_role_arn);
    SEK_TRY(const auto made, associate_pod_identity(call, cluster, std::move(association)));
    return eks::CreatePodIdentityAssociationResponse{.association = to_wire(made)};
}

access::Permissions create_permissions(const Call& call, const eks::CreatePodIdentityAssociationRequest& request) {
    return {{.resource = cluster_arn(call, request.cluster_name), .context = tag_context(request.tags)},
            pass_role(request.role_arn, pod_identity_service)};
}

template <class Request>
access::Permissions on_association(const Call& call, const Request& request) {
    return {on_part(known_part(call, domain::pod_identity_associations, request.cluster_name, request.association_id),
                    part_arn(call, "podidentityassociation", request.cluster_name, request.association_id))};
}

Result<eks::DescribePodIdentityAssociationResponse> describe_association(
    Call& call, const eks::DescribePodIdentityAssociationRequest& request) {
    SEK_TRY(const auto association, find_association(call, request.cluster_name, request.association_id));
    return eks::DescribePodIdentityAssociationResponse{.association = to_wire(association)};
}

Result<eks::ListPodIdentityAssociationsResponse> list_associations(
    Call& call, const eks::ListPodIdentityAssociationsRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    const std::string scope = "ListPodIdentityAssociations " + cluster.id + " " + request.namespace_.value_or("") +
                              " " + request.service_account.value_or("");
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    // In order of namespace, so that one namespace is one range.
    const auto range = request.namespace_ ? store::prefix(cluster.id, *request.namespace_) : store::prefix(cluster.id);
    SEK_TRY(const auto found,
            domain::pod_identity_associations.scan_by(call.tx, domain::pod_identities_by_account, range, page));
    eks::ListPodIdentityAssociationsResponse response;
    response.associations.emplace();
    for (const auto& association : found.items) {
        if (request.service_account && *request.service_account != association.service_account) continue;
        eks::PodIdentityAssociationSummary& summary = response.associations->emplace_back();
        summary.cluster_name = association.cluster_name;
        summary.namespace_ = association.namespace_name;
        summary.service_account = association.service_account;
        summary.association_arn = association.arn;
        summary.association_id = association.id;
        if (!association.owner_arn.empty()) summary.owner_arn = association.owner_arn;
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<eks::UpdatePodIdentityAssociationResponse> update_association(
    Call& call, const eks::UpdatePodIdentityAssociationRequest& request) {
    SEK_TRY(auto association, find_association(call, request.cluster_name, request.association_id));
    association.role_arn = request.role_arn.value_or(association.role_arn);
    association.disable_session_tags = request.disable_session_tags.value_or(association.disable_session_tags);
    association.policy = request.policy.value_or(association.policy);
    take_target(call, association, request.target_role_arn);
    SEK_TRY(check_role(call, association.role_arn));
    SEK_TRY(check_policy(association));
    association.modified_at = call.now;
    SEK_TRY(domain::pod_identity_associations.put(call.tx, association));
    return eks::UpdatePodIdentityAssociationResponse{.association = to_wire(association)};
}

access::Permissions update_permissions(const Call& call, const eks::UpdatePodIdentityAssociationRequest& request) {
    auto permissions = on_association(call, request);
    if (request.role_arn) permissions.push_back(pass_role(*request.role_arn, pod_identity_service));
    return permissions;
}

Result<eks::DeletePodIdentityAssociationResponse> delete_association(
    Call& call, const eks::DeletePodIdentityAssociationRequest& request) {
    SEK_TRY(const auto association, find_association(call, request.cluster_name, request.association_id));
    SEK_TRY(domain::pod_identity_associations.erase(call.tx, association.cluster_id, association.id));
    return eks::DeletePodIdentityAssociationResponse{.association = to_wire(association)};
}

}  // namespace

Result<domain::PodIdentityAssociation> associate_pod_identity(Call& call, const domain::Cluster& cluster,
                                                              domain::PodIdentityAssociation association) {
    SEK_TRY(check_active(cluster));
    SEK_TRY(check_role(call, association.role_arn));
    SEK_TRY(check_policy(association));
    SEK_TRY(const auto existing,
            domain::pod_identity_associations.get_by(call.tx, domain::pod_identities_by_account, cluster.id,
                                                     association.namespace_name, association.service_account));
    if (existing) {
        return eks::errors::resource_in_use_exception("Association already exists: " + existing->id)
            .with("clusterName", cluster.name);
    }
    association.cluster_id = cluster.id;
    association.cluster_name = cluster.name;
    association.id = "a-" + random_text(call.random, 17, "abcdefghijklmnopqrstuvwxyz0123456789");
    association.arn = part_arn(call, "podidentityassociation", cluster.name, association.id);
    association.created_at = association.modified_at = call.now;
    SEK_TRY(domain::pod_identity_associations.put(call.tx, association));
    return association;
}

const operation::OperationTable pod_identity_operations = {
    operation::operation<eks::CreatePodIdentityAssociation>(
        {.access = Access::write, .resources = create_permissions, .handle = create_association}),
    operation::operation<eks::DescribePodIdentityAssociation>(
        {.access = Access::read,
         .resources = on_association<eks::DescribePodIdentityAssociationRequest>,
         .handle = describe_association}),
    operation::operation<eks::ListPodIdentityAssociations>(
        {.access = Access::read,
         .resources = on_clusters_of_request<eks::ListPodIdentityAssociationsRequest>,
         .handle = list_associations}),
    operation::operation<eks::UpdatePodIdentityAssociation>(
        {.access = Access::write, .resources = update_permissions, .handle = update_association}),
    operation::operation<eks::DeletePodIdentityAssociation>(
        {.access = Access::write,
         .resources = on_association<eks::DeletePodIdentityAssociationRequest>,
         .handle = delete_association}),
};

}  // namespace sekisho::eks_service
