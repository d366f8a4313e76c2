#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/log.h"
#include "store/engine.h"
#include "store/layout.h"

namespace sekisho::store {
namespace {

constexpr std::size_t revision_bytes = 8;
constexpr std::string_view format_version = "1";

MDB_val to_mdb(std::string_view bytes) {
    return {bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view from_mdb(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

// A read that fails means a broken disk or map: there is no answer that would be true.
[[noreturn]] void end_process(std::string_view what, int code) {
    log::error("the store cannot be read", {{"call", what}, {"error", mdb_strerror(code)}});
    std::abort();
}

ApiError write_error(std::string_view what, int code) {
    std::string cause = std::string(what) + ": " + mdb_strerror(code);
    if (code == MDB_MAP_FULL || code == ENOSPC || code == EDQUOT || code == EFBIG)
        return store_full_error(std::move(cause));
    return errors::internal_failure("store: " + std::move(cause));
}

std::uint64_t load_revision(const char* bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < revision_bytes; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

void save_revision(char* bytes, std::uint64_t value) {
    for (std::size_t i = revision_bytes; i-- > 0; value >>= 8) bytes[i] = static_cast<char>(value);
}

Value split_value(const MDB_val& stored) {
    const std::string_view bytes = from_mdb(stored);
    if (bytes.size() < revision_bytes) end_process("value without revision", MDB_CORRUPTED);
    return {bytes.substr(revision_bytes), load_revision(bytes.data())};
}

std::optional<Value> get_row(MDB_txn* txn, MDB_dbi dbi, std::string_view key) {
    if (key.empty() || key.size() > limits::key_bytes_max) return std::nullopt;
    MDB_val mdb_key = to_mdb(key);
    MDB_val stored;
    const int code = mdb_get(txn, dbi, &mdb_key, &stored);
    if (code == MDB_NOTFOUND) return std::nullopt;
    if (code != MDB_SUCCESS) end_process("mdb_get", code);
    return split_value(stored);
}

Revision newest_revision(MDB_txn* txn, MDB_dbi dbi) {
    const auto row = get_row(txn, dbi, row_prefix(meta_table, 1));
    return row ? row->revision : 0;
}

// To the last row before `to`.
int seek_backward(MDB_cursor* cursor, const std::string& to, MDB_val& key, MDB_val& value) {
    if (to.empty()) return mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    key = to_mdb(to);
    const int code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) return mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    if (code != MDB_SUCCESS) return code;
    return mdb_cursor_get(cursor, &key, &value, MDB_PREV);
}

void scan_rows(MDB_cursor* cursor, const Range& range, Direction direction, const Visitor& visitor) {
    MDB_val key = to_mdb(range.from);
    MDB_val stored;
    const bool forward = direction == Direction::forward;
    int code = forward ? mdb_cursor_get(cursor, &key, &stored, range.from.empty() ? MDB_FIRST : MDB_SET_RANGE)
                       : seek_backward(cursor, range.to, key, stored);
    while (code == MDB_SUCCESS) {
        const std::string_view row_key = from_mdb(key);
        if (forward ? !range.to.empty() && row_key >= range.to : row_key < range.from) return;
        const Value value = split_value(stored);
        if (!visitor(row_key, value.bytes, value.revision)) return;
        code = mdb_cursor_get(cursor, &key, &stored, forward ? MDB_NEXT : MDB_PREV);
    }
    if (code != MDB_NOTFOUND) end_process("mdb_cursor_get", code);
}

class LmdbEngine;

// A read transaction, used again and again (mdb_txn_reset, mdb_txn_renew), with one cursor.
class ReadView final : public View {
 public:
    ReadView(LmdbEngine& engine, MDB_env* env, MDB_dbi dbi) : engine_(engine), dbi_(dbi) {
        if (const int code = mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn_)) end_process("mdb_txn_begin", code);
        if (const int code = mdb_cursor_open(txn_, dbi_, &cursor_)) end_process("mdb_cursor_open", code);
    }
    ~ReadView() override {
        mdb_cursor_close(cursor_);
        mdb_txn_abort(txn_);
    }

    void renew() {
        if (const int code = mdb_txn_renew(txn_)) end_process("mdb_txn_renew", code);
        cursor_is_current_ = false;
    }
    void reset() { mdb_txn_reset(txn_); }

    std::optional<Value> get(std::string_view key) override { return get_row(txn_, dbi_, key); }
    void scan(const Range& range, Direction direction, const Visitor& visitor) override;
    Revision revision() override {
        if (revision_of_ != snapshot_number()) revision_ = newest_revision(txn_, dbi_);
        revision_of_ = snapshot_number();
        return revision_;
    }
    std::uint64_t snapshot_number() override { return mdb_txn_id(txn_); }  // of the last commit; the first is 1
    void release() override;

 private:
    LmdbEngine& engine_;
    MDB_dbi dbi_;
    MDB_txn* txn_ = nullptr;
    MDB_cursor* cursor_ = nullptr;
    bool cursor_is_current_ = true;
    bool cursor_is_busy_ = false;
    std::uint64_t revision_of_ = 0;  // the snapshot that has revision_
    Revision revision_ = 0;
};

void ReadView::scan(const Range& range, Direction direction, const Visitor& visitor) {
    if (cursor_is_busy_) {  // a scan within a scan
        MDB_cursor* inner = nullptr;
        if (const int code = mdb_cursor_open(txn_, dbi_, &inner)) end_process("mdb_cursor_open", code);
        const std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> owner(inner, &mdb_cursor_close);
        scan_rows(inner, range, direction, visitor);
        return;
    }
    if (!cursor_is_current_) {
        if (const int code = mdb_cursor_renew(txn_, cursor_)) end_process("mdb_cursor_renew", code);
        cursor_is_current_ = true;
    }
    cursor_is_busy_ = true;
    scan_rows(cursor_, range, direction, visitor);
    cursor_is_busy_ = false;
}

class WriteBatch final : public Batch {
 public:
    WriteBatch(MDB_txn* txn, MDB_dbi dbi) : txn_(txn), dbi_(dbi), revision_(newest_revision(txn, dbi)) {}
    ~WriteBatch() override {
        if (txn_ != nullptr) mdb_txn_abort(txn_);
    }

    std::optional<Value> get(std::string_view key) override { return get_row(txn_, dbi_, key); }
    void scan(const Range& range, Direction direction, const Visitor& visitor) override {
        MDB_cursor* cursor = nullptr;
        if (const int code = mdb_cursor_open(txn_, dbi_, &cursor)) end_process("mdb_cursor_open", code);
        const std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> owner(cursor, &mdb_cursor_close);
        scan_rows(cursor, range, direction, visitor);
    }
    Revision revision() override { return revision_; }
    std::uint64_t snapshot_number() override { return 0; }

    Result<void> put(std::string_view key, std::string_view bytes, Revision revision) override {
        MDB_val mdb_key = to_mdb(key);
        MDB_val stored{revision_bytes + bytes.size(), nullptr};
        if (const int code = mdb_put(txn_, dbi_, &mdb_key, &stored, MDB_RESERVE)) return write_error("mdb_put", code);
        char* out = static_cast<char*>(stored.mv_data);
        save_revision(out, revision);
        if (!bytes.empty()) std::memcpy(out + revision_bytes, bytes.data(), bytes.size());
        revision_ = revision;
        return {};
    }
    Result<void> erase(std::string_view key) override {
        MDB_val mdb_key = to_mdb(key);
        const int code = mdb_del(txn_, dbi_, &mdb_key, nullptr);
        if (code != MDB_SUCCESS && code != MDB_NOTFOUND) return write_error("mdb_del", code);
        return {};
    }
    Result<void> commit(Revision newest) override {
        SEK_TRY(put(row_prefix(meta_table, 1), {}, newest));
        if (const int code = mdb_txn_commit(std::exchange(txn_, nullptr))) return write_error("mdb_txn_commit", code);
        return {};
    }

 private:
    MDB_txn* txn_;
    MDB_dbi dbi_;
    Revision revision_;
};

class LmdbEngine final : public Engine {
 public:
    LmdbEngine(const StoreOptions& options, std::uint64_t store_number)
        : options_(options), store_number_(store_number) {}
    ~LmdbEngine() override;

    Result<void> open();
    View* read() override;
    void give_back(ReadView* view);
    Result<std::unique_ptr<Batch>> write() override;
    Result<void> copy(const std::filesystem::path& file) override;
    std::uint64_t used_bytes() override;
    std::uint64_t free_bytes() override;

 private:
    Result<void> lock_folder();
    Result<void> open_environment();
    Result<void> check_format();
    std::size_t preferred_slot() const {
        return std::hash<std::thread::id>()(std::this_thread::get_id()) % slots_.size();
    }

    const StoreOptions options_;
    const std::uint64_t store_number_;
    int lock_ = -1;
    MDB_env* env_ = nullptr;
    MDB_dbi dbi_ = 0;
    // Views at rest. A thread finds its own one at its slot nearly always, without a lock.
    std::array<std::atomic<ReadView*>, 64> slots_{};
    std::atomic<std::int64_t> in_use_{0};
};

void ReadView::release() {
    engine_.give_back(this);
}

LmdbEngine::~LmdbEngine() {
    if (in_use_.load() != 0) {
        log::error("a snapshot outlives its store", {{"snapshots", in_use_.load()}});
        std::abort();
    }
    for (auto& slot : slots_) delete slot.exchange(nullptr);
    if (env_ != nullptr) mdb_env_close(env_);
    if (lock_ >= 0) ::close(lock_);
}

Result<void> LmdbEngine::lock_folder() {
    std::error_code error;
    if (!std::filesystem::exists(options_.folder, error)) {
        std::filesystem::create_directories(options_.folder, error);
        if (error) return errors::internal_failure("cannot make " + options_.folder.string() + ": " + error.message());
        std::filesystem::permissions(options_.folder, std::filesystem::perms::owner_all, error);
    }
    const std::string file = (options_.folder / "store.lock").string();
    lock_ = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (lock_ < 0) return errors::internal_failure("cannot open " + file + ": " + std::strerror(errno));
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        return errors::internal_failure("the store in " + options_.folder.string() + " is in use by another process");
    }
    return {};
}

Result<void> LmdbEngine::open_environment() {
    constexpr unsigned readers_max = 4096;
    int code = mdb_env_create(&env_);
    if (code == MDB_SUCCESS) code = mdb_env_set_mapsize(env_, options_.map_bytes);
    if (code == MDB_SUCCESS) code = mdb_env_set_maxreaders(env_, readers_max);
    const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | (options_.durable ? 0U : static_cast<unsigned>(MDB_NOSYNC));
    const std::string file = (options_.folder / data_file_name).string();
    if (code == MDB_SUCCESS) code = mdb_env_open(env_, file.c_str(), flags, 0600);
    if (code != MDB_SUCCESS)
        return errors::internal_failure("cannot open the store " + file + ": " + mdb_strerror(code));
    int dead = 0;
    mdb_reader_check(env_, &dead);
    return {};
}

Result<void> LmdbEngine::check_format() {
    MDB_txn* txn = nullptr;
    if (const int code = mdb_txn_begin(env_, nullptr, 0, &txn)) return write_error("mdb_txn_begin", code);
    int code = mdb_dbi_open(txn, nullptr, 0, &dbi_);
    if (code != MDB_SUCCESS) {
        mdb_txn_abort(txn);
        return write_error("mdb_dbi_open", code);
    }
    WriteBatch batch(txn, dbi_);
    const std::string format_key = row_prefix(meta_table, 0);
    if (const auto format = batch.get(format_key)) {
        if (format->bytes == format_version) return {};
        return errors::internal_failure("the store has format " + std::string(format->bytes) +
                                        ", which this version does not read");
    }
    bool is_empty = true;
    batch.scan({}, Direction::forward, [&](std::string_view, std::string_view, Revision) { return is_empty = false; });
    if (!is_empty) return errors::internal_failure("the file is not a store of ours");
    SEK_TRY(batch.put(format_key, format_version, 1));
    return batch.commit(1);
}

Result<void> LmdbEngine::open() {
    SEK_TRY(lock_folder());
    SEK_TRY(open_environment());
    SEK_TRY(check_format());
    return {};
}

View* LmdbEngine::read() {
    const std::size_t first = preferred_slot();
    in_use_.fetch_add(1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < 4; ++i) {
        if (ReadView* view = slots_[(first + i) % slots_.size()].exchange(nullptr, std::memory_order_acq_rel)) {
            view->renew();
            return view;
        }
    }
    auto view = std::make_unique<ReadView>(*this, env_, dbi_);
    view->store_number = store_number_;
    view->key_ring = options_.key_ring.get();
    return view.release();
}

void LmdbEngine::give_back(ReadView* view) {
    view->reset();
    const std::size_t first = preferred_slot();
    for (std::size_t i = 0; i < 4 && view != nullptr; ++i) {
        ReadView* nothing = nullptr;
        auto& slot = slots_[(first + i) % slots_.size()];
        if (slot.compare_exchange_strong(nothing, view, std::memory_order_acq_rel)) view = nullptr;
    }
    delete view;
    in_use_.fetch_sub(1, std::memory_order_release);
}

Result<std::unique_ptr<Batch>> LmdbEngine::write() {
    MDB_txn* txn = nullptr;
    if (const int code = mdb_txn_begin(env_, nullptr, 0, &txn)) return write_error("mdb_txn_begin", code);
    auto batch = std::make_unique<WriteBatch>(txn, dbi_);
    batch->store_number = store_number_;
    batch->key_ring = options_.key_ring.get();
    return batch;
}

Result<void> LmdbEngine::copy(const std::filesystem::path& file) {
    const int out = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (out < 0) return errors::internal_failure("cannot make " + file.string() + ": " + std::strerror(errno));
    int code = mdb_env_copyfd2(env_, out, MDB_CP_COMPACT);
    if (code == MDB_SUCCESS && ::fsync(out) != 0) code = errno;
    if (::close(out) != 0 && code == MDB_SUCCESS) code = errno;
    if (code == MDB_SUCCESS) return {};
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    return write_error("copy to " + file.string(), code);
}

std::uint64_t LmdbEngine::used_bytes() {
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(env_, &info);
    mdb_env_stat(env_, &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

std::uint64_t LmdbEngine::free_bytes() {
    const std::uint64_t used = used_bytes();
    const std::uint64_t beyond = options_.map_bytes > used ? options_.map_bytes - used : 0;
    if (beyond > map_reserve_bytes(options_.map_bytes)) return beyond;
    // The file never shrinks: what was deleted is in LMDB's list of free pages (database 0; each value is a counted
    // list).
    MDB_txn* txn = nullptr;
    if (mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn) != MDB_SUCCESS) return beyond;
    std::uint64_t pages = 0;
    MDB_stat stat{};
    MDB_cursor* cursor = nullptr;
    if (mdb_stat(txn, dbi_, &stat) == MDB_SUCCESS && mdb_cursor_open(txn, 0, &cursor) == MDB_SUCCESS) {
        MDB_val key;
        MDB_val list;
        while (mdb_cursor_get(cursor, &key, &list, MDB_NEXT) == MDB_SUCCESS) {
            std::size_t count = 0;
            std::memcpy(&count, list.mv_data, sizeof count);
            pages += count;
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return beyond + pages * stat.ms_psize;
}

}  // namespace

std::uint64_t map_reserve_bytes(std::uint64_t map_bytes) {
    return std::min<std::uint64_t>(16ULL << 20, map_bytes / 4);
}

ApiError store_full_error(std::string cause) {
    return {.code = std::string(codes::store_full),
            .message = "The change was not made: the disk that holds the data is full.",
            .http_status = 503,
            .cause = "store: " + std::move(cause),
            .fields = {}};
}

Result<std::unique_ptr<Engine>> open_lmdb_engine(const StoreOptions& options, std::uint64_t store_number) {
    auto engine = std::make_unique<LmdbEngine>(options, store_number);
    SEK_TRY(engine->open());
    return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace sekisho::store
