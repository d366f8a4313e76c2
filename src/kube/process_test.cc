#include "kube/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace sekisho::kube {
namespace {

using namespace std::chrono_literals;

class ProcessTest : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "/sekisho-process-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    ProcessSpec shell(const std::string& script) const {
        return {.name = "test",
                .program = "/bin/sh",
                .arguments = {"-c", script},
                .environment = {},
                .folder = folder_,
                .log_path = folder_ + "/log",
                .restart = false};
    }
    std::string read(const std::string& name) const {
        std::ifstream file(folder_ + "/" + name);
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    template <class Condition>
    static bool eventually(Condition condition) {
        for (int i = 0; i < 500; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }
    std::string folder_;
};

TEST_F(ProcessTest, RunsInItsFolderAndLogsBothStreamsPrivately) {
    Supervisor supervisor;
    const auto id = supervisor.start(shell("pwd; echo oops >&2; exit 3"));
    ASSERT_TRUE(id);
    ASSERT_TRUE(eventually([&] { return supervisor.status(*id).state == ProcessState::stopped; }));
    EXPECT_EQ(supervisor.status(*id).exit_code, 3);
    EXPECT_EQ(read("log"), std::filesystem::canonical(folder_).string() + "\noops\n");
    struct stat status{};
    ASSERT_EQ(::stat((folder_ + "/log").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(ProcessTest, GivesNoEnvironmentAndNoDescriptors) {
    ::setenv("SEKISHO_TEST_SECRET", "leaked", 1);
    const int leaked = ::open("/etc/passwd", 0);  // without O_CLOEXEC
    Supervisor supervisor;
    auto spec = shell("");
    spec.program = "/bin/ls";
    spec.arguments = {"/proc/self/fd"};
    const auto listing = supervisor.start(spec);
    ASSERT_TRUE(listing);
    ASSERT_TRUE(eventually([&] { return supervisor.status(*listing).state == ProcessState::stopped; }));
    EXPECT_EQ(read("log"), "0\n1\n2\n3\n");  // 3 is the folder that ls reads
    ::close(leaked);
    spec.program = "/usr/bin/env";
    spec.arguments = {};
    spec.log_path = folder_ + "/environment";
    const auto environment = supervisor.start(spec);
    ASSERT_TRUE(environment);
    ASSERT_TRUE(eventually([&] { return supervisor.status(*environment).state == ProcessState::stopped; }));
    EXPECT_EQ(read("environment"), "");
}

TEST_F(ProcessTest, AMissingProgramIsAnError) {
    Supervisor supervisor;
    auto spec = shell("");
    spec.program = folder_ + "/none";
    const auto id = supervisor.start(spec);
    ASSERT_FALSE(id);
    EXPECT_NE(id.error().cause.find("No such file"), std::string::npos) << id.error().cause;
}

TEST_F(ProcessTest, RestartsWhatEnds) {
    Supervisor supervisor;
    auto spec = shell("echo run");
    spec.restart = true;
    const auto id = supervisor.start(spec);
    ASSERT_TRUE(id);
    // The second run has begun when its restart is counted; it has written a little later.
    EXPECT_TRUE(eventually([&] { return read("log").starts_with("run\nrun\n"); }));
    EXPECT_GE(supervisor.status(*id).restarts, 1);
    supervisor.stop(*id, 1s);
}

TEST_F(ProcessTest, StopKillsWhatIgnoresTerm) {
    Supervisor supervisor;
    const auto id = supervisor.start(shell("trap '' TERM; echo ready; while :; do sleep 0.1; done"));
    ASSERT_TRUE(id);
    ASSERT_TRUE(eventually([&] { return read("log") == "ready\n"; }));
    const int pid = supervisor.status(*id).pid;
    supervisor.stop(*id, 300ms);
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(ProcessTest, AProcessThatWritesWithoutEndDoesNotKeepTheOthersWaiting) {
    Supervisor supervisor;
    const auto chatty = supervisor.start(shell("exec yes"));
    ASSERT_TRUE(chatty);
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ + "/log.1"); }));
    auto spec = shell("exit 7");
    spec.log_path = folder_ + "/other";
    const auto other = supervisor.start(spec);
    ASSERT_TRUE(other);
    EXPECT_TRUE(eventually([&] { return supervisor.status(*other).exit_code == 7; }));
    supervisor.stop(*chatty, 1s);
    EXPECT_LE(std::filesystem::file_size(folder_ + "/log"), 8U * 1024 * 1024);
}

// The parent is killed: its children must not live on (design section 7).
TEST_F(ProcessTest, ChildrenEndWithTheirParent) {
    const pid_t parent = ::fork();
    if (parent == 0) {
        Supervisor supervisor;
        auto id = supervisor.start(shell("echo $$ > pid; exec sleep 1000"));
        std::this_thread::sleep_for(1000s);
        ::_exit(id ? 0 : 1);
    }
    int child = 0;
    ASSERT_TRUE(eventually([&] { return std::istringstream(read("pid")) >> child && child > 0; }));
    EXPECT_EQ(::kill(child, 0), 0);
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    const auto gone = [&] {
        std::ifstream status("/proc/" + std::to_string(child) + "/stat");
        std::string text;
        return !std::getline(status, text) || text.contains(") Z ");
    };
    EXPECT_TRUE(eventually(gone));
}

}  // namespace
}  // namespace sekisho::kube
