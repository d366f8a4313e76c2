#pragma once
// One protocol on one connection: bytes in, requests to the handler, answers to bytes out. Sessions never touch the
// socket; the connection moves the bytes and ends the session when finished() says so. All on the loop's thread.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/event_loop.h"
#include "net/listener.h"

namespace sekisho::net {

// What a session sees of its connection.
class SessionHost {
 public:
    virtual ~SessionHost() = default;
    virtual std::string& output() = 0;  // append here
    virtual EventLoop& loop() = 0;
    virtual const ListenerOptions& options() const = 0;
    // Gives a complete request to the handler, or answers it 421. The answer comes by Session::respond, maybe at once.
    virtual void dispatch(Request&& request, std::uint64_t token) = 0;
};

class Session {
 public:
    static constexpr std::size_t output_high_water = 128 * 1024;  // produce no more until it is sent

    virtual ~Session() = default;
    virtual void on_data(std::string_view bytes) = 0;
    virtual void on_end_of_input() = 0;
    // Goes on with what waited for room in the output or for an answer.
    virtual void produce() = 0;
    virtual void respond(std::uint64_t token, Response&& response) = 0;
    virtual void on_tick(std::int64_t now) = 0;
    virtual void begin_shutdown() = 0;
    virtual bool wants_input() const = 0;
    virtual bool has_more_output() const = 0;  // produce() would add to an empty output
    virtual bool finished() const = 0;         // close when the output is sent
};

std::unique_ptr<Session> make_http1_session(SessionHost& host);
// Null: nghttp2 has no memory.
std::unique_ptr<Session> make_http2_session(SessionHost& host);

// What a handler may not set: the listener does (RFC 9110 7.6.1, 8.6, 6.6.1).
bool is_listener_header(std::string_view name);
// A handler's answer that can be sent as it is, else a 500.
Response checked_response(Response&& response);
// The small text answer of a request that net itself refuses.
Response refusal(int status, std::string_view reason);
// RFC 9110 6.4.1: no content.
inline bool status_has_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace sekisho::net
