#pragma once
// The decision over every layer of policies. IAM user guide, "Policy evaluation logic" (single account, cross-account,
// and the table of resource-based policies against implicit denies). An explicit deny anywhere wins; nothing is
// allowed without an Allow.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/compiled.h"
#include "policy/principal.h"

namespace sekisho::policy {

struct Request {
    Principal principal;
    std::string_view action;            // "iam:CreateUser", any case
    std::string_view resource;          // an ARN, or "*" for actions without resources
    std::string_view resource_account;  // empty: the principal's own account
    const Context& context;
};

struct NamedPolicy {
    std::string_view name;  // policy ARN, or the inline policy's name
    const CompiledPolicy* policy = nullptr;
};

// The control policies attached to one root, organizational unit or account. None attached allows nothing.
struct Level {
    std::string_view name;
    std::span<const NamedPolicy> policies;
};

// What the caller gathered. Not passed: SCPs for the management account's principals and for service-linked roles.
struct Layers {
    std::span<const NamedPolicy> identity;
    std::optional<std::span<const NamedPolicy>> boundary;
    std::optional<std::span<const NamedPolicy>> session;
    std::span<const Level> scp;  // from the root down, every level of the principal's account
    std::span<const Level> rcp;  // the same of the resource's account
    std::optional<NamedPolicy> resource_policy;
    bool resource_policy_is_trust = false;  // of a role: an Allow in it is always needed
};

enum class Outcome : std::uint8_t { allowed, explicitly_denied, implicitly_denied };
enum class Layer : std::uint8_t { rcp, scp, resource, trust, identity, boundary, session };

struct Reason {
    Layer layer = Layer::identity;
    std::string policy;     // its name; empty when no policy of the layer had a say
    std::string statement;  // Sid, or its number from 0
    std::string key;        // a condition key of that statement; for an implicit denial the one that did not hold
};

struct Decision {
    Outcome outcome = Outcome::implicitly_denied;
    Layer layer = Layer::identity;  // that decided; for `allowed` the one whose Allow granted
    std::string_view policy;        // its name as passed in; empty for an implicit denial
    std::uint32_t statement = 0;    // its number, when `policy` is not empty
    std::vector<Reason> reasons;    // with explain only
    bool allowed() const { return outcome == Outcome::allowed; }
};

// Never fails. Without `explain` it allocates nothing (policy variables with values of kilobytes aside).
Decision decide(const Request& request, const Layers& layers, bool explain = false);

std::string_view outcome_name(Outcome outcome);  // "Allowed", "ExplicitlyDenied", "ImplicitlyDenied"
std::string_view layer_name(Layer layer);        // "identity", "boundary", "session", "scp", "rcp", "resourcePolicy"

// The end of AWS's AccessDenied text (IAM user guide, "Troubleshoot access denied error messages"): "because no
// identity-based policy allows the sts:AssumeRole action", "with an explicit deny in a service control policy". Empty
// when allowed.
std::string denial_phrase(const Decision& decision, std::string_view action);

}  // namespace sekisho::policy
