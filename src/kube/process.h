#pragma once
// Child processes under supervision. Each runs with an empty environment (or the one given), its own process group, no
// inherited file descriptor but its output, and ends with us: the kernel sends it SIGKILL when the thread that started
// it ends (PR_SET_PDEATHSIG), so one thread, which lives as long as the Supervisor, starts them all.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sekisho::kube {

struct ProcessSpec {
    std::string name;                    // for logs: "kube-apiserver of demo"
    std::string program;                 // absolute path
    std::vector<std::string> arguments;  // without argv[0]
    std::vector<std::pair<std::string, std::string>> environment;
    std::string folder;    // working directory
    std::string log_path;  // output goes here (mode 0600), rotated to <log_path>.1 at 8 MiB
    bool restart = true;   // again after every exit, with back-off from 0.5 s doubling to 30 s
};

enum class ProcessState { running, waiting /* to be started again */, stopped };

struct ProcessStatus {
    ProcessState state = ProcessState::stopped;
    int pid = 0;
    int restarts = 0;
    std::optional<int> exit_code;    // of the last run, if it exited
    std::optional<int> exit_signal;  // of the last run, if a signal ended it
};

class Supervisor {
 public:
    using Id = std::uint64_t;

    Supervisor();
    ~Supervisor();  // stops every process (SIGTERM, then SIGKILL after 2 s)
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    // Returns once the program runs. Error: it cannot be executed (the cause says why).
    Result<Id> start(ProcessSpec spec);
    // SIGTERM to the group, SIGKILL at the deadline; returns when it is gone. Unknown ids are ignored.
    void stop(Id id, std::chrono::milliseconds deadline);
    ProcessStatus status(Id id) const;

 private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace sekisho::kube
