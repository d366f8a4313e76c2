// Escaping, origin checks, return paths, and the pages' door without a person.
#include "portal/portal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "operation/testing.h"
#include "portal/assets.h"
#include "portal/html.h"
#include "portal/request.h"
#include "portal/visit.h"

namespace sekisho::portal {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Html, EscapesTextAndAttributes) {
    const std::string evil = "<script>\"'&";
    const auto made = element("p", {{"class", evil}}, {evil, element("b", {evil})});
    EXPECT_EQ(made.html(),
              "<p class=\"&lt;script&gt;&quot;&#39;&amp;\">&lt;script&gt;&quot;&#39;&amp;<b>&lt;script&gt;&quot;&#39;"
              "&amp;</b></p>");
}

TEST(Html, LeavesOutAttributesThatAreNotSet) {
    EXPECT_EQ(void_element("input", {{"required", false}, {"checked", true}, Attribute::unless_empty("id", "")}).html(),
              "<input checked>");
}

TEST(Html, AddressesCannotCarryScript) {
    for (const auto* bad : {"javascript:alert(1)", " javascript:alert(1)", "//evil.example", "data:text/html,x",
                            "http://evil.example", ""}) {
        EXPECT_EQ(element("a", {{"href", bad}}, {"x"}).html(), "<a href=\"#\">x</a>") << bad;
    }
    EXPECT_EQ(element("a", {{"href", "/start?a=1&b=2"}}, {"x"}).html(), "<a href=\"/start?a=1&amp;b=2\">x</a>");
}

TEST(Forms, AreReadWithinLimits) {
    const auto form = Form::parse("name=J%C3%A9r%C3%B4me+L&empty=&flag&name=second");
    ASSERT_TRUE(form);
    EXPECT_EQ(form->get("name"), "J\xc3\xa9r\xc3\xb4me L");
    EXPECT_TRUE(form->has("flag"));
    EXPECT_EQ(form->get("missing"), "");
    EXPECT_FALSE(Form::parse("a=%zz"));
    EXPECT_FALSE(Form::parse("a=%ff"));
    std::string many;
    for (std::size_t i = 0; i <= form_fields_max; ++i) many += "a=b&";
    EXPECT_FALSE(Form::parse(many));
}

TEST(Cookies, AreFoundOnce) {
    net::Request request;
    request.headers = {{"cookie", "a=1; __Host-sekisho=secret"}, {"Cookie", "b=2;c=3"}};
    EXPECT_EQ(find_cookie(request, "__Host-sekisho"), "secret");
    EXPECT_EQ(find_cookie(request, "c"), "3");
    EXPECT_EQ(find_cookie(request, "sekisho"), "");
    request.headers.push_back({"cookie", "__Host-sekisho=other"});
    EXPECT_EQ(find_cookie(request, "__Host-sekisho"), "");
}

net::Request post(std::vector<net::Header> headers, std::string body = "a=b") {
    net::Request request;
    request.method = "POST";
    request.headers = std::move(headers);
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.body = std::move(body);
    return request;
}

TEST(Posts, MustComeFromOurOwnPages) {
    constexpr std::string_view ours = "https://localhost:7443";
    EXPECT_EQ(check_post(post({{"Origin", "https://localhost:7443"}}), ours), PostFault::none);
    EXPECT_EQ(check_post(post({{"Origin", "https://localhost:7443"}, {"Sec-Fetch-Site", "same-origin"}}), ours),
              PostFault::none);
    EXPECT_EQ(check_post(post({{"Sec-Fetch-Site", "same-origin"}}), ours), PostFault::none);
    EXPECT_EQ(check_post(post({}), ours), PostFault::foreign_origin);
    EXPECT_EQ(check_post(post({{"Sec-Fetch-Site", "none"}}), ours), PostFault::foreign_origin);
    for (const auto* other : {"null", "", "https://localhost", "https://localhost:74430", "http://localhost:7443",
                              "https://localhost:7443.evil.example", "https://evil.example"}) {
        EXPECT_EQ(check_post(post({{"Origin", other}}), ours), PostFault::foreign_origin) << other;
    }
    for (const auto* site : {"cross-site", "same-site"}) {
        EXPECT_EQ(check_post(post({{"Origin", "https://localhost:7443"}, {"Sec-Fetch-Site", site}}), ours),
                  PostFault::foreign_origin);
    }
}

TEST(Posts, MustBePlainFormsOfBoundedSize) {
    net::Request request = post({{"Origin", "https://a"}}, std::string(form_bytes_max + 1, 'a'));
    EXPECT_EQ(check_post(request, "https://a"), PostFault::too_large);
    request.body.clear();
    for (const auto* type : {"multipart/form-data; boundary=x", "text/plain", "application/json", ""}) {
        request.headers = {{"Origin", "https://a"}, {"Content-Type", type}};
        EXPECT_EQ(check_post(request, "https://a"), PostFault::content_type) << type;
    }
    request.headers = {{"Origin", "https://a"}, {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    EXPECT_EQ(check_post(request, "https://a"), PostFault::none);
}

TEST(ReturnPaths, StayOnOurPages) {
    for (const auto* good : {"/start", "/start/", "/start/credentials?account_id=1&role_name=a", "/device?user_code=A",
                             "/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F", "/account", "/invitation?token=a",
                             "/v1/authorize?state=a"}) {
        EXPECT_TRUE(is_return_path(good)) << good;
    }
    for (const auto* bad :
         {"", "start", "//evil.example", "/\\evil.example", "/start\\..", "https://evil.example/start",
          "/start/..//evil.example", "/start\r\nSet-Cookie: a=b", "/start ", "/signin", "/signout",
          "/assets/portal.css", "/webhook", "/", "/starting", "\t/start"}) {
        EXPECT_FALSE(is_return_path(bad)) << bad;
    }
    EXPECT_TRUE(is_own_path("/signin/iam?return_to=%2Fv1%2Fauthorize"));
    for (const auto* bad : {"", "//evil.example", "/assets/portal.css", "/v1/token", "/signin\\x"}) {
        EXPECT_FALSE(is_own_path(bad)) << bad;
    }
    EXPECT_FALSE(is_return_path("/start?" + std::string(return_path_bytes_max, 'a')));
}

class Pages : public testing::Test {
 protected:
    Pages() : house_({}) {
        house_.environment().public_url = "https://localhost:7443";
        portal_.emplace(house_.pipeline());
    }
    net::Response serve(net::Request request) {
        request.host = request.host.empty() ? "localhost:7443" : request.host;
        std::promise<net::Response> promise;
        auto answer = promise.get_future();
        portal_->serve(std::move(request),
                       net::Responder::to([&promise](net::Response got) { promise.set_value(std::move(got)); }));
        return answer.get();
    }
    net::Response get(std::string target, std::vector<net::Header> headers = {}, std::string host = {}) {
        net::Request request;
        request.method = "GET";
        request.target = std::move(target);
        request.headers = std::move(headers);
        request.host = std::move(host);
        return serve(std::move(request));
    }
    static std::string header(const net::Response& response, std::string_view name) {
        const auto* found = response.find_header(name);
        return found ? *found : std::string();
    }
    static std::string token_in(const std::string& html) {
        constexpr std::string_view before = "name=\"form_token\" value=\"";
        const auto at = html.find(before) + before.size();
        return html.substr(at, html.find('"', at) - at);
    }
    operation::TestHouse house_;
    std::optional<Portal> portal_;
};

TEST_F(Pages, PersonPagesAskToSignInAndComeBack) {
    const auto answer = get("/device?user_code=ABCD-EFGH");
    EXPECT_EQ(answer.status, 303);
    EXPECT_EQ(header(answer, "Location"), "/signin?return_to=%2Fdevice%3Fuser_code%3DABCD-EFGH");
}

TEST_F(Pages, AnotherNameLeadsToThePublicOne) {
    for (const auto* host : {"127.0.0.1:7443", "localhost:7444", "d-1234567890.awsapps.com", "localhost"}) {
        const auto answer = get("/start?a=b", {}, host);
        EXPECT_EQ(answer.status, 303) << host;
        EXPECT_EQ(header(answer, "Location"), "https://localhost:7443/start?a=b");
    }
}

TEST_F(Pages, CarrySecurityHeaders) {
    const auto answer = get("/signin?return_to=/start");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(header(answer, "Content-Security-Policy"),
              "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
              "form-action 'self'; "
              "frame-ancestors 'none'; base-uri 'none'");
    EXPECT_EQ(header(answer, "Cache-Control"), "no-store");
    EXPECT_EQ(header(answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(answer, "Referrer-Policy"), "same-origin");
    EXPECT_EQ(header(answer, "Strict-Transport-Security"), "");
    EXPECT_THAT(header(answer, "Set-Cookie"), StartsWith("__Host-sekisho-form="));
    EXPECT_THAT(header(answer, "Set-Cookie"), HasSubstr("; Path=/; Secure; HttpOnly; SameSite=Lax"));
    EXPECT_THAT(answer.body, Not(HasSubstr("style=")));
    EXPECT_THAT(answer.body, Not(HasSubstr("onclick")));
}

TEST_F(Pages, AForeignReturnPathIsDropped) {
    const auto answer = get("/signin?return_to=https://evil.example/");
    EXPECT_THAT(answer.body, HasSubstr("name=\"return_to\" value=\"\""));
}

TEST_F(Pages, PostsNeedTheTokenOfThisBrowser) {
    const auto page = get("/signin");
    const auto cookie = header(page, "Set-Cookie").substr(0, header(page, "Set-Cookie").find(';'));
    const auto send = [&](const std::string& sent_cookie, const std::string& token) {
        auto request = post({{"Origin", "https://localhost:7443"}, {"Cookie", sent_cookie}},
                            "username=" + std::string() + "&form_token=" + token);
        request.target = "/signin";
        return serve(std::move(request)).status;
    };
    const auto token = token_in(page.body);
    EXPECT_EQ(send(cookie, token), 400);  // read: the user name is missing
    EXPECT_EQ(send("__Host-sekisho-form=other", token), 403);
    EXPECT_EQ(send("", token), 403);
    EXPECT_EQ(send(cookie, ""), 403);
    EXPECT_EQ(send(cookie, token.substr(1)), 403);
    house_.clock().advance(seconds(form_token_seconds_max + 1));
    EXPECT_EQ(send(cookie, token), 403);
}

TEST_F(Pages, AnUnknownSessionIsForgotten) {
    const auto answer = get("/start", {{"Cookie", "__Host-sekisho=unknown"}});
    EXPECT_EQ(answer.status, 303);
    EXPECT_EQ(header(answer, "Set-Cookie"), "__Host-sekisho=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_F(Pages, AssetsHaveTheHashInTheirNameAndAreKept) {
    const auto answer = get(std::string(asset_path("portal.css")));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(header(answer, "Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(header(answer, "Content-Type"), "text/css; charset=utf-8");
    EXPECT_THAT(answer.body, HasSubstr(":root"));
    EXPECT_EQ(get("/assets/portal.css").status, 404);
    EXPECT_EQ(get("/favicon.ico").status, 200);
}

TEST_F(Pages, UnknownPathsAndMethodsAreRefused) {
    EXPECT_EQ(get("/start/nothing").status, 404);
    EXPECT_EQ(get("/signin/password").status, 303);  // a step without an address of its own
    EXPECT_EQ(get("/start?a=%zz").status, 400);
    net::Request request;
    request.method = "DELETE";
    request.target = "/start";
    EXPECT_EQ(serve(std::move(request)).status, 405);
}

TEST(PortalPaths, AreKnownByTheirFirstPart) {
    for (const auto* path : {"/start", "/start/", "/signin/code", "/account", "/favicon.ico", "/v1/authorize"}) {
        EXPECT_TRUE(Portal::is_portal_path(path)) << path;
    }
    for (const auto* path : {"/", "", "/token", "/device_authorization", "/logout", "/assignment/accounts", "/starts",
                             "/v1/token", "/v1"}) {
        EXPECT_FALSE(Portal::is_portal_path(path)) << path;
    }
}

}  // namespace
}  // namespace sekisho::portal
