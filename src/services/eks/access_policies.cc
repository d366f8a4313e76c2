#include <algorithm>

#include "services/eks/common.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t namespaces_max = 100;  // of one association
constexpr std::size_t namespace_bytes_max = 63;

eks::AssociatedAccessPolicy to_wire(const domain::AssociatedAccessPolicy& policy) {
    eks::AssociatedAccessPolicy wire;
    wire.policy_arn = domain::access_policy_arn(policy.policy_name);
    wire.access_scope = eks::AccessScope{
        .type = policy.namespaces.empty() ? eks::AccessScopeType::cluster : eks::AccessScopeType::namespace_,
        .namespaces = policy.namespaces};
    wire.associated_at = policy.associated_at;
    wire.modified_at = policy.modified_at;
    return wire;
}

Result<std::string> find_policy(const std::string& arn) {
    auto name = domain::access_policy_name(arn);
    if (name) return std::move(*name);
    return eks::errors::resource_not_found_exception(
        "The specified policyArn could not be found. You can view your available access policies with "
        "'list-access-policies'.");
}

// Labels of Kubernetes, where '*' may stand for a part of them.
bool is_namespace(const std::string& text) {
    return !text.empty() && text.size() <= namespace_bytes_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '*';
    });
}

// The namespaces of a scope; none: the whole cluster.
Result<std::vector<std::string>> read_scope(const eks::AccessScope& scope) {
    auto namespaces = scope.namespaces.value_or(std::vector<std::string>());
    if (!scope.type) return invalid_parameter("The accessScope type must be one of [cluster, namespace]");
    if (*scope.type == eks::AccessScopeType::cluster) {
        if (!namespaces.empty()) return invalid_parameter("Namespaces are not allowed in a cluster accessScope");
        return namespaces;
    }
    if (namespaces.empty()) return invalid_parameter("A namespace accessScope needs at least one namespace");
    if (namespaces.size() > namespaces_max) return invalid_parameter("An accessScope has at most 100 namespaces");
    for (const auto& name : namespaces) {
        if (!is_namespace(name)) return invalid_parameter("The namespace " + name + " is not valid");
    }
    return namespaces;
}

Result<eks::AssociateAccessPolicyResponse> associate(Call& call, const eks::AssociateAccessPolicyRequest& request) {
    SEK_TRY(auto found, find_access_entry(call, request.cluster_name, request.principal_arn));
    SEK_TRY(auto name, find_policy(request.policy_arn));
    SEK_TRY(auto namespaces, read_scope(request.access_scope));
    if (found.entry.type != "STANDARD" && found.entry.type != "EC2") {
        return eks::errors::invalid_request_exception(
            "Access policies cannot be associated with an access entry of type " + found.entry.type);
    }
    auto& policies = found.entry.policies;
    auto policy = std::ranges::find(policies, name, &domain::AssociatedAccessPolicy::policy_name);
    if (policy == policies.end()) {
        policies.push_back({.policy_name = std::move(name), .associated_at = call.now});
        policy = std::prev(policies.end());
    }
    policy->namespaces = std::move(namespaces);
    policy->modified_at = call.now;
    SEK_TRY(domain::access_entries.put(call.tx, found.entry));
    SEK_TRY(domain::enqueue_cluster_effect(call.tx, found.cluster, domain::ClusterAction::apply_access));
    return eks::AssociateAccessPolicyResponse{.cluster_name = request.cluster_name,
                                              .principal_arn = request.principal_arn,
                                              .associated_access_policy = to_wire(*policy)};
}

access::Permissions associate_permissions(const Call& call, const eks::AssociateAccessPolicyRequest& request) {
    auto permissions = on_access_entry(call, request);
    auto& context = permissions.front().context;
    context.push_back({"eks:policyArn", {request.policy_arn}});
    if (request.access_scope.type) {
        context.push_back({"eks:accessScope", {std::string(enum_text(*request.access_scope.type))}});
    }
    if (request.access_scope.namespaces) context.push_back({"eks:namespaces", *request.access_scope.namespaces});
    return permissions;
}

Result<eks::DisassociateAccessPolicyResponse> disassociate(Call& call,
                                                           const eks::DisassociateAccessPolicyRequest& request) {
    SEK_TRY(auto found, find_access_entry(call, request.cluster_name, request.principal_arn));
    SEK_TRY(const auto name, find_policy(request.policy_arn));
    const auto erased = std::erase_if(
        found.entry.policies, [&](const domain::AssociatedAccessPolicy& policy) { return policy.policy_name == name; });
    if (erased == 0) {
        return eks::errors::resource_not_found_exception(
            "The specified policyArn is not associated with the specified principalArn.");
    }
    SEK_TRY(domain::access_entries.put(call.tx, found.entry));
    SEK_TRY(domain::enqueue_cluster_effect(call.tx, found.cluster, domain::ClusterAction::apply_access));
    return eks::DisassociateAccessPolicyResponse{};
}

access::Permissions disassociate_permissions(const Call& call, const eks::DisassociateAccessPolicyRequest& request) {
    auto permissions = on_access_entry(call, request);
    permissions.front().context.push_back({"eks:policyArn", {request.policy_arn}});
    return permissions;
}

// One page of a list that is at hand: `after` is the number of the first item that was not shown.
struct ListPart {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::optional<std::string> next;
};
Result<ListPart> read_part(const Call& call, const std::string& scope, std::size_t count,
                           const std::optional<std::string>& token, std::optional<std::int32_t> limit) {
    SEK_TRY(const auto page, read_page(call, scope, token, limit));
    ListPart part;
    if (!page.after.empty()) part.begin = std::min<std::size_t>(count, std::stoul(page.after));
    part.end = std::min(count, part.begin + page.limit);
    if (part.end < count) part.next = call.seal_page(scope, std::to_string(part.end));
    return part;
}

Result<eks::ListAssociatedAccessPoliciesResponse> list_associated(
    Call& call, const eks::ListAssociatedAccessPoliciesRequest& request) {
    SEK_TRY(const auto found, find_access_entry(call, request.cluster_name, request.principal_arn));
    const auto& policies = found.entry.policies;
    SEK_TRY(auto part, read_part(call, "ListAssociatedAccessPolicies " + found.entry.id, policies.size(),
                                 request.next_token, request.max_results));
    eks::ListAssociatedAccessPoliciesResponse response;
    response.cluster_name = request.cluster_name;
    response.principal_arn = request.principal_arn;
    response.associated_access_policies.emplace();
    for (std::size_t i = part.begin; i < part.end; ++i) {
        response.associated_access_policies->push_back(to_wire(policies[i]));
    }
    response.next_token = std::move(part.next);
    return response;
}

Result<eks::ListAccessPoliciesResponse> list_policies(Call& call, const eks::ListAccessPoliciesRequest& request) {
    const auto names = domain::access_policy_names();
    SEK_TRY(auto part, read_part(call, "ListAccessPolicies", names.size(), request.next_token, request.max_results));
    eks::ListAccessPoliciesResponse response;
    response.access_policies.emplace();
    for (std::size_t i = part.begin; i < part.end; ++i) {
        response.access_policies->push_back(
            {.name = std::string(names[i]), .arn = domain::access_policy_arn(names[i])});
    }
    response.next_token = std::move(part.next);
    return response;
}

}  // namespace

const operation::OperationTable access_policy_operations = {
    operation::operation<eks::AssociateAccessPolicy>(
        {.access = Access::write, .resources = associate_permissions, .handle = associate}),
    operation::operation<eks::DisassociateAccessPolicy>(
        {.access = Access::write, .resources = disassociate_permissions, .handle = disassociate}),
    operation::operation<eks::ListAssociatedAccessPolicies>(
        {.access = Access::read,
         .resources = on_access_entry<eks::ListAssociatedAccessPoliciesRequest>,
         .handle = list_associated}),
    operation::operation<eks::ListAccessPolicies>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_policies}),
};

}  // namespace sekisho::eks_service
