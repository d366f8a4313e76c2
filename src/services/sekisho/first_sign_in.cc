// The first sign-in of people who were made without a password: a code goes to their address, and with it they choose
// one (AWS: "Send email OTP"). On where the instance says so. Whether somebody has the name, or a password, is not
// told: the answers are the same, and wrong codes are counted for names that nobody has, too.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/userswithoutpwd.html
#include "access/authenticate.h"
#include "base/limits.h"
#include "base/text.h"
#include "domain/portal.h"
#include "domain/sessions.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/new_password.h"
#include "services/sekisho/people.h"
#include "services/sekisho/service.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using operation::Access;
using operation::Call;

std::string code_hash(const PersonId& person, std::string_view code) {
    return access::hash_of_secret(person.str() + "\n" + std::string(first_sign_in_purpose) + "\n" + std::string(code));
}

// Enabled, reachable by mail, and without a password.
Result<bool> may_begin(Call& call, const std::optional<domain::Person>& person) {
    if (!person || !person->enabled || domain::primary_email(*person) == nullptr) return false;
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person->id));
    return !credentials || credentials->password_hash.empty();
}

// One code at a time: an earlier one is void.
Result<void> mail_code(Call& call, const domain::IdentityCenter& center, const domain::Person& person) {
    const auto code = random_text(call.random, 6, "0123456789");
    SEK_TRY(erase_mailed_tokens(call, person.id, first_sign_in_purpose));
    SEK_TRY(domain::mailed_tokens.put(call.tx, {.token_hash = code_hash(person.id, code),
                                                .purpose = std::string(first_sign_in_purpose),
                                                .person_id = person.id,
                                                .identity_store_id = person.identity_store_id,
                                                .account_id = {},
                                                .created_at = call.now,
                                                .expires_at = call.now + seconds(limits::email_code_seconds),
                                                .email = domain::primary_email(person)->value}));
    SEK_TRY(mail_person(call, center, person, domain::MailKind::first_sign_in, {.link = {}, .code = code}));
    return {};
}

Result<domain::IdentityCenter> center_that_sends_codes(const Call& call, const Attempt& attempt) {
    SEK_TRY(auto center, load_center(call, attempt.identity_store_id));
    if (center.email_one_time_passwords) return center;
    return control::errors::sign_in_failed_exception("Codes for a first sign-in are not sent here.");
}

Result<control::RequestFirstSignInCodeResponse> request_code(Call& call,
                                                             const control::RequestFirstSignInCodeRequest& request) {
    SEK_TRY(auto attempt,
            open_attempt(call, request.attempt_token, {SignInStep::password, SignInStep::first_sign_in_code}));
    const auto origin = origin_of(call, request);
    SEK_TRY(check_address_lock(call, origin.address));
    SEK_TRY(const auto center, center_that_sends_codes(call, attempt));
    SEK_TRY(count_mail_request(call, origin.address));
    SEK_TRY(const auto person, domain::find_person_by_name(call.tx, attempt.identity_store_id, attempt.user_name));
    SEK_TRY(const bool may, may_begin(call, person));
    if (may) {
        SEK_TRY(const bool mailed, was_mailed_lately(call, *person, first_sign_in_purpose));
        if (!mailed) SEK_TRY(mail_code(call, center, *person));
    }
    SEK_TRY(auto outcome, go_on(call, std::move(attempt), SignInStep::first_sign_in_code));
    return to_response<control::RequestFirstSignInCodeResponse>(std::move(outcome));
}

// The code is used up, and the address that it was sent to is the person's: they have read it. False: it is not right.
Result<bool> use_code(Call& call, domain::Person& person, std::string_view code) {
    const auto hash = code_hash(person.id, code);
    SEK_TRY(const auto token, domain::mailed_tokens.get(call.tx, hash));
    if (!token || token->purpose != first_sign_in_purpose || token->expires_at <= call.now) return false;
    const auto* email = domain::primary_email(person);
    if (email == nullptr || email->value != token->email) return false;
    SEK_TRY(domain::mailed_tokens.erase(call.tx, hash));
    mark_verified(person, token->email);
    SEK_TRY(domain::people.put(call.tx, person));
    return true;
}

Result<control::SubmitFirstSignInCodeResponse> submit_code(Call& call,
                                                           const control::SubmitFirstSignInCodeRequest& request) {
    SEK_TRY(auto attempt, open_attempt(call, request.attempt_token, {SignInStep::first_sign_in_code}));
    SEK_TRY(center_that_sends_codes(call, attempt));
    const auto origin = origin_of(call, request);
    SEK_TRY(auto person, domain::find_person_by_name(call.tx, attempt.identity_store_id, attempt.user_name));
    Attacked attacked{.identity_store_id = attempt.identity_store_id,
                      .user_name = attempt.user_name,
                      .person_id = {},
                      .address = origin.address,
                      .user_agent = origin.user_agent,
                      .credential_type = "EMAIL_OTP"};
    if (person) attacked.person_id = person->id;
    SEK_TRY(check_locks(call, attacked));
    SEK_TRY(bool is_right, may_begin(call, person));
    if (is_right) {
        SEK_TRY(is_right, use_code(call, *person, replace_all(std::string(trim(request.code)), " ", "")));
    }
    if (!is_right) {
        SEK_TRY(count_failure(call, attacked));
        return wrong_code();
    }
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person->id));
    attempt.person_id = person->id;
    attempt.person_epoch = person->epoch;
    attempt.password_stamp = password_stamp(credentials);
    attempt.credential_types = "EMAIL_OTP";
    SEK_TRY(auto outcome, go_on(call, std::move(attempt), SignInStep::new_password));
    return to_response<control::SubmitFirstSignInCodeResponse>(std::move(outcome));
}

}  // namespace

const operation::OperationTable first_sign_in_operations = {
    operation::operation<control::RequestFirstSignInCode>(
        {.access = Access::write, .resources = operation::anyone, .handle = request_code}),
    operation::operation<control::SubmitFirstSignInCode>(
        {.access = Access::write, .resources = operation::anyone, .handle = submit_code}),
};

}  // namespace sekisho::control_service
