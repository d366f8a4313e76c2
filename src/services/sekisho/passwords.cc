// Passwords set by an administrator, and the person's own way back after forgetting it.
#include "access/authenticate.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/drbg.h"
#include "domain/portal.h"
#include "domain/sessions.h"
#include "services/sekisho/failures.h"
#include "services/sekisho/new_password.h"
#include "services/sekisho/people.h"
#include "services/sekisho/service.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

void prepare_set_password(const Call& call, const control::SetPasswordRequest& request, operation::PrepareDone done) {
    auto known = domain::credentials.get(call.tx, PersonId(request.user_id));
    if (!known) return done(std::move(known).error());
    prepare_new_password(request.password, *known, false, std::move(done));
}

Result<control::SetPasswordResponse> set_user_password(Call& call, const control::SetPasswordRequest& request) {
    SEK_TRY(auto found, find_administered(call, request.identity_store_id, request.user_id));
    const auto& password = call.prepared<NewPassword>();
    if (!password.problems.empty()) {
        return control::errors::invalid_password_exception(join(password.problems, " "));
    }
    SEK_TRY(set_password(call, found.person.id, password, request.change_required.value_or(false)));
    SEK_TRY(domain::end_all_sessions(call.tx, found.person));
    SEK_TRY(tell_person(call, found.person, domain::MailKind::password_changed));
    return control::SetPasswordResponse{};
}

void prepare_reset(const Call& call, const control::ResetPasswordRequest& request, operation::PrepareDone done) {
    if (request.mode == control::ResetPasswordMode::email) return done(operation::make_prepared(NewPassword{}));
    auto known = domain::credentials.get(call.tx, PersonId(request.user_id));
    if (!known) return done(std::move(known).error());
    prepare_new_password(make_one_time_password(crypto::thread_random()), *known, true, std::move(done));
}

Result<control::ResetPasswordResponse> reset_password(Call& call, const control::ResetPasswordRequest& request) {
    SEK_TRY(auto found, find_administered(call, request.identity_store_id, request.user_id));
    control::ResetPasswordResponse response;
    if (request.mode == control::ResetPasswordMode::email) {
        SEK_TRY(response.mail_id, mail_password_reset(call, found.center, found.person));
        return response;
    }
    const auto& password = call.prepared<NewPassword>();
    SEK_TRY(set_password(call, found.person.id, password, true));
    SEK_TRY(domain::end_all_sessions(call.tx, found.person));
    response.one_time_password = password.one_time;
    return response;
}

// Always the same answer: whether somebody has that name is not told.
Result<control::RequestPasswordResetResponse> request_password_reset(
    Call& call, const control::RequestPasswordResetRequest& request) {
    SEK_TRY(count_mail_request(call, request.source_address.value_or(call.facts.source_address)));
    const control::RequestPasswordResetResponse response;
    SEK_TRY(const auto center, domain::portal_identity_center(call.tx));
    if (!center) return response;
    SEK_TRY(const auto person, domain::find_person_by_name(call.tx, center->identity_store_id, request.user_name));
    if (!person || !person->enabled || domain::primary_email(*person) == nullptr) return response;
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person->id));
    if (!credentials || credentials->password_hash.empty()) return response;  // the invitation is for that
    SEK_TRY(const bool mailed, was_mailed_lately(call, *person, reset_password_purpose));
    if (!mailed) SEK_TRY(mail_password_reset(call, *center, *person));
    return response;
}

}  // namespace

const operation::OperationTable password_operations = {
    operation::operation<control::SetPassword>({.access = Access::write,
                                                .resources = person_permissions,
                                                .prepare = prepare_set_password,
                                                .handle = set_user_password}),
    operation::operation<control::ResetPassword>(
        {.access = Access::write, .resources = person_permissions, .prepare = prepare_reset, .handle = reset_password}),
    operation::operation<control::RequestPasswordReset>(
        {.access = Access::write, .resources = operation::anyone, .handle = request_password_reset}),
};

}  // namespace sekisho::control_service
