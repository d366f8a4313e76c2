#pragma once
// The errors that the pipeline itself makes, named as each protocol names them (wire/errors-and-records 1 to 3).
#include "access/authorize.h"
#include "access/caller.h"
#include "access/liveness.h"
#include "base/error.h"
#include "wire/model.h"
#include "wire/sigv4.h"

namespace sekisho::operation {

ApiError authentication_error(wire::Protocol protocol, const wire::SignatureError& error);
ApiError liveness_error(wire::Protocol protocol, access::Liveness liveness);
ApiError access_denied(wire::Protocol protocol, const access::Caller& caller, const access::Refusal& refusal);
// Too many requests, named as the service's model names it.
ApiError throttled(const wire::ServiceModel& service);
ApiError not_implemented(const wire::OperationModel& model);
// The store's own errors (conflict, full disk, full queue) as callers know them.
ApiError commit_error(const wire::ServiceModel& service, ApiError error);

}  // namespace sekisho::operation
