#include "services/signin/attempt.h"

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "domain/iam_password.h"
#include "domain/login.h"
#include "domain/virtual_mfa.h"
#include "services/signin/console_login.h"
#include "store/record_codec.h"

namespace sekisho::signin_service {
namespace {

using operation::Call;
using signin::SignInStep;

constexpr std::string_view attempt_purpose = "signin attempt";
constexpr std::size_t user_agent_bytes_max = 512;

ApiError start_again() {
    return signin::errors::invalid_token_exception("This sign-in has ended. Start again.");
}

Result<signin::SignInOutcome> ask_for(Call& call, Attempt attempt, SignInStep step) {
    attempt.step = step;
    signin::SignInOutcome outcome{.step = step};
    SEK_TRY(outcome.attempt_token, seal_attempt(call, attempt));
    return outcome;
}

// Everything was shown: a browser's session.
Result<signin::SignInOutcome> finish(Call& call, OpenAttempt open) {
    const auto& attempt = open.attempt;
    auto secret = encode_base64url(random_bytes(call.random, 32));
    const domain::LoginSession session{.id = SignInSessionId(access::hash_of_secret(secret)),
                                       .account_id = attempt.account_id,
                                       .user_id = attempt.user_id,
                                       .user_name = open.user.name,
                                       .password_stamp = attempt.password_stamp,
                                       .mfa_at = attempt.mfa_at,
                                       .created_at = call.now,
                                       .expires_at = call.now + seconds(domain::login_session_seconds),
                                       .source_address = call.facts.source_address,
                                       .user_agent = call.facts.user_agent.substr(0, user_agent_bytes_max),
                                       .store_epoch = access::read_store_epoch(call.tx),
                                       .client_id = {}};
    SEK_TRY(domain::login_sessions.put(call.tx, session));
    open.user.password_last_used = call.now;
    SEK_TRY(domain::iam_users.put(call.tx, open.user));
    record_success(call, open.user, attempt.mfa_at.has_value());
    signin::SignInOutcome outcome{.step = SignInStep::done};
    outcome.session_token = std::move(secret);
    outcome.expires_date = session.expires_at;
    if (!attempt.return_to.empty()) outcome.return_to = attempt.return_to;
    return outcome;
}

}  // namespace

const Shape Attempt::shape =
    record_shape<Attempt>("LoginAttempt", {SEK_FIELD(1, Attempt, account_id), SEK_FIELD(2, Attempt, user_id),
                                           SEK_FIELD(3, Attempt, user_name), SEK_FIELD(4, Attempt, password_stamp),
                                           SEK_FIELD(5, Attempt, step), SEK_FIELD(6, Attempt, mfa_at),
                                           SEK_FIELD(7, Attempt, return_to), SEK_FIELD(8, Attempt, expires_at)});

Result<std::string> seal_attempt(const Call& call, const Attempt& attempt) {
    SEK_TRY(const auto plain, store::encode_record(Attempt::shape, &attempt, {}));
    return call.environment.tokens->seal(attempt_purpose, plain);
}

Result<OpenAttempt> open_attempt(const Call& call, std::string_view token, SignInStep step) {
    const auto plain = call.environment.tokens->open_sealed(attempt_purpose, token);
    OpenAttempt open;
    auto& attempt = open.attempt;
    if (!plain || !store::decode_record(Attempt::shape, *plain, &attempt, {})) return start_again();
    if (attempt.expires_at <= call.now || attempt.step != step) return start_again();
    const auto name = lower_ascii(attempt.user_name);
    SEK_TRY(auto user, domain::iam_users.get(call.tx, attempt.account_id, name));
    SEK_TRY(auto profile, domain::login_profiles.get(call.tx, attempt.account_id, name));
    if (!user || user->id != attempt.user_id || !profile) return start_again();
    if (domain::password_stamp(*profile) != attempt.password_stamp) return start_again();
    open.user = std::move(*user);
    open.profile = std::move(*profile);
    return open;
}

Result<bool> must_replace_password(Call& call, const OpenAttempt& open) {
    SEK_TRY(const auto policy, domain::iam_password_policies.get(call.tx, open.attempt.account_id));
    if (!domain::has_expired(policy ? &*policy : nullptr, open.profile, call.now)) {
        return open.profile.password_reset_required;
    }
    if (!policy->hard_expiry) return true;
    record_failure(call, open.attempt.account_id, &open.user, open.attempt.mfa_at.has_value());
    return signin::errors::sign_in_failed_exception("Your password has expired. Ask your administrator for a new one.");
}

// The second factor before the new password: who knows a one-time password alone must not replace it.
Result<signin::SignInOutcome> go_on(Call& call, OpenAttempt open) {
    if (!open.attempt.mfa_at) {
        call.tx.read_guard(domain::user_mfa_devices_guard(open.user.id));
        SEK_TRY(const auto devices, domain::mfa_devices_of_user(call.tx, open.user.id));
        if (!devices.empty()) return ask_for(call, std::move(open.attempt), SignInStep::mfa_code);
    }
    SEK_TRY(const bool is_to_be_replaced, must_replace_password(call, open));
    if (is_to_be_replaced) return ask_for(call, std::move(open.attempt), SignInStep::new_password);
    return finish(call, std::move(open));
}

}  // namespace sekisho::signin_service
