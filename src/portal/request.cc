#include "portal/request.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "portal/portal.h"

namespace sekisho::portal {

std::optional<Form> Form::parse(std::string_view encoded) {
    Form form;
    if (encoded.empty()) return form;
    for (const auto field : split(encoded, '&')) {
        if (field.empty()) continue;
        if (form.fields_.size() == form_fields_max) return std::nullopt;
        const std::size_t equals = std::min(field.find('='), field.size());
        auto name = decode_uri(field.substr(0, equals), true);
        auto value = decode_uri(field.substr(std::min(equals + 1, field.size())), true);
        if (!name || !value || !is_valid_utf8(*name) || !is_valid_utf8(*value)) return std::nullopt;
        form.fields_.emplace_back(std::move(*name), std::move(*value));
    }
    return form;
}

const std::string& Form::get(std::string_view name) const {
    static const std::string none;
    const auto found = std::find_if(fields_.begin(), fields_.end(), [name](const auto& f) { return f.first == name; });
    return found == fields_.end() ? none : found->second;
}

bool Form::has(std::string_view name) const {
    return std::any_of(fields_.begin(), fields_.end(), [name](const auto& field) { return field.first == name; });
}

std::string encode_query(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    std::string query;
    for (const auto& [name, value] : fields) {
        if (value.empty()) continue;
        query += query.empty() ? '?' : '&';
        query += encode_uri(name) + "=" + encode_uri(value);
    }
    return query;
}

std::string find_cookie(const net::Request& request, std::string_view name) {
    std::string found;
    // HTTP/2 may send each cookie in a header of its own (RFC 9113 8.2.3).
    for (const auto& header : request.headers) {
        if (!equals_ignoring_case(header.name, "cookie")) continue;
        for (auto pair : split(header.value, ';')) {
            pair = trim(pair);
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
            if (!found.empty()) return {};
            found = pair.substr(equals + 1);
        }
    }
    return found;
}

PostFault check_post(const net::Request& request, std::string_view origin) {
    if (request.body.size() > form_bytes_max) return PostFault::too_large;
    const std::string* type = request.find_header("Content-Type");
    if (type == nullptr) return PostFault::content_type;
    const std::string_view media = trim(std::string_view(*type).substr(0, type->find(';')));
    if (!equals_ignoring_case(media, "application/x-www-form-urlencoded")) return PostFault::content_type;
    const std::string* sent_by = request.find_header("Origin");
    const std::string* site = request.find_header("Sec-Fetch-Site");
    if (sent_by == nullptr && site == nullptr) return PostFault::foreign_origin;
    if (sent_by != nullptr && *sent_by != origin) return PostFault::foreign_origin;
    if (site != nullptr && *site != "same-origin" && (*site != "none" || sent_by == nullptr)) {
        return PostFault::foreign_origin;
    }
    return PostFault::none;
}

bool is_own_path(std::string_view path) {
    if (path.empty() || path.size() > return_path_bytes_max || path.front() != '/') return false;
    if (path.starts_with("//") || path.find("..") != std::string_view::npos) return false;
    const bool plain = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
    if (!plain) return false;
    return Portal::is_portal_path(path.substr(0, path.find_first_of("?#"))) && !path.starts_with("/assets");
}

bool is_return_path(std::string_view path) {
    return is_own_path(path) && !path.starts_with("/sign");
}

std::string_view host_of_url(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find('/'));
}

}  // namespace sekisho::portal
