#include "crypto/certificate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sekisho::crypto {
namespace {

const Time from = time_from_epoch_seconds(1'790'000'000);
const Time now = from + hours(1);
const Time to = from + days(365);

AuthorityRequest server_request() {
    return {.common_name = "Test server authority",
            .organization = "Test",
            .purpose = KeyPurpose::server,
            .permitted_dns = {"localhost", "amazonaws.com"},
            .permitted_ip = {"127.0.0.1", "10.0.0.0/8", "::1"},
            .valid_from = from,
            .valid_to = to};
}
AuthorityRequest client_request() {
    return {.common_name = "Test client authority", .purpose = KeyPurpose::client, .valid_from = from, .valid_to = to};
}
CertificateAuthority make(const AuthorityRequest& request) {
    return CertificateAuthority::create(request, system_random()).value();
}

// The verdict of the `openssl` program, which enforces name constraints and extended key usage as clients do.
class Verifier : public testing::Test {
 protected:
    Verifier() : folder_(std::filesystem::temp_directory_path() / ("sekisho-certificate-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~Verifier() override { std::filesystem::remove_all(folder_); }

    bool verifies(const CertificateAuthority& authority, const std::string& leaf, const std::string& purpose,
                  const std::string& more = "", bool at_test_time = true) {
        std::ofstream(folder_ / "ca.pem") << authority.certificate_pem();
        std::ofstream(folder_ / "leaf.pem") << leaf;
        const std::string time = at_test_time ? " -attime " + std::to_string(epoch_seconds(now)) : "";
        return run("openssl verify -x509_strict -purpose " + purpose + time + " " + more + " -CAfile ca.pem leaf.pem");
    }
    std::string sign_with_stolen_key(const CertificateAuthority& authority, const std::string& names) {
        std::ofstream(folder_ / "ca.pem") << authority.certificate_pem();
        std::ofstream(folder_ / "ca.key") << authority.key_pem().expose();
        std::ofstream(folder_ / "stolen.cnf")
            << "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectAltName=" << names
            << "\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n";
        EXPECT_TRUE(
            run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout stolen.key"
                " -subj '/O=x' -out stolen.csr && openssl x509 -req -in stolen.csr -CA ca.pem -CAkey ca.key"
                " -set_serial 7 -days 1 -extfile stolen.cnf -out stolen.pem"));
        std::ifstream file(folder_ / "stolen.pem");
        return std::string((std::istreambuf_iterator<char>(file)), {});
    }
    bool run(const std::string& command) {
        return std::system(("cd " + folder_.string() + " && (" + command + ") >/dev/null 2>&1").c_str()) == 0;
    }

 private:
    std::filesystem::path folder_;
};

TEST_F(Verifier, ServerLeafs) {
    const auto authority = make(server_request());
    const auto leaf = authority.issue({.common_name = "localhost",
                                       .dns_names = {"localhost", "*.eks.amazonaws.com"},
                                       .ip_addresses = {"127.0.0.1", "::1", "10.1.2.3"},
                                       .valid_from = from,
                                       .valid_to = to},
                                      system_random());
    ASSERT_TRUE(leaf.has_value()) << leaf.error().cause << leaf.error().message;
    EXPECT_TRUE(verifies(authority, leaf->certificate_pem, "sslserver"));
    EXPECT_TRUE(verifies(authority, leaf->certificate_pem, "sslserver", "-verify_hostname a.eks.amazonaws.com"));
    EXPECT_TRUE(verifies(authority, leaf->certificate_pem, "sslserver", "-verify_ip 10.1.2.3"));
    EXPECT_FALSE(verifies(authority, leaf->certificate_pem, "sslserver", "-verify_hostname example.com"));
    EXPECT_FALSE(verifies(authority, leaf->certificate_pem, "sslclient")) << "one extended key usage";
    EXPECT_FALSE(verifies(make(server_request()), leaf->certificate_pem, "sslserver")) << "another authority";
}

TEST_F(Verifier, ClientLeafsNeedNoAlternativeName) {
    const auto authority = make(client_request());
    for (const std::string name : {"kubernetes-admin", "system:node:ip-10-0-0-1.ec2.internal", "front-proxy-client"}) {
        const auto leaf = authority.issue(
            {.common_name = name, .organizations = {"system:masters", "b"}, .valid_from = from, .valid_to = to},
            system_random());
        ASSERT_TRUE(leaf.has_value()) << name << leaf.error().message;
        EXPECT_TRUE(verifies(authority, leaf->certificate_pem, "sslclient")) << name;
        EXPECT_FALSE(verifies(authority, leaf->certificate_pem, "sslserver")) << name;
        const auto details = certificate_details(leaf->certificate_pem);
        ASSERT_TRUE(details.has_value());
        EXPECT_EQ(details->common_name, name);
        EXPECT_EQ(details->organizations, (std::vector<std::string>{"system:masters", "b"}));
    }
}

// A leaked key must not help: here the openssl program signs, without our check.
TEST_F(Verifier, ClientsRefuseWhatAStolenKeySigns) {
    auto request = server_request();
    request.valid_from = system_clock().now() - hours(1);
    request.valid_to = request.valid_from + days(2);
    const auto authority = make(request);
    EXPECT_TRUE(verifies(authority, sign_with_stolen_key(authority, "DNS:localhost"), "sslserver", "", false));
    EXPECT_TRUE(verifies(authority, sign_with_stolen_key(authority, "IP:10.9.9.9"), "sslserver", "", false));
    for (const std::string name : {"DNS:example.com", "DNS:localhost,DNS:example.com", "IP:8.8.8.8", "IP:::2"}) {
        EXPECT_FALSE(verifies(authority, sign_with_stolen_key(authority, name), "sslserver", "", false)) << name;
    }
    request.permitted_dns.clear();
    request.permitted_ip.clear();
    const auto nameless = make(request);
    EXPECT_FALSE(verifies(nameless, sign_with_stolen_key(nameless, "DNS:localhost"), "sslserver", "", false));
    EXPECT_FALSE(verifies(nameless, sign_with_stolen_key(nameless, "IP:127.0.0.1"), "sslserver", "", false));
    EXPECT_TRUE(verifies(nameless, sign_with_stolen_key(nameless, "email:a@b"), "sslserver", "", false));
}

TEST(CertificateAuthority, RefusesNamesOutsideItsConstraints) {
    const auto narrow = make(server_request());
    const auto issue = [&narrow](std::vector<std::string> dns, std::vector<std::string> ip) {
        return narrow.issue({.common_name = "x",
                             .dns_names = std::move(dns),
                             .ip_addresses = std::move(ip),
                             .valid_from = from,
                             .valid_to = to},
                            system_random());
    };
    EXPECT_FALSE(issue({"example.com"}, {}));
    EXPECT_FALSE(issue({"localhost", "evilamazonaws.com"}, {}));
    EXPECT_FALSE(issue({}, {"127.0.0.2"}));
    EXPECT_FALSE(issue({}, {"11.0.0.1"}));
    EXPECT_FALSE(issue({}, {"::2"}));
    EXPECT_TRUE(issue({"sts.us-east-1.amazonaws.com"}, {"10.255.0.1"}));
    const auto client = make(client_request());
    EXPECT_FALSE(
        client.issue({.common_name = "x", .dns_names = {"x"}, .valid_from = from, .valid_to = to}, system_random()));
    EXPECT_FALSE(client.issue({.common_name = "x", .ip_addresses = {"1.2.3.4"}, .valid_from = from, .valid_to = to},
                              system_random()));
}

TEST_F(Verifier, PeersServeAndCall) {
    auto request = server_request();
    request.purpose = KeyPurpose::peer;
    const auto authority = make(request);
    const auto leaf = authority.issue(
        {.common_name = "etcd", .dns_names = {"localhost"}, .valid_from = from, .valid_to = to}, system_random());
    ASSERT_TRUE(leaf.has_value());
    EXPECT_TRUE(verifies(authority, leaf->certificate_pem, "sslserver"));
    EXPECT_TRUE(verifies(authority, leaf->certificate_pem, "sslclient"));
}

TEST(CertificateAuthority, LoadsWhatItPrinted) {
    const auto authority = make(server_request());
    const auto loaded = CertificateAuthority::load(authority.certificate_pem(), authority.key_pem());
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->fingerprint(), authority.fingerprint());
    EXPECT_EQ(loaded->fingerprint(), certificate_fingerprint(authority.certificate_pem()).value());
    EXPECT_EQ(loaded->purpose(), KeyPurpose::server);
    EXPECT_EQ(loaded->valid_to(), to);
    EXPECT_FALSE(CertificateAuthority::load(authority.certificate_pem(), make(server_request()).key_pem()));
    EXPECT_FALSE(CertificateAuthority::load("", authority.key_pem()));
    const auto leaf = authority.issue(
        {.common_name = "localhost", .dns_names = {"localhost"}, .valid_from = from, .valid_to = to}, system_random());
    EXPECT_FALSE(CertificateAuthority::load(leaf->certificate_pem, leaf->key_pem)) << "a leaf is no authority";
}

TEST(CertificateAuthority, LeafsEndWithTheirAuthority) {
    const auto authority = make(server_request());
    const CertificateRequest request{
        .common_name = "localhost", .dns_names = {"localhost"}, .valid_from = from, .valid_to = to + days(1)};
    const auto first = authority.issue(request, system_random());
    const auto second = authority.issue(request, system_random());
    const auto details = certificate_details(first->certificate_pem);
    EXPECT_EQ(details->valid_from, from);
    EXPECT_EQ(details->valid_to, to);
    EXPECT_EQ(details->dns_names, std::vector<std::string>{"localhost"});
    EXPECT_EQ(details->fingerprint_sha1.size(), 40U);
    EXPECT_NE(details->serial, certificate_details(second->certificate_pem)->serial);
    auto late = request;
    late.valid_from = to;
    EXPECT_FALSE(authority.issue(late, system_random()));
}

TEST(CertificateAuthority, RefusesWhatIsNoName) {
    auto request = server_request();
    request.permitted_ip = {"10.0.0.0/33"};
    EXPECT_FALSE(CertificateAuthority::create(request, system_random()));
    request = server_request();
    request.permitted_dns = {"*.example.com"};
    EXPECT_FALSE(CertificateAuthority::create(request, system_random()));
    const auto authority = make(server_request());
    for (const std::string name : {"", "a b", "localhost,DNS:example.com", "a..localhost"}) {
        EXPECT_FALSE(authority.issue({.common_name = "x", .dns_names = {name}, .valid_from = from, .valid_to = to},
                                     system_random()))
            << name;
    }
    EXPECT_FALSE(certificate_details("no certificate"));
    EXPECT_FALSE(make(client_request())
                     .issue({.common_name = "first.last", .valid_from = from, .valid_to = to}, system_random()));
}

}  // namespace
}  // namespace sekisho::crypto
