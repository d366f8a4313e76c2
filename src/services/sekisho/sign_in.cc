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
#include "operation/work_pool.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/new_password.h"
#include "services/sekisho/people.h"
#include "services/sekisho/security_keys.h"
#include "services/sekisho/service.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using operation::Access;
using operation::Call;

ApiError wrong_password() {
    return control::errors::sign_in_failed_exception("The user name or password is not correct.");
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
    operation::prepare_on(
        operation::password_pool(), std::move(done),
        [checked, password = Secret(request.password)]() mutable -> Result<operation::Prepared> {
            if (checked.checked_hash.empty()) {
                crypto::burn_password_verification(password);
            } else {
                checked.matches = crypto::verify_password(checked.checked_hash, password);
                if (checked.matches && crypto::needs_rehash(checked.checked_hash)) {
                    auto hash = crypto::hash_password(password, crypto::thread_random());
                    if (hash) checked.better_hash = std::move(*hash);
                }
            }
            return operation::make_prepared(std::move(checked));
        },
        control::errors::throttling_exception("Too many sign-ins at once. Try again shortly."));
}

Result<control::SubmitPasswordResponse> submit_password(Call& call, const control::SubmitPasswordRequest& request) {
    SEK_TRY(auto attempt, open_attempt(call, request.attempt_token, {SignInStep::password}));
    const auto origin = origin_of(call, request);
    SEK_TRY(auto person, domain::find_person_by_name(call.tx, attempt.identity_store_id, attempt.user_name));
    Attacked attacked{.identity_store_id = attempt.identity_store_id,
                      .user_name = attempt.user_name,
                      .person_id = {},
                      .address = origin.address,
                      .user_agent = origin.user_agent};
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
    if (!token || token->purpose != email_code_purpose || token->person_id != attempt.person_id ||
        token->expires_at <= call.now) {
        return false;
    }
    return domain::mailed_tokens.erase(call.tx, hash);
}

// One that an administrator handed out to somebody who has lost their device.
Result<bool> use_recovery_code(Call& call, const PersonId& person, std::string_view code) {
    const auto hash = mfa_recovery_hash(person, code);
    SEK_TRY(const auto token, domain::mailed_tokens.get(call.tx, hash));
    if (!token || token->purpose != mfa_recovery_purpose || token->person_id != person ||
        token->expires_at <= call.now) {
        return false;
    }
    return domain::mailed_tokens.erase(call.tx, hash);
}

// What kind of code it is, used up; empty: it is not right.
Result<std::string_view> use_code(Call& call, const Attempt& attempt, const PersonId& person, std::string_view code) {
    if (attempt.step == SignInStep::email_code) {
        SEK_TRY(const bool is_mailed, use_mailed_code(call, attempt, code));
        return std::string_view(is_mailed ? "EMAIL_OTP" : "");
    }
    SEK_TRY(const auto center, load_center(call, attempt.identity_store_id));
    if (center.mfa.authenticator_apps) {
        SEK_TRY(const bool is_totp, use_totp_code(call, person, code));
        if (is_totp) return std::string_view("TOTP");
    }
    SEK_TRY(const bool recovers, use_recovery_code(call, person, code));
    return std::string_view(recovers ? "RECOVERY_CODE" : "");
}

Result<control::SubmitMfaCodeResponse> submit_mfa_code(Call& call, const control::SubmitMfaCodeRequest& request) {
    SEK_TRY(auto attempt, open_attempt(call, request.attempt_token, {SignInStep::mfa_code, SignInStep::email_code}));
    SEK_TRY(const auto person, load_person(call, attempt));
    const auto origin = origin_of(call, request);
    const bool is_mailed = attempt.step == SignInStep::email_code;
    const Attacked attacked{.identity_store_id = attempt.identity_store_id,
                            .user_name = attempt.user_name,
                            .person_id = person.id,
                            .address = origin.address,
                            .user_agent = origin.user_agent,
                            .credential_type = is_mailed ? "EMAIL_OTP" : "TOTP"};
    SEK_TRY(check_locks(call, attacked));
    const auto code = replace_all(std::string(trim(request.code)), " ", "");
    SEK_TRY(const auto shown, use_code(call, attempt, person.id, code));
    if (shown.empty()) {
        SEK_TRY(count_failure(call, attacked));
        return wrong_code();
    }
    SEK_TRY(auto outcome, finish_sign_in(call, std::move(attempt), person, origin, shown));
    auto response = to_response<control::SubmitMfaCodeResponse>(std::move(outcome));
    if (request.remember_device.value_or(false)) {
        SEK_TRY(response.device_token, make_device_token(call, person, origin));
    }
    return response;
}

ApiError wrong_key(const ApiError& error) {
    auto refused = control::errors::sign_in_failed_exception("The security key was not accepted. Try again.");
    refused.cause = error.cause;
    return refused;
}

// What was asked for, and by whom it was answered.
struct KeyOwner {
    domain::MfaDevice device;
    domain::Person person;
};

// The key of a credential id: of the person who has shown their password, or whoever a passkey says.
Result<KeyOwner> find_key(Call& call, const Attempt& attempt, const CredentialAnswer& answer) {
    const ApiError unknown{.code = "InvalidWebauthn", .message = {}, .cause = "an unknown credential"};
    SEK_TRY(auto device, domain::mfa_devices.get_by(call.tx, domain::mfa_devices_by_credential,
                                                    domain::credential_key(answer.credential_id)));
    if (!device || device->kind != domain::MfaKind::security_key) return unknown;
    // WebAuthn Level 3, 7.2, step 6: the handle and the key name the same person.
    const bool names_owner = answer.user_handle == device->person_id.str();
    if (attempt.step == SignInStep::passkey) {
        if (!names_owner) return unknown;
        SEK_TRY(auto person, domain::people.get(call.tx, attempt.identity_store_id, device->person_id));
        if (!person || !person->enabled) return unknown;
        return KeyOwner{std::move(*device), std::move(*person)};
    }
    if (device->person_id != attempt.person_id || (!answer.user_handle.empty() && !names_owner)) return unknown;
    SEK_TRY(auto person, load_person(call, attempt));
    return KeyOwner{std::move(*device), std::move(person)};
}

// Verifies the answer and moves the key's counter on.
Result<void> use_key(Call& call, const Attempt& attempt, const CredentialAnswer& answer, domain::MfaDevice device) {
    SEK_TRY(const bool is_fresh, use_challenge(call, attempt.nonce, attempt.expires_at));
    if (!is_fresh) {
        return ApiError{.code = "InvalidWebauthn", .message = {}, .cause = "a challenge that was used before"};
    }
    auto ceremony = ceremony_of(call, attempt.nonce);
    ceremony.needs_user_verification = attempt.step == SignInStep::passkey;
    SEK_TRY(const auto assertion,
            crypto::verify_assertion(
                ceremony,
                {.public_key = device.public_key, .sign_count = device.sign_count, .can_back_up = device.can_back_up},
                {.client_data = answer.client_data,
                 .authenticator_data = answer.authenticator_data,
                 .signature = answer.signature}));
    device.sign_count = assertion.sign_count;
    device.last_used_at = call.now;
    return domain::mfa_devices.put(call.tx, device);
}

Result<control::SubmitSecurityKeyResponse> submit_security_key(Call& call,
                                                               const control::SubmitSecurityKeyRequest& request) {
    SEK_TRY(auto attempt, open_attempt(call, request.attempt_token, {SignInStep::mfa_code, SignInStep::passkey}));
    if (attempt.person_id) {
        SEK_TRY(const auto known, load_person(call, attempt));
        attempt.user_name = known.user_name;
    }
    SEK_TRY(const auto center, load_center(call, attempt.identity_store_id));
    const bool is_passkey = attempt.step == SignInStep::passkey;
    if (!center.mfa.security_keys || (is_passkey && !center.mfa.passkey_sign_in)) {
        return control::errors::sign_in_failed_exception("Security keys are not allowed.");
    }
    const auto origin = origin_of(call, request);
    Attacked attacked{.identity_store_id = attempt.identity_store_id,
                      .user_name = attempt.user_name,
                      .person_id = attempt.person_id,
                      .address = origin.address,
                      .user_agent = origin.user_agent,
                      .credential_type = "WEBAUTHN"};
    SEK_TRY(check_address_lock(call, origin.address));
    if (attempt.person_id) SEK_TRY(check_locks(call, attacked));
    const auto refuse = [&](const ApiError& error) -> Result<control::SubmitSecurityKeyResponse> {
        if (error.is_server_fault()) return error;
        // A passkey that nobody has is counted for its address alone: there is no name that was tried.
        if (attacked.person_id) {
            SEK_TRY(count_failure(call, attacked));
        } else {
            SEK_TRY(count_address_failure(call, origin.address));
        }
        return wrong_key(error);
    };
    const auto answer = read_credential(request.credential);
    if (!answer) return refuse(answer.error());
    const auto owner = find_key(call, attempt, *answer);
    if (!owner) return refuse(owner.error());
    attacked.person_id = owner->person.id;
    if (is_passkey) SEK_TRY(check_locks(call, attacked));
    if (const auto used = use_key(call, attempt, *answer, owner->device); !used) return refuse(used.error());
    SEK_TRY(auto outcome, finish_sign_in(call, std::move(attempt), owner->person, origin, "WEBAUTHN"));
    auto response = to_response<control::SubmitSecurityKeyResponse>(std::move(outcome));
    if (request.remember_device.value_or(false)) {
        SEK_TRY(response.device_token, make_device_token(call, owner->person, origin));
    }
    return response;
}

// Without a user name: the key that the browser offers says who it is.
Result<control::StartPasskeySignInResponse> start_passkey_sign_in(Call& call,
                                                                  const control::StartPasskeySignInRequest& request) {
    SEK_TRY(check_address_lock(call, origin_of(call, request).address));
    SEK_TRY(const auto center, domain::portal_identity_center(call.tx));
    if (!center || !center->mfa.passkey_sign_in || !center->mfa.security_keys) {
        return control::errors::sign_in_failed_exception("Signing in with a passkey alone is not allowed.");
    }
    Attempt attempt{.identity_store_id = center->identity_store_id,
                    .user_name = {},
                    .step = SignInStep::passkey,
                    .person_id = {},
                    .nonce = random_bytes(call.random, 32),
                    .expires_at = call.now + seconds(limits::sign_in_attempt_seconds)};
    if (request.return_to && is_local_path(*request.return_to)) attempt.return_to = *request.return_to;
    control::StartPasskeySignInResponse response;
    response.web_authn_options = request_options(call, attempt.nonce, {});
    SEK_TRY(response.attempt_token, seal_attempt(call, attempt));
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
    operation::operation<control::StartPasskeySignIn>(
        {.access = Access::read, .resources = operation::anyone, .handle = start_passkey_sign_in}),
    operation::operation<control::SubmitSecurityKey>(
        {.access = Access::write, .resources = operation::anyone, .handle = submit_security_key}),
};

}  // namespace sekisho::control_service
