#include "wire/rest_codec.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "wire/scalar_text.h"

namespace sekisho::wire {
namespace {

ApiError bad_value(std::string_view name) {
    return {.code = "SerializationException", .message = fmt::format("Unexpected value of '{}'.", name)};
}

Result<void> decode_scalar(const Shape& shape, const std::string& text, void* target, std::string_view name,
                           Violations& violations) {
    if (!is_valid_utf8(text)) return bad_value(name);
    const auto outcome = read_scalar(shape, text, target);
    if (outcome == ScalarOutcome::malformed) return bad_value(name);
    if (outcome == ScalarOutcome::unknown_name) {
        violations.add_unknown_name(shape, text, Path::member(Path(), name));
    }
    return {};
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

}  // namespace

namespace {

bool is_label(std::string_view part) {
    return part.starts_with('{') && part.ends_with('}');
}

}  // namespace

bool has_uri_form(std::string_view uri_template, std::string_view path) {
    uri_template = uri_template.substr(0, uri_template.find('?'));
    for (;;) {
        const auto part = uri_template.substr(0, uri_template.find('/'));
        if (part.ends_with("+}")) return !path.empty();
        const auto segment = path.substr(0, path.find('/'));
        if (is_label(part) ? segment.empty() : segment != part) return false;
        const bool is_last = part.size() == uri_template.size();
        if (is_last || segment.size() == path.size()) return is_last && segment.size() == path.size();
        uri_template.remove_prefix(part.size() + 1);
        path.remove_prefix(segment.size() + 1);
    }
}

std::optional<Labels> match_uri(std::string_view uri_template, std::string_view path) {
    uri_template = uri_template.substr(0, uri_template.find('?'));
    Labels labels;
    const auto wanted = split(uri_template, '/');
    auto rest = path;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto part = wanted[i];

        if (is_label(part) && part.ends_with("+}")) {
            auto value = decode_uri(rest);
            if (!value || value->empty()) return {};
            labels.emplace_back(part.substr(1, part.size() - 3), std::move(*value));
            return labels;
        }
        const auto end = rest.find('/');
        const auto segment = rest.substr(0, end);
        if (is_label(part)) {
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
        if (!found && member.required) violations.add_missing(Path::member(Path(), member.name));
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
            const auto text = print_scalar(*member.shape, field);
            out.target = replace_all(std::move(out.target), "{" + name + "}", encode_uri(text));
            out.target = replace_all(std::move(out.target), "{" + name + "+}", encode_uri(text, true));
        } else if (member.location == Location::query_string && member.shape->kind == Kind::list) {
            for (std::size_t i = 0; i < member.shape->list->size(field); ++i) {
                query += "&" + encode_uri(name) + "=" +
                         encode_uri(print_scalar(*member.shape->element, member.shape->list->at(field, i)));
            }
        } else if (member.location == Location::query_string) {
            query += "&" + encode_uri(name) + "=" + encode_uri(print_scalar(*member.shape, field));
        } else if (member.location == Location::header) {
            out.headers.emplace_back(name, print_scalar(*member.shape, field));
        }
    }
    if (!query.empty()) out.target += (out.target.find('?') == std::string::npos ? "?" : "&") + query.substr(1);
}

void encode_bound_response(const Shape& shape, const void* response, EncodedResponse& out) {
    for (const auto& member : shape.members) {
        if (member.location != Location::header && member.location != Location::status_code) continue;
        const void* field = static_cast<const char*>(response) + member.offset;
        if (member.optional != nullptr) {
            if (!member.optional->has(field)) continue;
            field = member.optional->get(field);
        }
        if (member.location == Location::header) {
            out.headers.emplace_back(member.wire_name, print_scalar(*member.shape, field));
        } else if (member.shape->kind == Kind::integer) {
            out.status = *static_cast<const std::int32_t*>(field);
        }
    }
}

}  // namespace sekisho::wire
