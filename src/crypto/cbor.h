#pragma once
// CBOR as authenticators write it (RFC 8949; CTAP 2.1, section 8 "Message Encoding"), read strictly: definite lengths,
// shortest heads, no tags, no floating point, no key twice, at most four levels deep. Reads in place: what it gives
// points into the text.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sekisho::crypto {

inline constexpr int cbor_depth_max = 4;
inline constexpr std::size_t cbor_entries_max = 64;  // of one map or array

struct CborText {
    std::string_view value;
    friend bool operator==(const CborText&, const CborText&) = default;
};
struct CborBytes {
    std::string_view value;
    friend bool operator==(const CborBytes&, const CborBytes&) = default;
};
// Anything else than an integer, a text or bytes: a map or array as it stands, a truth value, null.
struct CborOther {
    std::string_view encoded;
    friend bool operator==(const CborOther&, const CborOther&) = default;
};
using CborValue = std::variant<std::int64_t, CborText, CborBytes, CborOther>;
using CborMap = std::vector<std::pair<CborValue, CborValue>>;  // in the order of the text

// The one item at the start of `text`, which then loses it. Nothing: malformed, or not as strict as said above.
std::optional<CborValue> read_cbor(std::string_view& text);
// The same, of a map: its entries.
std::optional<CborMap> read_cbor_map(std::string_view& text);

// Look-ups by key; null: not there, or of another type.
const std::int64_t* find_integer(const CborMap& map, std::int64_t key);
const CborBytes* find_bytes(const CborMap& map, std::int64_t key);
const CborText* find_text(const CborMap& map, std::string_view key);
const CborBytes* find_bytes(const CborMap& map, std::string_view key);

}  // namespace sekisho::crypto
