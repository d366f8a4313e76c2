#include "net/http1_parser.h"

#include <gtest/gtest.h>

namespace sekisho::net {
namespace {

const Http1Limits small_limits{.request_line_bytes = 200, .header_bytes = 400, .header_count = 5, .body_bytes = 1000};

struct Outcome {
    ParseState state;
    int status;
    Http1Head head;
    std::size_t consumed;
};

Outcome parse(std::string_view text) {
    Http1HeadParser parser(small_limits);
    Outcome outcome{};
    outcome.state = parser.parse(text, outcome.head);
    outcome.status = outcome.state == ParseState::failed ? parser.failure().status : 0;
    outcome.consumed = parser.consumed();
    return outcome;
}

// The same bytes one by one must read the same: nothing depends on how the network cuts them.
Outcome parse_slowly(std::string_view text) {
    Http1HeadParser parser(small_limits);
    Outcome outcome{};
    outcome.state = ParseState::need_more;
    for (std::size_t size = 1; size <= text.size() && outcome.state == ParseState::need_more; ++size) {
        outcome.state = parser.parse(text.substr(0, size), outcome.head);
    }
    outcome.status = outcome.state == ParseState::failed ? parser.failure().status : 0;
    outcome.consumed = parser.consumed();
    return outcome;
}

TEST(Http1Parser, ReadsARequest) {
    const std::string text =
        "POST /a?b=c HTTP/1.1\r\nHost: Example.COM:8443\r\nX-Empty:\r\nContent-Length: 3\r\n\r\nabc";
    const Outcome outcome = parse(text);
    ASSERT_EQ(outcome.state, ParseState::done);
    EXPECT_EQ(outcome.consumed, text.size() - 3);
    EXPECT_EQ(outcome.head.method, "POST");
    EXPECT_EQ(outcome.head.target, "/a?b=c");
    EXPECT_EQ(outcome.head.host, "example.com:8443");
    EXPECT_EQ(outcome.head.version, 11);
    EXPECT_EQ(outcome.head.content_length, 3U);
    EXPECT_TRUE(outcome.head.keep_alive);
    ASSERT_EQ(outcome.head.headers.size(), 3U);
    EXPECT_EQ(outcome.head.headers[1].value, "");
}

TEST(Http1Parser, ReadsAbsoluteFormAndHttp10) {
    EXPECT_EQ(parse("GET https://Sts.Example/x?y HTTP/1.1\r\nHost: other\r\n\r\n").head.host, "sts.example");
    EXPECT_EQ(parse("GET https://Sts.Example/x?y HTTP/1.1\r\nHost: other\r\n\r\n").head.target, "/x?y");
    EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").head.keep_alive);
    EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").head.keep_alive);
    EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n").head.keep_alive);
    EXPECT_EQ(parse("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").state, ParseState::done);
    EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").head.host, "[::1]:80");
}

struct Refused {
    const char* why;
    std::string text;
    int status;
};

TEST(Http1Parser, RefusesWhatCouldBeReadInTwoWays) {
    const std::string host = "POST / HTTP/1.1\r\nHost: a\r\n";
    const Refused cases[] = {
        {"both lengths", host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"two lengths", host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400},
        {"length list", host + "Content-Length: 3, 3\r\n\r\n", 400},
        {"signed length", host + "Content-Length: +3\r\n\r\n", 400},
        {"hex length", host + "Content-Length: 0x3\r\n\r\n", 400},
        {"long length", host + "Content-Length: 99999999999999999999\r\n\r\n", 400},
        {"two codings", host + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"two coding headers", host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"vertical tab in coding", host + "Transfer-Encoding: \vchunked\r\n\r\n", 400},
        {"coding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
        {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
        {"bare CR", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400},
        {"folded", host + "X: a\r\n b\r\n\r\n", 400},
        {"space before colon", host + "Content-Length : 3\r\n\r\n", 400},
        {"empty name", host + ": 3\r\n\r\n", 400},
        {"no colon", host + "abc\r\n\r\n", 400},
        {"NUL in value", host + std::string("X: a\0b\r\n\r\n", 10), 400},
        {"two hosts", host + "Host: a\r\n\r\n", 400},
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"bad host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"user in host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        {"bad port", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400},
        {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"space in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"raw UTF-8 in target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"version 2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        {"bad method", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TLS bytes", "\x16\x03\x01\r\n\r\n", 400},
        {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"expectation", host + "Expect: miracles\r\n\r\n", 417},
        {"large body", host + "Content-Length: 1001\r\n\r\n", 413},
        {"long line", "GET /" + std::string(300, 'a') + " HTTP/1.1\r\n", 414},
        {"large headers", host + "X: " + std::string(500, 'a') + "\r\n\r\n", 431},
        {"many headers", host + "A: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n", 431},
    };
    for (const Refused& refused : cases) {
        const Outcome outcome = parse(refused.text);
        EXPECT_EQ(outcome.state, ParseState::failed) << refused.why;
        EXPECT_EQ(outcome.status, refused.status) << refused.why;
        EXPECT_EQ(parse_slowly(refused.text).status, refused.status) << refused.why;
    }
}

TEST(Http1Parser, ALimitHoldsBeforeALineEnds) {
    EXPECT_EQ(parse(std::string(300, 'a')).status, 414);
    EXPECT_EQ(parse("GET / HTTP/1.1\r\n" + std::string(500, 'a')).status, 431);
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\n").state, ParseState::need_more);
}

struct Chunked {
    ParseState state = ParseState::need_more;
    int status = 0;
    std::string body;
    std::size_t used = 0;
};

Chunked decode(std::string_view text, std::size_t piece) {
    ChunkedDecoder decoder(100, 40);
    Chunked out;
    while (out.state == ParseState::need_more && out.used < text.size()) {
        std::size_t used = 0;
        out.state = decoder.decode(text.substr(out.used, piece), out.body, used);
        out.used += used;
    }
    if (out.state == ParseState::failed) out.status = decoder.failure().status;
    return out;
}

TEST(ChunkedDecoder, ReadsChunksHoweverTheyAreCut) {
    const std::string text = "4;x=y\r\nWiki\r\nA\r\npedia in c\r\n0\r\nTrailer: a\r\n\r\nGET";
    for (const std::size_t piece : {std::size_t(1), std::size_t(2), std::size_t(7), text.size()}) {
        const Chunked out = decode(text, piece);
        EXPECT_EQ(out.state, ParseState::done);
        EXPECT_EQ(out.body, "Wikipedia in c");
        EXPECT_EQ(out.used, text.size() - 3);
    }
}

TEST(ChunkedDecoder, RefusesBadChunks) {
    const std::pair<std::string, int> cases[] = {
        {"\r\n", 400},
        {"g\r\n", 400},
        {"1 \r\na\r\n", 400},
        {"1\na\r\n", 400},
        {"1\r\nab\r\n", 400},
        {"1\r\na\n", 400},
        {"-1\r\n", 400},
        {"0x1\r\n", 400},
        {"FFFFFFFFF\r\n", 413},
        {"65\r\n", 413},
        {"0\r\n\n", 400},
        {"0\r\nA: \1\r\n\r\n", 400},
        {"1\r\na\rX", 400},
        {"1;\x01\r\n", 400},
        {"0\r\n" + std::string(60, 'a') + "\r\n\r\n", 431},
        {"1;" + std::string(60, 'a') + "\r\na\r\n", 400},
    };
    for (const auto& [text, status] : cases) {
        EXPECT_EQ(decode(text, text.size()).status, status) << text;
        EXPECT_EQ(decode(text, 1).status, status) << text;
    }
}

TEST(Authority, IsLowerCaseAndChecked) {
    std::string out;
    EXPECT_TRUE(normalize_authority("EXAMPLE.com", out));
    EXPECT_EQ(out, "example.com");
    EXPECT_EQ(host_of_authority("example.com:443"), "example.com");
    EXPECT_EQ(host_of_authority("[::1]:443"), "[::1]");
    EXPECT_EQ(host_of_authority("[::1]"), "[::1]");
    for (const char* bad :
         {"", ":443", "a:", "a:0", "a:65536", "a:4x", "a b", "[", "[]", "[::1", "[::1]x", "a,b", "a\x80"}) {
        EXPECT_FALSE(normalize_authority(bad, out)) << bad;
    }
}

}  // namespace
}  // namespace sekisho::net
