#include "net/transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace sekisho::net {

// OpenSSL's view of the socket.
struct SocketBio {
    static Transport& of(BIO* bio) { return *static_cast<Transport*>(BIO_get_data(bio)); }

    static int finish(BIO* bio, IoResult result, bool reading) {
        BIO_clear_retry_flags(bio);
        if (result.status == IoStatus::ok) return static_cast<int>(result.bytes);
        if (result.status == IoStatus::would_block) {
            if (reading) {
                BIO_set_retry_read(bio);
            } else {
                BIO_set_retry_write(bio);
            }
            return -1;
        }
        return result.status == IoStatus::closed ? 0 : -1;
    }
    static int read(BIO* bio, char* out, int size) {
        return finish(bio, of(bio).read_socket(out, static_cast<std::size_t>(size)), true);
    }
    static int write(BIO* bio, const char* bytes, int size) {
        return finish(bio, of(bio).write_socket(bytes, static_cast<std::size_t>(size)), false);
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
    static int create(BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
    }
    static BIO_METHOD* method() {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sekisho socket");
            BIO_meth_set_read(fresh, &SocketBio::read);
            BIO_meth_set_write(fresh, &SocketBio::write);
            BIO_meth_set_ctrl(fresh, &SocketBio::control);
            BIO_meth_set_create(fresh, &SocketBio::create);
            return fresh;
        }();
        return made;
    }
};

bool Transport::start_tls(SSL* ssl, std::string_view early) {
    BIO* bio = BIO_new(SocketBio::method());
    if (bio == nullptr) {
        SSL_free(ssl);
        return false;
    }
    BIO_set_data(bio, this);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    ssl_ = ssl;
    early_.assign(early);
    early_used_ = 0;
    return true;
}

IoResult Transport::read_socket(char* out, std::size_t size) {
    if (early_used_ < early_.size()) {
        const std::size_t count = std::min(size, early_.size() - early_used_);
        std::memcpy(out, early_.data() + early_used_, count);
        early_used_ += count;
        if (early_used_ == early_.size()) std::string().swap(early_), early_used_ = 0;
        return {.status = IoStatus::ok, .bytes = count};
    }
    if (drained_) return {.status = IoStatus::would_block};
    const ssize_t count = ::recv(descriptor_, out, size, 0);
    if (count > 0) {
        drained_ = static_cast<std::size_t>(count) < size;
        return {.status = IoStatus::ok, .bytes = static_cast<std::size_t>(count)};
    }
    if (count == 0) return {.status = IoStatus::closed};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {.status = IoStatus::would_block};
    return {.status = IoStatus::failed};
}

IoResult Transport::write_socket(const char* bytes, std::size_t size) {
    const ssize_t count = ::send(descriptor_, bytes, size, MSG_NOSIGNAL);
    if (count >= 0) return {.status = IoStatus::ok, .bytes = static_cast<std::size_t>(count)};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {.status = IoStatus::would_block};
    return {.status = IoStatus::failed};
}

IoStatus Transport::status_of(int result) {
    waits_for_write_ = false;
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ:
            return IoStatus::would_block;
        case SSL_ERROR_WANT_WRITE:
            waits_for_write_ = true;
            return IoStatus::would_block;
        case SSL_ERROR_ZERO_RETURN:
            return IoStatus::closed;
        default:
            established_ = false;  // SSL_shutdown must not follow a fatal error
            return IoStatus::failed;
    }
}

IoStatus Transport::handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) {
        waits_for_write_ = false;
        established_ = true;
        return IoStatus::ok;
    }
    return status_of(result);
}

IoResult Transport::read(char* out, std::size_t size) {
    if (ssl_ == nullptr) return read_socket(out, size);
    ERR_clear_error();
    const int count = SSL_read(ssl_, out, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (count > 0) return {.status = IoStatus::ok, .bytes = static_cast<std::size_t>(count)};
    return {.status = status_of(count)};
}

IoResult Transport::write(const char* bytes, std::size_t size) {
    if (size == 0) return {};
    if (ssl_ == nullptr) return write_socket(bytes, size);
    ERR_clear_error();
    const int count = SSL_write(ssl_, bytes, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (count > 0) return {.status = IoStatus::ok, .bytes = static_cast<std::size_t>(count)};
    return {.status = status_of(count)};
}

bool Transport::has_buffered() const {
    return ssl_ != nullptr && (SSL_has_pending(ssl_) == 1 || early_used_ < early_.size());
}

void Transport::shut_down_writing() {
    if (!is_open()) return;
    if (ssl_ != nullptr && established_) {
        ERR_clear_error();
        SSL_shutdown(ssl_);
    }
    ::shutdown(descriptor_, SHUT_WR);
}

void Transport::close() {
    if (ssl_ != nullptr) {
        ERR_clear_error();
        SSL_free(ssl_);
        ssl_ = nullptr;
    }
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

}  // namespace sekisho::net
