// ListPolicies and ListEntitiesForPolicy.
#include <algorithm>

#include "base/text.h"
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/managed_policy.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/policy_use.h"
#include "services/iam/service.h"
#include "wire/arn.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

Permissions list_policies_permissions(const Call& call, const iam::ListPoliciesRequest& request) {
    auto permissions = on_path(call, "policy", request.path_prefix);
    permissions.front().shown_resource = "policy path " + request.path_prefix.value_or("/");
    return permissions;
}

// AWS's policies by name, then the customer's. The marker: "aws:<name of the last one>" or "local:<place>".
class PolicyLister {
 public:
    PolicyLister(const Call& call, const iam::ListPoliciesRequest& request)
        : call_(call),
          request_(request),
          prefix_(request.path_prefix.value_or("/")),
          wanted_(static_cast<std::size_t>(request.max_items.value_or(page_items_default))) {}

    std::string scope() const {
        const auto usage = request_.policy_usage_filter ? iam::to_text(*request_.policy_usage_filter) : "";
        return "ListPolicies\n" + std::string(iam::to_text(scope_filter())) + "\n" + std::string(usage) +
               (request_.only_attached.value_or(false) ? "\nattached\n" : "\nall\n") + prefix_;
    }

    Result<iam::ListPoliciesResponse> list() {
        SEK_TRY(const auto after, open_marker(call_, scope(), request_.marker));
        response_.policies.emplace();
        const bool in_local = after.starts_with("local:");
        if (!in_local && scope_filter() != iam::PolicyScopeType::local) {
            SEK_TRY(list_aws(after.empty() ? std::string() : after.substr(4)));
        }
        if (!next_ && scope_filter() != iam::PolicyScopeType::aws) {
            SEK_TRY(list_local(in_local ? after.substr(6) : std::string()));
        }
        close_page(call_, scope(), next_, response_);
        return std::move(response_);
    }

 private:
    iam::PolicyScopeType scope_filter() const { return request_.scope.value_or(iam::PolicyScopeType::all); }
    bool is_full() const { return response_.policies->size() >= wanted_; }

    bool is_wanted(const iam::Policy& policy) const {
        const bool attached = *policy.attachment_count > 0;
        const bool bounding = *policy.permissions_boundary_usage_count > 0;
        if (!request_.only_attached.value_or(false) && !request_.policy_usage_filter) return true;
        if (!request_.policy_usage_filter) return attached || bounding;
        return *request_.policy_usage_filter == iam::PolicyUsageType::permissions_policy ? attached : bounding;
    }

    Result<void> list_aws(const std::string& after) {
        const auto all = domain::aws_managed_policies();
        auto at = std::ranges::upper_bound(all, std::string_view(after), {}, &domain::AwsManagedPolicy::name);
        if (after.empty()) at = all.begin();
        for (; at != all.end(); ++at) {
            if (is_full()) {
                next_ = "aws:" + std::string(std::prev(at)->name);
                return {};
            }
            if (!at->path.starts_with(prefix_)) continue;
            SEK_TRY(auto wire, to_wire(call_.tx, call_.account(), *at));
            if (is_wanted(wire)) response_.policies->push_back(std::move(wire));
        }
        return {};
    }

    Result<void> list_local(std::string after) {
        const std::size_t room = wanted_ - response_.policies->size();
        if (room == 0) {
            next_ = "local:";
            return {};
        }
        Result<void> problem;
        SEK_TRY(const auto found,
                filtered_page(domain::managed_policies, call_.tx, store::prefix(call_.account()),
                              {.after = std::move(after), .limit = room}, [&](const domain::ManagedPolicy& policy) {
                                  if (!problem || !policy.path.starts_with(prefix_)) return false;
                                  auto wire = to_wire(call_.tx, policy, false);
                                  if (!wire) {
                                      problem = std::move(wire).error();
                                      return false;
                                  }
                                  if (!is_wanted(*wire)) return false;
                                  response_.policies->push_back(std::move(*wire));
                                  return true;
                              }));
        SEK_TRY(problem);
        if (found.next) next_ = "local:" + *found.next;
        return {};
    }

    const Call& call_;
    const iam::ListPoliciesRequest& request_;
    const std::string prefix_;
    const std::size_t wanted_;
    iam::ListPoliciesResponse response_;
    std::optional<std::string> next_;
};

Result<iam::ListPoliciesResponse> list_policies(Call& call, const iam::ListPoliciesRequest& request) {
    return PolicyLister(call, request).list();
}

Permissions list_entities_permissions(const Call& call, const iam::ListEntitiesForPolicyRequest& request) {
    return on_policy(call, request.policy_arn);
}

bool is_wanted(const iam::ListEntitiesForPolicyRequest& request, const domain::PolicyUse& use) {
    const bool is_boundary = use.kind.ends_with("-boundary");
    if (request.policy_usage_filter) {
        const bool wants_boundary = *request.policy_usage_filter == iam::PolicyUsageType::permissions_boundary;
        if (wants_boundary != is_boundary) return false;
    }
    if (!request.entity_filter) return true;
    switch (*request.entity_filter) {
        case iam::EntityType::user:
            return use.kind.starts_with("user");
        case iam::EntityType::role:
            return use.kind.starts_with("role");
        case iam::EntityType::group:
            return use.kind.starts_with("group");
        default:
            return false;
    }
}

EntityKind kind_of(const domain::PolicyUse& use) {
    if (use.kind.starts_with("user")) return EntityKind::user;
    return use.kind.starts_with("role") ? EntityKind::role : EntityKind::group;
}

// One entity may use a policy both ways; it is named once then.
void add_entity(iam::ListEntitiesForPolicyResponse& response, const Entity& entity) {
    const auto add = [&](auto& list, auto item, auto id) {
        if (std::ranges::find(list, item.*id, id) == list.end()) list.push_back(std::move(item));
    };
    switch (entity.kind) {
        case EntityKind::user:
            return add(*response.policy_users, iam::PolicyUser{entity.name, entity.id.str()},
                       &iam::PolicyUser::user_id);
        case EntityKind::group:
            return add(*response.policy_groups, iam::PolicyGroup{entity.name, entity.id.str()},
                       &iam::PolicyGroup::group_id);
        default:
            return add(*response.policy_roles, iam::PolicyRole{entity.name, entity.id.str()},
                       &iam::PolicyRole::role_id);
    }
}

Result<iam::ListEntitiesForPolicyResponse> list_entities(Call& call, const iam::ListEntitiesForPolicyRequest& request) {
    SEK_TRY(check_policy_arn(request.policy_arn));
    if (domain::find_aws_managed_policy_by_arn(request.policy_arn) == nullptr) {
        SEK_TRY(const auto policy, find_customer_policy(call.tx, call.account(), request.policy_arn));
        if (!policy) return policy_not_found(request.policy_arn);
    }
    const auto prefix = request.path_prefix.value_or("/");
    const auto scope = "ListEntitiesForPolicy\n" + request.policy_arn + "\n" + prefix;
    SEK_TRY(auto page, store_page(call, scope, request));
    SEK_TRY(const auto found,
            filtered_page(domain::policy_uses, call.tx, store::prefix(call.account(), request.policy_arn),
                          std::move(page), [&](const domain::PolicyUse& use) { return is_wanted(request, use); }));
    iam::ListEntitiesForPolicyResponse response;
    response.policy_users.emplace();
    response.policy_groups.emplace();
    response.policy_roles.emplace();
    for (const auto& use : found.items) {
        SEK_TRY(const auto entity, find_entity(call.tx, call.account(), kind_of(use), use.name));
        if (entity && entity->path.starts_with(prefix)) add_entity(response, *entity);
    }
    close_page(call, scope, found.next, response);
    return response;
}

}  // namespace

const operation::OperationTable policy_list_operations = {
    operation<iam::ListPolicies>(
        {.access = Access::read, .resources = list_policies_permissions, .handle = list_policies}),
    operation<iam::ListEntitiesForPolicy>(
        {.access = Access::read, .resources = list_entities_permissions, .handle = list_entities}),
};

}  // namespace sekisho::iam_service
