// Signing in as an IAM user: account, user name and password, then a code of an MFA device where there is one, then a
// new password where one is required. Unknown accounts and names, users without a password and wrong passwords get one
// answer after the same work.
#include "access/authorize.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/drbg.h"
#include "crypto/equal.h"
#include "crypto/password.h"
#include "domain/cidr.h"
#include "domain/failures.h"
#include "domain/iam_password.h"
#include "domain/organization.h"
#include "domain/virtual_mfa.h"
#include "operation/work_pool.h"
#include "services/signin/attempt.h"
#include "services/signin/console_login.h"
#include "services/signin/service.h"

namespace sekisho::signin_service {
namespace {

using operation::Access;
using operation::Call;
using operation::PrepareDone;
using signin::SignInStep;

ApiError locked() {
    return signin::errors::locked_exception("Too many failed attempts. Wait a while, then try again.");
}

ApiError wrong_password() {
    return signin::errors::sign_in_failed_exception("The account, user name or password is not correct.");
}

ApiError wrong_code() {
    return signin::errors::sign_in_failed_exception("The code is not correct. Enter the newest one.");
}

// The account that an id or an alias names. It is not said whether there is one.
Result<std::optional<AccountId>> find_account(const store::Reader& reader, const std::string& named) {
    AccountId id(named);
    if (!is_account_id(named)) {
        SEK_TRY(const auto alias, domain::account_aliases.get(reader, lower_ascii(named)));
        if (!alias) return std::optional<AccountId>();
        id = alias->account_id;
    }
    SEK_TRY(const auto account, domain::accounts.get(reader, id));
    if (!account || account->state != domain::AccountState::active) return std::optional<AccountId>();
    return std::optional(id);
}

// Who is tried: each part that there is.
struct Tried {
    std::optional<AccountId> account;
    std::optional<domain::IamUser> user;
    std::optional<domain::LoginProfile> profile;
    std::string counted;  // the key that failures are counted under
};

std::string counted_key(std::string_view account, std::string_view user_name) {
    return store::key("iam-user", account, lower_ascii(user_name));
}

Result<Tried> find_tried(const store::Reader& reader, const signin::VerifyPasswordRequest& request) {
    Tried tried;
    SEK_TRY(tried.account, find_account(reader, request.account));
    tried.counted = counted_key(tried.account ? tried.account->str() : lower_ascii(request.account), request.user_name);
    if (!tried.account) return tried;
    const auto name = lower_ascii(request.user_name);
    SEK_TRY(tried.user, domain::iam_users.get(reader, *tried.account, name));
    SEK_TRY(tried.profile, domain::login_profiles.get(reader, *tried.account, name));
    return tried;
}

Result<void> check_locks(Call& call, const std::string& counted) {
    for (const auto& key : {domain::counted_address(call.facts.source_address), counted}) {
        SEK_TRY(const bool is_locked, domain::is_locked_out(call.tx, key, call.now));
        if (is_locked) return locked();
    }
    return {};
}

Result<void> count_failure(Call& call, const std::string& counted) {
    auto& tx = call.on_refusal();
    SEK_TRY(domain::count_wrong_guess(tx, domain::counted_address(call.facts.source_address),
                                      limits::address_failures_free, call.now));
    return domain::count_wrong_guess(tx, counted, limits::user_failures_free, call.now);
}

void run_on_pool(PrepareDone done, std::move_only_function<Result<operation::Prepared>()> work) {
    auto shared = std::make_shared<PrepareDone>(std::move(done));
    const bool taken =
        operation::password_pool().submit([shared, work = std::move(work)]() mutable { (*shared)(work()); });
    if (!taken) (*shared)(signin::errors::throttling_exception("Too many sign-ins at once. Try again shortly."));
}

// What .prepare found out about a password, and the hash of the one that replaces it.
struct CheckedPassword {
    bool matches = false;
    std::string checked_hash;
    std::string new_hash;
    domain::PasswordComparison comparison;  // of the new one
};

void check_password(const Call& call, const signin::VerifyPasswordRequest& request, PrepareDone done) {
    auto tried = find_tried(call.tx, request);
    if (!tried) return done(std::move(tried).error());
    CheckedPassword checked;
    if (tried->profile) checked.checked_hash = tried->profile->password_hash.expose();
    run_on_pool(std::move(done), [checked, password = Secret(request.password)]() mutable {
        if (checked.checked_hash.empty()) {
            crypto::burn_password_verification(password);
        } else {
            checked.matches = crypto::verify_password(checked.checked_hash, password);
        }
        return Result<operation::Prepared>(operation::make_prepared(std::move(checked)));
    });
}

bool stands(const CheckedPassword& checked, const domain::LoginProfile& profile) {
    return checked.matches && crypto::equal(profile.password_hash.expose(), checked.checked_hash);
}

Result<signin::SignInOutcome> verify_password(Call& call, const signin::VerifyPasswordRequest& request) {
    SEK_TRY(auto tried, find_tried(call.tx, request));
    SEK_TRY(check_locks(call, tried.counted));
    if (!tried.user || !tried.profile || !stands(call.prepared<CheckedPassword>(), *tried.profile)) {
        SEK_TRY(count_failure(call, tried.counted));
        if (tried.account) record_failure(call, *tried.account, tried.user ? &*tried.user : nullptr, false);
        return wrong_password();
    }
    OpenAttempt open{.attempt = {}, .user = std::move(*tried.user), .profile = std::move(*tried.profile)};
    open.attempt = {.account_id = *tried.account,
                    .user_id = open.user.id,
                    .user_name = open.user.name,
                    .password_stamp = domain::password_stamp(open.profile),
                    .return_to = request.return_to.value_or(""),
                    .expires_at = call.now + seconds(limits::sign_in_attempt_seconds)};
    return go_on(call, std::move(open));
}

// The device whose code it is, with the step used up (RFC 6238 5.2). A wrong one counts for each device that it could
// have been of.
Result<bool> use_code(Call& call, const domain::IamUser& user, std::string_view code) {
    call.tx.read_guard(domain::user_mfa_devices_guard(user.id));
    SEK_TRY(auto devices, domain::mfa_devices_of_user(call.tx, user.id));
    for (auto& device : devices) {
        if (domain::is_locked(device, call.now) || !domain::use_code(device, code, call.now)) continue;
        SEK_TRY(domain::virtual_mfa_devices.put(call.tx, device));
        return true;
    }
    for (auto& device : devices) {
        if (domain::is_locked(device, call.now)) continue;
        domain::count_wrong_code(device, call.now);
        SEK_TRY(domain::virtual_mfa_devices.put(call.on_refusal(), device));
    }
    return false;
}

Result<signin::SignInOutcome> verify_mfa_code(Call& call, const signin::VerifyMfaCodeRequest& request) {
    SEK_TRY(auto open, open_attempt(call, request.attempt_token, SignInStep::mfa_code));
    const auto counted = counted_key(open.attempt.account_id.str(), open.user.name);
    SEK_TRY(check_locks(call, counted));
    const auto code = replace_all(std::string(trim(request.mfa_code)), " ", "");
    SEK_TRY(const bool is_right, use_code(call, open.user, code));
    if (!is_right) {
        SEK_TRY(count_failure(call, counted));
        record_failure(call, open.attempt.account_id, &open.user, true);
        return wrong_code();
    }
    open.attempt.mfa_at = call.now;
    return go_on(call, std::move(open));
}

void prepare_replacement(const Call& call, const signin::ReplacePasswordRequest& request, PrepareDone done) {
    auto open = open_attempt(call, request.attempt_token, SignInStep::new_password);
    if (!open) return done(std::move(open).error());
    const auto policy = domain::iam_password_policies.get(call.tx, open->attempt.account_id);
    if (!policy) return done(ApiError(policy.error()));
    CheckedPassword checked{
        .checked_hash = std::string(open->profile.password_hash.expose()), .new_hash = {}, .comparison = {}};
    run_on_pool(std::move(done),
                [checked, remembered = domain::remembered_hashes(*policy ? &**policy : nullptr, open->profile),
                 old_password = Secret(request.old_password),
                 new_password = Secret(request.new_password)]() mutable -> Result<operation::Prepared> {
                    checked.matches = crypto::verify_password(checked.checked_hash, old_password);
                    if (!checked.matches) return operation::make_prepared(std::move(checked));
                    checked.comparison = domain::compare_with(std::move(remembered), new_password);
                    if (!checked.comparison.is_among_them) {
                        SEK_TRY(checked.new_hash, crypto::hash_password(new_password, system_random()));
                    }
                    return operation::make_prepared(std::move(checked));
                });
}

// A user who may not stays outside until somebody who may sets another (IAM user guide, "Permit IAM users to change
// their own passwords").
bool may_change_password(Call& call, const OpenAttempt& open) {
    access::Caller user;
    user.kind = access::CallerKind::user;
    user.account_id = open.user.account_id;
    user.principal_id = open.user.id;
    user.user_name = open.user.name;
    user.arn = user.principal_arn = domain::user_arn(open.user);
    user.user_id = open.user.id.str();
    user.principal_tags = open.user.tags;
    user.issued_at = call.now;
    user.mfa_at = open.attempt.mfa_at;
    return !access::authorize(call.tx, user, call.facts, call.now,
                              {{.action = "iam:ChangePassword", .resource = user.arn}});
}

Result<signin::SignInOutcome> replace_password(Call& call, const signin::ReplacePasswordRequest& request) {
    SEK_TRY(auto open, open_attempt(call, request.attempt_token, SignInStep::new_password));
    const auto counted = counted_key(open.attempt.account_id.str(), open.user.name);
    SEK_TRY(check_locks(call, counted));
    const auto& checked = call.prepared<CheckedPassword>();
    if (!stands(checked, open.profile)) {
        SEK_TRY(count_failure(call, counted));
        record_failure(call, open.attempt.account_id, &open.user, open.attempt.mfa_at.has_value());
        return signin::errors::sign_in_failed_exception("The current password is not correct.");
    }
    // The password may have expired for good since it was asked for.
    SEK_TRY([[maybe_unused]] const bool is_to_be_replaced, must_replace_password(call, open));
    SEK_TRY(const auto found, domain::iam_password_policies.get(call.tx, open.attempt.account_id));
    const auto* policy = found ? &*found : nullptr;
    const bool conforms = domain::conforms(policy, request.new_password) &&
                          request.new_password != request.old_password &&
                          domain::is_new(checked.comparison, policy, open.profile);
    if (!may_change_password(call, open) || !conforms) {
        return signin::errors::sign_in_failed_exception(
            "Either you are not allowed to change your password (iam:ChangePassword), or the new one does not comply "
            "with the account's password policy.");
    }
    domain::set_password(open.profile, policy, Secret(checked.new_hash), call.now);
    open.profile.password_reset_required = false;
    SEK_TRY(domain::login_profiles.put(call.tx, open.profile));
    open.attempt.password_stamp = domain::password_stamp(open.profile);
    return go_on(call, std::move(open));
}

}  // namespace

const operation::OperationTable sign_in_operations = {
    operation::operation<signin::VerifyPassword>({.access = Access::write,
                                                  .resources = operation::anyone,
                                                  .prepare = check_password,
                                                  .handle = verify_password}),
    operation::operation<signin::VerifyMfaCode>(
        {.access = Access::write, .resources = operation::anyone, .handle = verify_mfa_code}),
    operation::operation<signin::ReplacePassword>({.access = Access::write,
                                                   .resources = operation::anyone,
                                                   .prepare = prepare_replacement,
                                                   .handle = replace_password}),
};

}  // namespace sekisho::signin_service
