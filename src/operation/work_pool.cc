#include "operation/work_pool.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/limits.h"
#include "crypto/password.h"

namespace sekisho::operation {

WorkPool::~WorkPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    more_.notify_all();
    for (auto& thread : threads_) thread.join();
}

bool WorkPool::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= queue_max_) return false;
        queue_.push_back(std::move(job));
        if (busy_ == threads_.size() && threads_.size() < threads_max_) threads_.emplace_back([this] { work(); });
    }
    more_.notify_one();
    return true;
}

void WorkPool::wait_idle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return queue_.empty() && busy_ == 0; });
}

void WorkPool::work() {
    constexpr int niceness = 10;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()),
                  niceness);  // of this thread; where refused, it is as before
    std::unique_lock lock(mutex_);
    const auto has_work = [this] { return stopping_ || !queue_.empty(); };
    for (;;) {
        if (on_idle_ != nullptr && !more_.wait_for(lock, std::chrono::seconds(2), has_work)) {
            lock.unlock();
            on_idle_();
            lock.lock();
        }
        more_.wait(lock, has_work);
        if (queue_.empty()) return;
        Job job = std::move(queue_.front());
        queue_.pop_front();
        ++busy_;
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
        --busy_;
        if (queue_.empty() && busy_ == 0) idle_.notify_all();
    }
}

namespace {

// Of this process. Two hashes at once on one processor push each other's memory out of its cache.
std::size_t usable_processors() {
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return static_cast<std::size_t>(CPU_COUNT(&set));
}

}  // namespace

WorkPool& password_pool() {
    static WorkPool pool(std::min(usable_processors(), limits::password_threads_max), limits::password_queue_max,
                         crypto::release_password_memory);
    return pool;
}

WorkPool& trail_pool() {
    constexpr std::size_t queue_max = 32;  // readings that wait for the thread
    static WorkPool pool(1, queue_max);
    return pool;
}

void prepare_on(WorkPool& pool, PrepareDone done, std::move_only_function<Result<Prepared>()> work,
                ApiError when_full) {
    auto shared = std::make_shared<PrepareDone>(std::move(done));
    const bool taken = pool.submit([shared, work = std::move(work)]() mutable { (*shared)(work()); });
    if (!taken) (*shared)(std::move(when_full));
}

}  // namespace sekisho::operation
