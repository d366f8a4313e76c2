#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "base/random.h"
#include "base/text.h"
#include "domain/iam.h"
#include "domain/organization.h"
#include "server/certificates.h"
#include "server/configuration.h"
#include "server/home.h"
#include "server/initialize.h"
#include "server/mailer.h"
#include "server/router.h"

namespace sekisho::server {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

std::string read(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

std::string error_of(std::string_view yaml) {
    Configuration configuration;
    const auto outcome = read_configuration(yaml, "sekisho.yaml", configuration);
    return outcome ? "" : outcome.error().message;
}

TEST(ConfigurationTest, ReadsEverySetting) {
    Configuration configuration;
    const auto outcome = read_configuration(
        "public-url: https://sso.example.com/\n"
        "listen: '[::]:8443'\n"
        "log-level: debug\n"
        "threads: 3\n"
        "smtp:\n"
        "  host: mail.example.com\n"
        "  port: 465\n"
        "  tls: implicit\n"
        "cluster:\n"
        "  provider: record\n",
        "sekisho.yaml", configuration);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(configuration.public_url, "https://sso.example.com");
    EXPECT_EQ(configuration.public_host(), "sso.example.com");
    EXPECT_EQ(configuration.public_port(), 443);
    EXPECT_EQ(configuration.listen.host, "::");
    EXPECT_EQ(configuration.listen.port, 8443);
    EXPECT_EQ(configuration.thread_count(), 3u);
    EXPECT_EQ(configuration.smtp.port, 465);
    EXPECT_EQ(configuration.cluster_provider, "record");
}

TEST(ConfigurationTest, NamesTheLineAndTheNearestSetting) {
    EXPECT_EQ(error_of("threads: 2\nlog-levle: info\n"),
              "sekisho.yaml:2: no setting is named log-levle; did you mean log-level?");
    EXPECT_EQ(error_of("smtp:\n  hots: x\n"), "sekisho.yaml:2: no setting is named smtp.hots; did you mean smtp.host?");
}

TEST(ConfigurationTest, RefusesBadValues) {
    EXPECT_THAT(error_of("threads: many\n"), HasSubstr("sekisho.yaml:1: threads must be a number"));
    EXPECT_THAT(error_of("threads: [1]\n"), HasSubstr("must be one value"));
    EXPECT_THAT(error_of("smtp: x\n"), HasSubstr("must hold indented settings"));
    EXPECT_THAT(error_of("- a\n"), HasSubstr("must hold settings"));
    EXPECT_THAT(error_of("a: [\n"), StartsWith("sekisho.yaml:"));
    EXPECT_THAT(error_of("admin-listen: 0.0.0.0:1\n"), HasSubstr("loopback"));
    EXPECT_THAT(error_of("listen: localhost:1\n"), HasSubstr("numeric"));
    for (const char* url : {"http://a.example", "https://", "https://a/b", "https://A.example", "https://a:0",
                            "https://a:99999", "https://a b", "https://-a.example", "https://user@a.example"}) {
        EXPECT_THAT(error_of(std::string("public-url: \"") + url + "\"\n"), HasSubstr("must be https://")) << url;
    }
}

TEST(ConfigurationTest, TheWrittenFileReadsAsTheDefaults) {
    const std::string file = print_configuration_file("https://sso.example.com");
    Configuration configuration;
    ASSERT_TRUE(read_configuration(file, "sekisho.yaml", configuration)) << error_of(file);
    EXPECT_EQ(configuration.public_url, "https://sso.example.com");
    std::string uncommented;  // every setting that is a remark, as a person would take it in
    std::istringstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t start = line.find("# ");
        const bool is_setting = start != std::string::npos && line.find(": ", start) != std::string::npos &&
                                line.find(' ', start + 2) == line.find(": ", start) + 1;
        uncommented += (is_setting ? line.substr(0, start) + line.substr(start + 2) : line) + "\n";
    }
    EXPECT_EQ(error_of(uncommented), "");
    for (const Setting& setting : settings()) {
        Configuration fresh;
        const std::string value(setting.default_value == "''" ? "" : setting.default_value);
        EXPECT_EQ(setting.set(fresh, value), "") << setting.name;
    }
}

TEST(ConfigurationTest, ThePublicPortFollowsPortZero) {
    Configuration configuration;
    configuration.set_public_port(40123);
    EXPECT_EQ(configuration.public_url, "https://localhost:40123");
    ASSERT_TRUE(set_value(configuration, "public-url", "https://[::1]:7443"));
    configuration.set_public_port(5);
    EXPECT_EQ(configuration.public_url, "https://[::1]:5");
    EXPECT_EQ(configuration.public_host(), "::1");
}

// `SEKISHO_UPDATE_DOCS=1 server_test` writes the page anew.
TEST(ConfigurationTest, TheReferencePageIsCurrent) {
    const fs::path page = fs::path(SEKISHO_SOURCE_DIR) / "docs" / "configuration.md";
    if (std::getenv("SEKISHO_UPDATE_DOCS") != nullptr) std::ofstream(page) << print_reference();
    EXPECT_EQ(read(page), print_reference());
}

domain::Mail some_mail() {
    return {.id = "20261124T002411Z-0123456789ab",
            .to = "someone@example.com",
            .subject = "Invitation",
            .text = Secret("Hello,\nhttps://localhost/invitation?token=abc\n")};
}

TEST(MailerTest, WritesAMessageOfRfc5322) {
    const auto message = make_message({.host = "mail.example.com", .port = 465, .tls = "implicit"}, "sso.example.com",
                                      {}, some_mail(), time_from_epoch_seconds(1'795'479'851));
    EXPECT_EQ(message.url, "smtps://mail.example.com:465");
    EXPECT_EQ(message.security, net::SmtpMessage::Security::starttls_required);
    EXPECT_EQ(message.from, "no-reply@sso.example.com");
    EXPECT_THAT(message.content, StartsWith("From: <no-reply@sso.example.com>\r\nTo: <someone@example.com>\r\n"
                                            "Subject: Invitation\r\nDate: Tue, 24 Nov 2026 00:24:11 +0000\r\n"));
    const std::size_t body = message.content.find("\r\n\r\n") + 4;
    EXPECT_EQ(decode_base64(trim(message.content.substr(body))),
              "Hello,\r\nhttps://localhost/invitation?token=abc\r\n");
}

TEST(MailerTest, SubjectsOfAnyLanguageAreEncodedWords) {
    auto mail = some_mail();
    mail.subject =
        "\u00c9tat: \u7ba1\u7406\u8005\u306e\u62db\u5f85 \u7ba1\u7406\u8005\u306e\u62db\u5f85\r\nBcc: x@example.com";
    const auto content = make_message({}, "localhost", {}, mail, Time{}).content;
    const std::size_t start = content.find("Subject: ") + 9;
    const std::string header = content.substr(start, content.find("\r\nDate: ") - start);
    std::string read;
    for (const auto word : split(replace_all(header, "\r\n ", "|"), '|')) {
        EXPECT_LE(word.size(), 75u);  // RFC 2047 2
        ASSERT_TRUE(word.starts_with("=?UTF-8?B?") && word.ends_with("?=")) << word;
        read += decode_base64(word.substr(10, word.size() - 12)).value_or("");
    }
    EXPECT_EQ(read, mail.subject);
}

net::Request request(std::string method, std::string target, std::vector<net::Header> headers = {}) {
    net::Request made;
    made.method = std::move(method);
    made.target = std::move(target);
    made.headers = std::move(headers);
    return made;
}

TEST(RouterTest, FindsTheRoom) {
    EXPECT_EQ(find_route(request("GET", "/start")), Route::portal);
    EXPECT_EQ(find_route(request("HEAD", "/start")), Route::start);
    EXPECT_EQ(find_route(request("GET", "/authorize?response_type=code")), Route::portal);
    EXPECT_EQ(find_route(request("GET", "/robots.txt")), Route::portal);
    EXPECT_EQ(find_route(request("GET", "/v1/authorize?response_type=code")), Route::portal);
    EXPECT_EQ(find_route(request("POST", "/v1/token")), Route::api);
    EXPECT_EQ(find_route(request("GET", "/console/eks/clusters")), Route::portal);
    EXPECT_EQ(find_route(request("POST", "/console/credentials")), Route::portal);
    EXPECT_EQ(find_route(request("GET", "/")), Route::home);
    EXPECT_EQ(find_route(request("POST", "/")), Route::api);
    EXPECT_EQ(find_route(request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")), Route::api);
    EXPECT_EQ(find_route(request("POST", "/device_authorization")), Route::api);
    EXPECT_EQ(find_route(request("POST", "/token")), Route::api);
    EXPECT_EQ(find_route(request("GET", "/clusters/a")), Route::api);
    EXPECT_EQ(find_route(request("POST", "/webhook/abc/authenticate")), Route::webhook);
    EXPECT_EQ(find_route(request("GET", "/oidc/id/0A1B/.well-known/openid-configuration")), Route::oidc);
    EXPECT_EQ(find_route(request("POST", "/oidc/id/0A1B/keys")), Route::api);
    EXPECT_EQ(find_route(request("GET", "/healthz")), Route::health);
    // A signed request is never a page, whatever its path.
    EXPECT_EQ(find_route(request("GET", "/start", {{"authorization", "AWS4-HMAC-SHA256 .."}})), Route::api);
}

TEST(RouterTest, TheDoorServesAwsNamesOnly) {
    for (const char* host :
         {"sts.amazonaws.com", "sts.us-east-1.amazonaws.com", "iam.amazonaws.com", "oidc.eu-west-1.amazonaws.com",
          "portal.sso.us-east-1.amazonaws.com", "device.sso.us-east-1.amazonaws.com",
          "organizations.us-east-1.amazonaws.com", "eks.ap-northeast-1.amazonaws.com", "d-0123456789.awsapps.com",
          "us-east-1.signin.aws.amazon.com"}) {
        EXPECT_TRUE(is_door_host(host)) << host;
    }
    for (const char* host : {"amazonaws.com", "s3.amazonaws.com", "sts.example.amazonaws.com", "sts.amazonaws.com.evil",
                             "evilamazonaws.com", "a.b.awsapps.com", ".awsapps.com", "example.com", "",
                             "xsts.us-east-1.amazonaws.com", "signin.aws.amazon.com", "evil.signin.aws.amazon.com"}) {
        EXPECT_FALSE(is_door_host(host)) << host;
    }
}

TEST(RouterTest, KnowsItsHosts) {
    const KnownHosts hosts("sso.example.com", 7443);
    for (const char* host : {"sso.example.com", "sso.example.com:7443", "localhost:1234", "127.0.0.1:9", "[::1]:9",
                             "sts.us-east-1.amazonaws.com", "sts.us-east-1.amazonaws.com:443"}) {
        EXPECT_TRUE(hosts.has(host)) << host;
    }
    for (const char* host : {"", "example.com", "sso.example.com.evil", "sso.example.com:80", "127.0.0.1.evil",
                             "sts.us-east-1.amazonaws.com:8443"}) {
        EXPECT_FALSE(hosts.has(host)) << host;
    }
}

class HomeTest : public testing::Test {
 protected:
    void SetUp() override { folder_ = fs::temp_directory_path() / ("home_test_" + random_hex(system_random(), 12)); }
    void TearDown() override {
        ::unsetenv("SEKISHO_MASTER_KEY");
        fs::remove_all(folder_);
    }
    Result<Initialized> init(std::string email = {}) {
        return initialize({.folder = folder_, .email = std::move(email)}, system_clock(), system_random());
    }
    static unsigned mode(const fs::path& path) {
        struct stat status{};
        return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777u : 0u;
    }
    fs::path folder_;
};

TEST_F(HomeTest, InitMakesAnAdministrator) {
    const auto made = init();
    ASSERT_TRUE(made) << made.error().message << made.error().cause;
    EXPECT_TRUE(is_account_id(made->account_id));
    EXPECT_NE(made->account_id.str()[0], '0');
    EXPECT_EQ(made->user_arn, "arn:aws:iam::" + made->account_id.str() + ":user/admin");
    EXPECT_EQ(made->email, "root@localhost");
    EXPECT_EQ(mode(folder_), 0700u);
    EXPECT_EQ(mode(folder_ / "master-key"), 0600u);
    EXPECT_EQ(mode(folder_ / "aws" / "credentials"), 0600u);

    const auto home = Home::open(folder_);
    ASSERT_TRUE(home) << home.error().message;
    const auto store = open_store(*home, system_clock());
    ASSERT_TRUE(store);
    const auto snapshot = (*store)->snapshot();
    const auto key = domain::access_keys.get(snapshot, made->access_key_id);
    ASSERT_TRUE(key && *key);
    EXPECT_THAT(read(folder_ / "aws" / "credentials"), HasSubstr(std::string((*key)->secret.expose())));
    const auto policies = domain::principal_policies.get(snapshot, (*key)->user_id);
    ASSERT_TRUE(policies && *policies);
    EXPECT_THAT((*policies)->attached_policy_arns, testing::ElementsAre("arn:aws:iam::aws:policy/AdministratorAccess"));
    EXPECT_EQ(*find_first_account(snapshot), made->account_id);
}

TEST_F(HomeTest, InitRefusesADirectoryWithContent) {
    fs::create_directories(folder_);
    std::ofstream(folder_ / "mine") << "x";
    const auto made = init();
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("not an empty directory"));
    EXPECT_TRUE(fs::exists(folder_ / "mine"));
}

TEST_F(HomeTest, InitChecksItsOptionsFirst) {
    EXPECT_FALSE(init("nobody"));
    EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(HomeTest, TheMasterKeyMayComeFromTheEnvironment) {
    const std::string key = random_hex(system_random(), 64);
    ::setenv("SEKISHO_MASTER_KEY", key.c_str(), 1);
    ASSERT_TRUE(init());
    EXPECT_FALSE(fs::exists(folder_ / "master-key"));
    EXPECT_EQ(std::getenv("SEKISHO_MASTER_KEY"), nullptr);
    EXPECT_FALSE(Home::open(folder_));
    ::setenv("SEKISHO_MASTER_KEY", random_hex(system_random(), 64).c_str(), 1);
    const auto other = Home::open(folder_);
    ASSERT_TRUE(other);
    EXPECT_FALSE(load_keys(*other));  // sealed under the first one
    ::setenv("SEKISHO_MASTER_KEY", key.c_str(), 1);
    const auto home = Home::open(folder_);
    ASSERT_TRUE(home);
    EXPECT_TRUE(load_keys(*home));
}

TEST_F(HomeTest, RefusesAHomeThatOthersCanRead) {
    ASSERT_TRUE(init());
    ::chmod(folder_.c_str(), 0755);
    EXPECT_THAT(Home::open(folder_).error().message, HasSubstr("chmod 700"));
    ::chmod(folder_.c_str(), 0700);
    ::chmod((folder_ / "master-key").c_str(), 0644);
    EXPECT_THAT(Home::open(folder_).error().message, HasSubstr("chmod 600"));
}

TEST_F(HomeTest, IsLockedByOneServer) {
    ASSERT_TRUE(init());
    const auto home = Home::open(folder_);
    ASSERT_TRUE(home);
    ASSERT_TRUE(home->write_running({.pid = 1, .url = "https://127.0.0.1:1", .public_url = "https://localhost:1"}));
    EXPECT_FALSE(home->running());  // the file of a server that was killed
    {
        const auto lock = home->lock();
        ASSERT_TRUE(lock);
        EXPECT_FALSE(home->lock());
        ASSERT_TRUE(home->running());
        EXPECT_EQ(home->running()->url, "https://127.0.0.1:1");
    }
    EXPECT_TRUE(home->lock());
}

TEST_F(HomeTest, AuthoritiesIssueWithinTheirNames) {
    ASSERT_TRUE(init());
    const auto home = Home::open(folder_);
    const auto keys = load_keys(*home);
    ASSERT_TRUE(keys) << keys.error().message;
    const Time now = system_clock().now();
    EXPECT_TRUE(issue_server_certificate(*keys, "localhost", now, system_random()));
    EXPECT_TRUE(issue_door_certificate(*keys, "sts.us-east-1.amazonaws.com", now, system_random()));
    EXPECT_TRUE(issue_door_certificate(*keys, "us-east-1.signin.aws.amazon.com", now, system_random()));
    EXPECT_FALSE(issue_door_certificate(*keys, "www.amazon.com", now, system_random()));
    EXPECT_FALSE(issue_door_certificate(*keys, "localhost", now, system_random()));
    EXPECT_FALSE(issue_server_certificate(*keys, "sts.amazonaws.com", now, system_random()));
    EXPECT_EQ(load_audit_key(*home)->thumbprint(), keys->audit.public_key().thumbprint());
}

}  // namespace
}  // namespace sekisho::server
