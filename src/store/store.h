#pragma once
// The store: ordered keys, values with revisions, snapshots and optimistic transactions, durable at commit.
// A commit is acknowledged (Submission::done) only after it is on disk: kill -9 loses nothing acknowledged.
//
//   auto store = Store::open({.folder = home / "store"});
//   auto revision = (*store)->commit_and_wait([](Transaction& tx) -> Result<void> { tx.put(key("a"), "1"); return {};
//   });
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "store/reader.h"

namespace sekisho::store {

class Engine;
class View;
class Committer;

// The codes of the errors that this room makes (ApiError::code); callers map them to their service's own.
namespace codes {
inline constexpr std::string_view conflict = "TransactionConflict";                 // and no `again` was given
inline constexpr std::string_view unique_index_violation = "UniqueIndexViolation";  // fields: Table, Index
inline constexpr std::string_view store_full = "ServiceUnavailable";                // 503, "... disk is full"
inline constexpr std::string_view queue_full = "ThrottlingException";               // 429
}  // namespace codes

// A consistent view of one revision. Cheap (about 1 microsecond), keeps old pages on disk from being reused while it
// lives: hold it for one call, never across a wait for something outside. Used by one thread at a time; may be moved to
// another thread. Must go before its Store.
class Snapshot final : public Reader {
 public:
    explicit Snapshot(View* view) : view_(view) {}
    Snapshot(Snapshot&& other) noexcept : view_(std::exchange(other.view_, nullptr)) {}
    Snapshot& operator=(Snapshot&& other) noexcept;
    ~Snapshot() override { release(); }

    std::optional<Value> get(std::string_view key) const override;
    void scan(const Range& range, Direction direction, Visitor visitor) const override;
    Revision revision() const override;
    std::uint64_t snapshot_number() const override;
    bool note_read(std::string_view, Revision) const override { return true; }
    std::uint64_t store_number() const override;
    const crypto::KeyRing* key_ring() const override;

 private:
    void release();
    View* view_ = nullptr;
};

// An effect on the outside, carried out by a worker (outbox.h) after, and only if, the transaction is committed.
struct Effect {
    std::string kind;          // which worker
    std::string ordering_key;  // rows of one ordering key run one at a time, in order; empty: on its own
    Time not_before{};         // epoch: at once
    std::string payload;       // the worker's own format
};

// The keys that a transaction has read, with the revisions seen (0: absent). Most are never looked at again, so they
// are cheap to note down: texts one after another. A key read again and again is kept a few times, never without bound.
class Reads {
 public:
    void add(std::string_view key, Revision revision) {
        if (entries_.empty()) {  // room for what most transactions read
            entries_.reserve(16);
            texts_.reserve(768);
        }
        if (entries_.size() >= compact_at_) compact();
        entries_.push_back({texts_.size(), key.size(), revision});
        texts_.append(key);
    }
    // Until `visit(key, revision)` answers false; gives its last answer.
    template <class Visit>
    bool each(Visit&& visit) const {
        return std::ranges::all_of(entries_, [&](const Entry& entry) { return visit(text_of(entry), entry.revision); });
    }

 private:
    struct Entry {
        std::size_t at;
        std::size_t size;
        Revision revision;
    };
    std::string_view text_of(const Entry& entry) const { return std::string_view(texts_).substr(entry.at, entry.size); }
    void compact();

    std::string texts_;
    std::vector<Entry> entries_;
    std::size_t compact_at_ = 1024;
};

// Writes over a Snapshot. Reads see them. get() remembers the revision it saw of each key (absence too): the commit
// conflicts when one of these changed meanwhile. scan() remembers nothing: read a guard key (read_guard) whose writers
// bump it before deciding on a scan. Used by one thread at a time.
class Transaction final : public Reader {
 public:
    explicit Transaction(Snapshot snapshot) : snapshot_(std::move(snapshot)) {}
    ~Transaction() override;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    std::optional<Value> get(std::string_view key) const override;
    void scan(const Range& range, Direction direction, Visitor visitor) const override;
    Revision revision() const override { return base().revision(); }
    std::uint64_t snapshot_number() const override { return base().snapshot_number(); }
    bool note_read(std::string_view key, Revision revision) const override;
    std::uint64_t store_number() const override { return base().store_number(); }
    const crypto::KeyRing* key_ring() const override { return base().key_ring(); }

    // At most limits::transaction_keys_max keys and limits::transaction_bytes_max bytes, and keys of at most
    // limits::key_bytes_max: a breach is an internal error at commit.
    void put(std::string_view key, std::string_view bytes);
    void erase(std::string_view key);
    // Adds an outbox row; gives its index in this transaction. Its id is outbox_row_id(revision of the commit, index).
    std::size_t enqueue(Effect effect);

    // Guard keys stand for "the set of ...": what a decision by scan or absence rests on reads the guard, and whoever
    // changes the set bumps it. Bumping does not conflict with bumping.
    void read_guard(std::string_view guard) const;
    void bump_guard(std::string_view guard);

    // Writes that are committed, alone, when the operation is refused (failed-password counters and the like). What
    // either part has read is checked for conflicts.
    Transaction& on_refusal();
    // The operation is refused: commit drops all writes but on_refusal()'s.
    void refuse() { refused_ = true; }
    bool is_refused() const { return refused_; }
    // Nothing would be written: commit is not needed.
    bool empty() const;

 private:
    friend class Committer;
    friend class Store;
    explicit Transaction(const Transaction* outer) : snapshot_(nullptr), outer_(outer) {}
    using Writes = std::map<std::string, std::optional<std::string>, std::less<>>;
    const Snapshot& base() const { return outer_ ? outer_->snapshot_ : snapshot_; }
    void scan_forward(const Range& range, const Visitor& visitor) const;
    void scan_backward(const Range& range, const Visitor& visitor) const;
    // Reading ends when it is submitted.
    void end_reading() { snapshot_ = Snapshot(nullptr); }

    Snapshot snapshot_;
    const Transaction* outer_ = nullptr;  // of an on_refusal part: whose snapshot it reads
    mutable Reads reads_;
    Writes writes_;
    std::vector<Effect> effects_;
    std::unique_ptr<Transaction> refusal_;
    bool refused_ = false;
};

// A transaction on its way to the disk.
struct Submission {
    std::unique_ptr<Transaction> transaction;
    // Called on the committer thread when a key that the transaction read has changed: fill `fresh`, a transaction over
    // the newest state (which cannot conflict), and say whether it is to be committed. Quick, without I/O, repeatable
    // (it may run once more after a failure of the whole batch). None: the conflict is the result.
    std::move_only_function<bool(Transaction& fresh)> again;
    // Called once, on the committer thread, after the writes are durable (where `again` said no: after the state that
    // it judged is durable). Errors: codes::store_full, codes::queue_full, codes::conflict, internal failures, a closed
    // store (503). Called on the caller's own thread when the queue is full, the store is closed or there is nothing to
    // write. Quick; never waits for another commit.
    std::move_only_function<void(Result<Revision>)> done;
};

struct Change {
    std::string_view key;
    Revision revision;
    bool erased;
};

// Ends its watch when it goes; after that its callback is not running any more. Not to be destroyed by its callback.
class WatchHandle {
 public:
    WatchHandle() = default;
    explicit WatchHandle(std::move_only_function<void()> stop) : stop_(std::move(stop)) {}
    WatchHandle(WatchHandle&& other) noexcept : stop_(std::exchange(other.stop_, nullptr)) {}
    WatchHandle& operator=(WatchHandle&& other) noexcept {
        end();
        stop_ = std::exchange(other.stop_, nullptr);
        return *this;
    }
    ~WatchHandle() { end(); }

 private:
    void end() {
        if (stop_) std::exchange(stop_, nullptr)();
    }
    std::move_only_function<void()> stop_;
};

struct StoreOptions {
    std::filesystem::path folder;            // made (mode 0700) if missing; locked while the store is open
    std::uint64_t map_bytes = 256ULL << 30;  // reserved address space and most bytes on disk; the file is sparse
    std::shared_ptr<const crypto::KeyRing> key_ring;  // seals secret fields; null: records with secrets are errors
    const Clock* clock = &system_clock();
    // Below this much free space on the disk writes are refused (full disk), so that deleting and reading still work.
    std::uint64_t free_disk_bytes_min = 16ULL << 20;
    std::function<std::uint64_t()> free_disk_bytes;  // default: asks the file system of `folder`
    bool durable = true;                             // false: no fsync; for tests that do not test durability
};

class Store {
 public:
    using WatchCallback = std::function<void(std::span<const Change>)>;

    // Errors: in use by another process, unreadable, not a store, a newer format.
    static Result<std::unique_ptr<Store>> open(StoreOptions options);
    ~Store();  // close()

    Snapshot snapshot() const;
    std::unique_ptr<Transaction> transaction() const { return std::make_unique<Transaction>(snapshot()); }
    void commit(Submission submission);
    // Runs `fill` on a transaction, commits and waits; runs it again after a conflict, so it must be repeatable. An
    // error of `fill` is given back after its on_refusal() writes are committed. Never from the committer thread.
    Result<Revision> commit_and_wait(std::function<Result<void>(Transaction&)> fill);
    // `callback` gets the changed keys that begin with `prefix`, after each durable batch, in order, on the committer
    // thread, before the batch's done() calls.
    [[nodiscard]] WatchHandle watch(std::string prefix, WatchCallback callback);
    Revision revision() const;  // of the newest durable transaction
    const Clock& clock() const;
    // Commits what is queued, then ends the committer. Reading still works. Called again: nothing.
    void close();
    // A compacted copy of the live store in a new file (backup). Errors: the file exists, the disk is full.
    Result<void> copy(const std::filesystem::path& file) const;
    // The bytes that the store takes on disk, and how many of map_bytes are in use.
    std::uint64_t used_bytes() const;

 private:
    explicit Store(StoreOptions options);
    StoreOptions options_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Committer> committer_;
};

// The name of the file that holds the data, within the store's folder (what restore puts a copy in place of).
inline constexpr std::string_view data_file_name = "store.mdb";

}  // namespace sekisho::store
