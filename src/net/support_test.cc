// The helpers of this room's tests (test_support.h).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "net/test_support.h"

namespace sekisho::net::testing {
namespace {

using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePointer = std::unique_ptr<X509, decltype(&X509_free)>;

std::string drain(BIO* bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

X509* read_certificate(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    return certificate;
}

EVP_PKEY* read_key(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

}  // namespace

Identity make_identity(const std::string& name, const Identity* issuer) {
    static std::atomic<long> serial{1};
    const KeyPointer key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const CertificatePointer certificate(X509_new(), X509_free);
    const CertificatePointer issuer_certificate(issuer != nullptr ? read_certificate(issuer->certificate_pem) : nullptr,
                                                X509_free);
    const KeyPointer issuer_key(issuer != nullptr ? read_key(issuer->key_pem) : nullptr, EVP_PKEY_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial.fetch_add(1));
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509* signer = issuer != nullptr ? issuer_certificate.get() : certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
    if (issuer == nullptr) {
        add_extension(certificate.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
    } else {
        add_extension(certificate.get(), signer, NID_subject_alt_name, "DNS:" + name + ",IP:127.0.0.1");
    }
    X509_sign(certificate.get(), issuer != nullptr ? issuer_key.get() : key.get(), EVP_sha256());
    BIO* certificate_out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(certificate_out, certificate.get());
    BIO* key_out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(key_out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {.certificate_pem = drain(certificate_out), .key_pem = drain(key_out)};
}

const Identity& test_authority() {
    static const Identity authority = make_identity("test authority");
    return authority;
}

RawClient::RawClient(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval wait{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        ::close(descriptor_);
        descriptor_ = -1;
    }
}

RawClient::~RawClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool RawClient::start_tls(const std::string& name, std::string_view protocol, const Identity* client, int version) {
    context_ = SSL_CTX_new(TLS_client_method());
    if (version != 0) {
        SSL_CTX_set_security_level(context_, 0);
        SSL_CTX_set_min_proto_version(context_, version);
        SSL_CTX_set_max_proto_version(context_, version);
    }
    const CertificatePointer authority(read_certificate(test_authority().certificate_pem), X509_free);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), authority.get());
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    if (client != nullptr) {
        const CertificatePointer certificate(read_certificate(client->certificate_pem), X509_free);
        const KeyPointer key(read_key(client->key_pem), EVP_PKEY_free);
        SSL_CTX_use_certificate(context_, certificate.get());
        SSL_CTX_use_PrivateKey(context_, key.get());
    }
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, descriptor_);
    SSL_set_tlsext_host_name(ssl_, name.c_str());
    SSL_set1_host(ssl_, name.c_str());
    const std::string offered = std::string(1, static_cast<char>(protocol.size())) + std::string(protocol);
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
    return SSL_connect(ssl_) == 1;
}

std::string RawClient::protocol() const {
    const unsigned char* bytes = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &bytes, &size);
    return {reinterpret_cast<const char*>(bytes), size};
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                              : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::string RawClient::receive() {
    if (!buffered_.empty()) return std::exchange(buffered_, {});
    char bytes[16384];
    const ssize_t count =
        ssl_ != nullptr ? SSL_read(ssl_, bytes, sizeof(bytes)) : ::recv(descriptor_, bytes, sizeof(bytes), 0);
    return count > 0 ? std::string(bytes, static_cast<std::size_t>(count)) : std::string();
}

std::string RawClient::receive_until(std::string_view end) {
    std::string text;
    while (true) {
        const std::size_t found = text.find(end);
        if (found != std::string::npos) {
            buffered_ = text.substr(found + end.size());
            text.resize(found + end.size());
            return text;
        }
        const std::string more = receive();
        if (more.empty()) return text;
        text += more;
    }
}

std::string RawClient::receive_all() {
    std::string text;
    for (std::string more = receive(); !more.empty(); more = receive()) text += more;
    return text;
}

std::string RawClient::receive_answer(bool head) {
    std::string text = receive_until("\r\n\r\n");
    const std::size_t at = text.find("Content-Length: ");
    if (head || at == std::string::npos) return text;
    const std::size_t wanted = text.size() + std::stoul(text.substr(at + 16));
    while (text.size() < wanted) {
        const std::string more = receive();
        if (more.empty()) break;
        text += more;
    }
    buffered_ = text.substr(std::min(text.size(), wanted));
    text.resize(std::min(text.size(), wanted));
    return text;
}

void RawClient::end_sending() {
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
    ::shutdown(descriptor_, SHUT_WR);
}

Response echo(const Request& request) {
    Response response;
    response.headers.push_back({"Content-Type", "text/plain"});
    response.body = request.method + " " + request.target + " " + request.body;
    return response;
}

void ServerFixture::SetUp() {
    std::signal(SIGPIPE, SIG_IGN);
}
void ServerFixture::TearDown() {
    listener_.reset();
}

ListenerOptions ServerFixture::default_options() {
    static const Identity own = make_identity("localhost", &test_authority());
    ListenerOptions options;
    options.certificate = {.chain_pem = own.certificate_pem, .key_pem = Secret(own.key_pem)};
    options.is_door_host = [](std::string_view host) { return host == "sts.us-east-1.amazonaws.com"; };
    options.certificate_for = [](std::string_view host) -> Result<Certificate> {
        const Identity issued = make_identity(std::string(host), &test_authority());
        return Certificate{.chain_pem = issued.certificate_pem, .key_pem = Secret(issued.key_pem)};
    };
    options.is_known_host = [](std::string_view host) { return host != "unknown.example"; };
    options.handler = [this](Request&& request, Responder responder) {
        ++handled_;
        if (request.path() == "/drop") return;
        if (request.path() == "/throw") throw std::runtime_error("thrown by a test");
        if (request.path() == "/later") {
            std::thread([responder = std::move(responder), answer = echo(request)]() mutable {
                std::this_thread::sleep_for(milliseconds(100));
                responder.send(std::move(answer));
            }).detach();
            return;
        }
        Response response = echo(request);
        if (request.path() == "/large") response.body.assign(8 * 1024 * 1024, 'x');
        if (request.path() == "/bad-header") response.headers.push_back({"X-Bad", "a\r\nSet-Cookie: b"});
        if (request.path() == "/who") {
            const ConnectionInfo& info = request.connection();
            response.body = info.tls_version + "|" + info.peer_address + "|" + (info.through_door ? "door" : "direct") +
                            "|" + info.door_host + "|" + info.client_certificate_sha256 + "|" + request.host;
        }
        responder.send(std::move(response));
    };
    return options;
}

void ServerFixture::start(ListenerOptions options) {
    Result<std::unique_ptr<Listener>> started = Listener::start(std::move(options));
    ASSERT_TRUE(started) << started.error().cause;
    listener_ = std::move(*started);
}

std::unique_ptr<RawClient> ServerFixture::connect_tls(std::string_view protocol) {
    auto client = std::make_unique<RawClient>(listener_->port());
    EXPECT_TRUE(client->start_tls("localhost", protocol));
    return client;
}

}  // namespace sekisho::net::testing
