#include "store/store.h"

#include <algorithm>
#include <future>
#include <map>
#include <random>
#include <thread>

#include "store/check.h"
#include "store/revision_cache.h"
#include "store/testing.h"

namespace sekisho::store {
namespace {

using testing::open_store;
using testing::options_in;
using testing::TemporaryFolder;

Result<void> write(Transaction& tx, std::string_view key, std::string_view bytes) {
    tx.put(key, bytes);
    return {};
}

struct StoreTest : ::testing::Test {
    TemporaryFolder folder;
    std::unique_ptr<Store> store = open_store(options_in(folder));

    Revision put(const std::string& name, const std::string& bytes) {
        auto revision = store->commit_and_wait([&](Transaction& tx) { return write(tx, key(1000U, name), bytes); });
        EXPECT_TRUE(revision);
        return revision ? *revision : 0;
    }
    std::string get(const std::string& name) {
        const Snapshot snapshot = store->snapshot();
        const auto value = snapshot.get(key(1000U, name));
        return value ? std::string(value->bytes) : "(absent)";
    }
};

TEST(Key, OrderOfKeysIsOrderOfTuples) {
    std::mt19937 random(7);
    const auto text = [&] {
        std::string out;
        for (std::size_t n = random() % 5; n > 0; --n) out.push_back("\0\1ab\xfe"[random() % 5]);
        return out;
    };
    for (int i = 0; i < 20'000; ++i) {
        const auto a = std::tuple(text(), static_cast<std::int64_t>(random() % 7) - 3, text());
        const auto b = std::tuple(text(), static_cast<std::int64_t>(random() % 7) - 3, text());
        const auto bytes = [](const auto& t) { return key(std::get<0>(t), std::get<1>(t), std::get<2>(t)); };
        ASSERT_EQ(a < b, bytes(a) < bytes(b));
        ASSERT_EQ(a == b, bytes(a) == bytes(b));
        ASSERT_TRUE(bytes(a).starts_with(prefix(std::get<0>(a))));
    }
}

TEST(Key, TimesAndNumbersKeepTheirOrder) {
    EXPECT_LT(key(Time(milliseconds(-5))), key(Time(milliseconds(3))));
    EXPECT_LT(key(std::uint64_t{255}), key(std::uint64_t{256}));
    EXPECT_LT(key(false), key(true));
}

TEST(Key, LongTextsTakeTheirHashAndStayApart) {
    const std::string a(200, 'a');
    EXPECT_NE(key(a), key(a + "b"));
    EXPECT_LE(key(a, a, a, a).size(), limits::key_bytes_max - 3);
    EXPECT_LE(key(std::string(128, 'x'), std::string(128, 'y'), std::string(128, 'z'), a).size(),
              limits::key_bytes_max);
    EXPECT_NE(key(key(a).substr(0, 65)), key(a));  // the hashed form cannot be forged by a text
}

TEST(Key, PrefixEnd) {
    EXPECT_EQ(prefix_end("ab"), "ac");
    EXPECT_EQ(prefix_end("a\xff\xff"), "b");
    EXPECT_EQ(prefix_end("\xff"), "");
    EXPECT_TRUE(key("role/team").starts_with(text_prefix(prefix(), "role/")));
}

TEST_F(StoreTest, WritesAreReadAndSurviveReopening) {
    const Revision first = put("a", "1");
    EXPECT_GT(put("b", "2"), first);
    EXPECT_EQ(store->revision(), store->snapshot().revision());
    const Revision last = store->revision();
    store.reset();
    store = open_store(options_in(folder));
    EXPECT_EQ(get("a"), "1");
    EXPECT_EQ(store->revision(), last);
    EXPECT_GT(put("a", "3"), last);
}

TEST_F(StoreTest, ASnapshotDoesNotChange) {
    put("a", "1");
    const Snapshot before = store->snapshot();
    put("a", "2");
    EXPECT_EQ(before.get(key(1000U, "a"))->bytes, "1");
    EXPECT_EQ(get("a"), "2");
}

TEST_F(StoreTest, IsOpenedOnceAtATime) {
    const auto second = Store::open(options_in(folder));
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().cause.find("in use"), std::string::npos);
}

TEST_F(StoreTest, RandomOperationsAgreeWithAMap) {
    std::map<std::string, std::string> model;
    std::mt19937 random(11);
    const std::string start = "\x10";
    for (int round = 0; round < 150; ++round) {
        auto tx = store->transaction();
        auto inside = model;
        for (std::size_t i = random() % 12; i > 0; --i) {
            const std::string name = start + key(random() % 40);
            if (random() % 3 == 0) {
                tx->erase(name);
                inside.erase(name);
            } else {
                inside[name] = std::to_string(random());
                tx->put(name, inside[name]);
            }
        }
        Range range{start + key(random() % 40), random() % 4 == 0 ? prefix_end(start) : start + key(random() % 40)};
        std::vector<std::pair<std::string, std::string>> expected;
        for (const auto& [name, bytes] : inside) {
            if (name >= range.from && name < range.to) expected.emplace_back(name, bytes);
        }
        for (const Direction direction : {Direction::forward, Direction::backward}) {
            std::vector<std::pair<std::string, std::string>> seen;
            tx->scan(range, direction, [&](std::string_view name, std::string_view bytes, Revision) {
                seen.emplace_back(name, bytes);
                return true;
            });
            if (direction == Direction::backward) std::reverse(seen.begin(), seen.end());
            ASSERT_EQ(seen, expected) << "round " << round;
        }
        if (random() % 4 == 0) continue;  // dropped
        std::promise<Result<Revision>> done;
        store->commit(
            {.transaction = std::move(tx), .done = [&](Result<Revision> r) { done.set_value(std::move(r)); }});
        ASSERT_TRUE(done.get_future().get());
        model = std::move(inside);
    }
}

TEST_F(StoreTest, ConflictsAreFoundAndRunAgainInsideTheBatch) {
    put("n", "1");
    auto tx = store->transaction();
    tx->get(key(1000U, "n"));
    tx->get(key(1000U, "absent"));
    tx->put(key(1000U, "out"), "stale");
    put("absent", "now there");
    std::promise<Result<Revision>> refused;
    auto other = store->transaction();
    other->get(key(1000U, "n"));
    store->commit({.transaction = std::move(tx), .done = [&](Result<Revision> r) { refused.set_value(std::move(r)); }});
    const auto result = refused.get_future().get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, codes::conflict);
    EXPECT_EQ(get("out"), "(absent)");
}

TEST_F(StoreTest, KeysReadAgainAndAgainAreStillGuarded) {
    put("n", "1");
    const auto commit_after = [&](bool is_changed) {
        auto tx = store->transaction();
        for (int round = 0; round < 3000; ++round) {
            tx->get(key(1000U, "n"));
            tx->get(key(1000U, std::to_string(round % 7)));
        }
        tx->put(key(1000U, "out"), "new");
        if (is_changed) put("n", "2");
        std::promise<bool> committed;
        store->commit(
            {.transaction = std::move(tx), .done = [&](Result<Revision> r) { committed.set_value(r.has_value()); }});
        return committed.get_future().get();
    };
    EXPECT_TRUE(commit_after(false));
    EXPECT_FALSE(commit_after(true));
}

TEST_F(StoreTest, ManyThreadsCountExactly) {
    constexpr int threads = 8;
    constexpr int each = 100;
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&] {
            for (int i = 0; i < each; ++i) {
                EXPECT_TRUE(store->commit_and_wait([](Transaction& tx) -> Result<void> {
                    const auto value = tx.get(key(1000U, "n"));
                    tx.put(key(1000U, "n"), std::to_string((value ? std::stoi(std::string(value->bytes)) : 0) + 1));
                    return {};
                }));
            }
        });
    }
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(get("n"), std::to_string(threads * each));
}

// Two withdrawals that each look at the set of both: without the guard both would pass (write skew).
TEST_F(StoreTest, GuardsProtectDecisionsOnScans) {
    for (const bool guarded : {false, true}) {
        const std::string name = guarded ? "guarded" : "plain";
        const auto begin = [&] {
            auto tx = store->transaction();
            if (guarded) tx->read_guard(key(name));
            int seen = 0;
            tx->scan(Range::prefix(key(1001U, name)), Direction::forward,
                     [&](auto, auto, auto) { return ++seen, true; });
            EXPECT_EQ(seen, 0);
            return tx;
        };
        auto a = begin();
        auto b = begin();
        int committed = 0;
        for (auto* tx : {&a, &b}) {
            (*tx)->put(key(1001U, name, tx == &a ? "a" : "b"), "");
            if (guarded) (*tx)->bump_guard(key(name));
            std::promise<bool> done;
            store->commit(
                {.transaction = std::move(*tx), .done = [&](Result<Revision> r) { done.set_value(r.has_value()); }});
            committed += done.get_future().get() ? 1 : 0;
        }
        EXPECT_EQ(committed, guarded ? 1 : 2);
    }
}

TEST_F(StoreTest, ARefusalCommitsItsOwnWritesOnly) {
    const auto result = store->commit_and_wait([](Transaction& tx) -> Result<void> {
        tx.put(key(1000U, "account"), "made");
        tx.enqueue({.kind = "mail"});
        tx.on_refusal().put(key(1000U, "failures"), "1");
        return ApiError{.code = "Wrong"};
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "Wrong");
    EXPECT_EQ(get("account"), "(absent)");
    EXPECT_EQ(get("failures"), "1");
    EXPECT_EQ(check(*store).outbox_rows, 0U);
    ASSERT_TRUE(store->commit_and_wait([](Transaction& tx) -> Result<void> {
        tx.on_refusal().put(key(1000U, "failures"), "2");
        tx.put(key(1000U, "account"), "made");
        return {};
    }));
    EXPECT_EQ(get("failures"), "1");
    EXPECT_EQ(get("account"), "made");
}

TEST_F(StoreTest, RefusalsCountExactlyUnderConflict) {
    std::vector<std::thread> workers;
    for (int t = 0; t < 4; ++t) {
        workers.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                (void)store->commit_and_wait([](Transaction& tx) -> Result<void> {
                    const auto value = tx.get(key(1000U, "f"));
                    const int count = value ? std::stoi(std::string(value->bytes)) : 0;
                    tx.on_refusal().put(key(1000U, "f"), std::to_string(count + 1));
                    return ApiError{.code = "Wrong"};
                });
            }
        });
    }
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(get("f"), "200");
}

TEST_F(StoreTest, LimitsOfOneTransaction) {
    const auto too_many = store->commit_and_wait([](Transaction& tx) -> Result<void> {
        for (std::uint64_t i = 0; i <= limits::transaction_keys_max; ++i) tx.put(key(i), "");
        return {};
    });
    EXPECT_FALSE(too_many);
    EXPECT_FALSE(store->commit_and_wait([](Transaction& tx) { return write(tx, std::string(512, 'k'), ""); }));
    EXPECT_FALSE(store->commit_and_wait([](Transaction& tx) { return write(tx, "k", std::string(1 << 20, 'v')); }));
    EXPECT_TRUE(store->commit_and_wait([](Transaction& tx) { return write(tx, std::string(511, 'k'), ""); }));
}

TEST_F(StoreTest, WatchesSeeTheirPrefixInOrderUntilTheyEnd) {
    std::vector<Revision> seen;
    auto handle = store->watch(key(1000U, "w"), [&](std::span<const Change> changes) {
        for (const Change& change : changes) seen.push_back(change.revision);
    });
    const Revision one = put("w", "1");
    put("x", "1");
    const Revision two = put("w", "2");
    EXPECT_EQ(seen, (std::vector{one, two}));
    handle = WatchHandle();
    put("w", "3");
    EXPECT_EQ(seen.size(), 2U);
}

TEST_F(StoreTest, AClosedStoreRefusesWritesAndReads) {
    put("a", "1");
    store->close();
    const auto result = store->commit_and_wait([](Transaction& tx) { return write(tx, "k", "v"); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().http_status, 503);
    EXPECT_EQ(get("a"), "1");
}

TEST(StoreDisk, AFullDiskRefusesNewDataAndRecovers) {
    TemporaryFolder folder;
    std::atomic<std::uint64_t> available = 1ULL << 40;
    auto options = options_in(folder);
    options.free_disk_bytes = [&] { return available.load(); };
    const auto store = open_store(options);
    const auto put = [&] { return store->commit_and_wait([](Transaction& tx) { return write(tx, "k", "v"); }); };
    ASSERT_TRUE(put());
    available = 1000;
    const auto refused = put();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, codes::store_full);
    EXPECT_NE(refused.error().message.find("full"), std::string::npos);
    EXPECT_TRUE(store->snapshot().get("k"));
    EXPECT_TRUE(store->commit_and_wait([](Transaction& tx) -> Result<void> { return tx.erase("k"), Result<void>(); }));
    available = 1ULL << 40;
    EXPECT_TRUE(put());
}

TEST(StoreDisk, AFullMapRefusesAndStaysReadableAndDeletable) {
    TemporaryFolder folder;
    auto options = options_in(folder);
    options.map_bytes = 1 << 20;
    const auto store = open_store(options);
    std::uint64_t count = 0;
    Result<Revision> result = Revision{0};
    for (; count < 10'000 && result; ++count) {
        result = store->commit_and_wait([&](Transaction& tx) { return write(tx, key(count), std::string(1000, 'v')); });
    }
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, codes::store_full);
    EXPECT_TRUE(store->snapshot().get(key(std::uint64_t{0})));
    int deleted = 0;
    for (std::uint64_t i = 0; i + 1 < count; ++i) {
        deleted +=
            store->commit_and_wait([&](Transaction& tx) -> Result<void> { return tx.erase(key(i)), Result<void>(); })
                ? 1
                : 0;
    }
    EXPECT_GT(deleted, 100);
    EXPECT_TRUE(store->commit_and_wait([&](Transaction& tx) { return write(tx, "again", "v"); }));
}

TEST_F(StoreTest, ACopyIsAStore) {
    for (int i = 0; i < 50; ++i) put("k" + std::to_string(i), "v");
    TemporaryFolder other;
    std::filesystem::create_directory(other.path() / "store");
    const auto file = other.path() / "store" / data_file_name;
    ASSERT_TRUE(store->copy(file));
    EXPECT_FALSE(store->copy(file));
    const auto copied = open_store(options_in(other));
    EXPECT_EQ(copied->revision(), store->revision());
    EXPECT_EQ(copied->snapshot().get(key(1000U, "k49"))->bytes, "v");
}

TEST_F(StoreTest, RevisionCacheMakesOncePerRevision) {
    RevisionCache<std::string> cache(100);
    int made = 0;
    const auto get = [&](const Reader& reader) {
        auto value = cache.get(reader, key(1000U, "c"), [&](std::string_view bytes) -> Result<std::string> {
            ++made;
            return std::string(bytes);
        });
        return *value ? **value : "(absent)";
    };
    EXPECT_EQ(get(store->snapshot()), "(absent)");
    put("c", "1");
    EXPECT_EQ(get(store->snapshot()), "1");
    EXPECT_EQ(get(store->snapshot()), "1");
    EXPECT_EQ(made, 1);
    put("c", "2");
    EXPECT_EQ(get(store->snapshot()), "2");
    auto tx = store->transaction();
    tx->put(key(1000U, "c"), "own");
    EXPECT_EQ(get(*tx), "own");
    EXPECT_EQ(get(store->snapshot()), "2");
    EXPECT_EQ(made, 3);
}

// What a cache knows of a snapshot it does not ask for again; to the commit it counts as read all the same.
TEST_F(StoreTest, WhatACacheKnowsIsReadAllTheSame) {
    RevisionCache<std::string> cache(100);
    const auto get = [&](const Reader& reader) {
        auto value = cache.get(reader, key(1000U, "c"),
                               [](std::string_view bytes) -> Result<std::string> { return std::string(bytes); });
        return *value ? **value : "(absent)";
    };
    put("c", "1");
    auto tx = store->transaction();
    EXPECT_NE(tx->snapshot_number(), 0u);
    EXPECT_EQ(tx->snapshot_number(), store->snapshot().snapshot_number());
    EXPECT_EQ(get(store->snapshot()), "1");  // known of this snapshot from here on
    EXPECT_EQ(get(*tx), "1");
    tx->put(key(1000U, "copy"), "1");
    put("c", "2");

    std::promise<std::string> seen;
    std::promise<void> done;
    store->commit({.transaction = std::move(tx),
                   .again =
                       [&](Transaction& fresh) {
                           EXPECT_EQ(fresh.snapshot_number(), 0u);  // looks at what is not committed yet
                           seen.set_value(get(fresh));
                           return false;
                       },
                   .done = [&](Result<Revision>) { done.set_value(); }});
    done.get_future().get();
    EXPECT_EQ(seen.get_future().get(), "2");

    auto own = store->transaction();
    EXPECT_EQ(get(store->snapshot()), "2");
    own->erase(key(1000U, "c"));
    EXPECT_EQ(get(*own), "(absent)");
    EXPECT_EQ(get(store->snapshot()), "2");
}

}  // namespace
}  // namespace sekisho::store
