// No acknowledged change is lost by kill -9: a child process writes and reports each acknowledged transaction through a
// pipe; it is killed at a random moment; then the store is opened and compared with what was reported.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "store/check.h"
#include "store/layout.h"
#include "store/outbox.h"
#include "store/table.h"
#include "store/testing.h"

namespace sekisho::store {
namespace {

using testing::open_store;
using testing::options_in;
using testing::TemporaryFolder;

struct Entry {
    std::int64_t number = 0;
    std::string half;  // each transaction writes a "left" and a "right", together
    static const Shape shape;
};
const Shape Entry::shape = record_shape<Entry>("Entry", {SEK_FIELD(1, Entry, number), SEK_FIELD(2, Entry, half)});

constexpr std::uint8_t by_half = 1;
const Table<Entry> entries(65001, "entries", [](const Entry& e) { return key(e.number, e.half); },
                           {.indexes = {{by_half, "by_half", unique,
                                         [](const Entry& e) { return std::vector{key(e.half, e.number)}; }}}});

Result<void> write_pair(Transaction& tx, std::int64_t number) {
    SEK_TRY(entries.put(tx, {number, "left"}));
    SEK_TRY(entries.put(tx, {number, "right"}));
    tx.enqueue({.kind = "note", .payload = std::to_string(number)});
    const auto count = tx.get(key(1000U, "count"));
    tx.put(key(1000U, "count"), std::to_string((count ? std::stoll(std::string(count->bytes)) : 0) + 1));
    return {};
}

[[noreturn]] void write_until_killed(const StoreOptions& options, std::int64_t first, int out) {
    auto store = Store::open(options);
    if (!store) _exit(1);
    std::atomic<std::int64_t> next{first};
    const auto write_on = [&] {
        for (;;) {
            const std::int64_t number = next.fetch_add(1);
            if (!(*store)->commit_and_wait([&](Transaction& tx) { return write_pair(tx, number); })) _exit(2);
            if (::write(out, &number, sizeof number) != sizeof number) _exit(3);
        }
    };
    std::thread others[] = {std::thread(write_on), std::thread(write_on), std::thread(write_on)};
    write_on();
    for (auto& other : others) other.join();
    _exit(0);
}

// Acknowledged numbers of a child that was killed after `life`.
std::vector<std::int64_t> run_and_kill(const StoreOptions& options, std::int64_t first,
                                       std::chrono::microseconds life) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        write_until_killed(options, first, ends[1]);
    }
    ::close(ends[1]);
    std::vector<std::int64_t> acknowledged;
    std::int64_t number = 0;
    // The clock starts at the first acknowledgement, so that writes are under way.
    if (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged.push_back(number);
    std::this_thread::sleep_for(life);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged.push_back(number);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    return acknowledged;
}

struct Found {
    std::set<std::int64_t> left;
    std::set<std::int64_t> right;
    std::set<std::int64_t> notes;
    std::int64_t count = 0;
};

Found read_all(const Store& store) {
    Found found;
    const Snapshot snapshot = store.snapshot();
    EXPECT_TRUE(entries.each(snapshot, prefix(), [&](const Entry& e) {
        (e.half == "left" ? found.left : found.right).insert(e.number);
        return true;
    }));
    snapshot.scan(Range::prefix(row_prefix(outbox_table)), Direction::forward, [&](auto, std::string_view bytes, auto) {
        OutboxRow row;
        EXPECT_TRUE(decode_record(OutboxRow::shape, bytes, &row, {}));
        found.notes.insert(std::stoll(row.payload));
        return true;
    });
    if (const auto count = snapshot.get(key(1000U, "count"))) found.count = std::stoll(std::string(count->bytes));
    return found;
}

TEST(Kill, NoAcknowledgedChangeIsLostAndNoneIsHalf) {
    constexpr int kills = 200;
    std::mt19937 random(static_cast<unsigned>(::getpid()));
    TemporaryFolder folder;
    auto options = options_in(folder);
    options.durable = true;
    std::set<std::int64_t> acknowledged;
    std::int64_t next = 0;
    Revision revision = 0;
    for (int round = 0; round < kills; ++round) {
        for (const std::int64_t number : run_and_kill(options, next, std::chrono::microseconds(random() % 30'000))) {
            acknowledged.insert(number);
        }
        const auto store = open_store(options);
        ASSERT_TRUE(store);
        const Found found = read_all(*store);
        ASSERT_TRUE(std::includes(found.left.begin(), found.left.end(), acknowledged.begin(), acknowledged.end()))
            << "an acknowledged change is gone, round " << round;
        ASSERT_EQ(found.left, found.right) << "half a transaction, round " << round;
        ASSERT_EQ(found.left, found.notes) << "an effect without its change, round " << round;
        ASSERT_EQ(found.count, static_cast<std::int64_t>(found.left.size()));
        ASSERT_GT(store->revision(), revision);
        revision = store->revision();
        next = *found.left.rbegin() + 1;
        const auto report = check(*store);
        ASSERT_TRUE(report.ok()) << report.problems.front();
        ASSERT_EQ(report.index_rows, found.left.size() * 2);
    }
    EXPECT_GE(acknowledged.size(), static_cast<std::size_t>(kills));
    std::printf("%d kills, %zu acknowledged transactions, none lost\n", kills, acknowledged.size());
}

}  // namespace
}  // namespace sekisho::store
