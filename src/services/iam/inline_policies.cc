// Policies embedded in users, groups and roles.
#include "base/encoding.h"
#include "models/iam.h"
#include "services/iam/documents.h"
#include "services/iam/entity.h"
#include "services/iam/named.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

template <class Request>
Permissions change_permissions(const Call& call, const Request& request) {
    return on_bounded(call, Named<Request>::kind, Named<Request>::name(request));
}

template <class Request>
Permissions read_permissions(const Call& call, const Request& request) {
    return on_entity(call, Named<Request>::kind, Named<Request>::name(request));
}

ApiError no_such_policy(EntityKind kind, const std::string& name) {
    return iam::errors::no_such_entity_exception("The " + std::string(kind_name(kind)) + " policy with name " + name +
                                                 " cannot be found.");
}

template <class Request, class Response>
Result<Response> put(Call& call, const Request& request) {
    SEK_TRY(const auto entity,
            require_modifiable(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(auto policies, load_policies(call.tx, entity.id));
    policies.inline_policies[request.policy_name] = request.policy_document;
    SEK_TRY(check_inline_document(request.policy_document, entity, policies));
    SEK_TRY(save_policies(call.tx, policies));
    return Response{};
}

template <class Request, class Response>
Result<Response> get(Call& call, const Request& request) {
    SEK_TRY(const auto entity,
            require_entity(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(const auto policies, load_policies(call.tx, entity.id));
    const auto found = policies.inline_policies.find(request.policy_name);
    if (found == policies.inline_policies.end()) return no_such_policy(entity.kind, request.policy_name);
    Response response;
    if constexpr (Named<Request>::kind == EntityKind::user) {
        response.user_name = entity.name;
    } else if constexpr (Named<Request>::kind == EntityKind::group) {
        response.group_name = entity.name;
    } else {
        response.role_name = entity.name;
    }
    response.policy_name = found->first;
    response.policy_document = encode_uri(found->second);
    return response;
}

template <class Request, class Response>
Result<Response> remove(Call& call, const Request& request) {
    SEK_TRY(const auto entity,
            require_modifiable(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(auto policies, load_policies(call.tx, entity.id));
    if (policies.inline_policies.erase(request.policy_name) == 0) {
        return no_such_policy(entity.kind, request.policy_name);
    }
    SEK_TRY(save_policies(call.tx, policies));
    return Response{};
}

template <class Request, class Response>
Result<Response> list(Call& call, const Request& request) {
    SEK_TRY(const auto entity,
            require_entity(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(const auto policies, load_policies(call.tx, entity.id));
    std::vector<std::string> names;
    for (const auto& [name, document] : policies.inline_policies) names.push_back(name);
    Response response;
    SEK_TRY(response.policy_names,
            page_of(call, "ListPolicies\n" + entity.id.str(), std::move(names), request, response));
    return response;
}

template <class Op>
operation::Operation putting() {
    return operation<Op>({.access = Access::write,
                          .resources = change_permissions<typename Op::Request>,
                          .handle = put<typename Op::Request, typename Op::Response>});
}

template <class Op>
operation::Operation getting() {
    return operation<Op>({.access = Access::read,
                          .resources = read_permissions<typename Op::Request>,
                          .handle = get<typename Op::Request, typename Op::Response>});
}

template <class Op>
operation::Operation removing() {
    return operation<Op>({.access = Access::write,
                          .resources = change_permissions<typename Op::Request>,
                          .handle = remove<typename Op::Request, typename Op::Response>});
}

template <class Op>
operation::Operation listing() {
    return operation<Op>({.access = Access::read,
                          .resources = read_permissions<typename Op::Request>,
                          .handle = list<typename Op::Request, typename Op::Response>});
}

}  // namespace

const operation::OperationTable inline_policy_operations = {
    putting<iam::PutUserPolicy>(),     putting<iam::PutGroupPolicy>(),     putting<iam::PutRolePolicy>(),
    getting<iam::GetUserPolicy>(),     getting<iam::GetGroupPolicy>(),     getting<iam::GetRolePolicy>(),
    removing<iam::DeleteUserPolicy>(), removing<iam::DeleteGroupPolicy>(), removing<iam::DeleteRolePolicy>(),
    listing<iam::ListUserPolicies>(),  listing<iam::ListGroupPolicies>(),  listing<iam::ListRolePolicies>(),
};

}  // namespace sekisho::iam_service
