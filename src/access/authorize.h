#pragma once
// authorize(): may this caller do this? Gathers the policies that AWS's evaluation logic names (identity, group,
// boundary, session, resource or trust, SCP, RCP), compiled and cached by store revision, and asks the policy room.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/caller.h"
#include "access/facts.h"
#include "base/result.h"
#include "store/reader.h"

namespace sekisho::access {

using ContextValues = std::vector<std::pair<std::string, std::vector<std::string>>>;

// One permission that a request needs. An operation may need several (CreateCluster also needs iam:PassRole).
struct Permission {
    std::string action;            // "iam:CreateRole"
    std::string resource = "*";    // ARN, or "*" where the action knows no resource
    AccountId resource_account;    // empty: the caller's own
    ContextValues context;         // service keys: {"sts:ExternalId", {"x"}}, {"aws:ResourceTag/team", {"a"}}
    std::string resource_policy;   // a document; empty: the resource has none
    bool is_trust_policy = false;  // resource_policy is a role's trust policy
    // IAM names roles and users without their ARN in AccessDenied texts ("role NAME").
    std::string shown_resource;  // empty: `resource` is shown
};
using Permissions = std::vector<Permission>;

// What authorize() decided, for texts, the trail and DecodeAuthorizationMessage.
struct Refusal {
    std::string reason;  // AWS's phrase: "because no identity-based policy allows the iam:CreateRole action"
    bool explicitly_denied = false;
    Permission permission;
};

// Nothing: allowed. The first permission that is refused otherwise.
std::optional<Refusal> authorize(const store::Reader& reader, const Caller& caller, const RequestFacts& facts, Time now,
                                 const Permissions& permissions);

}  // namespace sekisho::access
