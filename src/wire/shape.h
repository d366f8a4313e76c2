#pragma once
// Shape: the reflection of the house. A Shape describes a C++ type (its kind, members and constraints) to code that
// works on any type: the codecs and validation of src/wire, and the typed tables of src/store. Wire types get theirs
// from the model generator (tools/generate_models.py); records declare theirs by hand:
//
//   struct Role {
//       AccountId account_id;
//       std::string name;
//       std::optional<std::string> description;
//       static const Shape shape;
//   };
//   // role.cc: the number is the field's name on disk, never used again once a field is gone
//   const Shape Role::shape = record_shape<Role>("Role", {SEK_FIELD(1, Role, account_id), SEK_FIELD(2, Role, name),
//                                                         SEK_FIELD(3, Role, description)});
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"

namespace sekisho {

enum class Kind : std::uint8_t {
    boolean,       // bool
    integer,       // std::int32_t
    long_integer,  // std::int64_t
    number,        // double
    text,          // std::string or a StrongId
    blob,          // std::string of any bytes
    secret,        // Secret: wire codecs write its text, tables seal it
    timestamp,     // Time
    enumeration,   // an enum class over std::uint16_t, counting from 0 in the order of Shape::names
    document,      // std::string holding JSON text
    structure,
    list,  // std::vector<T>
    map,   // std::map<std::string, T>
};

struct Shape;

// std::optional<T>, whatever T.
struct OptionalAccess {
    bool (*has)(const void* optional);
    const void* (*get)(const void* optional);
    void* (*emplace)(void* optional);
};
// std::vector<T>, whatever T (not bool).
struct ListAccess {
    std::size_t (*size)(const void* list);
    const void* (*at)(const void* list, std::size_t index);
    void* (*append)(void* list);
};
// std::map<std::string, T>, whatever T.
struct MapAccess {
    std::size_t (*size)(const void* map);
    void (*each)(const void* map, void* context,
                 void (*visit)(void* context, const std::string& key, const void* value));
    void* (*insert)(void* map, std::string key);
};

enum class Location : std::uint8_t { body, uri, query_string, header, headers, status_code };

struct Member {
    std::string_view name;       // in the model: "AccountId"
    std::string_view wire_name;  // in messages (locationName, else the name)
    std::uint32_t offset = 0;
    const Shape* shape = nullptr;
    const OptionalAccess* optional = nullptr;  // null: the field is a plain T and always there
    std::uint16_t tag = 0;                     // records: the number on disk
    bool required = false;
    bool is_payload = false;  // rest-json: the member is the body
    bool is_idempotency_token = false;
    Location location = Location::body;
};

enum class TimestampFormat : std::uint8_t { protocol_default, epoch_seconds, iso8601, rfc822 };

struct Shape {
    Kind kind = Kind::structure;
    std::string_view name;
    std::span<const Member> members = {};  // structure
    const Shape* element = nullptr;        // list: its elements; map: its values
    const Shape* key = nullptr;            // map: constraints of its keys
    const ListAccess* list = nullptr;
    const MapAccess* map = nullptr;
    std::span<const std::string_view> names = {};  // enumeration
    // Constraints of requests: length of texts and lists, or value of numbers; absent: no bound.
    std::optional<std::int64_t> minimum = {};
    std::optional<std::int64_t> maximum = {};
    std::string_view pattern = {};             // as the model prints it; empty: any text
    std::string_view element_name = "member";  // query and XML: the name of list elements
    bool flattened = false;
    bool sensitive = false;  // its value is not repeated in error texts, records and logs
    TimestampFormat timestamp_format = TimestampFormat::protocol_default;
};

template <class T>
inline constexpr OptionalAccess optional_access = {
    [](const void* o) { return static_cast<const std::optional<T>*>(o)->has_value(); },
    [](const void* o) -> const void* { return &**static_cast<const std::optional<T>*>(o); },
    [](void* o) -> void* { return &static_cast<std::optional<T>*>(o)->emplace(); },
};

template <class T>
inline constexpr ListAccess list_access = {
    [](const void* l) { return static_cast<const std::vector<T>*>(l)->size(); },
    [](const void* l, std::size_t i) -> const void* { return &(*static_cast<const std::vector<T>*>(l))[i]; },
    [](void* l) -> void* { return &static_cast<std::vector<T>*>(l)->emplace_back(); },
};

template <class T>
inline constexpr MapAccess map_access = {
    [](const void* m) { return static_cast<const std::map<std::string, T>*>(m)->size(); },
    [](const void* m, void* context, void (*visit)(void*, const std::string&, const void*)) {
        for (const auto& [key, value] : *static_cast<const std::map<std::string, T>*>(m)) visit(context, key, &value);
    },
    [](void* m, std::string key) -> void* { return &(*static_cast<std::map<std::string, T>*>(m))[std::move(key)]; },
};

// shape_of<T>(): the shape of any field type. A structure has `static const Shape shape`; an enum class E has
// `constexpr std::span<const std::string_view> enum_names(E)` beside it.
template <class T>
struct ShapeOf {
    static constexpr const Shape& get() { return T::shape; }
};
#define SEK_SIMPLE_SHAPE(type, shape_kind)                                           \
    template <>                                                                      \
    struct ShapeOf<type> {                                                           \
        static constexpr Shape value{.kind = Kind::shape_kind, .name = #shape_kind}; \
        static constexpr const Shape& get() {                                        \
            return value;                                                            \
        }                                                                            \
    }
SEK_SIMPLE_SHAPE(bool, boolean);
SEK_SIMPLE_SHAPE(std::int32_t, integer);
SEK_SIMPLE_SHAPE(std::int64_t, long_integer);
SEK_SIMPLE_SHAPE(double, number);
SEK_SIMPLE_SHAPE(std::string, text);
SEK_SIMPLE_SHAPE(Secret, secret);
SEK_SIMPLE_SHAPE(Time, timestamp);
#undef SEK_SIMPLE_SHAPE

template <class Tag>
struct ShapeOf<StrongId<Tag>> {
    static_assert(sizeof(StrongId<Tag>) == sizeof(std::string) && std::is_standard_layout_v<StrongId<Tag>>);
    static constexpr const Shape& get() { return ShapeOf<std::string>::value; }
};
template <class E>
    requires std::is_enum_v<E>
struct ShapeOf<E> {
    static_assert(std::same_as<std::underlying_type_t<E>, std::uint16_t>);
    static constexpr Shape value{.kind = Kind::enumeration, .name = "enumeration", .names = enum_names(E{})};
    static constexpr const Shape& get() { return value; }
};
template <class T>
struct ShapeOf<std::vector<T>> {
    static inline const Shape value{
        .kind = Kind::list, .name = "list", .element = &ShapeOf<T>::get(), .list = &list_access<T>};
    static const Shape& get() { return value; }
};
template <class T>
struct ShapeOf<std::map<std::string, T>> {
    static inline const Shape value{
        .kind = Kind::map, .name = "map", .element = &ShapeOf<T>::get(), .map = &map_access<T>};
    static const Shape& get() { return value; }
};

namespace detail {
template <class T>
constexpr Member field_member(std::uint16_t tag, std::string_view name, std::size_t offset, const T*) {
    return {.name = name,
            .wire_name = name,
            .offset = static_cast<std::uint32_t>(offset),
            .shape = &ShapeOf<T>::get(),
            .tag = tag};
}
template <class T>
constexpr Member field_member(std::uint16_t tag, std::string_view name, std::size_t offset, const std::optional<T>*) {
    return {.name = name,
            .wire_name = name,
            .offset = static_cast<std::uint32_t>(offset),
            .shape = &ShapeOf<T>::get(),
            .optional = &optional_access<T>,
            .tag = tag};
}
std::span<const Member> keep_members(std::initializer_list<Member> members);
}  // namespace detail

// The shape of a record. Called once for each record type, before main; the members live as long as the process.
template <class Record>
Shape record_shape(std::string_view name, std::initializer_list<Member> members) {
    return {.kind = Kind::structure, .name = name, .members = detail::keep_members(members)};
}

// The name of an enumeration's value, and the value of a name.
template <class E>
    requires std::is_enum_v<E>
constexpr std::string_view enum_text(E value) {
    return enum_names(value)[static_cast<std::size_t>(value)];
}
template <class E>
    requires std::is_enum_v<E>
constexpr std::optional<E> enum_of(std::string_view name) {
    const auto names = enum_names(E{});
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) return static_cast<E>(i);
    }
    return {};
}

}  // namespace sekisho

#define SEK_FIELD(tag, record, field)                                     \
    ::sekisho::detail::field_member(tag, #field, offsetof(record, field), \
                                    static_cast<const decltype(record::field)*>(nullptr))
