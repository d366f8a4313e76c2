#include "store/check.h"

#include "store/layout.h"
#include "store/outbox.h"
#include "store/table.h"

namespace sekisho::store {

constexpr std::size_t problems_listed_max = 100;

// One walk over all rows. From a record to its side rows, and from a side row back to its record.
class Checker {
 public:
    explicit Checker(const Snapshot& reader) : reader_(reader), newest_(reader.revision()) {}

    CheckReport run() {
        reader_.scan({}, Direction::forward, [&](std::string_view key, std::string_view bytes, Revision revision) {
            row(key, bytes, revision);
            return true;
        });
        return std::move(report_);
    }

 private:
    void problem(std::string text) {
        ++report_.problem_count;
        if (report_.problems.size() < problems_listed_max) report_.problems.push_back(std::move(text));
    }

    void row(std::string_view key, std::string_view bytes, Revision revision) {
        ++report_.rows;
        if (key.size() < row_prefix_bytes) return problem("a row with a short key");
        if (revision > newest_) problem("a row is newer than the store");
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(key[i]); };
        const auto number = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
        const std::string_view rest = key.substr(row_prefix_bytes);
        switch (number) {
            case meta_table:
                return;
            case guard_table:
                ++report_.guard_rows;
                return;
            case outbox_table:
                return outbox_row(rest, bytes);
            case expiry_table:
                return expiry_row(key, bytes);
            default:
                break;
        }
        const TableBase* table = find_table(number);
        if (table == nullptr) return problem("a row of the unknown table " + std::to_string(number));
        if (byte(2) == 0) return record_row(*table, rest, bytes);
        ++report_.index_rows;
        side_row(*table, key, bytes, "an index row");
    }

    void record_row(const TableBase& table, std::string_view primary_key, std::string_view bytes) {
        ++report_.records[std::string(table.name())];
        const auto record = table.make_record();
        if (const auto decoded = table.decode(reader_, primary_key, bytes, record.get()); !decoded) {
            return problem(decoded.error().cause);
        }
        if (table.primary_key(record.get()) != primary_key) {
            problem("a record of " + std::string(table.name()) + " under another key than its own");
        }
        for (const auto& [side_key, value] : table.side_rows(record.get(), primary_key)) {
            const auto side = reader_.get(side_key);
            if (!side || side->bytes != value)
                problem("a record of " + std::string(table.name()) + " lacks an index row");
        }
    }

    void side_row(const TableBase& table, std::string_view key, std::string_view primary_key, std::string_view what) {
        const std::string text = std::string(what) + " of " + std::string(table.name());
        const auto record = table.make_record();
        const auto found = table.load_row(reader_, table.row_key(primary_key), record.get());
        if (!found) return;  // reported at the record
        if (!*found) return problem(text + " without its record");
        for (const auto& side : table.side_rows(record.get(), primary_key)) {
            if (side.first == key) return;
        }
        problem(text + " that its record does not have");
    }

    void expiry_row(std::string_view key, std::string_view primary_key) {
        ++report_.expiry_rows;
        constexpr std::size_t number_at = row_prefix_bytes + 8 + 6;  // the low bytes of the table's number
        if (key.size() < number_at + 2) return problem("an expiry row with a short key");
        const auto number = static_cast<std::uint16_t>(static_cast<unsigned char>(key[number_at]) << 8 |
                                                       static_cast<unsigned char>(key[number_at + 1]));
        const TableBase* table = find_table(number);
        if (table == nullptr) return problem("an expiry row of the unknown table " + std::to_string(number));
        side_row(*table, key, primary_key, "an expiry row");
    }

    void outbox_row(std::string_view id, std::string_view bytes) {
        ++report_.outbox_rows;
        OutboxRow row;
        const auto decoded = decode_record(OutboxRow::shape, bytes, &row, {reader_.key_ring(), outbox_table, id});
        if (!decoded) problem("outbox row " + std::string(id) + ": " + decoded.error().cause);
    }

    const Snapshot& reader_;
    const Revision newest_;
    CheckReport report_;
};

CheckReport check(const Store& store) {
    const Snapshot snapshot = store.snapshot();
    return Checker(snapshot).run();
}

}  // namespace sekisho::store
