#pragma once
// The one list of the services of this program.
#include "operation/operation.h"

namespace sekisho::server {

// Every operation of every service. Made once, at the first call.
const operation::Registry& all_operations();

}  // namespace sekisho::server
