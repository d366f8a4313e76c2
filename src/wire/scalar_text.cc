#include "wire/scalar_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace sekisho::wire {
namespace {

template <class Number>
ScalarOutcome read_number(std::string_view text, void* value) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end || text.empty()) return ScalarOutcome::malformed;
    *static_cast<Number*>(value) = number;
    return ScalarOutcome::read;
}

ScalarOutcome read_time(const Shape& shape, std::string_view text, void* value) {
    if (shape.timestamp_format == TimestampFormat::epoch_seconds) {
        std::int64_t count = 0;
        if (read_number<std::int64_t>(text, &count) != ScalarOutcome::read) return ScalarOutcome::malformed;
        if (std::abs(count) > 1'000'000'000'000) return ScalarOutcome::malformed;
        *static_cast<Time*>(value) = time_from_epoch_seconds(count);
        return ScalarOutcome::read;
    }
    const auto time = parse_iso8601(text);
    if (!time) return ScalarOutcome::malformed;
    *static_cast<Time*>(value) = *time;
    return ScalarOutcome::read;
}

std::string print_time(const Shape& shape, Time time) {
    if (shape.timestamp_format == TimestampFormat::epoch_seconds) return std::to_string(epoch_seconds(time));
    return epoch_milliseconds(time) % 1000 == 0 ? format_iso8601(time) : format_iso8601_milliseconds(time);
}

}  // namespace

std::string print_scalar(const Shape& shape, const void* value) {
    switch (shape.kind) {
        case Kind::text:
        case Kind::document:
            return *static_cast<const std::string*>(value);
        case Kind::secret:
            return std::string(static_cast<const Secret*>(value)->expose());
        case Kind::blob:
            return encode_base64(*static_cast<const std::string*>(value));
        case Kind::boolean:
            return *static_cast<const bool*>(value) ? "true" : "false";
        case Kind::integer:
            return std::to_string(*static_cast<const std::int32_t*>(value));
        case Kind::long_integer:
            return std::to_string(*static_cast<const std::int64_t*>(value));
        case Kind::number:
            return fmt::format("{}", *static_cast<const double*>(value));
        case Kind::timestamp:
            return print_time(shape, *static_cast<const Time*>(value));
        case Kind::enumeration:
            return std::string(shape.names[*static_cast<const std::uint16_t*>(value)]);
        default:
            return {};
    }
}

ScalarOutcome read_scalar(const Shape& shape, std::string_view text, void* value) {
    switch (shape.kind) {
        case Kind::text:
        case Kind::document:
            *static_cast<std::string*>(value) = text;
            return ScalarOutcome::read;
        case Kind::secret:
            *static_cast<Secret*>(value) = Secret(std::string(text));
            return ScalarOutcome::read;
        case Kind::blob: {
            auto bytes = decode_base64(text);
            if (!bytes) return ScalarOutcome::malformed;
            *static_cast<std::string*>(value) = std::move(*bytes);
            return ScalarOutcome::read;
        }
        case Kind::boolean:
            if (text != "true" && text != "false") return ScalarOutcome::malformed;
            *static_cast<bool*>(value) = text == "true";
            return ScalarOutcome::read;
        case Kind::integer:
            return read_number<std::int32_t>(text, value);
        case Kind::long_integer:
            return read_number<std::int64_t>(text, value);
        case Kind::number:
            return read_number<double>(text, value);
        case Kind::timestamp:
            return read_time(shape, text, value);
        case Kind::enumeration: {
            const auto found = std::ranges::find(shape.names, text);
            if (found == shape.names.end()) return ScalarOutcome::unknown_name;
            *static_cast<std::uint16_t*>(value) = static_cast<std::uint16_t>(found - shape.names.begin());
            return ScalarOutcome::read;
        }
        default:
            return ScalarOutcome::malformed;
    }
}

}  // namespace sekisho::wire
