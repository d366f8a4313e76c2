#include "policy/compiled.h"

#include "base/text.h"

namespace sekisho::policy {
namespace {

bool has_wildcard(std::string_view text) {
    return text.find_first_of("*?") != text.npos;
}

}  // namespace

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
    for (auto& bucket : buckets_) std::ranges::sort(bucket.exact);
}

CompiledPolicy::Bucket& CompiledPolicy::bucket(std::string_view service) {
    const auto found = std::lower_bound(buckets_.begin(), buckets_.end(), service,
                                        [](const Bucket& a, std::string_view b) { return a.service < b; });
    if (found != buckets_.end() && found->service == service) return *found;
    return *buckets_.insert(found, Bucket{.service = std::string(service), .exact = {}, .patterns = {}});
}

void CompiledPolicy::add_action(std::string_view action, std::uint32_t statement) {
    const auto colon = action.find(':');
    if (colon == action.npos || has_wildcard(action.substr(0, colon))) {
        any_service_.emplace_back(encode_glob(action), statement);
        return;
    }
    const auto name = action.substr(colon + 1);
    auto& into = bucket(action.substr(0, colon));
    if (has_wildcard(name)) {
        into.patterns.emplace_back(encode_glob(name), statement);
    } else {
        into.exact.emplace_back(std::string(name), statement);
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
