#include "base/json.h"

#include <fmt/format.h>

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

// Eight bytes at a time: is none of them a control character, a quote or a backslash?
bool is_plain(std::uint64_t block) {
    constexpr std::uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    const auto below = [&](std::uint64_t value, std::uint64_t bound) { return (value - ones * bound) & ~value & tops; };
    return (below(block, 0x20) | below(block ^ ones * '"', 1) | below(block ^ ones * '\\', 1)) == 0;
}

// How many bytes at the start need no escape.
std::size_t plain_length(std::string_view text) {
    std::size_t at = 0;
    for (std::uint64_t block = 0; text.size() - at >= sizeof block; at += sizeof block) {
        std::memcpy(&block, text.data() + at, sizeof block);
        if (!is_plain(block)) break;
    }
    // The last bytes once more, with some before them that are known.
    if (text.size() - at < sizeof(std::uint64_t) && text.size() >= sizeof(std::uint64_t)) {
        std::uint64_t last = 0;
        std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
        if (is_plain(last)) return text.size();
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x20 && text[at] != '"' && text[at] != '\\')
        ++at;
    return at;
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
    text(name);
    out_.push_back(':');
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    separate();
    out_.push_back('"');
    while (true) {
        const std::size_t plain = plain_length(value);
        out_.append(value.substr(0, plain));
        if (plain == value.size()) break;
        const auto c = static_cast<unsigned char>(value[plain]);
        value.remove_prefix(plain + 1);
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
                out_ += fmt::format("\\u{:04x}", c);
        }
    }
    out_.push_back('"');
    return *this;
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
