#pragma once
// Managed policies by ARN: the customer's own records, and AWS's, which are data.
#include <optional>
#include <string>
#include <string_view>

#include "domain/aws_managed_policies.h"
#include "domain/iam.h"
#include "models/iam.h"
#include "operation/call.h"

namespace sekisho::iam_service {

// The customer managed policy that an ARN names with its path, in this account. Nothing: no such policy.
Result<std::optional<domain::ManagedPolicy>> find_customer_policy(const store::Reader& reader, const AccountId& account,
                                                                  const std::string& arn);
// Of either kind. Errors: ValidationError (no ARN), NoSuchEntity ("<subject> does not exist or is not attachable."),
// PolicyNotAttachable (for service-linked roles only).
Result<void> require_attachable(const store::Reader& reader, const AccountId& account, const std::string& arn,
                                const std::string& subject);
// For writes. Errors: ValidationError, NoSuchEntity ("Policy ARN was not found."), AccessDenied on AWS's own policies.
Result<domain::ManagedPolicy> require_customer_policy(const store::Reader& reader, const AccountId& account,
                                                      const std::string& arn);
ApiError policy_not_found(const std::string& arn);
Result<void> check_policy_arn(const std::string& arn);

const domain::PolicyVersion* find_version(const domain::ManagedPolicy& policy, std::string_view id);

// "AdministratorAccess" of an ARN.
std::string policy_name_of(std::string_view arn);
std::string policy_path_of(std::string_view arn);

// With the counts of the account that asks. `full`: with tags and description, as GetPolicy answers.
Result<iam::Policy> to_wire(const store::Reader& reader, const domain::ManagedPolicy& policy, bool full);
Result<iam::Policy> to_wire(const store::Reader& reader, const AccountId& account,
                            const domain::AwsManagedPolicy& policy);
iam::PolicyVersion to_wire(const domain::PolicyVersion& version, const domain::ManagedPolicy& policy,
                           bool with_document);
iam::PolicyVersion to_wire_version(const domain::AwsManagedPolicy& policy, bool with_document);

}  // namespace sekisho::iam_service
