#include "services/signin/attempt.h"

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/qr_code.h"
#include "base/text.h"
#include "crypto/totp.h"
#include "domain/iam_password.h"
#include "domain/login.h"
#include "domain/organization.h"
#include "domain/virtual_mfa.h"
#include "services/signin/tries.h"
#include "store/record_codec.h"

namespace sekisho::signin_service {
namespace {

using operation::Call;
using signin::SignInStep;

constexpr std::string_view attempt_purpose = "signin attempt";
constexpr std::size_t user_agent_bytes_max = 512;

Result<signin::SignInOutcome> ask_for(Call& call, Attempt attempt, SignInStep step) {
    attempt.step = step;
    signin::SignInOutcome outcome{.step = step};
    SEK_TRY(outcome.attempt_token, seal_attempt(call, attempt));
    return outcome;
}

// The seed is told to who knows the password, as a sealed part of the attempt and as what an app reads.
Result<signin::SignInOutcome> ask_for_enrolment(Call& call, Attempt attempt) {
    const auto seed = crypto::new_totp_seed(call.random);
    const auto uri =
        crypto::totp_uri(seed, "Sekisho", std::string(domain::root_device_name) + "@" + attempt.account_id.str());
    attempt.seed = seed.expose();
    SEK_TRY(auto outcome, ask_for(call, std::move(attempt), SignInStep::mfa_enrolment));
    outcome.secret_key = encode_base32(seed.expose());
    SEK_TRY(outcome.qr_svg, make_qr_svg(uri.expose()));
    return outcome;
}

Result<void> note_use_of_password(Call& call, OpenAttempt& open) {
    if (open.is_root()) {
        open.profile.root_last_used = call.now;
        return domain::login_profiles.put(call.tx, open.profile);
    }
    open.user->password_last_used = call.now;
    return domain::iam_users.put(call.tx, *open.user);
}

// Everything was shown: a browser's session.
Result<signin::SignInOutcome> finish(Call& call, OpenAttempt open) {
    const auto& attempt = open.attempt;
    auto secret = encode_base64url(random_bytes(call.random, 32));
    const domain::LoginSession session{.id = SignInSessionId(access::hash_of_secret(secret)),
                                       .account_id = attempt.account_id,
                                       .user_id = attempt.user_id,
                                       .user_name = attempt.user_name,
                                       .password_stamp = attempt.password_stamp,
                                       .mfa_at = attempt.mfa_at,
                                       .created_at = call.now,
                                       .expires_at = call.now + seconds(domain::login_session_seconds),
                                       .source_address = call.facts.source_address,
                                       .user_agent = call.facts.user_agent.substr(0, user_agent_bytes_max),
                                       .store_epoch = access::read_store_epoch(call.tx),
                                       .client_id = {}};
    SEK_TRY(domain::login_sessions.put(call.tx, session));
    SEK_TRY(note_use_of_password(call, open));
    record_success(call, open.subject(), attempt.mfa_at.has_value());
    signin::SignInOutcome outcome{.step = SignInStep::done};
    outcome.session_token = std::move(secret);
    outcome.expires_date = session.expires_at;
    if (!attempt.return_to.empty()) outcome.return_to = attempt.return_to;
    return outcome;
}

}  // namespace

const Shape Attempt::shape = record_shape<Attempt>(
    "LoginAttempt",
    {SEK_FIELD(1, Attempt, account_id), SEK_FIELD(2, Attempt, user_id), SEK_FIELD(3, Attempt, user_name),
     SEK_FIELD(4, Attempt, password_stamp), SEK_FIELD(5, Attempt, step), SEK_FIELD(6, Attempt, mfa_at),
     SEK_FIELD(7, Attempt, return_to), SEK_FIELD(8, Attempt, expires_at), SEK_FIELD(9, Attempt, seed)});

std::string OpenAttempt::counted() const {
    const auto& account = attempt.account_id.str();
    return is_root() ? counted_root(account) : counted_user(account, user->name);
}

Subject OpenAttempt::subject() const {
    return {.account_id = attempt.account_id, .is_root = is_root(), .user = user ? &*user : nullptr};
}

ApiError attempt_is_over() {
    return signin::errors::invalid_token_exception("This sign-in has ended. Start again.");
}

std::string code_of(std::string_view typed) {
    return replace_all(std::string(trim(typed)), " ", "");
}

Result<std::string> seal_attempt(const Call& call, const Attempt& attempt) {
    SEK_TRY(const auto plain, store::encode_record(Attempt::shape, &attempt, {}));
    return call.environment.tokens->seal(attempt_purpose, plain);
}

Result<OpenAttempt> open_attempt(const Call& call, std::string_view token, SignInStep step) {
    const auto plain = call.environment.tokens->open_sealed(attempt_purpose, token);
    OpenAttempt open;
    auto& attempt = open.attempt;
    if (!plain || !store::decode_record(Attempt::shape, *plain, &attempt, {})) return attempt_is_over();
    if (attempt.expires_at <= call.now || attempt.step != step) return attempt_is_over();
    SEK_TRY(const auto account, domain::accounts.get(call.tx, attempt.account_id));
    if (!account || account->state != domain::AccountState::active) return attempt_is_over();
    const auto name = lower_ascii(attempt.user_name);
    if (!name.empty()) {
        SEK_TRY(open.user, domain::iam_users.get(call.tx, attempt.account_id, name));
        if (!open.user || open.user->id != attempt.user_id) return attempt_is_over();
    }
    SEK_TRY(auto profile, domain::login_profiles.get(call.tx, attempt.account_id, name));
    if (!profile || domain::password_stamp(*profile) != attempt.password_stamp) return attempt_is_over();
    open.profile = std::move(*profile);
    return open;
}

Result<bool> must_replace_password(Call& call, const OpenAttempt& open) {
    if (open.is_root()) return false;  // the account's policy is for its users
    SEK_TRY(const auto policy, domain::iam_password_policies.get(call.tx, open.attempt.account_id));
    if (!domain::has_expired(policy ? &*policy : nullptr, open.profile, call.now)) {
        return open.profile.password_reset_required;
    }
    if (!policy->hard_expiry) return true;
    record_failure(call, open.subject(), open.attempt.mfa_at.has_value());
    return signin::errors::sign_in_failed_exception("Your password has expired. Ask your administrator for a new one.");
}

// The second factor before the new password: who knows a one-time password alone must not replace it.
Result<signin::SignInOutcome> go_on(Call& call, OpenAttempt open) {
    if (!open.attempt.mfa_at) {
        call.tx.read_guard(domain::user_mfa_devices_guard(open.attempt.user_id));
        SEK_TRY(const auto devices, domain::mfa_devices_of_user(call.tx, open.attempt.user_id));
        if (!devices.empty()) return ask_for(call, std::move(open.attempt), SignInStep::mfa_code);
        if (open.is_root()) return ask_for_enrolment(call, std::move(open.attempt));
    }
    SEK_TRY(const bool is_to_be_replaced, must_replace_password(call, open));
    if (is_to_be_replaced) return ask_for(call, std::move(open.attempt), SignInStep::new_password);
    return finish(call, std::move(open));
}

}  // namespace sekisho::signin_service
