#pragma once
// Typed tables: records (wire/shape.h) under ordered keys, with secondary indexes, sealed secrets, guards and an
// expiry.
//
//   inline constexpr std::uint8_t role_by_id = 1;
//   const Table<Role> roles(20, "roles", [](const Role& r) { return key(r.account_id, r.name); },
//       {.indexes = {{role_by_id, "by_id", unique, [](const Role& r) { return std::vector{key(r.id)}; }}}});
//
//   SEK_TRY(auto role, roles.get(reader, account_id, name));           // std::optional<Role>
//   SEK_TRY(roles.put(transaction, *role));                            // the indexes follow
//   SEK_TRY(auto page, roles.scan(reader, prefix(account_id), {.limit = 100}));
//
// A table is an object with static lifetime (tests: it outlives its use); its number (16 to 65535) is its name on disk,
// and numbers and names are never used again. Making two tables of one number ends the process.
// Rows: (number, 0, primary key) -> record; (number, index, index key [, primary key when not unique]) -> primary key.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "store/key.h"
#include "store/record_codec.h"
#include "store/revision_cache.h"
#include "store/store.h"

namespace sekisho::store {

enum class Uniqueness : bool { several, unique };
inline constexpr Uniqueness unique = Uniqueness::unique;
inline constexpr Uniqueness several = Uniqueness::several;

// One page of a scan. `after`: the `next` of the page before (opaque; seal it before a client sees it).
struct Page {
    std::string after;
    std::size_t limit = limits::page_items_max;  // more is taken as page_items_max
    Direction direction = Direction::forward;
};

template <class Record>
struct Slice {
    std::vector<Record> items;
    std::optional<std::string> next;  // nothing: this was the last page
};

// What is the same for all tables; works on records by address.
class TableBase {
 public:
    virtual ~TableBase();
    TableBase(const TableBase&) = delete;
    TableBase& operator=(const TableBase&) = delete;

    std::uint16_t number() const { return number_; }
    std::string_view name() const { return name_; }

    // For check, the sweeper and derived tables.
    struct IndexInfo {
        std::uint8_t number;
        std::string_view name;
        Uniqueness uniqueness;
    };
    virtual const Shape& shape() const = 0;
    virtual std::shared_ptr<void> make_record() const = 0;
    virtual std::string primary_key(const void* record) const = 0;
    virtual std::vector<IndexInfo> indexes() const = 0;
    virtual std::vector<std::string> index_keys(std::size_t position, const void* record) const = 0;
    virtual std::optional<Time> expires_at(const void* record) const = 0;
    virtual std::vector<std::string> guards(const void* record) const = 0;

    std::string row_key(std::string_view primary_key) const;
    std::string index_row_key(const IndexInfo& index, std::string_view index_key, std::string_view primary_key) const;
    std::string index_prefix(std::uint8_t index) const;
    // False: no such record.
    Result<bool> erase_key(Transaction& transaction, std::string_view primary_key) const;
    Result<void> decode(const Reader& reader, std::string_view primary_key, std::string_view bytes, void* record) const;

 protected:
    TableBase(std::uint16_t number, std::string_view name);
    static std::string_view primary_key_of(std::string_view row);
    // Into *record; false: no such record.
    Result<bool> load_row(const Reader& reader, std::string_view row, void* record) const;
    // Every row that the record has besides its own: index and expiry rows, with their values.
    Result<void> store(Transaction& transaction, const void* record) const;
    struct Row {
        std::string primary_key;
        std::string bytes;  // of the record
        std::string place;  // what Page::after takes
    };
    struct RowPage {
        std::vector<Row> rows;
        std::optional<std::string> next;
    };
    // index 0: the records themselves.
    Result<RowPage> rows(const Reader& reader, std::uint8_t index, std::string_view prefix, const Page& page) const;
    std::optional<std::string> find_unique(const Reader& reader, std::uint8_t index, std::string_view index_key) const;

 private:
    friend class Checker;
    friend class Reindexer;
    std::vector<std::pair<std::string, std::string>> side_rows(const void* record, std::string_view primary_key) const;
    Result<void> check_unique(const Reader& reader, const void* record, std::string_view primary_key) const;
    const std::uint16_t number_;
    const std::string_view name_;
};

// The tables of this process by number; null: no such table.
const TableBase* find_table(std::uint16_t number);
std::vector<const TableBase*> all_tables();  // by number

template <class Record>
struct IndexOf {
    std::uint8_t number;  // 1 to 255, its name on disk within the table
    std::string_view name;
    Uniqueness uniqueness = several;
    // The keys under which the record is found: none, one or several.
    std::vector<std::string> (*keys)(const Record&) = nullptr;
};

template <class Record>
struct TableOptions {
    std::vector<IndexOf<Record>> indexes;
    // When the record ends; the sweeper (expiry.h) deletes it after that. Reading does not look at it: the reader does.
    std::optional<Time> (*expires_at)(const Record&) = nullptr;
    // Guard keys that each put and erase of the record bumps (the old record's and the new one's).
    std::vector<std::string> (*guards)(const Record&) = nullptr;
};

template <class Record>
class Table final : public TableBase {
 public:
    Table(std::uint16_t number, std::string_view name, std::string (*primary_key)(const Record&),
          TableOptions<Record> options = {})
        : TableBase(number, name), key_(primary_key), options_(std::move(options)) {}

    // Errors of all reads: internal (a record that does not decode).
    template <class... Parts>
    Result<std::optional<Record>> get(const Reader& reader, const Parts&... parts) const {
        return get_row(reader, row_of(parts...));
    }
    // By the primary key's bytes, as key(...) made them.
    Result<std::optional<Record>> get_key(const Reader& reader, std::string_view primary_key) const {
        return get_row(reader, row_key(primary_key));
    }
    // For hot paths: decoded once for each revision. Null: no such record.
    template <class... Parts>
    Result<std::shared_ptr<const Record>> get_shared(RevisionCache<Record>& cache, const Reader& reader,
                                                     const Parts&... parts) const {
        return get_derived(cache, reader, [](Record&& record) { return Result<Record>(std::move(record)); }, parts...);
    }
    // What `make(Record&&) -> Result<Derived>` makes of it, once for each revision. Null: no such record.
    template <class Derived, class Make, class... Parts>
    Result<std::shared_ptr<const Derived>> get_derived(RevisionCache<Derived>& cache, const Reader& reader, Make&& make,
                                                       const Parts&... parts) const {
        const std::string row = row_of(parts...);
        return cache.get(reader, row, [&](std::string_view bytes) -> Result<Derived> {
            Record record{};
            SEK_TRY(decode(reader, primary_key_of(row), bytes, &record));
            return make(std::move(record));
        });
    }
    template <class... Parts>
    bool exists(const Reader& reader, const Parts&... parts) const {
        return reader.get(row_of(parts...)).has_value();
    }
    // Of the record's last change; 0: no such record (or changed by this transaction).
    template <class... Parts>
    Revision revision(const Reader& reader, const Parts&... parts) const {
        const auto value = reader.get(row_of(parts...));
        return value ? value->revision : 0;
    }

    // Creates or replaces. Error codes::unique_index_violation (fields Table, Index): another record has that index
    // key; nothing is written then.
    Result<void> put(Transaction& transaction, const Record& record) const { return store(transaction, &record); }
    template <class... Parts>
    Result<bool> erase(Transaction& transaction, const Parts&... parts) const {
        return erase_key(transaction, key(parts...));
    }

    // Records whose primary key begins with `prefix`, in key order.
    Result<Slice<Record>> scan(const Reader& reader, std::string_view prefix, const Page& page = {}) const {
        return slice(reader, 0, prefix, page);
    }
    // Records whose index key begins with `prefix`, in index key order.
    Result<Slice<Record>> scan_by(const Reader& reader, std::uint8_t index, std::string_view prefix,
                                  const Page& page = {}) const {
        return slice(reader, index, prefix, page);
    }
    // The record with this key of a unique index.
    template <class... Parts>
    Result<std::optional<Record>> get_by(const Reader& reader, std::uint8_t index, const Parts&... parts) const {
        const auto primary = find_unique(reader, index, key(parts...));
        if (!primary) return std::optional<Record>();
        return get_key(reader, *primary);
    }
    // Calls visit(const Record&) -> bool (false: stop) for each record of a prefix, page by page. Not for request paths
    // whose lists can be long.
    template <class Visit>
    Result<void> each(const Reader& reader, std::string_view prefix, Visit&& visit) const {
        Page page;
        for (;;) {
            SEK_TRY(auto part, scan(reader, prefix, page));
            for (const Record& record : part.items) {
                if (!visit(record)) return {};
            }
            if (!part.next) return {};
            page.after = std::move(*part.next);
        }
    }

    const Shape& shape() const override { return Record::shape; }
    std::shared_ptr<void> make_record() const override { return std::make_shared<Record>(); }
    std::string primary_key(const void* record) const override { return key_(of(record)); }
    std::vector<IndexInfo> indexes() const override {
        std::vector<IndexInfo> infos;
        for (const auto& index : options_.indexes) infos.push_back({index.number, index.name, index.uniqueness});
        return infos;
    }
    std::vector<std::string> index_keys(std::size_t position, const void* record) const override {
        return options_.indexes[position].keys(of(record));
    }
    std::optional<Time> expires_at(const void* record) const override {
        return options_.expires_at ? options_.expires_at(of(record)) : std::nullopt;
    }
    std::vector<std::string> guards(const void* record) const override {
        return options_.guards ? options_.guards(of(record)) : std::vector<std::string>();
    }

 private:
    static const Record& of(const void* record) { return *static_cast<const Record*>(record); }
    template <class... Parts>
    std::string row_of(const Parts&... parts) const {
        std::string row = row_key({});
        append_key(row, parts...);
        return row;
    }
    Result<std::optional<Record>> get_row(const Reader& reader, std::string_view row) const {
        Record record{};
        SEK_TRY(const bool found, load_row(reader, row, &record));
        if (!found) return std::optional<Record>();
        return std::optional<Record>(std::move(record));
    }
    Result<Slice<Record>> slice(const Reader& reader, std::uint8_t index, std::string_view prefix,
                                const Page& page) const {
        SEK_TRY(RowPage found, rows(reader, index, prefix, page));
        Slice<Record> result;
        result.items.reserve(found.rows.size());
        for (const Row& row : found.rows) {
            SEK_TRY(decode(reader, row.primary_key, row.bytes, &result.items.emplace_back()));
        }
        result.next = std::move(found.next);
        return result;
    }

    std::string (*key_)(const Record&);
    TableOptions<Record> options_;
};

}  // namespace sekisho::store
