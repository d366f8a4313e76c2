#include "policy/decide.h"

#include <array>
#include <memory_resource>

#include "base/text.h"

namespace sekisho::policy {
namespace {

struct Hit {
    std::string_view policy;
    const CompiledStatement* statement = nullptr;
    explicit operator bool() const { return statement != nullptr; }
};

// What one layer says: its first Deny and its first Allow that match, and how far that Allow's principal names the
// caller.
struct Verdict {
    Hit deny;
    Hit allow;
    Named named = Named::no;
};

class Judge {
 public:
    Judge(const Request& request, const Layers& layers, bool explain, Decision& decision)
        : request_(request), layers_(layers), explain_(explain), decision_(decision), action_(&memory_) {
        action_.reserve(request.action.size());
        for (char c : request.action) action_.push_back(lower_ascii(c));
    }

    void decide() {
        const auto resource = layers_.resource_policy ? judge_resource_policy() : Verdict();
        const auto identity = judge(layers_.identity, Layer::identity);
        const auto boundary = layers_.boundary ? judge(*layers_.boundary, Layer::boundary) : Verdict();
        const auto session = layers_.session ? judge(*layers_.session, Layer::session) : Verdict();
        bool rcp_allows = true, scp_allows = true;
        if (denied_by_levels(layers_.rcp, Layer::rcp, rcp_allows)) return;
        if (denied_by_levels(layers_.scp, Layer::scp, scp_allows)) return;
        const auto resource_layer = layers_.resource_policy_is_trust ? Layer::trust : Layer::resource;
        for (const auto& [verdict, layer] :
             {std::pair{&resource, resource_layer}, std::pair{&identity, Layer::identity},
              std::pair{&boundary, Layer::boundary}, std::pair{&session, Layer::session}}) {
            if (verdict->deny) return settle(Outcome::explicitly_denied, layer, verdict->deny);
        }
        if (!rcp_allows) return settle(Outcome::implicitly_denied, Layer::rcp, {});
        if (!scp_allows) return settle(Outcome::implicitly_denied, Layer::scp, {});
        grant(resource, identity, boundary, session, resource_layer);
    }

 private:
    bool has_identity_policies() const {
        switch (request_.principal.kind) {
            case PrincipalKind::service:
            case PrincipalKind::federated:
            case PrincipalKind::anonymous:
                return false;
            default:
                return true;
        }
    }

    void grant(const Verdict& resource, const Verdict& identity, const Verdict& boundary, const Verdict& session,
               Layer resource_layer) {
        const bool same_account =
            request_.resource_account.empty() || request_.resource_account == request_.principal.account;
        const bool resource_allows = static_cast<bool>(resource.allow);
        if (!has_identity_policies()) {
            return settle(resource_allows ? Outcome::allowed : Outcome::implicitly_denied, resource_layer,
                          resource.allow);
        }
        // A role's trust policy must always allow; another account's resource must always be opened by its owner.
        if ((layers_.resource_policy_is_trust || !same_account) && !resource_allows) {
            return settle(Outcome::implicitly_denied, resource_layer, {});
        }
        // The root user has full access to its account without any policy.
        const bool is_root = request_.principal.kind == PrincipalKind::root;
        const bool granted_directly = same_account && resource_allows && resource.named == Named::direct;
        const bool granted_to_role = same_account && resource_allows && resource.named >= Named::issuer;
        if (!identity.allow && !granted_to_role && !is_root)
            return settle(Outcome::implicitly_denied, Layer::identity, {});
        // What names the user or the session itself is not limited by what they lack in boundary and session policies.
        if (!granted_directly) {
            if (layers_.boundary && !boundary.allow) return settle(Outcome::implicitly_denied, Layer::boundary, {});
            if (layers_.session && !session.allow) return settle(Outcome::implicitly_denied, Layer::session, {});
        }
        if (identity.allow || (is_root && !resource_allows)) {
            return settle(Outcome::allowed, Layer::identity, identity.allow);
        }
        settle(Outcome::allowed, resource_layer, resource.allow);
    }

    bool denied_by_levels(std::span<const Level> levels, Layer layer, bool& allows) {
        for (const auto& level : levels) {
            const auto verdict = judge(level.policies, layer);
            if (verdict.deny) {
                settle(Outcome::explicitly_denied, layer, verdict.deny);
                return true;
            }
            allows = allows && verdict.allow;
        }
        return false;
    }

    Verdict judge(std::span<const NamedPolicy> policies, Layer layer) {
        Verdict verdict;
        for (const auto& policy : policies) judge_policy(policy, layer, verdict, nullptr);
        return verdict;
    }

    Verdict judge_resource_policy() {
        Verdict verdict;
        const auto& principal = request_.principal;
        judge_policy(*layers_.resource_policy, layers_.resource_policy_is_trust ? Layer::trust : Layer::resource,
                     verdict, &principal);
        return verdict;
    }

    // RCPs say "Principal": "*"; control and identity policies have no principal.
    Named named_by(const CompiledStatement& statement, const Principal* principal) const {
        if (principal == nullptr || !statement.principals) return Named::direct;
        const auto named = names(*statement.principals, *principal);
        if (!statement.not_principal) return named;
        // IAM user guide, "NotPrincipal": with Deny it denies whoever has a permissions boundary, listed or not.
        if (statement.effect == Effect::deny && layers_.boundary) return Named::direct;
        // The same page lists an account beside its user and still denies the others of that account: its ARN alone
        // exempts nobody but its root user. (With Allow, whoever is named in any way is left out.)
        const auto exempt_from = statement.effect == Effect::deny ? Named::issuer : Named::account;
        return named < exempt_from ? Named::direct : Named::no;
    }

    void judge_policy(const NamedPolicy& policy, Layer layer, Verdict& verdict, const Principal* principal) {
        policy.policy->for_each_candidate(action_, [&](const CompiledStatement& statement) {
            const bool is_deny = statement.effect == Effect::deny;
            if (is_deny ? static_cast<bool>(verdict.deny) : (verdict.allow && verdict.named == Named::direct))
                return true;
            const auto named = named_by(statement, principal);
            if (named == Named::no || !statement.matches_resource(request_.resource, request_.context)) return true;
            if (const auto* failing = statement.failing_condition(request_.context)) {
                if (explain_) note(layer, policy.name, statement, failing->key());
                return true;
            }
            if (is_deny) {
                verdict.deny = {policy.name, &statement};
            } else if (!verdict.allow || named > verdict.named) {
                verdict.allow = {policy.name, &statement};
                verdict.named = named;
            }
            if (explain_) note(layer, policy.name, statement, {});
            return true;
        });
    }

    void note(Layer layer, std::string_view policy, const CompiledStatement& statement, std::string_view key) {
        decision_.reasons.push_back(
            {.layer = layer, .policy = std::string(policy), .statement = statement.label(), .key = std::string(key)});
    }

    void settle(Outcome outcome, Layer layer, Hit hit) {
        decision_.outcome = outcome;
        decision_.layer = layer;
        if (hit) {
            decision_.policy = hit.policy;
            decision_.statement = hit.statement->index;
        }
        if (!explain_) return;
        keep_deciding_reasons(hit);
        if (decision_.reasons.empty())
            decision_.reasons.push_back({.layer = layer, .policy = {}, .statement = {}, .key = {}});
    }

    // Of all that was noted, what speaks for this outcome: the statement that decided, or, for an implicit denial, the
    // statements of the deciding layer whose conditions did not hold.
    void keep_deciding_reasons(Hit hit) {
        std::erase_if(decision_.reasons, [&](const Reason& reason) {
            if (reason.layer != decision_.layer) return true;
            if (!hit) return reason.key.empty();
            return !reason.key.empty() || reason.policy != hit.policy || reason.statement != hit.statement->label();
        });
        if (!hit) return;
        decision_.reasons.resize(std::min<std::size_t>(decision_.reasons.size(), 1));
        // The key that a deciding statement was bound to, if it had any.
        if (!decision_.reasons.empty() && !hit.statement->conditions.empty()) {
            decision_.reasons.front().key = hit.statement->conditions.front().key();
        }
    }

    const Request& request_;
    const Layers& layers_;
    const bool explain_;
    Decision& decision_;
    std::array<std::byte, 256> buffer_;
    std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
    std::pmr::string action_;
};

}  // namespace

Decision decide(const Request& request, const Layers& layers, bool explain) {
    Decision decision;
    Judge(request, layers, explain, decision).decide();
    return decision;
}

std::string_view outcome_name(Outcome outcome) {
    switch (outcome) {
        case Outcome::allowed:
            return "Allowed";
        case Outcome::explicitly_denied:
            return "ExplicitlyDenied";
        case Outcome::implicitly_denied:
            return "ImplicitlyDenied";
    }
    return "";
}

std::string_view layer_name(Layer layer) {
    switch (layer) {
        case Layer::rcp:
            return "rcp";
        case Layer::scp:
            return "scp";
        case Layer::resource:
        case Layer::trust:
            return "resourcePolicy";
        case Layer::identity:
            return "identity";
        case Layer::boundary:
            return "boundary";
        case Layer::session:
            return "session";
    }
    return "";
}

std::string denial_phrase(const Decision& decision, std::string_view action) {
    if (decision.allowed()) return {};
    const bool is_explicit = decision.outcome == Outcome::explicitly_denied;
    std::string_view kind;
    switch (decision.layer) {
        case Layer::rcp:
            kind = "resource control policy";
            break;
        case Layer::scp:
            kind = "service control policy";
            break;
        case Layer::resource:
            kind = "resource-based policy";
            break;
        case Layer::trust:
            kind = "role trust policy";
            break;
        case Layer::identity:
            kind = "identity-based policy";
            break;
        case Layer::boundary:
            kind = "permissions boundary";
            break;
        case Layer::session:
            kind = is_explicit ? "sessions policy" : "session policy";
            break;
    }
    if (!is_explicit) return "because no " + std::string(kind) + " allows the " + std::string(action) + " action";
    const std::string_view article = decision.layer == Layer::trust      ? "the "
                                     : decision.layer == Layer::identity ? "an "
                                                                         : "a ";
    return "with an explicit deny in " + std::string(article) + std::string(kind);
}

}  // namespace sekisho::policy
