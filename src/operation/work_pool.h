#pragma once
// Threads for what must not hold the I/O threads, a few for each kind of work: what operations do in their .prepare.
// Jobs wait in a bounded queue. The threads yield to all others: requests that are quick stay quick.
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "operation/operation.h"

namespace sekisho::operation {

class WorkPool {
 public:
    using Job = std::move_only_function<void()>;
    // on_idle is called on a thread that has had nothing to do for two seconds.
    WorkPool(std::size_t threads_max, std::size_t queue_max, void (*on_idle)() = nullptr)
        : threads_max_(threads_max), queue_max_(queue_max), on_idle_(on_idle) {}
    ~WorkPool();  // finishes what is queued

    // False: the queue is full and the job is dropped. Threads start with the first jobs.
    [[nodiscard]] bool submit(Job job);
    void wait_idle();

 private:
    void work();
    const std::size_t threads_max_;
    const std::size_t queue_max_;
    void (*const on_idle_)();
    std::mutex mutex_;
    std::condition_variable more_;
    std::condition_variable idle_;
    std::deque<Job> queue_;
    std::size_t busy_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

// Those of this process. Passwords: a flood of sign-ins takes no more memory than 19 MiB a thread (crypto/password.h).
WorkPool& password_pool();
// Reading the audit trail: one thread, because the files may have to come from the disk.
WorkPool& trail_pool();

// The slow part of a .prepare, on a pool: `done` gets what `work` gives, or `when_full` at once where too much waits.
void prepare_on(WorkPool& pool, PrepareDone done, std::move_only_function<Result<Prepared>()> work, ApiError when_full);

}  // namespace sekisho::operation
