#pragma once
// Counting wrong guesses at a secret, under a key of the caller's choice: an address, a name that nobody has, an IAM
// user. Past a few, the key is locked for a time that doubles (lock_after in sessions.h). And counting the mails that
// anybody can ask for.
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace sekisho::domain {

// Tries during a lock are not looked at, nor counted.
Result<bool> is_locked_out(const store::Reader& reader, const std::string& counted, Time now);
// `free`: wrong guesses before the first lock. A day without one starts the count again.
Result<void> count_wrong_guess(store::Transaction& transaction, const std::string& counted, std::int32_t free,
                               Time now);
// One mail more that somebody at this address asks for. False: too many within the hour.
Result<bool> count_mail_request(store::Transaction& transaction, std::string_view source_address, Time now);

}  // namespace sekisho::domain
