#pragma once
// Calls out: HTTP (1.1 and 2, TLS 1.2 and later) and SMTP, on one thread of libcurl's multi interface that starts with
// the first call. Connections are reused. Redirects to other schemes than http and https, and other URL schemes, are
// refused.
// Proxy variables of the environment are ignored: they would lead back to our own door.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/http.h"

namespace sekisho::net {

struct ClientRequest {
    std::string method = "GET";
    std::string url;  // http:// or https://
    std::vector<Header> headers;
    std::string body;
    std::string ca_pem;  // trusted authorities; empty: the system's
    std::string client_certificate_pem;
    Secret client_key_pem;
    Secret bearer;                             // Authorization: Bearer
    milliseconds timeout{10'000};              // of the whole call; of a stream: until its head has come
    bool follow_redirects = false;             // at most 5; never with `bearer` to another host
    std::size_t body_bytes_max = 1024 * 1024;  // of the answer; a stream has none
    // "address:port" to connect to, whatever the URL's host is (tests, local clusters); TLS still checks the URL's
    // host.
    std::string connect_to;
};

struct ClientResponse {
    int status = 0;
    std::vector<Header> headers;
    std::string body;

    const std::string* find_header(std::string_view name) const;
};

struct SmtpMessage {
    std::string url;  // smtp://host:587 or smtps://host:465
    enum class Security { none, starttls_if_offered, starttls_required } security = Security::starttls_required;
    std::string user;  // empty: no authentication
    Secret password;
    std::string ca_pem;  // empty: the system's
    std::string from;    // envelope addresses, without <>
    std::vector<std::string> to;
    std::string content;  // RFC 5322, lines end in CRLF
    milliseconds timeout{30'000};
};

inline constexpr std::string_view mail_refused = "MailRefused";

// Every error is ServiceUnavailable-like (503, neutral text) with the reason in ApiError::cause: name not found,
// refused, certificate not trusted, time-out, body too large, cancelled.
class HttpClient {
 public:
    HttpClient();
    ~HttpClient();  // cancels what runs; its callbacks are called with an error before this returns
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // `done` is called once, on the client's thread: it must not block, nor call send_and_wait.
    using Done = std::function<void(Result<ClientResponse>)>;
    void send(ClientRequest request, Done done);
    Result<ClientResponse> send_and_wait(ClientRequest request);

    // An answer read as it comes (Kubernetes watches). `on_head` gets status and headers; `on_chunk` gets bytes and may
    // answer false to end; `on_end` is called once, last. All on the client's thread. Dropping the handle cancels.
    struct StreamCallbacks {
        std::function<bool(const ClientResponse& head)> on_head;  // may be unset; false ends the stream
        std::function<bool(std::string_view bytes)> on_chunk;
        std::function<void(Result<void>)> on_end;
    };
    class Stream {
     public:
        Stream() = default;
        Stream(Stream&&) noexcept = default;
        Stream& operator=(Stream&& other) noexcept;
        ~Stream() { cancel(); }
        void cancel();  // on_end follows with an error, unless it came before

     private:
        friend class HttpClient;
        struct State;
        std::shared_ptr<State> state_;
    };
    [[nodiscard]] Stream open_stream(ClientRequest request, StreamCallbacks callbacks);

    // The error of a mail that the server refuses for good (55x: its recipient, its size, its content) has the code
    // mail_refused; trying again is of no use.
    void send_mail(SmtpMessage message, std::function<void(Result<void>)> done);

 private:
    class Engine;
    std::shared_ptr<Engine> engine_;
};

}  // namespace sekisho::net
