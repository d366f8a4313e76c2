#pragma once
// X.509 certificate authorities and the certificates they issue (RFC 5280). P-256 keys, ECDSA with SHA-256.
// Each authority has critical basic constraints (path length 0), critical key usage, one extended key usage, and
// critical name constraints: the DNS and IP subtrees it was made for and nothing else of these kinds. So three kinds of
// authority (server, door, cluster: docs/architecture.md) cannot stand in for each other even if a key leaks.
// Go, OpenSSL and Chromium enforce all of that. Serial numbers are random (CA/Browser Forum 7.1: at least 64 bits).
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace sekisho::crypto {

enum class KeyPurpose : std::uint8_t {
    server,  // serverAuth
    client,  // clientAuth
    peer,    // both, for etcd members, which call each other with their serving certificate
};

struct AuthorityRequest {
    std::string common_name;
    std::string organization;  // may be empty
    KeyPurpose purpose = KeyPurpose::server;
    std::vector<std::string> permitted_dns;  // "localhost", "amazonaws.com": the name and all below it
    std::vector<std::string> permitted_ip;   // "127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"
    Time valid_from{};
    Time valid_to{};
};

struct CertificateRequest {
    // Without DNS names, OpenSSL judges a common name that has a dot and the form of a host name ("first.last") as one:
    // it is refused unless permitted_dns holds it. "system:node:ip-10-0-0-1.ec2.internal" is free.
    std::string common_name;
    std::vector<std::string> organizations;  // Kubernetes groups
    std::vector<std::string> dns_names;      // "*.eks.amazonaws.com" is possible
    std::vector<std::string> ip_addresses;
    Time valid_from{};
    Time valid_to{};  // cut to the authority's own end
};

struct IssuedCertificate {
    std::string certificate_pem;  // the leaf alone; clients have the authority
    Secret key_pem;               // PKCS #8
};

// Any thread may issue.
class CertificateAuthority {
 public:
    // The key is drawn from OpenSSL's generator, the serial number from `random`.
    static Result<CertificateAuthority> create(const AuthorityRequest& request, Random& random);
    // Refuses a certificate that is no authority's, or a key that is not its key.
    static Result<CertificateAuthority> load(std::string_view certificate_pem, const Secret& key_pem);
    CertificateAuthority(CertificateAuthority&&) noexcept;
    CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
    ~CertificateAuthority();

    // Refuses names outside the authority's constraints, since every client would.
    Result<IssuedCertificate> issue(const CertificateRequest& request, Random& random) const;
    const std::string& certificate_pem() const;
    Secret key_pem() const;
    KeyPurpose purpose() const;
    std::string fingerprint() const;  // SHA-256 of the DER form, lower-case hex
    Time valid_to() const;

 private:
    struct State;
    explicit CertificateAuthority(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

struct CertificateDetails {
    std::string common_name;
    std::vector<std::string> organizations;
    std::vector<std::string> dns_names;
    std::vector<std::string> ip_addresses;
    std::string serial;              // lower-case hex
    std::string fingerprint_sha256;  // of the DER form, lower-case hex
    std::string fingerprint_sha1;    // IAM's thumbprint
    Time valid_from{};
    Time valid_to{};
};
// Of the first certificate in the text. InvalidInput when there is none.
Result<CertificateDetails> certificate_details(std::string_view pem);
Result<std::string> certificate_fingerprint(std::string_view pem);  // SHA-256, lower-case hex

}  // namespace sekisho::crypto
