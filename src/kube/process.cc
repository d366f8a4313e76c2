#include "kube/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/log.h"

namespace sekisho::kube {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using namespace std::chrono_literals;

constexpr auto back_off_min = 500ms;
constexpr auto back_off_max = 30'000ms;
constexpr auto steady_after = 60s;  // a run this long starts the back-off anew
constexpr auto last_stop_deadline = 2'000ms;
constexpr std::size_t log_bytes_max = 8 * 1024 * 1024;
constexpr int reads_max = 16;  // in one round, of one process: more than a pipe holds

// A file descriptor that closes itself.
class Descriptor {
 public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    void close() { *this = Descriptor(); }

 private:
    int fd_ = -1;
};

ApiError system_error(std::string_view what, int error) {
    return errors::internal_failure(fmt::format("{}: {}", what, std::strerror(error)));
}

// Appends to a file of mode 0600; at log_bytes_max the file becomes <path>.1.
class LogFile {
 public:
    explicit LogFile(std::string path) : path_(std::move(path)) { open(); }
    void write(const char* bytes, std::size_t count) {
        if (size_ + count > log_bytes_max) {
            ::rename(path_.c_str(), (path_ + ".1").c_str());
            open();
        }
        size_ += count;
        while (count > 0 && file_.get() >= 0) {
            const ssize_t written = ::write(file_.get(), bytes, count);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return;  // a full disk loses log lines, not the process
            bytes += written;
            count -= static_cast<std::size_t>(written);
        }
    }

 private:
    void open() {
        file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
        struct stat status{};
        size_ = file_.get() >= 0 && ::fstat(file_.get(), &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
    }
    std::string path_;
    Descriptor file_;
    std::size_t size_ = 0;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

struct Prepared {  // everything the child needs, allocated before fork
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::vector<char*> argv;
    std::vector<char*> envp;
    const char* program;
    const char* folder;
    pid_t parent;
    int null_in;
    int output;
    int report;
};

// Between fork and exec in a threaded process: async-signal-safe calls only.
[[noreturn]] void become(const Prepared& child) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != child.parent) ::_exit(127);  // the parent died before the signal was set
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::umask(077);
    int failed = 0;
    if (::dup2(child.null_in, 0) < 0 || ::dup2(child.output, 1) < 0 || ::dup2(child.output, 2) < 0) failed = errno;
    if (failed == 0 && ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) failed = errno;
    if (failed == 0 && child.folder[0] != '\0' && ::chdir(child.folder) != 0) failed = errno;
    if (failed == 0) {
        ::execve(child.program, child.argv.data(), child.envp.data());
        failed = errno;
    }
    [[maybe_unused]] const ssize_t written = ::write(child.report, &failed, sizeof failed);
    ::_exit(127);
}

struct Running {
    pid_t pid = 0;
    Descriptor handle;  // pidfd
    Descriptor output;  // read end of stdout and stderr
};

Result<Running> spawn(const ProcessSpec& spec) {
    int output[2];
    int report[2];
    if (::pipe2(output, O_CLOEXEC) != 0) return system_error("pipe", errno);
    Descriptor output_read(output[0]);
    Descriptor output_write(output[1]);
    if (::pipe2(report, O_CLOEXEC) != 0) return system_error("pipe", errno);
    Descriptor report_read(report[0]);
    Descriptor report_write(report[1]);
    Descriptor null_in(::open("/dev/null", O_RDONLY | O_CLOEXEC));

    Prepared child{};
    child.arguments.push_back(spec.program);
    child.arguments.insert(child.arguments.end(), spec.arguments.begin(), spec.arguments.end());
    for (const auto& [name, value] : spec.environment) child.environment.push_back(name + "=" + value);
    child.argv = pointers(child.arguments);
    child.envp = pointers(child.environment);
    child.program = spec.program.c_str();
    child.folder = spec.folder.c_str();
    child.parent = ::getpid();
    child.null_in = null_in.get();
    child.output = output_write.get();
    child.report = report_write.get();

    const pid_t pid = ::fork();
    if (pid < 0) return system_error("fork", errno);
    if (pid == 0) become(child);
    output_write.close();
    report_write.close();
    int failed = 0;
    ssize_t count = 0;
    do count = ::read(report_read.get(), &failed, sizeof failed);
    while (count < 0 && errno == EINTR);
    if (count != 0) {
        ::waitpid(pid, nullptr, 0);
        return system_error(fmt::format("cannot run {}", spec.program), failed);
    }
    Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (handle.get() < 0) {
        const int error = errno;
        ::kill(-pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return system_error("pidfd_open", error);
    }
    ::fcntl(output_read.get(), F_SETFL, O_NONBLOCK);
    return Running{pid, std::move(handle), std::move(output_read)};
}

}  // namespace

class Supervisor::Loop {
 public:
    Loop() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { run(); }) {}
    ~Loop() {
        {
            std::lock_guard lock(mutex_);
            ending_ = true;
        }
        wake();
        thread_.join();
    }

    Result<Id> start(ProcessSpec spec) {
        std::unique_lock lock(mutex_);
        const Id id = next_id_++;
        Child& child = children_[id];
        child.spec = std::move(spec);
        child.next_start = std::chrono::steady_clock::now();
        wake();
        changed_.wait(lock, [&] { return child.first_result.has_value(); });
        Result<void> result = *child.first_result;
        if (result) return id;
        children_.erase(id);
        return result.error();
    }

    void stop(Id id, std::chrono::milliseconds deadline) {
        std::unique_lock lock(mutex_);
        const auto found = children_.find(id);
        if (found == children_.end()) return;
        begin_stop(found->second, std::chrono::steady_clock::now() + deadline);
        wake();
        changed_.wait(lock, [&] {
            const auto now = children_.find(id);
            return now == children_.end() || now->second.status.state == ProcessState::stopped;
        });
        children_.erase(id);
    }

    ProcessStatus status(Id id) const {
        std::lock_guard lock(mutex_);
        const auto found = children_.find(id);
        return found == children_.end() ? ProcessStatus{} : found->second.status;
    }

 private:
    struct Child {
        ProcessSpec spec;
        ProcessStatus status{.state = ProcessState::waiting};
        Running running;
        std::unique_ptr<LogFile> log;
        SteadyTime next_start;
        SteadyTime started;
        std::chrono::milliseconds back_off = back_off_min;
        std::optional<Result<void>> first_result;
        std::optional<SteadyTime> kill_at;  // set: it is to end
    };

    void wake() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
    }

    static void begin_stop(Child& child, SteadyTime kill_at) {
        if (child.status.state == ProcessState::running) {
            if (!child.kill_at) ::kill(-child.running.pid, SIGTERM);
            child.kill_at = child.kill_at ? std::min(*child.kill_at, kill_at) : kill_at;
        } else {
            child.kill_at = kill_at;
            child.status.state = ProcessState::stopped;
        }
    }

    void start_child(Child& child) {
        auto running = spawn(child.spec);
        child.started = std::chrono::steady_clock::now();
        if (running) {
            child.running = std::move(*running);
            child.log = std::make_unique<LogFile>(child.spec.log_path);
            child.status.state = ProcessState::running;
            child.status.pid = child.running.pid;
            if (child.first_result) ++child.status.restarts;
        } else {
            log::error("process not started", {{"process", child.spec.name}, {"cause", running.error().cause}});
            const bool again = child.first_result.has_value();
            child.status.state = again ? ProcessState::waiting : ProcessState::stopped;
            delay(child);
        }
        if (!child.first_result) {
            child.first_result = running ? Result<void>() : Result<void>(running.error());
        }
        changed_.notify_all();
    }

    static void delay(Child& child) {
        child.next_start = std::chrono::steady_clock::now() + child.back_off;
        child.back_off = std::min<std::chrono::milliseconds>(child.back_off * 2, back_off_max);
    }

    static void drain(Child& child) {
        std::array<char, 16 * 1024> bytes;
        // A process that writes without end must not keep us from the others.
        for (int reads = 0; reads < reads_max; ++reads) {
            const ssize_t count = ::read(child.running.output.get(), bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count == 0) child.running.output.close();
            if (count <= 0) return;
            child.log->write(bytes.data(), static_cast<std::size_t>(count));
        }
    }

    void reap(Child& child) {
        int status = 0;
        const pid_t pid = child.running.pid;
        if (::waitpid(pid, &status, WNOHANG) != pid) return;
        ::kill(-pid, SIGKILL);  // what it may have left in its group
        drain(child);
        child.running = Running{};
        child.status.pid = 0;
        child.status.exit_code = WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
        child.status.exit_signal = WIFSIGNALED(status) ? std::optional(WTERMSIG(status)) : std::nullopt;
        const bool again = child.spec.restart && !child.kill_at && !ending_;
        child.status.state = again ? ProcessState::waiting : ProcessState::stopped;
        if (!child.kill_at) {
            log::warning("process ended", {{"process", child.spec.name},
                                           {"exit_code", child.status.exit_code.value_or(-1)},
                                           {"signal", child.status.exit_signal.value_or(0)},
                                           {"restart", again}});
        }
        if (std::chrono::steady_clock::now() - child.started > steady_after) child.back_off = back_off_min;
        delay(child);
        changed_.notify_all();
    }

    // What is due now; gives the time until the next thing is.
    std::chrono::milliseconds act(SteadyTime now) {
        std::chrono::milliseconds next = 60'000ms;
        const auto until = [&](SteadyTime when) {
            next = std::min(next, std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(when - now)));
        };
        for (auto& [id, child] : children_) {
            if (child.status.state == ProcessState::waiting) {
                if (child.next_start <= now)
                    start_child(child);
                else
                    until(child.next_start);
            }
            if (child.status.state == ProcessState::running && child.kill_at) {
                if (*child.kill_at <= now) ::kill(-child.running.pid, SIGKILL);
                until(std::max(*child.kill_at, now + 50ms));
            }
        }
        return next;
    }

    bool all_stopped() const {
        return std::ranges::all_of(children_, [](const auto& entry) { return entry.second.running.pid == 0; });
    }

    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            const SteadyTime now = std::chrono::steady_clock::now();
            if (ending_) {
                for (auto& [id, child] : children_) begin_stop(child, now + last_stop_deadline);
                changed_.notify_all();
                if (all_stopped()) return;
            }
            const auto timeout = act(now);
            std::vector<pollfd> polled{{wake_.get(), POLLIN, 0}};
            for (const auto& [id, child] : children_) {
                if (child.running.pid == 0) continue;
                polled.push_back({child.running.handle.get(), POLLIN, 0});
                if (child.running.output.get() >= 0) polled.push_back({child.running.output.get(), POLLIN, 0});
            }
            lock.unlock();
            ::poll(polled.data(), polled.size(), static_cast<int>(timeout.count()));
            std::uint64_t count = 0;
            [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof count);
            lock.lock();
            for (auto& [id, child] : children_) {
                if (child.running.pid == 0) continue;
                if (child.running.output.get() >= 0) drain(child);
                reap(child);
            }
        }
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Id, Child> children_;
    Id next_id_ = 1;
    bool ending_ = false;
    Descriptor wake_;
    std::thread thread_;
};

Supervisor::Supervisor() : loop_(std::make_unique<Loop>()) {}
Supervisor::~Supervisor() = default;

Result<Supervisor::Id> Supervisor::start(ProcessSpec spec) {
    return loop_->start(std::move(spec));
}
void Supervisor::stop(Id id, std::chrono::milliseconds deadline) {
    loop_->stop(id, deadline);
}
ProcessStatus Supervisor::status(Id id) const {
    return loop_->status(id);
}

}  // namespace sekisho::kube
