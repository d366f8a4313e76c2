#pragma once
// Policy documents as IAM takes them: grammar, version, size.
#include <string>

#include "domain/iam.h"
#include "operation/call.h"
#include "services/iam/entity.h"

namespace sekisho::iam_service {

// Errors of all: MalformedPolicyDocument, LimitExceeded.
Result<void> check_managed_document(const std::string& text);
// `policies` as they are with the new document in place: the quota holds for all inline policies of one entity.
Result<void> check_inline_document(const std::string& text, const Entity& entity,
                                   const domain::PrincipalPolicies& policies);

struct TrustPolicy {
    std::string text;     // as given
    std::string decided;  // the same, with users and roles named by their unique ids
};
// Also: "Invalid principal in policy", for principals that do not exist. A user or role that is made again under the
// name of a deleted one is another principal (IAM user guide, "AWS JSON policy elements: Principal").
Result<TrustPolicy> check_trust_policy(const operation::Call& call, const std::string& text);
// As it is shown: the text as given, or, when one of its users or roles is gone, with the ids that remain.
std::string shown_trust_policy(const store::Reader& reader, const domain::Role& role);

}  // namespace sekisho::iam_service
