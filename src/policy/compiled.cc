#include "policy/compiled.h"

#include "base/text.h"

namespace sekisho::policy {

CompiledPolicy::CompiledPolicy(const Document& document) {
    const bool variables = document.version == Version::v2012;
    statements_.reserve(document.statements.size());
    for (const auto& statement : document.statements) {
        const auto index = static_cast<std::uint32_t>(statements_.size());
        auto& compiled = statements_.emplace_back();
        compiled.effect = statement.effect;
        compiled.index = index;
        compiled.sid = statement.sid.value_or("");
        compiled.not_action = statement.not_action;
        compiled.has_resources = !statement.resources.empty();
        compiled.not_resource = statement.not_resource;
        compiled.principals = statement.principals;
        compiled.not_principal = statement.not_principal;
        for (const auto& resource : statement.resources) {
            compiled.resources.emplace_back(resource, Pattern::Wildcards::active, variables);
        }
        for (const auto& condition : statement.conditions) compiled.conditions.emplace_back(condition, variables);
        if (statement.effect == Effect::deny) has_deny_ = true;
        if (statement.not_action) inverted_.push_back(index);
        for (const auto& action : statement.actions) {
            const auto lower = lower_ascii(action);
            if (statement.not_action) {
                compiled.not_actions.push_back(encode_glob(lower));
            } else {
                add_action(lower, index);
            }
        }
    }
    link_actions();
}

void CompiledPolicy::add_action(std::string_view action, std::uint32_t statement) {
    const auto wildcard = std::min(action.find_first_of("*?"), action.size());
    actions_.push_back({.start = std::string(action.substr(0, wildcard)),
                        .rest = encode_glob(action.substr(wildcard)),
                        .statement = statement});
}

void CompiledPolicy::link_actions() {
    std::ranges::stable_sort(actions_, {}, &ActionPattern::start);
    std::vector<std::int32_t> open;  // the chain of the pattern before
    for (std::int32_t at = 0; at < std::ssize(actions_); ++at) {
        while (!open.empty() && !actions_[at].start.starts_with(actions_[open.back()].start)) open.pop_back();
        if (!open.empty()) actions_[at].shorter = open.back();
        open.push_back(at);
    }
}

bool matches_not_action(const CompiledStatement& statement, std::string_view action) {
    return std::ranges::none_of(statement.not_actions, [&](const std::string& p) { return glob(p, action); });
}

bool CompiledStatement::matches_resource(std::string_view resource, const Context& context) const {
    if (!has_resources) return true;
    bool unresolved = false;
    for (const auto& pattern : resources) {
        const auto match = pattern.matches_arn(resource, context);
        if (match == Match::yes) return !not_resource;
        if (match == Match::unresolved) unresolved = true;
    }
    return not_resource && !unresolved;
}

const CompiledCondition* CompiledStatement::failing_condition(const Context& context) const {
    for (const auto& condition : conditions) {
        if (!condition.holds(context)) return &condition;
    }
    return nullptr;
}

}  // namespace sekisho::policy
