#pragma once
// A second factor shown with a request: SerialNumber and TokenCode (AssumeRole, GetSessionToken).
#include <optional>
#include <string>

#include "access/authorize.h"
#include "operation/call.h"

namespace sekisho::sts_service {

// What a request claims; nothing is proven yet.
struct SecondFactor {
    std::optional<std::string> serial_number;
    std::optional<std::string> token_code;

    bool is_claimed() const { return serial_number || token_code; }
};
template <class Request>
SecondFactor second_factor_of(const Request& request) {
    return {request.serial_number, request.token_code};
}

// The condition keys as they are when the code is right. The decision may take the claim for true, because the handler
// proves it before anything is given: so a wrong code reaches the handler, which counts it.
void add_claim(access::ContextValues& context, const SecondFactor& factor);
// When the session's second factor was shown: now, by a code that is used up with it, or as the caller's own session
// says. AccessDenied: a code of no device of this user, wrong, or used before; counted, and past a few the device is
// locked for a while.
Result<std::optional<Time>> prove(operation::Call& call, const SecondFactor& factor);

}  // namespace sekisho::sts_service
