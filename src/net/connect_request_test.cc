#include "net/connect_request.h"

#include <gtest/gtest.h>

namespace sekisho::net {
namespace {

TEST(ConnectRequest, ReadsWhatClientsSend) {
    // aws 2.9.19 sends HTTP/1.0, 2.36 sends 1.1 (wire/aws-cli.md).
    for (const std::string version : {"1.0", "1.1"}) {
        const std::string text = "CONNECT Oidc.us-east-1.amazonaws.com:443 HTTP/" + version +
                                 "\r\nHost: x:443\r\nUser-Agent: a b\r\n\r\n\x16";
        ConnectRequest request;
        ParseFailure failure;
        ASSERT_EQ(parse_connect(text, request, failure), ParseState::done);
        EXPECT_EQ(request.host, "oidc.us-east-1.amazonaws.com");
        EXPECT_EQ(request.port, 443);
        EXPECT_EQ(request.consumed, text.size() - 1);
        for (std::size_t size = 0; size + 1 < text.size(); ++size) {
            EXPECT_EQ(parse_connect(std::string_view(text).substr(0, size), request, failure), ParseState::need_more);
        }
    }
}

TEST(ConnectRequest, RefusesAnythingElse) {
    const std::pair<std::string, int> cases[] = {
        {"G", 400},
        {"CONNECTED a:443 HTTP/1.1\r\n\r\n", 400},
        {"connect a:443 HTTP/1.1\r\n\r\n", 400},
        {"CONNECT a HTTP/1.1\r\n\r\n", 400},
        {"CONNECT a:b HTTP/1.1\r\n\r\n", 400},
        {"CONNECT a:443 HTTP/2.0\r\n\r\n", 400},
        {"CONNECT a:443\r\n\r\n", 400},
        {"CONNECT  a:443 HTTP/1.1\r\n\r\n", 400},
        {"CONNECT a:443  HTTP/1.1\r\n\r\n", 400},
        {"CONNECT u@a:443 HTTP/1.1\r\n\r\n", 400},
        {"CONNECT \r\n\r\n", 400},
        {"CONNECT a:443 HTTP/1.1\n\r\n", 400},
        {"CONNECT a:443 HTTP/1.1\r\nA : b\r\n\r\n", 400},
        {"CONNECT a:443 HTTP/1.1\r\n folded\r\n\r\n", 400},
        {"CONNECT " + std::string(9000, 'a'), 431},
    };
    for (const auto& [text, status] : cases) {
        ConnectRequest request;
        ParseFailure failure;
        EXPECT_EQ(parse_connect(text, request, failure), ParseState::failed) << text;
        EXPECT_EQ(failure.status, status) << text;
    }
}

}  // namespace
}  // namespace sekisho::net
