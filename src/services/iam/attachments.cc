// Managed policies attached to users, groups and roles.
#include <algorithm>

#include "base/limits.h"
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/managed_policy.h"
#include "services/iam/named.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/policy_use.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

template <class Request>
Permissions change_permissions(const Call& call, const Request& request) {
    return on_bounded(call, Named<Request>::kind, Named<Request>::name(request),
                      {{"iam:PolicyARN", {request.policy_arn}}});
}

template <class Request>
Permissions list_permissions(const Call& call, const Request& request) {
    return on_entity(call, Named<Request>::kind, Named<Request>::name(request));
}

std::string_view quota_name(EntityKind kind) {
    switch (kind) {
        case EntityKind::user:
            return "PoliciesPerUser";
        case EntityKind::group:
            return "PoliciesPerGroup";
        default:
            return "PoliciesPerRole";
    }
}

Result<void> attach_to(Call& call, const Entity& entity, const std::string& policy_arn) {
    SEK_TRY(require_attachable(call.tx, call.account(), policy_arn, "Policy " + policy_arn));
    SEK_TRY(auto policies, load_policies(call.tx, entity.id));
    auto& attached = policies.attached_policy_arns;
    if (std::ranges::find(attached, policy_arn) != attached.end()) return {};
    if (attached.size() >= limits::attached_policies_max) {
        return iam::errors::limit_exceeded_exception("Cannot exceed quota for " + std::string(quota_name(entity.kind)) +
                                                     ": " + std::to_string(limits::attached_policies_max));
    }
    attached.push_back(policy_arn);
    SEK_TRY(save_policies(call.tx, policies));
    return add_use(call.tx, entity, policy_arn, PolicyUsage::permissions);
}

template <class Request, class Response>
Result<Response> attach(Call& call, const Request& request) {
    SEK_TRY(const auto entity,
            require_modifiable(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(attach_to(call, entity, request.policy_arn));
    return Response{};
}

template <class Request, class Response>
Result<Response> detach(Call& call, const Request& request) {
    SEK_TRY(check_policy_arn(request.policy_arn));
    SEK_TRY(const auto entity,
            require_modifiable(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(auto policies, load_policies(call.tx, entity.id));
    if (std::erase(policies.attached_policy_arns, request.policy_arn) == 0) {
        return iam::errors::no_such_entity_exception("Policy " + request.policy_arn + " was not found.");
    }
    SEK_TRY(save_policies(call.tx, policies));
    SEK_TRY(remove_use(call.tx, entity, request.policy_arn, PolicyUsage::permissions));
    return Response{};
}

template <class Request, class Response>
Result<Response> list_attached(Call& call, const Request& request) {
    SEK_TRY(const auto entity,
            require_entity(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(const auto policies, load_policies(call.tx, entity.id));
    const auto prefix = request.path_prefix.value_or("/");
    std::vector<iam::AttachedPolicy> attached;
    for (const auto& arn : policies.attached_policy_arns) {
        if (!policy_path_of(arn).starts_with(prefix)) continue;
        attached.push_back({.policy_name = policy_name_of(arn), .policy_arn = arn});
    }
    Response response;
    SEK_TRY(response.attached_policies, page_of(call, "ListAttachedPolicies\n" + entity.id.str() + "\n" + prefix,
                                                std::move(attached), request, response));
    return response;
}

template <class Op>
operation::Operation attaching() {
    return operation<Op>({.access = Access::write,
                          .resources = change_permissions<typename Op::Request>,
                          .handle = attach<typename Op::Request, typename Op::Response>});
}

template <class Op>
operation::Operation detaching() {
    return operation<Op>({.access = Access::write,
                          .resources = change_permissions<typename Op::Request>,
                          .handle = detach<typename Op::Request, typename Op::Response>});
}

template <class Op>
operation::Operation listing() {
    return operation<Op>({.access = Access::read,
                          .resources = list_permissions<typename Op::Request>,
                          .handle = list_attached<typename Op::Request, typename Op::Response>});
}

}  // namespace

const operation::OperationTable attachment_operations = {
    attaching<iam::AttachUserPolicy>(),       attaching<iam::AttachGroupPolicy>(),
    attaching<iam::AttachRolePolicy>(),       detaching<iam::DetachUserPolicy>(),
    detaching<iam::DetachGroupPolicy>(),      detaching<iam::DetachRolePolicy>(),
    listing<iam::ListAttachedUserPolicies>(), listing<iam::ListAttachedGroupPolicies>(),
    listing<iam::ListAttachedRolePolicies>(),
};

}  // namespace sekisho::iam_service
