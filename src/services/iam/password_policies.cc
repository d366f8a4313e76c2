#include "domain/iam.h"
#include "models/iam.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::any_resource;
using operation::Call;
using operation::operation;

ApiError no_policy(const Call& call) {
    return iam::errors::no_such_entity_exception("The Password Policy with domain name " + call.account().str() +
                                                 " cannot be found.");
}

Result<iam::GetAccountPasswordPolicyResponse> get_policy(Call& call, const iam::GetAccountPasswordPolicyRequest&) {
    SEK_TRY(const auto policy, domain::iam_password_policies.get(call.tx, call.account()));
    if (!policy) return no_policy(call);
    iam::PasswordPolicy wire;
    wire.minimum_password_length = policy->length_min;
    wire.require_symbols = policy->require_symbols;
    wire.require_numbers = policy->require_numbers;
    wire.require_uppercase_characters = policy->require_uppercase;
    wire.require_lowercase_characters = policy->require_lowercase;
    wire.allow_users_to_change_password = policy->users_may_change;
    wire.expire_passwords = policy->days_max.has_value();
    wire.max_password_age = policy->days_max;
    wire.password_reuse_prevention = policy->reuse_prevention;
    wire.hard_expiry = policy->hard_expiry;
    return iam::GetAccountPasswordPolicyResponse{.password_policy = wire};
}

// What a request leaves out goes back to AWS's default; nothing of the policy before stays (API reference).
Result<iam::UpdateAccountPasswordPolicyResponse> update_policy(Call& call,
                                                               const iam::UpdateAccountPasswordPolicyRequest& request) {
    domain::IamPasswordPolicy policy;
    policy.account_id = call.account();
    policy.length_min = request.minimum_password_length.value_or(6);
    policy.require_symbols = request.require_symbols.value_or(false);
    policy.require_numbers = request.require_numbers.value_or(false);
    policy.require_uppercase = request.require_uppercase_characters.value_or(false);
    policy.require_lowercase = request.require_lowercase_characters.value_or(false);
    policy.users_may_change = request.allow_users_to_change_password.value_or(false);
    policy.days_max = request.max_password_age;
    policy.reuse_prevention = request.password_reuse_prevention;
    policy.hard_expiry = request.hard_expiry.value_or(false);
    SEK_TRY(domain::iam_password_policies.put(call.tx, policy));
    return iam::UpdateAccountPasswordPolicyResponse{};
}

Result<iam::DeleteAccountPasswordPolicyResponse> delete_policy(Call& call,
                                                               const iam::DeleteAccountPasswordPolicyRequest&) {
    SEK_TRY(const bool existed, domain::iam_password_policies.erase(call.tx, call.account()));
    if (!existed) return no_policy(call);
    return iam::DeleteAccountPasswordPolicyResponse{};
}

}  // namespace

const operation::OperationTable password_policy_operations = {
    operation<iam::GetAccountPasswordPolicy>({.access = Access::read, .resources = any_resource, .handle = get_policy}),
    operation<iam::UpdateAccountPasswordPolicy>(
        {.access = Access::write, .resources = any_resource, .handle = update_policy}),
    operation<iam::DeleteAccountPasswordPolicy>(
        {.access = Access::write, .resources = any_resource, .handle = delete_policy}),
};

}  // namespace sekisho::iam_service
