#include "server/certificates.h"

#include <chrono>

#include "server/address.h"

namespace sekisho::server {

namespace {

constexpr days authority_days{3652};
constexpr hours backdating{1};  // clients whose clock is behind

Result<void> create_authority(const Home& home, const crypto::AuthorityRequest& request, const std::string& name,
                              Random& random) {
    SEK_TRY(const auto authority, crypto::CertificateAuthority::create(request, random));
    SEK_TRY(home.write_sealed(name + ".key", authority.key_pem()));
    return home.write_key_file(name + ".pem", authority.certificate_pem());
}

Result<crypto::CertificateAuthority> load_authority(const Home& home, const std::string& name) {
    SEK_TRY(const std::string certificate, home.read_key_file(name + ".pem"));
    SEK_TRY(const Secret key, home.read_sealed(name + ".key"));
    return crypto::CertificateAuthority::load(certificate, key);
}

}  // namespace

Result<void> create_keys(const Home& home, std::string_view public_host, Time now, Random& random) {
    crypto::AuthorityRequest server{.common_name = "Sekisho server authority " + random_hex(random, 8),
                                    .organization = "Sekisho",
                                    .purpose = crypto::KeyPurpose::server,
                                    .permitted_dns = {"localhost"},
                                    .permitted_ip = {"127.0.0.1", "::1"},
                                    .valid_from = now - backdating,
                                    .valid_to = now + authority_days};
    if (is_ip_address(public_host)) {
        if (public_host != "127.0.0.1" && public_host != "::1") server.permitted_ip.emplace_back(public_host);
    } else if (public_host != "localhost") {
        server.permitted_dns.emplace_back(public_host);
    }
    SEK_TRY(create_authority(home, server, "server-ca", random));
    const crypto::AuthorityRequest door{.common_name = "Sekisho AWS endpoint authority " + random_hex(random, 8),
                                        .organization = "Sekisho",
                                        .purpose = crypto::KeyPurpose::server,
                                        .permitted_dns = {"amazonaws.com", "awsapps.com", "signin.aws.amazon.com"},
                                        .permitted_ip = {},
                                        .valid_from = now - backdating,
                                        .valid_to = now + authority_days};
    SEK_TRY(create_authority(home, door, "door-ca", random));
    SEK_TRY(const std::string server_pem, home.read_key_file(server_authority_file));
    SEK_TRY(const std::string door_pem, home.read_key_file(door_authority_file));
    SEK_TRY(home.write_key_file(bundle_file, server_pem + door_pem));
    SEK_TRY(home.write_key_file(home.trusted_folder().filename() / server_authority_file, server_pem));
    SEK_TRY(const auto audit, crypto::SigningKey::generate_p256());
    SEK_TRY(home.write_sealed("audit.key", audit.to_pem()));
    return home.write_key_file("audit.pem", audit.public_key().to_pem());
}

Result<Keys> load_keys(const Home& home) {
    SEK_TRY(auto server, load_authority(home, "server-ca"));
    SEK_TRY(auto door, load_authority(home, "door-ca"));
    SEK_TRY(const Secret audit_pem, home.read_sealed("audit.key"));
    SEK_TRY(auto audit, crypto::SigningKey::parse_pem(audit_pem));
    return Keys{.server = std::move(server), .door = std::move(door), .audit = std::move(audit)};
}

Result<crypto::PublicKey> load_audit_key(const Home& home) {
    SEK_TRY(const std::string pem, home.read_key_file("audit.pem"));
    return crypto::PublicKey::parse_pem(pem);
}

Result<net::Certificate> issue_server_certificate(const Keys& keys, std::string_view public_host, Time now,
                                                  Random& random) {
    crypto::CertificateRequest request{.common_name = std::string(public_host),
                                       .organizations = {},
                                       .dns_names = {"localhost"},
                                       .ip_addresses = {"127.0.0.1", "::1"},
                                       .valid_from = now - backdating,
                                       .valid_to = now + certificate_days_max};
    if (is_ip_address(public_host)) {
        if (public_host != "127.0.0.1" && public_host != "::1") request.ip_addresses.emplace_back(public_host);
    } else if (public_host != "localhost") {
        request.dns_names.emplace_back(public_host);
    }
    SEK_TRY(auto issued, keys.server.issue(request, random));
    return net::Certificate{.chain_pem = std::move(issued.certificate_pem), .key_pem = std::move(issued.key_pem)};
}

Result<net::Certificate> issue_door_certificate(const Keys& keys, std::string_view host, Time now, Random& random) {
    SEK_TRY(auto issued, keys.door.issue({.common_name = std::string(host.substr(0, 64)),
                                          .organizations = {},
                                          .dns_names = {std::string(host)},
                                          .ip_addresses = {},
                                          .valid_from = now - backdating,
                                          .valid_to = now + certificate_days_max},
                                         random));
    return net::Certificate{.chain_pem = std::move(issued.certificate_pem), .key_pem = std::move(issued.key_pem)};
}

}  // namespace sekisho::server
