// What people do to their own account: password, sessions, address, language. Devices are in mfa_devices.cc.
#include "base/limits.h"
#include "domain/portal.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/new_password.h"
#include "services/sekisho/people.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

Result<control::EndOwnSessionResponse> end_own_session(Call& call, const control::EndOwnSessionRequest& request) {
    SEK_TRY(const auto person, signed_in_person(call));
    SEK_TRY(const auto session, domain::sign_in_sessions.get(call.tx, request.session_id));
    if (!session || !is_live(*session, person, call.now)) {
        return control::errors::resource_not_found_exception("Session not found.");
    }
    SEK_TRY(domain::sign_in_sessions.erase(call.tx, session->id));
    return control::EndOwnSessionResponse{};
}

void prepare_own_password(const Call& call, const control::ChangeOwnPasswordRequest& request,
                          operation::PrepareDone done) {
    const auto& person = call.caller.root.person_id;
    if (!person) return done(control::errors::access_denied_exception("Sign in first."));
    auto known = domain::credentials.get(call.tx, *person);
    if (!known) return done(std::move(known).error());
    if (!*known || (*known)->password_hash.empty()) {
        return done(control::errors::validation_exception("You have no password."));
    }
    prepare_changed_password(request.current_password, request.password, **known, std::move(done));
}

// The session goes on under another secret; all others end.
Result<control::ChangeOwnPasswordResponse> renew_session(Call& call, domain::Person person, const Origin& origin) {
    SEK_TRY(const auto old,
            domain::sign_in_sessions.get(call.tx, call.caller.root.sign_in_session_id.value_or(SignInSessionId())));
    if (!old) return control::errors::access_denied_exception("Sign in first.");
    SEK_TRY(const auto live, live_sessions(call.tx, person, call.now));
    SEK_TRY(domain::end_all_sessions(call.tx, person));
    SEK_TRY(domain::sign_in_sessions.erase(call.tx, old->id));
    SEK_TRY(auto made, make_session(call, person, origin, old->credential_types, old->mfa_done, old->expires_at));
    control::ChangeOwnPasswordResponse response;
    response.session_token = std::move(made.secret);
    response.expires_date = made.session.expires_at;
    response.ended_sessions = static_cast<std::int32_t>(live.size()) - 1;
    return response;
}

Result<control::ChangeOwnPasswordResponse> change_own_password(Call& call,
                                                               const control::ChangeOwnPasswordRequest& request) {
    SEK_TRY(auto person, signed_in_person(call));
    const auto origin = origin_of(call, request);
    const Attacked attacked{.identity_store_id = person.identity_store_id,
                            .user_name = person.user_name,
                            .person_id = person.id,
                            .address = origin.address,
                            .user_agent = origin.user_agent};
    SEK_TRY(check_locks(call, attacked));
    const auto& password = call.prepared<NewPassword>();
    if (!password.current_matches) {
        SEK_TRY(count_failure(call, attacked));
        return control::errors::sign_in_failed_exception("The current password is not correct.");
    }
    if (!password.problems.empty()) {
        control::ChangeOwnPasswordResponse response;
        response.password_problems = password.problems;
        return response;
    }
    SEK_TRY(set_password(call, person.id, password, false));
    SEK_TRY(tell_person(call, person, domain::MailKind::password_changed));
    return renew_session(call, std::move(person), origin);
}

Result<control::SendOwnEmailVerificationResponse> send_own_email_verification(
    Call& call, const control::SendOwnEmailVerificationRequest&) {
    SEK_TRY(const auto person, signed_in_person(call));
    SEK_TRY(const auto center, load_center(call, person.identity_store_id));
    const auto* email = domain::primary_email(person);
    if (email == nullptr) return control::errors::validation_exception("No e-mail address is known for you.");
    SEK_TRY(const bool mailed, was_mailed_lately(call, person, verify_email_purpose));
    if (!mailed) {
        SEK_TRY(const auto sent, mail_verification(call, center, person));
    }
    return control::SendOwnEmailVerificationResponse{.email_address = email->value};
}

Result<control::UpdateOwnPreferencesResponse> update_own_preferences(
    Call& call, const control::UpdateOwnPreferencesRequest& request) {
    SEK_TRY(const auto person, signed_in_person(call));
    if (!request.language) return control::UpdateOwnPreferencesResponse{};
    SEK_TRY(auto known, domain::credentials.get(call.tx, person.id));
    auto credentials = known.value_or(domain::Credentials{.person_id = person.id});
    credentials.language = *request.language == control::Language::ja ? "ja" : "en";
    SEK_TRY(domain::credentials.put(call.tx, credentials));
    return control::UpdateOwnPreferencesResponse{};
}

}  // namespace

const operation::OperationTable own_account_operations = {
    operation::operation<control::EndOwnSession>(
        {.access = Access::write, .resources = operation::any_person, .handle = end_own_session}),
    operation::operation<control::ChangeOwnPassword>({.access = Access::write,
                                                      .resources = operation::any_person,
                                                      .prepare = prepare_own_password,
                                                      .handle = change_own_password}),
    operation::operation<control::SendOwnEmailVerification>(
        {.access = Access::write, .resources = operation::any_person, .handle = send_own_email_verification}),
    operation::operation<control::UpdateOwnPreferences>(
        {.access = Access::write, .resources = operation::any_person, .handle = update_own_preferences}),
};

}  // namespace sekisho::control_service
