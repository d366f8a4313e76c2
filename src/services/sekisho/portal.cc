// What the portal shows to the person who is signed in, and signing out.
#include "domain/portal.h"

#include "access/authenticate.h"
#include "access/records.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

Result<control::DescribePortalResponse> describe_portal(Call& call, const control::DescribePortalRequest&) {
    SEK_TRY(const auto person, signed_in_person(call));
    SEK_TRY(const auto center,
            domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store, person.identity_store_id));
    SEK_TRY(const auto devices, domain::mfa_devices.scan(call.tx, store::prefix(person.id)));
    control::DescribePortalResponse response;
    response.user_id = person.id.str();
    response.user_name = person.user_name;
    response.display_name = person.display_name;
    if (const auto* email = domain::primary_email(person)) response.email_address = email->value;
    response.mfa_devices.emplace();
    for (const auto& device : devices.items) response.mfa_devices->push_back(to_view(device));
    SEK_TRY(response.sessions, live_sessions(call.tx, person, call.now));
    response.users_manage_devices = center && center->mfa.users_manage_devices;
    response.expires_date = call.caller.expires_at;
    return response;
}

control::PortalRole to_view(const domain::HeldRole& held) {
    control::PortalRole role;
    role.role_name = held.permission_set.name;
    role.permission_set_arn = held.permission_set.arn.str();
    role.description = held.permission_set.description;
    role.relay_state = held.permission_set.relay_state;
    role.session_seconds = held.permission_set.session_seconds;
    return role;
}

Result<control::ListPortalAccountsResponse> list_portal_accounts(Call& call,
                                                                 const control::ListPortalAccountsRequest& request) {
    SEK_TRY(const auto person, signed_in_person(call));
    const auto scope = "ListPortalAccounts " + person.id.str();
    const auto after = call.open_page(scope, request.next_token.value_or(""));
    if (!after) return control::errors::validation_exception("NextToken is not valid.");
    SEK_TRY(const auto accounts, domain::accounts_of_person(call.tx, person.identity_store_id, person.id));
    control::ListPortalAccountsResponse response;
    const auto limit = page_limit(request);
    std::string last;
    for (const auto& id : accounts) {
        if (id.str() <= *after) continue;
        if (response.accounts.size() == limit) {
            response.next_token = call.seal_page(scope, last);
            break;
        }
        SEK_TRY(const auto roles, domain::roles_of_person(call.tx, person.identity_store_id, person.id, id));
        const auto account = access::cached_account(call.tx, id);
        if (roles.empty() || !account) continue;
        control::PortalAccount view;
        view.account_id = id.str();
        view.account_name = account->name;
        view.email_address = account->email;
        for (const auto& role : roles) view.roles.push_back(to_view(role));
        response.accounts.push_back(std::move(view));
        last = id.str();
    }
    return response;
}

// The session of the page's caller, or of the given secret. Whoever holds the secret may end it, alive or not.
SignInSessionId session_of(const Call& call, const std::optional<std::string>& token) {
    if (token) return SignInSessionId(access::hash_of_secret(*token));
    return call.caller.root.sign_in_session_id.value_or(SignInSessionId());
}

Result<control::SignOutResponse> sign_out(Call& call, const control::SignOutRequest& request) {
    // Tokens and role sessions made from it die with it (access/liveness.h).
    SEK_TRY(domain::sign_in_sessions.erase(call.tx, session_of(call, request.session_token)));
    return control::SignOutResponse{};
}

Result<control::SignOutEverywhereResponse> sign_out_everywhere(Call& call,
                                                               const control::SignOutEverywhereRequest& request) {
    control::SignOutEverywhereResponse response;
    SEK_TRY(const auto session, domain::sign_in_sessions.get(call.tx, session_of(call, request.session_token)));
    if (!session) return response;
    SEK_TRY(auto person, domain::people.get(call.tx, session->identity_store_id, session->person_id));
    if (!person || !is_live(*session, *person, call.now)) return response;
    SEK_TRY(const auto live, live_sessions(call.tx, *person, call.now));
    SEK_TRY(domain::end_all_sessions(call.tx, *person));
    response.ended_sessions = static_cast<std::int32_t>(live.size());
    return response;
}

}  // namespace

const operation::OperationTable portal_operations = {
    operation::operation<control::DescribePortal>(
        {.access = Access::read, .resources = operation::any_person, .handle = describe_portal}),
    operation::operation<control::ListPortalAccounts>(
        {.access = Access::read, .resources = operation::any_person, .handle = list_portal_accounts}),
    operation::operation<control::SignOut>(
        {.access = Access::write, .resources = operation::anyone, .handle = sign_out}),
    operation::operation<control::SignOutEverywhere>(
        {.access = Access::write, .resources = operation::anyone, .handle = sign_out_everywhere}),
};

}  // namespace sekisho::control_service
