#include "wire/sigv4_canonical.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace sekisho::wire::sigv4 {
namespace {

// RFC 3986 2.3.
constexpr std::array<bool, 256> unreserved = [] {
    std::array<bool, 256> table{};
    for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (const char c : {'-', '.', '_', '~'}) table[static_cast<unsigned char>(c)] = true;
    return table;
}();
bool is_unreserved(char c) {
    return unreserved[static_cast<unsigned char>(c)];
}

int upper_hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Encoded as UriEncode would: so nearly every text comes, and it is then taken as it is.
bool is_encoded_canonically(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        while (end - at >= 4 && is_unreserved(at[0]) && is_unreserved(at[1]) && is_unreserved(at[2]) &&
               is_unreserved(at[3])) {
            at += 4;
        }
        while (at != end && is_unreserved(*at)) ++at;
        if (at == end) return true;
        if (*at != '%' || end - at < 3) return false;
        const int high = upper_hex_value(at[1]);
        const int low = upper_hex_value(at[2]);
        if (high < 0 || low < 0 || is_unreserved(static_cast<char>(high << 4 | low))) return false;
        at += 3;
    }
}

struct Parameter {
    std::string_view name;
    std::string_view value;
    auto operator<=>(const Parameter&) const = default;  // by bytes: name, then value
};

// Kept per thread: a request's query has a dozen parameters, and their vector would be half of the canonicaliser's
// cost.
struct Scratch {
    std::vector<Parameter> parameters;
    std::deque<std::string> recoded;  // does not move its elements
};

bool recode(std::string_view& text, std::deque<std::string>& kept) {
    if (is_encoded_canonically(text)) return true;
    const auto decoded = decode_uri(text, /*plus_is_space=*/true);
    if (!decoded) return false;
    text = kept.emplace_back(encode_uri(*decoded));
    return true;
}

bool append_query(std::string& out, std::string_view query, bool presigned) {
    thread_local Scratch scratch;
    scratch.parameters.clear();
    scratch.recoded.clear();
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        Parameter parameter{.name = part.substr(0, equals), .value = {}};
        if (equals != std::string_view::npos) parameter.value = part.substr(equals + 1);
        if (!recode(parameter.name, scratch.recoded) || !recode(parameter.value, scratch.recoded)) return false;
        if (presigned && parameter.name == "X-Amz-Signature") continue;
        scratch.parameters.push_back(parameter);
    }
    std::ranges::sort(scratch.parameters);
    bool first = true;
    for (const Parameter& parameter : scratch.parameters) {
        if (!first) out.push_back('&');
        first = false;
        out.append(parameter.name).append("=").append(parameter.value);
    }
    return true;
}

// Encoded once more than it came (every service but S3), byte spans at a time.
void append_encoded(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_unreserved(text[i])) continue;
        out.append(text, begin, i - begin);
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::array<char, 3> escape{'%', digits[byte >> 4], digits[byte & 15]};
        out.append(escape.data(), escape.size());
        begin = i + 1;
    }
    out.append(text, begin, text.size() - begin);
}

// RFC 3986 5.2.4 and repeated slashes made one, as the signers of AWS do it.
void append_path(std::string& out, std::string_view path) {
    if (path.empty() || path == "/") {
        out.push_back('/');
        return;
    }
    std::vector<std::string_view> segments;
    for (const std::string_view segment : split(path, '/')) {
        if (segment.empty() || segment == ".") continue;
        if (segment != "..") {
            segments.push_back(segment);
        } else if (!segments.empty()) {
            segments.pop_back();
        }
    }
    for (const std::string_view segment : segments) {
        out.push_back('/');
        append_encoded(out, segment);
    }
    if (segments.empty() || path.ends_with('/')) out.push_back('/');
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Trimmed, runs of white space made one space.
void append_header_value(std::string& out, std::string_view value) {
    std::size_t i = 0;
    bool first = true;
    while (true) {
        while (i < value.size() && is_space(value[i])) ++i;
        if (i == value.size()) return;
        const std::size_t begin = i;
        // One space between words stays inside the span.
        while (i < value.size() &&
               (!is_space(value[i]) || (value[i] == ' ' && i + 1 < value.size() && !is_space(value[i + 1])))) {
            ++i;
        }
        if (!first) out.push_back(' ');
        first = false;
        out.append(value, begin, i - begin);
    }
}

bool append_headers(std::string& out, const HttpRequestView& request, std::string_view signed_headers) {
    while (!signed_headers.empty()) {
        const std::size_t end = std::min(signed_headers.find(';'), signed_headers.size());
        const std::string_view name = signed_headers.substr(0, end);
        signed_headers.remove_prefix(std::min(end + 1, signed_headers.size()));
        bool found = false;
        for (const HeaderView& header : request.headers) {
            if (!equals_ignoring_case(header.name, name)) continue;
            if (found) {
                out.push_back(',');
            } else {
                out.append(name).push_back(':');
            }
            found = true;
            append_header_value(out, header.value);
        }
        if (!found) return false;
        out.push_back('\n');
    }
    return true;
}

}  // namespace

bool append_canonical_request(std::string& out, const HttpRequestView& request, std::string_view signed_headers,
                              bool presigned, std::string_view payload_digest) {
    out.append(request.method).push_back('\n');
    append_path(out, request.path);
    out.push_back('\n');
    if (!append_query(out, request.query, presigned)) return false;
    out.push_back('\n');
    if (!append_headers(out, request, signed_headers)) return false;
    out.append("\n").append(signed_headers).append("\n").append(payload_digest);
    return true;
}

std::string body_digest(std::string_view body) {
    if (body.empty()) return "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    return crypto::sha256(body).hex();
}

const HeaderView* find_header(const HttpRequestView& request, std::string_view name) {
    for (const HeaderView& header : request.headers) {
        if (equals_ignoring_case(header.name, name)) return &header;
    }
    return nullptr;
}

std::size_t count_headers(const HttpRequestView& request, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::count_if(
        request.headers, [name](const HeaderView& header) { return equals_ignoring_case(header.name, name); }));
}

bool lists_header(std::string_view signed_headers, std::string_view name) {
    while (!signed_headers.empty()) {
        const std::size_t end = std::min(signed_headers.find(';'), signed_headers.size());
        if (equals_ignoring_case(signed_headers.substr(0, end), name)) return true;
        signed_headers.remove_prefix(std::min(end + 1, signed_headers.size()));
    }
    return false;
}

}  // namespace sekisho::wire::sigv4

namespace sekisho::wire {

std::optional<std::string> canonical_request(const HttpRequestView& request, std::string_view signed_headers,
                                             bool presigned) {
    std::string out;
    if (!sigv4::append_canonical_request(out, request, signed_headers, presigned, sigv4::body_digest(request.body))) {
        return std::nullopt;
    }
    return out;
}

}  // namespace sekisho::wire
