// The portal's API: what the bearer of an access token holds, and role credentials.
#include "domain/portal.h"

#include <algorithm>

#include "access/liveness.h"
#include "access/records.h"
#include "domain/sessions.h"
#include "models/sso.h"
#include "services/sso/service.h"

namespace sekisho::sso_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t page_items_default = 100;

struct Bearer {
    IdentityStoreId identity_store_id;
    PersonId person_id;
};

Result<Bearer> bearer_of(const Call& call) {
    const auto& root = call.caller.root;
    if (!root.person_id || !root.identity_store_id) {
        return sso::errors::unauthorized_exception("Session token not found or invalid");
    }
    return Bearer{*root.identity_store_id, *root.person_id};
}

template <class Request>
std::size_t page_limit(const Request& request) {
    const auto asked = request.max_results.value_or(0);
    return asked > 0 ? static_cast<std::size_t>(asked) : page_items_default;
}

ApiError no_access() {
    return {.code = "ForbiddenException", .message = "No access", .http_status = 403};
}

Result<sso::ListAccountsResponse> list_accounts(Call& call, const sso::ListAccountsRequest& request) {
    SEK_TRY(const auto bearer, bearer_of(call));
    const auto scope = "sso ListAccounts " + bearer.person_id.str();
    const auto after = call.open_page(scope, request.next_token.value_or(""));
    if (!after) return sso::errors::invalid_request_exception("Invalid next token");
    SEK_TRY(const auto accounts, domain::accounts_of_person(call.tx, bearer.identity_store_id, bearer.person_id));
    sso::ListAccountsResponse response;
    auto& list = response.account_list.emplace();
    for (const auto& id : accounts) {
        if (id.str() <= *after) continue;
        const auto account = access::cached_account(call.tx, id);
        SEK_TRY(const auto roles, domain::roles_of_person(call.tx, bearer.identity_store_id, bearer.person_id, id));
        if (!account || account->state != domain::AccountState::active || roles.empty()) continue;
        if (list.size() == page_limit(request)) {
            response.next_token = call.seal_page(scope, *list.back().account_id);
            break;
        }
        list.push_back({.account_id = id.str(), .account_name = account->name, .email_address = account->email});
    }
    return response;
}

Result<sso::ListAccountRolesResponse> list_account_roles(Call& call, const sso::ListAccountRolesRequest& request) {
    SEK_TRY(const auto bearer, bearer_of(call));
    const auto scope = "sso ListAccountRoles " + bearer.person_id.str() + " " + request.account_id;
    const auto after = call.open_page(scope, request.next_token.value_or(""));
    if (!after) return sso::errors::invalid_request_exception("Invalid next token");
    SEK_TRY(const auto roles, domain::roles_of_person(call.tx, bearer.identity_store_id, bearer.person_id,
                                                      AccountId(request.account_id)));
    if (roles.empty()) return no_access();
    sso::ListAccountRolesResponse response;
    auto& list = response.role_list.emplace();
    for (const auto& role : roles) {
        const auto& name = role.permission_set.name;
        if (name <= *after) continue;
        if (list.size() == page_limit(request)) {
            response.next_token = call.seal_page(scope, *list.back().role_name);
            break;
        }
        list.push_back({.role_name = name, .account_id = request.account_id});
    }
    return response;
}

// User names may hold what session names may not ([\w+=,.@-]{2,64}).
std::string session_name_of(const std::string& user_name) {
    std::string name;
    for (const char c : user_name.substr(0, 64)) {
        const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        name += is_word || std::string_view("_+=,.@-").contains(c) ? c : '-';
    }
    while (name.size() < 2) name += '-';
    return name;
}

Result<access::SessionClaims> claims_of(Call& call, const Bearer& bearer, const domain::HeldRole& held) {
    const auto& account = held.provisioned.account_id;
    const auto grant =
        access::find_grant(call.tx, account, held.permission_set.arn, bearer.identity_store_id, bearer.person_id);
    const auto& root = call.caller.root;
    if (!grant || !root.sign_in_session_id) return no_access();
    SEK_TRY(const auto session, domain::sign_in_sessions.get(call.tx, *root.sign_in_session_id));
    if (!session) return sso::errors::unauthorized_exception("Session token not found or invalid");
    access::SessionClaims claims;
    claims.account_id = account;
    claims.principal_id = held.provisioned.role_id;
    claims.principal_name = held.provisioned.role_name;
    claims.session_name = session_name_of(call.caller.user_name);
    claims.issued_at = call.now;
    claims.expires_at = std::min(call.now + seconds(held.permission_set.session_seconds), session->expires_at);
    claims.root = root;
    claims.root.person_name = call.caller.user_name;
    claims.root.grant_account_id = account;
    claims.root.permission_set_arn = held.permission_set.arn;
    claims.root.assignee_kind = grant->assignee_kind;
    claims.root.assignee_id = grant->assignee_id;
    return claims;
}

Result<sso::GetRoleCredentialsResponse> get_role_credentials(Call& call,
                                                             const sso::GetRoleCredentialsRequest& request) {
    SEK_TRY(const auto bearer, bearer_of(call));
    SEK_TRY(const auto held, domain::find_role_of_person(call.tx, bearer.identity_store_id, bearer.person_id,
                                                         AccountId(request.account_id), request.role_name));
    const auto account = access::cached_account(call.tx, AccountId(request.account_id));
    if (!held || !account || account->state != domain::AccountState::active) return no_access();
    SEK_TRY(const auto claims, claims_of(call, bearer, *held));
    SEK_TRY(const auto credentials, call.environment.tokens->issue(call.tx, claims, call.random));
    sso::RoleCredentials wire;
    wire.access_key_id = credentials.access_key_id.str();
    wire.secret_access_key = std::string(credentials.secret_access_key.expose());
    wire.session_token = credentials.session_token;
    wire.expiration = epoch_milliseconds(credentials.expires_at);
    sso::GetRoleCredentialsResponse response;
    response.role_credentials = std::move(wire);
    return response;
}

// Ends the sign-in session behind the token, and so everything made from it (PortalAPIReference, Logout).
Result<sso::Logout::Response> logout(Call& call, const sso::LogoutRequest&) {
    SEK_TRY(bearer_of(call));
    if (call.caller.root.sign_in_session_id) {
        SEK_TRY(domain::sign_in_sessions.erase(call.tx, *call.caller.root.sign_in_session_id));
    }
    return sso::Logout::Response{};
}

}  // namespace

const operation::OperationTable portal_operations = {
    operation::operation<sso::ListAccounts>(
        {.access = Access::read, .resources = operation::any_person, .handle = list_accounts}),
    operation::operation<sso::ListAccountRoles>(
        {.access = Access::read, .resources = operation::any_person, .handle = list_account_roles}),
    operation::operation<sso::GetRoleCredentials>(
        {.access = Access::write, .resources = operation::any_person, .handle = get_role_credentials}),
    operation::operation<sso::Logout>({.access = Access::write, .resources = operation::any_person, .handle = logout}),
};

}  // namespace sekisho::sso_service
