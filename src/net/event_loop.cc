#include "net/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace sekisho::net {

EventLoop::EventLoop(milliseconds interval, std::function<bool()> tick, std::function<bool()> before_write)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      interval_(interval),
      tick_(std::move(tick)),
      before_write_(std::move(before_write)),
      scratch_(new char[scratch_bytes]) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    if (usable()) ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event);
    read_clocks();
}

EventLoop::~EventLoop() {
    if (epoll_ >= 0) ::close(epoll_);
    if (wakeup_ >= 0) ::close(wakeup_);
}

void EventLoop::read_clocks() {
    using std::chrono::duration_cast;
    now_ = duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
    wall_time_ = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

const std::string& EventLoop::http_date() {
    const std::int64_t second = epoch_seconds(wall_time_);
    if (second != date_second_) {
        date_second_ = second;
        date_ = format_http_date(wall_time_);
    }
    return date_;
}

void EventLoop::run() {
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    std::array<epoll_event, 128> events{};
    bool ticking = true;
    std::int64_t next_tick = now_;
    while (true) {
        int wait = -1;
        if (ticking) wait = static_cast<int>(std::max<std::int64_t>(0, next_tick - now_));
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
        read_clocks();
        ready_.clear();
        bool woken = false;
        for (int i = 0; i < count; ++i) {
            // Copied out: epoll_event is packed, its members may not be referred to.
            void* const watcher = events[static_cast<std::size_t>(i)].data.ptr;
            const std::uint32_t bits = events[static_cast<std::size_t>(i)].events;
            if (watcher == nullptr) {
                woken = true;
            } else {
                ready_.emplace_back(watcher, bits);
            }
        }
        in_round_ = may_write_ = true;
        for (std::size_t i = 0; i < ready_.size(); ++i) {
            if (ready_[i].first != nullptr) static_cast<Watcher*>(ready_[i].first)->on_events(ready_[i].second);
        }
        if (woken) run_posted();
        end_round();
        {
            const std::scoped_lock lock(mutex_);
            if (stopped_) break;
        }
        if (!ticking && count > 0) {
            ticking = true;
            next_tick = now_ + interval_.count();
        }
        if (ticking && now_ >= next_tick) {
            next_tick = now_ + interval_.count();
            ticking = tick_();
        }
    }
    // What was posted too late may hold connections, and they hold this loop: let go of them here.
    std::vector<std::move_only_function<void()>> dropped;
    {
        const std::scoped_lock lock(mutex_);
        dropped.swap(posted_);
    }
}

bool EventLoop::may_write() {
    if (may_write_ && before_write_) may_write_ = before_write_();
    return may_write_;
}

void EventLoop::end_round() {
    may_write();  // what requests without an answer yet have left behind
    in_round_ = false;
    for (const auto& watcher : std::exchange(leaving_, {})) watcher->on_round_end();
}

void EventLoop::run_posted() {
    std::uint64_t value = 0;
    if (::read(wakeup_, &value, sizeof(value)) < 0) value = 0;
    std::vector<std::move_only_function<void()>> functions;
    {
        const std::scoped_lock lock(mutex_);
        functions.swap(posted_);
    }
    for (auto& function : functions) function();
}

bool EventLoop::post(std::move_only_function<void()> function) {
    bool first = false;
    {
        const std::scoped_lock lock(mutex_);
        if (stopped_) return false;
        first = posted_.empty();
        posted_.push_back(std::move(function));
    }
    const std::uint64_t one = 1;
    return !first || ::write(wakeup_, &one, sizeof(one)) == sizeof(one);
}

void EventLoop::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
    }
    const std::uint64_t one = 1;
    if (::write(wakeup_, &one, sizeof(one)) < 0) return;  // the counter is full: the loop is awake already
}

bool EventLoop::watch(int descriptor, std::uint32_t events, Watcher* watcher) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = watcher;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void EventLoop::change(int descriptor, std::uint32_t events, Watcher* watcher) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = watcher;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void EventLoop::forget(int descriptor, Watcher* watcher) {
    epoll_event event{};
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, &event);
    for (auto& [pointer, events] : ready_) {
        if (pointer == watcher) pointer = nullptr;
    }
}

}  // namespace sekisho::net
