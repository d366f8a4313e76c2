#include "wire/rest_codec.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "base/text.h"

namespace sekisho::wire {
namespace {

ApiError bad_value(std::string_view name) {
    return {.code = "SerializationException", .message = fmt::format("Unexpected value of '{}'.", name)};
}

Result<void> decode_scalar(const Shape& shape, const std::string& text, void* target, std::string_view name,
                           Violations& violations) {
    switch (shape.kind) {
        case Kind::text:
            *static_cast<std::string*>(target) = text;
            return {};
        case Kind::boolean:
            if (text != "true" && text != "false") return bad_value(name);
            *static_cast<bool*>(target) = text == "true";
            return {};
        case Kind::integer: {
            const char* end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, *static_cast<std::int32_t*>(target));
            if (error != std::errc() || stop != end) return bad_value(name);
            return {};
        }
        case Kind::timestamp: {
            const auto time = parse_iso8601(text);
            if (!time) return bad_value(name);
            *static_cast<Time*>(target) = *time;
            return {};
        }
        case Kind::enumeration:
            for (std::size_t i = 0; i < shape.names.size(); ++i) {
                if (shape.names[i] != text) continue;
                *static_cast<std::uint16_t*>(target) = static_cast<std::uint16_t>(i);
                return {};
            }
            violations.add_unknown_name(shape, text, lower_first(name));
            return {};
        default:
            return bad_value(name);
    }
}

struct QueryPair {
    std::string name;
    std::string value;
};

Result<std::vector<QueryPair>> parse_query(std::string_view query) {
    std::vector<QueryPair> pairs;
    if (query.empty()) return pairs;
    for (const auto pair : split(query, '&')) {
        const auto equals = pair.find('=');
        auto name = decode_uri(pair.substr(0, equals), true);
        auto value = decode_uri(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name || !value || !is_valid_utf8(*value)) return bad_value("query string");
        pairs.push_back({std::move(*name), std::move(*value)});
    }
    return pairs;
}

// Every value of that name: a list takes all, anything else the first.
Result<bool> decode_query_member(const Member& member, const std::vector<QueryPair>& pairs, void* field,
                                 Violations& violations) {
    bool found = false;
    for (const auto& pair : pairs) {
        if (pair.name != member.wire_name) continue;
        if (!found && member.optional != nullptr) field = member.optional->emplace(field);
        const bool is_list = member.shape->kind == Kind::list;
        if (found && !is_list) break;
        found = true;
        void* target = is_list ? member.shape->list->append(field) : field;
        SEK_TRY(decode_scalar(is_list ? *member.shape->element : *member.shape, pair.value, target, member.name,
                              violations));
    }
    return found;
}

std::string scalar_text(const Shape& shape, const void* value) {
    switch (shape.kind) {
        case Kind::text:
            return *static_cast<const std::string*>(value);
        case Kind::boolean:
            return *static_cast<const bool*>(value) ? "true" : "false";
        case Kind::integer:
            return std::to_string(*static_cast<const std::int32_t*>(value));
        case Kind::timestamp:
            return format_iso8601(*static_cast<const Time*>(value));
        case Kind::enumeration:
            return std::string(shape.names[*static_cast<const std::uint16_t*>(value)]);
        default:
            return {};
    }
}

}  // namespace

std::optional<Labels> match_uri(std::string_view uri_template, std::string_view path) {
    uri_template = uri_template.substr(0, uri_template.find('?'));
    Labels labels;
    const auto wanted = split(uri_template, '/');
    auto rest = path;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto part = wanted[i];
        const bool is_label = part.starts_with('{') && part.ends_with('}');
        if (is_label && part.ends_with("+}")) {
            auto value = decode_uri(rest);
            if (!value || value->empty()) return {};
            labels.emplace_back(part.substr(1, part.size() - 3), std::move(*value));
            return labels;
        }
        const auto end = rest.find('/');
        const auto segment = rest.substr(0, end);
        if (is_label) {
            auto value = decode_uri(segment);
            if (!value || value->empty() || !is_valid_utf8(*value)) return {};
            labels.emplace_back(part.substr(1, part.size() - 2), std::move(*value));
        } else if (segment != part) {
            return {};
        }
        const bool is_last = i + 1 == wanted.size();
        if (end == std::string_view::npos) return is_last ? std::optional(std::move(labels)) : std::nullopt;
        if (is_last) return {};
        rest.remove_prefix(end + 1);
    }
    return {};
}

Result<void> decode_bound_members(const OperationModel& model, const RequestParts& parts, void* request,
                                  Violations& violations) {
    const auto labels = match_uri(model.uri, parts.path);
    SEK_TRY(const auto pairs, parse_query(parts.query));
    for (const auto& member : model.request->members) {
        void* field = static_cast<char*>(request) + member.offset;
        const auto place = [&](const std::string& text) -> Result<void> {
            void* target = member.optional != nullptr ? member.optional->emplace(field) : field;
            return decode_scalar(*member.shape, text, target, member.name, violations);
        };
        bool found = false;
        switch (member.location) {
            case Location::uri:
                for (const auto& [name, value] : labels.value_or(Labels())) {
                    if (name != member.wire_name) continue;
                    SEK_TRY(place(value));
                    found = true;
                }
                break;
            case Location::query_string: {
                SEK_TRY(found, decode_query_member(member, pairs, field, violations));
                break;
            }
            case Location::header: {
                const auto* value = parts.header ? parts.header(parts.context, member.wire_name) : nullptr;
                if (value == nullptr) break;
                SEK_TRY(place(*value));
                found = true;
                break;
            }
            default:
                continue;
        }
        if (!found && member.required) violations.add_missing(lower_first(member.name));
    }
    return {};
}

void encode_bound_members(const OperationModel& model, const void* request, ClientRequestParts& out) {
    out.target = std::string(model.uri);
    std::string query;
    for (const auto& member : model.request->members) {
        const void* field = static_cast<const char*>(request) + member.offset;
        if (member.optional != nullptr) {
            if (!member.optional->has(field)) continue;
            field = member.optional->get(field);
        }
        const std::string name(member.wire_name);
        if (member.location == Location::uri) {
            const auto text = scalar_text(*member.shape, field);
            out.target = replace_all(std::move(out.target), "{" + name + "}", encode_uri(text));
            out.target = replace_all(std::move(out.target), "{" + name + "+}", encode_uri(text, true));
        } else if (member.location == Location::query_string && member.shape->kind == Kind::list) {
            for (std::size_t i = 0; i < member.shape->list->size(field); ++i) {
                query += "&" + encode_uri(name) + "=" +
                         encode_uri(scalar_text(*member.shape->element, member.shape->list->at(field, i)));
            }
        } else if (member.location == Location::query_string) {
            query += "&" + encode_uri(name) + "=" + encode_uri(scalar_text(*member.shape, field));
        } else if (member.location == Location::header) {
            out.headers.emplace_back(name, scalar_text(*member.shape, field));
        }
    }
    if (!query.empty()) out.target += (out.target.find('?') == std::string::npos ? "?" : "&") + query.substr(1);
}

}  // namespace sekisho::wire
