#pragma once
// The condition keys of one request: global keys of the caller and the request, answered when a policy asks for them,
// and the service's own keys that the permission brings along.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
#include <list>

#include "access/authorize.h"
#include "access/policies.h"
#include "policy/pattern.h"

namespace sekisho::access {

class RequestContext final : public policy::Context {
 public:
    RequestContext(const Caller& caller, const RequestFacts& facts, Time now, const Permission& permission,
                   const AccountControls& caller_controls, const AccountControls& resource_controls)
        : caller_(caller),
          facts_(facts),
          now_(now),
          permission_(permission),
          caller_controls_(caller_controls),
          resource_controls_(resource_controls) {}

    std::optional<policy::ContextValues> find(std::string_view lower_case_key) const override;

 private:
    using Found = std::optional<policy::ContextValues>;
    Found principal_key(std::string_view name) const;
    Found request_key(std::string_view name) const;
    Found one(std::string value) const;  // kept until the context goes
    Found many(std::vector<std::string> values) const;

    const Caller& caller_;
    const RequestFacts& facts_;
    const Time now_;
    const Permission& permission_;
    const AccountControls& caller_controls_;
    const AccountControls& resource_controls_;
    mutable std::list<std::vector<std::string>> texts_;
    mutable std::list<std::vector<std::string_view>> views_;
};

}  // namespace sekisho::access
