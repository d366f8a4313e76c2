#pragma once
// OpenSSL contexts of the listener: our own certificate, and one certificate for each host of the door.
#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "net/listener.h"

namespace sekisho::net {

using TlsContext = std::shared_ptr<SSL_CTX>;

// TLS 1.2 and 1.3, forward secrecy and AEAD only, ALPN h2 and http/1.1, no renegotiation, no compression.
Result<TlsContext> make_server_context(const Certificate& certificate, const std::string& client_ca_pem);

// The certificates in use. Thread-safe.
class TlsContexts {
 public:
    TlsContexts(std::function<bool(std::string_view)> is_door_host,
                std::function<Result<Certificate>(std::string_view)> certificate_for);
    Result<void> replace(const Certificate& certificate, const std::string& client_ca_pem);

    TlsContext own() const;
    // Of a host at the door, from the cache or newly issued. Null: the door does not serve it, or issuing failed
    // (logged).
    TlsContext of_door_host(const std::string& host);
    bool serves(const std::string& host) const { return is_door_host_ && certificate_for_ && is_door_host_(host); }

    // A connection: with the door's certificate for `door_host`, or (empty) with our own, or the one SNI asks for.
    SSL* new_connection(const std::string& door_host);

 private:
    struct Entry {
        TlsContext context;
        Time issued;
    };
    static int choose_by_name(SSL* ssl, int* alert, void* self);

    const std::function<bool(std::string_view)> is_door_host_;
    const std::function<Result<Certificate>(std::string_view)> certificate_for_;
    mutable std::mutex mutex_;
    TlsContext own_;
    std::unordered_map<std::string, Entry> door_;
};

// The last OpenSSL error of this thread as text, for logs; clears the queue.
std::string take_openssl_error();

}  // namespace sekisho::net
