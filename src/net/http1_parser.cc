#include "net/http1_parser.h"

#include <array>
#include <cstring>

#include "base/text.h"

namespace sekisho::net {
namespace {

constexpr unsigned char token_class = 1;
constexpr unsigned char value_class = 2;
constexpr unsigned char target_class = 4;

constexpr std::array<unsigned char, 256> make_classes() {
    std::array<unsigned char, 256> table{};
    for (std::size_t c = 0; c < 256; ++c) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool token = alphanumeric;
        for (const char extra : std::string_view("!#$%&'*+-.^_`|~")) token = token || static_cast<char>(c) == extra;
        if (token) table[c] |= token_class;
        if (c == '\t' || (c >= 0x20 && c != 0x7f)) table[c] |= value_class;
        if (c > 0x20 && c < 0x7f && c != '#') table[c] |= target_class;
    }
    return table;
}
constexpr std::array<unsigned char, 256> classes = make_classes();

bool all_of_class(std::string_view text, unsigned char wanted) {
    unsigned char common = wanted;
    for (const char c : text) common &= classes[static_cast<unsigned char>(c)];
    return common == wanted;
}

std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5) return false;
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value >= 1 && value <= 65535;
}

bool is_host_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string_view host_of_authority(std::string_view authority) {
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) return authority;
    return authority.substr(0, colon);
}

bool normalize_authority(std::string_view text, std::string& out) {
    constexpr std::size_t authority_bytes_max = 262;  // a name of 255 and a port
    if (text.empty() || text.size() > authority_bytes_max) return false;
    const std::string_view host = host_of_authority(text);
    if (host.empty() || (host.size() < text.size() && !is_port(text.substr(host.size() + 1)))) return false;
    out.resize(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) out[i] = lower_ascii(text[i]);
    const std::string_view lowered(out.data(), host.size());
    if (lowered.front() == '[') {
        if (lowered.size() < 4 || lowered.back() != ']') return false;
        for (const char c : lowered.substr(1, lowered.size() - 2)) {
            if (hex_value(c) < 0 && c != ':' && c != '.') return false;
        }
        return true;
    }
    for (const char c : lowered) {
        if (!is_host_character(c)) return false;
    }
    return true;
}

bool is_token(std::string_view text) {
    return !text.empty() && all_of_class(text, token_class);
}
bool is_field_value(std::string_view text) {
    return all_of_class(text, value_class);
}
bool is_request_path(std::string_view text) {
    return !text.empty() && text.front() == '/' && all_of_class(text, target_class);
}

void Http1HeadParser::reset() {
    *this = Http1HeadParser(limits_);
}

bool Http1HeadParser::fail(int status, std::string_view reason) {
    failure_ = {.status = status, .reason = reason};
    return false;
}

ParseState Http1HeadParser::parse(std::string_view input, Http1Head& head) {
    while (true) {
        const std::size_t allowed =
            request_line_seen_ ? limits_.header_bytes - header_bytes_ : limits_.request_line_bytes;
        const void* found =
            searched_ < input.size() ? std::memchr(input.data() + searched_, '\n', input.size() - searched_) : nullptr;
        const std::size_t end =
            found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - input.data()) : input.size();
        if (end - position_ > allowed) {
            fail(request_line_seen_ ? 431 : 414, request_line_seen_ ? "headers too large" : "request line too long");
            return ParseState::failed;
        }
        if (found == nullptr) {
            searched_ = input.size();
            return ParseState::need_more;
        }
        if (end == position_ || input[end - 1] != '\r') {  // RFC 9112 2.2 lets a recipient take a bare LF; we do not
            fail(400, "a line does not end in CRLF");
            return ParseState::failed;
        }
        const std::string_view line = input.substr(position_, end - 1 - position_);
        position_ = searched_ = end + 1;
        bool accepted = true;
        if (!request_line_seen_) {
            // RFC 9112 2.2: an empty line before the request line is skipped; one is enough.
            if (line.empty() && !empty_line_skipped_) {
                empty_line_skipped_ = true;
                continue;
            }
            accepted = take_request_line(line, head);
            request_line_seen_ = true;
        } else if (line.empty()) {
            return finish(head) ? ParseState::done : ParseState::failed;
        } else {
            header_bytes_ += line.size() + 2;
            if (header_bytes_ > limits_.header_bytes) header_bytes_ = limits_.header_bytes;
            accepted = take_header(line, head);
        }
        if (!accepted) return ParseState::failed;
    }
}

bool Http1HeadParser::take_request_line(std::string_view line, Http1Head& head) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return fail(400, "malformed request line");
    const std::string_view method = line.substr(0, first);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(method)) return fail(400, "malformed method");
    if (version == "HTTP/1.1") {
        head.version = 11;
    } else if (version == "HTTP/1.0") {
        head.version = 10;
    } else if (version.starts_with("HTTP/")) {
        return fail(505, "HTTP version not supported");
    } else {
        return fail(400, "malformed request line");
    }
    head.method.assign(method);
    return take_target(line.substr(first + 1, last - first - 1), head);
}

bool Http1HeadParser::take_target(std::string_view target, Http1Head& head) {
    if (is_request_path(target)) {
        head.target.assign(target);
        return true;
    }
    if (target == "*" && head.method == "OPTIONS") {
        head.target = "*";
        return true;
    }
    // RFC 9112 3.2.2: the absolute form names the host itself, and Host is then ignored.
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!starts_with_ignoring_case(target, scheme)) continue;
        const std::string_view rest = target.substr(scheme.size());
        const std::size_t slash = rest.find_first_of("/?");
        const std::string_view path = slash == std::string_view::npos ? std::string_view("/") : rest.substr(slash);
        if (!normalize_authority(rest.substr(0, slash), head.host) || !is_request_path(path)) break;
        head.target.assign(path);
        host_from_target_ = true;
        return true;
    }
    return fail(400, "malformed request target");
}

bool Http1HeadParser::take_header(std::string_view line, Http1Head& head) {
    if (head.headers.size() >= limits_.header_count) return fail(431, "too many headers");
    if (line.front() == ' ' || line.front() == '\t') return fail(400, "folded header line");  // RFC 9112 5.2
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail(400, "malformed header");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!is_token(name)) return fail(400, "malformed header name");  // also a space before the colon, RFC 9112 5.1
    if (!is_field_value(value)) return fail(400, "malformed header value");
    if (!take_known_header(name, value, head)) return false;
    if (head.headers.empty()) head.headers.reserve(16);
    head.headers.emplace_back(std::string(name), std::string(value));
    return true;
}

bool Http1HeadParser::take_known_header(std::string_view name, std::string_view value, Http1Head& head) {
    switch (name.size()) {
        case 4:
            if (!equals_ignoring_case(name, "host")) return true;
            if (host_seen_) return fail(400, "more than one Host");
            host_seen_ = true;
            if (host_from_target_) {
                std::string ignored;
                return normalize_authority(value, ignored) || fail(400, "malformed Host");
            }
            return normalize_authority(value, head.host) || fail(400, "malformed Host");
        case 6:
            if (!equals_ignoring_case(name, "expect")) return true;
            if (!equals_ignoring_case(value, "100-continue")) return fail(417, "unknown expectation");
            head.expect_continue = true;
            return true;
        case 10:
            return !equals_ignoring_case(name, "connection") || take_connection(value);
        case 14:
            return !equals_ignoring_case(name, "content-length") || take_content_length(value, head);
        case 17:
            return !equals_ignoring_case(name, "transfer-encoding") || take_transfer_encoding(value);
        default:
            return true;
    }
}

bool Http1HeadParser::take_content_length(std::string_view value, Http1Head& head) {
    if (content_length_seen_) return fail(400, "more than one Content-Length");
    content_length_seen_ = true;
    if (value.empty() || value.size() > 18) return fail(400, "malformed Content-Length");
    std::size_t length = 0;
    for (const char c : value) {
        if (c < '0' || c > '9') return fail(400, "malformed Content-Length");
        length = length * 10 + static_cast<std::size_t>(c - '0');
    }
    head.content_length = length;
    return true;
}

bool Http1HeadParser::take_transfer_encoding(std::string_view value) {
    if (transfer_encoding_seen_) return fail(400, "more than one Transfer-Encoding");
    transfer_encoding_seen_ = true;
    if (equals_ignoring_case(value, "chunked")) return true;
    return fail(501, "unknown transfer coding");  // RFC 9112 6.1
}

bool Http1HeadParser::take_connection(std::string_view value) {
    for (std::string_view option : split(value, ',')) {
        option = trim_blanks(option);
        if (equals_ignoring_case(option, "close")) close_seen_ = true;
        if (equals_ignoring_case(option, "keep-alive")) keep_alive_seen_ = true;
    }
    return true;
}

bool Http1HeadParser::finish(Http1Head& head) {
    if (head.version == 11 && !host_seen_) return fail(400, "no Host");  // RFC 9112 3.2
    if (transfer_encoding_seen_) {
        // RFC 9112 6.1: both, or a coding in HTTP/1.0, may be smuggling.
        if (content_length_seen_) return fail(400, "both Content-Length and Transfer-Encoding");
        if (head.version == 10) return fail(400, "Transfer-Encoding in HTTP/1.0");
        head.chunked = true;
    }
    if (head.content_length > limits_.body_bytes) return fail(413, "body too large");
    if (head.version == 10) head.expect_continue = false;
    head.keep_alive = !close_seen_ && (head.version == 11 || keep_alive_seen_);
    return true;
}

bool ChunkedDecoder::fail(int status, std::string_view reason) {
    failure_ = {.status = status, .reason = reason};
    return false;
}

ParseState ChunkedDecoder::decode(std::string_view input, std::string& body, std::size_t& used) {
    used = 0;
    while (used < input.size()) {
        if (step_ == Step::data) {
            const std::size_t count = std::min(remaining_, input.size() - used);
            body.append(input.data() + used, count);
            used += count;
            remaining_ -= count;
            if (remaining_ == 0) step_ = Step::data_cr;
            continue;
        }
        if (!take(input[used], body)) return ParseState::failed;
        ++used;
        if (done_) return ParseState::done;
    }
    return ParseState::need_more;
}

bool ChunkedDecoder::take(char c, const std::string& body) {
    constexpr std::size_t size_digits_max = 8;
    switch (step_) {
        case Step::size: {
            const int digit = hex_value(c);
            if (digit >= 0) {
                if (++digits_ > size_digits_max) return fail(413, "chunk too large");
                remaining_ = remaining_ * 16 + static_cast<std::size_t>(digit);
                return true;
            }
            if (digits_ == 0) return fail(400, "malformed chunk size");
            if (remaining_ > body_bytes_max_ - body.size()) return fail(413, "body too large");
            if (c == '\r') {
                step_ = Step::size_lf;
            } else if (c == ';') {
                step_ = Step::extension;
            } else {
                return fail(400, "malformed chunk size");
            }
            return true;
        }
        case Step::extension:
            if (++overhead_ > trailer_bytes_max_) return fail(400, "chunk extensions too long");
            if (c == '\r') {
                step_ = Step::size_lf;
            } else if ((classes[static_cast<unsigned char>(c)] & value_class) == 0) {
                return fail(400, "malformed chunk extension");
            }
            return true;
        case Step::size_lf:
            if (c != '\n') return fail(400, "a chunk line does not end in CRLF");
            step_ = remaining_ == 0 ? Step::trailer : Step::data;
            digits_ = 0;
            return true;
        case Step::data_cr:
            if (c != '\r') return fail(400, "a chunk does not end in CRLF");
            step_ = Step::data_lf;
            return true;
        case Step::data_lf:
            if (c != '\n') return fail(400, "a chunk does not end in CRLF");
            step_ = Step::size;
            return true;
        case Step::trailer:
            if (c == '\r') {
                step_ = Step::last_lf;
                return true;
            }
            step_ = Step::trailer_line;
            [[fallthrough]];
        case Step::trailer_line:
            if (++overhead_ > trailer_bytes_max_) return fail(431, "trailers too large");
            if (c == '\r') {
                step_ = Step::trailer_lf;
            } else if ((classes[static_cast<unsigned char>(c)] & value_class) == 0) {
                return fail(400, "malformed trailer");
            }
            return true;
        case Step::trailer_lf:
            if (c != '\n') return fail(400, "a trailer does not end in CRLF");
            step_ = Step::trailer;
            return true;
        case Step::last_lf:
            if (c != '\n') return fail(400, "a chunked body does not end in CRLF");
            done_ = true;
            return true;
        case Step::data:
            break;
    }
    return false;
}

}  // namespace sekisho::net
