#pragma once
// One thread's loop over epoll: sockets, posted functions and a coarse tick. Everything but post() and stop() belongs
// to the loop's thread.
//
// What one wait has brought (events, then posted functions) is a round. Answers of a round leave at its end, after one
// `before_write`: many requests, one write to the trail, and the clients are woken one after another.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/time.h"

namespace sekisho::net {

class EventLoop {
 public:
    class Watcher {
     public:
        virtual ~Watcher() = default;
        virtual void on_events(std::uint32_t events) = 0;
        // The round is over; asked for by at_round_end.
        virtual void on_round_end() {}
    };

    // `tick` is called about every `interval`, while `tick` last answered true or sockets moved (no idle wake-ups).
    // `before_write`: ListenerOptions says what; none: answers may always leave.
    EventLoop(milliseconds interval, std::function<bool()> tick, std::function<bool()> before_write = {});
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    bool usable() const { return epoll_ >= 0 && wakeup_ >= 0; }
    void run();
    void stop();  // from any thread; run() returns soon. What is posted later is dropped
    // From any thread: runs on the loop's thread. False (and the function is destroyed) after stop().
    bool post(std::move_only_function<void()> function);
    bool in_loop() const { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

    bool watch(int descriptor, std::uint32_t events, Watcher* watcher);
    void change(int descriptor, std::uint32_t events, Watcher* watcher);
    void forget(int descriptor, Watcher* watcher);

    bool in_round() const { return in_round_; }
    void at_round_end(std::shared_ptr<Watcher> watcher) { leaving_.push_back(std::move(watcher)); }
    // Asks `before_write`. After a no, no answer of this round leaves.
    bool may_write();

    std::int64_t now() const { return now_; }  // monotonic milliseconds, as of this round
    Time wall_time() const { return wall_time_; }
    const std::string& http_date();  // of this second
    // Bytes that whoever runs on this thread may use until it returns.
    static constexpr std::size_t scratch_bytes = 64 * 1024;
    char* scratch() { return scratch_.get(); }
    // Somebody's bytes are in the scratch.
    bool busy() const { return busy_; }
    void set_busy(bool busy) { busy_ = busy; }

 private:
    void read_clocks();
    void run_posted();
    void end_round();

    int epoll_ = -1;
    int wakeup_ = -1;
    milliseconds interval_;
    std::function<bool()> tick_;
    std::function<bool()> before_write_;
    bool in_round_ = false;
    bool may_write_ = true;  // in this round, so far
    std::vector<std::shared_ptr<Watcher>> leaving_;
    std::atomic<std::thread::id> thread_;
    std::mutex mutex_;
    std::vector<std::move_only_function<void()>> posted_;  // under mutex_
    bool stopped_ = false;                                 // under mutex_
    std::vector<std::pair<void*, std::uint32_t>> ready_;   // this round's; a forgotten watcher becomes null
    bool busy_ = false;
    std::int64_t now_ = 0;
    Time wall_time_{};
    std::string date_;
    std::int64_t date_second_ = -1;
    std::unique_ptr<char[]> scratch_;
};

}  // namespace sekisho::net
