#include <algorithm>

#include "base/limits.h"
#include "policy/document.h"
#include "services/organizations/common.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

template <class Request>
access::Permissions on_policy(const Call& call, const Request& request) {
    return permission_on(call, "policy", request.policy_id);
}
template <class Request>
access::Permissions on_policy_and_target(const Call& call, const Request& request) {
    auto permissions = permission_on(call, "policy", request.policy_id);
    auto target = permission_on_target(call, request.target_id).front();
    target.context = permissions.front().context;
    target.shown_resource = "*";
    permissions.push_back(std::move(target));
    return permissions;
}
access::ContextValues policy_type(std::string_view type) {
    return {{"organizations:PolicyType", {std::string(type)}}};
}
template <class Request>
access::Permissions on_root(const Call& call, const Request& request) {
    auto permissions = permission_on(call, "root", request.root_id);
    permissions.front().context = policy_type(enum_text(request.policy_type));
    return permissions;
}
access::Permissions on_target(const Call& call, const organizations::ListPoliciesForTargetRequest& request) {
    auto permissions = permission_on_target(call, request.target_id);
    permissions.front().context = policy_type(enum_text(request.filter));
    return permissions;
}
access::Permissions on_create(const Call&, const organizations::CreatePolicyRequest& request) {
    return with_request_tags({access::Permission{.context = policy_type(enum_text(request.type))}}, request.tags);
}
access::Permissions on_list(const Call&, const organizations::ListPoliciesRequest& request) {
    return {access::Permission{.context = policy_type(enum_text(request.filter))}};
}

// A kind of policy that is enforced here, with its limits.
struct Kind {
    std::string_view type;
    policy::Use use;
    std::size_t characters_max;
    std::size_t attached_max;  // to one target
};
constexpr Kind kinds[] = {
    {control_policy, policy::Use::scp, limits::service_control_policy_characters_max,
     limits::service_control_policies_attached_max},
    {resource_control_policy, policy::Use::rcp, limits::resource_control_policy_characters_max,
     limits::resource_control_policies_attached_max},
};

// Of an organization with all features. Error: PolicyTypeNotAvailableForOrganizationException.
Result<const Kind*> available_kind(const domain::Organization& organization, std::string_view type) {
    const auto* found = std::ranges::find(kinds, type, &Kind::type);
    if (found != std::end(kinds) && organization.feature_set == "ALL") return found;
    return organizations::errors::policy_type_not_available_for_organization_exception(
        "You can't use the specified policy type with the feature set currently enabled for this organization.");
}

organizations::PolicySummary to_summary(const domain::Organization& organization,
                                        const domain::OrganizationPolicy& policy) {
    organizations::PolicySummary wire;
    wire.id = policy.id.str();
    wire.arn = policy_arn(organization, policy);
    wire.name = policy.name;
    wire.description = policy.description;
    wire.type = enum_of<organizations::PolicyType>(policy.type);
    wire.aws_managed = policy.aws_managed;
    return wire;
}

organizations::Policy to_wire(const domain::Organization& organization, const domain::OrganizationPolicy& policy) {
    return {.policy_summary = to_summary(organization, policy), .content = policy.content};
}

Result<domain::OrganizationPolicy> find_policy(const Call& call, const domain::Organization& organization,
                                               const std::string& id) {
    SEK_TRY(auto policy, domain::organization_policies.get(call.tx, organization.id, id));
    if (!policy) return organizations::errors::policy_not_found_exception("You specified a policy that doesn't exist.");
    return std::move(*policy);
}

Result<void> check_document(const domain::Organization& organization, const std::string& type,
                            const std::string& content) {
    SEK_TRY(const Kind* kind, available_kind(organization, type));
    if (content.size() > kind->characters_max) {
        return constraint("POLICY_CONTENT_LIMIT_EXCEEDED",
                          "You attempted to create a policy that is larger than the maximum size.");
    }
    SEK_TRY(policy::parse(content, kind->use));
    return {};
}

Result<void> write(Call& call, const domain::OrganizationPolicy& policy) {
    auto written = domain::organization_policies.put(call.tx, policy);
    if (!written && written.error().code == store::codes::unique_index_violation) {
        return organizations::errors::duplicate_policy_exception(
            "A policy with the specified name and type already exists.");
    }
    return written;
}

Result<organizations::CreatePolicyResponse> create_policy(Call& call,
                                                          const organizations::CreatePolicyRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "CreatePolicy", on_create(call, request), Delegates::by_policy));
    domain::OrganizationPolicy policy;
    policy.id = OrganizationPolicyId("p-" + random_text(call.random, 8, "abcdefghijklmnopqrstuvwxyz0123456789"));
    policy.organization_id = organization.id;
    policy.type = enum_text(request.type);
    policy.name = request.name;
    policy.description = request.description;
    policy.content = request.content;
    SEK_TRY(policy.tags, read_tags(request.tags));
    SEK_TRY(check_document(organization, policy.type, policy.content));
    SEK_TRY(write(call, policy));
    return organizations::CreatePolicyResponse{.policy = to_wire(organization, policy)};
}

Result<organizations::UpdatePolicyResponse> update_policy(Call& call,
                                                          const organizations::UpdatePolicyRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "UpdatePolicy", on_policy(call, request), Delegates::by_policy));
    SEK_TRY(auto policy, find_policy(call, organization, request.policy_id));
    if (policy.aws_managed)
        return invalid_input("IMMUTABLE_POLICY",
                             "You specified a policy that is managed by AWS and can't be modified.");
    if (request.name) policy.name = *request.name;
    if (request.description) policy.description = *request.description;
    if (request.content) {
        SEK_TRY(check_document(organization, policy.type, *request.content));
        policy.content = *request.content;
    }
    SEK_TRY(write(call, policy));
    return organizations::UpdatePolicyResponse{.policy = to_wire(organization, policy)};
}

Result<organizations::DescribePolicyResponse> describe_policy(Call& call,
                                                              const organizations::DescribePolicyRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "DescribePolicy", on_policy(call, request), Delegates::also_services));
    SEK_TRY(const auto policy, find_policy(call, organization, request.policy_id));
    return organizations::DescribePolicyResponse{.policy = to_wire(organization, policy)};
}

Result<organizations::DeletePolicyResponse> delete_policy(Call& call,
                                                          const organizations::DeletePolicyRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "DeletePolicy", on_policy(call, request), Delegates::by_policy));
    SEK_TRY(const auto policy, find_policy(call, organization, request.policy_id));
    if (policy.aws_managed)
        return invalid_input("IMMUTABLE_POLICY",
                             "You specified a policy that is managed by AWS and can't be modified.");
    call.tx.read_guard(domain::organization_guard(organization.id));
    SEK_TRY(const auto uses,
            domain::policy_attachments.scan_by(call.tx, domain::attachments_by_policy,
                                               store::prefix(organization.id, policy.id), {.limit = 1}));
    if (!uses.items.empty()) {
        return organizations::errors::policy_in_use_exception(
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts "
            "before "
            "performing this operation.");
    }
    SEK_TRY(domain::organization_policies.erase(call.tx, organization.id, policy.id));
    return organizations::DeletePolicyResponse{};
}

Result<organizations::ListPoliciesResponse> list_policies(Call& call,
                                                          const organizations::ListPoliciesRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListPolicies", on_list(call, request), Delegates::also_services));
    const auto type = enum_text(request.filter);
    const std::string scope = "ListPolicies " + std::string(type);
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::organization_policies.scan_by(call.tx, domain::organization_policies_by_name,
                                                                    store::prefix(organization.id, type), page));
    organizations::ListPoliciesResponse response;
    response.policies.emplace();
    for (const auto& policy : found.items) response.policies->push_back(to_summary(organization, policy));
    response.next_token = next_token(call, scope, found.next);
    return response;
}

// The target's name, when it is a root, unit or account of the organization.
Result<std::optional<std::string>> target_name(const Call& call, const domain::Organization& organization,
                                               const std::string& id) {
    if (id == organization.root_id.str()) return std::optional<std::string>("Root");
    if (id.starts_with("ou-")) {
        SEK_TRY(const auto unit, domain::organizational_units.get(call.tx, organization.id, id));
        return unit ? std::optional(unit->name) : std::nullopt;
    }
    SEK_TRY(const auto account, domain::accounts.get(call.tx, id));
    if (!account || account->organization_id != organization.id) return std::optional<std::string>();
    return std::optional(account->name);
}

ApiError no_target() {
    return organizations::errors::target_not_found_exception("You specified a target that doesn't exist.");
}

ApiError type_not_enabled() {
    return organizations::errors::policy_type_not_enabled_exception(
        "This operation can be performed only for enabled policy types.");
}

bool is_type_enabled(const domain::Organization& organization, std::string_view type) {
    return std::ranges::find(organization.enabled_policy_types, type) != organization.enabled_policy_types.end();
}

Result<std::vector<domain::PolicyAttachment>> attached_to(const Call& call, const domain::Organization& organization,
                                                          const std::string& target, std::string_view type) {
    call.tx.read_guard(domain::organization_guard(organization.id));
    std::vector<domain::PolicyAttachment> attached;
    SEK_TRY(
        domain::policy_attachments.each(call.tx, store::prefix(organization.id, target), [&](const auto& attachment) {
            if (attachment.type == type) attached.push_back(attachment);
            return true;
        }));
    return attached;
}

Result<organizations::AttachPolicyResponse> attach_policy(Call& call,
                                                          const organizations::AttachPolicyRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "AttachPolicy", on_policy_and_target(call, request), Delegates::by_policy));
    SEK_TRY(const auto policy, find_policy(call, organization, request.policy_id));
    SEK_TRY(const auto name, target_name(call, organization, request.target_id));
    if (!name) return no_target();
    if (!is_type_enabled(organization, policy.type)) return type_not_enabled();
    if (domain::policy_attachments.exists(call.tx, organization.id, request.target_id, request.policy_id)) {
        return organizations::errors::duplicate_policy_attachment_exception(
            "The selected policy is already attached to the specified target.");
    }
    SEK_TRY(const auto attached, attached_to(call, organization, request.target_id, policy.type));
    SEK_TRY(const Kind* kind, available_kind(organization, policy.type));
    if (attached.size() >= kind->attached_max) {
        return constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                          "You have attached the maximum number of policies to the specified target.");
    }
    SEK_TRY(domain::policy_attachments.put(call.tx, {.organization_id = organization.id,
                                                     .target_id = request.target_id,
                                                     .policy_id = policy.id,
                                                     .type = policy.type}));
    return organizations::AttachPolicyResponse{};
}

Result<organizations::DetachPolicyResponse> detach_policy(Call& call,
                                                          const organizations::DetachPolicyRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "DetachPolicy", on_policy_and_target(call, request), Delegates::by_policy));
    SEK_TRY(const auto policy, find_policy(call, organization, request.policy_id));
    SEK_TRY(const auto name, target_name(call, organization, request.target_id));
    if (!name) return no_target();
    if (!domain::policy_attachments.exists(call.tx, organization.id, request.target_id, request.policy_id)) {
        return organizations::errors::policy_not_attached_exception(
            "The policy isn't attached to the specified target in the specified root.");
    }
    if (policy.id.str() == full_resource_access_policy_id) {
        return invalid_input("NON_DETACHABLE_POLICY", "You can't detach this AWS Managed Policy.");
    }
    SEK_TRY(const auto attached, attached_to(call, organization, request.target_id, policy.type));
    // A target without any policy of an enabled kind would be denied everything by accident.
    if (attached.size() == 1) {
        return constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                          "You cannot remove the last policy attached to the specified target. You must have at least "
                          "one attached at all times.");
    }
    SEK_TRY(domain::policy_attachments.erase(call.tx, organization.id, request.target_id, request.policy_id));
    return organizations::DetachPolicyResponse{};
}

Result<organizations::ListPoliciesForTargetResponse> list_policies_for_target(
    Call& call, const organizations::ListPoliciesForTargetRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListPoliciesForTarget", on_target(call, request), Delegates::also_services));
    SEK_TRY(const auto name, target_name(call, organization, request.target_id));
    if (!name) return no_target();
    organizations::ListPoliciesForTargetResponse response;
    response.policies.emplace();
    if (!is_type_enabled(organization, enum_text(request.filter))) return response;
    SEK_TRY(const auto attached, attached_to(call, organization, request.target_id, enum_text(request.filter)));
    for (const auto& attachment : attached) {
        SEK_TRY(const auto policy, find_policy(call, organization, attachment.policy_id.str()));
        response.policies->push_back(to_summary(organization, policy));
    }
    return response;
}

Result<organizations::ListTargetsForPolicyResponse> list_targets_for_policy(
    Call& call, const organizations::ListTargetsForPolicyRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListTargetsForPolicy", on_policy(call, request), Delegates::also_services));
    SEK_TRY(const auto policy, find_policy(call, organization, request.policy_id));
    const std::string scope = "ListTargetsForPolicy " + request.policy_id;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::policy_attachments.scan_by(call.tx, domain::attachments_by_policy,
                                                                 store::prefix(organization.id, policy.id), page));
    organizations::ListTargetsForPolicyResponse response;
    response.targets.emplace();
    for (const auto& attachment : found.items) {
        const auto& id = attachment.target_id;
        SEK_TRY(const auto name, target_name(call, organization, id));
        const bool is_root = id.starts_with("r-"), is_unit = id.starts_with("ou-");
        response.targets->push_back({.target_id = id,
                                     .arn = node_arn(organization,
                                                     is_root   ? "root"
                                                     : is_unit ? "ou"
                                                               : "account",
                                                     id),
                                     .name = name,
                                     .type = is_root   ? organizations::TargetType::root
                                             : is_unit ? organizations::TargetType::organizational_unit
                                                       : organizations::TargetType::account});
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

organizations::Root to_root(const domain::Organization& organization) {
    organizations::Root root;
    root.id = organization.root_id.str();
    root.arn = node_arn(organization, "root", organization.root_id);
    root.name = "Root";
    root.policy_types.emplace();
    for (const auto& type : organization.enabled_policy_types) {
        root.policy_types->push_back(
            {.type = enum_of<organizations::PolicyType>(type), .status = organizations::PolicyTypeStatus::enabled});
    }
    return root;
}

template <class Request>
Result<domain::Organization> organization_with_root(const Call& call, std::string_view operation,
                                                    const Request& request) {
    SEK_TRY(auto organization, delegable_organization(call, operation, on_root(call, request), Delegates::by_policy));
    if (organization.root_id.str() != request.root_id) {
        return organizations::errors::root_not_found_exception("You specified a root that doesn't exist.");
    }
    return organization;
}

Result<organizations::EnablePolicyTypeResponse> enable_policy_type(
    Call& call, const organizations::EnablePolicyTypeRequest& request) {
    SEK_TRY(auto organization, organization_with_root(call, "EnablePolicyType", request));
    const std::string type(enum_text(request.policy_type));
    SEK_TRY(available_kind(organization, type));
    if (is_type_enabled(organization, type)) {
        return organizations::errors::policy_type_already_enabled_exception(
            "The specified policy type is already enabled.");
    }
    organization.enabled_policy_types.push_back(type);
    SEK_TRY(domain::organizations.put(call.tx, organization));
    return organizations::EnablePolicyTypeResponse{.root = to_root(organization)};
}

Result<organizations::DisablePolicyTypeResponse> disable_policy_type(
    Call& call, const organizations::DisablePolicyTypeRequest& request) {
    SEK_TRY(auto organization, organization_with_root(call, "DisablePolicyType", request));
    const std::string type(enum_text(request.policy_type));
    if (!is_type_enabled(organization, type)) return type_not_enabled();
    std::erase(organization.enabled_policy_types, type);
    SEK_TRY(domain::organizations.put(call.tx, organization));
    return organizations::DisablePolicyTypeResponse{.root = to_root(organization)};
}

}  // namespace

const operation::OperationTable policy_operations = {
    operation::operation<organizations::CreatePolicy>(
        {.access = Access::write, .resources = on_create, .handle = create_policy}),
    operation::operation<organizations::UpdatePolicy>(
        {.access = Access::write, .resources = on_policy<organizations::UpdatePolicyRequest>, .handle = update_policy}),
    operation::operation<organizations::DescribePolicy>({.access = Access::read,
                                                         .resources = on_policy<organizations::DescribePolicyRequest>,
                                                         .handle = describe_policy}),
    operation::operation<organizations::DeletePolicy>(
        {.access = Access::write, .resources = on_policy<organizations::DeletePolicyRequest>, .handle = delete_policy}),
    operation::operation<organizations::ListPolicies>(
        {.access = Access::read, .resources = on_list, .handle = list_policies}),
    operation::operation<organizations::AttachPolicy>(
        {.access = Access::write,
         .resources = on_policy_and_target<organizations::AttachPolicyRequest>,
         .handle = attach_policy}),
    operation::operation<organizations::DetachPolicy>(
        {.access = Access::write,
         .resources = on_policy_and_target<organizations::DetachPolicyRequest>,
         .handle = detach_policy}),
    operation::operation<organizations::ListPoliciesForTarget>(
        {.access = Access::read, .resources = on_target, .handle = list_policies_for_target}),
    operation::operation<organizations::ListTargetsForPolicy>(
        {.access = Access::read,
         .resources = on_policy<organizations::ListTargetsForPolicyRequest>,
         .handle = list_targets_for_policy}),
    operation::operation<organizations::EnablePolicyType>({.access = Access::write,
                                                           .resources = on_root<organizations::EnablePolicyTypeRequest>,
                                                           .handle = enable_policy_type}),
    operation::operation<organizations::DisablePolicyType>(
        {.access = Access::write,
         .resources = on_root<organizations::DisablePolicyTypeRequest>,
         .handle = disable_policy_type}),
};

}  // namespace sekisho::organizations_service
