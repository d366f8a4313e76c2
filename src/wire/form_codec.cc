#include "wire/form_codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "wire/scalar_text.h"

namespace sekisho::wire {
namespace {

ApiError malformed(std::string message) {
    return {.code = "MalformedInput", .message = std::move(message)};
}

std::string member_name(Protocol protocol, const Member& member) {
    std::string name(member.wire_name);
    if (protocol == Protocol::ec2_query) name[0] = upper_ascii(name[0]);
    return name;
}

// What stands between a list's name and its elements' numbers; empty: nothing.
std::string_view element_word(Protocol protocol, const Shape& list) {
    return protocol == Protocol::ec2_query || list.flattened ? std::string_view() : list.element_name;
}

// The parameters below one name: "Tags.member.1" has "Tags.member.1" itself and all "Tags.member.1.*".
class Below {
 public:
    Below(const FormParameters& all, std::string prefix) : all_(all), prefix_(std::move(prefix)) {}

    const std::string* own() const {
        const auto found = first_from(prefix_);
        return found == all_.end() || found->first != prefix_ ? nullptr : &found->second;
    }
    bool any() const {
        auto next = first_from(prefix_);
        if (next == all_.end() || !next->first.starts_with(prefix_)) return false;
        const auto is_ours = [&] { return next->first.size() == prefix_.size() || next->first[prefix_.size()] == '.'; };
        if (is_ours()) return true;
        // Other names that begin alike may come between: "Tags-x" is before "Tags.member.1".
        next = first_from(prefix_ + ".");
        return next != all_.end() && next->first.starts_with(prefix_) && is_ours();
    }
    // False: nothing is below this name. What most members of a request are asked first.
    bool may_have(std::string_view name) const {
        if (!prefix_.empty()) return true;
        const auto next = first_from(name);
        return next != all_.end() && next->first.starts_with(name);
    }
    Below at(std::string_view name) const {
        if (name.empty()) return {all_, prefix_};
        return {all_, prefix_.empty() ? std::string(name) : prefix_ + "." + std::string(name)};
    }

 private:
    FormParameters::const_iterator first_from(std::string_view name) const {
        return std::ranges::lower_bound(all_, name, {}, &FormParameters::value_type::first);
    }

    const FormParameters& all_;
    const std::string prefix_;
};

class Decoder {
 public:
    Decoder(Protocol protocol, Violations& violations) : protocol_(protocol), violations_(violations) {}

    Result<void> structure(const Shape& shape, const Below& source, void* target, const Path& path) {
        for (const auto& member : shape.members) {
            const auto inner = Path::member(path, member.name);
            const bool may_be = protocol_ == Protocol::ec2_query || source.may_have(member.wire_name);
            const Below below = may_be ? source.at(member_name(protocol_, member)) : source;
            if (!may_be || !below.any()) {
                if (member.required) violations_.add_missing(inner);
                continue;
            }
            void* field = static_cast<char*>(target) + member.offset;
            if (member.optional != nullptr) field = member.optional->emplace(field);
            SEK_TRY(value(*member.shape, below, field, inner));
        }
        return {};
    }

 private:
    Result<void> value(const Shape& shape, const Below& source, void* target, const Path& path) {
        if (shape.kind == Kind::structure) return structure(shape, source, target, path);
        if (shape.kind == Kind::list) return list(shape, source, target, path);
        if (shape.kind == Kind::map) return map(shape, source, target, path);
        const std::string* text = source.own();
        if (text == nullptr) return malformed("Unexpected complex value at " + path.print());
        return scalar(shape, *text, target, path);
    }
    Result<void> scalar(const Shape& shape, const std::string& text, void* target, const Path& path) {
        const auto outcome = read_scalar(shape, text, target);
        if (outcome == ScalarOutcome::malformed) return malformed("Invalid value at " + path.print());
        if (outcome == ScalarOutcome::unknown_name) violations_.add_unknown_name(shape, text, path);
        return {};
    }
    // Tags.member.1, Tags.member.2, ..; flattened and of EC2: Tags.1. An empty list is sent as "Tags=".
    Result<void> list(const Shape& shape, const Below& source, void* target, const Path& path) {
        for (std::size_t i = 1;; ++i) {
            const Below item = source.at(element_word(protocol_, shape)).at(std::to_string(i));
            if (!item.any()) return {};
            SEK_TRY(value(*shape.element, item, shape.list->append(target), Path::element(path, i)));
        }
    }
    Result<void> map(const Shape& shape, const Below& source, void* target, const Path& path) {
        for (std::size_t i = 1;; ++i) {
            const auto index = std::to_string(i);
            const Below entry = shape.flattened ? source.at(index) : source.at("entry").at(index);
            if (!entry.any()) return {};
            const auto* key = entry.at("key").own();
            if (key == nullptr) return malformed("A map entry without key at " + path.print());
            SEK_TRY(
                value(*shape.element, entry.at("value"), shape.map->insert(target, *key), Path::map_value(path, *key)));
        }
    }

    const Protocol protocol_;
    Violations& violations_;
};

void encode_form_value(Protocol protocol, const Shape& shape, const void* value, const std::string& name,
                       std::string& out);

void encode_form_members(Protocol protocol, const Shape& shape, const void* structure, const std::string& prefix,
                         std::string& out) {
    for (const auto& member : shape.members) {
        const void* field = static_cast<const char*>(structure) + member.offset;
        if (member.optional != nullptr) {
            if (!member.optional->has(field)) continue;
            field = member.optional->get(field);
        }
        const auto name = member_name(protocol, member);
        encode_form_value(protocol, *member.shape, field, prefix.empty() ? name : prefix + "." + name, out);
    }
}

void encode_form_value(Protocol protocol, const Shape& shape, const void* value, const std::string& name,
                       std::string& out) {
    if (shape.kind == Kind::structure) {
        const auto before = out.size();
        encode_form_members(protocol, shape, value, name, out);
        if (out.size() == before) out += "&" + name + "=";  // it is there, with nothing in it
        return;
    }
    if (shape.kind == Kind::list) {
        if (shape.list->size(value) == 0) out += "&" + name + "=";
        const auto word = element_word(protocol, shape);
        const auto prefix = word.empty() ? name : fmt::format("{}.{}", name, word);
        for (std::size_t i = 0; i < shape.list->size(value); ++i) {
            encode_form_value(protocol, *shape.element, shape.list->at(value, i), fmt::format("{}.{}", prefix, i + 1),
                              out);
        }
        return;
    }
    if (shape.kind == Kind::map) {
        struct Context {
            Protocol protocol;
            const Shape* shape;
            const std::string* name;
            std::string* out;
            int index = 0;
        } context{protocol, &shape, &name, &out};
        shape.map->each(value, &context, [](void* opaque, const std::string& key, const void* item) {
            auto& c = *static_cast<Context*>(opaque);
            const auto entry = fmt::format("{}{}.{}", *c.name, c.shape->flattened ? "" : ".entry", ++c.index);
            *c.out += "&" + encode_uri(entry) + ".key=" + encode_uri(key);
            encode_form_value(c.protocol, *c.shape->element, item, entry + ".value", *c.out);
        });
        return;
    }
    out += "&" + encode_uri(name) + "=" + encode_uri(print_scalar(shape, value));
}

}  // namespace

Result<FormParameters> parse_form(std::string_view text) {
    FormParameters parameters;
    if (text.empty()) return parameters;
    parameters.reserve(std::min<std::size_t>(limits::form_members_max, std::ranges::count(text, '&') + 1));
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto name = decode_uri(pair.substr(0, equals), true);
        auto value = decode_uri(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name || !value || !is_valid_utf8(*name) || !is_valid_utf8(*value)) {
            return malformed("The request contains characters that are not valid form encoding.");
        }
        if (parameters.size() >= limits::form_members_max) return malformed("The request has too many parameters.");
        parameters.emplace_back(std::move(*name), std::move(*value));
    }
    constexpr auto name_of = &FormParameters::value_type::first;
    std::ranges::sort(parameters, {}, name_of);
    if (std::ranges::adjacent_find(parameters, std::ranges::equal_to(), name_of) != parameters.end()) {
        return malformed("The request has a parameter more than once.");
    }
    return parameters;
}

Result<void> decode_form(Protocol protocol, const Shape& shape, const FormParameters& parameters, void* structure,
                         Violations& violations) {
    return Decoder(protocol, violations).structure(shape, Below(parameters, ""), structure, Path());
}

void encode_form(Protocol protocol, const Shape& shape, const void* structure, std::string& out) {
    encode_form_members(protocol, shape, structure, "", out);
}

}  // namespace sekisho::wire
