#include "net/connection.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>

#include "base/encoding.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/text.h"
#include "net/connect_request.h"

namespace sekisho::net {
namespace {

metrics::Counter& handshakes_failed() {
    static metrics::Counter& counter =
        metrics::counter("sekisho_net_tls_handshakes_failed_total", "TLS handshakes that did not complete");
    return counter;
}

metrics::Counter& door_refused() {
    static metrics::Counter& counter =
        metrics::counter("sekisho_net_door_refused_total", "CONNECT requests and plaintext that were refused");
    return counter;
}

std::string pem_of(X509* certificate) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    if (!out || PEM_write_bio_X509(out.get(), certificate) != 1) return {};
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string digest_of(X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
    return encode_hex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

Connection::Connection(std::shared_ptr<EventLoop> loop, ConnectionShared& shared, int descriptor, ConnectionInfo info)
    : loop_(std::move(loop)),
      shared_(shared),
      transport_(descriptor),
      info_(std::make_shared<ConnectionInfo>(std::move(info))) {}

void Connection::start() {
    deadline_ = loop_->now() + options().limits.handshake.count();
    interest_ = EPOLLIN;
    if (!loop_->watch(transport_.descriptor(), interest_, this)) return close();
    if (!options().tls) {
        state_ = State::open;
        session_ = make_http1_session(*this);
    }
    drive();
}

void Connection::on_events(std::uint32_t events) {
    const std::shared_ptr<Connection> self = shared_from_this();
    // Nobody is left to talk to; without this, a connection that does not read now would wake the loop for ever.
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (interest_ & EPOLLIN) == 0) return close();
    transport_.on_readable();
    drive();
}

void Connection::on_round_end() {
    leaves_at_round_end_ = false;
    if (loop_->may_write()) return drive();
    close();
}

void Connection::drive() {
    if (state_ == State::closed) return;
    driving_ = true;
    loop_->set_busy(true);
    bool go_on = true;
    if (state_ == State::first_byte) go_on = drive_first_byte();
    if (go_on && state_ == State::door) go_on = drive_door();
    if (go_on && state_ == State::handshake) go_on = drive_handshake();
    if (go_on && state_ == State::open) drive_open();
    if (state_ == State::lingering) drive_linger();
    loop_->set_busy(false);
    driving_ = false;
    if (state_ != State::closed && !leaves_at_round_end_) update_interest();
}

// Adds to `early_`. False: nothing came, or the connection ended.
bool Connection::receive_early() {
    const IoResult result = transport_.read(loop_->scratch(), EventLoop::scratch_bytes);
    if (result.status == IoStatus::ok) {
        early_.append(loop_->scratch(), result.bytes);
        return true;
    }
    if (result.status != IoStatus::would_block) close();
    return false;
}

bool Connection::drive_first_byte() {
    constexpr char tls_handshake_record = 0x16;  // RFC 8446 5.1
    if (!receive_early()) return false;
    if (early_.front() == tls_handshake_record) return start_tls(early_);
    state_ = State::door;
    return true;
}

bool Connection::drive_door() {
    while (true) {
        ConnectRequest request;
        ParseFailure failure;
        const ParseState parsed = parse_connect(early_, request, failure);
        if (parsed == ParseState::need_more) {
            if (!receive_early()) return false;
            continue;
        }
        if (parsed == ParseState::failed) {
            refuse(failure.status, failure.reason);
            return false;
        }
        if (request.port != 443 || !shared_.contexts.serves(request.host)) {
            refuse(403, "this proxy serves AWS host names on port 443 only");
            return false;
        }
        info_->through_door = true;
        info_->door_host = request.host;
        output_ = "HTTP/1.1 200 Connection established\r\n\r\n";
        if (!flush()) return false;
        if (!output_.empty()) {  // a fresh socket has room for one line
            close();
            return false;
        }
        return start_tls(std::string_view(early_).substr(request.consumed));
    }
}

void Connection::refuse(int status, std::string_view reason) {
    door_refused().add();
    output_.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason_phrase(status));
    output_.append("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: ");
    output_.append(std::to_string(reason.size() + 1)).append("\r\n\r\n").append(reason).append("\n");
    linger();
}

bool Connection::start_tls(std::string_view early) {
    SSL* ssl = shared_.contexts.new_connection(info_->door_host);
    if (ssl == nullptr || !transport_.start_tls(ssl, early)) {
        close();
        return false;
    }
    std::string().swap(early_);
    state_ = State::handshake;
    return true;
}

bool Connection::drive_handshake() {
    const IoStatus status = transport_.handshake();
    if (status == IoStatus::would_block) return false;
    if (status != IoStatus::ok) {
        handshakes_failed().add();
        log::debug("TLS handshake failed", {{"peer", info_->peer_address}, {"cause", take_openssl_error()}});
        close();
        return false;
    }
    describe_tls();
    return open_session();
}

void Connection::describe_tls() {
    SSL* ssl = transport_.ssl();
    info_->tls_version = SSL_get_version(ssl);
    info_->tls_cipher = SSL_get_cipher_name(ssl);
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name != nullptr) info_->server_name = lower_ascii(std::string_view(name));
    X509* certificate = SSL_get0_peer_certificate(ssl);
    if (certificate != nullptr && SSL_get_verify_result(ssl) == X509_V_OK) {
        info_->client_certificate_pem = pem_of(certificate);
        info_->client_certificate_sha256 = digest_of(certificate);
    }
}

bool Connection::open_session() {
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(transport_.ssl(), &protocol, &size);
    const bool http2 = size == 2 && protocol[0] == 'h' && protocol[1] == '2';
    session_ = http2 ? make_http2_session(*this) : make_http1_session(*this);
    if (!session_) {
        close();
        return false;
    }
    state_ = State::open;
    return true;
}

// One read into the session. False: the connection has been closed.
bool Connection::read_more(bool& again) {
    const IoResult result = transport_.read(loop_->scratch(), EventLoop::scratch_bytes);
    again = result.status == IoStatus::ok;
    switch (result.status) {
        case IoStatus::ok:
            session_->on_data({loop_->scratch(), result.bytes});
            return true;
        case IoStatus::would_block:
            return true;
        case IoStatus::closed:
            session_->on_end_of_input();
            return true;
        case IoStatus::failed:
            close();
            return false;
    }
    return true;
}

void Connection::drive_open() {
    for (int turn = 0; turn < reads_per_turn; ++turn) {
        bool again = output_.size() < Session::output_high_water && session_->wants_input() && transport_.may_read();
        // Reads what is there before anything is written: many requests, one write.
        for (int reads = 0; again && reads < reads_per_turn; ++reads) {
            if (!read_more(again)) return;
            again = again && output_.size() < Session::output_high_water && session_->wants_input();
        }
        session_->produce();
        const bool produced = !output_.empty();
        if (loop_->in_round()) return leave_at_round_end();
        if (!flush()) return;
        if (!output_.empty()) return;  // the client must read first
        if (session_->finished()) return linger();
        if (!again && !(produced && session_->has_more_output()) &&
            !(session_->wants_input() && transport_.has_buffered()))
            return;
    }
    // Others' turn; TLS may hold bytes that the socket will not announce again.
    if (continue_posted_) return;
    continue_posted_ = loop_->post([self = shared_from_this()] {
        self->continue_posted_ = false;
        self->drive();
    });
}

void Connection::leave_at_round_end() {
    if (std::exchange(leaves_at_round_end_, true)) return;
    loop_->at_round_end(shared_from_this());
}

bool Connection::flush() {
    if (!output_.empty() && !loop_->may_write()) {
        close();
        return false;
    }
    while (sent_ < output_.size()) {
        const IoResult result = transport_.write(output_.data() + sent_, output_.size() - sent_);
        if (result.status == IoStatus::would_block) {
            if (output_since_ == 0) output_since_ = loop_->now();
            output_.erase(0, sent_);
            sent_ = 0;
            return true;
        }
        if (result.status != IoStatus::ok) {
            close();
            return false;
        }
        sent_ += result.bytes;
    }
    constexpr std::size_t kept_bytes_max = 16 * 1024;
    if (output_.capacity() > kept_bytes_max) {
        std::string().swap(output_);
    } else {
        output_.clear();
    }
    sent_ = 0;
    output_since_ = 0;
    return true;
}

// Ends our side and waits for the client's: closing at once could reset the connection before the client has read.
void Connection::linger() {
    state_ = State::lingering;
    session_.reset();
    deadline_ = loop_->now() + linger_milliseconds;
    if (!flush()) return;
    if (output_.empty()) transport_.shut_down_writing();
}

void Connection::drive_linger() {
    if (!output_.empty()) {
        if (!flush() || !output_.empty()) return;
        transport_.shut_down_writing();
    }
    for (int reads = 0; reads < reads_per_turn; ++reads) {
        const ssize_t count = ::recv(transport_.descriptor(), loop_->scratch(), EventLoop::scratch_bytes, 0);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) return close();
        if (count < 0) return;
    }
}

void Connection::update_interest() {
    std::uint32_t wanted = 0;
    if (state_ != State::open || (session_->wants_input() && output_.size() < Session::output_high_water)) {
        wanted |= EPOLLIN;
    }
    if (!output_.empty() || transport_.waits_for_write()) wanted |= EPOLLOUT;
    if (wanted == interest_) return;
    interest_ = wanted;
    loop_->change(transport_.descriptor(), interest_, this);
}

void Connection::dispatch(Request&& request, std::uint64_t token) {
    request.received = loop_->wall_time();
    request.connection_info = info_;
    const bool known = !options().is_known_host || options().is_known_host(request.host);
    const bool consistent = !info_->through_door || host_of_authority(request.host) == info_->door_host;
    if (!known || !consistent) {
        session_->respond(token, refusal(421, "this server does not serve that host"));  // RFC 9110 15.5.20
        return;
    }
    Responder responder(shared_from_this(), token);
    try {
        options().handler(std::move(request), std::move(responder));
    } catch (const std::exception& exception) {
        log::error("a handler threw", {{"cause", exception.what()}});
    } catch (...) {
        log::error("a handler threw");
    }
}

void Connection::respond(std::uint64_t token, Response&& response) {
    if (!loop_->in_loop()) {
        loop_->post([self = shared_from_this(), token, response = std::move(response)]() mutable {
            self->respond(token, std::move(response));
        });
        return;
    }
    if (!session_) return;
    session_->respond(token, std::move(response));
    if (driving_) return;
    // A handler of another connection may be answering this one's request: its bytes are in the loop's scratch now.
    if (loop_->busy()) {
        loop_->post([self = shared_from_this()] { self->drive(); });
    } else {
        drive();
    }
}

void Connection::on_tick(std::int64_t now) {
    const std::shared_ptr<Connection> self = shared_from_this();
    if (state_ == State::closed) return;
    if (state_ != State::open) {
        if (now >= deadline_) close();
        return;
    }
    if (output_since_ != 0 && now - output_since_ >= options().limits.response.count()) return close();
    session_->on_tick(now);
    if (session_->finished() || session_->has_more_output() || !output_.empty()) drive();
}

void Connection::begin_shutdown() {
    const std::shared_ptr<Connection> self = shared_from_this();
    if (state_ == State::closed || state_ == State::lingering) return;
    if (state_ != State::open) return close();  // nothing has been asked yet
    session_->begin_shutdown();
    drive();
}

void Connection::close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    if (transport_.is_open()) loop_->forget(transport_.descriptor(), this);
    transport_.close();
    session_.reset();
    shared_.closed(this);
}

}  // namespace sekisho::net
