#pragma once
// HTTP messages as handlers see them, whatever the protocol on the wire was (RFC 9110).
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace sekisho::net {

struct Header {
    std::string name;  // as received; HTTP/2 sends lower case
    std::string value;
};

// What all requests of one connection share.
struct ConnectionInfo {
    std::string peer_address;  // numeric, without port
    std::uint16_t peer_port = 0;
    bool through_door = false;  // came by CONNECT
    std::string door_host;      // the host of that CONNECT, lower case
    std::string server_name;    // the TLS server name (SNI), if one was sent
    std::string tls_version;    // "TLSv1.3"; empty without TLS
    std::string tls_cipher;     // "TLS_AES_128_GCM_SHA256"
    // A client certificate that was given and that chains to ListenerOptions::client_ca_pem; else both are empty.
    std::string client_certificate_pem;
    std::string client_certificate_sha256;  // of its DER form, lower-case hex
};

struct Request {
    std::string method;
    std::string target;  // as received: raw path and query
    std::vector<Header> headers;
    std::string body;
    int version = 11;  // 10, 11 or 20
    std::string host;  // Host or :authority: lower case, with the port if one was given
    Time received{};
    std::shared_ptr<const ConnectionInfo> connection_info;  // never null from a listener

    std::string_view path() const;   // of the target, before '?', still encoded
    std::string_view query() const;  // of the target, after '?', still encoded
    // The first header of that name (case ignored), or null.
    const std::string* find_header(std::string_view name) const;
    const ConnectionInfo& connection() const;  // an empty one in a request made by hand
};

// Content-Length, Date, Connection and Transfer-Encoding are the listener's: such headers of a handler are dropped. A
// header with a control character in it turns the answer into a 500 (no response splitting).
struct Response {
    int status = 200;
    std::vector<Header> headers;
    std::string body;

    const std::string* find_header(std::string_view name) const;
};

// Where answers go; the listener's connections are such.
class ResponseSink {
 public:
    virtual ~ResponseSink() = default;
    virtual void respond(std::uint64_t token, Response&& response) = 0;
};

// The duty to answer one request, exactly once, from any thread. Dropped unanswered, it answers 500 and logs that.
// After the client has gone, or the listener, an answer goes nowhere. Answering on the I/O thread, inside the handler,
// is the fast way.
class Responder {
 public:
    Responder() = default;
    Responder(std::shared_ptr<ResponseSink> sink, std::uint64_t token) : sink_(std::move(sink)), token_(token) {}
    // For tests and calls inside the process.
    static Responder to(std::function<void(Response)> receive);

    Responder(Responder&& other) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    ~Responder();

    void send(Response response);
    bool pending() const { return sink_ != nullptr; }  // not answered yet

 private:
    void drop();
    std::shared_ptr<ResponseSink> sink_;
    std::uint64_t token_ = 0;
};

// Called on an I/O thread; must neither block nor throw (an exception is logged and answered 500).
using Handler = std::function<void(Request&&, Responder)>;

// "Not Found" for 404; empty for a status without a registered phrase.
std::string_view reason_phrase(int status);

}  // namespace sekisho::net
