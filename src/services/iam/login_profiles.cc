#include "base/text.h"
#include "crypto/equal.h"
#include "crypto/password.h"
#include "domain/iam_password.h"
#include "models/iam.h"
#include "operation/work_pool.h"
#include "services/iam/entity.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;
using operation::PrepareDone;

// What .prepare hands to the handlers.
struct PreparedPassword {
    std::optional<Secret> hash;    // of the new password; none: the request has none, or it may not come again
    std::optional<Secret> proven;  // ChangePassword: the stored hash that the old password was right for
    domain::PasswordComparison comparison;
};

template <class Request>
Permissions on_request_user(const Call& call, const Request& request) {
    if constexpr (requires { request.user_name.value(); }) {
        return on_user_or_caller(call, request.user_name);
    } else {
        return on_entity(call, EntityKind::user, request.user_name);
    }
}

Result<domain::IamUser> user_of(const Call& call, const std::optional<std::string>& requested) {
    SEK_TRY(const auto name, user_or_caller(call, requested));
    if (!name) {
        return ApiError{.code = "ValidationError", .message = "Must specify userName when calling with root"};
    }
    return require_user(call.tx, call.account(), *name);
}

ApiError no_profile(const std::string& user) {
    return iam::errors::no_such_entity_exception("Login Profile for User " + user + " cannot be found.");
}

// Runs on the pool. `remembered`: those that the password may not be.
Result<operation::Prepared> hash(const Secret& password, std::vector<Secret> remembered, PreparedPassword prepared) {
    prepared.comparison = domain::compare_with(std::move(remembered), password);
    if (!prepared.comparison.is_among_them) {
        SEK_TRY(auto phc, crypto::hash_password(password, system_random()));
        prepared.hash = Secret(std::move(phc));
    }
    return operation::make_prepared(std::move(prepared));
}

void run_on_pool(PrepareDone done, std::move_only_function<Result<operation::Prepared>()> work) {
    operation::prepare_on(operation::password_pool(), std::move(done), std::move(work),
                          {.code = "Throttling", .message = "Rate exceeded", .http_status = 400});
}

// What a user has now: the login profile, if any, and the hashes that a new password is compared with.
struct Known {
    std::optional<domain::LoginProfile> profile;
    std::vector<Secret> remembered;
};
Result<Known> known_password(const Call& call, std::string_view user_name) {
    Known known;
    SEK_TRY(known.profile, domain::login_profiles.get(call.tx, call.account(), lower_ascii(user_name)));
    if (!known.profile) return known;
    SEK_TRY(const auto policy, domain::iam_password_policies.get(call.tx, call.account()));
    known.remembered = domain::remembered_hashes(policy ? &*policy : nullptr, *known.profile);
    return known;
}

void prepare_first(const Call&, const iam::CreateLoginProfileRequest& request, PrepareDone done) {
    if (!request.password) return done(operation::make_prepared(PreparedPassword{}));
    run_on_pool(std::move(done), [password = Secret(*request.password)] { return hash(password, {}, {}); });
}

void prepare_update(const Call& call, const iam::UpdateLoginProfileRequest& request, PrepareDone done) {
    if (!request.password) return done(operation::make_prepared(PreparedPassword{}));
    auto known = known_password(call, request.user_name);
    if (!known) return done(std::move(known).error());
    run_on_pool(std::move(done),
                [password = Secret(*request.password), remembered = std::move(known->remembered)]() mutable {
                    return hash(password, std::move(remembered), {});
                });
}

// The account's own policy, or AWS's default one. Error: PasswordPolicyViolation.
Result<void> set_password(const Call& call, domain::LoginProfile& profile, const PreparedPassword& prepared,
                          std::string_view password) {
    SEK_TRY(const auto found, domain::iam_password_policies.get(call.tx, call.account()));
    const auto* policy = found ? &*found : nullptr;
    if (!domain::conforms(policy, password)) {
        return iam::errors::password_policy_violation_exception(
            "Password does not conform to the account password policy.");
    }
    // A profile that is made anew has none to be compared with.
    if (!profile.password_hash.empty() && !domain::is_new(prepared.comparison, policy, profile)) {
        return iam::errors::password_policy_violation_exception(
            "Policy constraint violation with password reuse prevention during password change.");
    }
    domain::set_password(profile, policy, *prepared.hash, call.now);
    return {};
}

iam::LoginProfile to_wire(const domain::LoginProfile& profile) {
    return {.user_name = profile.user_name,
            .create_date = profile.created_at,
            .password_reset_required = profile.password_reset_required};
}

Result<iam::CreateLoginProfileResponse> create_login_profile(Call& call,
                                                             const iam::CreateLoginProfileRequest& request) {
    SEK_TRY(const auto user, user_of(call, request.user_name));
    if (!request.password) {
        return ApiError{.code = "ValidationError",
                        .message =
                            "1 validation error detected: Value null at 'password' failed to satisfy "
                            "constraint: Member must not be null"};
    }
    if (domain::login_profiles.exists(call.tx, call.account(), lower_ascii(user.name))) {
        return iam::errors::entity_already_exists_exception("Login Profile for user " + user.name + " already exists.");
    }
    domain::LoginProfile profile;
    profile.account_id = call.account();
    profile.user_name = user.name;
    SEK_TRY(set_password(call, profile, call.prepared<PreparedPassword>(), *request.password));
    profile.password_reset_required = request.password_reset_required.value_or(false);
    profile.created_at = call.now;
    SEK_TRY(domain::login_profiles.put(call.tx, profile));
    return iam::CreateLoginProfileResponse{.login_profile = to_wire(profile)};
}

Result<iam::GetLoginProfileResponse> get_login_profile(Call& call, const iam::GetLoginProfileRequest& request) {
    SEK_TRY(const auto user, user_of(call, request.user_name));
    SEK_TRY(const auto profile, domain::login_profiles.get(call.tx, call.account(), lower_ascii(user.name)));
    if (!profile) return no_profile(user.name);
    return iam::GetLoginProfileResponse{.login_profile = to_wire(*profile)};
}

Result<iam::UpdateLoginProfileResponse> update_login_profile(Call& call,
                                                             const iam::UpdateLoginProfileRequest& request) {
    SEK_TRY(const auto user, require_user(call.tx, call.account(), request.user_name));
    SEK_TRY(auto profile, domain::login_profiles.get(call.tx, call.account(), lower_ascii(user.name)));
    if (!profile) return no_profile(user.name);
    if (request.password) {
        SEK_TRY(set_password(call, *profile, call.prepared<PreparedPassword>(), *request.password));
    }
    if (request.password_reset_required) profile->password_reset_required = *request.password_reset_required;
    SEK_TRY(domain::login_profiles.put(call.tx, *profile));
    return iam::UpdateLoginProfileResponse{};
}

Result<iam::DeleteLoginProfileResponse> delete_login_profile(Call& call,
                                                             const iam::DeleteLoginProfileRequest& request) {
    SEK_TRY(const auto user, user_of(call, request.user_name));
    SEK_TRY(const bool existed, domain::login_profiles.erase(call.tx, call.account(), lower_ascii(user.name)));
    if (!existed) return no_profile(user.name);
    return iam::DeleteLoginProfileResponse{};
}

Permissions change_password_permissions(const Call& call, const iam::ChangePasswordRequest&) {
    return on_user_or_caller(call, std::nullopt);
}

// Verifies the old password against the hash that is stored now, and hashes the new one.
void prepare_change(const Call& call, const iam::ChangePasswordRequest& request, PrepareDone done) {
    // Others have no name here, under which the root user's password is: it is not theirs to be asked.
    if (call.caller.kind != access::CallerKind::user) return done(operation::make_prepared(PreparedPassword{}));
    auto known = known_password(call, call.caller.user_name);
    if (!known) return done(std::move(known).error());
    run_on_pool(
        std::move(done),
        [known = std::move(*known), old_password = Secret(request.old_password),
         new_password = Secret(request.new_password)]() mutable -> Result<operation::Prepared> {
            PreparedPassword prepared;
            if (!known.profile || !crypto::verify_password(known.profile->password_hash.expose(), old_password)) {
                return operation::make_prepared(std::move(prepared));
            }
            prepared.proven = known.profile->password_hash;
            return hash(new_password, std::move(known.remembered), std::move(prepared));
        });
}

Result<iam::ChangePasswordResponse> change_password(Call& call, const iam::ChangePasswordRequest& request) {
    if (call.caller.kind != access::CallerKind::user) {
        return iam::errors::invalid_user_type_exception("Only IAM Users can change their own password");
    }
    SEK_TRY(auto profile, domain::login_profiles.get(call.tx, call.account(), lower_ascii(call.caller.user_name)));
    if (!profile) return no_profile(call.caller.user_name);
    const auto& prepared = call.prepared<PreparedPassword>();
    if (!prepared.proven || !crypto::equal(prepared.proven->expose(), profile->password_hash.expose())) {
        return ApiError{.code = "AccessDenied", .message = "The old password was incorrect.", .http_status = 403};
    }
    SEK_TRY(set_password(call, *profile, prepared, request.new_password));
    profile->password_reset_required = false;
    SEK_TRY(domain::login_profiles.put(call.tx, *profile));
    return iam::ChangePasswordResponse{};
}

}  // namespace

const operation::OperationTable login_profile_operations = {
    operation<iam::CreateLoginProfile>({.access = Access::write,
                                        .resources = on_request_user<iam::CreateLoginProfileRequest>,
                                        .prepare = prepare_first,
                                        .handle = create_login_profile}),
    operation<iam::GetLoginProfile>({.access = Access::read,
                                     .resources = on_request_user<iam::GetLoginProfileRequest>,
                                     .handle = get_login_profile}),
    operation<iam::UpdateLoginProfile>({.access = Access::write,
                                        .resources = on_request_user<iam::UpdateLoginProfileRequest>,
                                        .prepare = prepare_update,
                                        .handle = update_login_profile}),
    operation<iam::DeleteLoginProfile>({.access = Access::write,
                                        .resources = on_request_user<iam::DeleteLoginProfileRequest>,
                                        .handle = delete_login_profile}),
    operation<iam::ChangePassword>({.access = Access::write,
                                    .resources = change_password_permissions,
                                    .prepare = prepare_change,
                                    .handle = change_password}),
};

}  // namespace sekisho::iam_service
