#include "services/cloudformation/type.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <set>

#include "base/text.h"
#include "crypto/digest.h"
#include "services/cloudformation/types.h"
#include "template/evaluate.h"

namespace sekisho::cloudformation_service {
namespace {

using templates::scalar_text;

const Member* find_member(const Shape& shape, std::string_view name) {
    for (const auto& member : shape.members) {
        if (equals_ignoring_case(member.name, name)) return &member;
    }
    for (const auto& member : shape.members) {
        if (equals_ignoring_case(member.wire_name, name)) return &member;
    }
    return nullptr;
}

Result<json::value> fit(const Shape& shape, const json::value& source);

Result<json::value> fit_structure(const Shape& shape, const json::object& source) {
    json::object fitted;
    for (const auto& [name, value] : source) {
        const auto* member = find_member(shape, name);
        if (member == nullptr) {
            return templates::template_error(
                fmt::format("extraneous key [{}] is not permitted", std::string_view(name)));
        }
        SEK_TRY(auto made, fit(*member->shape, value));
        fitted[member->wire_name] = std::move(made);
    }
    return json::value(std::move(fitted));
}

// A map as the API has it, of a map or of the list of Key and Value that some templates have there.
Result<json::value> fit_map(const Shape& shape, const json::value& source) {
    json::object fitted;
    if (source.is_object()) {
        for (const auto& [key, value] : source.get_object()) {
            SEK_TRY(fitted[key], fit(*shape.element, value));
        }
    } else if (source.is_array()) {
        for (const auto& item : source.get_array()) {
            const auto key = find_text(item, "Key");
            const auto* value = find(item, "Value");
            if (!key || value == nullptr) return templates::template_error("a list of Key and Value was expected");
            SEK_TRY(fitted[*key], fit(*shape.element, *value));
        }
    } else {
        return source;
    }
    return json::value(std::move(fitted));
}

json::value fit_number(const json::value& source) {
    if (!source.is_string()) return source;
    const std::string text(source.get_string());
    std::int64_t whole = 0;
    const auto* end = text.data() + text.size();
    if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc() && read.ptr == end)
        return whole;
    double number = 0;
    if (const auto read = std::from_chars(text.data(), end, number); read.ec == std::errc() && read.ptr == end) {
        return number;
    }
    return source;
}

Result<json::value> fit(const Shape& shape, const json::value& source) {
    switch (shape.kind) {
        case Kind::structure:
            if (!source.is_object()) return source;
            return fit_structure(shape, source.get_object());
        case Kind::list: {
            if (!source.is_array()) return source;
            json::array fitted;
            for (const auto& item : source.get_array()) {
                SEK_TRY(auto made, fit(*shape.element, item));
                fitted.push_back(std::move(made));
            }
            return json::value(std::move(fitted));
        }
        case Kind::map:
            return fit_map(shape, source);
        case Kind::boolean: {
            const auto text = scalar_text(source);
            if (text && equals_ignoring_case(*text, "true")) return json::value(true);
            if (text && equals_ignoring_case(*text, "false")) return json::value(false);
            return source;
        }
        case Kind::integer:
        case Kind::long_integer:
        case Kind::number:
            return fit_number(source);
        case Kind::text:
        case Kind::secret:
        case Kind::enumeration: {
            if (source.is_structured()) return json::value(json::string(json::serialize(source)));
            const auto text = scalar_text(source);
            return text ? json::value(json::string(*text)) : source;
        }
        default:
            return source;
    }
}

}  // namespace

std::string ResourceView::generated_name(std::size_t most) const {
    // The random end makes it unique; what is cut comes off the stack's and the resource's names.
    const std::size_t room = most - record.name_suffix.size() - 2;
    std::string_view logical = record.logical_id;
    std::string_view stack_name = stack.name;
    if (logical.size() + stack_name.size() > room) {
        const std::size_t half = room / 2;
        const std::size_t for_logical =
            std::min(logical.size(), std::max(half, room - std::min(room, stack_name.size())));
        logical = logical.substr(0, for_logical);
        stack_name = stack_name.substr(0, room - logical.size());
    }
    return fmt::format("{}-{}-{}", stack_name, logical, record.name_suffix);
}

std::string ResourceView::text(std::string_view name) const {
    const auto* found = property(name);
    return found == nullptr ? std::string() : scalar_text(*found).value_or("");
}

std::string ResourceView::attribute(std::string_view name) const {
    const auto* found = attributes.if_contains(name);
    return found == nullptr ? std::string() : scalar_text(*found).value_or("");
}

std::string ResourceView::client_token() const {
    const auto digest = crypto::sha256(fmt::format("{}/{}/{}/{}/{}", stack.id, record.logical_id, record.name_suffix,
                                                   record.operation, enum_text(record.work)))
                            .hex();
    return digest.substr(0, 32);
}

bool ResourceView::changes(std::string_view name) const {
    const auto* now = before.if_contains(name);
    const auto* next = properties.if_contains(name);
    if (now == nullptr || next == nullptr) return now != next;
    return *now != *next;
}

const Property* ResourceType::property(std::string_view property_name) const {
    const auto found = std::ranges::find(properties, property_name, &Property::name);
    return found == properties.end() ? nullptr : &*found;
}

const ResourceType* find_type(std::string_view name) {
    for (const auto* table : all_types) {
        const auto found = std::ranges::find(*table, name, &ResourceType::name);
        if (found != table->end()) return &*found;
    }
    return nullptr;
}

std::optional<std::string> check_properties(const ResourceType& type, const json::object& properties) {
    std::vector<std::string> problems;
    for (const auto& [name, value] : properties) {
        if (type.property(name) == nullptr) {
            problems.push_back(fmt::format("#: extraneous key [{}] is not permitted", std::string_view(name)));
        }
    }
    for (const auto& property : type.properties) {
        if (property.required && !properties.contains(property.name)) {
            problems.push_back(fmt::format("#: required key [{}] not found", property.name));
        }
    }
    if (problems.empty()) return {};
    return fmt::format("{}", fmt::join(problems, ", "));
}

Result<json::value> fit_request(const Shape& shape, const json::value& source) {
    return fit(shape, source);
}

const json::value* at_path(const json::value& response, std::string_view path) {
    const json::value* at = &response;
    for (const auto name : split(path, '.')) {
        if (at->is_array()) {
            std::size_t index = 0;
            std::from_chars(name.data(), name.data() + name.size(), index);
            if (index >= at->get_array().size()) return nullptr;
            at = &at->get_array()[index];
            continue;
        }
        if (!at->is_object()) return nullptr;
        const auto& object = at->get_object();
        const auto found = std::ranges::find_if(
            object, [&](const auto& member) { return equals_ignoring_case(std::string_view(member.key()), name); });
        if (found == object.end()) return nullptr;
        at = &found->value();
    }
    return at;
}

json::object pick(const ResourceView& view, std::initializer_list<std::string_view> properties) {
    json::object picked;
    for (const auto name : properties) {
        if (const auto* value = view.property(name)) picked[name] = *value;
    }
    return picked;
}

json::array tag_list(const domain::Tags& tags) {
    json::array list;
    for (const auto& [key, value] : tags) list.push_back(json::object({{"Key", key}, {"Value", value}}));
    return list;
}

std::vector<std::string> texts_of(const json::object& properties, std::string_view property) {
    std::vector<std::string> texts;
    const auto* list = properties.if_contains(property);
    if (list == nullptr || !list->is_array()) return texts;
    for (const auto& item : list->get_array()) {
        if (auto text = scalar_text(item)) texts.push_back(std::move(*text));
    }
    return texts;
}

Difference difference(const ResourceView& view, std::string_view property) {
    const auto now = texts_of(view.before, property), next = texts_of(view.properties, property);
    const std::set<std::string> now_set(now.begin(), now.end()), next_set(next.begin(), next.end());
    Difference found;
    std::ranges::copy_if(next, std::back_inserter(found.added), [&](const auto& t) { return !now_set.contains(t); });
    std::ranges::copy_if(now, std::back_inserter(found.removed), [&](const auto& t) { return !next_set.contains(t); });
    return found;
}

}  // namespace sekisho::cloudformation_service
