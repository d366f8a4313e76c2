#pragma once
// Committer: the one thread that writes. It takes what waits, judges each transaction (has a key that it read changed?)
// and makes all of them durable by one commit of the engine (group commit).
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "store/engine.h"
#include "store/store.h"

namespace sekisho::store {

class Committer {
 public:
    Committer(Engine& engine, const StoreOptions& options, Revision newest);
    ~Committer() { close(); }

    void commit(Submission submission);
    WatchHandle watch(std::string prefix, Store::WatchCallback callback);
    void close();
    Revision revision() const { return durable_.load(std::memory_order_acquire); }
    bool is_current_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
    struct Job;
    struct Watch {
        std::string prefix;
        Store::WatchCallback callback;
    };

    void run();
    std::vector<Job> take();
    void process(std::vector<Job>& jobs);
    Result<void> write_all(std::span<Job> jobs);
    Result<Revision> judge(Batch& batch, Job& job);
    Result<Revision> rerun(Batch& batch, Job& job);
    Result<Revision> apply(Batch& batch, Job& job, Transaction& transaction);
    Result<Revision> write_rows(Batch& batch, Job& job, const Transaction& chosen);
    void finish(std::vector<Job>& jobs);
    void notify(const std::vector<Job>& jobs);

    Engine& engine_;
    const StoreOptions& options_;
    Revision last_given_;  // never given again, also after a batch that failed
    std::atomic<Revision> durable_;
    bool disk_is_full_ = false;  // as the current batch found it
    bool batch_failed_ = false;  // the engine's write transaction cannot go on

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Submission> queue_;
    bool closing_ = false;

    std::mutex watch_mutex_;
    std::vector<std::shared_ptr<Watch>> watches_;
    std::once_flag joined_;
    std::thread thread_;
};

}  // namespace sekisho::store
