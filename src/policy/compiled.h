#pragma once
// A policy compiled for decisions: per-service buckets of exact actions (sorted) and action patterns (measured: form A
// of the four tried, docs/performance.md). Built once per policy version; immutable, so threads share it freely.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
    using Entry = std::pair<std::string, std::uint32_t>;  // the action's name or pattern, and the statement
    struct Bucket {
        std::string service;
        std::vector<Entry> exact;     // sorted
        std::vector<Entry> patterns;  // with wildcards
    };
    Bucket& bucket(std::string_view service);
    void add_action(std::string_view lower_case_action, std::uint32_t statement);

    std::vector<CompiledStatement> statements_;
    std::vector<Bucket> buckets_;          // sorted by service
    std::vector<Entry> any_service_;       // patterns over "service:name"
    std::vector<std::uint32_t> inverted_;  // NotAction statements
    bool has_deny_ = false;
};

bool matches_not_action(const CompiledStatement& statement, std::string_view lower_case_action);

template <class Visit>
void CompiledPolicy::for_each_candidate(std::string_view action, Visit visit) const {
    const auto colon = action.find(':');
    const auto service = action.substr(0, colon);
    const auto name = colon == action.npos ? std::string_view() : action.substr(colon + 1);
    for (const auto& [pattern, statement] : any_service_) {
        if (glob(pattern, action) && !visit(statements_[statement])) return;
    }
    for (const auto statement : inverted_) {
        if (matches_not_action(statements_[statement], action) && !visit(statements_[statement])) return;
    }
    const auto found = std::lower_bound(buckets_.begin(), buckets_.end(), service,
                                        [](const Bucket& a, std::string_view b) { return a.service < b; });
    if (found == buckets_.end() || found->service != service) return;
    auto entry = std::lower_bound(found->exact.begin(), found->exact.end(), name,
                                  [](const Entry& a, std::string_view b) { return a.first < b; });
    for (; entry != found->exact.end() && entry->first == name; ++entry) {
        if (!visit(statements_[entry->second])) return;
    }
    for (const auto& [pattern, statement] : found->patterns) {
        if (glob(pattern, name) && !visit(statements_[statement])) return;
    }
}

}  // namespace sekisho::policy
