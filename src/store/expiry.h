#pragma once
// Expiry: every record with an end (TableOptions::expires_at) has a row in one index ordered by time; the sweeper
// deletes what has ended. Sweeping only frees space: whoever reads such a record compares its end with the clock.
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace sekisho::store {

class Sweeper {
 public:
    explicit Sweeper(Store& store) : store_(store) {}
    ~Sweeper() { stop(); }

    // Deletes records that ended at or before `now`, the oldest first, at most `limit`, in small transactions. Gives
    // how many were deleted. Errors: those of commit.
    Result<std::size_t> sweep(Time now, std::size_t limit);
    // Sweeps on a thread of its own every `interval` by the store's clock, until stop().
    void start(milliseconds interval = minutes(1));
    void stop();

 private:
    void run(milliseconds interval);
    Store& store_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sekisho::store
