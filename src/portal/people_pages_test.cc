// Security keys, languages, themes, and what people do to their own account, as pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "portal/test_pages.h"
#include "portal/texts_japanese.h"

namespace sekisho::portal {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PeoplePages : public testing::Test {
 protected:
    net::Response get_with(std::string target, std::vector<net::Header> headers) {
        net::Request request;
        request.method = "GET";
        request.target = std::move(target);
        request.headers = std::move(headers);
        return pages_.serve(std::move(request));
    }
    PageHouse pages_;
};

TEST_F(PeoplePages, ASecurityKeyOrACode) {
    const auto asked = pages_.post("/signin/password", "attempt=a&username=alice&password=Right-1!");
    EXPECT_THAT(asked.body, HasSubstr(">MFA code</label>"));
    EXPECT_THAT(asked.body,
                HasSubstr("data-key=\"get\" data-options=\"{&quot;challenge&quot;:&quot;Y2hhbGxlbmdl&quot;"));
    // Without script the page says why there is no button.
    EXPECT_THAT(asked.body, HasSubstr("need JavaScript"));
    const std::string fields = "attempt=a&kind=app&options=%7B%22challenge%22%3A%22c%22%7D&credential=";
    const auto wrong = pages_.post("/signin/key", fields + "wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_THAT(wrong.body, HasSubstr("role=\"alert\">The security key was not accepted. Try again.</p>"));
    EXPECT_THAT(wrong.body, HasSubstr("data-options=\"{&quot;challenge&quot;:&quot;c&quot;}\""));
    EXPECT_EQ(pages_.post("/signin/key", fields).status, 401);
    const auto right = pages_.post("/signin/key", fields + "right");
    EXPECT_EQ(right.status, 303);
    EXPECT_THAT(PageHouse::header(right, "Set-Cookie"), StartsWith("__Host-sekisho="));
}

TEST_F(PeoplePages, AKeyIsRegisteredByItsAnswer) {
    EXPECT_THAT(pages_.post("/signin/password", "attempt=a&username=alice&password=Enrol-1!").body,
                HasSubstr("Security key or passkey"));
    EXPECT_THAT(pages_.post("/signin/register", "attempt=a&kind=key").body, HasSubstr("data-key=\"create\""));
    const std::string fields = "attempt=a&enrolment=e&options=%7B%7D&device_name=My+key&credential=";
    EXPECT_THAT(pages_.post("/signin/register/confirm", fields + "wrong").body, HasSubstr("value=\"My key\""));
    EXPECT_THAT(pages_.post("/signin/register/confirm", fields + "right").body, HasSubstr("Security key registered"));
}

TEST_F(PeoplePages, PasskeysAreOfferedWhereTheyAreAllowed) {
    EXPECT_THAT(pages_.get("/signin").body, Not(HasSubstr("/signin/passkey")));
    const auto asked = pages_.get("/signin/passkey?return_to=%2Faccount");
    EXPECT_THAT(asked.body, HasSubstr("data-at-once"));
    EXPECT_THAT(asked.body, HasSubstr("name=\"attempt\" value=\"passkey\""));
    EXPECT_EQ(pages_.post("/signin/passkey", "attempt=passkey&credential=right").status, 303);
    const auto wrong = pages_.post("/signin/passkey", "attempt=passkey&credential=wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_THAT(wrong.body, Not(HasSubstr("data-at-once")));  // a person presses the button
}

TEST_F(PeoplePages, AFirstSignInByAMailedCode) {
    EXPECT_THAT(pages_.post("/signin", "username=alice").body, Not(HasSubstr("/signin/first")));
    const auto done = pages_.house().store().commit_and_wait([](store::Transaction& tx) -> Result<void> {
        SEK_TRY(auto center, domain::identity_centers.get(tx, "arn:aws:sso:::instance/ssoins-1111222233334444"));
        center->email_one_time_passwords = true;
        return domain::identity_centers.put(tx, *center);
    });
    ASSERT_TRUE(done);
    EXPECT_THAT(pages_.post("/signin", "username=alice").body, HasSubstr("action=\"/signin/first\""));
    const auto asked = pages_.post("/signin/first", "attempt=a&username=%3Cb%3Ealice");
    EXPECT_EQ(asked.status, 200);
    EXPECT_THAT(asked.body, HasSubstr("If &lt;b&gt;alice has no password yet"));
    EXPECT_THAT(asked.body, HasSubstr("name=\"attempt\" value=\"attempt-7\""));
    EXPECT_EQ(pages_.post("/signin/first", "attempt=over&username=alice").status, 400);
    EXPECT_THAT(pages_.post("/signin/first", "attempt=busy&username=alice").body, HasSubstr("Too many requests."));
    const std::string fields = "attempt=attempt-7&username=alice&code=";
    const auto wrong = pages_.post("/signin/first/code", fields + "000000");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_THAT(wrong.body, HasSubstr("The code is not correct. Enter the newest one."));
    EXPECT_THAT(wrong.body, HasSubstr("value=\"attempt-7\""));
    EXPECT_EQ(pages_.post("/signin/first/code", fields).status, 401);
    const auto right = pages_.post("/signin/first/code", fields + "123456");
    EXPECT_EQ(right.status, 200);
    EXPECT_THAT(right.body, HasSubstr("Choose a password for the user alice."));
    EXPECT_THAT(right.body, HasSubstr("action=\"/signin/new-password\""));
}

TEST_F(PeoplePages, EveryTextHasItsJapanese) {
    // Texts holds string views and nothing else.
    static_assert(sizeof(Texts) % sizeof(std::string_view) == 0);
    constexpr std::size_t count = sizeof(Texts) / sizeof(std::string_view);
    const auto all = [](const Texts& texts) {
        std::vector<std::string_view> values(count);
        std::memcpy(static_cast<void*>(values.data()), &texts, sizeof(Texts));
        return values;
    };
    const auto ours = all(english);
    const auto theirs = all(japanese);
    const auto holes = [](std::string_view text) {
        std::size_t found = 0;
        for (auto at = text.find("{}"); at != std::string_view::npos; at = text.find("{}", at + 2)) ++found;
        return found;
    };
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(holes(ours[i]), holes(theirs[i])) << ours[i];
        const bool is_name = ours[i] == "Sekisho" || ours[i] == "PowerShell" || ours[i] == "Windows";
        if (!is_name) EXPECT_NE(ours[i], theirs[i]);
        EXPECT_FALSE(theirs[i].empty()) << ours[i];
    }
}

TEST_F(PeoplePages, TheLanguageIsTheBrowsersUntilItIsChosen) {
    EXPECT_THAT(get_with("/signin", {{"Accept-Language", "ja-JP,ja;q=0.9,en;q=0.8"}}).body,
                HasSubstr("<html lang=\"ja\">"));
    EXPECT_THAT(get_with("/signin", {{"Accept-Language", "fr, en;q=0.8, ja;q=0.5"}}).body,
                HasSubstr("<html lang=\"en\">"));
    EXPECT_THAT(get_with("/signin", {{"Accept-Language", "ja"}, {"Cookie", "__Host-sekisho-language=en"}}).body,
                HasSubstr("<html lang=\"en\">"));
    EXPECT_THAT(get_with("/signin", {{"Cookie", "__Host-sekisho-language=ja"}}).body, HasSubstr(">サインイン</h1>"));
    const auto chosen = pages_.post("/preferences", "language=ja&return_to=%2Faccount", true);
    EXPECT_EQ(PageHouse::header(chosen, "Location"), "/account");
    EXPECT_THAT(PageHouse::header(chosen, "Set-Cookie"), StartsWith("__Host-sekisho-language=ja; Path=/; Secure;"));
    EXPECT_EQ(
        PageHouse::header(pages_.post("/preferences", "language=ja&return_to=https%3A%2F%2Fevil.example"), "Location"),
        "/start");
}

TEST_F(PeoplePages, ErrorsAreSaidInJapaneseToo) {
    EXPECT_EQ(translate(japanese, "The user name or password is not correct."),
              "ユーザー名またはパスワードが正しくありません。");
    EXPECT_EQ(translate(english, "The user name or password is not correct."),
              "The user name or password is not correct.");
    EXPECT_EQ(translate(japanese, "Something else."), "Something else.");
}

TEST_F(PeoplePages, AThemeIsOneOfThree) {
    EXPECT_THAT(get_with("/signin", {{"Cookie", "__Host-sekisho-theme=dark"}}).body,
                HasSubstr("<html lang=\"en\" data-theme=\"dark\">"));
    EXPECT_THAT(get_with("/signin", {{"Cookie", "__Host-sekisho-theme=%22%3E"}}).body, HasSubstr("<html lang=\"en\">"));
    EXPECT_THAT(PageHouse::header(pages_.post("/preferences", "theme=system"), "Set-Cookie"),
                HasSubstr("__Host-sekisho-theme=; "));
}

TEST_F(PeoplePages, TheAccountPageTellsAndManages) {
    const auto page = pages_.get("/account", true);
    for (const auto* part :
         {"action=\"/account/devices/remove\"", "action=\"/account/devices/rename\"",
          "action=\"/account/sessions/end\"", "href=\"/account/password\"", "203.0.113.8", "Failed", "not verified"}) {
        EXPECT_THAT(page.body, HasSubstr(part));
    }
    EXPECT_THAT(page.body, Not(HasSubstr("<b>Evil")));
    EXPECT_EQ(PageHouse::header(pages_.post("/account/devices/remove", "device=1", true), "Location"), "/account");
    EXPECT_EQ(pages_.post("/account/devices/remove", "device=last", true).status, 409);
    EXPECT_THAT(PageHouse::header(pages_.post("/account/devices/remove", "device=1"), "Location"),
                StartsWith("/signin"));
}

TEST_F(PeoplePages, APasswordIsChangedAndTheSessionRenewed) {
    const std::string both = "&new_password=Right-2!&confirm_password=Right-2!";
    const auto wrong = pages_.post("/account/password", "current_password=Wrong" + both, true);
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.body, HasSubstr("The current password is not correct."));
    EXPECT_THAT(pages_.post("/account/password", "current_password=x&new_password=a&confirm_password=b", true).body,
                HasSubstr("The passwords do not match."));
    const auto changed = pages_.post("/account/password", "current_password=Right-1!" + both, true);
    EXPECT_EQ(PageHouse::header(changed, "Location"), "/account/password/changed?ended=3");
    EXPECT_THAT(PageHouse::header(changed, "Set-Cookie"), StartsWith("__Host-sekisho=renewed;"));
    EXPECT_THAT(pages_.get("/account/password/changed?ended=%3Cb%3E", true).body, HasSubstr("ended: 0."));
}

TEST_F(PeoplePages, ThePortalSearchesAndShowsApplications) {
    const auto page = pages_.get("/start", true);
    EXPECT_THAT(page.body, HasSubstr("data-search=\"/start/search\""));
    EXPECT_THAT(page.body, HasSubstr("Accounts: 2. Roles: 4."));
    EXPECT_THAT(page.body, HasSubstr("href=\"https://wiki.example.com/login\""));
    const auto found = pages_.get("/start/search?q=%3Cscript%3E", true);
    EXPECT_THAT(found.body, StartsWith("<div id=\"accounts-found\">"));
    EXPECT_THAT(found.body, Not(HasSubstr("<script>")));
    EXPECT_EQ(pages_.get("/start/search").status, 303);
}

TEST_F(PeoplePages, TheSetupIsOneScript) {
    EXPECT_THAT(pages_.get("/start/setup", true).body, HasSubstr("Profiles: 2."));
    const auto script = pages_.get("/start/setup/sekisho-setup.sh", true);
    EXPECT_EQ(PageHouse::header(script, "Content-Disposition"), "attachment; filename=\"sekisho-setup.sh\"");
    EXPECT_THAT(script.body, StartsWith("#!/bin/sh\n"));
    EXPECT_THAT(script.body, HasSubstr("W3Nzby1zZXNzaW9uIHNla2lzaG9dCg=="));  // [sso-session sekisho]
    // Run by nobody here: what it must not do is seen in its text. Only ASCII (Windows PowerShell reads a file without
    // a mark as the code page's), no text of ours outside base64, no kubeconfig written that kubectl did not give
    // whole.
    const auto powershell = pages_.get("/start/setup/sekisho-setup.ps1", true).body;
    EXPECT_THAT(powershell, HasSubstr("$config = Decode \"W3Nzby1zZXNzaW9uIHNla2lzaG9dCg==\"\n"));
    EXPECT_THAT(powershell, HasSubstr("if ($LASTEXITCODE -ne 0 -or -not $merged) { throw "));
    EXPECT_LT(powershell.find("$LASTEXITCODE"), powershell.find("WriteAllText($kubeConfigFile, $merged"));
    EXPECT_THAT(powershell, HasSubstr("$env:KUBECONFIG = $before\n"));
    EXPECT_TRUE(std::ranges::all_of(powershell, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
    const auto count = [&](char c) { return std::ranges::count(powershell, c); };
    EXPECT_EQ(count('{'), count('}'));
    EXPECT_EQ(count('('), count(')'));
    EXPECT_EQ(count('"') % 2, 0);
    EXPECT_EQ(pages_.get("/start/setup/config", true).body, "[sso-session sekisho]\n");
    EXPECT_EQ(pages_.get("/start/setup/kubeconfig.yaml", true).status, 404);
}

}  // namespace
}  // namespace sekisho::portal
