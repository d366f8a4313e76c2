#include "policy/compiled.h"

#include <algorithm>

#include "base/text.h"

namespace sekisho::policy {
namespace {

bool has_wildcard(std::string_view text) {
    return text.find_first_of("*?") != std::string_view::npos;
}

CompiledStatement compile(const Statement& statement, std::uint32_t index, bool variables) {
    CompiledStatement compiled;
    compiled.effect = statement.effect;
    compiled.index = index;
    compiled.sid = statement.sid.value_or("");
    compiled.not_action = statement.not_action;
    if (statement.not_action) {
        for (const auto& action : statement.actions) compiled.not_actions.push_back(lower_ascii(action));
    }
    compiled.has_resources = !statement.resources.empty();
    compiled.not_resource = statement.not_resource;
    for (const auto& resource : statement.resources) {
        compiled.resources.emplace_back(resource, Pattern::Wildcards::active, variables);
    }
    compiled.principals = statement.principals;
    compiled.not_principal = statement.not_principal;
    for (const auto& condition : statement.conditions) compiled.conditions.emplace_back(condition, variables);
    return compiled;
}

}  // namespace

bool CompiledStatement::matches_resource(std::string_view resource, const Context& context) const {
    if (!has_resources) return true;
    bool matched = false;
    for (const auto& pattern : resources) {
        const auto match = pattern.matches_arn(resource, context);
        if (match == Match::yes) matched = true;
        // A variable without a value makes the whole statement not match, whatever its form.
        if (match == Match::unresolved && not_resource) return false;
    }
    return matched != not_resource;
}

const CompiledCondition* CompiledStatement::failing_condition(const Context& context) const {
    for (const auto& condition : conditions) {
        if (!condition.holds(context)) return &condition;
    }
    return nullptr;
}

CompiledPolicy::CompiledPolicy(const Document& document) {
    const bool variables = document.version == Version::v2012;
    statements_.reserve(document.statements.size());
    for (const auto& statement : document.statements) {
        const auto index = static_cast<std::uint32_t>(statements_.size());
        statements_.push_back(compile(statement, index, variables));
        has_deny_ = has_deny_ || statement.effect == Effect::deny;
        if (statement.not_action) {
            inverted_.push_back(index);
            continue;
        }
        for (const auto& action : statement.actions) add_action(lower_ascii(action), index);
    }
    for (auto& bucket : buckets_) std::ranges::sort(bucket.exact);
}

CompiledPolicy::Bucket& CompiledPolicy::bucket(std::string_view service) {
    const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), service,
                                     [](const Bucket& a, std::string_view b) { return a.service < b; });
    if (at != buckets_.end() && at->service == service) return *at;
    return *buckets_.insert(at, Bucket{.service = std::string(service), .exact = {}, .patterns = {}});
}

void CompiledPolicy::add_action(std::string_view lower_case_action, std::uint32_t statement) {
    const auto colon = lower_case_action.find(':');
    const auto service = lower_case_action.substr(0, colon);
    if (colon == std::string_view::npos || has_wildcard(service)) {
        any_service_.emplace_back(lower_case_action, statement);
        return;
    }
    const auto name = lower_case_action.substr(colon + 1);
    auto& entries = bucket(service);
    (has_wildcard(name) ? entries.patterns : entries.exact).emplace_back(name, statement);
}

bool matches_not_action(const CompiledStatement& statement, std::string_view lower_case_action) {
    return std::ranges::none_of(statement.not_actions,
                                [&](const std::string& pattern) { return glob(pattern, lower_case_action); });
}

}  // namespace sekisho::policy
