#include "store/store.h"

#include <future>
#include <system_error>

#include "base/log.h"
#include "store/committer.h"
#include "store/engine.h"
#include "store/record_codec.h"
#include "store/table.h"

namespace sekisho::store {
namespace {

std::uint64_t next_store_number() {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1) + 1;
}

// A table whose records cannot be kept is our own mistake; it shows at the first start.
Result<void> check_tables() {
    for (const TableBase* table : all_tables()) {
        const auto problems = record_shape_problems(table->shape());
        if (problems.empty()) continue;
        return errors::internal_failure("table " + std::string(table->name()) + ": " + problems.front());
    }
    return {};
}

}  // namespace

Store::Store(StoreOptions options) : options_(std::move(options)) {}

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
    SEK_TRY(check_tables());
    if (!options.free_disk_bytes) {
        options.free_disk_bytes = [folder = options.folder] {
            std::error_code error;
            const auto space = std::filesystem::space(folder, error);
            return error ? UINT64_MAX : static_cast<std::uint64_t>(space.available);
        };
    }
    std::unique_ptr<Store> store(new Store(std::move(options)));
    SEK_TRY(store->engine_, open_lmdb_engine(store->options_, next_store_number()));
    const Revision newest = store->snapshot().revision();
    store->committer_ = std::make_unique<Committer>(*store->engine_, store->options_, newest);
    return store;
}

Store::~Store() {
    close();
}

Snapshot Store::snapshot() const {
    return Snapshot(engine_->read());
}

void Store::commit(Submission submission) {
    committer_->commit(std::move(submission));
}

Result<Revision> Store::commit_and_wait(std::function<Result<void>(Transaction&)> fill) {
    if (committer_->is_current_thread()) {
        log::error("commit_and_wait on the committer thread would wait for itself");
        std::abort();
    }
    Result<void> filled;
    const auto run = [&](Transaction& transaction) {
        filled = fill(transaction);
        if (!filled) transaction.refuse();
        return !transaction.empty();
    };
    // Shared: the waiter may be gone before set_value has returned.
    const auto promise = std::make_shared<std::promise<Result<Revision>>>();
    auto future = promise->get_future();
    auto first = transaction();
    run(*first);
    commit({.transaction = std::move(first), .again = run, .done = [promise](Result<Revision> result) {
                promise->set_value(std::move(result));
            }});
    Result<Revision> committed = future.get();
    if (!filled) return std::move(filled).error();
    return committed;
}

WatchHandle Store::watch(std::string prefix, WatchCallback callback) {
    return committer_->watch(std::move(prefix), std::move(callback));
}

Revision Store::revision() const {
    return committer_->revision();
}

const Clock& Store::clock() const {
    return *options_.clock;
}

void Store::close() {
    if (committer_) committer_->close();
}

Result<void> Store::copy(const std::filesystem::path& file) const {
    return engine_->copy(file);
}

std::uint64_t Store::used_bytes() const {
    return engine_->used_bytes();
}

}  // namespace sekisho::store
