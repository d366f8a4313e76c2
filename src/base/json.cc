#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>
#include <cmath>
#include <cstring>

#include "base/limits.h"

namespace sekisho {

Result<json::value> parse_json(std::string_view text) {
    return parse_json(text, {});
}

Result<json::value> parse_json(std::string_view text, json::storage_ptr storage) {
    json::parse_options options;
    options.max_depth = limits::json_depth_max;
    boost::system::error_code error;
    auto value = json::parse(text, error, std::move(storage), options);
    if (error) return ApiError{.code = "SerializationException", .message = "", .cause = error.message()};
    return value;
}

const json::value* find(const json::value& object, std::string_view name) {
    return object.is_object() ? object.get_object().if_contains(name) : nullptr;
}

std::optional<std::string> find_text(const json::value& object, std::string_view name) {
    const auto* value = find(object, name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->get_string());
}

namespace {

// Bytes that are looked at together; every processor that we build for has such registers.
template <std::size_t size>
using Block = unsigned char __attribute__((vector_size(size)));

// What must be escaped: control characters, quotes, backslashes. Not 0 where such a byte is.
template <std::size_t size>
auto special_of(Block<size> block) {
    return (block < 0x20) | (block == '"') | (block == '\\');
}

// Copies a text of at least `size` bytes by blocks, the last of which overlaps the one before it. False: something in
// it must be escaped.
template <std::size_t size>
bool copy_blocks(std::string_view text, char* to) {
    decltype(special_of<size>({})) special{};
    const auto copy = [&](std::size_t at) {
        Block<size> block;
        std::memcpy(&block, text.data() + at, size);
        std::memcpy(to + at, &block, size);
        special |= special_of<size>(block);
    };
    for (std::size_t at = 0; at + size < text.size(); at += size) copy(at);
    copy(text.size() - size);
    using Part = std::conditional_t<size == 4, std::uint32_t, std::uint64_t>;
    Part found = 0;
    for (const Part part : std::bit_cast<std::array<Part, size / sizeof(Part)>>(special)) found |= part;
    return found == 0;
}

bool is_plain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// Nearly every text needs no escape.
bool copy_plain(std::string_view text, char* to) {
    if (text.size() >= 16) return copy_blocks<16>(text, to);
    if (text.size() >= 8) return copy_blocks<8>(text, to);
    if (text.size() >= 4) return copy_blocks<4>(text, to);
    for (const char c : text) *to++ = c;
    return std::ranges::all_of(text, [](char c) { return is_plain(c); });
}

}  // namespace

void JsonWriter::separate() {
    if (!first_) out_.push_back(',');
    first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_.push_back(bracket);
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_.push_back(bracket);
    first_ = false;
    return *this;
}

JsonWriter& JsonWriter::name(std::string_view name) {
    quote(name, true);
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    quote(value, false);
    first_ = false;
    return *this;
}

void JsonWriter::quote(std::string_view value, bool is_name) {
    constexpr std::size_t around = 4;  // a comma, two quotes, a colon
    const std::size_t begin = out_.size();
    bool is_plain = false;
    out_.resize_and_overwrite(begin + value.size() + around, [&](char* bytes, std::size_t) {
        char* at = bytes + begin;
        if (!first_) *at++ = ',';
        *at++ = '"';
        is_plain = copy_plain(value, at);
        if (!is_plain) return static_cast<std::ptrdiff_t>(begin);
        at += value.size();
        *at++ = '"';
        if (is_name) *at++ = ':';
        return at - bytes;
    });
    if (!is_plain) escape(value, is_name);
}

void JsonWriter::escape(std::string_view value, bool is_name) {
    separate();
    out_.push_back('"');
    for (const char c : value) {
        if (is_plain(c)) {
            out_.push_back(c);
            continue;
        }
        switch (c) {
            case '"':
                out_ += "\\\"";
                break;
            case '\\':
                out_ += "\\\\";
                break;
            case '\n':
                out_ += "\\n";
                break;
            case '\r':
                out_ += "\\r";
                break;
            case '\t':
                out_ += "\\t";
                break;
            default:
                out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        }
    }
    out_.push_back('"');
    if (is_name) out_.push_back(':');
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
    separate();
    fmt::format_to(std::back_inserter(out_), "{}", value);
    return *this;
}

JsonWriter& JsonWriter::number(double value) {
    if (!std::isfinite(value)) return null();
    separate();
    fmt::format_to(std::back_inserter(out_), "{}", value);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view value) {
    separate();
    out_.append(value);
    return *this;
}

}  // namespace sekisho
