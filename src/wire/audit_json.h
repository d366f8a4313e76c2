#pragma once
// Requests and answers as the audit trail keeps them: JSON with lower-camel names, sensitive members hidden
// (CloudTrail's record contents).
#include <string>

#include "wire/shape.h"

namespace sekisho::wire {

// Empty when nothing is set: the trail writes null then.
std::string print_for_audit(const Shape& shape, const void* structure);

}  // namespace sekisho::wire
