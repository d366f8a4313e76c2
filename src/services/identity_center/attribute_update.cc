#include "services/identity_center/attribute_update.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "wire/json_codec.h"
#include "wire/validation.h"

namespace sekisho::identity_center_service {
namespace {

using Operation = identitystore::AttributeOperation;

const Member* find_member(const Shape& shape, std::string_view name) {
    const auto found = std::ranges::find_if(
        shape.members, [&](const Member& member) { return equals_ignoring_case(member.name, name); });
    return found == shape.members.end() ? nullptr : &*found;
}

ApiError unknown_path(std::string_view path) {
    return validation_error("The attribute path " + std::string(path) + " is not supported.");
}

// The value with its members named as the model names them.
json::value with_model_names(const Shape& shape, json::value value) {
    if (shape.kind == Kind::list && value.is_array()) {
        for (auto& item : value.as_array()) item = with_model_names(*shape.element, std::move(item));
    }
    if (shape.kind != Kind::structure || !value.is_object()) return value;
    json::object named;
    for (auto& [name, item] : value.as_object()) {
        const Member* member = find_member(shape, name);
        if (member == nullptr) {
            named[name] = std::move(item);
        } else {
            named[member->wire_name] = with_model_names(*member->shape, std::move(item));
        }
    }
    return named;
}

json::object& object_at(json::object& parent, std::string_view name) {
    auto& value = parent[name];
    if (!value.is_object()) value = json::object();
    return value.as_object();
}

void set(json::object& parent, std::string_view name, json::value value) {
    if (value.is_null()) {
        parent.erase(name);
    } else {
        parent[name] = std::move(value);
    }
}

// aws:identitystore:enterprise, or aws:identitystore:enterprise.manager.value
Result<void> apply_to_extension(json::object& root, const Operation& operation, json::value value) {
    const std::string_view path = operation.attribute_path;
    const auto colon = path.rfind(':');
    const auto dot = path.find('.', colon);
    const auto name = path.substr(0, dot);
    json::object& extensions = object_at(root, "Extensions");
    if (dot == std::string_view::npos) {
        set(extensions, name, std::move(value));
    } else {
        const auto steps = split(path.substr(dot + 1), '.');
        json::object* place = &object_at(extensions, name);
        for (std::size_t i = 0; i + 1 < steps.size(); ++i) place = &object_at(*place, steps[i]);
        set(*place, steps.back(), std::move(value));
    }
    if (extensions.empty()) root.erase("Extensions");
    return {};
}

Result<void> apply(const Shape& shape, json::object& root, std::span<const std::string_view> settable,
                   const Operation& operation) {
    json::value value;
    if (operation.attribute_value) {
        auto parsed = parse_json(*operation.attribute_value);
        if (!parsed) return validation_error("The attribute value of " + operation.attribute_path + " is not JSON.");
        value = std::move(*parsed);
    }
    const std::string_view path = operation.attribute_path;
    if (path.find(':') != std::string_view::npos) {
        if (find_member(shape, "Extensions") == nullptr) return unknown_path(path);
        return apply_to_extension(root, operation, std::move(value));
    }
    const auto steps = split(path, '.');
    const Member* member = find_member(shape, steps.front());
    if (member == nullptr || std::ranges::find(settable, member->name) == settable.end()) return unknown_path(path);
    json::object* place = &root;
    for (std::size_t i = 1; i < steps.size(); ++i) {
        if (member->shape->kind != Kind::structure) return unknown_path(path);
        place = &object_at(*place, member->wire_name);
        member = find_member(*member->shape, steps[i]);
        if (member == nullptr) return unknown_path(path);
    }
    set(*place, member->wire_name, with_model_names(*member->shape, std::move(value)));
    return {};
}

}  // namespace

Result<void> update_attributes(const Shape& shape, const void* before, std::span<const std::string_view> settable,
                               const std::vector<Operation>& operations, void* after) {
    std::string text;
    JsonWriter writer(text);
    wire::encode_json(shape, before, writer);
    SEK_TRY(auto document, parse_json(text));
    for (const auto& operation : operations) SEK_TRY(apply(shape, document.as_object(), settable, operation));

    wire::Violations violations;
    if (auto decoded = wire::decode_json(shape, document, after, violations); !decoded) {
        return validation_error(std::move(decoded).error().message);
    }
    if (violations.empty()) wire::validate(shape, after, violations);
    if (!violations.empty()) return violations.error(wire::Protocol::aws_json);
    return {};
}

}  // namespace sekisho::identity_center_service
