#pragma once
// A policy compiled for decisions: one sorted list of all action patterns, and from each a link to the next shorter one
// that begins alike. Built once per policy version; immutable, so threads share it freely.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/condition.h"
#include "policy/document.h"
#include "policy/pattern.h"
#include "policy/principal.h"

namespace sekisho::policy {

struct CompiledStatement {
    Effect effect = Effect::deny;
    std::uint32_t index = 0;  // in the document, from 0
    std::string sid;
    bool not_action = false;
    std::vector<std::string> not_actions;  // lower case; only with not_action
    bool has_resources = false;
    bool not_resource = false;
    std::vector<Pattern> resources;
    std::optional<Principals> principals;
    bool not_principal = false;
    std::vector<CompiledCondition> conditions;

    std::string label() const { return sid.empty() ? std::to_string(index) : sid; }
    bool matches_resource(std::string_view resource, const Context& context) const;
    // The first condition that does not hold; null when all hold.
    const CompiledCondition* failing_condition(const Context& context) const;
};

class CompiledPolicy {
 public:
    explicit CompiledPolicy(const Document& document);

    const std::vector<CompiledStatement>& statements() const { return statements_; }

    // Calls visit(statement) for each statement whose action element matches, Deny statements and Allow statements
    // mixed, one statement possibly more than once; stops when visit returns false. `action` is lower case,
    // "service:name".
    template <class Visit>
    void for_each_candidate(std::string_view action, Visit visit) const;
    bool has_deny() const { return has_deny_; }

 private:
    // What can match an action begins with a start of that action's own text. All those lie on one chain of `shorter`
    // links from the place where the action would be sorted in: whatever is sorted between a text and one of its starts
    // begins with that start too.
    struct ActionPattern {
        std::string start;  // lower case, up to the first wildcard
        std::string rest;   // from there on, encoded; empty: the whole action is the start
        std::uint32_t statement = 0;
        std::int32_t shorter = none;

        bool matches(std::string_view action) const {
            if (!action.starts_with(start)) return false;
            action.remove_prefix(start.size());
            return rest.empty() ? action.empty() : glob(rest, action);
        }
    };
    static constexpr std::int32_t none = -1;
    void add_action(std::string_view lower_case_action, std::uint32_t statement);
    void link_actions();

    std::vector<CompiledStatement> statements_;
    std::vector<ActionPattern> actions_;   // sorted by `start`
    std::vector<std::uint32_t> inverted_;  // NotAction statements
    bool has_deny_ = false;
};

bool matches_not_action(const CompiledStatement& statement, std::string_view lower_case_action);

template <class Visit>
void CompiledPolicy::for_each_candidate(std::string_view action, Visit visit) const {
    for (const auto statement : inverted_) {
        if (matches_not_action(statements_[statement], action) && !visit(statements_[statement])) return;
    }
    const auto after = std::ranges::upper_bound(actions_, action, {}, &ActionPattern::start);
    for (auto at = static_cast<std::int32_t>(after - actions_.begin()) - 1; at != none; at = actions_[at].shorter) {
        const auto& pattern = actions_[at];
        if (pattern.matches(action) && !visit(statements_[pattern.statement])) return;
    }
}

}  // namespace sekisho::policy
