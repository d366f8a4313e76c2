#include "store/table.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/log.h"
#include "crypto/digest.h"
#include "store/layout.h"

namespace sekisho::store {
namespace {

struct Registry {
    std::shared_mutex mutex;
    std::map<std::uint16_t, const TableBase*> tables;
};

// Never destroyed: tables with static lifetime leave it when the process ends, in no particular order.
Registry& registry() {
    static Registry& instance = *new Registry;
    return instance;
}

[[noreturn]] void end_process(std::string_view table, std::string_view what) {
    log::error("a table is declared wrongly", {{"table", table}, {"problem", what}});
    std::abort();
}

}  // namespace

const TableBase* find_table(std::uint16_t number) {
    const std::shared_lock lock(registry().mutex);
    const auto found = registry().tables.find(number);
    return found == registry().tables.end() ? nullptr : found->second;
}

std::vector<const TableBase*> all_tables() {
    const std::shared_lock lock(registry().mutex);
    std::vector<const TableBase*> tables;
    for (const auto& [number, table] : registry().tables) tables.push_back(table);
    return tables;
}

TableBase::TableBase(std::uint16_t number, std::string_view name) : number_(number), name_(name) {
    if (number < record_table_min) end_process(name, "its number is below 16");
    const std::lock_guard lock(registry().mutex);
    if (!registry().tables.emplace(number, this).second) end_process(name, "another table has its number");
}

TableBase::~TableBase() {
    const std::lock_guard lock(registry().mutex);
    registry().tables.erase(number_);
}

std::string TableBase::row_key(std::string_view primary_key) const {
    std::string row = row_prefix(number_);
    row.reserve(row.size() + primary_key.size());
    row.append(primary_key);
    return row;
}

std::string TableBase::index_prefix(std::uint8_t index) const {
    return row_prefix(number_, index);
}

std::string TableBase::index_row_key(const IndexInfo& index, std::string_view index_key,
                                     std::string_view primary_key) const {
    std::string row = index_prefix(index.number).append(index_key);
    if (index.uniqueness == Uniqueness::unique) return row;
    if (row.size() + primary_key.size() <= limits::key_bytes_max) {
        row.append(primary_key);
    } else {
        row.append(crypto::sha256(primary_key).view());  // the value has it in full
    }
    return row;
}

Result<void> TableBase::decode(const Reader& reader, std::string_view primary_key, std::string_view bytes,
                               void* record) const {
    auto decoded = decode_record(shape(), bytes, record, {reader.key_ring(), number_, primary_key});
    if (!decoded) decoded.error().cause += " (table " + std::string(name_) + ")";
    return decoded;
}

std::string_view TableBase::primary_key_of(std::string_view row) {
    return row.substr(row_prefix_bytes);
}

Result<bool> TableBase::load_row(const Reader& reader, std::string_view row, void* record) const {
    const auto value = reader.get(row);
    if (!value) return false;
    SEK_TRY(decode(reader, primary_key_of(row), value->bytes, record));
    return true;
}

std::vector<std::pair<std::string, std::string>> TableBase::side_rows(const void* record,
                                                                      std::string_view primary_key) const {
    std::vector<std::pair<std::string, std::string>> rows;
    const auto infos = indexes();
    for (std::size_t i = 0; i < infos.size(); ++i) {
        for (const std::string& index_key : index_keys(i, record)) {
            rows.emplace_back(index_row_key(infos[i], index_key, primary_key), primary_key);
        }
    }
    if (const auto end = expires_at(record)) {
        std::string row = row_prefix(expiry_table).append(key(*end, static_cast<std::uint64_t>(number_)));
        const bool fits = row.size() + primary_key.size() <= limits::key_bytes_max;
        row.append(fits ? primary_key : crypto::sha256(primary_key).str());
        rows.emplace_back(std::move(row), primary_key);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

Result<void> TableBase::check_unique(const Reader& reader, const void* record, std::string_view primary_key) const {
    const auto infos = indexes();
    for (std::size_t i = 0; i < infos.size(); ++i) {
        if (infos[i].uniqueness != Uniqueness::unique) continue;
        for (const std::string& index_key : index_keys(i, record)) {
            const auto other = reader.get(index_row_key(infos[i], index_key, primary_key));
            if (!other || other->bytes == primary_key) continue;
            return ApiError{
                .code = std::string(codes::unique_index_violation),
                .message = "Another record of " + std::string(name_) + " has this " + std::string(infos[i].name) + ".",
                .http_status = 409,
                .cause = "unique index " + std::string(name_) + "." + std::string(infos[i].name),
                .fields = {{"Table", std::string(name_)}, {"Index", std::string(infos[i].name)}}};
        }
    }
    return {};
}

Result<void> TableBase::store(Transaction& transaction, const void* record) const {
    const std::string primary = primary_key(record);
    SEK_TRY(check_unique(transaction, record, primary));
    SEK_TRY(const std::string bytes, encode_record(shape(), record, {transaction.key_ring(), number_, primary}));
    const auto old = make_record();
    const std::string own_row = row_key(primary);
    SEK_TRY(const bool existed, load_row(transaction, own_row, old.get()));
    const auto wanted = side_rows(record, primary);
    const auto had = existed ? side_rows(old.get(), primary) : std::vector<std::pair<std::string, std::string>>();
    for (const auto& row : had) {
        if (!std::binary_search(wanted.begin(), wanted.end(), row)) transaction.erase(row.first);
    }
    for (const auto& row : wanted) {
        if (!std::binary_search(had.begin(), had.end(), row)) transaction.put(row.first, row.second);
    }
    transaction.put(own_row, bytes);
    if (existed) {
        for (const std::string& guard : guards(old.get())) transaction.bump_guard(guard);
    }
    for (const std::string& guard : guards(record)) transaction.bump_guard(guard);
    return {};
}

Result<bool> TableBase::erase_key(Transaction& transaction, std::string_view primary_key) const {
    const auto old = make_record();
    const std::string own_row = row_key(primary_key);
    SEK_TRY(const bool existed, load_row(transaction, own_row, old.get()));
    if (!existed) return false;
    for (const auto& [row, value] : side_rows(old.get(), primary_key)) transaction.erase(row);
    transaction.erase(own_row);
    for (const std::string& guard : guards(old.get())) transaction.bump_guard(guard);
    return true;
}

std::optional<std::string> TableBase::find_unique(const Reader& reader, std::uint8_t index,
                                                  std::string_view index_key) const {
    const auto value = reader.get(index_prefix(index).append(index_key));
    if (!value) return std::nullopt;
    return std::string(value->bytes);
}

Result<TableBase::RowPage> TableBase::rows(const Reader& reader, std::uint8_t index, std::string_view prefix,
                                           const Page& page) const {
    const std::string table_start = index_prefix(index);
    Range range = Range::prefix(table_start + std::string(prefix));
    if (!page.after.empty()) {
        const std::string after = table_start + page.after;
        if (page.direction == Direction::forward) {
            range.from = std::max(range.from, after + '\0');  // the next key after it
        } else if (range.to.empty() || after < range.to) {
            range.to = after;
        }
    }
    const std::size_t limit = std::clamp<std::size_t>(page.limit, 1, limits::page_items_max);
    RowPage result;
    reader.scan(range, page.direction, [&](std::string_view key, std::string_view bytes, Revision) {
        if (result.rows.size() == limit) {
            result.next = result.rows.back().place;
            return false;
        }
        const std::string_view place = key.substr(row_prefix_bytes);
        if (index == 0) {
            result.rows.push_back({std::string(place), std::string(bytes), std::string(place)});
            return true;
        }
        result.rows.push_back({std::string(bytes), {}, std::string(place)});
        return true;
    });
    if (index == 0) return result;
    for (Row& row : result.rows) {
        const auto record = reader.get(row_key(row.primary_key));
        if (!record) return errors::internal_failure("an index row without its record in table " + std::string(name_));
        row.bytes.assign(record->bytes);
    }
    return result;
}

}  // namespace sekisho::store
