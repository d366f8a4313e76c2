// Signing in. As an IAM user: account, user name and password, then a code of an MFA device where there is one, then a
// new password where one is required. As an account's root user: the account's address and the password, then a code of
// its device, or the registration of its first (enrolment.cc). Unknown accounts, names and addresses, those without a
// password and wrong passwords get one answer after the same work.
#include "access/authorize.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/drbg.h"
#include "crypto/equal.h"
#include "crypto/password.h"
#include "domain/iam_password.h"
#include "domain/organization.h"
#include "domain/virtual_mfa.h"
#include "services/signin/attempt.h"
#include "services/signin/root_account.h"
#include "services/signin/service.h"
#include "services/signin/tries.h"

namespace sekisho::signin_service {
namespace {

using operation::Access;
using operation::Call;
using operation::PrepareDone;
using signin::SignInStep;

ApiError wrong_password() {
    return signin::errors::sign_in_failed_exception("The account, user name or password is not correct.");
}

ApiError wrong_root_password() {
    return signin::errors::sign_in_failed_exception("The email address or password is not correct.");
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
    bool is_root = false;
    std::optional<AccountId> account;
    std::optional<domain::IamUser> user;
    std::optional<domain::LoginProfile> profile;
    std::string counted;  // the key that failures are counted under

    bool has_password() const { return profile && (is_root || user); }
    Subject subject() const { return {.account_id = *account, .is_root = is_root, .user = user ? &*user : nullptr}; }
};

Result<Tried> find_tried(const store::Reader& reader, const signin::VerifyPasswordRequest& request) {
    Tried tried;
    SEK_TRY(tried.account, find_account(reader, request.account));
    tried.counted = counted_user(tried.account ? tried.account->str() : request.account, request.user_name);
    if (!tried.account) return tried;
    const auto name = lower_ascii(request.user_name);
    SEK_TRY(tried.user, domain::iam_users.get(reader, *tried.account, name));
    SEK_TRY(tried.profile, domain::login_profiles.get(reader, *tried.account, name));
    return tried;
}

Result<Tried> find_tried(const store::Reader& reader, const signin::VerifyRootPasswordRequest& request) {
    Tried tried{.is_root = true, .account = {}, .user = {}, .profile = {}, .counted = {}};
    SEK_TRY(const auto account, find_root_account(reader, request.email_address));
    tried.counted = counted_root(account ? account->id.str() : std::string(trim(request.email_address)));
    if (!account) return tried;
    tried.account = account->id;
    SEK_TRY(tried.profile, domain::login_profiles.get(reader, account->id, ""));
    return tried;
}

// What .prepare found out about a password, and the hash of the one that replaces it.
struct CheckedPassword {
    bool matches = false;
    std::string checked_hash;
    std::string new_hash;
    domain::PasswordComparison comparison;  // of the new one
};

template <class Request>
void check_password(const Call& call, const Request& request, PrepareDone done) {
    auto tried = find_tried(call.tx, request);
    if (!tried) return done(std::move(tried).error());
    CheckedPassword checked;
    if (tried->has_password()) checked.checked_hash = tried->profile->password_hash.expose();
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

template <class Request>
Result<signin::SignInOutcome> verify_password(Call& call, const Request& request) {
    SEK_TRY(auto tried, find_tried(call.tx, request));
    SEK_TRY(check_locks(call, tried.counted));
    if (!tried.has_password() || !stands(call.prepared<CheckedPassword>(), *tried.profile)) {
        SEK_TRY(count_failure(call, tried.counted));
        if (tried.account) record_failure(call, tried.subject(), false);
        return tried.is_root ? wrong_root_password() : wrong_password();
    }
    OpenAttempt open{.attempt = {}, .user = std::move(tried.user), .profile = std::move(*tried.profile)};
    open.attempt = {.account_id = *tried.account,
                    .user_id = open.user ? open.user->id : domain::root_principal(*tried.account),
                    .user_name = open.user ? open.user->name : std::string(),
                    .password_stamp = domain::password_stamp(open.profile),
                    .return_to = request.return_to.value_or(""),
                    .expires_at = call.now + seconds(limits::sign_in_attempt_seconds),
                    .seed = {}};
    return go_on(call, std::move(open));
}

// The device whose code it is, with the step used up (RFC 6238 5.2). A wrong one counts for each device that it could
// have been of.
Result<bool> use_code(Call& call, const PrincipalId& user, std::string_view code) {
    call.tx.read_guard(domain::user_mfa_devices_guard(user));
    SEK_TRY(auto devices, domain::mfa_devices_of_user(call.tx, user));
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
    const auto counted = open.counted();
    SEK_TRY(check_locks(call, counted));
    SEK_TRY(const bool is_right, use_code(call, open.attempt.user_id, code_of(request.mfa_code)));
    if (!is_right) {
        SEK_TRY(count_failure(call, counted));
        record_failure(call, open.subject(), true);
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
    user.account_id = open.attempt.account_id;
    user.principal_id = open.user->id;
    user.user_name = open.user->name;
    user.arn = user.principal_arn = domain::user_arn(*open.user);
    user.user_id = open.user->id.str();
    user.principal_tags = open.user->tags;
    user.issued_at = call.now;
    user.mfa_at = open.attempt.mfa_at;
    return !access::authorize(call.tx, user, call.facts, call.now,
                              {{.action = "iam:ChangePassword", .resource = user.arn}});
}

Result<signin::SignInOutcome> replace_password(Call& call, const signin::ReplacePasswordRequest& request) {
    SEK_TRY(auto open, open_attempt(call, request.attempt_token, SignInStep::new_password));
    const auto counted = open.counted();
    SEK_TRY(check_locks(call, counted));
    const auto& checked = call.prepared<CheckedPassword>();
    if (!stands(checked, open.profile)) {
        SEK_TRY(count_failure(call, counted));
        record_failure(call, open.subject(), open.attempt.mfa_at.has_value());
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

template <class Op>
operation::Operation verifying() {
    return operation::operation<Op>({.access = Access::write,
                                     .resources = operation::anyone,
                                     .prepare = check_password<typename Op::Request>,
                                     .handle = verify_password<typename Op::Request>});
}

}  // namespace

const operation::OperationTable sign_in_operations = {
    verifying<signin::VerifyPassword>(),
    verifying<signin::VerifyRootPassword>(),
    operation::operation<signin::VerifyMfaCode>(
        {.access = Access::write, .resources = operation::anyone, .handle = verify_mfa_code}),
    operation::operation<signin::ReplacePassword>({.access = Access::write,
                                                   .resources = operation::anyone,
                                                   .prepare = prepare_replacement,
                                                   .handle = replace_password}),
};

}  // namespace sekisho::signin_service
