#pragma once
// What a page reads of a request, and whether it may be believed. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"

namespace sekisho::portal {

inline constexpr std::size_t form_bytes_max = 64 * 1024;
inline constexpr std::size_t form_fields_max = 100;
inline constexpr std::size_t return_path_bytes_max = 2048;

// A query or the body of a form (application/x-www-form-urlencoded).
class Form {
 public:
    // Nothing: a bad escape, text that is not UTF-8, or too many fields.
    static std::optional<Form> parse(std::string_view encoded);
    // The first field of that name; empty when there is none.
    const std::string& get(std::string_view name) const;
    bool has(std::string_view name) const;

 private:
    std::vector<std::pair<std::string, std::string>> fields_;
};
std::string encode_query(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

// The cookie of that name; empty when there is none or when it is there twice.
std::string find_cookie(const net::Request& request, std::string_view name);

enum class PostFault : std::uint8_t {
    none,
    content_type,  // not a plain form: multipart and others are refused
    too_large,
    foreign_origin,  // sent by another site's page, or by something that is no browser
};
// `origin`: ours, "https://localhost:7443". Browsers send Origin with every POST, and Sec-Fetch-Site where they know it
// (Fetch Metadata); both must speak for us, and one of them must be there.
PostFault check_post(const net::Request& request, std::string_view origin);

// A path of our own pages. One slash first, no host, scheme, "..", backslash, space or control character: never another
// origin, whatever the browser makes of it.
bool is_own_path(std::string_view path);
// Where a sign-in may lead: such a path, but not to sign-in and sign-out themselves.
bool is_return_path(std::string_view path);
// The host part of "https://localhost:7443".
std::string_view host_of_url(std::string_view url);

}  // namespace sekisho::portal
