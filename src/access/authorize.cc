#include "access/authorize.h"

#include <algorithm>

#include "access/context.h"
#include "access/policies.h"
#include "base/log.h"
#include "domain/iam.h"
#include "policy/decide.h"

namespace sekisho::access {
namespace {

// The policies of one decision, kept alive while the policy room looks at them.
class Gathered {
 public:
    Result<void> add_principal(const store::Reader& reader, const PrincipalId& id, bool is_group = false) {
        SEK_TRY(auto kept, compiled_principal(reader, id));
        if (!kept) return {};
        const auto principal = principals_.emplace_back(std::move(kept));
        for (const auto& inline_policy : principal->inline_policies) {
            identity.push_back({inline_policy.name, inline_policy.policy.get()});
        }
        for (const auto& arn : principal->attached_policy_arns) SEK_TRY(add_managed(reader, identity, arn));
        if (is_group) return {};
        if (principal->permissions_boundary_arn) {
            boundary.emplace();
            SEK_TRY(add_managed(reader, *boundary, *principal->permissions_boundary_arn));
        }
        for (const auto& group : principal->group_ids) SEK_TRY(add_principal(reader, group, true));
        return {};
    }

    // Full control of the own account: the root user has no identity policies and needs none.
    Result<void> add_root() {
        constexpr std::string_view text =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
        SEK_TRY(auto policy, compiled_document(text, policy::Use::identity));
        add(identity, "root", std::move(policy));
        return {};
    }

    // An account's password policy may let all its users change their own passwords, and read its rules: IAM permits it
    // then, without a policy at the user.
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html (AllowUsersToChangePassword)
    Result<void> add_password_policy(const store::Reader& reader, const AccountId& account) {
        constexpr std::string_view text =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ChangePassword",)"
            R"("iam:GetAccountPasswordPolicy"],"Resource":"*"}]})";
        SEK_TRY(const auto rules, domain::iam_password_policies.get(reader, account));
        if (!rules || !rules->users_may_change) return {};
        SEK_TRY(auto policy, compiled_document(text, policy::Use::identity));
        add(identity, "account password policy", std::move(policy));
        return {};
    }

    // AWS lets a session that carries a person do what its services authorize by that person, and nothing else.
    // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSIAMIdentityCenterAllowListForIdentityContext.html
    Result<void> add_identity_context(const store::Reader& reader) {
        static const std::string arn = "arn:aws:iam::aws:policy/AWSIAMIdentityCenterAllowListForIdentityContext";
        SEK_TRY(auto policy, compiled_managed_policy(reader, arn));
        if (!policy) return errors::internal_failure("the policy of identity contexts is not there");
        add(identity, arn, std::move(policy));
        return {};
    }

    Result<void> add_session(const store::Reader& reader, const Caller& caller) {
        if (caller.session_policies.empty() && caller.session_policy_arns.empty() &&
            caller.kind != CallerKind::federated_user) {
            return {};
        }
        session.emplace();
        for (const auto& text : caller.session_policies) {
            SEK_TRY(auto policy, compiled_document(text, policy::Use::session));
            add(*session, "session policy", std::move(policy));
        }
        for (const auto& arn : caller.session_policy_arns) SEK_TRY(add_managed(reader, *session, arn));
        return {};
    }

    Result<void> add_resource_policy(const Permission& permission) {
        if (permission.resource_policy.empty()) return {};
        const auto use = permission.is_trust_policy ? policy::Use::trust : policy::Use::resource;
        SEK_TRY(auto policy, compiled_document(permission.resource_policy, use));
        kept_.push_back(policy);
        resource_policy = policy::NamedPolicy{permission.resource, policy.get()};
        return {};
    }

    std::vector<policy::NamedPolicy> identity;
    std::optional<std::vector<policy::NamedPolicy>> boundary;
    std::optional<std::vector<policy::NamedPolicy>> session;
    std::optional<policy::NamedPolicy> resource_policy;

 private:
    // `name` is a text of what is kept here, or of the caller.
    void add(std::vector<policy::NamedPolicy>& to, std::string_view name, SharedPolicy policy) {
        to.push_back({name, kept_.emplace_back(std::move(policy)).get()});
    }
    // An attached policy that is no more grants nothing.
    Result<void> add_managed(const store::Reader& reader, std::vector<policy::NamedPolicy>& to,
                             const std::string& arn) {
        SEK_TRY(auto policy, compiled_managed_policy(reader, arn));
        if (policy) add(to, arn, std::move(policy));
        return {};
    }

    std::vector<std::shared_ptr<const CompiledPrincipal>> principals_;
    std::vector<SharedPolicy> kept_;
};

policy::PrincipalKind principal_kind(CallerKind kind) {
    switch (kind) {
        case CallerKind::root:
            return policy::PrincipalKind::root;
        case CallerKind::user:
            return policy::PrincipalKind::user;
        case CallerKind::role_session:
            return policy::PrincipalKind::role;
        case CallerKind::federated_user:
            return policy::PrincipalKind::federated_user;
        case CallerKind::web_identity:
            return policy::PrincipalKind::federated;
        case CallerKind::service:
            return policy::PrincipalKind::service;
        default:
            return policy::PrincipalKind::anonymous;
    }
}

bool is_about_passwords(const Permission& permission) {
    return permission.action == "iam:ChangePassword" || permission.action == "iam:GetAccountPasswordPolicy";
}

struct Judge {
    const store::Reader& reader;
    const Caller& caller;
    const RequestFacts& facts;
    Time now;

    Result<policy::Decision> decide(const Permission& permission, Gathered& gathered) const {
        const auto& owner = permission.resource_account.empty() ? caller.account_id : permission.resource_account;
        SEK_TRY(const auto controls, account_controls(reader, caller.account_id));
        auto owner_controls = controls;
        if (owner != caller.account_id) {
            SEK_TRY(owner_controls, account_controls(reader, owner));
        }
        gathered.resource_policy.reset();
        SEK_TRY(gathered.add_resource_policy(permission));

        const RequestContext context(caller, facts, now, permission, *controls, *owner_controls);
        const bool has_issuer = caller.kind == CallerKind::role_session || caller.kind == CallerKind::web_identity;
        const policy::Request request{
            .principal = {.kind = principal_kind(caller.kind),
                          .arn = caller.arn,
                          .account = caller.account_id,
                          .issuer = has_issuer ? std::string_view(caller.principal_arn) : std::string_view(),
                          .unique_id = caller.principal_id},
            .action = permission.action,
            .resource = permission.resource,
            .resource_account = owner,
            .context = context};
        policy::Layers layers;
        layers.identity = gathered.identity;
        if (gathered.boundary) layers.boundary = *gathered.boundary;
        if (gathered.session) layers.session = *gathered.session;
        layers.scp = controls->scp.view();
        layers.rcp = owner_controls->rcp.view();
        layers.resource_policy = gathered.resource_policy;
        layers.resource_policy_is_trust = permission.is_trust_policy;
        return policy::decide(request, layers);
    }
};

}  // namespace

std::optional<Refusal> authorize(const store::Reader& reader, const Caller& caller, const RequestFacts& facts, Time now,
                                 const Permissions& permissions) {
    if (caller.kind == CallerKind::service) return {};
    Gathered gathered;
    const Judge judge{reader, caller, facts, now};
    auto ready =
        caller.kind == CallerKind::root ? gathered.add_root() : gathered.add_principal(reader, caller.principal_id);
    if (ready && caller.kind == CallerKind::user && std::ranges::any_of(permissions, is_about_passwords)) {
        ready = gathered.add_password_policy(reader, caller.account_id);
    }
    if (ready) ready = gathered.add_session(reader, caller);
    if (ready && caller.root.identity_context) ready = gathered.add_identity_context(reader);
    for (const auto& permission : permissions) {
        auto decision = ready ? judge.decide(permission, gathered) : Result<policy::Decision>(ready.error());
        if (!decision) {
            // A policy that cannot be read denies: fail closed, and say so where an administrator looks.
            log::error("authorization failed", {{"action", permission.action},
                                                {"cause", decision.error().cause},
                                                {"error", decision.error().message}});
            return Refusal{.reason = {}, .explicitly_denied = false, .permission = permission};
        }
        if (decision->allowed()) continue;
        return Refusal{.reason = policy::denial_phrase(*decision, permission.action),
                       .explicitly_denied = decision->outcome == policy::Outcome::explicitly_denied,
                       .permission = permission};
    }
    return {};
}

}  // namespace sekisho::access
