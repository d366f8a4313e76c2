#include "crypto/cbor.h"

#include <algorithm>

namespace sekisho::crypto {
namespace {

enum class Major : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, tag, simple };

struct Head {
    Major major = Major::simple;
    std::uint64_t argument = 0;
};

// RFC 8949, 3: the first byte and the argument after it. 4.2.1: in the shortest form.
std::optional<Head> read_head(std::string_view& text) {
    if (text.empty()) return {};
    const auto first = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    Head head{.major = static_cast<Major>(first >> 5), .argument = first & 31U};
    if (head.argument < 24) return head;
    if (head.argument > 27) return {};  // 31: indefinite lengths; 28 to 30 are reserved
    const std::size_t width = std::size_t{1} << (head.argument - 24);
    if (text.size() < width) return {};
    std::uint64_t value = 0;
    for (const char c : text.substr(0, width)) value = (value << 8) | static_cast<unsigned char>(c);
    text.remove_prefix(width);
    const bool is_shortest = width == 1 ? value >= 24 : (value >> (width * 4)) != 0;
    if (!is_shortest) return {};
    head.argument = value;
    return head;
}

std::optional<std::int64_t> integer_of(const Head& head) {
    if (head.argument > static_cast<std::uint64_t>(INT64_MAX)) return {};
    const auto value = static_cast<std::int64_t>(head.argument);
    return head.major == Major::negative_integer ? -1 - value : value;
}

std::optional<CborValue> read_value(std::string_view& text, int depth);

// The entries of a map whose head was read.
std::optional<CborMap> read_entries(std::string_view& text, std::uint64_t count, int depth) {
    if (count > cbor_entries_max || depth >= cbor_depth_max) return {};
    CborMap map;
    map.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        auto key = read_value(text, depth + 1);
        auto value = key ? read_value(text, depth + 1) : std::nullopt;
        if (!value) return {};
        if (std::ranges::any_of(map, [&](const auto& entry) { return entry.first == *key; })) return {};
        map.emplace_back(*key, *value);
    }
    return map;
}

bool skip_items(std::string_view& text, std::uint64_t count, int depth) {
    if (count > cbor_entries_max || depth >= cbor_depth_max) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (!read_value(text, depth + 1)) return false;
    }
    return true;
}

std::optional<CborValue> read_value(std::string_view& text, int depth) {
    const std::string_view start = text;
    const auto head = read_head(text);
    if (!head) return {};
    const auto other = [&] { return CborOther{start.substr(0, start.size() - text.size())}; };
    switch (head->major) {
        case Major::unsigned_integer:
        case Major::negative_integer: {
            const auto value = integer_of(*head);
            if (!value) return {};
            return *value;
        }
        case Major::bytes:
        case Major::text: {
            if (head->argument > text.size()) return {};
            const auto value = text.substr(0, head->argument);
            text.remove_prefix(head->argument);
            if (head->major == Major::text) return CborText{value};
            return CborBytes{value};
        }
        case Major::array:
            if (!skip_items(text, head->argument, depth)) return {};
            return other();
        case Major::map:
            if (!read_entries(text, head->argument, depth)) return {};
            return other();
        case Major::simple:
            // false, true, null. The others, and floating point, have no place in what authenticators say.
            if (head->argument < 20 || head->argument > 22) return {};
            return other();
        case Major::tag:
            break;
    }
    return {};
}

template <class Value>
const Value* find_as(const CborMap& map, const CborValue& key) {
    const auto found = std::ranges::find(map, key, &CborMap::value_type::first);
    return found == map.end() ? nullptr : std::get_if<Value>(&found->second);
}

}  // namespace

std::optional<CborValue> read_cbor(std::string_view& text) {
    return read_value(text, 0);
}

std::optional<CborMap> read_cbor_map(std::string_view& text) {
    const auto head = read_head(text);
    if (!head || head->major != Major::map) return {};
    return read_entries(text, head->argument, 0);
}

const std::int64_t* find_integer(const CborMap& map, std::int64_t key) {
    return find_as<std::int64_t>(map, key);
}

const CborBytes* find_bytes(const CborMap& map, std::int64_t key) {
    return find_as<CborBytes>(map, key);
}

const CborText* find_text(const CborMap& map, std::string_view key) {
    return find_as<CborText>(map, CborText{key});
}

const CborBytes* find_bytes(const CborMap& map, std::string_view key) {
    return find_as<CborBytes>(map, CborText{key});
}

}  // namespace sekisho::crypto
