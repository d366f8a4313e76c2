#pragma once
// For tests of this room only: certificates, a blocking TLS or plain client, and a listener with short time-outs.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "net/listener.h"

namespace sekisho::net::testing {

struct Identity {
    std::string certificate_pem;
    std::string key_pem;
};

// A self-signed authority, or (with `issuer`) a leaf for `name`.
Identity make_identity(const std::string& name, const Identity* issuer = nullptr);
const Identity& test_authority();

// A blocking client on loopback, with a receive time-out of 5 s.
class RawClient {
 public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // Trusts test_authority() and checks `name`. False: the handshake failed.
    bool start_tls(const std::string& name, std::string_view protocol, const Identity* client = nullptr,
                   int version = 0);
    std::string protocol() const;
    bool send(std::string_view bytes);
    std::string receive();                            // some bytes; empty at the end or time-out
    std::string receive_until(std::string_view end);  // up to and with `end`
    std::string receive_all();                        // until the server closes
    // One HTTP/1 answer with a Content-Length body (or none, if `head`).
    std::string receive_answer(bool head = false);
    void end_sending();
    int descriptor() const { return descriptor_; }
    SSL* ssl() const { return ssl_; }

 private:
    int descriptor_ = -1;
    SSL_CTX* context_ = nullptr;
    SSL* ssl_ = nullptr;
    std::string buffered_;
};

// Answers 200 with "<method> <target> <body>"; paths of their own: /drop, /throw, /later, /large, /bad-header.
Response echo(const Request& request);

class ServerFixture : public ::testing::Test {
 protected:
    void SetUp() override;
    void TearDown() override;
    ListenerOptions default_options();
    void start(ListenerOptions options);
    void start() { start(default_options()); }
    std::unique_ptr<RawClient> connect_tls(std::string_view protocol = "http/1.1");

    std::unique_ptr<Listener> listener_;
    std::atomic<int> handled_{0};
};

}  // namespace sekisho::net::testing
