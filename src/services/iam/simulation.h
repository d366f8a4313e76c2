#pragma once
// What a simulation decides with: policies by name, context values, one decision for each action and resource.
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/iam.h"
#include "models/iam.h"
#include "policy/decide.h"
#include "services/iam/entity.h"

namespace sekisho::iam_service {

struct SimulatedPolicy {
    std::string name;
    iam::PolicySourceType source = iam::PolicySourceType::none;
    policy::CompiledPolicy compiled;
};

class Simulation {
 public:
    // Errors of all: InvalidInput (a document that does not parse).
    Result<void> add_identity(std::string name, iam::PolicySourceType source, const std::string& document);
    Result<void> add_boundary(std::string name, const std::string& document);
    Result<void> set_resource_policy(const std::string& document);
    // All that the entity has: inline and attached policies, those of a user's groups, its boundary.
    Result<void> add_entity(const store::Reader& reader, const Entity& entity);
    void clear_boundary();
    void set_context(const std::vector<iam::ContextEntry>& entries);

    // Condition keys that the policies look at, as they are written.
    const std::set<std::string>& context_keys() const { return keys_; }

    struct Caller {
        std::string arn;
        std::string account;
        policy::PrincipalKind kind = policy::PrincipalKind::user;
    };
    iam::EvaluationResult decide(const Caller& caller, const std::string& action, const std::string& resource,
                                 const std::string& resource_owner) const;

 private:
    Result<policy::Document> parse(const std::string& text, policy::Use use);
    Result<void> add_managed(const store::Reader& reader, const AccountId& account, const std::string& arn,
                             bool is_boundary);
    Result<void> add_principal(const store::Reader& reader, const Entity& entity, bool is_group_of_user);

    std::deque<SimulatedPolicy> identity_;
    std::deque<SimulatedPolicy> boundary_;
    bool has_boundary_ = false;
    std::deque<SimulatedPolicy> resource_;
    std::set<std::string> keys_;
    std::map<std::string, std::vector<std::string>> context_;  // by lower-case key
};

}  // namespace sekisho::iam_service
