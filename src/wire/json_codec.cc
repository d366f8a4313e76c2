#include "wire/json_codec.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cmath>
#include <limits>

#include "base/encoding.h"

namespace sekisho::wire {
namespace {

// Coral's words (the framework of AWS's JSON services).
ApiError wrong_type(const json::value& source, std::string_view wanted) {
    std::string message;
    switch (source.kind()) {
        case json::kind::object:
            message = "Start of structure or map found where not expected.";
            break;
        case json::kind::array:
            message = "Start of list found where not expected.";
            break;
        default: {
            const std::string_view found = source.is_string() ? "STRING_VALUE"
                                           : source.is_bool() ? (source.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE")
                                                              : "NUMBER_VALUE";
            message = fmt::format("{} cannot be converted to {}", found, wanted);
        }
    }
    return {.code = "SerializationException", .message = std::move(message)};
}

class Decoder {
 public:
    explicit Decoder(Violations& violations) : violations_(violations) {}

    Result<void> structure(const Shape& shape, const json::value& source, void* target, const Path& path,
                           bool skip_bound) {
        if (!source.is_object()) return wrong_type(source, "Structure");
        for (const auto& member : shape.members) {
            if (skip_bound && (member.location != Location::body || member.is_payload)) continue;
            const auto inner = Path::member(path, member.name);
            const json::value* found = source.get_object().if_contains(member.wire_name);
            if (found == nullptr || found->is_null()) {
                if (member.required) violations_.add_missing(inner);
                continue;
            }
            void* field = static_cast<char*>(target) + member.offset;
            if (member.optional != nullptr) field = member.optional->emplace(field);
            SEK_TRY(value(*member.shape, *found, field, inner));
        }
        return {};
    }

 private:
    Result<void> value(const Shape& shape, const json::value& source, void* target, const Path& path) {
        switch (shape.kind) {
            case Kind::text:
                return text(source, *static_cast<std::string*>(target));
            case Kind::secret: {
                std::string plain;
                SEK_TRY(text(source, plain));
                *static_cast<Secret*>(target) = Secret(std::move(plain));
                return {};
            }
            case Kind::blob:
                return blob(source, *static_cast<std::string*>(target));
            case Kind::document:
                *static_cast<std::string*>(target) = json::serialize(source);
                return {};
            case Kind::boolean:
                if (!source.is_bool()) return wrong_type(source, "Boolean");
                *static_cast<bool*>(target) = source.get_bool();
                return {};
            case Kind::integer:
                return integer<std::int32_t>(source, target);
            case Kind::long_integer:
                return integer<std::int64_t>(source, target);
            case Kind::number:
                return number(source, *static_cast<double*>(target));
            case Kind::timestamp:
                return timestamp(source, *static_cast<Time*>(target));
            case Kind::enumeration:
                return enumeration(shape, source, target, path);
            case Kind::structure:
                return structure(shape, source, target, path, false);
            case Kind::list:
                return list(shape, source, target, path);
            case Kind::map:
                return map(shape, source, target, path);
        }
        return wrong_type(source, "Object");
    }
    static Result<void> text(const json::value& source, std::string& target) {
        if (!source.is_string()) return wrong_type(source, "String");
        target.assign(source.get_string().data(), source.get_string().size());
        return {};
    }
    static Result<void> blob(const json::value& source, std::string& target) {
        SEK_TRY(text(source, target));
        auto bytes = decode_base64(target);
        if (!bytes) return wrong_type(source, "Blob");
        target = std::move(*bytes);
        return {};
    }
    template <class Integer>
    static Result<void> integer(const json::value& source, void* target) {
        std::int64_t number = 0;
        if (source.is_int64()) {
            number = source.get_int64();
        } else if (source.is_double() && std::floor(source.get_double()) == source.get_double() &&
                   std::abs(source.get_double()) < 9e15) {
            number = static_cast<std::int64_t>(source.get_double());
        } else {
            return wrong_type(source, "Integer");
        }
        if (number < std::numeric_limits<Integer>::min() || number > std::numeric_limits<Integer>::max()) {
            return wrong_type(source, "Integer");
        }
        *static_cast<Integer*>(target) = static_cast<Integer>(number);
        return {};
    }
    static Result<void> number(const json::value& source, double& target) {
        if (!source.is_number()) return wrong_type(source, "Number");
        target = source.to_number<double>();
        return {};
    }
    // Seconds since the epoch, or the extended ISO form.
    static Result<void> timestamp(const json::value& source, Time& target) {
        if (source.is_number()) {
            const double value = source.to_number<double>();
            if (!(std::abs(value) < 1e12)) return wrong_type(source, "Timestamp");
            target = Time(milliseconds(static_cast<std::int64_t>(std::round(value * 1000))));
            return {};
        }
        const auto parsed =
            source.is_string() ? parse_iso8601({source.get_string().data(), source.get_string().size()}) : std::nullopt;
        if (!parsed) return wrong_type(source, "Timestamp");
        target = *parsed;
        return {};
    }
    Result<void> enumeration(const Shape& shape, const json::value& source, void* target, const Path& path) {
        std::string name;
        SEK_TRY(text(source, name));
        for (std::size_t i = 0; i < shape.names.size(); ++i) {
            if (shape.names[i] != name) continue;
            *static_cast<std::uint16_t*>(target) = static_cast<std::uint16_t>(i);
            return {};
        }
        violations_.add_unknown_name(shape, name, path);
        return {};
    }
    Result<void> list(const Shape& shape, const json::value& source, void* target, const Path& path) {
        if (!source.is_array()) return wrong_type(source, "List");
        std::size_t index = 0;
        for (const auto& item : source.get_array()) {
            ++index;
            if (item.is_null()) continue;
            SEK_TRY(value(*shape.element, item, shape.list->append(target), Path::element(path, index)));
        }
        return {};
    }
    Result<void> map(const Shape& shape, const json::value& source, void* target, const Path& path) {
        if (!source.is_object()) return wrong_type(source, "Map");
        for (const auto& [name, item] : source.get_object()) {
            if (item.is_null()) continue;
            const std::string key(name);
            SEK_TRY(value(*shape.element, item, shape.map->insert(target, key), Path::map_value(path, key)));
        }
        return {};
    }

    Violations& violations_;
};

void encode_timestamp(Time time, JsonWriter& writer) {
    const auto count = epoch_milliseconds(time);
    if (count % 1000 == 0) {
        writer.integer(count / 1000);
    } else {
        writer.raw(fmt::format("{}{}.{:03}", count < 0 ? "-" : "", std::abs(count / 1000), std::abs(count % 1000)));
    }
}

}  // namespace

Result<void> decode_json(const Shape& shape, const json::value& source, void* structure, Violations& violations,
                         bool skip_bound) {
    return Decoder(violations).structure(shape, source, structure, Path(), skip_bound);
}

void encode_json(const Shape& shape, const void* structure, JsonWriter& writer, bool skip_bound) {
    writer.begin_object();
    for (const auto& member : shape.members) {
        if (skip_bound && (member.location != Location::body || member.is_payload)) continue;
        const void* field = static_cast<const char*>(structure) + member.offset;
        if (member.optional != nullptr) {
            if (!member.optional->has(field)) continue;
            field = member.optional->get(field);
        }
        writer.name(member.wire_name);
        encode_json_value(*member.shape, field, writer);
    }
    writer.end_object();
}

void encode_json_value(const Shape& shape, const void* value, JsonWriter& writer) {
    switch (shape.kind) {
        case Kind::text:
            writer.text(*static_cast<const std::string*>(value));
            return;
        case Kind::secret:
            writer.text(static_cast<const Secret*>(value)->expose());
            return;
        case Kind::blob:
            writer.text(encode_base64(*static_cast<const std::string*>(value)));
            return;
        case Kind::document: {
            const auto& text = *static_cast<const std::string*>(value);
            text.empty() ? writer.null() : writer.raw(text);
            return;
        }
        case Kind::boolean:
            writer.boolean(*static_cast<const bool*>(value));
            return;
        case Kind::integer:
            writer.integer(*static_cast<const std::int32_t*>(value));
            return;
        case Kind::long_integer:
            writer.integer(*static_cast<const std::int64_t*>(value));
            return;
        case Kind::number:
            writer.number(*static_cast<const double*>(value));
            return;
        case Kind::timestamp:
            return encode_timestamp(*static_cast<const Time*>(value), writer);
        case Kind::enumeration:
            writer.text(shape.names[*static_cast<const std::uint16_t*>(value)]);
            return;
        case Kind::structure:
            return encode_json(shape, value, writer);
        case Kind::list:
            writer.begin_array();
            for (std::size_t i = 0; i < shape.list->size(value); ++i) {
                encode_json_value(*shape.element, shape.list->at(value, i), writer);
            }
            writer.end_array();
            return;
        case Kind::map: {
            writer.begin_object();
            struct Context {
                const Shape* element;
                JsonWriter* writer;
            } context{shape.element, &writer};
            shape.map->each(value, &context, [](void* opaque, const std::string& key, const void* item) {
                auto& c = *static_cast<Context*>(opaque);
                c.writer->name(key);
                encode_json_value(*c.element, item, *c.writer);
            });
            writer.end_object();
            return;
        }
    }
}

}  // namespace sekisho::wire
