#include "net/listener.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <future>
#include <thread>

#include "net/test_support.h"

namespace sekisho::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::Identity;
using testing::make_identity;
using testing::RawClient;
using ::testing::StartsWith;
using testing::test_authority;

class ListenerTest : public testing::ServerFixture {};

std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

TEST_F(ListenerTest, KeepsAliveOverTls12And13) {
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        RawClient client(listener_->port());
        ASSERT_TRUE(client.start_tls("localhost", "http/1.1", nullptr, version));
        EXPECT_EQ(client.protocol(), "http/1.1");
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(client.send("POST /a?b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"));
            const std::string answer = client.receive_answer();
            EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
            EXPECT_THAT(answer, EndsWith("POST /a?b hello"));
            EXPECT_THAT(answer, HasSubstr("\r\nDate: "));
        }
        client.send(get("/who"));
        EXPECT_THAT(client.receive_answer(), HasSubstr("|127.0.0.1|direct|||localhost"));
    }
    EXPECT_EQ(handled_, 8);
}

TEST_F(ListenerTest, RefusesOldTlsAndUnknownProtocols) {
    start();
    RawClient old(listener_->port());
    EXPECT_FALSE(old.start_tls("localhost", "http/1.1", nullptr, TLS1_1_VERSION));
    RawClient strange(listener_->port());
    EXPECT_FALSE(strange.start_tls("localhost", "spdy/3"));
}

TEST_F(ListenerTest, AnswersPipelinedRequestsInOrder) {
    start();
    auto client = connect_tls();
    client->send(get("/later?1") + get("/2") + get("/later?3") + get("/4"));
    for (const char* path : {"/later?1", "/2", "/later?3", "/4"}) {
        EXPECT_THAT(client->receive_answer(), EndsWith("GET " + std::string(path) + " "));
    }
}

TEST_F(ListenerTest, AnswersAThousandPipelinedRequests) {
    start();
    auto client = connect_tls();
    std::thread sender([&] {
        std::string many;
        for (int i = 0; i < 1000; ++i) many += get("/" + std::to_string(i));
        client->send(many);
    });
    sender.join();
    for (int i = 0; i < 1000; ++i) {
        ASSERT_THAT(client->receive_answer(), EndsWith("GET /" + std::to_string(i) + " "));
    }
}

TEST_F(ListenerTest, AnswersAllBeforeAHalfClose) {
    start();
    for (const char* second : {"/2", "/later?2"}) {
        auto client = connect_tls();
        client->send(get("/later?1") + get(second) + "GET /half");
        client->end_sending();
        const std::string answers = client->receive_all();
        EXPECT_THAT(answers, HasSubstr("GET /later?1 HTTP/1.1 200 OK"));
        EXPECT_THAT(answers, EndsWith("GET " + std::string(second) + " "));
    }
}

TEST_F(ListenerTest, ReadsChunkedBodiesAndExpectations) {
    start();
    auto client = connect_tls();
    client->send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" +
                 get("/n"));
    EXPECT_THAT(client->receive_answer(), EndsWith("POST /c abcde"));
    EXPECT_THAT(client->receive_answer(), EndsWith("GET /n "));
    client->send("PUT /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client->receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client->send("ok");
    EXPECT_THAT(client->receive_answer(), EndsWith("PUT /e ok"));
}

TEST_F(ListenerTest, AnswersHeadAndHttp10) {
    start();
    auto client = connect_tls();
    client->send("HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string head = client->receive_answer(true);
    EXPECT_THAT(head, HasSubstr("Content-Length: 8\r\n"));
    EXPECT_THAT(head, EndsWith("\r\n\r\n"));
    client->send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(client->receive_answer(), HasSubstr("Connection: keep-alive\r\n"));
    client->send("GET /old HTTP/1.0\r\n\r\n");
    EXPECT_THAT(client->receive_all(), EndsWith("GET /old "));
}

TEST_F(ListenerTest, LimitsAnswerAndClose) {
    ListenerOptions options = default_options();
    options.limits.body_bytes = 1000;
    start(std::move(options));
    const std::pair<std::string, std::string> cases[] = {
        {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n", "HTTP/1.1 414 "},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'a'), "HTTP/1.1 431 "},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'a'), "HTTP/1.1 413 "},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", "HTTP/1.1 413 "},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 400 "},
        {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 "},
        {std::string("\0\0\0\r\n\r\n", 7), "HTTP/1.1 400 "},
    };
    for (const auto& [bytes, expected] : cases) {
        auto client = connect_tls();
        client->send(bytes);
        EXPECT_THAT(client->receive_all(), StartsWith(expected));
    }
    EXPECT_EQ(handled_, 0);
}

TEST_F(ListenerTest, UnknownHostIsMisdirected) {
    start();
    auto client = connect_tls();
    client->send("GET / HTTP/1.1\r\nHost: Unknown.example\r\n\r\n");
    EXPECT_THAT(client->receive_answer(), StartsWith("HTTP/1.1 421 Misdirected Request"));
    client->send(get("/still"));
    EXPECT_THAT(client->receive_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ListenerTest, AnswersLeaveOnlyWhenTheyMay) {
    std::atomic<int> handled_at_write{-1};
    std::atomic<bool> may{true};
    ListenerOptions options = default_options();
    options.before_write = [&] {
        if (handled_ > 0 && handled_at_write < 0) handled_at_write = handled_.load();
        return may.load();
    };
    start(std::move(options));
    auto client = connect_tls();
    client->send(get("/1") + get("/2") + get("/3"));
    for (int i = 0; i < 3; ++i) EXPECT_THAT(client->receive_answer(), StartsWith("HTTP/1.1 200"));
    EXPECT_EQ(handled_at_write, 3);  // once for all that came together
    may = false;
    client->send(get("/4"));
    EXPECT_EQ(client->receive_all(), "");
}

TEST_F(ListenerTest, AnswersOfAllConnectionsLeaveTogether) {
    std::promise<void> entered;
    std::promise<void> go_on;
    std::vector<int> handled_at_writes;  // of the loop's thread
    ListenerOptions options = default_options();
    options.handler = [&](Request&& request, Responder responder) {
        if (++handled_ == 1) {
            entered.set_value();
            go_on.get_future().wait();
        }
        responder.send({.status = 200, .headers = {}, .body = std::string(request.path())});
    };
    options.before_write = [&] {
        if (handled_at_writes.empty() || handled_at_writes.back() != handled_) handled_at_writes.push_back(handled_);
        return true;
    };
    auto first = (start(std::move(options)), connect_tls());
    auto second = connect_tls();
    auto third = connect_tls();
    first->send(get("/1"));
    entered.get_future().wait();  // the loop is busy: what comes now comes in one round
    second->send(get("/2"));
    third->send(get("/3"));
    go_on.set_value();
    for (auto* client : {first.get(), second.get(), third.get()}) {
        EXPECT_THAT(client->receive_answer(), StartsWith("HTTP/1.1 200"));
    }
    listener_->stop(milliseconds(0));
    EXPECT_THAT(handled_at_writes, ::testing::ElementsAre(0, 1, 3));
}

TEST_F(ListenerTest, AHandlersFaultsAre500) {
    start();
    auto client = connect_tls();
    for (const char* path : {"/drop", "/throw", "/bad-header"}) {
        client->send(get(path));
        const std::string answer = client->receive_answer();
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 ")) << path;
        EXPECT_THAT(answer, ::testing::Not(HasSubstr("Set-Cookie"))) << path;
    }
}

TEST_F(ListenerTest, SlowClientsAreEnded) {
    ListenerOptions options = default_options();
    options.limits.handshake = milliseconds(150);
    options.limits.request = milliseconds(150);
    options.limits.idle = milliseconds(300);
    start(std::move(options));
    RawClient silent(listener_->port());
    EXPECT_EQ(silent.receive_all(), "");
    RawClient half(listener_->port());
    half.send("\x16\x03\x01\x02");
    EXPECT_EQ(half.receive_all(), "");
    auto slow_head = connect_tls();
    slow_head->send("GET / HTTP/1.1\r\nHo");
    EXPECT_THAT(slow_head->receive_all(), StartsWith("HTTP/1.1 408 "));
    auto slow_body = connect_tls();
    slow_body->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_THAT(slow_body->receive_all(), StartsWith("HTTP/1.1 408 "));
    auto idle = connect_tls();
    idle->send(get("/"));
    EXPECT_THAT(idle->receive_answer(), StartsWith("HTTP/1.1 200"));
    EXPECT_EQ(idle->receive_all(), "");
}

TEST_F(ListenerTest, AClientThatDoesNotReadIsEnded) {
    ListenerOptions options = default_options();
    options.limits.response = milliseconds(200);
    start(std::move(options));
    auto client = connect_tls();
    client->send(get("/large"));
    for (int i = 0; i < 200 && listener_->connection_count() != 0; ++i) std::this_thread::sleep_for(milliseconds(20));
    EXPECT_EQ(listener_->connection_count(), 0U);
}

TEST_F(ListenerTest, LargeAnswersArriveWhole) {
    start();
    auto client = connect_tls();
    client->send(get("/large") + get("/next"));
    EXPECT_GT(client->receive_answer().size(), 8U * 1024 * 1024);
    EXPECT_THAT(client->receive_answer(), EndsWith("GET /next "));
}

TEST_F(ListenerTest, OtherPlaintextIsRefused) {
    start();
    for (const std::string bytes :
         {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "SSH-2.0-x\r\n", "\x80\x2e\x01", "CONN", "C\r\n"}) {
        RawClient client(listener_->port());
        client.send(bytes);
        if (bytes == "CONN") client.send("X");
        const std::string answer = client.receive_all();
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << bytes;
        EXPECT_THAT(answer, EndsWith("this port speaks TLS\n")) << bytes;
    }
}

TEST_F(ListenerTest, TruncatedAndBrokenTlsHarmsNobody) {
    start();
    for (const std::string& bytes :
         {std::string("\x16"), std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x'),
          std::string("\x16\x03\x01\x00\x05hello", 10)}) {
        RawClient client(listener_->port());
        client.send(bytes);
        client.end_sending();
        client.receive_all();
    }
    auto client = connect_tls();
    client->send(get("/"));
    EXPECT_THAT(client->receive_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ListenerTest, DoorServesItsHostsOnly) {
    start();
    const std::string door = "sts.us-east-1.amazonaws.com";
    for (const std::string version : {"1.0", "1.1"}) {
        RawClient client(listener_->port());
        client.send("CONNECT STS.us-east-1.amazonaws.com:443 HTTP/" + version + "\r\nHost: x\r\n\r\n");
        EXPECT_EQ(client.receive_until("\r\n\r\n"), "HTTP/1.1 200 Connection established\r\n\r\n");
        ASSERT_TRUE(client.start_tls(door, "http/1.1"));
        client.send("GET /who HTTP/1.1\r\nHost: " + door + "\r\n\r\n");
        EXPECT_THAT(client.receive_answer(), HasSubstr("|door|" + door + "||" + door));
        client.send("GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n");  // another name than the door's
        EXPECT_THAT(client.receive_answer(), StartsWith("HTTP/1.1 421 "));
    }
    for (const std::string target : {"example.com:443", "sts.us-east-1.amazonaws.com:80", "127.0.0.1:22"}) {
        RawClient client(listener_->port());
        client.send("CONNECT " + target + " HTTP/1.1\r\n\r\n");
        EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 403 ")) << target;
    }
    RawClient garbage(listener_->port());
    garbage.send("CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    EXPECT_THAT(garbage.receive_all(), ::testing::Not(HasSubstr("HTTP/1.1 400")));
    EXPECT_EQ(handled_, 2);
}

TEST_F(ListenerTest, DoorTakesTlsSentTogetherWithConnect) {
    // A client may send its first TLS bytes without waiting for our 200.
    start();
    RawClient client(listener_->port());
    const std::string connect = "CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\n\r\n";
    client.send(connect + "\x16\x03\x01");  // and the record never ends
    EXPECT_EQ(client.receive_until("\r\n\r\n"), "HTTP/1.1 200 Connection established\r\n\r\n");
    client.end_sending();
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(handled_, 0);
}

TEST_F(ListenerTest, ServerNameChoosesADoorCertificate) {
    start();
    RawClient client(listener_->port());
    ASSERT_TRUE(client.start_tls("sts.us-east-1.amazonaws.com", "http/1.1"));
    client.send("GET /who HTTP/1.1\r\nHost: sts.us-east-1.amazonaws.com\r\n\r\n");
    EXPECT_THAT(client.receive_answer(), HasSubstr("|direct||"));
}

TEST_F(ListenerTest, ClientCertificatesAreAskedForAndChecked) {
    const Identity clients = make_identity("clients");
    const Identity known = make_identity("known", &clients);
    const Identity stranger = make_identity("stranger", &test_authority());
    ListenerOptions options = default_options();
    options.client_ca_pem = clients.certificate_pem;
    start(std::move(options));
    RawClient with(listener_->port());
    ASSERT_TRUE(with.start_tls("localhost", "http/1.1", &known));
    with.send(get("/who"));
    EXPECT_THAT(with.receive_answer(), ::testing::ContainsRegex("direct\\|\\|[0-9a-f]{64}\\|"));
    auto without = connect_tls();
    without->send(get("/who"));
    EXPECT_THAT(without->receive_answer(), HasSubstr("|direct|||"));
    RawClient other(listener_->port());
    other.start_tls("localhost", "http/1.1", &stranger);  // TLS 1.3 tells the client later
    other.send(get("/who"));
    EXPECT_EQ(other.receive_all(), "");
}

TEST_F(ListenerTest, ReplacedCertificatesServeNewConnections) {
    start();
    auto before = connect_tls();
    const Identity fresh = make_identity("other.example", &test_authority());
    ASSERT_TRUE(
        listener_->replace_certificates({.chain_pem = fresh.certificate_pem, .key_pem = Secret(fresh.key_pem)}, ""));
    RawClient after(listener_->port());
    EXPECT_TRUE(after.start_tls("other.example", "http/1.1"));
    before->send(get("/"));
    EXPECT_THAT(before->receive_answer(), StartsWith("HTTP/1.1 200"));
    EXPECT_FALSE(listener_->replace_certificates({.chain_pem = "nonsense", .key_pem = Secret("x")}, ""));
}

TEST_F(ListenerTest, GracefulStopFinishesWhatRuns) {
    start();
    auto idle = connect_tls();
    auto busy = connect_tls();
    busy->send(get("/later"));
    for (int i = 0; i < 100 && handled_ == 0; ++i) std::this_thread::sleep_for(milliseconds(5));
    std::thread stopper([&] { listener_->stop(milliseconds(3000)); });
    const std::string answer = busy->receive_all();
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, EndsWith("GET /later "));
    EXPECT_EQ(idle->receive_all(), "");
    stopper.join();
    EXPECT_EQ(RawClient(listener_->port()).descriptor(), -1);
}

TEST_F(ListenerTest, StopDoesNotWaitForEver) {
    ListenerOptions options = default_options();
    std::vector<Responder> kept;
    std::mutex mutex;
    options.handler = [&](Request&&, Responder responder) {
        const std::scoped_lock lock(mutex);
        kept.push_back(std::move(responder));
        ++handled_;
    };
    start(std::move(options));
    auto client = connect_tls();
    client->send(get("/"));
    for (int i = 0; i < 100 && handled_ == 0; ++i) std::this_thread::sleep_for(milliseconds(5));
    const auto begin = std::chrono::steady_clock::now();
    listener_->stop(milliseconds(100));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
    listener_.reset();
    ASSERT_EQ(kept.size(), 1U);
    kept.front().send(Response{});  // goes nowhere, harms nothing
}

TEST_F(ListenerTest, ManyThreadsManyConnections) {
    ListenerOptions options = default_options();
    options.threads = 3;
    start(std::move(options));
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int c = 0; c < 5; ++c) {
                RawClient client(listener_->port());
                if (!client.start_tls("localhost", "http/1.1")) continue;
                for (int i = 0; i < 20; ++i) {
                    client.send(get(i % 7 == 0 ? "/later" : "/now"));
                    if (client.receive_answer().starts_with("HTTP/1.1 200")) ++right;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 400);
}

TEST_F(ListenerTest, ConnectionsAreLimited) {
    ListenerOptions options = default_options();
    options.limits.connections = 2;
    start(std::move(options));
    auto first = connect_tls();
    auto second = connect_tls();
    RawClient third(listener_->port());
    EXPECT_FALSE(third.start_tls("localhost", "http/1.1"));
    first.reset();
    for (int i = 0; i < 100 && listener_->connection_count() == 2; ++i) std::this_thread::sleep_for(milliseconds(10));
    auto fourth = connect_tls();
    fourth->send(get("/"));
    EXPECT_THAT(fourth->receive_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ListenerTest, PlainHttpIsForLoopbackOnly) {
    ListenerOptions options = default_options();
    options.tls = false;
    options.address = "0.0.0.0";
    EXPECT_FALSE(Listener::start(options));
    options.address = "127.0.0.1";
    start(std::move(options));
    RawClient client(listener_->port());
    client.send(get("/metrics"));
    EXPECT_THAT(client.receive_answer(), EndsWith("GET /metrics "));
}

TEST_F(ListenerTest, BadOptionsAreErrors) {
    ListenerOptions options = default_options();
    options.address = "localhost";
    EXPECT_FALSE(Listener::start(options));
    options = default_options();
    options.certificate.key_pem = Secret("nonsense");
    EXPECT_FALSE(Listener::start(options));
    options = default_options();
    options.certificate.key_pem = Secret(make_identity("x").key_pem);
    EXPECT_FALSE(Listener::start(options));
    options = default_options();
    options.handler = nullptr;
    EXPECT_FALSE(Listener::start(options));
    start();
    options = default_options();
    options.port = listener_->port();
    EXPECT_FALSE(Listener::start(options));
}

}  // namespace
}  // namespace sekisho::net
