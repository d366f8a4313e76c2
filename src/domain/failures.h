#pragma once
// Counting wrong guesses at a secret, under a key of the caller's choice: an address, a name that nobody has, an IAM
// user. Past a few, the key is locked for a time that doubles (lock_after in sessions.h).
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace sekisho::domain {

// Tries during a lock are not looked at, nor counted.
Result<bool> is_locked_out(const store::Reader& reader, const std::string& counted, Time now);
// `free`: wrong guesses before the first lock. A day without one starts the count again.
Result<void> count_wrong_guess(store::Transaction& transaction, const std::string& counted, std::int32_t free,
                               Time now);

}  // namespace sekisho::domain
