#include <fmt/format.h>

#include "base/text.h"
#include "net/http1_parser.h"
#include "net/session.h"

namespace sekisho::net {
namespace {

void append_number(std::string& out, std::size_t number) {
    const fmt::format_int text(number);
    out.append(text.data(), text.size());
}

Http1Limits limits_of(const ListenerLimits& limits) {
    return {.request_line_bytes = limits.request_line_bytes,
            .header_bytes = limits.header_bytes,
            .header_count = limits.header_count,
            .body_bytes = limits.body_bytes};
}

// HTTP/1.0 and 1.1 (RFC 9112). Requests of one connection are answered in order: one is with the handler at a time, and
// what was pipelined behind it waits in `input_`.
class Http1Session final : public Session {
 public:
    explicit Http1Session(SessionHost& host)
        : host_(host), parser_(limits_of(host.options().limits)), chunks_(0, 0), last_active_(host.loop().now()) {}

    void on_data(std::string_view bytes) override;
    void on_end_of_input() override;
    void produce() override;
    void respond(std::uint64_t token, Response&& response) override;
    void on_tick(std::int64_t now) override;
    void begin_shutdown() override;
    bool wants_input() const override {
        return stage_ != Stage::finished && !ended_ && input_.size() < pipelined_bytes_max;
    }
    bool has_more_output() const override { return stage_ != Stage::handling && !input_.empty() && progress_possible_; }
    bool finished() const override { return stage_ == Stage::finished; }

 private:
    enum class Stage { head, body, chunked_body, handling, finished };
    static constexpr std::size_t pipelined_bytes_max = 64 * 1024;

    std::size_t process(std::string_view input);
    std::size_t process_head(std::string_view input);
    std::size_t process_body(std::string_view input);
    std::size_t process_chunks(std::string_view input);
    void begin_body(bool body_came);
    void dispatch();
    void fail(const ParseFailure& failure);
    void write(const Response& response, bool close);

    SessionHost& host_;
    Stage stage_ = Stage::head;
    Http1HeadParser parser_;
    ChunkedDecoder chunks_;
    Http1Head head_;
    std::string body_;
    std::string input_;
    std::uint64_t token_ = 0;           // counts requests; a late answer to an older one is ignored
    std::int64_t request_started_ = 0;  // 0: nothing of the next request came
    std::int64_t last_active_ = 0;
    bool ended_ = false;  // the client has sent all it will
    bool shutting_down_ = false;
    bool keep_alive_ = false;
    bool answering_head_ = false;     // the method was HEAD
    bool progress_possible_ = false;  // input_ was left because of the output, not for want of bytes
    int version_ = 11;
};

void Http1Session::on_data(std::string_view bytes) {
    if (stage_ == Stage::finished) return;
    last_active_ = host_.loop().now();
    if (input_.empty()) {
        const std::size_t used = process(bytes);
        input_.append(bytes.substr(used));
        return;
    }
    input_.append(bytes);
    produce();
}

void Http1Session::produce() {
    if (input_.empty() || stage_ == Stage::finished) return;
    const std::size_t used = process(input_);
    if (used == input_.size()) {
        std::string().swap(input_);
    } else {
        input_.erase(0, used);
    }
}

std::size_t Http1Session::process(std::string_view input) {
    std::size_t used = 0;
    progress_possible_ = false;
    while (used < input.size() && stage_ != Stage::handling && stage_ != Stage::finished) {
        if (host_.output().size() > output_high_water) {
            progress_possible_ = true;
            break;
        }
        const std::string_view rest = input.substr(used);
        const Stage before = stage_;
        const std::size_t count = stage_ == Stage::head   ? process_head(rest)
                                  : stage_ == Stage::body ? process_body(rest)
                                                          : process_chunks(rest);
        used += count;
        if (count == 0 && stage_ == before) break;  // needs more bytes
    }
    // Bytes behind a request that is with the handler are looked at when it is answered.
    if (stage_ == Stage::handling) progress_possible_ = true;
    // Half a request behind the end of input never becomes whole.
    if (ended_ && stage_ != Stage::handling && !progress_possible_) stage_ = Stage::finished;
    return stage_ == Stage::finished ? input.size() : used;
}

std::size_t Http1Session::process_head(std::string_view input) {
    if (request_started_ == 0) request_started_ = host_.loop().now();
    switch (parser_.parse(input, head_)) {
        case ParseState::need_more:
            return 0;
        case ParseState::failed:
            answering_head_ = false;
            fail(parser_.failure());
            return 0;
        case ParseState::done:
            break;
    }
    const std::size_t used = parser_.consumed();
    begin_body(used < input.size());
    return used;
}

void Http1Session::begin_body(bool body_came) {
    keep_alive_ = head_.keep_alive;
    version_ = head_.version;
    answering_head_ = head_.method == "HEAD";
    body_.clear();
    if (head_.method == "CONNECT") return fail({.status = 405, .reason = "CONNECT is not served here"});
    if (!head_.chunked && head_.content_length == 0) return dispatch();
    if (head_.expect_continue && !body_came) host_.output().append("HTTP/1.1 100 Continue\r\n\r\n");
    if (head_.chunked) {
        chunks_ = ChunkedDecoder(host_.options().limits.body_bytes, host_.options().limits.header_bytes);
        stage_ = Stage::chunked_body;
    } else {
        body_.reserve(head_.content_length);
        stage_ = Stage::body;
    }
}

std::size_t Http1Session::process_body(std::string_view input) {
    const std::size_t count = std::min(input.size(), head_.content_length - body_.size());
    body_.append(input.substr(0, count));
    if (body_.size() == head_.content_length) dispatch();
    return count;
}

std::size_t Http1Session::process_chunks(std::string_view input) {
    std::size_t used = 0;
    switch (chunks_.decode(input, body_, used)) {
        case ParseState::need_more:
            break;
        case ParseState::failed:
            fail(chunks_.failure());
            break;
        case ParseState::done:
            dispatch();
            break;
    }
    return used;
}

void Http1Session::dispatch() {
    Request request{.method = std::move(head_.method),
                    .target = std::move(head_.target),
                    .headers = std::move(head_.headers),
                    .body = std::move(body_),
                    .version = head_.version,
                    .host = std::move(head_.host)};
    head_ = Http1Head();
    body_ = std::string();
    parser_.reset();
    request_started_ = 0;
    stage_ = Stage::handling;
    host_.dispatch(std::move(request), ++token_);
}

void Http1Session::respond(std::uint64_t token, Response&& response) {
    if (stage_ != Stage::handling || token != token_) return;
    const bool close = !keep_alive_ || shutting_down_ || (ended_ && input_.empty());
    write(checked_response(std::move(response)), close);
    stage_ = close ? Stage::finished : Stage::head;
    last_active_ = host_.loop().now();
}

void Http1Session::fail(const ParseFailure& failure) {
    write(refusal(failure.status, failure.reason), true);
    stage_ = Stage::finished;
}

void Http1Session::write(const Response& response, bool close) {
    std::string& out = host_.output();
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    for (const Header& header : response.headers) {
        if (is_listener_header(header.name)) continue;
        out.append(header.name).append(": ").append(header.value).append("\r\n");
    }
    out.append("Date: ").append(host_.loop().http_date()).append("\r\n");
    const bool has_body = status_has_body(response.status);
    if (has_body) {
        out.append("Content-Length: ");
        append_number(out, response.body.size());
        out.append("\r\n");
    }
    if (close) {
        out.append("Connection: close\r\n");
    } else if (version_ == 10) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
    if (has_body && !answering_head_) out.append(response.body);
}

void Http1Session::on_end_of_input() {
    ended_ = true;
    const bool more_to_read = progress_possible_ && !input_.empty();
    if (stage_ != Stage::handling && !more_to_read) stage_ = Stage::finished;
}

void Http1Session::on_tick(std::int64_t now) {
    const ListenerLimits& limits = host_.options().limits;
    if (stage_ == Stage::handling || stage_ == Stage::finished || progress_possible_) return;
    if (request_started_ != 0) {
        if (now - request_started_ >= limits.request.count()) fail({.status = 408, .reason = "request too slow"});
    } else if (now - last_active_ >= limits.idle.count()) {
        stage_ = Stage::finished;
    }
}

void Http1Session::begin_shutdown() {
    shutting_down_ = true;
    if (stage_ == Stage::head && request_started_ == 0) stage_ = Stage::finished;
}

}  // namespace

std::unique_ptr<Session> make_http1_session(SessionHost& host) {
    return std::make_unique<Http1Session>(host);
}

}  // namespace sekisho::net
