// A person's sign-in sessions, their sign-in history and the state of their sign-in, for administrators.
#include "base/text.h"
#include "domain/mail.h"
#include "domain/portal.h"
#include "services/sekisho/people.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

Result<control::ListSessionsResponse> list_sessions(Call& call, const control::ListSessionsRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    const auto scope = "ListSessions " + request.user_id;
    SEK_TRY(auto after, page_start(call, scope, request));
    SEK_TRY(auto page,
            domain::sign_in_sessions.scan_by(call.tx, domain::sign_in_sessions_by_person, store::key(found.person.id),
                                             {.after = std::move(after), .limit = page_limit(request)}));
    control::ListSessionsResponse response;
    for (const auto& session : page.items) {
        if (is_live(session, found.person, call.now)) response.sessions.push_back(to_view(session));
    }
    if (page.next) response.next_token = call.seal_page(scope, *page.next);
    return response;
}

Result<control::EndSessionResponse> end_session(Call& call, const control::EndSessionRequest& request) {
    SEK_TRY(auto found, find_administered(call, request.identity_store_id, request.user_id));
    control::EndSessionResponse response;
    if (!request.session_id) {
        SEK_TRY(const auto live, live_sessions(call.tx, found.person, call.now));
        SEK_TRY(domain::end_all_sessions(call.tx, found.person));
        response.ended_sessions = static_cast<std::int32_t>(live.size());
        return response;
    }
    SEK_TRY(const auto session, domain::sign_in_sessions.get(call.tx, *request.session_id));
    if (!session || !is_live(*session, found.person, call.now)) {
        return control::errors::resource_not_found_exception("Session not found.");
    }
    SEK_TRY(domain::sign_in_sessions.erase(call.tx, session->id));
    response.ended_sessions = 1;
    return response;
}

// Newest first.
Result<control::ListSignInsResponse> list_sign_ins(Call& call, const control::ListSignInsRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    const auto scope = "ListSignIns " + request.user_id;
    SEK_TRY(auto after, page_start(call, scope, request));
    SEK_TRY(auto page,
            domain::sign_in_records.scan(
                call.tx, store::prefix(found.person.id),
                {.after = std::move(after), .limit = page_limit(request), .direction = store::Direction::backward}));
    control::ListSignInsResponse response;
    for (const auto& record : page.items) response.sign_ins.push_back(to_view(record));
    if (page.next) response.next_token = call.seal_page(scope, *page.next);
    return response;
}

// The newest mail to the person's address, of the few hundred newest of the account.
Result<std::optional<control::MailSummary>> last_mail(Call& call, const domain::Person& person) {
    constexpr std::size_t looked_at_max = 300;
    const auto* email = domain::primary_email(person);
    if (email == nullptr) return std::optional<control::MailSummary>();
    SEK_TRY(const auto page, domain::mails.scan(call.tx, store::prefix(call.account()),
                                                {.limit = looked_at_max, .direction = store::Direction::backward}));
    for (const auto& mail : page.items) {
        if (equals_ignoring_case(mail.to, email->value)) return std::optional(to_view(mail));
    }
    return std::optional<control::MailSummary>();
}

// When the newest invitation that is still open was sent.
Result<std::optional<Time>> invited_at(Call& call, const domain::Person& person) {
    SEK_TRY(const auto tokens, domain::mailed_tokens.scan_by(call.tx, domain::mailed_tokens_by_person,
                                                             store::key(person.id, invitation_purpose)));
    std::optional<Time> at;
    for (const auto& token : tokens.items) {
        if (token.expires_at > call.now && (!at || token.created_at > *at)) at = token.created_at;
    }
    return at;
}

Result<control::DescribeUserSignInResponse> describe_user_sign_in(Call& call,
                                                                  const control::DescribeUserSignInRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    const auto& person = found.person;
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person.id));
    SEK_TRY(const auto devices, domain::mfa_devices.scan(call.tx, store::prefix(person.id)));
    const auto* email = domain::primary_email(person);
    control::DescribeUserSignInResponse response;
    response.identity_store_id = request.identity_store_id;
    response.user_id = request.user_id;
    response.status = person.enabled ? control::UserStatus::enabled : control::UserStatus::disabled;
    response.password_set = credentials && !credentials->password_hash.empty();
    response.email_verified = email != nullptr && email->verified;
    SEK_TRY(response.invited_date, invited_at(call, person));
    if (credentials) {
        response.last_sign_in_date = credentials->last_sign_in_at;
        if (credentials->locked_until > call.now) response.locked_until_date = credentials->locked_until;
        response.failed_sign_ins = credentials->failures;
        if (response.password_set) response.password_changed_date = credentials->changed_at;
    }
    SEK_TRY(response.last_mail, last_mail(call, person));
    response.mfa_device_count = static_cast<std::int32_t>(devices.items.size());
    return response;
}

}  // namespace

const operation::OperationTable session_operations = {
    operation::operation<control::ListSessions>(
        {.access = Access::read, .resources = person_permissions, .handle = list_sessions}),
    operation::operation<control::EndSession>(
        {.access = Access::write, .resources = person_permissions, .handle = end_session}),
    operation::operation<control::ListSignIns>(
        {.access = Access::read, .resources = person_permissions, .handle = list_sign_ins}),
    operation::operation<control::DescribeUserSignIn>(
        {.access = Access::read, .resources = person_permissions, .handle = describe_user_sign_in}),
};

}  // namespace sekisho::control_service
