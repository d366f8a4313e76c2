// What the pages make of the operations' answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/test_pages.h"

namespace sekisho::portal {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AnsweredPages : public testing::Test {
 protected:
    PageHouse pages_;
};

TEST_F(AnsweredPages, PasswordStepShowsTheNameEscaped) {
    const auto answer = pages_.post("/signin", "username=%3Cscript%3E");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("<label for=\"password\">Password</label>"));
    EXPECT_THAT(answer.body, HasSubstr("<strong>&lt;script&gt;</strong>"));
    EXPECT_THAT(answer.body, Not(HasSubstr("<script>")));
}

TEST_F(AnsweredPages, AWrongPasswordIsSaidBesideTheField) {
    const auto answer = pages_.post("/signin/password", "attempt=a&username=alice&password=wrong");
    EXPECT_EQ(answer.status, 401);
    EXPECT_THAT(answer.body, HasSubstr("role=\"alert\">The user name or password is not correct.</p>"));
    EXPECT_THAT(answer.body, HasSubstr("aria-describedby=\"password-error\" aria-invalid=\"true\""));
    EXPECT_THAT(answer.body, Not(HasSubstr("value=\"wrong\"")));
}

TEST_F(AnsweredPages, AnAttemptThatIsOverStartsAgain) {
    const auto answer = pages_.post("/signin/password", "attempt=over&username=alice&password=x");
    EXPECT_THAT(answer.body, HasSubstr("<label for=\"username\">Username</label>"));
    EXPECT_THAT(answer.body, HasSubstr("role=\"alert\""));
}

TEST_F(AnsweredPages, ARightCodeSetsTheSessionAndGoesOn) {
    EXPECT_THAT(pages_.post("/signin/password", "attempt=a&username=alice&password=Right-1!").body,
                HasSubstr(">MFA code</label>"));
    const auto answer = pages_.post("/signin/code", "attempt=a&code=123456");
    EXPECT_EQ(answer.status, 303);
    EXPECT_EQ(PageHouse::header(answer, "Location"), "/account");
    EXPECT_THAT(PageHouse::header(answer, "Set-Cookie"),
                StartsWith("__Host-sekisho=" + std::string(session_secret) + ";"));
    EXPECT_EQ(pages_.post("/signin/code", "attempt=a&code=000000").status, 401);
}

TEST_F(AnsweredPages, EnrolmentKeepsItsSecretThroughAWrongCode) {
    EXPECT_THAT(pages_.post("/signin/password", "attempt=a&username=alice&password=Enrol-1!").body,
                HasSubstr(">Authenticator app</label>"));
    const auto started = pages_.post("/signin/register", "attempt=a&kind=app");
    EXPECT_THAT(started.body, HasSubstr("data-testid=\"mfa-secret\">ABCD EFGH"));
    EXPECT_THAT(started.body, HasSubstr("alt=\"QR code\""));
    const std::string fields = "attempt=a&enrolment=e&secret_key=ABCDEFGH&qr=PHN2Zz4%3D&code=";
    const auto wrong = pages_.post("/signin/register/confirm", fields + "000000");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.body, HasSubstr("data-testid=\"mfa-secret\">ABCD EFGH<"));
    EXPECT_THAT(wrong.body, HasSubstr("src=\"data:image/svg+xml;base64,PHN2Zz4=\""));
    const auto right = pages_.post("/signin/register/confirm", fields + "123456");
    EXPECT_EQ(right.status, 200);
    EXPECT_THAT(right.body, HasSubstr("href=\"/account\">Done</a>"));
    EXPECT_THAT(PageHouse::header(right, "Set-Cookie"), StartsWith("__Host-sekisho="));
}

TEST_F(AnsweredPages, InvitationChecksBothPasswordsOnTheServer) {
    EXPECT_THAT(pages_.get("/invitation?token=good").body, HasSubstr("New user sign up"));
    EXPECT_EQ(pages_.get("/invitation?token=bad").status, 400);
    EXPECT_EQ(pages_.get("/invitation").status, 400);
    EXPECT_THAT(pages_.post("/invitation", "token=good&user=alice&new_password=a&confirm_password=b").body,
                HasSubstr("The passwords do not match."));
    EXPECT_THAT(pages_.post("/invitation", "token=good&user=alice&new_password=a&confirm_password=a").body,
                HasSubstr("role=\"alert\">Use at least 8 characters."));
    EXPECT_THAT(
        pages_.post("/invitation", "token=good&user=alice&new_password=Right-1!&confirm_password=Right-1!").body,
        HasSubstr("Authenticator app"));
}

TEST_F(AnsweredPages, AnInvitationNeverAttachesToAnOpenSession) {
    const auto answer = pages_.get("/invitation?token=good", true);
    EXPECT_EQ(answer.status, 409);
    EXPECT_THAT(answer.body, HasSubstr("signed in as alice"));
    EXPECT_THAT(answer.body, Not(HasSubstr("New password")));
    EXPECT_THAT(answer.body, HasSubstr("name=\"return_to\" value=\"/invitation?token=good\""));
    const auto pressed = pages_.post("/invitation", "token=good&new_password=Right-1!&confirm_password=Right-1!", true);
    EXPECT_EQ(pressed.status, 409);
    const auto left = pages_.post("/signout", "return_to=%2Finvitation%3Ftoken%3Dgood", true);
    EXPECT_EQ(PageHouse::header(left, "Location"), "/invitation?token=good");
    EXPECT_THAT(PageHouse::header(left, "Set-Cookie"), StartsWith("__Host-sekisho=; "));
}

TEST_F(AnsweredPages, PortalListsAccountsAndRoles) {
    const auto answer = pages_.get("/start", true);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("111122223333"));
    EXPECT_THAT(answer.body, HasSubstr("&lt;b&gt;Evil&lt;/b&gt;"));
    EXPECT_THAT(answer.body, HasSubstr("/start/console?account_id=111122223333&amp;role_name=EKSClusterAdminAccess&amp;"
                                       "destination=https%3A%2F%2Fconsole.aws.amazon.com%2Feks"));
}

TEST_F(AnsweredPages, CredentialsInEveryForm) {
    const auto answer = pages_.get("/start/credentials?account_id=111122223333&role_name=ViewOnlyAccess", true);
    EXPECT_EQ(answer.status, 200);
    for (const auto* part : {"export AWS_ACCESS_KEY_ID=&quot;ASIAEXAMPLE1234567&quot;", "SET AWS_SESSION_TOKEN=TTT",
                             "$Env:AWS_SECRET_ACCESS_KEY=&quot;", "[111122223333_ViewOnlyAccess]\naws_access_key_id = ",
                             "https://localhost:7443/start", "eu-central-1"}) {
        EXPECT_THAT(answer.body, HasSubstr(part));
    }
    EXPECT_EQ(PageHouse::header(answer, "Cache-Control"), "no-store");
    EXPECT_EQ(pages_.get("/start/credentials?account_id=111122223333&role_name=Other", true).status, 403);
}

TEST_F(AnsweredPages, DeviceCodeIsConfirmedThenDecided) {
    const auto asked = pages_.get("/device?user_code=abcdefgh", true);
    EXPECT_THAT(asked.body, HasSubstr("ABCD-EFGH"));
    EXPECT_THAT(asked.body, HasSubstr("203.0.113.9"));
    EXPECT_THAT(asked.body, HasSubstr("Confirm and continue"));
    EXPECT_THAT(asked.body, Not(HasSubstr("Allow access")));
    EXPECT_THAT(pages_.post("/device", "user_code=ABCD-EFGH", true).body, HasSubstr("Allow access"));
    const auto done = pages_.post("/device/decide", "user_code=ABCD-EFGH&decision=allow", true);
    EXPECT_THAT(done.body, HasSubstr("Request approved"));
    EXPECT_THAT(done.body, Not(HasSubstr("<b>Evil")));
    EXPECT_THAT(pages_.post("/device/decide", "user_code=ABCD-EFGH&decision=deny", true).body,
                HasSubstr("Request denied"));
    EXPECT_EQ(pages_.get("/device?user_code=XXXX-XXXX", true).status, 400);
    EXPECT_EQ(pages_.post("/device/decide", "user_code=ABCD-EFGH", true).status, 303);  // no decision: asked again
}

TEST_F(AnsweredPages, ApplicationConsentLeadsToItsRegisteredAddressOnly) {
    const std::string request = "client_id=good&redirect_uri=http%3A%2F%2F127.0.0.1%3A4321%2Foauth%2Fcallback&state=s";
    const auto asked = pages_.get("/authorize?response_type=code&" + request, true);
    EXPECT_EQ(asked.status, 200);
    EXPECT_THAT(PageHouse::header(asked, "Content-Security-Policy"),
                HasSubstr("form-action 'self' http://127.0.0.1:4321;"));
    const auto allowed = pages_.post("/authorize", request + "&decision=allow", true);
    EXPECT_EQ(allowed.status, 303);
    EXPECT_EQ(PageHouse::header(allowed, "Location"), "http://127.0.0.1:4321/oauth/callback?code=c&state=s");
    EXPECT_EQ(PageHouse::header(pages_.post("/authorize", request + "&decision=deny", true), "Location"),
              "http://127.0.0.1:4321/oauth/callback?error=access_denied&state=s");
    const auto other = pages_.get("/authorize?client_id=good&redirect_uri=http%3A%2F%2Fevil.example%2F", true);
    EXPECT_THAT(PageHouse::header(other, "Content-Security-Policy"), HasSubstr("form-action 'self';"));
    const auto away =
        pages_.get("/authorize?client_id=good&redirect_uri=https%3A%2F%2Fapp.example%3A8443%2Fcb%3Fa", true);
    EXPECT_THAT(PageHouse::header(away, "Content-Security-Policy"),
                HasSubstr("form-action 'self' https://app.example:8443;"));
    const auto odd = pages_.get("/authorize?client_id=good&redirect_uri=https%3A%2F%2Fa%3B%20script-src%20*%2F", true);
    EXPECT_THAT(PageHouse::header(odd, "Content-Security-Policy"), HasSubstr("form-action 'self';"));
    const auto bad = pages_.get("/authorize?client_id=bad&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F", true);
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(PageHouse::header(bad, "Location"), "");
}

TEST_F(AnsweredPages, AFormOfBeforeSignInDoesNotServeASession) {
    const auto page = pages_.get("/signin");
    net::Request request;
    request.method = "POST";
    request.target = "/device/decide";
    request.headers = {
        {"Content-Type", "application/x-www-form-urlencoded"},
        {"Origin", "https://localhost:7443"},
        {"Cookie", "__Host-sekisho-form=browser-of-the-test; __Host-sekisho=" + std::string(session_secret)}};
    request.body = "user_code=ABCD-EFGH&decision=allow&form_token=" + PageHouse::token_in(page.body);
    EXPECT_EQ(pages_.serve(std::move(request)).status, 403);
}

TEST_F(AnsweredPages, SessionsEndByThemselves) {
    EXPECT_EQ(pages_.get("/account", true).status, 200);
    pages_.house().clock().advance(hours(9));
    EXPECT_EQ(PageHouse::header(pages_.get("/account", true), "Location"), "/signin?return_to=%2Faccount");
}

}  // namespace
}  // namespace sekisho::portal
