#pragma once
// One listening port: TLS 1.2 and 1.3 with HTTP/2 and HTTP/1.1, and the proxy door beside it. The first byte of a
// connection decides: 0x16 is TLS, 'C' may be `CONNECT host:443` (RFC 9110 9.3.6) for a host that the door serves,
// after which TLS for that name is ended here; anything else is answered 400 and closed. Nothing is ever tunnelled.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/http.h"

namespace sekisho::net {

struct Certificate {
    std::string chain_pem;  // leaf first
    Secret key_pem;         // unencrypted PKCS#8 or traditional
};

// Defaults are base/limits.h; tests shorten them.
struct ListenerLimits {
    std::size_t request_line_bytes = limits::request_line_bytes_max;  // over it: 414
    std::size_t header_bytes = limits::header_bytes_max;              // over it: 431
    std::size_t header_count = limits::header_count_max;              // over it: 431
    std::size_t body_bytes = limits::body_bytes_max;                  // over it: 413
    std::size_t connections = limits::connections_max;                // over it: closed at once
    std::size_t http2_streams = limits::http2_streams_max;
    milliseconds handshake{limits::tls_handshake_milliseconds_max};  // accept to the end of the TLS handshake
    milliseconds request{limits::request_milliseconds_max};          // over it: 408
    milliseconds idle{limits::idle_milliseconds_max};
    milliseconds response{limits::response_milliseconds_max};  // a client that does not read
};

struct ListenerOptions {
    std::string address = "127.0.0.1";  // numeric IPv4 or IPv6
    std::uint16_t port = 0;             // 0: any free one
    std::size_t threads = 1;
    // false: plain HTTP/1.1 without a door, on a loopback address only (the admin port).
    bool tls = true;
    Certificate certificate;  // our own names
    // PEM bundle of the authorities whose client certificates are asked for. One is never required; one that does not
    // chain to the bundle fails the handshake. Empty: none is asked for.
    std::string client_ca_pem;
    // The proxy door. `is_door_host` gets a lower-case name without port; unset, every CONNECT is refused (403).
    // `certificate_for` runs on an I/O thread, at most once in 12 hours for each name (bounded cache); it also serves
    // direct TLS connections that name a door host by SNI.
    std::function<bool(std::string_view host)> is_door_host;
    std::function<Result<Certificate>(std::string_view host)> certificate_for;
    // Asked with Request::host (lower case, with port if given, empty if an HTTP/1.0 request had none). No: 421. Unset:
    // every host. Inside the door the Host must moreover be the door's own.
    std::function<bool(std::string_view host)> is_known_host;
    ListenerLimits limits;
    Handler handler;
    // Called on the I/O thread before answers leave, once for all that the thread's connections were given meanwhile.
    // False: they may not leave; the connections end.
    std::function<bool()> before_write;
};

class Listener {
 public:
    // Listens and serves on threads of its own. Errors: the address cannot be bound, a certificate or key is not
    // usable.
    static Result<std::unique_ptr<Listener>> start(ListenerOptions options);
    ~Listener();  // stop(0 ms)
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const;
    std::size_t connection_count() const;  // open now

    // New handshakes use these from now on; open connections stay. From any thread. Drops the door's cached
    // certificates.
    Result<void> replace_certificates(Certificate certificate, std::string client_ca_pem);

    // Stops accepting, lets running requests end (HTTP/2: GOAWAY) for at most that long, closes everything and joins
    // the threads. Not from a handler. A second call does nothing.
    void stop(milliseconds grace);

 private:
    struct Core;
    explicit Listener(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

}  // namespace sekisho::net
