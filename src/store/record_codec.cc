#include "store/record_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <set>
#include <utility>

#include "crypto/seal.h"

namespace sekisho::store {
namespace {

constexpr char format_version = 1;
constexpr int depth_max = 32;

ApiError malformed(std::string_view what) {
    return errors::internal_failure("a record does not decode: " + std::string(what));
}

void append_varint(std::string& out, std::uint64_t value) {
    if (value < 0x80) return out.push_back(static_cast<char>(value));
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

std::uint64_t zig_zag(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t un_zig_zag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

std::string associated_data(const SealContext& context, std::uint16_t tag) {
    std::string data;
    for (const std::uint16_t number : {context.table, tag}) {
        data.push_back(static_cast<char>(number >> 8));
        data.push_back(static_cast<char>(number & 0xff));
    }
    return data.append(context.primary_key);
}

template <class T>
const T& as(const void* value) {
    return *static_cast<const T*>(value);
}
template <class T>
T& as(void* value) {
    return *static_cast<T*>(value);
}

class Encoder {
 public:
    Encoder(std::string& out, const SealContext& context) : out_(out), context_(context) {}

    Result<void> members(const Shape& shape, const void* record) {
        for (const Member& member : shape.members) {
            if (member.tag == 0) return errors::internal_failure("a member without a tag: " + std::string(member.name));
            const void* field = static_cast<const char*>(record) + member.offset;
            if (member.optional != nullptr) {
                if (!member.optional->has(field)) continue;
                field = member.optional->get(field);
            }
            append_varint(out_, member.tag);
            tag_ = member.tag;
            SEK_TRY(with_length(*member.shape, field));
        }
        return {};
    }

 private:
    // The length of what is no text is put before it afterwards: such values are small, most lengths take one byte.
    Result<void> with_length(const Shape& shape, const void* field) {
        if (shape.kind == Kind::text || shape.kind == Kind::blob || shape.kind == Kind::document) {
            const auto& text = as<std::string>(field);
            append_varint(out_, text.size());
            out_.append(text);
            return {};
        }
        const std::size_t start = out_.size();
        out_.push_back('\0');
        SEK_TRY(value(shape, field));
        const std::size_t size = out_.size() - start - 1;
        if (size < 0x80) {
            out_[start] = static_cast<char>(size);
            return {};
        }
        std::string length;
        append_varint(length, size);
        out_.replace(start, 1, length);
        return {};
    }

    Result<void> value(const Shape& shape, const void* field) {
        switch (shape.kind) {
            case Kind::boolean:
                out_.push_back(as<bool>(field) ? '\1' : '\0');
                return {};
            case Kind::integer:
                append_varint(out_, zig_zag(as<std::int32_t>(field)));
                return {};
            case Kind::long_integer:
                append_varint(out_, zig_zag(as<std::int64_t>(field)));
                return {};
            case Kind::timestamp:
                append_varint(out_, zig_zag(as<Time>(field).time_since_epoch().count()));
                return {};
            case Kind::enumeration:
                append_varint(out_, as<std::uint16_t>(field));
                return {};
            case Kind::number:
                number(as<double>(field));
                return {};
            case Kind::text:
            case Kind::blob:
            case Kind::document:
                out_.append(as<std::string>(field));
                return {};
            case Kind::secret:
                return secret(as<Secret>(field));
            case Kind::structure:
                return members(shape, field);
            case Kind::list:
                return list(shape, field);
            case Kind::map:
                return map(shape, field);
        }
        return errors::internal_failure("a shape of no kind");
    }

    void number(double value) {
        auto bits = std::bit_cast<std::uint64_t>(value);
        for (int i = 0; i < 8; ++i, bits >>= 8) out_.push_back(static_cast<char>(bits));
    }

    Result<void> secret(const Secret& value) {
        if (context_.key_ring == nullptr)
            return errors::internal_failure("a record has a secret, the store no key ring");
        out_.append(context_.key_ring->seal(value.expose(), associated_data(context_, tag_)));
        return {};
    }

    Result<void> list(const Shape& shape, const void* field) {
        const std::uint16_t tag = tag_;
        const std::size_t count = shape.list->size(field);
        for (std::size_t i = 0; i < count; ++i) {
            tag_ = tag;
            SEK_TRY(with_length(*shape.element, shape.list->at(field, i)));
        }
        return {};
    }

    Result<void> map(const Shape& shape, const void* field) {
        struct State {
            Encoder& encoder;
            const Shape& element;
            std::uint16_t tag;
            Result<void> result;
        } state{*this, *shape.element, tag_, {}};
        shape.map->each(field, &state, [](void* context, const std::string& key, const void* item) {
            auto& at = *static_cast<State*>(context);
            if (!at.result) return;
            append_varint(at.encoder.out_, key.size());
            at.encoder.out_.append(key);
            at.encoder.tag_ = at.tag;
            at.result = at.encoder.with_length(at.element, item);
        });
        return state.result;
    }

    std::string& out_;
    const SealContext& context_;
    std::uint16_t tag_ = 0;
};

// Reads from the front of `in`; nothing on malformed bytes.
std::optional<std::uint64_t> take_varint(std::string_view& in) {
    if (!in.empty() && static_cast<unsigned char>(in.front()) < 0x80) {  // most: one byte
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        return byte;
    }
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        if (shift == 63 && byte > 1) return std::nullopt;
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) != 0) continue;
        if (byte == 0 && shift > 0) return std::nullopt;  // one number, one form
        return value;
    }
    return std::nullopt;
}

std::optional<std::string_view> take_bytes(std::string_view& in) {
    const auto size = take_varint(in);
    if (!size || *size > in.size()) return std::nullopt;
    const std::string_view bytes = in.substr(0, *size);
    in.remove_prefix(*size);
    return bytes;
}

// Records have a few dozen members with small numbers: no set is made for them.
class SeenTags {
 public:
    bool insert(std::uint16_t tag) {  // false: it was there
        if (tag >= small_.size()) return large_.insert(tag).second;
        return !std::exchange(small_[tag], true);
    }

 private:
    std::array<bool, 64> small_{};
    std::set<std::uint16_t> large_;
};

class Decoder {
 public:
    explicit Decoder(const SealContext& context) : context_(context) {}

    Result<void> members(const Shape& shape, std::string_view in, void* record, int depth) {
        if (depth > depth_max) return malformed("too deep");
        std::size_t expected = 0;
        SeenTags seen;
        while (!in.empty()) {
            const auto tag = take_varint(in);
            const auto bytes = tag ? take_bytes(in) : std::nullopt;
            if (!bytes || *tag == 0 || *tag > UINT16_MAX) return malformed("bad member");
            if (!seen.insert(static_cast<std::uint16_t>(*tag))) return malformed("a member twice");
            const Member* member = find(shape, static_cast<std::uint16_t>(*tag), expected);
            if (member == nullptr) continue;  // of a newer version
            void* field = static_cast<char*>(record) + member->offset;
            if (member->optional != nullptr) field = member->optional->emplace(field);
            tag_ = member->tag;
            SEK_TRY(value(*member->shape, *bytes, field, depth));
        }
        return {};
    }

 private:
    // Members come in the shape's order nearly always.
    static const Member* find(const Shape& shape, std::uint16_t tag, std::size_t& expected) {
        const auto has_tag = [tag](const Member& member) { return member.tag == tag; };
        const auto begin = shape.members.begin(), end = shape.members.end();
        auto found = std::find_if(begin + static_cast<std::ptrdiff_t>(expected), end, has_tag);
        if (found == end) found = std::find_if(begin, end, has_tag);
        if (found == end) return nullptr;
        expected = static_cast<std::size_t>(found - begin) + 1;
        return &*found;
    }

    static std::optional<std::uint64_t> whole_varint(std::string_view in) {
        const auto value = take_varint(in);
        return in.empty() ? value : std::nullopt;
    }

    Result<void> value(const Shape& shape, std::string_view in, void* field, int depth) {
        switch (shape.kind) {
            case Kind::text:
            case Kind::blob:
            case Kind::document:
                as<std::string>(field).assign(in);
                return {};
            case Kind::number:
                return number(in, as<double>(field));
            case Kind::secret:
                return secret(in, as<Secret>(field));
            case Kind::structure:
                return members(shape, in, field, depth + 1);
            case Kind::list:
                return list(shape, in, field, depth + 1);
            case Kind::map:
                return map(shape, in, field, depth + 1);
            default:
                return whole_number(shape, in, field);
        }
    }

    static Result<void> whole_number(const Shape& shape, std::string_view in, void* field) {
        const auto raw = whole_varint(in);
        if (!raw) return malformed("bad number");
        const std::int64_t number = un_zig_zag(*raw);
        switch (shape.kind) {
            case Kind::boolean:
                if (*raw > 1) return malformed("bad boolean");
                as<bool>(field) = *raw == 1;
                return {};
            case Kind::integer:
                if (number < INT32_MIN || number > INT32_MAX) return malformed("integer out of range");
                as<std::int32_t>(field) = static_cast<std::int32_t>(number);
                return {};
            case Kind::long_integer:
                as<std::int64_t>(field) = number;
                return {};
            case Kind::timestamp:
                as<Time>(field) = Time(milliseconds(number));
                return {};
            case Kind::enumeration:
                if (*raw >= shape.names.size()) return malformed("unknown value of an enumeration");
                as<std::uint16_t>(field) = static_cast<std::uint16_t>(*raw);
                return {};
            default:
                return malformed("a shape of no kind");
        }
    }

    static Result<void> number(std::string_view in, double& out) {
        if (in.size() != 8) return malformed("bad number");
        std::uint64_t bits = 0;
        for (std::size_t i = 8; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(in[i]);
        out = std::bit_cast<double>(bits);
        return {};
    }

    Result<void> secret(std::string_view in, Secret& out) {
        if (context_.key_ring == nullptr)
            return errors::internal_failure("a record has a secret, the store no key ring");
        auto plain = context_.key_ring->open(in, associated_data(context_, tag_));
        if (!plain) return malformed("a secret does not open with this store's keys");
        out = Secret(std::move(*plain));
        return {};
    }

    Result<void> list(const Shape& shape, std::string_view in, void* field, int depth) {
        if (depth > depth_max) return malformed("too deep");
        const std::uint16_t tag = tag_;
        if (shape.list->size(field) != 0) return malformed("a list with initial elements");
        while (!in.empty()) {
            const auto bytes = take_bytes(in);
            if (!bytes) return malformed("bad list");
            tag_ = tag;
            SEK_TRY(value(*shape.element, *bytes, shape.list->append(field), depth));
        }
        return {};
    }

    Result<void> map(const Shape& shape, std::string_view in, void* field, int depth) {
        if (depth > depth_max) return malformed("too deep");
        const std::uint16_t tag = tag_;
        while (!in.empty()) {
            const auto key = take_bytes(in);
            const auto bytes = key ? take_bytes(in) : std::nullopt;
            if (!bytes) return malformed("bad map");
            const std::size_t before = shape.map->size(field);
            void* item = shape.map->insert(field, std::string(*key));
            if (shape.map->size(field) == before) return malformed("a key twice");
            tag_ = tag;
            SEK_TRY(value(*shape.element, *bytes, item, depth));
        }
        return {};
    }

    const SealContext& context_;
    std::uint16_t tag_ = 0;
};

void collect_problems(const Shape& shape, std::set<const Shape*>& visited, std::vector<std::string>& problems) {
    if (!visited.insert(&shape).second) return;
    if (shape.element != nullptr) collect_problems(*shape.element, visited, problems);
    std::set<std::uint16_t> tags;
    for (const Member& member : shape.members) {
        const std::string name = std::string(shape.name) + "." + std::string(member.name);
        if (member.tag == 0) problems.push_back(name + " has no tag");
        if (!tags.insert(member.tag).second) problems.push_back(name + " has a tag that is used twice");
        collect_problems(*member.shape, visited, problems);
    }
}

}  // namespace

Result<std::string> encode_record(const Shape& shape, const void* record, const SealContext& context) {
    std::string out;
    out.reserve(512);
    out.push_back(format_version);
    SEK_TRY(Encoder(out, context).members(shape, record));
    return out;
}

Result<void> decode_record(const Shape& shape, std::string_view bytes, void* record, const SealContext& context) {
    if (bytes.empty() || bytes.front() != format_version) return malformed("unknown version");
    return Decoder(context).members(shape, bytes.substr(1), record, 0);
}

std::vector<std::string> record_shape_problems(const Shape& shape) {
    std::set<const Shape*> visited;
    std::vector<std::string> problems;
    collect_problems(shape, visited, problems);
    return problems;
}

}  // namespace sekisho::store
