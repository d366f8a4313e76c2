#include "store/table.h"

#include <map>
#include <random>
#include <set>

#include "crypto/seal.h"
#include "store/check.h"
#include "store/expiry.h"
#include "store/layout.h"
#include "store/reindex.h"
#include "store/testing.h"

namespace sekisho::store {
namespace {

using testing::open_store;
using testing::options_in;
using testing::TemporaryFolder;

enum class Color : std::uint16_t { red, green };
constexpr std::string_view color_names[] = {"RED", "GREEN"};
[[maybe_unused]] constexpr std::span<const std::string_view> enum_names(Color) {
    return color_names;
}

struct Part {
    std::string name;
    std::optional<std::int64_t> count;
    static const Shape shape;
    friend bool operator==(const Part&, const Part&) = default;
};
const Shape Part::shape = record_shape<Part>("Part", {SEK_FIELD(1, Part, name), SEK_FIELD(2, Part, count)});

struct Thing {
    AccountId account;
    std::string name;
    std::string id;
    std::vector<std::string> labels;
    std::optional<Time> ends;
    Color color = Color::green;
    bool enabled = true;
    std::int32_t small = -7;
    double ratio = 0.5;
    std::optional<Part> part;
    std::vector<Part> parts;
    std::map<std::string, std::string> tags;
    Secret secret;
    static const Shape shape;
};
const Shape Thing::shape =
    record_shape<Thing>("Thing", {SEK_FIELD(1, Thing, account), SEK_FIELD(2, Thing, name), SEK_FIELD(3, Thing, id),
                                  SEK_FIELD(4, Thing, labels), SEK_FIELD(5, Thing, ends), SEK_FIELD(6, Thing, color),
                                  SEK_FIELD(7, Thing, enabled), SEK_FIELD(8, Thing, small), SEK_FIELD(9, Thing, ratio),
                                  SEK_FIELD(10, Thing, part), SEK_FIELD(11, Thing, parts), SEK_FIELD(12, Thing, tags),
                                  SEK_FIELD(13, Thing, secret)});

// Thing as an older version knew it.
struct OldThing {
    AccountId account;
    std::string name;
    std::int32_t small = 0;
    static const Shape shape;
};
const Shape OldThing::shape = record_shape<OldThing>(
    "OldThing", {SEK_FIELD(1, OldThing, account), SEK_FIELD(2, OldThing, name), SEK_FIELD(8, OldThing, small)});

constexpr std::uint8_t by_id = 1;
constexpr std::uint8_t by_label = 2;

const Table<Thing> things(65000, "things", [](const Thing& t) { return key(t.account, t.name); },
                          {.indexes = {{by_id, "by_id", unique,
                                        [](const Thing& t) {
                                            return t.id.empty() ? std::vector<std::string>() : std::vector{key(t.id)};
                                        }},
                                       {by_label, "by_label", several,
                                        [](const Thing& t) {
                                            std::vector<std::string> keys;
                                            for (const auto& label : t.labels) keys.push_back(key(label));
                                            return keys;
                                        }}},
                           .expires_at = [](const Thing& t) { return t.ends; },
                           .guards = [](const Thing& t) { return std::vector{key("things", t.account)}; }});

Thing thing(const std::string& name, const std::string& id = {}) {
    Thing t;
    t.account = AccountId("111122223333");
    t.name = name;
    t.id = id;
    t.secret = Secret("hush " + name);
    return t;
}

struct TableTest : ::testing::Test {
    TemporaryFolder folder;
    std::shared_ptr<crypto::KeyRing> key_ring = std::make_shared<crypto::KeyRing>();
    std::unique_ptr<Store> store;

    TableTest() {
        EXPECT_TRUE(key_ring->add(1, Secret(std::string(32, 'k'))));
        auto options = options_in(folder);
        options.key_ring = key_ring;
        store = open_store(options);
    }
    ~TableTest() override {
        const auto report = check(*store);
        EXPECT_TRUE(report.ok()) << report.problems.front();
    }
    Result<Revision> put(const Thing& t) {
        return store->commit_and_wait([&](Transaction& tx) { return things.put(tx, t); });
    }
    Result<std::optional<Thing>> get(const std::string& name) {
        return things.get(store->snapshot(), AccountId("111122223333"), name);
    }
};

TEST_F(TableTest, ARecordComesBackWhole) {
    Thing t = thing("a", "id-a");
    t.labels = {"x", "", "y"};
    t.ends = Time(milliseconds(1234567));
    t.color = Color::red;
    t.enabled = false;
    t.part = Part{"p", -5};
    t.parts = {{"q", 1LL << 60}, {"r", std::nullopt}};
    t.tags = {{"k", "v"}, {"", std::string(300, 'z')}};
    ASSERT_TRUE(put(t));
    auto read = get("a");
    ASSERT_TRUE(read && *read);
    const Thing& r = **read;
    EXPECT_EQ(r.account, t.account);
    EXPECT_EQ(r.labels, t.labels);
    EXPECT_EQ(r.ends, t.ends);
    EXPECT_EQ(r.color, t.color);
    EXPECT_EQ(r.enabled, t.enabled);
    EXPECT_EQ(r.small, t.small);
    EXPECT_EQ(r.ratio, t.ratio);
    EXPECT_EQ(r.part, t.part);
    EXPECT_EQ(r.parts, t.parts);
    EXPECT_EQ(r.tags, t.tags);
    EXPECT_EQ(r.secret.expose(), "hush a");
}

TEST_F(TableTest, SecretsAreSealedAndBoundToTheirRecord) {
    ASSERT_TRUE(put(thing("a")));
    const Snapshot snapshot = store->snapshot();
    const std::string primary = key(AccountId("111122223333"), "a");
    const std::string bytes(snapshot.get(things.row_key(primary))->bytes);
    EXPECT_EQ(bytes.find("hush"), std::string::npos);
    Thing other;
    EXPECT_TRUE(things.decode(snapshot, primary, bytes, &other));
    EXPECT_FALSE(things.decode(snapshot, key(AccountId("111122223333"), "b"), bytes, &other));
}

TEST_F(TableTest, OlderVersionsReadNewerRecords) {
    const Thing t = thing("a");
    const SealContext context{key_ring.get(), 1, "p"};
    const auto bytes = encode_record(Thing::shape, &t, context);
    ASSERT_TRUE(bytes);
    OldThing old;
    ASSERT_TRUE(decode_record(OldThing::shape, *bytes, &old, context));
    EXPECT_EQ(old.name, "a");
    EXPECT_EQ(old.small, -7);
    const auto old_bytes = encode_record(OldThing::shape, &old, context);
    Thing back;
    ASSERT_TRUE(decode_record(Thing::shape, *old_bytes, &back, context));
    EXPECT_TRUE(back.enabled);
    EXPECT_EQ(back.name, "a");
}

TEST_F(TableTest, EveryCutAndEveryWrongByteIsSafe) {
    Thing t = thing("a", "id");
    t.parts = {{"q", 1}};
    t.tags = {{"k", "v"}};
    const SealContext context{key_ring.get(), 1, "p"};
    const std::string bytes = *encode_record(Thing::shape, &t, context);
    const auto decodes = [&](std::string_view text) {
        Thing out;
        return decode_record(Thing::shape, text, &out, context).has_value();
    };
    EXPECT_FALSE(decodes(""));
    EXPECT_FALSE(decodes(bytes.substr(0, bytes.size() - 1)));
    EXPECT_FALSE(decodes(bytes + '\x01'));
    EXPECT_FALSE(decodes(bytes + bytes.substr(1)));  // members twice
    std::mt19937 random(3);
    for (int i = 0; i < 20'000; ++i) {
        std::string wrong = bytes;
        for (int n = 0; n < 3; ++n) wrong[random() % wrong.size()] = static_cast<char>(random());
        (void)decodes(wrong.substr(0, random() % 8 == 0 ? random() % wrong.size() : wrong.size()));
    }
    EXPECT_TRUE(record_shape_problems(Thing::shape).empty());
}

TEST_F(TableTest, UniqueIndexesRefuseASecondRecord) {
    ASSERT_TRUE(put(thing("a", "same")));
    const auto refused = put(thing("b", "same"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, codes::unique_index_violation);
    EXPECT_FALSE(*get("b"));
    ASSERT_TRUE(put(thing("a", "other")));  // frees "same"
    ASSERT_TRUE(put(thing("b", "same")));
    EXPECT_EQ((*things.get_by(store->snapshot(), by_id, "same"))->name, "b");
    EXPECT_FALSE(*things.get_by(store->snapshot(), by_id, "none"));
}

TEST_F(TableTest, PagesCoverAllOnceInBothDirections) {
    std::vector<std::string> names;
    for (int i = 10; i < 40; ++i) {
        names.push_back("n" + std::to_string(i));
        Thing t = thing(names.back());
        t.labels = {i % 2 == 0 ? "even" : "odd"};
        ASSERT_TRUE(put(t));
    }
    const Snapshot snapshot = store->snapshot();
    for (const Direction direction : {Direction::forward, Direction::backward}) {
        std::vector<std::string> seen;
        Page page{.limit = 7, .direction = direction};
        for (;;) {
            const auto slice = things.scan(snapshot, prefix(AccountId("111122223333")), page);
            ASSERT_TRUE(slice);
            for (const Thing& t : slice->items) seen.push_back(t.name);
            if (!slice->next) break;
            page.after = *slice->next;
        }
        if (direction == Direction::backward) std::reverse(seen.begin(), seen.end());
        EXPECT_EQ(seen, names);
    }
    const auto even = things.scan_by(snapshot, by_label, prefix("even"), {.limit = 10});
    ASSERT_TRUE(even);
    EXPECT_EQ(even->items.size(), 10U);
    const auto rest = things.scan_by(snapshot, by_label, prefix("even"), {.after = *even->next});
    EXPECT_EQ(rest->items.size(), 5U);
    EXPECT_FALSE(rest->next);
    EXPECT_TRUE(things.scan(snapshot, prefix(AccountId("999999999999")))->items.empty());
}

TEST_F(TableTest, ADeclaredGuardStopsWriteSkew) {
    auto tx = store->transaction();
    tx->read_guard(key("things", AccountId("111122223333")));
    const auto found = things.scan(*tx, prefix());
    EXPECT_TRUE(found->items.empty());
    tx->put(key(1000U), "there are none");
    ASSERT_TRUE(put(thing("a")));
    std::optional<Result<Revision>> result;
    store->commit({.transaction = std::move(tx), .done = [&](Result<Revision> r) { result = std::move(r); }});
    store->close();
    EXPECT_EQ(result->error().code, codes::conflict);
}

TEST_F(TableTest, RandomChangesKeepEveryIndexRight) {
    std::mt19937 random(5);
    std::map<std::string, std::vector<std::string>> model;
    for (int round = 0; round < 200; ++round) {
        const std::string name = "n" + std::to_string(random() % 20);
        if (random() % 4 == 0) {
            ASSERT_TRUE(store->commit_and_wait([&](Transaction& tx) -> Result<void> {
                SEK_TRY(const bool existed, things.erase(tx, AccountId("111122223333"), name));
                EXPECT_EQ(existed, model.contains(name));
                return {};
            }));
            model.erase(name);
            continue;
        }
        Thing t = thing(name, "id-" + name);
        for (std::size_t i = random() % 4; i > 0; --i) t.labels.push_back("l" + std::to_string(random() % 5));
        if (random() % 2 == 0) t.ends = Time(milliseconds(random() % 1000));
        ASSERT_TRUE(put(t));
        model[name] = t.labels;
    }
    const Snapshot snapshot = store->snapshot();
    for (int l = 0; l < 5; ++l) {
        const std::string label = "l" + std::to_string(l);
        std::set<std::string> expected;
        for (const auto& [name, labels] : model) {
            if (std::find(labels.begin(), labels.end(), label) != labels.end()) expected.insert(name);
        }
        std::set<std::string> seen;
        for (const Thing& t : things.scan_by(snapshot, by_label, prefix(label))->items) seen.insert(t.name);
        EXPECT_EQ(seen, expected);
    }
}

TEST_F(TableTest, TheSweeperDeletesWhatHasEndedAndNothingElse) {
    for (int i = 0; i < 35; ++i) {
        Thing t = thing("n" + std::to_string(i), "id" + std::to_string(i));
        if (i < 30) t.ends = Time(milliseconds(i));
        ASSERT_TRUE(put(t));
    }
    Thing later = thing("n3", "id3");
    later.ends = Time(milliseconds(500));
    ASSERT_TRUE(put(later));
    Sweeper sweeper(*store);
    EXPECT_EQ(*sweeper.sweep(Time(milliseconds(20)), 5), 5U);
    EXPECT_EQ(*sweeper.sweep(Time(milliseconds(20)), 1000), 15U);  // 0 to 20, without 3
    EXPECT_EQ(*sweeper.sweep(Time(milliseconds(20)), 1000), 0U);
    EXPECT_TRUE(*get("n3"));
    EXPECT_FALSE(*get("n20"));
    EXPECT_TRUE(*get("n21"));
    EXPECT_EQ(things.scan(store->snapshot(), prefix())->items.size(), 15U);
}

// A version that declares other indexes than the one that wrote the store.
TEST_F(TableTest, IndexesFollowTheirDeclarations) {
    using Parts = Table<Part>;
    constexpr std::uint16_t number = 60'000;
    const auto by_name = [](const Part& p) { return key(p.name); };
    const auto by_count = [](const Part& p) { return std::vector{key(*p.count)}; };
    const auto by_half = [](const Part& p) { return std::vector{key(*p.count / 2)}; };
    {
        const Parts before(number, "parts", by_name, {.indexes = {{1, "by_count", several, by_count}}});
        for (std::int64_t i = 0; i < 25; ++i) {
            ASSERT_TRUE(store->commit_and_wait(
                [&](Transaction& tx) { return before.put(tx, {"part " + std::to_string(i), i}); }));
        }
        EXPECT_EQ(reindex(*store).value_or(0), 25U) << "as far as it knows";
        EXPECT_EQ(reindex(*store).value_or(1), 0U) << "nothing has changed";
    }
    {
        const Parts unique_half(number, "parts", by_name, {.indexes = {{3, "by_half", unique, by_half}}});
        const auto refused = reindex(*store);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, codes::unique_index_violation);
    }
    const Parts after(number, "parts", by_name, {.indexes = {{2, "by_half", several, by_half}}});
    const auto broken = after.row_key(key("broken"));
    ASSERT_TRUE(store->commit_and_wait([&](Transaction& tx) -> Result<void> {
        tx.put(broken, "no record");
        return {};
    }));
    EXPECT_EQ(reindex(*store).value_or(0), 26U) << "what does not decode is passed over";
    ASSERT_TRUE(store->commit_and_wait([&](Transaction& tx) -> Result<void> {
        tx.erase(broken);
        return {};
    }));
    const auto found = after.scan_by(store->snapshot(), 2, key(std::int64_t{3}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->items.size(), 2U);
    EXPECT_TRUE(check(*store).ok()) << "the rows of the former indexes are gone";
    ASSERT_TRUE(store->commit_and_wait([&](Transaction& tx) -> Result<void> {
        for (int i = 0; i < 25; ++i) SEK_TRY(after.erase(tx, "part " + std::to_string(i)));
        return {};
    }));
}

TEST_F(TableTest, CheckFindsWhatDoesNotFit) {
    ASSERT_TRUE(put(thing("a", "id-a")));
    const std::string primary = key(AccountId("111122223333"), "a");
    const std::string good = things.index_row_key({by_id, "by_id", unique}, key("id-a"), primary);
    const std::string bad = things.index_row_key({by_id, "by_id", unique}, key("id-b"), primary);
    const auto report_after = [&](std::function<void(Transaction&)> change, std::function<void(Transaction&)> back) {
        const auto run = [&](auto& f) {
            EXPECT_TRUE(store->commit_and_wait([&](Transaction& tx) { return f(tx), Result<void>(); }));
        };
        run(change);
        const auto report = check(*store);
        run(back);
        return report.problem_count;
    };
    EXPECT_EQ(check(*store).problem_count, 0U);
    EXPECT_EQ(report_after([&](auto& tx) { tx.erase(good); }, [&](auto& tx) { tx.put(good, primary); }), 1U);
    EXPECT_EQ(report_after([&](auto& tx) { tx.put(bad, primary); }, [&](auto& tx) { tx.erase(bad); }), 1U);
    const std::string row = things.row_key(primary + "x");
    EXPECT_EQ(report_after([&](auto& tx) { tx.put(row, "junk"); }, [&](auto& tx) { tx.erase(row); }), 1U);
}

}  // namespace
}  // namespace sekisho::store
