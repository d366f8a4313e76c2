#include "store/outbox.h"

#include <map>
#include <mutex>
#include <thread>

#include "store/testing.h"

namespace sekisho::store {
namespace {

using testing::open_store;
using testing::options_in;
using testing::TemporaryFolder;
using testing::TestClock;

struct OutboxTest : ::testing::Test {
    TemporaryFolder folder;
    TestClock clock{Time(hours(1000))};
    std::unique_ptr<Store> store = open();
    std::mutex mutex;
    std::vector<std::string> seen;

    std::unique_ptr<Store> open() {
        auto options = options_in(folder);
        options.clock = &clock;
        return open_store(options);
    }
    void enqueue(Effect effect) {
        ASSERT_TRUE(store->commit_and_wait(
            [&](Transaction& tx) -> Result<void> { return tx.enqueue(effect), Result<void>(); }));
    }
    OutboxHandler record() {
        return [this](const OutboxRow& row, Completion completion) {
            note(row.payload);
            completion.done();
        };
    }
    void note(const std::string& text) {
        const std::lock_guard lock(mutex);
        seen.push_back(text);
    }
    std::vector<std::string> notes() {
        const std::lock_guard lock(mutex);
        return seen;
    }
};

TEST_F(OutboxTest, RowsAreCarriedOutAndGone) {
    Outbox outbox(*store);
    outbox.register_worker("mail", record());
    outbox.start();
    enqueue({.kind = "mail", .payload = "hello"});
    ASSERT_TRUE(outbox.wait_idle(seconds(5)));
    EXPECT_EQ(notes(), std::vector<std::string>{"hello"});
    EXPECT_EQ(outbox.depth(), 0U);
}

TEST_F(OutboxTest, ARefusedOperationHasNoEffect) {
    Outbox outbox(*store);
    outbox.register_worker("mail", record());
    outbox.start();
    (void)store->commit_and_wait([](Transaction& tx) -> Result<void> {
        tx.enqueue({.kind = "mail", .payload = "dropped"});
        tx.on_refusal().enqueue({.kind = "mail", .payload = "kept"});
        return ApiError{.code = "Refused"};
    });
    ASSERT_TRUE(outbox.wait_idle(seconds(5)));
    EXPECT_EQ(notes(), std::vector<std::string>{"kept"});
}

TEST_F(OutboxTest, OneOrderingKeyRunsOneAtATimeAndInOrder) {
    constexpr int rows = 60;
    std::map<std::string, int> running;
    std::vector<std::thread> threads;
    Outbox outbox(*store);
    outbox.register_worker(
        "work",
        [&](const OutboxRow& row, Completion completion) {
            const std::lock_guard lock(mutex);
            EXPECT_EQ(running[row.ordering_key]++, 0);
            seen.push_back(row.ordering_key + row.payload);
            threads.emplace_back([&, name = row.ordering_key, completion = std::move(completion)]() mutable {
                std::this_thread::sleep_for(milliseconds(1));
                {
                    const std::lock_guard inner(mutex);
                    --running[name];
                }
                completion.done();
            });
        },
        {.parallel_max = 8});
    outbox.start();
    for (int i = 0; i < rows; ++i) {
        enqueue({.kind = "work", .ordering_key = i % 2 == 0 ? "a" : "b", .payload = std::to_string(100 + i)});
    }
    ASSERT_TRUE(outbox.wait_idle(seconds(20)));
    outbox.stop();
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(rows));
    std::map<char, std::string> last;
    for (const auto& text : seen) {
        EXPECT_LT(last[text[0]], text);
        last[text[0]] = text;
    }
}

TEST_F(OutboxTest, NotBeforeIsHonoured) {
    Outbox outbox(*store);
    outbox.register_worker("mail", record());
    outbox.start();
    enqueue({.kind = "mail", .not_before = clock.now() + minutes(5), .payload = "later"});
    enqueue({.kind = "mail", .payload = "now"});
    ASSERT_TRUE(outbox.wait_idle(seconds(5)));
    EXPECT_EQ(notes(), std::vector<std::string>{"now"});
    EXPECT_EQ(outbox.depth(), 1U);
    clock.advance(minutes(5));
    outbox.wake();
    ASSERT_TRUE(outbox.wait_idle(seconds(5)));
    EXPECT_EQ(notes(), (std::vector<std::string>{"now", "later"}));
}

TEST_F(OutboxTest, FailuresBackOffKeepTheirOrderAndCount) {
    std::vector<std::int32_t> attempts;
    Outbox outbox(*store);
    outbox.register_worker("mail", [&](const OutboxRow& row, Completion completion) {
        note(row.payload);
        if (row.payload == "second") return completion.done();
        {
            const std::lock_guard lock(mutex);
            attempts.push_back(row.attempts);
        }
        if (row.attempts == 0) return completion.failed("no route");
        if (row.attempts == 1 && row.last_failure == "no route") return;  // dropped: a failure too
        completion.done();
    });
    outbox.start();
    enqueue({.kind = "mail", .ordering_key = "o", .payload = "first"});
    enqueue({.kind = "mail", .ordering_key = "o", .payload = "second"});
    ASSERT_TRUE(outbox.wait_idle(seconds(5)));
    EXPECT_EQ(notes(), std::vector<std::string>{"first"});
    for (int i = 0; i < 2; ++i) {
        clock.advance(seconds(2));
        outbox.wake();
        ASSERT_TRUE(outbox.wait_idle(seconds(5)));
    }
    EXPECT_EQ(notes(), (std::vector<std::string>{"first", "first", "first", "second"}));
    EXPECT_EQ(attempts, (std::vector<std::int32_t>{0, 1, 2}));
}

TEST_F(OutboxTest, RowsSurviveARestartAndUnfinishedOnesRunAgain) {
    std::optional<Completion> kept;
    {
        Outbox outbox(*store);
        outbox.register_worker("mail",
                               [&](const OutboxRow&, Completion completion) { kept.emplace(std::move(completion)); });
        outbox.start();
        enqueue({.kind = "mail", .payload = "one"});
        enqueue({.kind = "mail", .payload = "two"});
        enqueue({.kind = "other", .payload = "no worker yet"});
        outbox.stop(milliseconds(50));
    }
    if (kept) kept->done();  // too late: nobody listens
    store.reset();
    store = open();
    Outbox outbox(*store);
    outbox.register_worker("mail", record());
    outbox.start();
    ASSERT_TRUE(outbox.wait_idle(seconds(5)));
    EXPECT_EQ(notes(), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(outbox.depth(), 1U);
    outbox.register_worker("other", record());
    ASSERT_TRUE(outbox.wait_idle(seconds(5)));
    EXPECT_EQ(outbox.depth(), 0U);
}

}  // namespace
}  // namespace sekisho::store
