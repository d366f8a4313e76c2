#include "store/expiry.h"

#include <algorithm>

#include "base/log.h"
#include "base/metrics.h"
#include "store/layout.h"
#include "store/table.h"

namespace sekisho::store {
namespace {

constexpr std::size_t sweep_batch = 10;  // records in one transaction: each may have several rows
constexpr std::size_t sweep_limit = 10'000;

struct Ended {
    std::string row;
    std::uint16_t table;
    std::string primary_key;
};

// The table's number follows the time (8 bytes) in the row's key, as 8 bytes of which the last two count.
std::uint16_t table_of(std::string_view row) {
    const std::string_view number = row.substr(row_prefix_bytes + 8, 8);
    return static_cast<std::uint16_t>(static_cast<unsigned char>(number[6]) << 8 |
                                      static_cast<unsigned char>(number[7]));
}

std::vector<Ended> find_ended(const Reader& reader, Time now, std::size_t limit) {
    const std::string start = row_prefix(expiry_table);
    std::vector<Ended> ended;
    reader.scan({start, start + key(now + milliseconds(1))}, Direction::forward,
                [&](std::string_view row, std::string_view primary_key, Revision) {
                    // A table that this version does not know is left to the one that does.
                    if (find_table(table_of(row)) == nullptr) return true;
                    ended.push_back({std::string(row), table_of(row), std::string(primary_key)});
                    return ended.size() < limit;
                });
    return ended;
}

}  // namespace

Result<std::size_t> Sweeper::sweep(Time now, std::size_t limit) {
    static metrics::Counter& swept = metrics::counter("sekisho_store_expired_total", "Records deleted after their end");
    const std::vector<Ended> ended = find_ended(store_.snapshot(), now, limit);
    std::size_t total = 0;
    for (std::size_t first = 0; first < ended.size(); first += sweep_batch) {
        const std::size_t last = std::min(first + sweep_batch, ended.size());
        std::size_t deleted = 0;
        SEK_TRY(store_.commit_and_wait([&](Transaction& transaction) -> Result<void> {
            deleted = 0;
            for (std::size_t i = first; i < last; ++i) {
                // Its end may have been put off meanwhile; then this row is gone.
                if (!transaction.get(ended[i].row)) continue;
                SEK_TRY(const bool existed, find_table(ended[i].table)->erase_key(transaction, ended[i].primary_key));
                if (existed) ++deleted;
            }
            return {};
        }));
        total += deleted;
    }
    swept.add(total);
    return total;
}

void Sweeper::start(milliseconds interval) {
    stop();
    stopping_ = false;
    thread_ = std::thread([this, interval] { run(interval); });
}

void Sweeper::run(milliseconds interval) {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        if (auto swept = sweep(store_.clock().now(), sweep_limit); !swept) {
            log::warning("expired records could not be deleted", {{"cause", swept.error().cause}});
        }
        lock.lock();
        wake_.wait_for(lock, interval, [&] { return stopping_; });
    }
}

void Sweeper::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

}  // namespace sekisho::store
