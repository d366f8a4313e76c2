// What an application may do: grants, scopes, who acts as it, and whether people need an assignment.
#include <algorithm>

#include "base/limits.h"
#include "domain/oidc_client.h"
#include "models/sso_admin.h"
#include "policy/document.h"
#include "services/identity_center/application.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

using sso_admin::GrantType;

ApiError no_such(std::string_view what) {
    return sso_admin::errors::resource_not_found_exception("The application has no " + std::string(what) + ".");
}

// Grants

sso_admin::Grant to_wire(const domain::ApplicationGrant& grant) {
    sso_admin::Grant wire;
    if (grant.type == sso_admin::to_text(GrantType::authorization_code)) {
        wire.authorization_code = sso_admin::AuthorizationCodeGrant{.redirect_uris = grant.redirect_uris};
    } else if (grant.type == sso_admin::to_text(GrantType::refresh_token)) {
        wire.refresh_token.emplace();
    } else if (grant.type == sso_admin::to_text(GrantType::urn_ietf_params_oauth_grant_type_token_exchange)) {
        wire.token_exchange.emplace();
    } else {
        auto& issuers = wire.jwt_bearer.emplace().authorized_token_issuers.emplace();
        for (const auto& issuer : grant.issuers) {
            issuers.push_back(
                {.trusted_token_issuer_arn = issuer.issuer_arn, .authorized_audiences = issuer.audiences});
        }
    }
    return wire;
}

GrantType type_of(const domain::ApplicationGrant& grant) {
    const auto names = sso_admin::enum_names(GrantType());
    return static_cast<GrantType>(std::ranges::find(names, grant.type) - names.begin());
}

// OAuth 2.1's rule: https, or http on this machine.
Result<void> check_redirect_uris(const std::vector<std::string>& uris) {
    for (const auto& uri : uris) {
        const bool is_good = (uri.starts_with("https://") && uri.size() > 8 && !uri.contains('#') &&
                              std::ranges::none_of(uri, [](char c) { return c <= ' ' || c == '\x7f' || c == '"'; })) ||
                             domain::is_loopback_redirect_uri(uri);
        if (!is_good || uri.size() > limits::redirect_uri_bytes_max) {
            return sso_admin::errors::validation_exception("The redirect URI " + uri + " is not valid.");
        }
    }
    return {};
}

Result<domain::ApplicationGrant> from_wire(const Call& call, const domain::Application& application, GrantType type,
                                           const sso_admin::Grant& wire) {
    domain::ApplicationGrant grant{.type = std::string(sso_admin::to_text(type)), .redirect_uris = {}, .issuers = {}};
    const auto other = [] {
        return sso_admin::errors::validation_exception("The grant is not of the type that GrantType names.");
    };
    if (type == GrantType::authorization_code) {
        if (!wire.authorization_code) return other();
        grant.redirect_uris = wire.authorization_code->redirect_uris.value_or(std::vector<std::string>());
        SEK_TRY(check_redirect_uris(grant.redirect_uris));
    } else if (type == GrantType::refresh_token) {
        if (!wire.refresh_token) return other();
    } else if (type == GrantType::urn_ietf_params_oauth_grant_type_token_exchange) {
        if (!wire.token_exchange) return other();
    } else {
        if (!wire.jwt_bearer) return other();
        for (const auto& issuer :
             wire.jwt_bearer->authorized_token_issuers.value_or(std::vector<sso_admin::AuthorizedTokenIssuer>())) {
            SEK_TRY(const auto known, find_trusted_token_issuer(call, issuer.trusted_token_issuer_arn.value_or("")));
            if (known.instance_arn != application.instance_arn) return other();
            grant.issuers.push_back({.issuer_arn = known.arn,
                                     .audiences = issuer.authorized_audiences.value_or(std::vector<std::string>())});
        }
    }
    return grant;
}

Result<sso_admin::PutApplicationGrantResponse> put_grant(Call& call,
                                                         const sso_admin::PutApplicationGrantRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    SEK_TRY(auto grant, from_wire(call, application, request.grant_type, request.grant));
    std::erase_if(application.grants, [&](const auto& known) { return known.type == grant.type; });
    application.grants.push_back(std::move(grant));
    SEK_TRY(domain::applications.put(call.tx, application));
    return sso_admin::PutApplicationGrantResponse();
}

Result<sso_admin::GetApplicationGrantResponse> get_grant(Call& call,
                                                         const sso_admin::GetApplicationGrantRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    const auto* grant = domain::find_grant(application, sso_admin::to_text(request.grant_type));
    if (grant == nullptr) return no_such("grant of this type");
    return sso_admin::GetApplicationGrantResponse{.grant = to_wire(*grant)};
}

Result<sso_admin::DeleteApplicationGrantResponse> delete_grant(
    Call& call, const sso_admin::DeleteApplicationGrantRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    const auto type = sso_admin::to_text(request.grant_type);
    if (std::erase_if(application.grants, [&](const auto& known) { return known.type == type; }) > 0) {
        SEK_TRY(domain::applications.put(call.tx, application));
    }
    return sso_admin::DeleteApplicationGrantResponse();
}

// Four at most: one page.
Result<sso_admin::ListApplicationGrantsResponse> list_grants(Call& call,
                                                             const sso_admin::ListApplicationGrantsRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    SEK_TRY(open_page(call, "ListApplicationGrants", request));
    sso_admin::ListApplicationGrantsResponse response;
    for (const auto& grant : application.grants) {
        response.grants.push_back({.grant_type = type_of(grant), .grant = to_wire(grant)});
    }
    return response;
}

// Scopes

Result<sso_admin::PutApplicationAccessScopeResponse> put_scope(
    Call& call, const sso_admin::PutApplicationAccessScopeRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    auto found = std::ranges::find(application.scopes, request.scope, &domain::ApplicationScope::name);
    if (found == application.scopes.end()) {
        if (application.scopes.size() >= limits::application_scopes_max) {
            return sso_admin::errors::validation_exception("An application has at most " +
                                                           std::to_string(limits::application_scopes_max) + " scopes.");
        }
        found = application.scopes.insert(found, {.name = request.scope, .targets = {}});
    }
    found->targets = request.authorized_targets.value_or(std::vector<std::string>());
    SEK_TRY(domain::applications.put(call.tx, application));
    return sso_admin::PutApplicationAccessScopeResponse();
}

std::optional<std::vector<std::string>> targets_of(const domain::ApplicationScope& scope) {
    if (scope.targets.empty()) return {};
    return scope.targets;
}

Result<sso_admin::GetApplicationAccessScopeResponse> get_scope(
    Call& call, const sso_admin::GetApplicationAccessScopeRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    const auto found = std::ranges::find(application.scopes, request.scope, &domain::ApplicationScope::name);
    if (found == application.scopes.end()) return no_such("scope of this name");
    return sso_admin::GetApplicationAccessScopeResponse{.scope = found->name, .authorized_targets = targets_of(*found)};
}

Result<sso_admin::DeleteApplicationAccessScopeResponse> delete_scope(
    Call& call, const sso_admin::DeleteApplicationAccessScopeRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    if (std::erase_if(application.scopes, [&](const auto& scope) { return scope.name == request.scope; }) > 0) {
        SEK_TRY(domain::applications.put(call.tx, application));
    }
    return sso_admin::DeleteApplicationAccessScopeResponse();
}

Result<sso_admin::ListApplicationAccessScopesResponse> list_scopes(
    Call& call, const sso_admin::ListApplicationAccessScopesRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    const auto scope = "ListApplicationAccessScopes " + application.arn;
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found, slice_of(application.scopes, page));
    sso_admin::ListApplicationAccessScopesResponse response;
    for (const auto& item : found.items) {
        response.scopes.push_back({.scope = item.name, .authorized_targets = targets_of(item)});
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

// Authentication methods: IAM's is the one that there is.

Result<sso_admin::PutApplicationAuthenticationMethodResponse> put_method(
    Call& call, const sso_admin::PutApplicationAuthenticationMethodRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    if (!request.authentication_method.iam) {
        return sso_admin::errors::validation_exception("The authentication method Iam is required.");
    }
    const auto& document = request.authentication_method.iam->actor_policy;
    if (auto parsed = policy::parse(document, policy::Use::resource); !parsed) {
        return sso_admin::errors::validation_exception(parsed.error().message);
    }
    application.actor_policy = document;
    SEK_TRY(domain::applications.put(call.tx, application));
    return sso_admin::PutApplicationAuthenticationMethodResponse();
}

sso_admin::AuthenticationMethod method_of(const domain::Application& application) {
    return {.iam = sso_admin::IamAuthenticationMethod{.actor_policy = application.actor_policy}};
}

Result<sso_admin::GetApplicationAuthenticationMethodResponse> get_method(
    Call& call, const sso_admin::GetApplicationAuthenticationMethodRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    if (application.actor_policy.empty()) return no_such("authentication method of this type");
    return sso_admin::GetApplicationAuthenticationMethodResponse{.authentication_method = method_of(application)};
}

Result<sso_admin::DeleteApplicationAuthenticationMethodResponse> delete_method(
    Call& call, const sso_admin::DeleteApplicationAuthenticationMethodRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    application.actor_policy.clear();
    SEK_TRY(domain::applications.put(call.tx, application));
    return sso_admin::DeleteApplicationAuthenticationMethodResponse();
}

Result<sso_admin::ListApplicationAuthenticationMethodsResponse> list_methods(
    Call& call, const sso_admin::ListApplicationAuthenticationMethodsRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    SEK_TRY(open_page(call, "ListApplicationAuthenticationMethods", request));
    sso_admin::ListApplicationAuthenticationMethodsResponse response;
    auto& methods = response.authentication_methods.emplace();
    if (!application.actor_policy.empty()) {
        methods.push_back({.authentication_method_type = sso_admin::AuthenticationMethodType::iam,
                           .authentication_method = method_of(application)});
    }
    return response;
}

// Switches

Result<sso_admin::PutApplicationAssignmentConfigurationResponse> put_assignment_configuration(
    Call& call, const sso_admin::PutApplicationAssignmentConfigurationRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    application.assignment_required = request.assignment_required;
    SEK_TRY(domain::applications.put(call.tx, application));
    return sso_admin::PutApplicationAssignmentConfigurationResponse();
}

Result<sso_admin::GetApplicationAssignmentConfigurationResponse> get_assignment_configuration(
    Call& call, const sso_admin::GetApplicationAssignmentConfigurationRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    return sso_admin::GetApplicationAssignmentConfigurationResponse{.assignment_required =
                                                                        application.assignment_required};
}

using BackgroundSessions = sso_admin::UserBackgroundSessionApplicationStatus;

Result<sso_admin::PutApplicationSessionConfigurationResponse> put_session_configuration(
    Call& call, const sso_admin::PutApplicationSessionConfigurationRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    if (request.user_background_session_application_status) {
        application.background_sessions =
            *request.user_background_session_application_status == BackgroundSessions::enabled;
        SEK_TRY(domain::applications.put(call.tx, application));
    }
    return sso_admin::PutApplicationSessionConfigurationResponse();
}

Result<sso_admin::GetApplicationSessionConfigurationResponse> get_session_configuration(
    Call& call, const sso_admin::GetApplicationSessionConfigurationRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    return sso_admin::GetApplicationSessionConfigurationResponse{
        .user_background_session_application_status =
            application.background_sessions ? BackgroundSessions::enabled : BackgroundSessions::disabled};
}

template <class Op>
operation::Operation row(Access access, Result<typename Op::Response> (*handle)(Call&, const typename Op::Request&)) {
    return operation::operation<Op>(
        {.access = access, .resources = application_permissions<typename Op::Request>, .handle = handle});
}

}  // namespace

const operation::OperationTable application_setting_operations = {
    row<sso_admin::PutApplicationGrant>(Access::write, put_grant),
    row<sso_admin::GetApplicationGrant>(Access::read, get_grant),
    row<sso_admin::DeleteApplicationGrant>(Access::write, delete_grant),
    row<sso_admin::ListApplicationGrants>(Access::read, list_grants),
    row<sso_admin::PutApplicationAccessScope>(Access::write, put_scope),
    row<sso_admin::GetApplicationAccessScope>(Access::read, get_scope),
    row<sso_admin::DeleteApplicationAccessScope>(Access::write, delete_scope),
    row<sso_admin::ListApplicationAccessScopes>(Access::read, list_scopes),
    row<sso_admin::PutApplicationAuthenticationMethod>(Access::write, put_method),
    row<sso_admin::GetApplicationAuthenticationMethod>(Access::read, get_method),
    row<sso_admin::DeleteApplicationAuthenticationMethod>(Access::write, delete_method),
    row<sso_admin::ListApplicationAuthenticationMethods>(Access::read, list_methods),
    row<sso_admin::PutApplicationAssignmentConfiguration>(Access::write, put_assignment_configuration),
    row<sso_admin::GetApplicationAssignmentConfiguration>(Access::read, get_assignment_configuration),
    row<sso_admin::PutApplicationSessionConfiguration>(Access::write, put_session_configuration),
    row<sso_admin::GetApplicationSessionConfiguration>(Access::read, get_session_configuration),
};

}  // namespace sekisho::identity_center_service
