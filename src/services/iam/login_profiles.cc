#include "base/text.h"
#include "crypto/equal.h"
#include "crypto/password.h"
#include "models/iam.h"
#include "operation/work_pool.h"
#include "services/iam/entity.h"
#include "services/iam/password_rules.h"
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
    std::optional<Secret> hash;    // of the new password; none: the request has none
    std::optional<Secret> proven;  // ChangePassword: the stored hash that the old password was right for
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

// Runs on the queue's thread.
Result<operation::Prepared> hash(const std::optional<Secret>& password) {
    PreparedPassword prepared;
    if (password) {
        SEK_TRY(auto phc, crypto::hash_password(*password, system_random()));
        prepared.hash = Secret(std::move(phc));
    }
    return operation::make_prepared(std::move(prepared));
}

void run_on_queue(PrepareDone done, std::move_only_function<Result<operation::Prepared>()> work) {
    auto shared = std::make_shared<PrepareDone>(std::move(done));
    const bool taken =
        operation::password_pool().submit([shared, work = std::move(work)]() mutable { (*shared)(work()); });
    if (!taken) {
        (*shared)(ApiError{.code = "Throttling", .message = "Rate exceeded", .http_status = 400});
    }
}

template <class Request>
void prepare_hash(const Call&, const Request& request, PrepareDone done) {
    std::optional<Secret> password;
    if (request.password) password = Secret(*request.password);
    run_on_queue(std::move(done), [password = std::move(password)] { return hash(password); });
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
    SEK_TRY(check_password(call, *request.password));
    domain::LoginProfile profile;
    profile.account_id = call.account();
    profile.user_name = user.name;
    profile.password_hash = *call.prepared<PreparedPassword>().hash;
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
        SEK_TRY(check_password(call, *request.password));
        profile->password_hash = *call.prepared<PreparedPassword>().hash;
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
    std::optional<Secret> stored;
    const auto profile = domain::login_profiles.get(call.tx, call.account(), lower_ascii(call.caller.user_name));
    if (profile && *profile) stored = (*profile)->password_hash;
    run_on_queue(std::move(done),
                 [stored = std::move(stored), old_password = Secret(request.old_password),
                  new_password = std::optional(Secret(request.new_password))]() -> Result<operation::Prepared> {
                     if (!stored || !crypto::verify_password(stored->expose(), old_password)) {
                         return operation::make_prepared(PreparedPassword{});
                     }
                     PreparedPassword prepared{.hash = {}, .proven = stored};
                     SEK_TRY(auto phc, crypto::hash_password(*new_password, system_random()));
                     prepared.hash = Secret(std::move(phc));
                     return operation::make_prepared(std::move(prepared));
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
    SEK_TRY(check_password(call, request.new_password));
    profile->password_hash = *prepared.hash;
    profile->password_reset_required = false;
    SEK_TRY(domain::login_profiles.put(call.tx, *profile));
    return iam::ChangePasswordResponse{};
}

}  // namespace

const operation::OperationTable login_profile_operations = {
    operation<iam::CreateLoginProfile>({.access = Access::write,
                                        .resources = on_request_user<iam::CreateLoginProfileRequest>,
                                        .prepare = prepare_hash<iam::CreateLoginProfileRequest>,
                                        .handle = create_login_profile}),
    operation<iam::GetLoginProfile>({.access = Access::read,
                                     .resources = on_request_user<iam::GetLoginProfileRequest>,
                                     .handle = get_login_profile}),
    operation<iam::UpdateLoginProfile>({.access = Access::write,
                                        .resources = on_request_user<iam::UpdateLoginProfileRequest>,
                                        .prepare = prepare_hash<iam::UpdateLoginProfileRequest>,
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
