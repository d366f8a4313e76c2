#pragma once
// One accepted connection: first byte, proxy door, TLS handshake, then a session; its time-outs and its end.
#include <functional>
#include <memory>
#include <string>

#include "net/event_loop.h"
#include "net/session.h"
#include "net/tls_context.h"
#include "net/transport.h"

namespace sekisho::net {

// What the connections of one loop share. It outlives every open one.
struct ConnectionShared {
    const ListenerOptions& options;
    TlsContexts& contexts;
    std::function<void(class Connection*)> closed;  // forget it
};

class Connection final : public EventLoop::Watcher,
                         public ResponseSink,
                         public SessionHost,
                         public std::enable_shared_from_this<Connection> {
 public:
    Connection(std::shared_ptr<EventLoop> loop, ConnectionShared& shared, int descriptor, ConnectionInfo info);

    void start();
    void on_events(std::uint32_t events) override;
    void on_round_end() override;
    void respond(std::uint64_t token, Response&& response) override;  // from any thread
    void on_tick(std::int64_t now);
    void begin_shutdown();
    void close();
    bool lingering() const { return state_ == State::lingering; }

    std::string& output() override { return output_; }
    EventLoop& loop() override { return *loop_; }
    const ListenerOptions& options() const override { return shared_.options; }
    void dispatch(Request&& request, std::uint64_t token) override;

 private:
    enum class State { first_byte, door, handshake, open, lingering, closed };
    static constexpr int reads_per_turn = 32;
    static constexpr std::int64_t linger_milliseconds = 2000;

    void drive();
    bool drive_first_byte();
    bool drive_door();
    bool drive_handshake();
    void drive_open();
    void drive_linger();
    void leave_at_round_end();
    bool read_more(bool& again);
    bool receive_early();
    bool start_tls(std::string_view early);
    void refuse(int status, std::string_view reason);
    bool open_session();
    void describe_tls();
    bool flush();
    void linger();
    void update_interest();

    std::shared_ptr<EventLoop> loop_;  // an answer may come after the listener has gone
    ConnectionShared& shared_;         // valid while open
    Transport transport_;
    std::shared_ptr<ConnectionInfo> info_;
    std::unique_ptr<Session> session_;
    std::string early_;  // bytes before TLS
    std::string output_;
    std::size_t sent_ = 0;
    State state_ = State::first_byte;
    std::uint32_t interest_ = 0;
    std::int64_t deadline_ = 0;      // of handshake and linger
    std::int64_t output_since_ = 0;  // when unsent output began to wait; 0: none waits
    bool driving_ = false;
    bool continue_posted_ = false;
    bool leaves_at_round_end_ = false;
};

}  // namespace sekisho::net
