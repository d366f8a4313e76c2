#pragma once
// The AWS managed policies: data built into the program (models/README-managed_policies.md), the same in every account.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/managed_policies.h"

namespace sekisho::domain {

using AwsManagedPolicy = managed_policies::Entry;

std::span<const AwsManagedPolicy> aws_managed_policies();  // sorted by name
// By name, or by ARN (arn:aws:iam::aws:policy/path/name; another path is another policy). Null: no such policy.
const AwsManagedPolicy* find_aws_managed_policy(std::string_view name);
const AwsManagedPolicy* find_aws_managed_policy_by_arn(std::string_view arn);
std::string aws_managed_policy_arn(const AwsManagedPolicy& policy);
// Decompresses about 70 KB; callers keep what they make of it.
std::string aws_managed_policy_document(const AwsManagedPolicy& policy);

}  // namespace sekisho::domain
