#include "net/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstring>

#include "base/log.h"
#include "base/text.h"

namespace sekisho::net {
namespace {

using BioPointer = std::unique_ptr<BIO, decltype(&BIO_free)>;
using CertificatePointer = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

BioPointer reader_of(std::string_view text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

CertificatePointer read_certificate(BIO* reader) {
    return {PEM_read_bio_X509(reader, nullptr, nullptr, nullptr), X509_free};
}

// An encrypted key must not make OpenSSL ask at the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Result<void> use_certificate(SSL_CTX* context, const Certificate& certificate) {
    const BioPointer chain = reader_of(certificate.chain_pem);
    const CertificatePointer leaf = read_certificate(chain.get());
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
        return errors::internal_failure("TLS certificate: " + take_openssl_error());
    }
    while (const CertificatePointer next = read_certificate(chain.get())) {
        if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
            return errors::internal_failure("TLS certificate chain: " + take_openssl_error());
        }
    }
    ERR_clear_error();  // the end of the bundle is an "error" to the PEM reader
    const BioPointer key_reader = reader_of(certificate.key_pem.expose());
    const KeyPointer key(PEM_read_bio_PrivateKey(key_reader.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
    if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        return errors::internal_failure("TLS private key: " + take_openssl_error());
    }
    return {};
}

Result<void> ask_for_client_certificates(SSL_CTX* context, const std::string& client_ca_pem) {
    if (client_ca_pem.empty()) return {};
    const BioPointer bundle = reader_of(client_ca_pem);
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    std::size_t count = 0;
    while (const CertificatePointer authority = read_certificate(bundle.get())) {
        if (X509_STORE_add_cert(store, authority.get()) != 1 || SSL_CTX_add_client_CA(context, authority.get()) != 1) {
            return errors::internal_failure("client certificate authority: " + take_openssl_error());
        }
        ++count;
    }
    ERR_clear_error();
    if (count == 0) return errors::internal_failure("client certificate authorities: no certificate in the PEM text");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    return {};
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    static constexpr unsigned char ours[] = "\x02h2\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof(ours) - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 3.2: no_application_protocol
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

bool set_up(SSL_CTX* context) {
    static constexpr unsigned char session_context[] = "sekisho";
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets carry sessions; we keep none
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context,
                                   "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                   "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                   "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
           SSL_CTX_set_ciphersuites(
               context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
           SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1) == 1;
}

}  // namespace

std::string take_openssl_error() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "unknown";
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "error " + std::to_string(code);
}

Result<TlsContext> make_server_context(const Certificate& certificate, const std::string& client_ca_pem) {
    const TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context || !set_up(context.get())) return errors::internal_failure("TLS context: " + take_openssl_error());
    SEK_TRY(use_certificate(context.get(), certificate));
    SEK_TRY(ask_for_client_certificates(context.get(), client_ca_pem));
    return context;
}

TlsContexts::TlsContexts(std::function<bool(std::string_view)> is_door_host,
                         std::function<Result<Certificate>(std::string_view)> certificate_for)
    : is_door_host_(std::move(is_door_host)), certificate_for_(std::move(certificate_for)) {}

Result<void> TlsContexts::replace(const Certificate& certificate, const std::string& client_ca_pem) {
    SEK_TRY(TlsContext context, make_server_context(certificate, client_ca_pem));
    SSL_CTX_set_tlsext_servername_callback(context.get(), &TlsContexts::choose_by_name);
    SSL_CTX_set_tlsext_servername_arg(context.get(), this);
    const std::scoped_lock lock(mutex_);
    own_ = std::move(context);
    door_.clear();
    return {};
}

TlsContext TlsContexts::own() const {
    const std::scoped_lock lock(mutex_);
    return own_;
}

TlsContext TlsContexts::of_door_host(const std::string& host) {
    constexpr std::size_t cached_max = 256;
    constexpr hours reissue_after{12};
    if (!serves(host)) return nullptr;
    const Time now = system_clock().now();
    {
        const std::scoped_lock lock(mutex_);
        const auto found = door_.find(host);
        if (found != door_.end() && now - found->second.issued < reissue_after) return found->second.context;
    }
    // Outside the lock: issuing signs. Two threads may issue for the same name at once, which does no harm.
    Result<Certificate> certificate = certificate_for_(host);
    if (!certificate) {
        log::error("no certificate for a door host", {{"host", host}, {"cause", certificate.error().cause}});
        return nullptr;
    }
    Result<TlsContext> context = make_server_context(*certificate, "");
    if (!context) {
        log::error("bad certificate for a door host", {{"host", host}, {"cause", context.error().cause}});
        return nullptr;
    }
    const std::scoped_lock lock(mutex_);
    if (door_.size() >= cached_max) door_.erase(door_.begin());
    door_[host] = Entry{.context = *context, .issued = now};
    return *context;
}

int TlsContexts::choose_by_name(SSL* ssl, int*, void* self) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    const TlsContext context = static_cast<TlsContexts*>(self)->of_door_host(lower_ascii(std::string_view(name)));
    if (!context) return SSL_TLSEXT_ERR_OK;
    if (SSL_set_SSL_CTX(ssl, context.get()) == nullptr) return SSL_TLSEXT_ERR_ALERT_FATAL;
    SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);  // client certificates belong to our own names
    return SSL_TLSEXT_ERR_OK;
}

SSL* TlsContexts::new_connection(const std::string& door_host) {
    const TlsContext context = door_host.empty() ? own() : of_door_host(door_host);
    return context ? SSL_new(context.get()) : nullptr;
}

}  // namespace sekisho::net
