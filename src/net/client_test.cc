#include "net/client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "net/test_support.h"

namespace sekisho::net {
namespace {

using ::testing::HasSubstr;
using testing::Identity;
using testing::make_identity;
using testing::test_authority;

class ClientTest : public testing::ServerFixture {
 protected:
    ClientRequest to(const std::string& path) {
        return {.url = "https://localhost:" + std::to_string(listener_->port()) + path,
                .ca_pem = test_authority().certificate_pem};
    }
    HttpClient http_;
};

TEST_F(ClientTest, SpeaksHttp2AndReadsTheAnswer) {
    ListenerOptions options = default_options();
    options.handler = [](Request&& request, Responder responder) {
        Response response{.status = 201};
        response.headers.push_back({"X-Version", std::to_string(request.version)});
        response.body = request.method + " " + request.body + " " + *request.find_header("authorization") + " " +
                        *request.find_header("x-a");
        responder.send(std::move(response));
    };
    start(std::move(options));
    ClientRequest request = to("/p");
    request.method = "PUT";
    request.body = "hello";
    request.bearer = Secret("token");
    request.headers.push_back({"X-A", "b"});
    const Result<ClientResponse> answer = http_.send_and_wait(std::move(request));
    ASSERT_TRUE(answer) << answer.error().cause;
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(*answer->find_header("X-VERSION"), "20");
    EXPECT_EQ(answer->body, "PUT hello Bearer token b");
}

TEST_F(ClientTest, RunsManyAtOnce) {
    start();
    std::atomic<int> right{0};
    std::promise<void> all;
    std::atomic<int> left{200};
    for (int i = 0; i < 200; ++i) {
        ClientRequest request = to("/n" + std::to_string(i));
        request.timeout = std::chrono::minutes(2);  // 200 handshakes on a busy machine
        http_.send(std::move(request), [&, i](Result<ClientResponse> answer) {
            if (answer && answer->body == "GET /n" + std::to_string(i) + " ") ++right;
            if (--left == 0) all.set_value();
        });
    }
    all.get_future().wait();
    EXPECT_EQ(right, 200);
}

TEST_F(ClientTest, SaysWhatFailed) {
    start();
    ClientRequest untrusted = to("/");
    untrusted.ca_pem = make_identity("another").certificate_pem;
    EXPECT_THAT(http_.send_and_wait(untrusted).error().cause, HasSubstr("certificate"));
    ClientRequest wrong_name = to("/");
    wrong_name.url = "https://wrong.example:" + std::to_string(listener_->port());
    wrong_name.connect_to = "127.0.0.1:" + std::to_string(listener_->port());
    EXPECT_FALSE(http_.send_and_wait(wrong_name));
    ClientRequest refused = to("/");
    refused.url = "http://127.0.0.1:1/";
    EXPECT_EQ(http_.send_and_wait(refused).error().http_status, 503);
    ClientRequest file = to("/");
    file.url = "file:///etc/passwd";
    EXPECT_FALSE(http_.send_and_wait(file));
    ClientRequest bad_header = to("/");
    bad_header.headers.push_back({"X", "a\r\nY: b"});
    EXPECT_FALSE(http_.send_and_wait(bad_header));
    ClientRequest large = to("/large");
    EXPECT_THAT(http_.send_and_wait(large).error().cause, HasSubstr("too large"));
    ClientRequest slow = to("/later");
    slow.timeout = milliseconds(20);
    EXPECT_FALSE(http_.send_and_wait(slow));
    EXPECT_TRUE(http_.send_and_wait(to("/after")));
}

TEST_F(ClientTest, GivesItsCertificate) {
    const Identity clients = make_identity("clients");
    const Identity known = make_identity("known", &clients);
    ListenerOptions options = default_options();
    options.client_ca_pem = clients.certificate_pem;
    start(std::move(options));
    ClientRequest request = to("/who");
    request.client_certificate_pem = known.certificate_pem;
    request.client_key_pem = Secret(known.key_pem);
    const Result<ClientResponse> answer = http_.send_and_wait(std::move(request));
    ASSERT_TRUE(answer) << answer.error().cause;
    EXPECT_THAT(answer->body, ::testing::ContainsRegex("direct\\|\\|[0-9a-f]{64}\\|"));
}

TEST_F(ClientTest, FollowsRedirectsOnlyWhenAsked) {
    ListenerOptions options = default_options();
    options.handler = [](Request&& request, Responder responder) {
        Response response{.status = request.target == "/a" ? 302 : 200};
        if (request.target == "/a") response.headers.push_back({"Location", "/b"});
        response.body = request.target;
        responder.send(std::move(response));
    };
    start(std::move(options));
    EXPECT_EQ(http_.send_and_wait(to("/a"))->status, 302);
    ClientRequest request = to("/a");
    request.follow_redirects = true;
    const Result<ClientResponse> answer = http_.send_and_wait(std::move(request));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "/b");
}

TEST_F(ClientTest, StreamsAndCancels) {
    start();
    std::promise<Result<void>> ended;
    std::string read;
    int status = 0;
    HttpClient::Stream stream =
        http_.open_stream(to("/s"), {.on_head =
                                         [&](const ClientResponse& head) {
                                             status = head.status;
                                             return true;
                                         },
                                     .on_chunk =
                                         [&](std::string_view bytes) {
                                             read += bytes;
                                             return true;
                                         },
                                     .on_end = [&](Result<void> result) { ended.set_value(result); }});
    EXPECT_TRUE(ended.get_future().get());
    EXPECT_EQ(status, 200);
    EXPECT_EQ(read, "GET /s ");

    std::promise<Result<void>> cancelled;
    std::vector<Responder> kept;
    stream = http_.open_stream(to("/later"), {.on_end = [&](Result<void> result) { cancelled.set_value(result); }});
    stream.cancel();
    EXPECT_FALSE(cancelled.get_future().get());

    std::promise<Result<void>> stopped;
    stream = http_.open_stream(to("/large"), {.on_chunk = [](std::string_view) { return false; },
                                              .on_end = [&](Result<void> result) { stopped.set_value(result); }});
    EXPECT_TRUE(stopped.get_future().get());
}

TEST_F(ClientTest, ClosingEndsWhatRuns) {
    start();
    std::promise<bool> failed;
    auto http = std::make_unique<HttpClient>();
    http->send(to("/later"), [&](Result<ClientResponse> answer) { failed.set_value(!answer); });
    std::this_thread::sleep_for(milliseconds(20));
    http.reset();
    EXPECT_TRUE(failed.get_future().get());
}

// A mail server that takes one message and keeps what was said to it.
class MailServer {
 public:
    MailServer() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
        ::listen(descriptor_, 1);
        socklen_t size = sizeof(address);
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~MailServer() {
        ::shutdown(descriptor_, SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
        ::close(descriptor_);
    }
    std::uint16_t port = 0;
    std::string heard;

 private:
    void serve() {
        const int peer = ::accept(descriptor_, nullptr, nullptr);
        if (peer < 0) return;
        const auto say = [&](std::string_view text) { (void)::send(peer, text.data(), text.size(), MSG_NOSIGNAL); };
        say("220 test\r\n");
        std::string line;
        bool data = false;
        char c = 0;
        while (::recv(peer, &c, 1, 0) == 1) {
            line.push_back(c);
            if (c != '\n') continue;
            heard += line;
            if (data) {
                if (line == ".\r\n") {
                    data = false;
                    say("250 taken\r\n");
                }
            } else if (line.starts_with("DATA")) {
                data = true;
                say("354 go on\r\n");
            } else if (line.starts_with("QUIT")) {
                say("221 bye\r\n");
            } else {
                say("250 ok\r\n");
            }
            line.clear();
        }
        ::close(peer);
    }
    int descriptor_;
    std::thread thread_;
};

TEST(MailTest, SendsAMessage) {
    MailServer server;
    HttpClient http;
    std::promise<Result<void>> sent;
    http.send_mail({.url = "smtp://127.0.0.1:" + std::to_string(server.port),
                    .security = SmtpMessage::Security::none,
                    .from = "no-reply@example.com",
                    .to = {"a@example.com", "b@example.com"},
                    .content = "Subject: hello\r\n\r\n.leading dot\r\n"},
                   [&](Result<void> result) { sent.set_value(std::move(result)); });
    const Result<void> result = sent.get_future().get();
    EXPECT_TRUE(result) << result.error().cause;
    EXPECT_THAT(server.heard, HasSubstr("MAIL FROM:<no-reply@example.com>"));
    EXPECT_THAT(server.heard, HasSubstr("RCPT TO:<b@example.com>"));
    EXPECT_THAT(server.heard, HasSubstr("\r\n..leading dot\r\n.\r\n"));  // RFC 5321 4.5.2
}

TEST(MailTest, RefusesInjectionAndMissingTls) {
    MailServer server;
    HttpClient http;
    for (const std::string to : {"a@b>\r\nRCPT TO:<c@d", "", "a b@c"}) {
        std::promise<Result<void>> sent;
        http.send_mail({.url = "smtp://127.0.0.1:" + std::to_string(server.port), .from = "a@b", .to = {to}},
                       [&](Result<void> result) { sent.set_value(std::move(result)); });
        EXPECT_THAT(sent.get_future().get().error().cause, HasSubstr("malformed mail address"));
    }
    std::promise<Result<void>> sent;
    http.send_mail({.url = "smtp://127.0.0.1:" + std::to_string(server.port), .from = "a@b.c", .to = {"a@b.c"}},
                   [&](Result<void> result) { sent.set_value(std::move(result)); });
    EXPECT_FALSE(sent.get_future().get());  // the server offers no STARTTLS, and it is required
    EXPECT_THAT(server.heard, ::testing::Not(HasSubstr("MAIL FROM")));
}

}  // namespace
}  // namespace sekisho::net
