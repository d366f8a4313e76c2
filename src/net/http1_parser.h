#pragma once
// The head of an HTTP/1 request, read strictly (RFC 9112): what two parsers could read differently is refused, so that
// nobody can smuggle a request past one in front of us. Lines end in CRLF and nothing else; no folded lines, no space
// before a colon; one Host; one Content-Length or one Transfer-Encoding, never both.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace sekisho::net {

enum class ParseState { need_more, done, failed };

struct ParseFailure {
    int status = 400;
    std::string_view reason;  // a fixed text of ours
};

// A host with an optional port, lower case. False: not of that form (RFC 3986 3.2, registered names and IP literals).
bool normalize_authority(std::string_view text, std::string& out);
// The same without its port.
std::string_view host_of_authority(std::string_view authority);
bool is_token(std::string_view text);         // RFC 9110 5.6.2
bool is_field_value(std::string_view text);   // RFC 9110 5.5: no control characters but tab
bool is_request_path(std::string_view text);  // '/' and printable ASCII without '#'

struct Http1Head {
    std::string method;
    std::string target;
    std::string host;
    std::vector<Header> headers;
    int version = 11;
    bool keep_alive = true;
    bool expect_continue = false;
    bool chunked = false;
    std::size_t content_length = 0;
};

struct Http1Limits {
    std::size_t request_line_bytes = 0;
    std::size_t header_bytes = 0;
    std::size_t header_count = 0;
    std::size_t body_bytes = 0;
};

class Http1HeadParser {
 public:
    explicit Http1HeadParser(const Http1Limits& limits) : limits_(limits) {}

    // `input` is all that came since the last request's end; the next call passes the same bytes and more. Linear in
    // all.
    ParseState parse(std::string_view input, Http1Head& head);
    std::size_t consumed() const { return position_; }  // bytes of the head, after `done`
    const ParseFailure& failure() const { return failure_; }
    void reset();

 private:
    bool fail(int status, std::string_view reason);
    bool take_request_line(std::string_view line, Http1Head& head);
    bool take_target(std::string_view target, Http1Head& head);
    bool take_header(std::string_view line, Http1Head& head);
    bool take_known_header(std::string_view name, std::string_view value, Http1Head& head);
    bool take_content_length(std::string_view value, Http1Head& head);
    bool take_transfer_encoding(std::string_view value);
    bool take_connection(std::string_view value);
    bool finish(Http1Head& head);

    Http1Limits limits_;
    ParseFailure failure_;
    std::size_t position_ = 0;  // start of the line that is being read
    std::size_t searched_ = 0;  // no line end before this
    std::size_t header_bytes_ = 0;
    bool request_line_seen_ = false;
    bool empty_line_skipped_ = false;
    bool host_seen_ = false;
    bool host_from_target_ = false;
    bool content_length_seen_ = false;
    bool transfer_encoding_seen_ = false;
    bool close_seen_ = false;
    bool keep_alive_seen_ = false;
};

// A chunked body (RFC 9112 7.1). Extensions and trailers are read, limited and dropped.
class ChunkedDecoder {
 public:
    ChunkedDecoder(std::size_t body_bytes_max, std::size_t trailer_bytes_max)
        : body_bytes_max_(body_bytes_max), trailer_bytes_max_(trailer_bytes_max) {}

    // Appends to `body` what `input` holds of it; `used` says how much was consumed (all, unless done or failed).
    ParseState decode(std::string_view input, std::string& body, std::size_t& used);
    const ParseFailure& failure() const { return failure_; }

 private:
    enum class Step { size, extension, size_lf, data, data_cr, data_lf, trailer, trailer_line, trailer_lf, last_lf };
    bool take(char c, const std::string& body);
    bool fail(int status, std::string_view reason);

    std::size_t body_bytes_max_;
    std::size_t trailer_bytes_max_;
    ParseFailure failure_;
    Step step_ = Step::size;
    bool done_ = false;
    std::size_t remaining_ = 0;
    std::size_t digits_ = 0;
    std::size_t overhead_ = 0;  // extension and trailer bytes
};

}  // namespace sekisho::net
