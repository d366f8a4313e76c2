#pragma once
// The errors that the pipeline itself makes, named as each protocol names them (wire/errors-and-records 1 to 3).
#include <optional>
#include <string>
#include <string_view>

#include "access/authorize.h"
#include "access/caller.h"
#include "access/liveness.h"
#include "access/session_token.h"
#include "base/error.h"
#include "wire/model.h"
#include "wire/sigv4.h"

namespace sekisho::operation {

ApiError authentication_error(wire::Protocol protocol, const wire::SignatureError& error);
ApiError liveness_error(wire::Protocol protocol, access::Liveness liveness);
ApiError access_denied(wire::Protocol protocol, const access::Caller& caller, const access::Refusal& refusal);
// Too many requests, named as the service's model names it.
ApiError throttled(const wire::ServiceModel& service);
// What a refusal rested on, for its account's administrators: sealed, sts:DecodeAuthorizationMessage opens it. EC2 ends
// its refusals with one ("Encoded authorization failure message: ..").
std::string encode_authorization_message(const access::SessionTokens& tokens, const access::Caller& caller,
                                         const access::Refusal& refusal);
// Nothing: not ours, or of another account.
std::optional<std::string> decode_authorization_message(const access::SessionTokens& tokens, const AccountId& account,
                                                        std::string_view message);
ApiError not_implemented(const wire::OperationModel& model);
// The store's own errors (conflict, full disk, full queue) as callers know them.
ApiError commit_error(const wire::ServiceModel& service, ApiError error);

}  // namespace sekisho::operation
