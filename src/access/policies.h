#pragma once
// The policies that bind a caller, compiled, and cached by the revision of the records that they come from.
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "policy/compiled.h"
#include "policy/decide.h"
#include "policy/document.h"
#include "store/reader.h"

namespace sekisho::access {

using SharedPolicy = std::shared_ptr<const policy::CompiledPolicy>;

struct NamedSharedPolicy {
    std::string name;  // ARN, or the inline policy's name
    SharedPolicy policy;
};

// Of one user, group or role: its inline policies compiled, and the names of what is attached.
struct CompiledPrincipal {
    std::vector<NamedSharedPolicy> inline_policies;
    std::vector<std::string> attached_policy_arns;
    std::optional<std::string> permissions_boundary_arn;
    std::vector<PrincipalId> group_ids;
};

// Null: the principal has no policies.
Result<std::shared_ptr<const CompiledPrincipal>> compiled_principal(const store::Reader& reader, const PrincipalId& id);

// The default version of a managed policy, AWS's or a customer's. Null: no such policy.
Result<SharedPolicy> compiled_managed_policy(const store::Reader& reader, const std::string& arn);

// A document that has no record of its own (session policy, trust policy), by its text; a bounded cache.
Result<SharedPolicy> compiled_document(std::string_view text, policy::Use use);

// One root, unit or account of the path from the organization's root down, with what is attached there.
struct ControlLevel {
    std::string target_id;
    std::vector<NamedSharedPolicy> policies;
};
// The levels of one type as the policy room takes them.
class ControlLevels {
 public:
    ControlLevels() = default;
    explicit ControlLevels(std::vector<ControlLevel> levels);
    std::span<const policy::Level> view() const { return view_; }

 private:
    std::vector<ControlLevel> levels_;
    std::vector<std::vector<policy::NamedPolicy>> named_;  // names are texts of levels_
    std::vector<policy::Level> view_;                      // of named_
};
struct AccountControls {
    bool scp_enabled = false;
    bool rcp_enabled = false;
    ControlLevels scp;
    ControlLevels rcp;
    std::string organization_id;    // empty: the account is in none
    std::string organization_path;  // aws:PrincipalOrgPaths: "o-a/r-b/ou-c/"
    bool is_management = false;     // SCPs and RCPs do not bind it
};
// Never null. Cached by the organization's guard.
Result<std::shared_ptr<const AccountControls>> account_controls(const store::Reader& reader, const AccountId& account);

}  // namespace sekisho::access
