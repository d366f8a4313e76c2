// What the portal shows to the person who is signed in, and signing out.
#include "domain/portal.h"

#include <algorithm>
#include <map>

#include "access/authenticate.h"
#include "access/records.h"
#include "base/text.h"
#include "domain/applications.h"
#include "domain/mail_texts.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t shown_sign_ins_max = 20;

Result<control::DescribePortalResponse> describe_portal(Call& call, const control::DescribePortalRequest&) {
    SEK_TRY(const auto person, signed_in_person(call));
    SEK_TRY(const auto center, load_center(call, person.identity_store_id));
    SEK_TRY(const auto devices, domain::mfa_devices.scan(call.tx, store::prefix(person.id)));
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person.id));
    control::DescribePortalResponse response;
    response.user_id = person.id.str();
    response.user_name = person.user_name;
    response.display_name = person.display_name;
    if (const auto* email = domain::primary_email(person)) {
        response.email_address = email->value;
        response.email_verified = email->verified;
    }
    response.mfa_devices.emplace();
    for (const auto& device : devices.items) response.mfa_devices->push_back(to_view(device));
    SEK_TRY(response.sessions, live_sessions(call.tx, person, call.now));
    const auto& current = call.caller.root.sign_in_session_id;
    for (auto& session : *response.sessions) session.current = current && session.session_id == current->str();
    SEK_TRY(const auto records,
            domain::sign_in_records.scan(call.tx, store::prefix(person.id),
                                         {.limit = shown_sign_ins_max, .direction = store::Direction::backward}));
    response.sign_ins.emplace();
    for (const auto& record : records.items) response.sign_ins->push_back(to_view(record));
    response.users_manage_devices = center.mfa.users_manage_devices;
    response.mfa_types.emplace();
    if (center.mfa.authenticator_apps) response.mfa_types->push_back(control::MfaType::authenticator_app);
    if (center.mfa.security_keys) response.mfa_types->push_back(control::MfaType::security_key);
    response.passkey_sign_in = center.mfa.passkey_sign_in && center.mfa.security_keys;
    response.password_set = credentials && !credentials->password_hash.empty();
    response.language =
        domain::language_of(person, credentials) == "ja" ? control::Language::ja : control::Language::en;
    response.expires_date = call.caller.expires_at;
    return response;
}

control::PortalRole to_view(const domain::PermissionSet& set) {
    control::PortalRole role;
    role.role_name = set.name;
    role.permission_set_arn = set.arn.str();
    role.description = set.description;
    role.relay_state = set.relay_state;
    role.session_seconds = set.session_seconds;
    return role;
}

// What a search shows: all roles of an account that it finds, else those that it finds by their names. Compared as user
// names are: case, and full and half width, do not matter.
class PortalFilter {
 public:
    explicit PortalFilter(std::string_view text) : wanted_(domain::fold_name(trim(text))) {}
    bool takes_account(const domain::Account& account) const {
        return wanted_.empty() || account.id.str().contains(wanted_) ||
               domain::fold_name(account.name).contains(wanted_) || domain::fold_name(account.email).contains(wanted_);
    }
    bool takes_role(const domain::PermissionSet& set) {
        const auto [known, is_new] = sets_.try_emplace(&set, false);
        if (is_new) known->second = domain::fold_name(set.name).contains(wanted_);
        return known->second;
    }

 private:
    const std::string wanted_;
    std::map<const domain::PermissionSet*, bool> sets_;
};

Result<control::ListPortalAccountsResponse> list_portal_accounts(Call& call,
                                                                 const control::ListPortalAccountsRequest& request) {
    SEK_TRY(const auto person, signed_in_person(call));
    const auto wanted = request.filter.value_or("");
    const auto scope = "ListPortalAccounts " + person.id.str() + " " + wanted;
    SEK_TRY(const auto after, page_start(call, scope, request));
    SEK_TRY(const auto holdings, domain::holdings_of_person(call.tx, person.identity_store_id, person.id));
    PortalFilter filter(wanted);
    control::ListPortalAccountsResponse response;
    const auto limit = page_limit(request);
    std::size_t accounts = 0;
    std::size_t roles = 0;
    std::string last;
    for (const auto& held : holdings) {
        const auto account = access::cached_account(call.tx, held.account_id);
        if (held.permission_sets.empty() || !account) continue;
        const bool takes_all = filter.takes_account(*account);
        control::PortalAccount view;
        for (const auto& set : held.permission_sets) {
            if (takes_all || filter.takes_role(*set)) view.roles.push_back(to_view(*set));
        }
        if (view.roles.empty()) continue;
        ++accounts;
        roles += view.roles.size();
        if (held.account_id.str() <= after) continue;
        if (response.accounts.size() == limit) {
            if (!response.next_token) response.next_token = call.seal_page(scope, last);
            continue;
        }
        view.account_id = held.account_id.str();
        view.account_name = account->name;
        view.email_address = account->email;
        response.accounts.push_back(std::move(view));
        last = held.account_id.str();
    }
    response.account_count = static_cast<std::int32_t>(accounts);
    response.role_count = static_cast<std::int32_t>(roles);
    return response;
}

// Those that have a page of their own to go to.
Result<control::ListPortalApplicationsResponse> list_portal_applications(
    Call& call, const control::ListPortalApplicationsRequest&) {
    SEK_TRY(const auto person, signed_in_person(call));
    SEK_TRY(const auto center, load_center(call, person.identity_store_id));
    control::ListPortalApplicationsResponse response;
    store::Page page;
    do {
        SEK_TRY(const auto part, domain::applications.scan_by(call.tx, domain::applications_by_instance,
                                                              store::prefix(center.instance_arn), page));
        for (const auto& application : part.items) {
            if (!application.enabled || !application.visible || !application.url) continue;
            SEK_TRY(const bool may, domain::may_sign_in_to(call.tx, application, person.identity_store_id, person.id));
            if (!may) continue;
            response.applications.push_back({.application_arn = application.arn,
                                             .display_name = application.name,
                                             .description = application.description,
                                             .url = application.url});
        }
        page.after = part.next.value_or("");
    } while (!page.after.empty());
    std::ranges::sort(response.applications, {}, &control::PortalApplication::display_name);
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
    operation::operation<control::ListPortalApplications>(
        {.access = Access::read, .resources = operation::any_person, .handle = list_portal_applications}),
    operation::operation<control::SignOut>(
        {.access = Access::write, .resources = operation::anyone, .handle = sign_out}),
    operation::operation<control::SignOutEverywhere>(
        {.access = Access::write, .resources = operation::anyone, .handle = sign_out_everywhere}),
};

}  // namespace sekisho::control_service
