#pragma once
// Keys: tuples of parts as bytes whose order is the order of the tuples, part by part.
//
//   key(account_id, region, name)      one record
//   prefix(account_id, region)         the start of every key with these first parts
//
// Parts and their bytes:
//   text, StrongId     0x00 becomes 0x00 0xFF; ended by 0x00 0x01. A text that takes more than key_text_bytes_max bytes
//   so,
//                      begins with 0xFF, or would take the key past key_parts_bytes_max, is replaced by 0xFF and the
//                      hexadecimal digits of its SHA-256: still found by get(), but no longer in order.
//   unsigned integer   8 bytes, big endian
//   signed integer     8 bytes, big endian, sign bit flipped
//   Time               as a signed integer (milliseconds)
//   bool               1 byte
//   enum               2 bytes, big endian, of its number
// The types of the parts are not in the key: all keys of one table have the same types at the same places.
// A row's key takes at most limits::key_bytes_max bytes in the store (LMDB), so keep a key to at most three texts.
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/ids.h"
#include "base/limits.h"
#include "base/time.h"

namespace sekisho::store {

inline constexpr std::size_t key_text_bytes_max = 130;   // AWS's names of up to 128 characters stay in order
inline constexpr std::size_t key_parts_bytes_max = 384;  // from here on every text takes its SHA-256 form

namespace detail {
// `start`: where the key begins in `out`.
void append_text(std::string& out, std::size_t start, std::string_view text);
void append_unsigned(std::string& out, std::uint64_t value);
void append_signed(std::string& out, std::int64_t value);
void append_short(std::string& out, std::uint16_t value);

template <class T>
void append_part(std::string& out, std::size_t start, const T& part) {
    if constexpr (std::same_as<T, bool>) {
        out.push_back(part ? '\1' : '\0');
    } else if constexpr (std::same_as<T, Time>) {
        append_signed(out, part.time_since_epoch().count());
    } else if constexpr (std::is_enum_v<T>) {
        append_short(out, static_cast<std::uint16_t>(part));
    } else if constexpr (std::unsigned_integral<T>) {
        append_unsigned(out, part);
    } else if constexpr (std::signed_integral<T>) {
        append_signed(out, part);
    } else {
        static_assert(std::convertible_to<const T&, std::string_view>, "not a type of a key's part");
        append_text(out, start, part);
    }
}
}  // namespace detail

// After what `out` has already (a row's prefix).
template <class... Parts>
void append_key(std::string& out, const Parts&... parts) {
    constexpr std::size_t most_keys_bytes = 96;
    const std::size_t start = out.size();
    out.reserve(start + most_keys_bytes);
    (detail::append_part(out, start, parts), ...);
}

template <class... Parts>
std::string key(const Parts&... parts) {
    std::string out;
    append_key(out, parts...);
    return out;
}

// The start that all keys with these first parts have in common. prefix() is the start of every key.
template <class... Parts>
std::string prefix(const Parts&... parts) {
    return key(parts...);
}

// The start of all keys whose first parts are `first` and whose next part is a text that begins with `text` (texts in
// their SHA-256 form are not among them).
std::string text_prefix(std::string first, std::string_view text);

// The smallest key after all keys that begin with `prefix`; empty: there is none, the range is open.
std::string prefix_end(std::string_view prefix);

}  // namespace sekisho::store
