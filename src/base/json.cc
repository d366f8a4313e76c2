#include "base/json.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>
#include <cmath>

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
    std::size_t plain = 0;  // start of the run that needs no escape
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto c = static_cast<unsigned char>(value[i]);
        if (c >= 0x20 && c != '"' && c != '\\') [[likely]]
            continue;
        out_.append(value.substr(plain, i - plain));
        plain = i + 1;
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
    out_.append(value.substr(plain));
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
