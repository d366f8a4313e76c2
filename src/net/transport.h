#pragma once
// A connected socket, plain or with TLS, without blocking. One read of the socket for each wake-up where that is
// enough: a short read means drained, so OpenSSL's second look is answered without a system call.
#include <openssl/ssl.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace sekisho::net {

enum class IoStatus { ok, would_block, closed, failed };

struct IoResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;
};

class Transport {
 public:
    explicit Transport(int descriptor) : descriptor_(descriptor) {}
    ~Transport() { close(); }
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    int descriptor() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }
    SSL* ssl() const { return ssl_; }

    // Takes the connection over; `early` are bytes already read that belong to TLS. False: out of memory.
    bool start_tls(SSL* ssl, std::string_view early);
    IoStatus handshake();

    IoResult read(char* out, std::size_t size);
    IoResult write(const char* bytes, std::size_t size);
    bool has_buffered() const;                                     // more can be read without the socket
    bool may_read() const { return !drained_ || has_buffered(); }  // false: until on_readable() there is nothing
    bool waits_for_write() const { return waits_for_write_; }      // TLS needs the socket writable to go on
    void on_readable() { drained_ = false; }
    void shut_down_writing();  // close_notify and FIN
    void close();

 private:
    friend struct SocketBio;
    IoResult read_socket(char* out, std::size_t size);
    IoResult write_socket(const char* bytes, std::size_t size);
    IoStatus status_of(int result);

    int descriptor_;
    SSL* ssl_ = nullptr;
    std::string early_;
    std::size_t early_used_ = 0;
    bool drained_ = false;
    bool waits_for_write_ = false;
    bool established_ = false;
};

}  // namespace sekisho::net
