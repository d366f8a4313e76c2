// Signing in: user name, password, second factor. Unknown names, wrong passwords and disabled people get one answer
// after the same work.
#include "access/authenticate.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/drbg.h"
#include "crypto/password.h"
#include "crypto/totp.h"
#include "domain/portal.h"
#include "domain/sessions.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/new_password.h"
#include "services/sekisho/password_pool.h"
#include "services/sekisho/service.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using operation::Access;
using operation::Call;

ApiError wrong_password() {
    return control::errors::sign_in_failed_exception("The user name or password is not correct.");
}

ApiError wrong_code() {
    return control::errors::sign_in_failed_exception("The code is not correct. Enter the newest one.");
}

Result<control::StartSignInResponse> start_sign_in(Call& call, const control::StartSignInRequest& request) {
    SEK_TRY(check_address_lock(call, origin_of(call, request).address));
    SEK_TRY(const auto center, domain::portal_identity_center(call.tx));
    if (!center) {
        return control::errors::sign_in_failed_exception("IAM Identity Center is not enabled here yet.");
    }
    // Nothing here depends on whether somebody has that name.
    Attempt attempt{.identity_store_id = center->identity_store_id,
                    .user_name = request.user_name,
                    .person_id = {},
                    .expires_at = call.now + seconds(limits::sign_in_attempt_seconds)};
    if (request.return_to && is_local_path(*request.return_to)) attempt.return_to = *request.return_to;
    SEK_TRY(auto outcome, go_on(call, std::move(attempt), SignInStep::password));
    return to_response<control::StartSignInResponse>(std::move(outcome));
}

// What .prepare found out about a password.
struct CheckedPassword {
    bool matches = false;
    std::string checked_hash;
    std::string better_hash;  // of the same password by today's parameters
};

void check_password(const Call& call, const control::SubmitPasswordRequest& request, operation::PrepareDone done) {
    auto attempt = open_attempt(call, request.attempt_token, {SignInStep::password});
    if (!attempt) return done(std::move(attempt).error());
    auto person = domain::find_person_by_name(call.tx, attempt->identity_store_id, attempt->user_name);
    if (!person) return done(std::move(person).error());
    CheckedPassword checked;
    if (*person) {
        auto known = domain::credentials.get(call.tx, (*person)->id);
        if (!known) return done(std::move(known).error());
        if (*known) checked.checked_hash = (*known)->password_hash.expose();
    }
    auto shared_done = std::make_shared<operation::PrepareDone>(std::move(done));
    const bool taken = password_pool().submit([checked, password = Secret(request.password), shared_done]() mutable {
        if (checked.checked_hash.empty()) {
            crypto::burn_password_verification(password);
        } else {
            checked.matches = crypto::verify_password(checked.checked_hash, password);
            if (checked.matches && crypto::needs_rehash(checked.checked_hash)) {
                auto hash = crypto::hash_password(password, crypto::thread_random());
                if (hash) checked.better_hash = std::move(*hash);
            }
        }
        (*shared_done)(operation::make_prepared(std::move(checked)));
    });
    if (!taken) (*shared_done)(control::errors::throttling_exception("Too many sign-ins at once. Try again shortly."));
}

Result<control::SubmitPasswordResponse> submit_password(Call& call, const control::SubmitPasswordRequest& request) {
    SEK_TRY(auto attempt, open_attempt(call, request.attempt_token, {SignInStep::password}));
    const auto origin = origin_of(call, request);
    SEK_TRY(auto person, domain::find_person_by_name(call.tx, attempt.identity_store_id, attempt.user_name));
    Attacked attacked{.identity_store_id = attempt.identity_store_id,
                      .user_name = attempt.user_name,
                      .person_id = {},
                      .address = origin.address};
    std::optional<domain::Credentials> credentials;
    if (person) {
        attacked.person_id = person->id;
        SEK_TRY(credentials, domain::credentials.get(call.tx, person->id));
    }
    SEK_TRY(check_locks(call, attacked));
    const auto& checked = call.prepared<CheckedPassword>();
    const bool stands = checked.matches && credentials && credentials->password_hash.expose() == checked.checked_hash;
    if (!stands || !person->enabled) {
        SEK_TRY(count_failure(call, attacked));
        return wrong_password();
    }
    if (!checked.better_hash.empty()) {
        credentials->password_hash = Secret(checked.better_hash);
        SEK_TRY(domain::credentials.put(call.tx, *credentials));
    }
    attempt.person_id = person->id;
    attempt.person_epoch = person->epoch;
    attempt.password_stamp = password_stamp(credentials);
    attempt.credential_types = "PASSWORD";
    SEK_TRY(auto outcome, after_password(call, std::move(attempt), *person, origin));
    return to_response<control::SubmitPasswordResponse>(std::move(outcome));
}

void prepare_changed_password(const Call& call, const control::SubmitNewPasswordRequest& request,
                              operation::PrepareDone done) {
    auto attempt = open_attempt(call, request.attempt_token, {SignInStep::new_password});
    if (!attempt) return done(std::move(attempt).error());
    auto person = load_person(call, *attempt);
    if (!person) return done(std::move(person).error());
    auto known = domain::credentials.get(call.tx, person->id);
    if (!known) return done(std::move(known).error());
    prepare_new_password(request.password, *known, false, std::move(done));
}

// After a one-time password.
Result<control::SubmitNewPasswordResponse> submit_new_password(Call& call,
                                                               const control::SubmitNewPasswordRequest& request) {
    SEK_TRY(auto attempt, open_attempt(call, request.attempt_token, {SignInStep::new_password}));
    // One of an invitation is for SetInvitedPassword.
    if (!attempt.invitation_hash.empty()) {
        return control::errors::invalid_token_exception("This sign-in has ended. Start again.");
    }
    SEK_TRY(const auto person, load_person(call, attempt));
    const auto& password = call.prepared<NewPassword>();
    if (!password.problems.empty()) {
        SEK_TRY(auto again, go_on(call, std::move(attempt), SignInStep::new_password));
        again.password_problems = password.problems;
        return to_response<control::SubmitNewPasswordResponse>(std::move(again));
    }
    SEK_TRY(set_password(call, person.id, password, false));
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person.id));
    attempt.password_stamp = password_stamp(credentials);
    SEK_TRY(auto outcome, after_password(call, std::move(attempt), person, origin_of(call, request)));
    return to_response<control::SubmitNewPasswordResponse>(std::move(outcome));
}

// The device whose code it is, with the step used up. RFC 6238 5.2: no code is taken twice.
Result<bool> use_totp_code(Call& call, const PersonId& person, std::string_view code) {
    call.tx.read_guard(domain::mfa_devices_guard(person));
    SEK_TRY(const auto devices, domain::mfa_devices.scan(call.tx, store::prefix(person)));
    for (auto device : devices.items) {
        if (device.kind != domain::MfaKind::authenticator_app) continue;
        const auto step = crypto::verify_totp(device.seed, code, call.now, device.last_used_step);
        if (!step) continue;
        device.last_used_step = *step;
        device.last_used_at = call.now;
        SEK_TRY(domain::mfa_devices.put(call.tx, device));
        return true;
    }
    return false;
}

Result<bool> use_mailed_code(Call& call, const Attempt& attempt, std::string_view code) {
    const auto hash = email_code_hash(attempt, code);
    SEK_TRY(const auto token, domain::mailed_tokens.get(call.tx, hash));
    if (!token || token->purpose != "email-otp" || token->person_id != attempt.person_id ||
        token->expires_at <= call.now) {
        return false;
    }
    return domain::mailed_tokens.erase(call.tx, hash);
}

Result<control::SubmitMfaCodeResponse> submit_mfa_code(Call& call, const control::SubmitMfaCodeRequest& request) {
    SEK_TRY(auto attempt, open_attempt(call, request.attempt_token, {SignInStep::mfa_code, SignInStep::email_code}));
    SEK_TRY(const auto person, load_person(call, attempt));
    const auto origin = origin_of(call, request);
    const Attacked attacked{.identity_store_id = attempt.identity_store_id,
                            .user_name = attempt.user_name,
                            .person_id = person.id,
                            .address = origin.address};
    SEK_TRY(check_locks(call, attacked));
    const bool is_mailed = attempt.step == SignInStep::email_code;
    const auto code = replace_all(std::string(trim(request.code)), " ", "");
    SEK_TRY(const bool is_right,
            is_mailed ? use_mailed_code(call, attempt, code) : use_totp_code(call, person.id, code));
    if (!is_right) {
        SEK_TRY(count_failure(call, attacked));
        return wrong_code();
    }
    SEK_TRY(auto outcome, finish_sign_in(call, std::move(attempt), person, origin, is_mailed ? "EMAIL_OTP" : "TOTP"));
    auto response = to_response<control::SubmitMfaCodeResponse>(std::move(outcome));
    if (request.remember_device.value_or(false)) {
        SEK_TRY(response.device_token, make_device_token(call, person, origin));
    }
    return response;
}

}  // namespace

const operation::OperationTable sign_in_operations = {
    operation::operation<control::StartSignIn>(
        {.access = Access::read, .resources = operation::anyone, .handle = start_sign_in}),
    operation::operation<control::SubmitPassword>({.access = Access::write,
                                                   .resources = operation::anyone,
                                                   .prepare = check_password,
                                                   .handle = submit_password}),
    operation::operation<control::SubmitNewPassword>({.access = Access::write,
                                                      .resources = operation::anyone,
                                                      .prepare = prepare_changed_password,
                                                      .handle = submit_new_password}),
    operation::operation<control::SubmitMfaCode>(
        {.access = Access::write, .resources = operation::anyone, .handle = submit_mfa_code}),
};

}  // namespace sekisho::control_service
