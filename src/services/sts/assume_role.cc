#include <algorithm>
#include <set>

#include "access/authorize.h"
#include "access/liveness.h"
#include "access/records.h"
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

constexpr std::string_view identity_center_provider = "arn:aws:iam::aws:contextProvider/IdentityCenter";

// The person that the request brings along: the one context provider that there is is Identity Center.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_ProvidedContext.html
std::optional<access::IdentityContext> read_context(const Call& call, const sts::AssumeRoleRequest& request) {
    if (!request.provided_contexts || request.provided_contexts->size() != 1) return {};
    const auto& provided = request.provided_contexts->front();
    if (provided.provider_arn != identity_center_provider) return {};
    return call.environment.tokens->open_context(provided.context_assertion.value_or(""));
}

// An account takes the people of its own instance, or of its organization's.
bool is_of_account(const Call& call, const access::IdentityContext& context, const AccountId& account) {
    const auto center =
        domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store, context.identity_store_id);
    if (!center || !*center) return false;
    const auto record = access::cached_account(call.tx, account);
    return (*center)->owner_account_id == account || (record && domain::is_account_of(**center, *record));
}

// Errors: ExpiredTokenException; ValidationError (no provider that is known, not an assertion of ours, or of somebody
// who is not there any more).
Result<std::optional<access::IdentityContext>> identity_context_of(const Call& call,
                                                                   const sts::AssumeRoleRequest& request,
                                                                   const AccountId& account) {
    if (!request.provided_contexts) return std::optional<access::IdentityContext>();
    auto context = read_context(call, request);
    if (!context)
        return validation_error("The provided context is not one of " + std::string(identity_center_provider));
    if (context->expires_at <= call.now) {
        return sts::errors::expired_token_exception("The context assertion that was provided has expired.");
    }
    if (!is_of_account(call, *context, account) || !access::identity_context_stands(call.tx, *context, call.now)) {
        return validation_error("The context assertion that was provided is not valid.");
    }
    return context;
}

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
    if (request.provided_contexts) {
        auto& providers = context.emplace_back("sts:RequestContextProviders", std::vector<std::string>()).second;
        for (const auto& provided : *request.provided_contexts) {
            providers.push_back(provided.provider_arn.value_or(""));
        }
    }
    if (const auto person = read_context(call, request)) {
        context.push_back({"sts:RequestContext/identitystore:UserId", {person->person_id.str()}});
        context.push_back({"sts:RequestContext/identitycenter:ApplicationArn", {person->application_arn}});
    }
    if (role != nullptr) add_role_tags(context, *role);
    return context;
}

// sts:AssumeRole on the role, decided by its trust policy together with the caller's own policies; tags, a source
// identity and a person's context need their own actions in both (IAM user guide, "Passing session tags in AWS STS",
// "Monitor and control actions taken with assumed roles").
access::Permissions assume_role_permissions(const Call& call, const sts::AssumeRoleRequest& request) {
    const auto role = find_role(call.tx, request.role_arn);
    AccountId owner = role ? role->account_id : call.account();
    if (!role) {
        if (const auto reference = parse_role(request.role_arn)) owner = reference->account;
    }
    access::Permission permission{
        .action = "sts:AssumeRole",
        .resource = request.role_arn,
        .resource_account = std::move(owner),
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
    if (request.provided_contexts) add("sts:SetContext");
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
    SEK_TRY(auto context, identity_context_of(call, request, role->account_id));
    if (context) claims.root.identity_context = std::move(context);
    SEK_TRY(claims.source_identity, source_identity_of(call, request));
    SEK_TRY(add_tags(call, request, claims));
    SEK_TRY(add_session_policies(call.tx, request.policy, arns_of(request.policy_arns), claims));
    SEK_TRY(const auto packed, packed_percent(claims));

    sts::AssumeRoleResponse response;
    response.assumed_role_user = assumed_role_user(*role, request.role_session_name);
    if (packed > 0) response.packed_policy_size = packed;
    if (!claims.source_identity.empty()) response.source_identity = claims.source_identity;
    SEK_TRY(const auto credentials, call.environment.tokens->issue(call.tx, std::move(claims), call.random));
    response.credentials = to_wire(credentials);
    return response;
}

}  // namespace

const operation::OperationTable assume_role_operations = {
    operation::operation<sts::AssumeRole>(
        {.access = Access::write, .resources = assume_role_permissions, .handle = assume_role}),
};

}  // namespace sekisho::sts_service
