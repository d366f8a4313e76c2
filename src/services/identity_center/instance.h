#pragma once
// Finding the instance (with its identity store) that a request is about, and the permissions on it.
#include <optional>
#include <string>
#include <string_view>

#include "access/authorize.h"
#include "domain/directory.h"
#include "domain/permission_sets.h"
#include "models/sso_admin.h"
#include "operation/operation.h"

namespace sekisho::identity_center_service {

using operation::Access;
using operation::Call;

// Nothing where it is not, where it is of another region than the call's, or where it cannot be read.
std::optional<domain::IdentityCenter> find_instance(const Call& call, std::string_view instance_arn);
// By id or ARN.
std::optional<domain::IdentityCenter> find_store(const Call& call, std::string_view identity_store);
// The instance that the caller's account owns, or its organization's; in any region.
std::optional<domain::IdentityCenter> own_center(const Call& call);
std::optional<domain::IdentityCenter> organization_center(const Call& call);
bool is_of_organization(const Call& call, const domain::IdentityCenter& center);

// "d-1234567890" of the id or of an ARN that ends with it; so for users and groups.
std::string_view id_of(std::string_view id_or_arn);
// Of one type: "user", "group", "membership"; an ARN of another type gives an id that nothing has.
std::string_view id_of(std::string_view id_or_arn, std::string_view type);

// AWS's refusal for an instance that is not, or not the caller's.
ApiError access_denied(const Call& call, std::string_view action, std::string_view resource);

// Permissions of sso-admin operations: on the instance; and on the permission set; and on the account. An instance of
// another account makes them cross-account, which no identity policy allows.
access::Permissions on_instance(const Call& call, std::string_view instance_arn);
access::Permissions on_permission_set(const Call& call, std::string_view instance_arn, std::string_view set_arn);
access::Permission on_account(std::string_view account_id);
void add_request_tags(access::Permissions& permissions, const domain::Tags& tags);

template <class Request>
access::Permissions instance_permissions(const Call& call, const Request& request) {
    return on_instance(call, request.instance_arn);
}
template <class Request>
access::Permissions permission_set_permissions(const Call& call, const Request& request) {
    return on_permission_set(call, request.instance_arn, request.permission_set_arn);
}

// For handlers of sso-admin.
template <class Op>
Result<domain::IdentityCenter> instance_of(const Call& call, const typename Op::Request& request) {
    auto center = find_instance(call, request.instance_arn);
    if (!center || center->owner_account_id != call.account()) {
        return access_denied(call, Op::model.iam_action, request.instance_arn);
    }
    return std::move(*center);
}
// The permission set of the request, which must be of the request's instance. ResourceNotFoundException.
Result<domain::PermissionSet> find_permission_set(const Call& call, const domain::IdentityCenter& center,
                                                  std::string_view arn);
template <class Op>
Result<domain::PermissionSet> permission_set_of(const Call& call, const typename Op::Request& request) {
    SEK_TRY(const auto center, instance_of<Op>(call, request));
    return find_permission_set(call, center, request.permission_set_arn);
}

// As the wire shows them: the primary one first.
std::vector<sso_admin::RegionMetadata> regions_of(const domain::IdentityCenter& center);

// Where this server's portal is, and the portal's name among AWS's: the host name chosen for it, or the store's id.
std::string portal_url(const Call& call);
std::string start_url(const domain::IdentityCenter& center);

}  // namespace sekisho::identity_center_service
