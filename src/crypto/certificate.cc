#include "crypto/certificate.h"

#include <arpa/inet.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"

namespace sekisho::crypto {
namespace {

using OwnedExtension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using OwnedConstraints = Owned<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using OwnedNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using OwnedUsage = Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

std::string certificate_text(X509* certificate) {
    const OwnedBio bio(BIO_new(BIO_s_mem()));
    require(bio && PEM_write_bio_X509(bio.get(), certificate) == 1);
    return take_text(bio.get());
}

std::string certificate_der(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    require(size > 0);
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

OwnedCertificate parse_certificate(std::string_view pem) {
    return OwnedCertificate(PEM_read_bio_X509(read_bio(pem).get(), nullptr, nullptr, nullptr));
}

// Nothing for a time that is none: d2i does not look into it.
std::optional<Time> to_time(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return time_from_epoch_seconds(timegm(&parts));
}

bool is_dns_name(std::string_view name) {
    if (name.starts_with("*.")) name.remove_prefix(2);
    if (name.empty() || name.size() > 253) return false;
    return std::ranges::all_of(split(name, '.'), [](std::string_view label) {
        const auto is_letter = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        };
        return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, is_letter);
    });
}

struct AddressRange {
    std::string bytes;  // 4 or 16
    std::string mask;   // as long
};

std::optional<AddressRange> parse_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    std::array<char, 16> bytes{};
    std::size_t size = 0;
    if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
        size = 4;
    } else if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) {
        size = 16;
    } else {
        return std::nullopt;
    }
    std::size_t bits = size * 8;
    if (slash != std::string_view::npos) {
        const std::string_view length = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
        if (error != std::errc{} || end != length.data() + length.size() || bits > size * 8) return std::nullopt;
    }
    AddressRange out{.bytes = std::string(bytes.data(), size), .mask = std::string(size, '\0')};
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t ones = std::clamp<std::size_t>(bits, i * 8, i * 8 + 8) - i * 8;
        out.mask[i] = static_cast<char>(0xff00u >> ones & 0xff);
        out.bytes[i] = static_cast<char>(out.bytes[i] & out.mask[i]);
    }
    return out;
}

// Takes the value into the name.
GENERAL_NAME* new_name(int type, std::string_view bytes) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_STRING* value = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    require(name && value && ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) == 1);
    GENERAL_NAME_set0_value(name, type, value);
    return name;
}

void add_subtree(STACK_OF(GENERAL_SUBTREE) * *list, int type, std::string_view bytes) {
    if (*list == nullptr) *list = sk_GENERAL_SUBTREE_new_null();
    GENERAL_SUBTREE* subtree = GENERAL_SUBTREE_new();
    require(*list && subtree);
    GENERAL_NAME_free(subtree->base);
    subtree->base = new_name(type, bytes);
    require(sk_GENERAL_SUBTREE_push(*list, subtree) > 0);
}

// RFC 5280 4.2.1.10. A kind of name that no subtree mentions is free, so what is not permitted is excluded in words: an
// empty DNS name holds all names, and a zero mask all addresses.
Result<OwnedConstraints> make_constraints(const AuthorityRequest& request) {
    OwnedConstraints out(NAME_CONSTRAINTS_new());
    require(out != nullptr);
    for (const std::string& name : request.permitted_dns) {
        if (!is_dns_name(name) || name.starts_with('*')) return invalid_input("'" + name + "' is not a DNS name.");
        add_subtree(&out->permittedSubtrees, GEN_DNS, name);
    }
    if (request.permitted_dns.empty()) add_subtree(&out->excludedSubtrees, GEN_DNS, "");
    bool has_ipv4 = false;
    bool has_ipv6 = false;
    for (const std::string& text : request.permitted_ip) {
        const auto range = parse_range(text);
        if (!range) return invalid_input("'" + text + "' is not an IP address or range.");
        add_subtree(&out->permittedSubtrees, GEN_IPADD, range->bytes + range->mask);
        (range->bytes.size() == 4 ? has_ipv4 : has_ipv6) = true;
    }
    if (!has_ipv4) add_subtree(&out->excludedSubtrees, GEN_IPADD, std::string(8, '\0'));
    if (!has_ipv6) add_subtree(&out->excludedSubtrees, GEN_IPADD, std::string(32, '\0'));
    return out;
}

std::string_view usage_text(KeyPurpose purpose) {
    switch (purpose) {
        case KeyPurpose::server:
            return "serverAuth";
        case KeyPurpose::client:
            return "clientAuth";
        case KeyPurpose::peer:
            break;
    }
    return "serverAuth,clientAuth";
}

std::optional<KeyPurpose> purpose_of(X509* certificate) {
    const OwnedUsage usage(
        static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
    bool server = false;
    bool client = false;
    for (int i = 0; usage && i < sk_ASN1_OBJECT_num(usage.get()); ++i) {
        const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usage.get(), i));
        server = server || nid == NID_server_auth;
        client = client || nid == NID_client_auth;
    }
    if (server && client) return KeyPurpose::peer;
    if (server) return KeyPurpose::server;
    return client ? std::optional(KeyPurpose::client) : std::nullopt;
}

bool add_text_extension(X509* certificate, X509* issuer, int nid, std::string_view value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const OwnedExtension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, std::string(value).c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// `organizations` in the order given: Go reads all of them as groups.
bool set_subject(X509* certificate, std::string_view common_name, const std::vector<std::string>& organizations) {
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto add = [name](const char* field, std::string_view value) {
        return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes_of(value), static_cast<int>(value.size()),
                                          -1, 0) == 1;
    };
    for (const std::string& organization : organizations) {
        if (!add("O", organization)) return false;
    }
    return common_name.empty() || add("CN", common_name);
}

// Version, serial number, validity and key: what every certificate has.
bool set_frame(X509* certificate, EVP_PKEY* key, Random& random, Time from, Time to) {
    std::string serial = random_bytes(random, 16);
    serial[0] = static_cast<char>((serial[0] & 0x7f) | 0x40);  // positive, and always 16 bytes long
    const OwnedNumber number(BN_bin2bn(bytes_of(serial), static_cast<int>(serial.size()), nullptr));
    return X509_set_version(certificate, X509_VERSION_3) == 1 && number &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), epoch_seconds(from)) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), epoch_seconds(to)) != nullptr &&
           X509_set_pubkey(certificate, key) == 1;
}

OwnedKey new_key() {
    return OwnedKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
}

Result<void> add_alternative_names(X509* certificate, const CertificateRequest& request) {
    if (request.dns_names.empty() && request.ip_addresses.empty()) return {};
    const OwnedNames names(GENERAL_NAMES_new());
    require(names != nullptr);
    for (const std::string& name : request.dns_names) {
        if (!is_dns_name(name)) return invalid_input("'" + name + "' is not a DNS name.");
        require(sk_GENERAL_NAME_push(names.get(), new_name(GEN_DNS, name)) > 0);
    }
    for (const std::string& address : request.ip_addresses) {
        const auto range = parse_range(address);
        if (!range || address.contains('/')) return invalid_input("'" + address + "' is not an IP address.");
        require(sk_GENERAL_NAME_push(names.get(), new_name(GEN_IPADD, range->bytes)) > 0);
    }
    require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1);
    return {};
}

// As a client will judge it. OpenSSL looks at the names of a decoded certificate only, not of one under construction.
bool is_within(std::string_view pem, NAME_CONSTRAINTS* constraints, bool has_dns_name) {
    const OwnedCertificate decoded = parse_certificate(pem);
    require(decoded != nullptr);
    if (constraints == nullptr) return true;
    return X509_check_purpose(decoded.get(), -1, 0) == 1 &&
           NAME_CONSTRAINTS_check(decoded.get(), constraints) == X509_V_OK &&
           (has_dns_name || NAME_CONSTRAINTS_check_CN(decoded.get(), constraints) == X509_V_OK);
}

}  // namespace

struct CertificateAuthority::State {
    OwnedCertificate certificate;
    OwnedKey key;
    OwnedConstraints constraints;
    KeyPurpose purpose;
    Time valid_to;
    std::string pem;
};

CertificateAuthority::CertificateAuthority(std::unique_ptr<State> state) : state_(std::move(state)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

Result<CertificateAuthority> CertificateAuthority::create(const AuthorityRequest& request, Random& random) {
    if (request.common_name.empty()) return invalid_input("A certificate authority needs a common name.");
    SEK_TRY(OwnedConstraints constraints, make_constraints(request));
    OwnedCertificate certificate(X509_new());
    OwnedKey key = new_key();
    if (!certificate || !key) return openssl_failure("making a certificate authority");
    X509* raw = certificate.get();
    std::vector<std::string> organizations;
    if (!request.organization.empty()) organizations.push_back(request.organization);
    const bool made =
        set_frame(raw, key.get(), random, request.valid_from, request.valid_to) &&
        set_subject(raw, request.common_name, organizations) &&
        X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1 &&
        add_text_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add_text_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature") &&
        add_text_extension(raw, raw, NID_ext_key_usage, usage_text(request.purpose)) &&
        add_text_extension(raw, raw, NID_subject_key_identifier, "hash") &&
        X509_add1_ext_i2d(raw, NID_name_constraints, constraints.get(), /*critical=*/1, X509V3_ADD_DEFAULT) == 1 &&
        X509_sign(raw, key.get(), fetched_sha256()) > 0;
    if (!made) return openssl_failure("making a certificate authority");
    return load(certificate_text(raw), Secret(private_key_pem(key.get())));
}

Result<CertificateAuthority> CertificateAuthority::load(std::string_view certificate_pem, const Secret& key_pem) {
    auto state = std::make_unique<State>();
    state->certificate = parse_certificate(certificate_pem);
    state->key = parse_private_key(key_pem.expose());
    X509* raw = state->certificate.get();
    if (raw == nullptr || !state->key) return invalid_input("The certificate authority cannot be read.");
    const auto purpose = purpose_of(raw);
    const auto valid_to = to_time(X509_get0_notAfter(raw));
    if (X509_check_ca(raw) != 1 || !purpose || !valid_to || X509_check_private_key(raw, state->key.get()) != 1) {
        return invalid_input("The certificate is no authority's, or the key is not its key.");
    }
    state->purpose = *purpose;
    state->valid_to = *valid_to;
    state->constraints.reset(
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(raw, NID_name_constraints, nullptr, nullptr)));
    state->pem = certificate_text(raw);
    return CertificateAuthority(std::move(state));
}

Result<IssuedCertificate> CertificateAuthority::issue(const CertificateRequest& request, Random& random) const {
    X509* issuer = state_->certificate.get();
    const Time to = std::min(request.valid_to, valid_to());
    if (request.valid_from >= to) return invalid_input("The certificate would end before it begins.");
    const OwnedCertificate certificate(X509_new());
    const OwnedKey key = new_key();
    if (!certificate || !key) return openssl_failure("issuing a certificate");
    X509* raw = certificate.get();
    SEK_TRY(add_alternative_names(raw, request));
    const bool made = set_frame(raw, key.get(), random, request.valid_from, to) &&
                      set_subject(raw, request.common_name, request.organizations) &&
                      X509_set_issuer_name(raw, X509_get_subject_name(issuer)) == 1 &&
                      add_text_extension(raw, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                      add_text_extension(raw, issuer, NID_key_usage, "critical,digitalSignature") &&
                      add_text_extension(raw, issuer, NID_ext_key_usage, usage_text(state_->purpose)) &&
                      add_text_extension(raw, issuer, NID_subject_key_identifier, "hash") &&
                      add_text_extension(raw, issuer, NID_authority_key_identifier, "keyid:always");
    if (!made) return openssl_failure("issuing a certificate");
    if (X509_sign(raw, state_->key.get(), fetched_sha256()) <= 0) return openssl_failure("issuing a certificate");
    std::string pem = certificate_text(raw);
    if (!is_within(pem, state_->constraints.get(), !request.dns_names.empty())) {
        return invalid_input("A name of the certificate is outside its authority's name constraints.");
    }
    return IssuedCertificate{.certificate_pem = std::move(pem), .key_pem = Secret(private_key_pem(key.get()))};
}

const std::string& CertificateAuthority::certificate_pem() const {
    return state_->pem;
}
Secret CertificateAuthority::key_pem() const {
    return Secret(private_key_pem(state_->key.get()));
}
KeyPurpose CertificateAuthority::purpose() const {
    return state_->purpose;
}
std::string CertificateAuthority::fingerprint() const {
    return sha256(certificate_der(state_->certificate.get())).hex();
}
Time CertificateAuthority::valid_to() const {
    return state_->valid_to;
}

namespace {

std::vector<std::string> subject_values(X509* certificate, int nid) {
    X509_NAME* name = X509_get_subject_name(certificate);
    std::vector<std::string> out;
    for (int at = X509_NAME_get_index_by_NID(name, nid, -1); at >= 0; at = X509_NAME_get_index_by_NID(name, nid, at)) {
        unsigned char* text = nullptr;
        const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        if (size < 0) continue;
        out.emplace_back(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
        OPENSSL_free(text);
    }
    return out;
}

void read_alternative_names(X509* certificate, CertificateDetails& out) {
    const OwnedNames names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int type = 0;
        const auto* value =
            static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
        if (type != GEN_DNS && type != GEN_IPADD) continue;
        const std::string bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                static_cast<std::size_t>(ASN1_STRING_length(value)));
        if (type == GEN_DNS) {
            out.dns_names.push_back(bytes);
            continue;
        }
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (bytes.size() != 4 && bytes.size() != 16) continue;
        require(inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size()) != nullptr);
        out.ip_addresses.emplace_back(text.data());
    }
}

}  // namespace

Result<CertificateDetails> certificate_details(std::string_view pem) {
    const OwnedCertificate certificate = parse_certificate(pem);
    if (!certificate) return invalid_input("The text holds no certificate in PEM.");
    X509* raw = certificate.get();
    CertificateDetails out;
    const auto common_names = subject_values(raw, NID_commonName);
    if (!common_names.empty()) out.common_name = common_names.back();
    out.organizations = subject_values(raw, NID_organizationName);
    read_alternative_names(raw, out);
    const ASN1_INTEGER* serial = X509_get0_serialNumber(raw);
    out.serial = encode_hex({reinterpret_cast<const char*>(serial->data), static_cast<std::size_t>(serial->length)});
    const std::string der = certificate_der(raw);
    out.fingerprint_sha256 = sha256(der).hex();
    out.fingerprint_sha1 = sha1(der).hex();
    const auto from = to_time(X509_get0_notBefore(raw));
    const auto to = to_time(X509_get0_notAfter(raw));
    if (!from || !to) return invalid_input("The certificate's validity cannot be read.");
    out.valid_from = *from;
    out.valid_to = *to;
    return out;
}

Result<std::string> certificate_fingerprint(std::string_view pem) {
    SEK_TRY(const CertificateDetails details, certificate_details(pem));
    return details.fingerprint_sha256;
}

}  // namespace sekisho::crypto
