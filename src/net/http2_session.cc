#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <array>
#include <cstring>
#include <unordered_map>

#include "base/log.h"
#include "base/text.h"
#include "net/http1_parser.h"
#include "net/session.h"

namespace sekisho::net {
namespace {

struct Http2Stream {
    Request request;
    std::size_t header_bytes = 0;
    std::size_t unconsumed = 0;  // body bytes that the connection's window still holds
    std::string cookies;
    int refused = 0;  // a status of ours: the request is not collected any further
    bool headers_complete = false;
    bool dispatched = false;
    bool answered = false;
    bool answering_head = false;
    std::int64_t since = 0;  // start of the request, then of the answer
    std::string body;        // of the answer
    std::size_t body_sent = 0;
};

std::string_view view_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

// nghttp2 only reads them.
nghttp2_nv header_of(std::string_view name, std::string_view value) {
    auto* name_bytes = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data()));
    auto* value_bytes = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data()));
    // Every answer has an id of its own: kept in the compression's table it would only push out what comes again.
    const bool is_unique = name == "x-amzn-requestid" || name == "x-amz-request-id";
    const auto flags = is_unique ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
    return {name_bytes, value_bytes, name.size(), value.size(), static_cast<std::uint8_t>(flags)};
}

// HTTP/2 (RFC 9113), server side, over nghttp2.
class Http2Session final : public Session {
 public:
    explicit Http2Session(SessionHost& host) : host_(host), last_active_(host.loop().now()) {}
    ~Http2Session() override { nghttp2_session_del(session_); }
    bool start();

    void on_data(std::string_view bytes) override;
    void on_end_of_input() override { broken_ = true; }
    void produce() override;
    void respond(std::uint64_t token, Response&& response) override;
    void on_tick(std::int64_t now) override;
    void begin_shutdown() override;
    bool wants_input() const override { return !broken_ && !ending_; }
    bool has_more_output() const override { return !broken_ && nghttp2_session_want_write(session_) != 0; }
    bool finished() const override {
        return broken_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0) ||
               (ending_ && nghttp2_session_want_write(session_) == 0);
    }

 private:
    static constexpr std::uint32_t stream_window_bytes = 256 * 1024;
    static constexpr std::int32_t connection_window_bytes = 4 * 1024 * 1024;
    // Frames that cost us work and carry no request (RFC 9113 10.5): so many at once, and again so many a second.
    static constexpr std::int64_t nuisance_burst = 1000;
    static constexpr std::int64_t nuisance_per_second = 100;

    static Http2Session& of(void* self) { return *static_cast<Http2Session*>(self); }
    static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self);
    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                         const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self);
    static int on_data_chunk(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                             std::size_t size, void* self);
    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self);
    static int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* self);
    static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* self);
    static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size, std::uint32_t* flags,
                             nghttp2_data_source* source, void*);

    Http2Stream* find(std::int32_t id) const {
        return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session_, id));
    }
    int take_header(Http2Stream& stream, std::string_view name, std::string_view value);
    void refuse(std::int32_t id, Http2Stream& stream, int status, std::string_view reason);
    void end_request(std::int32_t id, Http2Stream& stream);
    bool complete_request(Http2Stream& stream);
    void release_window(Http2Stream& stream);
    void answer(std::int32_t id, Http2Stream& stream, Response&& response);
    bool count_nuisance();
    void end(std::uint32_t error);

    SessionHost& host_;
    nghttp2_session* session_ = nullptr;
    std::unordered_map<std::int32_t, std::unique_ptr<Http2Stream>> streams_;
    std::size_t running_ = 0;  // requests with the handler, also of streams that the client has reset
    std::int64_t last_active_ = 0;
    std::int64_t nuisance_left_ = nuisance_burst;
    std::int64_t nuisance_refilled_ = 0;
    bool broken_ = false;  // nothing more can be sent
    bool ending_ = false;  // GOAWAY with an error is on its way; close after it
};

bool Http2Session::start() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* option = nullptr;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) return false;
    if (nghttp2_option_new(&option) != 0) {
        nghttp2_session_callbacks_del(callbacks);
        return false;
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, &on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, &on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &on_close);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_max_settings(option, 32);
    nghttp2_option_set_max_outbound_ack(option, 200);
    nghttp2_option_set_max_continuations(option, 8);
    nghttp2_option_set_stream_reset_rate_limit(option, 1000, 100);  // CVE-2023-44487
    const int made = nghttp2_session_server_new2(&session_, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    if (made != 0) return false;
    const ListenerLimits& limits = host_.options().limits;
    const std::array<nghttp2_settings_entry, 3> settings = {
        {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(limits.http2_streams)},
         {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window_bytes},
         {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.header_bytes)}}};
    return nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0 &&
           nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window_bytes) == 0;
}

void Http2Session::on_data(std::string_view bytes) {
    if (broken_ || ending_) return;
    last_active_ = host_.loop().now();
    const ssize_t used =
        nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (used < 0) {
        // A bad preface, a flood, or a callback of ours that refused; the GOAWAY goes out if nghttp2 made one.
        end(used == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
    }
}

void Http2Session::produce() {
    std::string& out = host_.output();
    while (!broken_ && out.size() < output_high_water) {
        const std::uint8_t* bytes = nullptr;
        const ssize_t count = nghttp2_session_mem_send(session_, &bytes);
        if (count < 0) broken_ = true;
        if (count <= 0) return;
        out.append(view_of(bytes, static_cast<std::size_t>(count)));
    }
}

int Http2Session::on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Session& me = of(self);
    auto stream = std::make_unique<Http2Stream>();
    stream->since = me.host_.loop().now();
    stream->request.version = 20;
    stream->request.headers.reserve(16);
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream.get());
    me.streams_[frame->hd.stream_id] = std::move(stream);
    return 0;
}

int Http2Session::on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                            std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                            void* self) {
    Http2Stream* stream = of(self).find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    return of(self).take_header(*stream, view_of(name, name_size), view_of(value, value_size));
}

int Http2Session::take_header(Http2Stream& stream, std::string_view name, std::string_view value) {
    const ListenerLimits& limits = host_.options().limits;
    stream.header_bytes += name.size() + value.size() + 32;  // RFC 9113 6.5.2
    if (stream.header_bytes > 8 * (limits.header_bytes + limits.request_line_bytes)) {
        return NGHTTP2_ERR_CALLBACK_FAILURE;  // a header bomb: the connection ends
    }
    if (stream.headers_complete || stream.refused != 0) return 0;  // trailers are dropped
    if (name == ":path") {
        if (value.size() > limits.request_line_bytes) {
            stream.refused = 414;
        } else {
            stream.request.target.assign(value);
        }
        stream.header_bytes = 0;
    } else if (name == ":method") {
        stream.request.method.assign(value);
    } else if (name == ":authority") {
        if (!normalize_authority(value, stream.request.host)) stream.refused = 400;
    } else if (name == "cookie") {  // RFC 9113 8.2.3: crumbs of one header
        if (!stream.cookies.empty()) stream.cookies.append("; ");
        stream.cookies.append(value);
    } else if (name.front() != ':') {
        if (!is_field_value(value)) {
            stream.refused = 400;
        } else if (stream.request.headers.size() >= limits.header_count) {
            stream.refused = 431;
        } else {
            stream.request.headers.emplace_back(std::string(name), std::string(value));
        }
    }
    if (stream.header_bytes > limits.header_bytes) stream.refused = 431;
    return 0;
}

int Http2Session::on_data_chunk(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                                std::size_t size, void* self) {
    Http2Session& me = of(self);
    nghttp2_session_consume_stream(session, id, size);
    Http2Stream* stream = me.find(id);
    if (stream == nullptr || stream->refused != 0 || stream->answered) {
        nghttp2_session_consume_connection(session, size);
        return 0;
    }
    stream->unconsumed += size;
    if (stream->request.body.size() + size > me.host_.options().limits.body_bytes) {
        me.refuse(id, *stream, 413, "body too large");
        return 0;
    }
    stream->request.body.append(view_of(bytes, size));
    return 0;
}

int Http2Session::on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    Http2Session& me = of(self);
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
        case NGHTTP2_HEADERS:
        case NGHTTP2_DATA: {
            Http2Stream* stream = me.find(frame->hd.stream_id);
            if (stream == nullptr) return 0;
            if (frame->hd.type == NGHTTP2_DATA && frame->hd.length == 0 && !ends && !me.count_nuisance()) {
                return NGHTTP2_ERR_CALLBACK_FAILURE;
            }
            stream->headers_complete = true;
            if (stream->refused != 0 && !stream->answered) {
                me.refuse(frame->hd.stream_id, *stream, stream->refused, "request refused");
            }
            if (ends) me.end_request(frame->hd.stream_id, *stream);
            return 0;
        }
        case NGHTTP2_SETTINGS:
        case NGHTTP2_PING:
            if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) return 0;
            return me.count_nuisance() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
        case NGHTTP2_PRIORITY:
        case NGHTTP2_RST_STREAM:
            return me.count_nuisance() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
        default:
            return 0;
    }
}

bool Http2Session::count_nuisance() {
    const std::int64_t now = host_.loop().now();
    const std::int64_t refill = (now - nuisance_refilled_) * nuisance_per_second / 1000;
    if (refill > 0) {
        nuisance_left_ = std::min(nuisance_burst, nuisance_left_ + refill);
        nuisance_refilled_ = now;
    }
    return --nuisance_left_ >= 0;
}

void Http2Session::refuse(std::int32_t id, Http2Stream& stream, int status, std::string_view reason) {
    stream.refused = status;
    if (!stream.answered) answer(id, stream, refusal(status, reason));
}

void Http2Session::release_window(Http2Stream& stream) {
    if (stream.unconsumed != 0) nghttp2_session_consume_connection(session_, stream.unconsumed);
    stream.unconsumed = 0;
}

bool Http2Session::complete_request(Http2Stream& stream) {
    Request& request = stream.request;
    if (request.method == "CONNECT") return false;
    if (!is_request_path(request.target) && (request.target != "*" || request.method != "OPTIONS")) return false;
    if (!stream.cookies.empty()) request.headers.emplace_back("cookie", std::move(stream.cookies));
    // RFC 9113 8.3.1: Host stands in for :authority, and must not differ from it.
    std::size_t hosts = 0;
    for (const Header& header : request.headers) {
        if (header.name != "host") continue;
        std::string host;
        if (++hosts > 1 || !normalize_authority(header.value, host)) return false;
        if (request.host.empty()) request.host = host;
        if (request.host != host) return false;
    }
    if (request.host.empty()) return false;
    if (hosts == 0) request.headers.emplace_back("host", request.host);
    return true;
}

void Http2Session::end_request(std::int32_t id, Http2Stream& stream) {
    if (stream.dispatched || stream.answered) return;
    release_window(stream);
    stream.answering_head = stream.request.method == "HEAD";
    if (!complete_request(stream)) return refuse(id, stream, 400, "malformed request");
    // Streams that the client resets while their requests run do not count for nghttp2; they do here.
    if (running_ >= 2 * host_.options().limits.http2_streams) return end(NGHTTP2_ENHANCE_YOUR_CALM);
    stream.dispatched = true;
    ++running_;
    host_.dispatch(std::move(stream.request), static_cast<std::uint64_t>(id));
}

void Http2Session::respond(std::uint64_t token, Response&& response) {
    if (running_ > 0) --running_;
    if (broken_) return;
    const auto id = static_cast<std::int32_t>(token);
    last_active_ = host_.loop().now();
    Http2Stream* stream = find(id);
    if (stream == nullptr || stream->answered) return;  // the client has reset it
    answer(id, *stream, checked_response(std::move(response)));
}

void Http2Session::answer(std::int32_t id, Http2Stream& stream, Response&& response) {
    stream.answered = true;
    stream.since = host_.loop().now();
    release_window(stream);
    const fmt::format_int status(response.status);
    const fmt::format_int length(response.body.size());
    std::vector<nghttp2_nv> headers;
    headers.reserve(response.headers.size() + 3);
    headers.push_back(header_of(":status", {status.data(), status.size()}));
    for (Header& header : response.headers) {
        if (is_listener_header(header.name)) continue;
        for (char& c : header.name) c = lower_ascii(c);
        headers.push_back(header_of(header.name, header.value));
    }
    headers.push_back(header_of("date", host_.loop().http_date()));
    const bool has_body = status_has_body(response.status);
    if (has_body) headers.push_back(header_of("content-length", {length.data(), length.size()}));
    stream.body = std::move(response.body);
    nghttp2_data_provider provider{};
    provider.source.ptr = &stream;
    provider.read_callback = &read_body;
    const bool sends_body = has_body && !stream.answering_head && !stream.body.empty();
    if (nghttp2_submit_response(session_, id, headers.data(), headers.size(), sends_body ? &provider : nullptr) != 0) {
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR);
    }
}

ssize_t Http2Session::read_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                                std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<Http2Stream*>(source->ptr);
    const std::size_t count = std::min(size, stream.body.size() - stream.body_sent);
    std::memcpy(out, stream.body.data() + stream.body_sent, count);
    stream.body_sent += count;
    if (stream.body_sent == stream.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
}

int Http2Session::on_frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void*) {
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!ends || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)) return 0;
    // RFC 9113 8.1: answered before the request ended; tell the client to stop.
    if (nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0) {
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    }
    return 0;
}

int Http2Session::on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
    Http2Session& me = of(self);
    const auto found = me.streams_.find(id);
    if (found == me.streams_.end()) return 0;
    me.release_window(*found->second);
    me.streams_.erase(found);
    return 0;
}

void Http2Session::on_tick(std::int64_t now) {
    if (broken_ || ending_) return;
    const ListenerLimits& limits = host_.options().limits;
    if (streams_.empty()) {
        if (now - last_active_ >= limits.idle.count()) end(NGHTTP2_NO_ERROR);
        return;
    }
    for (const auto& [id, stream] : streams_) {
        if (stream->answered) {
            if (now - stream->since >= limits.response.count()) {
                nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
            }
        } else if (!stream->dispatched && now - stream->since >= limits.request.count()) {
            if (!stream->headers_complete) return end(NGHTTP2_ENHANCE_YOUR_CALM);  // in the middle of a header block
            refuse(id, *stream, 408, "request too slow");
        }
    }
}

void Http2Session::end(std::uint32_t error) {
    if (ending_ || broken_) return;
    ending_ = true;
    if (nghttp2_session_terminate_session(session_, error) != 0) broken_ = true;
}

void Http2Session::begin_shutdown() {
    if (broken_ || ending_) return;
    const std::int32_t last = nghttp2_session_get_last_proc_stream_id(session_);
    if (nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0) != 0) broken_ = true;
}

}  // namespace

std::unique_ptr<Session> make_http2_session(SessionHost& host) {
    auto session = std::make_unique<Http2Session>(host);
    if (!session->start()) return nullptr;
    return session;
}

}  // namespace sekisho::net
