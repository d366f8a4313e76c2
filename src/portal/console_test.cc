// The console's files and its door: what they answer, and to whom.
#include "portal/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "portal/test_pages.h"

namespace sekisho::portal {
namespace {

using testing::HasSubstr;
using testing::Not;

class Console : public testing::Test {
 protected:
    net::Response ask(std::string target, std::string body, std::vector<net::Header> headers = {}) {
        net::Request request;
        request.method = "POST";
        request.target = std::move(target);
        request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        request.body = std::move(body);
        for (auto& header : headers) request.headers.push_back(std::move(header));
        return pages_.serve(std::move(request));
    }
    net::Response ask_signed_in(std::string target, std::string body) {
        return ask(std::move(target), std::move(body), {own_origin, person_cookie()});
    }
    net::Response get(std::string target, std::string encodings = "gzip, deflate, br") {
        net::Request request;
        request.method = "GET";
        request.target = std::move(target);
        request.headers = {{"Accept-Encoding", std::move(encodings)}};
        return pages_.serve(std::move(request));
    }
    static net::Header person_cookie() { return {"Cookie", "__Host-sekisho=" + std::string(session_secret)}; }
    static std::string text(const net::Response& response, std::string_view name) {
        const auto value = parse_json(response.body);
        return value ? find_text(*value, name).value_or("") : "no JSON: " + response.body;
    }

    const net::Header own_origin{"Origin", "https://localhost:7443"};
    PageHouse pages_;
};

TEST_F(Console, EveryAddressIsThePage) {
    for (const auto* target :
         {"/console/", "/console/identity-center/users", "/console/eks/clusters/a%2Fb?x=y", "/console/credentials"}) {
        const auto answer = get(target);
        EXPECT_EQ(answer.status, 200) << target;
        EXPECT_EQ(PageHouse::header(answer, "Content-Encoding"), "br");
        EXPECT_EQ(PageHouse::header(answer, "Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(PageHouse::header(answer, "Cache-Control"), "no-store");
    }
    EXPECT_EQ(PageHouse::header(get("/console"), "Location"), "/console/");
}

TEST_F(Console, ItsPolicyAllowsNothingInlineAndNothingForeign) {
    const auto policy = PageHouse::header(get("/console/"), "Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
    EXPECT_THAT(policy, HasSubstr("script-src 'self'; style-src 'self';"));
    EXPECT_THAT(policy, HasSubstr("connect-src 'self'"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
}

TEST_F(Console, FilesAreKeptForLongAndOnlyBrotli) {
    const auto files = console_files();
    const auto script = std::find_if(files.begin(), files.end(), [](const auto& f) { return f.path.ends_with(".js"); });
    ASSERT_NE(script, files.end());
    const auto answer = get(std::string(script->path));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, script->bytes);
    EXPECT_THAT(PageHouse::header(answer, "Cache-Control"), HasSubstr("immutable"));
    EXPECT_EQ(get(std::string(script->path), "gzip").status, 406);
    EXPECT_EQ(get("/console/assets/../index.html").status, 404);
    EXPECT_EQ(get("/console/assets/none.js").status, 404);
}

TEST_F(Console, SaysWhoIsSignedIn) {
    const auto nobody = ask("/console/session", "", {own_origin});
    EXPECT_EQ(nobody.status, 200);
    EXPECT_EQ(text(nobody, "userName"), "");
    EXPECT_EQ(text(nobody, "region"), "eu-central-1");
    const auto person = ask_signed_in("/console/session", "");
    EXPECT_EQ(text(person, "userName"), "alice");
    EXPECT_EQ(PageHouse::header(person, "Cache-Control"), "no-store");
    EXPECT_EQ(PageHouse::header(person, "Access-Control-Allow-Origin"), "");
}

TEST_F(Console, LanguageAndThemeAreThoseOfThePortal) {
    const auto asked = ask("/console/session", "", {own_origin, {"Accept-Language", "ja, en;q=0.5"}});
    EXPECT_EQ(text(asked, "language"), "ja");
    EXPECT_EQ(text(asked, "theme"), "system");
    const auto chosen =
        ask("/console/session", "", {own_origin, {"Cookie", "__Host-sekisho-language=ja; __Host-sekisho-theme=dark"}});
    EXPECT_EQ(text(chosen, "language"), "ja");
    EXPECT_EQ(text(chosen, "theme"), "dark");
    const auto light = ask_signed_in("/console/preferences", "theme=light");
    EXPECT_EQ(light.status, 200);
    EXPECT_THAT(PageHouse::header(light, "Set-Cookie"),
                HasSubstr("__Host-sekisho-theme=light; Path=/; Secure; HttpOnly"));
    const auto japanese = ask_signed_in("/console/preferences", "language=ja");
    EXPECT_THAT(PageHouse::header(japanese, "Set-Cookie"), HasSubstr("__Host-sekisho-language=ja; "));
    EXPECT_THAT(PageHouse::header(ask("/console/preferences", "language=%22%3E", {own_origin}), "Set-Cookie"),
                HasSubstr("__Host-sekisho-language=en; "));
    EXPECT_EQ(ask("/console/preferences", "theme=dark", {{"Origin", "https://evil.example"}}).status, 403);
}

TEST_F(Console, ListsRoles) {
    const auto answer = ask_signed_in("/console/roles", "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("\"accountId\":\"111122223333\""));
    EXPECT_THAT(answer.body, HasSubstr("\"roleName\":\"ViewOnlyAccess\""));
}

TEST_F(Console, HandsOutCredentialsOfTheRoleOrSaysNo) {
    const auto answer = ask_signed_in("/console/credentials", "account_id=111122223333&role_name=ViewOnlyAccess");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(text(answer, "accessKeyId"), "ASIAEXAMPLE1234567");
    EXPECT_EQ(text(answer, "sessionToken").size(), 640u);
    const auto refused = ask_signed_in("/console/credentials", "account_id=111122223333&role_name=Another");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(text(refused, "code"), "ForbiddenException");
}

TEST_F(Console, WantsASession) {
    for (const auto* target : {"/console/roles", "/console/credentials"}) {
        const auto answer = ask(target, "account_id=111122223333&role_name=ViewOnlyAccess", {own_origin});
        EXPECT_EQ(answer.status, 401) << target;
        EXPECT_EQ(text(answer, "code"), "NotSignedIn");
    }
}

TEST_F(Console, AnswersNoOtherSite) {
    const std::string role = "account_id=111122223333&role_name=ViewOnlyAccess";
    const std::vector<std::vector<net::Header>> foreign = {
        {},
        {{"Origin", "https://evil.example"}},
        {{"Origin", "null"}},
        {own_origin, {"Sec-Fetch-Site", "cross-site"}},
        {own_origin, {"Sec-Fetch-Site", "same-site"}},
        {own_origin, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Dest", "document"}},
        {own_origin, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Dest", "iframe"}},
    };
    for (auto headers : foreign) {
        headers.push_back(person_cookie());
        const auto answer = ask("/console/credentials", role, headers);
        EXPECT_EQ(answer.status, 403) << answer.body;
        EXPECT_EQ(text(answer, "code"), "ForeignOrigin");
    }
    EXPECT_EQ(ask("/console/nothing", role, {own_origin, person_cookie()}).status, 404);
}

TEST_F(Console, ARoleOfThePortalOpensIt) {
    const auto answer = pages_.get(
        "/start/"
        "console?account_id=111122223333&role_name=ViewOnlyAccess&destination=https%3A%2F%2Fconsole.aws.amazon.com%"
        "2Feks",
        true);
    EXPECT_EQ(answer.status, 303);
    EXPECT_EQ(PageHouse::header(answer, "Location"),
              "/console/?account_id=111122223333&role_name=ViewOnlyAccess&destination=https%3A%2F%2F"
              "console.aws.amazon.com%2Feks");
    EXPECT_TRUE(is_return_path("/console/identity-center"));
}

}  // namespace
}  // namespace sekisho::portal
