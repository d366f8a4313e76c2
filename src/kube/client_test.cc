#include "kube/client.h"

#include <gtest/gtest.h>

#include "kube/test_api_server.h"

namespace sekisho::kube {
namespace {

const std::string empty_list = R"({"metadata":{"resourceVersion":"1"},"items":[]})";

// What a watch told its handler, as lines.
class Heard {
 public:
    WatchHandler handler() {
        return {.on_list = [this](const json::value&) { add("list"); },
                .on_event =
                    [this](std::string_view type, const json::value& object) {
                        add(std::string(type) + " " + find_text(object, "name").value_or("?"));
                    },
                .on_state = [this](bool is_current,
                                   const std::string& cause) { add(is_current ? "current" : "broken: " + cause); }};
    }
    // Waits for a line that begins so, and forgets it and those before it. Empty: it never came.
    std::string wait_for(std::string_view begin) {
        std::unique_lock lock(mutex_);
        std::string found;
        changed_.wait_for(lock, std::chrono::seconds(20), [&] {
            while (!lines_.empty() && found.empty()) {
                if (lines_.front().starts_with(begin)) found = lines_.front();
                lines_.erase(lines_.begin());
            }
            return !found.empty();
        });
        return found;
    }

 private:
    void add(std::string line) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(std::move(line));
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

class WatchTest : public testing::Test {
 protected:
    WatchTest() { server_.set_list(empty_list); }

    TestApiServer server_;
    Heard heard_;
    net::HttpClient http_;
    KubernetesClient client_{http_, {.url = server_.url()}};
};

TEST_F(WatchTest, TellsTheListAndEachEvent) {
    const Watch watch(client_, "/things", "a=b", heard_.handler());
    EXPECT_EQ(heard_.wait_for(""), "list");
    EXPECT_EQ(heard_.wait_for(""), "current");
    server_.send(R"({"type":"ADDED","object":{"name":"a"}})"
                 "\n"
                 R"({"type":"BOOKMARK","object":{"name":"b"}})"
                 "\n"
                 R"({"type":"DELETED","obj)");
    EXPECT_EQ(heard_.wait_for(""), "ADDED a");
    server_.send("ect\":{\"name\":\"c\"}}\n");
    EXPECT_EQ(heard_.wait_for(""), "DELETED c");
}

TEST_F(WatchTest, ListsAnewAfterAGap) {
    const Watch watch(client_, "/things", "a=b", heard_.handler());
    server_.send(R"({"type":"ERROR","object":{"code":410,"message":"too old"}})"
                 "\n");
    EXPECT_EQ(heard_.wait_for("broken"), "broken: too old");
    EXPECT_EQ(heard_.wait_for(""), "list");
    EXPECT_EQ(heard_.wait_for(""), "current");
    server_.send("no JSON\n");
    EXPECT_EQ(heard_.wait_for("broken"), "broken: unreadable event");
    EXPECT_EQ(heard_.wait_for(""), "list");
}

TEST_F(WatchTest, SaysThatItIsBrokenWhileTheServerIsAway) {
    const Watch watch(client_, "/things", "a=b", heard_.handler());
    EXPECT_EQ(heard_.wait_for("current"), "current");
    server_.set_list("");
    server_.send(R"({"type":"ADDED",)");
    server_.break_off();
    EXPECT_FALSE(heard_.wait_for("broken").empty());
    server_.set_list(empty_list);
    EXPECT_EQ(heard_.wait_for(""), "list");
    EXPECT_EQ(heard_.wait_for(""), "current");
}

TEST_F(WatchTest, AStreamThatRanOutGoesOnWithoutAList) {
    const Watch watch(client_, "/things", "a=b", heard_.handler());
    EXPECT_EQ(heard_.wait_for("current"), "current");
    server_.break_off();
    server_.send(R"({"type":"ADDED","object":{"name":"a"}})"
                 "\n");
    EXPECT_EQ(heard_.wait_for(""), "ADDED a");
    EXPECT_EQ(server_.lists(), 1);
}

// An API server that sends one event without end makes us hold so much of it, and no more.
TEST_F(WatchTest, AnEventWithoutEndIsGivenUp) {
    const Watch watch(client_, "/things", "a=b", heard_.handler());
    const std::string bytes(1024 * 1024, 'x');
    int sent = 0;
    while (sent < 100 && server_.send(bytes)) ++sent;
    EXPECT_LT(sent, 100);
    EXPECT_EQ(heard_.wait_for("broken"), "broken: an event is too long");
    EXPECT_EQ(heard_.wait_for(""), "list");
}

TEST_F(WatchTest, EndsWithItsOwner) {
    {
        const Watch watch(client_, "/things", "a=b", heard_.handler());
        EXPECT_EQ(heard_.wait_for("current"), "current");
    }
    EXPECT_EQ(server_.lists(), 1);
}

}  // namespace
}  // namespace sekisho::kube
