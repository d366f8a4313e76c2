#pragma once
// What the operations that make sessions have in common.
#include <optional>
#include <string>
#include <vector>

#include "access/session_token.h"
#include "models/sts.h"
#include "store/reader.h"

namespace sekisho::sts_service {

ApiError validation_error(std::string message);
ApiError invalid_parameter(std::string message);

// What a session made by this caller hangs on: the caller's own root, or the caller when it has a long-term key.
access::SessionRoot root_of(const access::Caller& caller);

std::vector<std::string> arns_of(const std::optional<std::vector<sts::PolicyDescriptorType>>& policies);
// Checks the session policies and puts them into the claims. Errors: MalformedPolicyDocument, ValidationError (an ARN
// that names no policy).
Result<void> add_session_policies(const store::Reader& reader, const std::optional<std::string>& policy,
                                  const std::vector<std::string>& policy_arns, access::SessionClaims& claims);
// How much of STS's room policies and tags take, in percent; PackedPolicyTooLarge above 100.
Result<std::int32_t> packed_percent(const access::SessionClaims& claims);

sts::Credentials to_wire(const access::TemporaryCredentials& credentials);

}  // namespace sekisho::sts_service
