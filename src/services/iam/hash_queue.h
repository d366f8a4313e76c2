#pragma once
// Where passwords are hashed: one thread of this room behind a bounded queue, so that no I/O thread waits 20 ms for
// Argon2id and nobody fills the machine with hashes.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sekisho::iam_service {

class HashQueue {
 public:
    using Task = std::move_only_function<void()>;

    explicit HashQueue(std::size_t tasks_max) : tasks_max_(tasks_max), thread_([this] { work(); }) {}
    // Tasks that wait are dropped.
    ~HashQueue();
    HashQueue(const HashQueue&) = delete;
    HashQueue& operator=(const HashQueue&) = delete;

    // False: the queue is full, or ends; the task was not taken.
    bool add(Task task);

 private:
    void work();

    const std::size_t tasks_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool ends_ = false;
    std::thread thread_;
};

// The room's own; made at its first use.
HashQueue& password_queue();

}  // namespace sekisho::iam_service
