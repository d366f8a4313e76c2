#include "wire/validation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "wire/pattern.h"

namespace sekisho::wire {
namespace {

// A value is repeated whole up to here, so that an answer cannot be much larger than its request.
constexpr std::size_t shown_bytes_max = 1024;

std::string shown_text(const Shape& shape, std::string_view value) {
    if (shape.sensitive) return "Value";
    if (value.size() <= shown_bytes_max) return fmt::format("Value '{}'", value);
    value = value.substr(0, shown_bytes_max);
    while (!value.empty() && !is_valid_utf8(value)) value.remove_suffix(1);
    return fmt::format("Value '{}...'", value);
}

std::string length_constraint(std::string_view what, std::string_view relation, std::int64_t bound) {
    return fmt::format("Member must have {} {} than or equal to {}", what, relation, bound);
}

// The constraints that a text or number breaks, without the value.
std::vector<std::string> broken(const Shape& shape, std::int64_t measure, std::string_view what,
                                std::string_view text) {
    std::vector<std::string> constraints;
    if (shape.maximum && measure > *shape.maximum)
        constraints.push_back(length_constraint(what, "less", *shape.maximum));
    if (shape.minimum && measure < *shape.minimum) {
        constraints.push_back(length_constraint(what, "greater", *shape.minimum));
    }
    if (!shape.pattern.empty() && !matches_pattern(shape.pattern, text)) {
        constraints.push_back(fmt::format("Member must satisfy regular expression pattern: {}", shape.pattern));
    }
    return constraints;
}

class Validator {
 public:
    explicit Validator(Violations& violations) : violations_(violations) {}

    void check(const Shape& shape, const void* value, const Path& path) {
        switch (shape.kind) {
            case Kind::text:
                return check_text(shape, *static_cast<const std::string*>(value), path);
            case Kind::secret:
                return check_secret(shape, *static_cast<const Secret*>(value), path);
            case Kind::blob:
                return check_measure(shape, as_size(*static_cast<const std::string*>(value)), path);
            case Kind::integer:
                return check_number(shape, *static_cast<const std::int32_t*>(value), path);
            case Kind::long_integer:
                return check_number(shape, *static_cast<const std::int64_t*>(value), path);
            case Kind::structure:
                return check_structure(shape, value, path);
            case Kind::list:
                return check_list(shape, value, path);
            case Kind::map:
                return check_map(shape, value, path);
            default:
                return;
        }
    }

 private:
    static std::int64_t as_size(const std::string& text) { return static_cast<std::int64_t>(text.size()); }

    void report(const Shape& shape, std::string_view text, const Path& path,
                const std::vector<std::string>& constraints) {
        for (const auto& constraint : constraints) violations_.add(shown_text(shape, text), path, constraint);
    }
    void check_text(const Shape& shape, const std::string& text, const Path& path) {
        if (!shape.minimum && !shape.maximum && shape.pattern.empty()) return;
        report(shape, text, path, broken(shape, static_cast<std::int64_t>(count_code_points(text)), "length", text));
    }
    void check_secret(const Shape& shape, const Secret& secret, const Path& path) {
        for (const auto& constraint :
             broken(shape, static_cast<std::int64_t>(count_code_points(secret.expose())), "length", secret.expose())) {
            violations_.add("Value", path, constraint);
        }
    }
    void check_measure(const Shape& shape, std::int64_t measure, const Path& path) {
        for (const auto& constraint : broken(shape, measure, "length", {})) violations_.add("Value", path, constraint);
    }
    void check_number(const Shape& shape, std::int64_t number, const Path& path) {
        report(shape, std::to_string(number), path, broken(shape, number, "value", {}));
    }
    void check_structure(const Shape& shape, const void* value, const Path& path) {
        for (const auto& member : shape.members) {
            const void* field = static_cast<const char*>(value) + member.offset;
            if (member.optional != nullptr) {
                if (!member.optional->has(field)) continue;
                field = member.optional->get(field);
            }
            const auto inner = Path::member(path, member.name);
            if (member.optional == nullptr && violations_.is_missing(inner)) continue;
            check(*member.shape, field, inner);
        }
    }
    void check_list(const Shape& shape, const void* list, const Path& path) {
        const std::size_t size = shape.list->size(list);
        const Shape& element = *shape.element;
        const auto constraints_of_list = broken(shape, static_cast<std::int64_t>(size), "length", {});
        if (!constraints_of_list.empty()) report(shape, shown_list(shape, list), path, constraints_of_list);
        // Simple elements are reported at the list's own path, once, with what they must satisfy (LS).
        for (std::size_t i = 0; i < size; ++i) {
            const void* item = shape.list->at(list, i);
            if (element.kind == Kind::text) {
                const auto& text = *static_cast<const std::string*>(item);
                const auto constraints =
                    broken(element, static_cast<std::int64_t>(count_code_points(text)), "length", text);
                if (constraints.empty()) continue;
                violations_.add(shown_text(element, shown_list(shape, list)), path,
                                "Member must satisfy constraint: [" + join(all_constraints(element), ", ") + "]");
                return;
            }
            check(element, item, Path::element(path, i + 1));
        }
    }
    static std::string shown_list(const Shape& shape, const void* list) {
        std::string values;
        for (std::size_t i = 0; i < shape.list->size(list) && shape.element->kind == Kind::text; ++i) {
            values += (i == 0 ? "" : ", ") + *static_cast<const std::string*>(shape.list->at(list, i));
        }
        return "[" + values + "]";
    }
    static std::vector<std::string> all_constraints(const Shape& shape) {
        std::vector<std::string> constraints;
        if (shape.maximum) constraints.push_back(length_constraint("length", "less", *shape.maximum));
        if (shape.minimum) constraints.push_back(length_constraint("length", "greater", *shape.minimum));
        if (!shape.pattern.empty()) {
            constraints.push_back(fmt::format("Member must satisfy regular expression pattern: {}", shape.pattern));
        }
        return constraints;
    }

    struct MapVisit {
        Validator* validator;
        const Shape* shape;
        const Path* path;
        std::string values;
        bool bad_key = false;
        bool bad_value = false;
    };
    void check_map(const Shape& shape, const void* map, const Path& path) {
        check_measure(shape, static_cast<std::int64_t>(shape.map->size(map)), path);
        MapVisit visit{this, &shape, &path, {}};
        shape.map->each(map, &visit, [](void* context, const std::string& key, const void* value) {
            auto& v = *static_cast<MapVisit*>(context);
            const Shape* key_shape = v.shape->key;
            if (key_shape != nullptr &&
                !broken(*key_shape, static_cast<std::int64_t>(count_code_points(key)), "length", key).empty()) {
                v.bad_key = true;
            }
            if (v.shape->element->kind != Kind::text) {
                return v.validator->check(*v.shape->element, value, Path::map_value(*v.path, key));
            }
            const auto& text = *static_cast<const std::string*>(value);
            v.values += fmt::format("{}{}={}", v.values.empty() ? "" : ", ", key, text);
            const auto length = static_cast<std::int64_t>(count_code_points(text));
            v.bad_value = v.bad_value || !broken(*v.shape->element, length, "length", text).empty();
        });
        const auto shown = shown_text(shape, "{" + visit.values + "}");
        if (visit.bad_key) {
            violations_.add(shown, path,
                            "Map keys must satisfy constraint: [" + join(all_constraints(*shape.key), ", ") + "]");
        }
        if (visit.bad_value) {
            violations_.add(shown, path,
                            "Map value must satisfy constraint: [" + join(all_constraints(*shape.element), ", ") + "]");
        }
    }

    Violations& violations_;
};

}  // namespace

void Violations::add(std::string_view shown, const Path& path, std::string_view constraint) {
    if (violations_.size() >= limits::validation_errors_max) {
        ++dropped_;
        return;
    }
    violations_.push_back({std::string(shown), path.print(), std::string(constraint)});
}

void Violations::add_missing(const Path& path) {
    add("Value null", path, "Member must not be null");
    missing_.push_back(path.print());
}

bool Violations::is_missing(const Path& path) const {
    return !missing_.empty() && std::ranges::find(missing_, path.print()) != missing_.end();
}

void Violations::add_unknown_name(const Shape& shape, std::string_view value, const Path& path) {
    std::vector<std::string> names(shape.names.begin(), shape.names.end());
    add(shown_text(shape, value), path, "Member must satisfy enum value set: [" + join(names, ", ") + "]");
}

ApiError Violations::error(Protocol protocol) const {
    if (protocol == Protocol::ec2_query) return ec2_error();
    std::vector<std::string> texts;
    for (const auto& [shown, path, constraint] : violations_) {
        texts.push_back(fmt::format("{} at '{}' failed to satisfy constraint: {}", shown, path, constraint));
    }
    const auto count = texts.size() + dropped_;
    return {
        .code = protocol == Protocol::query ? "ValidationError" : "ValidationException",
        .message = fmt::format("{} validation error{} detected: {}", count, count == 1 ? "" : "s", join(texts, "; "))};
}

ApiError Violations::ec2_error() const {
    const auto& [shown, path, constraint] = violations_.front();
    if (!missing_.empty()) {
        return {.code = "MissingParameter", .message = "The request must contain the parameter " + missing_.front()};
    }
    constexpr std::string_view before = "Value '";
    const auto value = shown.starts_with(before) ? shown.substr(before.size(), shown.size() - before.size() - 1) : "";
    constexpr std::string_view number = "Member must have value ";
    const auto expected =
        constraint.starts_with(number) ? " Expecting a value " + constraint.substr(number.size()) + "." : "";
    return {.code = "InvalidParameterValue",
            .message = fmt::format("Value ({}) for parameter {} is invalid.{}", value, path, expected)};
}

void validate(const Shape& shape, const void* value, Violations& violations) {
    Validator(violations).check(shape, value, Path());
}

}  // namespace sekisho::wire
