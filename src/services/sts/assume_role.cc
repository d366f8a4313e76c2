#include <algorithm>
#include <set>

#include "access/authorize.h"
#include "base/text.h"
#include "domain/iam.h"
#include "models/sts.h"
#include "services/sts/role_request.h"
#include "services/sts/second_factor.h"
#include "services/sts/service.h"
#include "services/sts/session_request.h"

namespace sekisho::sts_service {
namespace {

using operation::Access;
using operation::Call;

access::ContextValues request_context(const Call& call, const sts::AssumeRoleRequest& request,
                                      const domain::Role* role) {
    access::ContextValues context;
    context.push_back({"sts:RoleSessionName", {request.role_session_name}});
    add_claim(context, second_factor_of(request));
    if (request.external_id) context.push_back({"sts:ExternalId", {*request.external_id}});
    const auto source_identity = request.source_identity.value_or(call.caller.source_identity);
    if (!source_identity.empty()) context.push_back({"sts:SourceIdentity", {source_identity}});
    std::vector<std::string> keys;
    for (const auto& tag : request.tags.value_or(std::vector<sts::Tag>())) {
        context.push_back({"aws:RequestTag/" + tag.key, {tag.value}});
        keys.push_back(tag.key);
    }
    if (!keys.empty()) context.push_back({"aws:TagKeys", keys});
    if (request.transitive_tag_keys) context.push_back({"sts:TransitiveTagKeys", *request.transitive_tag_keys});
    if (role != nullptr) add_role_tags(context, *role);
    return context;
}

// sts:AssumeRole on the role, decided by its trust policy together with the caller's own policies; tags and a source
// identity need their own actions in both (IAM user guide, "Passing session tags in AWS STS", "Monitor and control
// actions taken with assumed roles").
access::Permissions assume_role_permissions(const Call& call, const sts::AssumeRoleRequest& request) {
    const auto reference = parse_role(request.role_arn);
    const auto role = find_role(call.tx, request.role_arn);
    access::Permission permission{
        .action = "sts:AssumeRole",
        .resource = request.role_arn,
        .resource_account = reference ? reference->account : call.account(),
        .context = request_context(call, request, role.get()),
        // A role that is not there trusts nobody: the same refusal as of one that does not trust the caller.
        .resource_policy = role ? role->trust_policy : std::string(no_trust),
        .is_trust_policy = true,
    };
    access::Permissions permissions;
    permissions.push_back(std::move(permission));
    const auto add = [&](std::string action) {
        permissions.push_back(permissions.front());
        permissions.back().action = std::move(action);
    };
    if (request.tags && !request.tags->empty()) add("sts:TagSession");
    if (request.source_identity) add("sts:SetSourceIdentity");
    return permissions;
}

Result<seconds> chained_seconds(const Call& call, const sts::AssumeRoleRequest& request, const domain::Role& role) {
    const bool is_chained = call.caller.kind == access::CallerKind::role_session;
    if (is_chained && request.duration_seconds.value_or(0) > 3600) {
        return validation_error(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
    }
    return session_seconds(request.duration_seconds, role);
}

Result<void> add_tags(const Call& call, const sts::AssumeRoleRequest& request, access::SessionClaims& claims) {
    // Transitive tags of the calling session go on, and the request may not set them again.
    for (const auto& key : call.caller.transitive_tag_keys) {
        const auto found = call.caller.session_tags.find(key);
        if (found == call.caller.session_tags.end()) continue;
        claims.session_tags[key] = found->second;
        claims.transitive_tag_keys.push_back(key);
    }
    std::set<std::string> seen;
    for (const auto& tag : request.tags.value_or(std::vector<sts::Tag>())) {
        if (!seen.insert(lower_ascii(tag.key)).second) {
            return invalid_parameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        }
        const auto is_same = [&](const std::string& key) { return equals_ignoring_case(key, tag.key); };
        if (std::ranges::any_of(claims.transitive_tag_keys, is_same)) {
            return invalid_parameter(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
                "from the calling session.");
        }
        claims.session_tags[tag.key] = tag.value;
    }
    for (const auto& key : request.transitive_tag_keys.value_or(std::vector<std::string>())) {
        if (!seen.contains(lower_ascii(key))) {
            return invalid_parameter("The specified transitive tag key must be included in the requested tags.");
        }
        claims.transitive_tag_keys.push_back(key);
    }
    return {};
}

Result<std::string> source_identity_of(const Call& call, const sts::AssumeRoleRequest& request) {
    const auto& own = call.caller.source_identity;
    if (own.empty() || !request.source_identity || *request.source_identity == own) {
        return own.empty() ? request.source_identity.value_or("") : own;
    }
    return ApiError{.code = "AccessDenied",
                    .message = "SourceIdentity cannot be changed once it is set in a session.",
                    .http_status = 403};
}

Result<sts::AssumeRoleResponse> assume_role(Call& call, const sts::AssumeRoleRequest& request) {
    const auto role = find_role(call.tx, request.role_arn);
    if (!role) return errors::internal_failure("a role was authorized and is not there");
    if (call.caller.kind == access::CallerKind::root) {
        return ApiError{
            .code = "AccessDenied", .message = "Roles may not be assumed by root accounts.", .http_status = 403};
    }
    auto claims = role_session_claims(call, *role, request.role_session_name);
    SEK_TRY(claims.mfa_at, prove(call, second_factor_of(request)));
    SEK_TRY(const auto length, chained_seconds(call, request, *role));
    claims.is_chained = call.caller.kind == access::CallerKind::role_session;
    claims.expires_at = call.now + length;
    claims.root = root_of(call.caller);
    SEK_TRY(claims.source_identity, source_identity_of(call, request));
    SEK_TRY(add_tags(call, request, claims));
    SEK_TRY(add_session_policies(call.tx, request.policy, arns_of(request.policy_arns), claims));
    SEK_TRY(const auto packed, packed_percent(claims));

    SEK_TRY(const auto credentials, call.environment.tokens->issue(call.tx, claims, call.random));
    sts::AssumeRoleResponse response;
    response.credentials = to_wire(credentials);
    response.assumed_role_user = assumed_role_user(*role, request.role_session_name);
    if (packed > 0) response.packed_policy_size = packed;
    if (!claims.source_identity.empty()) response.source_identity = claims.source_identity;
    return response;
}

}  // namespace

const operation::OperationTable assume_role_operations = {
    operation::operation<sts::AssumeRole>(
        {.access = Access::write, .resources = assume_role_permissions, .handle = assume_role}),
};

}  // namespace sekisho::sts_service
