// HTTP/2 against the listener, frame by frame (RFC 9113), so that the bad cases can be made.
#include <gmock/gmock.h>
#include <nghttp2/nghttp2.h>

#include <map>
#include <thread>

#include "net/client.h"
#include "net/test_support.h"

namespace sekisho::net {
namespace {

using ::testing::HasSubstr;
using testing::RawClient;

constexpr std::uint8_t end_stream = 1;
constexpr std::uint8_t end_headers = 4;

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    std::string out;
    for (int shift = 16; shift >= 0; shift -= 8) out.push_back(static_cast<char>(payload.size() >> shift));
    out.push_back(static_cast<char>(type));
    out.push_back(static_cast<char>(flags));
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(stream >> shift));
    return out.append(payload);
}

// RFC 7541 6.2.2: a literal without indexing, new name; lengths below 127.
std::string field(std::string_view name, std::string_view value) {
    std::string out(1, '\0');
    out.push_back(static_cast<char>(name.size()));
    out.append(name);
    out.push_back(static_cast<char>(value.size()));
    return out.append(value);
}

std::string request_fields(std::string_view method, std::string_view path, std::string_view authority = "localhost") {
    return field(":method", method) + field(":scheme", "https") + field(":path", path) + field(":authority", authority);
}

std::string get_frame(std::uint32_t stream, std::string_view path) {
    return frame(NGHTTP2_HEADERS, end_headers | end_stream, stream, request_fields("GET", path));
}

const std::string preface = std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + frame(NGHTTP2_SETTINGS, 0, 0, "");

struct Frame {
    std::uint8_t type = 0xff;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
};

class Http2Test : public testing::ServerFixture {
 protected:
    void open(ListenerOptions options) {
        start(std::move(options));
        client_ = connect_tls("h2");
        ASSERT_EQ(client_->protocol(), "h2");
        client_->send(preface);
    }
    void open() { open(default_options()); }

    bool next(Frame& out) {
        while (true) {
            if (input_.size() >= 9) {
                const auto byte = [&](std::size_t i) {
                    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(input_[i]));
                };
                const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
                if (input_.size() >= 9 + size) {
                    out = {.type = static_cast<std::uint8_t>(byte(3)),
                           .flags = static_cast<std::uint8_t>(byte(4)),
                           .stream = byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8),
                           .payload = input_.substr(9, size)};
                    input_.erase(0, 9 + size);
                    return true;
                }
            }
            const std::string more = client_->receive();
            if (more.empty()) return false;
            input_ += more;
        }
    }
    // The next frame of that type, or one without a type at the connection's end.
    Frame wait_for(std::uint8_t type) {
        Frame found;
        while (next(found)) {
            if (found.type == type) return found;
        }
        return {};
    }
    std::uint32_t wait_for_goaway() {
        const Frame found = wait_for(NGHTTP2_GOAWAY);
        if (found.payload.size() < 8) return 0xffff;
        return static_cast<std::uint8_t>(found.payload[7]);
    }

    std::unique_ptr<RawClient> client_;
    std::string input_;
};

TEST_F(Http2Test, AnswersManyStreams) {
    open();
    constexpr std::uint32_t count = 100;
    std::string all;
    for (std::uint32_t i = 0; i < count; ++i)
        all += get_frame(2 * i + 1, i % 3 == 0 ? "/later" : "/s" + std::to_string(i));
    client_->send(all);
    std::map<std::uint32_t, std::string> bodies;
    std::size_t ended = 0;
    Frame got;
    while (ended < count && next(got)) {
        if (got.type != NGHTTP2_DATA) continue;
        bodies[got.stream] += got.payload;
        if ((got.flags & end_stream) != 0) ++ended;
    }
    ASSERT_EQ(ended, count);
    EXPECT_EQ(bodies[1], "GET /later ");
    EXPECT_EQ(bodies[2 * 98 + 1], "GET /s98 ");
}

TEST_F(Http2Test, ReadsBodiesAndJoinsCookies) {
    ListenerOptions options = default_options();
    options.handler = [](Request&& request, Responder responder) {
        responder.send({.body = request.body + "|" + *request.find_header("Cookie") + "|" + request.host + "|" +
                                *request.find_header("Host") + "|" + std::to_string(request.version)});
    };
    open(std::move(options));
    client_->send(frame(NGHTTP2_HEADERS, end_headers, 1,
                        request_fields("POST", "/", "LocalHost:1") + field("cookie", "a=1") + field("cookie", "b=2")) +
                  frame(NGHTTP2_DATA, 0, 1, "hel") + frame(NGHTTP2_DATA, end_stream, 1, "lo"));
    EXPECT_EQ(wait_for(NGHTTP2_DATA).payload, "hello|a=1; b=2|localhost:1|localhost:1|20");
}

TEST_F(Http2Test, RefusesBadRequestsOnTheirStream) {
    open();
    const std::string cases[] = {
        request_fields("GET", "/") + field("host", "other"),                        // differs from :authority
        request_fields("GET", "/", "a/b"),                                          // not an authority
        request_fields("GET", "/a#b"),                                              // a fragment
        field(":method", "GET") + field(":scheme", "https") + field(":path", "/"),  // no authority
        field(":method", "CONNECT") + field(":authority", "a:443"),
    };
    std::uint32_t stream = 1;
    for (const std::string& fields : cases) {
        client_->send(frame(NGHTTP2_HEADERS, end_headers | end_stream, stream, fields));
        Frame answer;  // ours, or nghttp2's reset (RFC 9113 8.1.1)
        while (next(answer) && answer.type != NGHTTP2_DATA && answer.type != NGHTTP2_RST_STREAM) {
        }
        EXPECT_EQ(answer.stream, stream);
        if (answer.type == NGHTTP2_DATA) EXPECT_EQ(answer.payload, "malformed request\n");
        stream += 2;
    }
    client_->send(get_frame(stream, "/ok"));
    EXPECT_EQ(wait_for(NGHTTP2_DATA).payload, "GET /ok ");
    EXPECT_EQ(handled_, 1);
}

TEST_F(Http2Test, ForbiddenHeadersResetTheStream) {
    open();
    client_->send(
        frame(NGHTTP2_HEADERS, end_headers | end_stream, 1, request_fields("GET", "/") + field("Upper", "a")));
    EXPECT_EQ(wait_for(NGHTTP2_RST_STREAM).stream, 1U);
    client_->send(frame(NGHTTP2_HEADERS, end_headers | end_stream, 3,
                        request_fields("GET", "/") + field("transfer-encoding", "chunked")));
    EXPECT_EQ(wait_for(NGHTTP2_RST_STREAM).stream, 3U);
    client_->send(frame(NGHTTP2_HEADERS, end_headers, 5, request_fields("POST", "/") + field("content-length", "9")) +
                  frame(NGHTTP2_DATA, end_stream, 5, "short"));
    EXPECT_EQ(wait_for(NGHTTP2_RST_STREAM).stream, 5U);
    EXPECT_EQ(handled_, 0);
}

TEST_F(Http2Test, LimitsBodiesAndHeaders) {
    ListenerOptions options = default_options();
    options.limits.body_bytes = 1000;
    options.limits.header_count = 10;
    open(std::move(options));
    client_->send(frame(NGHTTP2_HEADERS, end_headers, 1, request_fields("POST", "/")) +
                  frame(NGHTTP2_DATA, 0, 1, std::string(2000, 'a')));
    EXPECT_EQ(wait_for(NGHTTP2_DATA).payload, "body too large\n");
    const Frame reset = wait_for(NGHTTP2_RST_STREAM);
    EXPECT_EQ(reset.payload, std::string(4, '\0'));  // NO_ERROR, RFC 9113 8.1
    std::string many = request_fields("GET", "/");
    for (int i = 0; i < 20; ++i) many += field("x", "y");
    client_->send(frame(NGHTTP2_HEADERS, end_headers | end_stream, 3, many));
    EXPECT_EQ(wait_for(NGHTTP2_DATA).payload, "request refused\n");
    client_->send(get_frame(5, "/ok"));
    EXPECT_EQ(wait_for(NGHTTP2_DATA).payload, "GET /ok ");
    EXPECT_EQ(handled_, 1);
}

TEST_F(Http2Test, LargeAnswersWaitForTheWindow) {
    open();
    client_->send(get_frame(1, "/large"));
    std::size_t received = 0;
    Frame got;
    while (next(got)) {
        if (got.type != NGHTTP2_DATA) continue;
        received += got.payload.size();
        ASSERT_LE(received, 8U * 1024 * 1024);
        if ((got.flags & end_stream) != 0) break;
        std::string increment(4, '\0');
        increment[2] = static_cast<char>(got.payload.size() >> 8);
        increment[3] = static_cast<char>(got.payload.size());
        client_->send(frame(NGHTTP2_WINDOW_UPDATE, 0, 0, increment) + frame(NGHTTP2_WINDOW_UPDATE, 0, 1, increment));
    }
    EXPECT_EQ(received, 8U * 1024 * 1024);
}

TEST_F(Http2Test, FloodsEndTheConnection) {
    const std::pair<const char*, std::string> floods[] = {
        {"ping", frame(NGHTTP2_PING, 0, 0, "12345678")},
        {"settings", frame(NGHTTP2_SETTINGS, 0, 0, "")},
        {"priority", frame(NGHTTP2_PRIORITY, 0, 1, std::string(5, '\0'))},
    };
    start();
    for (const auto& [name, bytes] : floods) {
        input_.clear();
        client_ = connect_tls("h2");
        client_->send(preface);
        std::string many;
        for (int i = 0; i < 3000; ++i) many += bytes;
        client_->send(many);
        EXPECT_NE(wait_for_goaway(), 0xffffU) << name;
        EXPECT_EQ(client_->receive_all(), "") << name;
    }
}

TEST_F(Http2Test, RapidResetEndsTheConnection) {
    open();
    std::string many;
    for (std::uint32_t i = 0; i < 3000; ++i) {
        many += get_frame(2 * i + 1, "/later") + frame(NGHTTP2_RST_STREAM, 0, 2 * i + 1, std::string("\0\0\0\x8", 4));
    }
    client_->send(many);
    EXPECT_NE(wait_for_goaway(), 0xffffU);
    EXPECT_LT(handled_, 3000);
}

TEST_F(Http2Test, ContinuationFloodEndsTheConnection) {
    open();
    std::string many = frame(NGHTTP2_HEADERS, 0, 1, request_fields("GET", "/"));
    for (int i = 0; i < 1000; ++i) many += frame(NGHTTP2_CONTINUATION, 0, 1, field("x", std::string(100, 'y')));
    client_->send(many);
    EXPECT_NE(wait_for_goaway(), 0xffffU);
    EXPECT_EQ(handled_, 0);
}

TEST_F(Http2Test, GarbageEndsTheConnection) {
    start();
    for (const std::string& bytes :
         {std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), preface + frame(NGHTTP2_DATA, 0, 1, "x"),
          preface + frame(NGHTTP2_HEADERS, end_headers, 1, "\xff\xff\xff\xff\xff\xff"),
          preface + frame(NGHTTP2_HEADERS, end_headers, 2, request_fields("GET", "/")),
          preface + frame(NGHTTP2_SETTINGS, 0, 0, "odd"), preface + std::string(100, '\xff')}) {
        client_ = connect_tls("h2");
        client_->send(bytes);
        input_.clear();
        EXPECT_NE(wait_for_goaway(), 0xffffU);
        EXPECT_EQ(client_->receive_all(), "");
    }
    EXPECT_EQ(handled_, 0);
}

TEST_F(Http2Test, SlowStreamsAreEnded) {
    ListenerOptions options = default_options();
    options.limits.request = milliseconds(150);
    options.limits.response = milliseconds(150);
    options.limits.idle = milliseconds(600);
    open(std::move(options));
    client_->send(frame(NGHTTP2_HEADERS, end_headers, 1, request_fields("POST", "/")));
    EXPECT_EQ(wait_for(NGHTTP2_DATA).payload, "request too slow\n");
    client_->send(get_frame(3, "/large"));  // and no window for all of it
    const Frame reset = wait_for(NGHTTP2_RST_STREAM);
    EXPECT_TRUE(reset.stream == 1 || reset.stream == 3);
    EXPECT_EQ(wait_for_goaway(), 0U);  // idle at last
    EXPECT_EQ(client_->receive_all(), "");
}

TEST_F(Http2Test, AnUnfinishedHeaderBlockEndsTheConnection) {
    ListenerOptions options = default_options();
    options.limits.request = milliseconds(150);
    open(std::move(options));
    client_->send(frame(NGHTTP2_HEADERS, 0, 1, request_fields("GET", "/")));
    EXPECT_EQ(wait_for_goaway(), static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
}

TEST_F(Http2Test, GracefulStopSendsGoawayAndFinishes) {
    open();
    client_->send(get_frame(1, "/later"));
    for (int i = 0; i < 100 && handled_ == 0; ++i) std::this_thread::sleep_for(milliseconds(5));
    std::thread stopper([&] { listener_->stop(milliseconds(3000)); });
    EXPECT_EQ(wait_for_goaway(), 0U);
    EXPECT_EQ(wait_for(NGHTTP2_DATA).payload, "GET /later ");
    EXPECT_EQ(client_->receive_all(), "");
    stopper.join();
}

TEST_F(Http2Test, HandlersFaultsAndUnknownHosts) {
    open();
    client_->send(get_frame(1, "/drop"));
    EXPECT_EQ(wait_for(NGHTTP2_HEADERS).stream, 1U);
    client_->send(get_frame(3, "/throw"));
    EXPECT_EQ(wait_for(NGHTTP2_HEADERS).stream, 3U);
    client_->send(frame(NGHTTP2_HEADERS, end_headers | end_stream, 5, request_fields("GET", "/", "unknown.example")));
    EXPECT_THAT(wait_for(NGHTTP2_DATA).payload, HasSubstr("does not serve that host"));
}

}  // namespace
}  // namespace sekisho::net
