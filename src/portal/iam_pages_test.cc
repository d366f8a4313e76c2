// The pages of IAM users and their command lines: what they do with the answers of AWS Sign-In's operations, which are
// fixed here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "access/authenticate.h"
#include "base/json.h"
#include "domain/iam_password.h"
#include "domain/login.h"
#include "models/signin.h"
#include "operation/testing.h"
#include "portal/portal.h"
#include "portal/visit.h"

namespace sekisho::portal {
namespace {

using operation::Access;
using operation::Call;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view secret = "the-login-secret-of-the-test";
constexpr std::string_view query =
    "client_id=arn%3Aaws%3Asignin%3A%3A%3Adevtools%2Fsame-device&redirect_uri=http%3A%2F%2F127.0.0.1%3A4321%2Foauth%2F"
    "callback&state=a%26b&code_challenge=c&code_challenge_method=SHA-256&response_type=code&scope=openid";

signin::SignInOutcome outcome_of(signin::SignInStep step, std::optional<std::string> return_to = {}) {
    signin::SignInOutcome outcome{.step = step};
    if (step == signin::SignInStep::done) {
        outcome.session_token = std::string(secret);
    } else {
        outcome.attempt_token = "attempt";
    }
    outcome.return_to = std::move(return_to);
    return outcome;
}

template <class Request>
Result<bool> crosses(const Request& request) {
    if (request.client_id == "bad") return signin::errors::invalid_request_exception("The client is not known.");
    return request.client_id.ends_with("cross-device");
}

// The passwords: "right", "with-device", "one-time", "locked", and wrong ones.
void register_answers(operation::Registry& registry) {
    using namespace signin;
    registry.add(
        signin::service,
        {operation::operation<VerifyPassword>(
             {.access = Access::read,
              .resources = operation::anyone,
              .handle = [](Call&, const VerifyPasswordRequest& request) -> Result<SignInOutcome> {
                  if (request.password == "right") return outcome_of(SignInStep::done, request.return_to);
                  if (request.password == "with-device") return outcome_of(SignInStep::mfa_code);
                  if (request.password == "one-time") return outcome_of(SignInStep::new_password);
                  if (request.password == "elsewhere") {
                      return outcome_of(SignInStep::done, "https://evil.example/");
                  }
                  return signin::errors::sign_in_failed_exception("The account, user name or password is not correct.");
              }}),
         operation::operation<VerifyRootPassword>(
             {.access = Access::read,
              .resources = operation::anyone,
              .handle = [](Call&, const VerifyRootPasswordRequest& request) -> Result<SignInOutcome> {
                  if (request.password == "with-device") return outcome_of(SignInStep::mfa_code);
                  if (request.password == "first") {
                      auto outcome = outcome_of(SignInStep::mfa_enrolment);
                      outcome.secret_key = "ABCDEFGH";
                      outcome.qr_svg = "<svg/>";
                      return outcome;
                  }
                  return signin::errors::sign_in_failed_exception("The email address or password is not correct.");
              }}),
         operation::operation<ConfirmMfaEnrolment>(
             {.access = Access::read,
              .resources = operation::anyone,
              .handle = [](Call&, const ConfirmMfaEnrolmentRequest& request) -> Result<SignInOutcome> {
                  if (request.attempt_token == "over") return signin::errors::invalid_token_exception("over");
                  if (request.mfa_code == "123456") return outcome_of(SignInStep::done);
                  return signin::errors::sign_in_failed_exception("The code is not correct. Enter the newest one.");
              }}),
         operation::operation<RequestRootPassword>(
             {.access = Access::read,
              .resources = operation::anyone,
              .handle = [](Call&, const RequestRootPasswordRequest&) -> Result<RequestRootPasswordResponse> {
                  return RequestRootPasswordResponse{};
              }}),
         operation::operation<DescribeRootPasswordLink>(
             {.access = Access::read,
              .resources = operation::anyone,
              .handle = [](Call&,
                           const DescribeRootPasswordLinkRequest& request) -> Result<DescribeRootPasswordLinkResponse> {
                  if (request.token != "good") return signin::errors::invalid_token_exception("over");
                  return DescribeRootPasswordLinkResponse{.email_address = "root@example.com"};
              }}),
         operation::operation<SetRootPassword>(
             {.access = Access::read,
              .resources = operation::anyone,
              .handle = [](Call&, const SetRootPasswordRequest& request) -> Result<SetRootPasswordResponse> {
                  if (request.token != "good") return signin::errors::invalid_token_exception("over");
                  if (request.password == "fine") return SetRootPasswordResponse{};
                  return signin::errors::sign_in_failed_exception("The new password does not comply with the rules.");
              }}),
         operation::operation<VerifyMfaCode>(
             {.access = Access::read,
              .resources = operation::anyone,
              .handle = [](Call&, const VerifyMfaCodeRequest& request) -> Result<SignInOutcome> {
                  if (request.attempt_token == "over") return signin::errors::invalid_token_exception("over");
                  if (request.mfa_code == "123456") return outcome_of(SignInStep::done);
                  return signin::errors::sign_in_failed_exception("The code is not correct. Enter the newest one.");
              }}),
         operation::operation<ReplacePassword>(
             {.access = Access::read,
              .resources = operation::anyone,
              .handle = [](Call&, const ReplacePasswordRequest& request) -> Result<SignInOutcome> {
                  if (request.old_password == "one-time") return outcome_of(SignInStep::done);
                  return signin::errors::sign_in_failed_exception("The current password is not correct.");
              }}),
         operation::operation<DescribeOAuth2Access>(
             {.access = Access::read,
              .resources = operation::any_signed_in,
              .handle = [](Call&, const DescribeOAuth2AccessRequest& request) -> Result<DescribeOAuth2AccessResponse> {
                  SEK_TRY(const bool is_remote, crosses(request));
                  DescribeOAuth2AccessResponse response{.cross_device = is_remote, .redirect_uri = {}};
                  if (!is_remote) response.redirect_uri = request.redirect_uri;
                  return response;
              }}),
         operation::operation<AuthorizeOAuth2Access>(
             {.access = Access::read,
              .resources = operation::any_signed_in,
              .handle = [](Call&,
                           const AuthorizeOAuth2AccessRequest& request) -> Result<AuthorizeOAuth2AccessResponse> {
                  SEK_TRY(const bool is_remote, crosses(request));
                  return AuthorizeOAuth2AccessResponse{.code = "the-code", .cross_device = is_remote};
              }}),
         operation::operation<GetConsoleCredentials>(
             {.access = Access::read,
              .resources = operation::any_signed_in,
              .handle = [](Call& call, const GetConsoleCredentialsRequest&) -> Result<GetConsoleCredentialsResponse> {
                  return GetConsoleCredentialsResponse{
                      .credentials = {.access_key_id = "ASIA", .secret_access_key = "s", .session_token = "t"},
                      .expiration = call.now};
              }}),
         operation::operation<EndConsoleSession>(
             {.access = Access::write,
              .resources = operation::any_signed_in,
              .handle = [](Call& call, const EndConsoleSessionRequest&) -> Result<EndConsoleSessionResponse> {
                  SEK_TRY([[maybe_unused]] const bool lived,
                          domain::login_sessions.erase(call.tx, *call.caller.root.sign_in_session_id));
                  return EndConsoleSessionResponse{};
              }})});
}

class IamPages : public testing::Test {
 protected:
    IamPages() : house_({register_answers}), user_(house_.user("alice", "")) {
        house_.environment().public_url = "https://localhost:7443";
        domain::LoginProfile profile;
        profile.account_id = user_.account_id;
        profile.user_name = "alice";
        profile.password_hash = Secret("hash");
        const domain::LoginSession session{.id = SignInSessionId(access::hash_of_secret(secret)),
                                           .account_id = user_.account_id,
                                           .user_id = user_.principal_id,
                                           .user_name = "alice",
                                           .password_stamp = domain::password_stamp(profile),
                                           .mfa_at = {},
                                           .created_at = house_.clock().now(),
                                           .expires_at = house_.clock().now() + hours(12)};
        const auto done = house_.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::login_profiles.put(tx, profile));
            return domain::login_sessions.put(tx, session);
        });
        if (!done) std::abort();
        portal_.emplace(house_.pipeline());
    }
    net::Response send(std::string method, std::string target, std::string body, bool is_logged_in) {
        net::Request request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.host = "localhost:7443";
        std::string cookies = "__Host-sekisho-form=browser-of-the-test";
        if (is_logged_in) cookies += "; __Host-sekisho-login=" + std::string(secret);
        request.headers = {{"Cookie", cookies},
                           {"Content-Type", "application/x-www-form-urlencoded"},
                           {"Origin", "https://localhost:7443"}};
        request.body = std::move(body);
        auto promise = std::make_shared<std::promise<net::Response>>();
        auto answer = promise->get_future();
        portal_->serve(std::move(request),
                       net::Responder::to([promise](net::Response got) { promise->set_value(std::move(got)); }));
        return answer.get();
    }
    net::Response get(std::string target, bool is_logged_in = false) {
        return send("GET", std::move(target), "", is_logged_in);
    }
    net::Response post(std::string target, const std::string& fields, bool is_logged_in = false) {
        const auto page = get(is_logged_in ? "/v1/authorize?" + std::string(query) : "/signin/iam", is_logged_in);
        constexpr std::string_view before = "name=\"form_token\" value=\"";
        const auto at = page.body.find(before) + before.size();
        const auto token = page.body.substr(at, page.body.find('"', at) - at);
        return send("POST", std::move(target), "form_token=" + token + "&" + fields, is_logged_in);
    }
    net::Response enter(const std::string& password, const std::string& return_to = "") {
        return post("/signin/iam", "account=harbour&username=alice&password=" + password + "&return_to=" + return_to);
    }
    static std::string header(const net::Response& response, std::string_view name) {
        const auto* found = response.find_header(name);
        return found ? *found : std::string();
    }
    operation::TestHouse house_;
    access::Caller user_;
    std::optional<Portal> portal_;
};

TEST_F(IamPages, APasswordLeadsToTheConsoleOrWhereOneWantedToGo) {
    const auto done = enter("right");
    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(header(done, "Location"), "/console/");
    EXPECT_THAT(header(done, "Set-Cookie"),
                StartsWith("__Host-sekisho-login=" + std::string(secret) + "; Path=/; Secure; HttpOnly; SameSite=Lax"));
    EXPECT_EQ(header(enter("right", "%2Fv1%2Fauthorize%3Fa%3Db"), "Location"), "/v1/authorize?a=b");
    EXPECT_EQ(header(enter("right", "https%3A%2F%2Fevil.example"), "Location"), "/console/");
    EXPECT_EQ(header(enter("elsewhere"), "Location"), "/console/");
}

TEST_F(IamPages, AWrongPasswordIsSaidAndTheRestIsKept) {
    const auto wrong = enter("wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_THAT(wrong.body, HasSubstr("The account, user name or password is not correct."));
    EXPECT_THAT(wrong.body, HasSubstr("value=\"harbour\""));
    EXPECT_THAT(wrong.body, Not(HasSubstr("value=\"wrong\"")));
    EXPECT_EQ(post("/signin/iam", "account=&username=&password=").status, 400);
}

TEST_F(IamPages, ACodeAndANewPasswordAreStepsOfTheirOwn) {
    EXPECT_THAT(enter("with-device").body, HasSubstr("action=\"/signin/iam/code\""));
    EXPECT_EQ(header(post("/signin/iam/code", "attempt=attempt&code=123456"), "Location"), "/console/");
    EXPECT_EQ(post("/signin/iam/code", "attempt=attempt&code=1").status, 401);
    EXPECT_EQ(post("/signin/iam/code", "attempt=over&code=123456").status, 400);
    EXPECT_THAT(enter("one-time").body, HasSubstr("action=\"/signin/iam/new-password\""));
    const std::string both = "&new_password=b&confirm_password=b";
    const std::string path = "/signin/iam/new-password";
    EXPECT_EQ(header(post(path, "attempt=attempt&current_password=one-time" + both), "Location"), "/console/");
    EXPECT_THAT(post(path, "attempt=attempt&current_password=x" + both).body,
                HasSubstr("The current password is not correct."));
    EXPECT_THAT(post(path, "attempt=attempt&current_password=x&new_password=a&confirm_password=b").body,
                HasSubstr("The passwords do not match."));
}

TEST_F(IamPages, BothKindsOfUserAreOfferedAndKeepWhereOneWantedToGo) {
    const auto iam = get("/signin/iam?return_to=%2Fv1%2Fauthorize%3Fa%3Db").body;
    EXPECT_THAT(iam, HasSubstr("href=\"/signin/root?return_to=%2Fv1%2Fauthorize%3Fa%3Db\""));
    const auto root = get("/signin/root?return_to=%2Fv1%2Fauthorize%3Fa%3Db").body;
    EXPECT_THAT(root, HasSubstr("href=\"/signin/iam?return_to=%2Fv1%2Fauthorize%3Fa%3Db\""));
    EXPECT_THAT(root, HasSubstr("name=\"return_to\" value=\"/v1/authorize?a=b\""));
    EXPECT_THAT(root, HasSubstr("href=\"/signin/root/forgot\""));
    const auto elsewhere = get("/signin/root?return_to=https%3A%2F%2Fevil.example").body;
    EXPECT_THAT(elsewhere, HasSubstr("name=\"return_to\" value=\"\""));
    EXPECT_THAT(elsewhere, HasSubstr("href=\"/signin/iam\""));
}

TEST_F(IamPages, ARootUsersStepsHaveTheirOwnPages) {
    const auto enter_root = [this](const std::string& password) {
        return post("/signin/root", "email=root%40example.com&password=" + password);
    };
    const auto wrong = enter_root("wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_THAT(wrong.body, HasSubstr("The email address or password is not correct."));
    EXPECT_THAT(wrong.body, HasSubstr("value=\"root@example.com\""));
    EXPECT_EQ(post("/signin/root", "email=&password=").status, 400);
    const auto code = enter_root("with-device");
    EXPECT_THAT(code.body, HasSubstr("action=\"/signin/root/code\""));
    EXPECT_EQ(header(post("/signin/root/code", "attempt=attempt&code=123456"), "Location"), "/console/");
    const auto over = post("/signin/root/code", "attempt=over&code=123456");
    EXPECT_EQ(over.status, 400);
    EXPECT_THAT(over.body, HasSubstr("action=\"/signin/root\""));
    EXPECT_EQ(header(get("/signin/root/code"), "Location"), "/signin/root");
}

TEST_F(IamPages, ARootUserRegistersAnAppAtTheFirstSignIn) {
    const auto page = post("/signin/root", "email=root%40example.com&password=first");
    EXPECT_THAT(page.body, HasSubstr("action=\"/signin/root/register\""));
    EXPECT_THAT(page.body, HasSubstr("ABCD EFGH"));
    EXPECT_THAT(page.body, HasSubstr("data:image/svg+xml;base64,PHN2Zy8+"));
    EXPECT_THAT(page.body, Not(HasSubstr("device_name")));
    const std::string fields = "&secret_key=ABCDEFGH&qr=PHN2Zy8%2B";
    const auto wrong = post("/signin/root/register", "attempt=attempt&code=000000" + fields);
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.body, HasSubstr("ABCD EFGH"));
    const auto done = post("/signin/root/register", "attempt=attempt&code=123456" + fields);
    EXPECT_THAT(header(done, "Set-Cookie"), StartsWith("__Host-sekisho-login=" + std::string(secret)));
    EXPECT_THAT(done.body, HasSubstr("href=\"/console/\""));
    EXPECT_EQ(post("/signin/root/register", "attempt=over&code=123456" + fields).status, 400);
}

TEST_F(IamPages, ALinkSetsTheRootUsersPassword) {
    EXPECT_EQ(post("/signin/root/forgot", "email=").status, 400);
    EXPECT_EQ(post("/signin/root/forgot", "email=root%40example.com").body.find("root@example.com"), std::string::npos)
        << "whether it is known is not told";
    const auto page = get("/signin/root/password?token=good");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("root@example.com"));
    EXPECT_THAT(page.body, HasSubstr("8 to 128 characters"));
    EXPECT_THAT(get("/signin/root/password?token=bad").body, HasSubstr("href=\"/signin/root/forgot\""));
    EXPECT_EQ(get("/signin/root/password").status, 400);
    const std::string path = "/signin/root/password";
    const auto set = [&](const std::string& token, const std::string& password, const std::string& again) {
        return post(path, "token=" + token + "&user=root%40example.com&new_password=" + password +
                              "&confirm_password=" + again);
    };
    EXPECT_THAT(set("good", "fine", "other").body, HasSubstr("The passwords do not match."));
    EXPECT_THAT(set("good", "poor", "poor").body, HasSubstr("does not comply with the rules"));
    EXPECT_THAT(set("bad", "fine", "fine").body, HasSubstr("href=\"/signin/root/forgot\""));
    EXPECT_THAT(set("good", "fine", "fine").body, HasSubstr("href=\"/signin/root\""));
}

TEST_F(IamPages, ACommandLineAsksAfterSignIn) {
    const auto asked = get("/v1/authorize?" + std::string(query));
    EXPECT_EQ(asked.status, 303);
    EXPECT_THAT(header(asked, "Location"), StartsWith("/signin/iam?return_to=%2Fv1%2Fauthorize%3Fclient_id"));
    const auto page = get("/v1/authorize?" + std::string(query), true);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("127.0.0.1:4321"));
    EXPECT_THAT(page.body, HasSubstr("name=\"state\" value=\"a&amp;b\""));
    EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("form-action 'self' http://127.0.0.1:4321;"));
    EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
    EXPECT_EQ(header(page, "X-Frame-Options"), "DENY");
    EXPECT_EQ(get("/v1/authorize?client_id=bad&redirect_uri=http%3A%2F%2Fevil.example", true).status, 400);
}

TEST_F(IamPages, TheAnswerGoesToTheCommandLine) {
    const auto allowed = post("/v1/authorize", std::string(query) + "&decision=allow", true);
    EXPECT_EQ(header(allowed, "Location"), "http://127.0.0.1:4321/oauth/callback?code=the-code&state=a%26b");
    const auto denied = post("/v1/authorize", std::string(query) + "&decision=deny", true);
    EXPECT_EQ(header(denied, "Location"), "http://127.0.0.1:4321/oauth/callback?error=access_denied&state=a%26b");
    const auto bad = post("/v1/authorize", "client_id=bad&redirect_uri=http%3A%2F%2Fevil.example&decision=deny", true);
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(header(bad, "Location"), "");
}

TEST_F(IamPages, AnotherDeviceReadsTheCodeOnThePage) {
    const auto shown =
        post("/v1/authorize",
             "client_id=arn%3Aaws%3Asignin%3A%3A%3Adevtools%2Fcross-device&redirect_uri=https%3A%2F%2Fa%2F"
             "v1%2Fsessions%2Fconfirmation&state=s&decision=allow",
             true);
    EXPECT_EQ(shown.status, 200);
    EXPECT_THAT(shown.body, HasSubstr(">c3RhdGU9cyZjb2RlPXRoZS1jb2Rl</pre>"));  // state=s&code=the-code
}

// The request of a command line outlives a change of language on the way.
TEST_F(IamPages, ALanguageIsChosenWithoutLosingOnesPlace) {
    const auto chosen =
        post("/preferences", "language=ja&return_to=%2Fsignin%2Fiam%3Freturn_to%3D%252Fv1%252Fauthorize");
    EXPECT_EQ(header(chosen, "Location"), "/signin/iam?return_to=%2Fv1%2Fauthorize");
    EXPECT_EQ(header(get("/signin/iam/code"), "Location"), "/signin/iam");
    EXPECT_EQ(header(post("/preferences", "language=ja&return_to=%2F%2Fevil.example"), "Location"), "/start");
}

// A form of before the sign-in, or of another user's session, is not taken.
TEST_F(IamPages, FormsBelongToTheSession) {
    const auto page = get("/signin/iam");
    constexpr std::string_view before = "name=\"form_token\" value=\"";
    const auto at = page.body.find(before) + before.size();
    const auto token = page.body.substr(at, page.body.find('"', at) - at);
    const auto body = "form_token=" + token + "&" + std::string(query) + "&decision=allow";
    EXPECT_EQ(send("POST", "/v1/authorize", body, true).status, 403);
}

TEST_F(IamPages, SigningOutEndsTheSession) {
    EXPECT_THAT(get("/signout/iam", true).body, HasSubstr(user_.arn));
    const auto out = post("/signout/iam", "", true);
    EXPECT_EQ(header(out, "Location"), "/signin/iam");
    EXPECT_THAT(header(out, "Set-Cookie"), StartsWith("__Host-sekisho-login=; "));
    EXPECT_EQ(header(get("/v1/authorize?" + std::string(query), true), "Location").substr(0, 11), "/signin/iam");
}

TEST_F(IamPages, TheConsolesDoorGivesTheUsersOwnCredentials) {
    const auto session = send("POST", "/console/session", "", true);
    EXPECT_THAT(session.body, HasSubstr("\"iamUser\":{\"accountId\":\"" + user_.account_id.str() + "\""));
    const auto given = send("POST", "/console/user-credentials", "", true);
    EXPECT_EQ(given.status, 200);
    EXPECT_THAT(given.body, HasSubstr("\"accessKeyId\":\"ASIA\""));
    EXPECT_EQ(send("POST", "/console/user-credentials", "", false).status, 401);
    EXPECT_EQ(send("POST", "/console/credentials", "", true).status, 401);  // of a person's role
}

}  // namespace
}  // namespace sekisho::portal
