#pragma once
// What the operations on virtual MFA devices have in common.
#include <string>

#include "domain/virtual_mfa.h"
#include "models/iam.h"
#include "operation/call.h"

namespace sekisho::iam_service {

// Error: NoSuchEntity, "VirtualMFADevice with serial number X doesn't exist.".
inline Result<domain::VirtualMfaDevice> require_virtual_mfa(const operation::Call& call,
                                                            const std::string& serial_number) {
    SEK_TRY(auto device, domain::find_virtual_mfa(call.tx, call.account(), serial_number));
    if (device) return std::move(*device);
    return iam::errors::no_such_entity_exception("VirtualMFADevice with serial number " + serial_number +
                                                 " doesn't exist.");
}

}  // namespace sekisho::iam_service
