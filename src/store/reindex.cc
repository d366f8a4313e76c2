#include "store/reindex.h"

#include <algorithm>

#include "base/log.h"
#include "store/layout.h"
#include "store/table.h"

namespace sekisho::store {

constexpr std::size_t batch = 10;  // records in one transaction: each may have several rows
constexpr std::uint8_t described = 2;

// (meta table, 2, number of the table) -> its indexes when it was last opened: two bytes each, number and uniqueness.
class Reindexer {
 public:
    Reindexer(Store& store, const TableBase& table) : store_(store), table_(table), snapshot_(store.snapshot()) {}

    // None: the rows are as the table declares them.
    std::optional<std::string> outdated() const {
        const std::string now = description();
        const auto before = snapshot_.get(place());
        if (before && before->bytes == now) return {};
        return now;
    }
    std::string place() const { return row_prefix(meta_table, described) + key(std::uint64_t{table_.number()}); }

    std::size_t added() const { return added_; }

    Result<std::size_t> walk() {
        SEK_TRY(drop_undeclared());
        std::size_t records = 0;
        Page page;
        for (;;) {
            SEK_TRY(const auto part, table_.rows(snapshot_, 0, {}, page));
            for (std::size_t first = 0; first < part.rows.size(); first += batch) {
                const auto last = std::min(first + batch, part.rows.size());
                SEK_TRY(complete({part.rows.begin() + first, part.rows.begin() + last}));
            }
            records += part.rows.size();
            if (!part.next) return records;
            page.after = *part.next;
        }
    }

 private:
    std::string description() const {
        std::string text;
        for (const auto& index : table_.indexes()) {
            text.push_back(static_cast<char>(index.number));
            text.push_back(index.uniqueness == Uniqueness::unique ? 'u' : 's');
        }
        return text;
    }

    Result<void> complete(std::span<const TableBase::Row> rows) {
        std::size_t added = 0;
        SEK_TRY(store_.commit_and_wait([&](Transaction& transaction) -> Result<void> {
            added = 0;
            for (const auto& row : rows) {
                const auto record = table_.make_record();
                // It has no keys to be found by, and was not read before either: `sekisho check` names it.
                if (auto decoded = table_.decode(transaction, row.primary_key, row.bytes, record.get()); !decoded) {
                    log::error("a record does not decode",
                               {{"table", table_.name()}, {"cause", decoded.error().cause}});
                    continue;
                }
                SEK_TRY(table_.check_unique(transaction, record.get(), row.primary_key));
                for (const auto& [side, value] : table_.side_rows(record.get(), row.primary_key)) {
                    if (transaction.get(side)) continue;
                    transaction.put(side, value);
                    ++added;
                }
            }
            return {};
        }));
        added_ += added;
        return {};
    }

    Result<void> drop_undeclared() {
        const auto declared = table_.indexes();
        for (unsigned number = 1; number <= 255; ++number) {
            const auto index = static_cast<std::uint8_t>(number);
            if (std::ranges::find(declared, index, &TableBase::IndexInfo::number) != declared.end()) continue;
            SEK_TRY(drop(table_.index_prefix(index)));
        }
        return {};
    }

    Result<void> drop(const std::string& prefix) {
        std::vector<std::string> rows;
        snapshot_.scan(Range::prefix(prefix), Direction::forward,
                       [&](std::string_view row, std::string_view, Revision) {
                           rows.emplace_back(row);
                           return true;
                       });
        for (std::size_t first = 0; first < rows.size(); first += batch) {
            const auto last = std::min(first + batch, rows.size());
            SEK_TRY(store_.commit_and_wait([&](Transaction& transaction) -> Result<void> {
                for (std::size_t i = first; i < last; ++i) transaction.erase(rows[i]);
                return {};
            }));
        }
        return {};
    }

    Store& store_;
    const TableBase& table_;
    const Snapshot snapshot_;
    std::size_t added_ = 0;
};

namespace {

using Descriptions = std::vector<std::pair<std::string, std::string>>;

Result<void> write(Store& store, const Descriptions& descriptions) {
    constexpr std::size_t together = limits::transaction_keys_max / 2;
    for (std::size_t first = 0; first < descriptions.size(); first += together) {
        SEK_TRY(store.commit_and_wait([&](Transaction& transaction) -> Result<void> {
            for (std::size_t i = first; i < std::min(first + together, descriptions.size()); ++i) {
                transaction.put(descriptions[i].first, descriptions[i].second);
            }
            return {};
        }));
    }
    return {};
}

}  // namespace

Result<std::size_t> reindex(Store& store) {
    std::size_t records = 0;
    Descriptions done;
    for (const TableBase* table : all_tables()) {
        Reindexer reindexer(store, *table);
        auto description = reindexer.outdated();
        if (!description) continue;
        SEK_TRY(const std::size_t walked, reindexer.walk());
        if (reindexer.added() > 0) {
            log::info("a table's indexes were built", {{"table", table->name()}, {"rows", reindexer.added()}});
        }
        records += walked;
        done.emplace_back(reindexer.place(), std::move(*description));
    }
    SEK_TRY(write(store, done));
    return records;
}

}  // namespace sekisho::store
