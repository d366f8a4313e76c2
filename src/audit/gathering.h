#pragma once
// One write for the records of many requests. A thread that handles several requests before it lets any answer leave
// may gather their records and write them at once: no answer leaves without its record all the same.
#include "base/result.h"

namespace sekisho::audit {

// From here to write_gathered(), Trail::append on this thread only remembers. While the disk does not take records it
// does not: append says so to each caller.
void gather_records();
// What was gathered is in the trail's file when it returns. Error: it is not, and none of the answers may leave.
Result<void> write_gathered();

}  // namespace sekisho::audit
