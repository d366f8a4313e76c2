#include "services/iam/hash_queue.h"

#include "base/limits.h"

namespace sekisho::iam_service {

HashQueue::~HashQueue() {
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

bool HashQueue::add(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (ends_ || tasks_.size() >= tasks_max_) return false;
        tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
    return true;
}

void HashQueue::work() {
    for (;;) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return ends_ || !tasks_.empty(); });
            if (ends_) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

HashQueue& password_queue() {
    static HashQueue queue(limits::password_queue_max);
    return queue;
}

}  // namespace sekisho::iam_service
