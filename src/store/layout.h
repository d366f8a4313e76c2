#pragma once
// Where things are on disk: the first three bytes of every row (table number, big endian, and index number).
#include <cstdint>
#include <string>

#include "store/store.h"

namespace sekisho::store {

inline constexpr std::uint16_t meta_table = 0;    // index 0: format, 1: revision, 2: a table's indexes (reindex.cc)
inline constexpr std::uint16_t guard_table = 1;   // guard key -> nothing
inline constexpr std::uint16_t expiry_table = 2;  // (time, table number, primary key) -> nothing
inline constexpr std::uint16_t outbox_table = 3;  // row id -> OutboxRow
inline constexpr std::uint16_t record_table_min = 16;

inline std::string row_prefix(std::uint16_t table, std::uint8_t index = 0) {
    return {static_cast<char>(table >> 8), static_cast<char>(table & 0xff), static_cast<char>(index)};
}
inline constexpr std::size_t row_prefix_bytes = 3;

// The bytes of a new outbox row.
std::string encode_effect(const Effect& effect, Time now);

}  // namespace sekisho::store
