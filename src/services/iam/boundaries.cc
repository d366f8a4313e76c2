// Permissions boundaries of users and roles.
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/named.h"
#include "services/iam/permissions.h"
#include "services/iam/policy_use.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

template <class Request>
Permissions put_permissions(const Call& call, const Request& request) {
    return on_entity(call, Named<Request>::kind, Named<Request>::name(request),
                     {{"iam:PermissionsBoundary", {request.permissions_boundary}}});
}

template <class Request>
Permissions delete_permissions(const Call& call, const Request& request) {
    return on_bounded(call, Named<Request>::kind, Named<Request>::name(request));
}

template <class Request, class Response>
Result<Response> put_boundary(Call& call, const Request& request) {
    SEK_TRY(const auto entity,
            require_modifiable(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(set_boundary(call.tx, entity, request.permissions_boundary));
    return Response{};
}

template <class Request, class Response>
Result<Response> delete_boundary(Call& call, const Request& request) {
    SEK_TRY(const auto entity,
            require_modifiable(call.tx, call.account(), Named<Request>::kind, Named<Request>::name(request)));
    SEK_TRY(auto policies, load_policies(call.tx, entity.id));
    if (!policies.permissions_boundary_arn) {
        return iam::errors::no_such_entity_exception("Permissions boundary policy not found for " +
                                                     std::string(kind_name(entity.kind)) + " " + entity.name);
    }
    SEK_TRY(remove_use(call.tx, entity, *policies.permissions_boundary_arn, PolicyUsage::boundary));
    policies.permissions_boundary_arn.reset();
    SEK_TRY(save_policies(call.tx, policies));
    return Response{};
}

template <class Op>
operation::Operation putting() {
    return operation<Op>({.access = Access::write,
                          .resources = put_permissions<typename Op::Request>,
                          .handle = put_boundary<typename Op::Request, typename Op::Response>});
}

template <class Op>
operation::Operation deleting() {
    return operation<Op>({.access = Access::write,
                          .resources = delete_permissions<typename Op::Request>,
                          .handle = delete_boundary<typename Op::Request, typename Op::Response>});
}

}  // namespace

const operation::OperationTable boundary_operations = {
    putting<iam::PutUserPermissionsBoundary>(),
    putting<iam::PutRolePermissionsBoundary>(),
    deleting<iam::DeleteUserPermissionsBoundary>(),
    deleting<iam::DeleteRolePermissionsBoundary>(),
};

}  // namespace sekisho::iam_service
