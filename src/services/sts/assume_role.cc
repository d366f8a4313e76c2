#include <algorithm>
#include <set>

#include "access/authorize.h"
#include "access/records.h"
#include "base/text.h"
#include "domain/iam.h"
#include "models/sts.h"
#include "policy/document.h"
#include "services/sts/service.h"
#include "services/sts/session_request.h"
#include "wire/arn.h"

namespace sekisho::sts_service {
namespace {

using operation::Access;
using operation::Call;

struct RoleReference {
    AccountId account;
    wire::EntityName name;
};

std::optional<RoleReference> parse_role(const std::string& arn) {
    const auto parsed = wire::Arn::parse(arn);
    const auto name = wire::role_name(arn);
    if (!parsed || !name) return {};
    return RoleReference{AccountId(parsed->account), *name};
}

// The role that an ARN names with its path; null: no such role.
std::shared_ptr<const domain::Role> find_role(const store::Reader& reader, const std::string& arn) {
    const auto reference = parse_role(arn);
    if (!reference) return nullptr;
    auto role = access::cached_role(reader, reference->account, reference->name.name);
    return role && domain::role_arn(*role) == arn ? role : nullptr;
}

access::ContextValues request_context(const Call& call, const sts::AssumeRoleRequest& request,
                                      const domain::Role* role) {
    access::ContextValues context;
    context.push_back({"sts:RoleSessionName", {request.role_session_name}});
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
    if (role != nullptr) {
        for (const auto& [key, value] : role->tags) {
            context.push_back({"aws:ResourceTag/" + key, {value}});
            context.push_back({"iam:ResourceTag/" + key, {value}});
        }
    }
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
    access::Permissions permissions{permission};
    if (request.tags && !request.tags->empty()) {
        permission.action = "sts:TagSession";
        permissions.push_back(permission);
    }
    if (request.source_identity) {
        permission.action = "sts:SetSourceIdentity";
        permissions.push_back(permission);
    }
    return permissions;
}

Result<std::int32_t> session_seconds(const Call& call, const sts::AssumeRoleRequest& request,
                                     const domain::Role& role) {
    const std::int32_t seconds = request.duration_seconds.value_or(3600);
    const bool is_chained = call.caller.kind == access::CallerKind::role_session;
    if (is_chained && seconds > 3600) {
        return validation_error(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
    }
    if (seconds > role.session_seconds_max) {
        return validation_error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }
    return seconds;
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
    SEK_TRY(const auto seconds, session_seconds(call, request, *role));

    access::SessionClaims claims;
    claims.kind = access::CallerKind::role_session;
    claims.account_id = role->account_id;
    claims.principal_id = role->id;
    claims.principal_name = role->name;
    claims.session_name = request.role_session_name;
    claims.is_chained = call.caller.kind == access::CallerKind::role_session;
    claims.mfa_at = call.caller.mfa_at;
    claims.issued_at = call.now;
    claims.expires_at = call.now + std::chrono::seconds(seconds);
    claims.root = root_of(call.caller);
    SEK_TRY(claims.source_identity, source_identity_of(call, request));
    SEK_TRY(add_tags(call, request, claims));
    SEK_TRY(add_session_policies(call.tx, request.policy, arns_of(request.policy_arns), claims));
    SEK_TRY(const auto packed, packed_percent(claims));

    SEK_TRY(const auto credentials, call.environment.tokens->issue(call.tx, claims, call.random));
    sts::AssumeRoleResponse response;
    response.credentials = to_wire(credentials);
    response.assumed_role_user = sts::AssumedRoleUser{
        .assumed_role_id = role->id.str() + ":" + request.role_session_name,
        .arn = wire::make_assumed_role_arn(role->account_id, role->name, request.role_session_name)};
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
