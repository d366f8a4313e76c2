#include "services/iam/simulation.h"

#include <algorithm>

#include "base/text.h"
#include "domain/aws_managed_policies.h"
#include "policy/document.h"
#include "services/iam/managed_policy.h"

namespace sekisho::iam_service {
namespace {

// The caller's values, and nothing else: a simulation knows no request.
class GivenContext final : public policy::Context {
 public:
    explicit GivenContext(const std::map<std::string, std::vector<std::string>>& values) {
        for (const auto& [key, texts] : values) views_[key].assign(texts.begin(), texts.end());
    }
    std::optional<policy::ContextValues> find(std::string_view lower_case_key) const override {
        const auto found = views_.find(lower_case_key);
        if (found == views_.end()) return {};
        return policy::ContextValues(found->second);
    }

 private:
    std::map<std::string, std::vector<std::string_view>, std::less<>> views_;
};

std::vector<policy::NamedPolicy> named(const std::deque<SimulatedPolicy>& policies) {
    std::vector<policy::NamedPolicy> result;
    for (const auto& policy : policies) result.push_back({policy.name, &policy.compiled});
    return result;
}

iam::PolicySourceType source_of(EntityKind kind) {
    switch (kind) {
        case EntityKind::user:
            return iam::PolicySourceType::user;
        case EntityKind::group:
            return iam::PolicySourceType::group;
        default:
            return iam::PolicySourceType::role;
    }
}

iam::PolicyEvaluationDecisionType decision_of(policy::Outcome outcome) {
    switch (outcome) {
        case policy::Outcome::allowed:
            return iam::PolicyEvaluationDecisionType::allowed;
        case policy::Outcome::explicitly_denied:
            return iam::PolicyEvaluationDecisionType::explicit_deny;
        default:
            return iam::PolicyEvaluationDecisionType::implicit_deny;
    }
}

}  // namespace

Result<policy::Document> Simulation::parse(const std::string& text, policy::Use use) {
    auto document = policy::parse(text, use);
    if (!document) return iam::errors::invalid_input_exception("Invalid policy: " + document.error().message);
    for (const auto& statement : document->statements) {
        for (const auto& condition : statement.conditions) keys_.insert(condition.key);
    }
    return std::move(*document);
}

Result<void> Simulation::add_identity(std::string name, iam::PolicySourceType source, const std::string& document) {
    SEK_TRY(const auto parsed, parse(document, policy::Use::identity));
    identity_.push_back({std::move(name), source, policy::CompiledPolicy(parsed)});
    return {};
}

Result<void> Simulation::add_boundary(std::string name, const std::string& document) {
    SEK_TRY(const auto parsed, parse(document, policy::Use::identity));
    has_boundary_ = true;
    boundary_.push_back({std::move(name), iam::PolicySourceType::none, policy::CompiledPolicy(parsed)});
    return {};
}

void Simulation::clear_boundary() {
    has_boundary_ = false;
    boundary_.clear();
}

Result<void> Simulation::set_resource_policy(const std::string& document) {
    SEK_TRY(const auto parsed, parse(document, policy::Use::resource));
    resource_.clear();
    resource_.push_back({"ResourcePolicy", iam::PolicySourceType::resource, policy::CompiledPolicy(parsed)});
    return {};
}

Result<void> Simulation::add_managed(const store::Reader& reader, const AccountId& account, const std::string& arn,
                                     bool is_boundary) {
    std::string document;
    auto source = iam::PolicySourceType::user_managed;
    if (const auto* aws = domain::find_aws_managed_policy_by_arn(arn)) {
        document = domain::aws_managed_policy_document(*aws);
        source = iam::PolicySourceType::aws_managed;
    } else {
        SEK_TRY(const auto policy, find_customer_policy(reader, account, arn));
        const auto* version = policy ? find_version(*policy, policy->default_version_id) : nullptr;
        if (version != nullptr) document = version->document;
    }
    if (is_boundary) has_boundary_ = true;
    if (document.empty()) return {};  // it is gone: it grants nothing
    if (is_boundary) return add_boundary(policy_name_of(arn), document);
    return add_identity(policy_name_of(arn), source, document);
}

Result<void> Simulation::add_principal(const store::Reader& reader, const Entity& entity, bool is_group_of_user) {
    SEK_TRY(const auto policies, load_policies(reader, entity.id));
    for (const auto& [name, document] : policies.inline_policies) {
        SEK_TRY(add_identity(std::string(kind_name(entity.kind)) + "_" + entity.name + "_" + name,
                             source_of(entity.kind), document));
    }
    for (const auto& arn : policies.attached_policy_arns) {
        SEK_TRY(add_managed(reader, entity.account_id, arn, false));
    }
    if (is_group_of_user) return {};
    for (const auto& id : policies.group_ids) {
        SEK_TRY(const auto group, domain::iam_groups.get_by(reader, domain::iam_groups_by_id, id));
        if (group) SEK_TRY(add_principal(reader, entity_of(*group), true));
    }
    if (policies.permissions_boundary_arn) {
        SEK_TRY(add_managed(reader, entity.account_id, *policies.permissions_boundary_arn, true));
    }
    return {};
}

Result<void> Simulation::add_entity(const store::Reader& reader, const Entity& entity) {
    return add_principal(reader, entity, false);
}

void Simulation::set_context(const std::vector<iam::ContextEntry>& entries) {
    for (const auto& entry : entries) {
        if (!entry.context_key_name) continue;
        context_[lower_ascii(*entry.context_key_name)] = entry.context_key_values.value_or(std::vector<std::string>());
    }
}

iam::EvaluationResult Simulation::decide(const Caller& caller, const std::string& action, const std::string& resource,
                                         const std::string& resource_owner) const {
    const GivenContext context(context_);
    const auto identity = named(identity_);
    const auto boundary = named(boundary_);
    const policy::Request request{
        .principal = {.kind = caller.kind,
                      .arn = caller.arn,
                      .account = caller.account,
                      .issuer = caller.kind == policy::PrincipalKind::role ? caller.arn : std::string_view(),
                      .unique_id = {}},
        .action = action,
        .resource = resource,
        .resource_account = resource_owner,
        .context = context};
    policy::Layers layers;
    layers.identity = identity;
    if (has_boundary_) layers.boundary = boundary;
    if (!resource_.empty())
        layers.resource_policy = policy::NamedPolicy{resource_.front().name, &resource_.front().compiled};
    const auto decision = policy::decide(request, layers);

    iam::EvaluationResult result;
    result.eval_action_name = action;
    result.eval_resource_name = resource;
    result.eval_decision = decision_of(decision.outcome);
    result.matched_statements.emplace();
    for (const auto* policies : {&identity_, &boundary_, &resource_}) {
        const auto found = std::ranges::find(*policies, decision.policy, &SimulatedPolicy::name);
        if (decision.policy.empty() || found == policies->end()) continue;
        result.matched_statements->push_back({.source_policy_id = found->name, .source_policy_type = found->source});
        break;
    }
    result.missing_context_values.emplace();
    for (const auto& key : keys_) {
        if (!context_.contains(lower_ascii(key))) result.missing_context_values->push_back(key);
    }
    if (has_boundary_) {
        policy::Layers only_boundary;
        only_boundary.identity = boundary;
        result.permissions_boundary_decision_detail = iam::PermissionsBoundaryDecisionDetail{
            .allowed_by_permissions_boundary = policy::decide(request, only_boundary).allowed()};
    }
    return result;
}

}  // namespace sekisho::iam_service
