// The HTTP/1 head and chunked body. Read whole and cut into pieces, the same bytes must mean the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http1_parser.h"

namespace {

using namespace sekisho::net;

const Http1Limits limits{.request_line_bytes = 512, .header_bytes = 1024, .header_count = 16, .body_bytes = 4096};

struct Outcome {
    ParseState head_state = ParseState::need_more;
    Http1Head head;
    std::size_t consumed = 0;
    ParseState body_state = ParseState::need_more;
    std::string body;
    std::size_t body_used = 0;
};

Outcome read(std::string_view input, std::size_t piece) {
    Outcome out;
    Http1HeadParser parser(limits);
    for (std::size_t size = piece; out.head_state == ParseState::need_more; size += piece) {
        out.head_state = parser.parse(input.substr(0, size), out.head);
        if (size >= input.size()) break;
    }
    if (out.head_state != ParseState::done) return out;
    out.consumed = parser.consumed();
    if (!out.head.chunked) return out;
    ChunkedDecoder decoder(limits.body_bytes, 256);
    std::string_view rest = input.substr(out.consumed);
    while (!rest.empty() && out.body_state == ParseState::need_more) {
        std::size_t used = 0;
        out.body_state = decoder.decode(rest.substr(0, piece), out.body, used);
        out.body_used += used;
        rest.remove_prefix(used);
    }
    return out;
}

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const Outcome whole = read(input, size + 1);
    for (const std::size_t piece : {std::size_t(1), std::size_t(7)}) {
        const Outcome cut = read(input, piece);
        require(cut.head_state == whole.head_state);
        if (whole.head_state != ParseState::done) continue;
        require(cut.consumed == whole.consumed && cut.head.target == whole.head.target &&
                cut.head.host == whole.head.host);
        require(cut.body_state == whole.body_state);
        if (whole.body_state == ParseState::done) require(cut.body == whole.body && cut.body_used == whole.body_used);
    }
    if (whole.head_state == ParseState::done) {
        const Http1Head& head = whole.head;
        require(whole.consumed <= size && head.headers.size() <= limits.header_count);
        require(is_token(head.method) && (is_request_path(head.target) || head.target == "*"));
        require(head.content_length <= limits.body_bytes && !(head.chunked && head.content_length != 0));
        require(whole.body.size() <= limits.body_bytes);
        for (const Header& header : head.headers) require(is_token(header.name) && is_field_value(header.value));
    }
    return 0;
}
