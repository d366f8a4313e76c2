// What people do to their own account, and what administrators do for those who cannot.
#include "base/json.h"
#include "domain/mail_texts.h"
#include "services/sekisho/test_people.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using testing::ElementsAre;
using testing::HasSubstr;

class OwnAccount : public People {
 protected:
    OwnAccount() { give_password(); }

    // Signs in without a second factor.
    std::string sign_in(const std::string& password = good_password) {
        const auto before = center.mfa;
        set_prompt(domain::MfaPrompt::never, domain::MissingDevice::allow);
        const auto answer = enter("eksadmin", password);
        center.mfa = before;
        save_center();
        EXPECT_TRUE(answer) << answer.error().message;
        return answer ? answer->session_token.value_or("") : "";
    }
    Result<control::ChangeOwnPasswordResponse> change(const std::string& session_token, const std::string& current,
                                                      const std::string& password) {
        return page<control::ChangeOwnPassword>({.current_password = current, .password = password},
                                                signed_in(session_token));
    }
    control::DescribePortalResponse portal(const std::string& session_token) {
        const auto described = page<control::DescribePortal>({}, signed_in(session_token));
        EXPECT_TRUE(described) << described.error().message;
        return described ? *described : control::DescribePortalResponse{};
    }
    std::vector<domain::MfaDevice> devices() {
        const auto snapshot = house.store().snapshot();
        return domain::mfa_devices.scan(snapshot, store::prefix(person.id))->items;
    }
};

TEST_F(OwnAccount, APasswordIsChangedWithTheCurrentOne) {
    const auto here = sign_in();
    const auto elsewhere = sign_in();
    const auto wrong = change(here, "Wrong-password-1", "Another-Harbour-43!");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message, "The current password is not correct.");
    const auto weak = change(here, good_password, "weak");
    ASSERT_TRUE(weak);
    EXPECT_EQ(weak->password_problems->size(), 4);
    const auto same = change(here, good_password, good_password);
    ASSERT_TRUE(same);
    EXPECT_THAT(*same->password_problems, ElementsAre(HasSubstr("last three")));
    EXPECT_TRUE(is_alive(here));
    const auto changed = change(here, good_password, "Another-Harbour-43!");
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->ended_sessions, 1 + 1);  // elsewhere, and that of the invitation
    // The session goes on under another secret; the former ones are dead.
    EXPECT_TRUE(is_alive(*changed->session_token));
    EXPECT_FALSE(is_alive(here));
    EXPECT_FALSE(is_alive(elsewhere));
    EXPECT_THAT(newest_mail("password-changed"), HasSubstr("eksadmin"));
    EXPECT_FALSE(enter("eksadmin", good_password));
    EXPECT_TRUE(enter("eksadmin", "Another-Harbour-43!"));
}

TEST_F(OwnAccount, GuessingAtTheCurrentPasswordLocks) {
    const auto here = sign_in();
    std::string code;
    for (int i = 0; i < 10 && code != "LockedException"; ++i) {
        code = change(here, "Wrong-password-1", "Another-Harbour-43!").error().code;
    }
    EXPECT_EQ(code, "LockedException");
}

TEST_F(OwnAccount, NobodyChangesAnythingWithoutASession) {
    EXPECT_FALSE(
        page<control::ChangeOwnPassword>({.current_password = good_password, .password = "Another-Harbour-43!"}));
    EXPECT_FALSE(page<control::DeleteOwnMfaDevice>({.device_id = "x"}));
    EXPECT_FALSE(page<control::EndOwnSession>({.session_id = "x"}));
    EXPECT_FALSE(page<control::SendOwnEmailVerification>({}));
}

TEST_F(OwnAccount, SessionsAreListedAndEnded) {
    const auto here = sign_in();
    const auto elsewhere = sign_in();
    const auto shown = portal(here);
    std::string other;
    int current = 0;
    for (const auto& session : *shown.sessions) {
        if (session.session_id == access::hash_of_secret(elsewhere)) other = session.session_id;
        current += session.current.value_or(false) ? 1 : 0;
    }
    EXPECT_EQ(current, 1);
    ASSERT_TRUE(page<control::EndOwnSession>({.session_id = other}, signed_in(here)));
    EXPECT_FALSE(is_alive(elsewhere));
    EXPECT_TRUE(is_alive(here));
    // Another person's session is none of one's own.
    const auto eksadmin = person;
    house.clock().advance(seconds(1));  // the newest mail is told by its time
    person = add_person("mallory", "mallory@example.com");
    give_password();
    set_prompt(domain::MfaPrompt::never, domain::MissingDevice::allow);
    const auto mallory = enter("mallory", good_password)->session_token.value_or("");
    const auto refused = page<control::EndOwnSession>({.session_id = access::hash_of_secret(here)}, signed_in(mallory));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "ResourceNotFoundException");
    EXPECT_TRUE(is_alive(here));
}

TEST_F(OwnAccount, TheHistoryTellsSignInsAndFailures) {
    house.clock().advance(milliseconds(1));
    (void)enter("eksadmin", "Wrong-password-1", "198.51.100.9");
    house.clock().advance(milliseconds(1));
    const auto here = sign_in();
    const auto shown = portal(here);
    ASSERT_GE(shown.sign_ins->size(), 2);
    EXPECT_EQ((*shown.sign_ins)[0].outcome, control::Outcome::succeeded);
    EXPECT_EQ((*shown.sign_ins)[1].outcome, control::Outcome::failed);
    EXPECT_EQ((*shown.sign_ins)[1].source_address, "198.51.100.9");
    EXPECT_EQ((*shown.sign_ins)[1].credential_types, "PASSWORD");
    const auto listed = house.call<control::ListSignIns>(
        house.administrator(), {.identity_store_id = store_id.str(), .user_id = person.id.str(), .max_results = 1});
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_EQ(listed->sign_ins.size(), 1);
    const auto more = house.call<control::ListSignIns>(house.administrator(), {.identity_store_id = store_id.str(),
                                                                               .user_id = person.id.str(),
                                                                               .max_results = 1,
                                                                               .next_token = listed->next_token});
    ASSERT_TRUE(more);
    EXPECT_EQ(more->sign_ins[0].outcome, control::Outcome::failed);
}

TEST_F(OwnAccount, DevicesAreRenamedAndRemoved) {
    const auto asked = enter("eksadmin", good_password);
    (void)enrol(*asked->attempt_token);
    const auto me = signed_in(session);
    const auto id = devices()[0].id;
    const auto renamed = page<control::UpdateOwnMfaDevice>({.device_id = id, .display_name = "My phone"}, me);
    ASSERT_TRUE(renamed);
    EXPECT_EQ(renamed->mfa_device.display_name, "My phone");
    // The last one stays where nobody signs in without one.
    set_prompt(domain::MfaPrompt::always_on, domain::MissingDevice::block);
    const auto kept = page<control::DeleteOwnMfaDevice>({.device_id = id}, me);
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code, "ConflictException");
    center.mfa.users_manage_devices = false;
    set_prompt(domain::MfaPrompt::always_on, domain::MissingDevice::require_registration);
    EXPECT_EQ(page<control::DeleteOwnMfaDevice>({.device_id = id}, me).error().code, "AccessDeniedException");
    center.mfa.users_manage_devices = true;
    save_center();
    ASSERT_TRUE(page<control::DeleteOwnMfaDevice>({.device_id = id}, me));
    EXPECT_TRUE(devices().empty());
    EXPECT_THAT(newest_mail("mfa-device-removed"), HasSubstr("My phone"));
}

TEST_F(OwnAccount, AnAdministratorResetsLostDevices) {
    const auto asked = enter("eksadmin", good_password);
    (void)enrol(*asked->attempt_token);
    const auto thief = session;
    const auto reset = house.call<control::ResetMfaDevices>(
        house.administrator(), {.identity_store_id = store_id.str(), .user_id = person.id.str()});
    ASSERT_TRUE(reset) << reset.error().message;
    EXPECT_EQ(reset->removed_devices, 1);
    EXPECT_FALSE(is_alive(thief));
    EXPECT_EQ(enter("eksadmin", good_password)->step, SignInStep::mfa_enrolment);
}

TEST_F(OwnAccount, ARecoveryCodeStandsForTheDeviceOnce) {
    const auto asked = enter("eksadmin", good_password);
    (void)enrol(*asked->attempt_token);
    const auto made = house.call<control::CreateMfaRecoveryCode>(
        house.administrator(), {.identity_store_id = store_id.str(), .user_id = person.id.str()});
    ASSERT_TRUE(made) << made.error().message;
    const auto typed = [this](const std::string& code) {
        const auto again = enter("eksadmin", good_password);
        EXPECT_EQ(again->step, SignInStep::mfa_code);
        return page<control::SubmitMfaCode>({.attempt_token = *again->attempt_token, .code = code});
    };
    // However it is typed.
    std::string code = made->recovery_code;
    std::erase(code, '-');
    for (char& c : code) c = static_cast<char>(std::tolower(c));
    const auto signed_in = typed(code);
    ASSERT_TRUE(signed_in) << signed_in.error().message;
    EXPECT_TRUE(is_alive(*signed_in->session_token));
    EXPECT_FALSE(typed(code));
    // A newer one voids the former; an old one is over.
    const auto first = house.call<control::CreateMfaRecoveryCode>(
        house.administrator(), {.identity_store_id = store_id.str(), .user_id = person.id.str()});
    const auto second = house.call<control::CreateMfaRecoveryCode>(
        house.administrator(), {.identity_store_id = store_id.str(), .user_id = person.id.str()});
    EXPECT_FALSE(typed(first->recovery_code));
    house.clock().advance(hours(2));
    EXPECT_FALSE(typed(second->recovery_code));
}

TEST_F(OwnAccount, AddressesAreVerifiedByAMail) {
    const auto sent = house.call<control::SendEmailVerification>(
        house.administrator(), {.identity_store_id = store_id.str(), .user_id = person.id.str()});
    ASSERT_TRUE(sent) << sent.error().message;
    auto unverified = reload();
    unverified.emails[0].verified = false;
    write([&](store::Transaction& tx) { return domain::people.put(tx, unverified); });
    const auto token = newest_link_token("verify-email");
    ASSERT_TRUE(page<control::VerifyEmail>({.token = token}));
    EXPECT_TRUE(reload().emails[0].verified);
    EXPECT_FALSE(page<control::VerifyEmail>({.token = token}));
}

TEST_F(OwnAccount, ALinkInAMailboxThatIsNoLongerTheirsIsWorthNothing) {
    const auto sent = house.call<control::ResetPassword>(
        house.administrator(),
        {.identity_store_id = store_id.str(), .user_id = person.id.str(), .mode = control::ResetPasswordMode::email});
    ASSERT_TRUE(sent);
    auto moved = reload();
    moved.emails[0].value = "new-address@example.com";
    write([&](store::Transaction& tx) { return domain::people.put(tx, moved); });
    const auto token = newest_link_token("reset-password");
    ASSERT_NE(token, "");
    EXPECT_FALSE(page<control::DescribeInvitation>({.token = token}));
    EXPECT_FALSE(
        page<control::SetInvitedPassword>({.token = token, .attempt_token = {}, .password = "Another-Harbour-43!"}));
}

TEST_F(OwnAccount, ATrustedDeviceIsTrustedInItsOwnNetwork) {
    set_prompt(domain::MfaPrompt::context_aware, domain::MissingDevice::require_registration);
    const auto asked = enter("eksadmin", good_password);
    const auto seed = enrol(*asked->attempt_token);
    house.clock().advance(minutes(1));
    const auto again = enter("eksadmin", good_password, "203.0.113.7");
    control::SubmitMfaCodeRequest request{.attempt_token = *again->attempt_token, .code = code_of(seed)};
    request.remember_device = true;
    request.source_address = "203.0.113.7";
    const auto signed_in = page<control::SubmitMfaCode>(std::move(request));
    ASSERT_TRUE(signed_in) << signed_in.error().message;
    const auto device = signed_in->device_token;
    EXPECT_EQ(enter("eksadmin", good_password, "203.0.113.7", device)->step, SignInStep::done);
    EXPECT_EQ(enter("eksadmin", good_password, "203.0.113.200", device)->step, SignInStep::done);
    EXPECT_EQ(enter("eksadmin", good_password, "198.51.100.7", device)->step, SignInStep::mfa_code);
    EXPECT_EQ(enter("eksadmin", good_password, "203.0.113.7")->step, SignInStep::mfa_code);
}

TEST_F(OwnAccount, MailsComeInTheLanguageThatWasChosen) {
    const auto here = sign_in();
    control::UpdateOwnPreferencesRequest request;
    request.language = control::Language::ja;
    ASSERT_TRUE(page<control::UpdateOwnPreferences>(std::move(request), signed_in(here)));
    const auto sent = house.call<control::ResetPassword>(
        house.administrator(),
        {.identity_store_id = store_id.str(), .user_id = person.id.str(), .mode = control::ResetPasswordMode::email});
    ASSERT_TRUE(sent);
    EXPECT_THAT(newest_mail("reset-password"), HasSubstr("ユーザー名 eksadmin"));
    const auto mail = house.call<control::GetMail>(house.administrator(), {.mail_id = *sent->mail_id});
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->mail.language, control::Language::ja);
    EXPECT_THAT(*mail->html, HasSubstr("<html lang=\"ja\">"));
    EXPECT_THAT(*mail->html, HasSubstr("href=\"https://localhost:7443/invitation?token="));
}

TEST_F(OwnAccount, ABounceIsShown) {
    house.clock().advance(seconds(1));
    const auto sent = house.call<control::ResetPassword>(
        house.administrator(),
        {.identity_store_id = store_id.str(), .user_id = person.id.str(), .mode = control::ResetPasswordMode::email});
    ASSERT_TRUE(house.call<control::ReportMailBounce>(house.administrator(),
                                                      {.mail_id = *sent->mail_id, .reason = "550 no such mailbox"}));
    const auto described = house.call<control::DescribeUserSignIn>(
        house.administrator(), {.identity_store_id = store_id.str(), .user_id = person.id.str()});
    ASSERT_TRUE(described);
    ASSERT_TRUE(described->last_mail);
    EXPECT_EQ(described->last_mail->state, control::MailState::bounced);
    EXPECT_EQ(described->last_mail->failure_reason, "550 no such mailbox");
}

TEST(MailTexts, NamesAreTextInBothForms) {
    domain::Person person;
    person.user_name = "eve";
    person.display_name = "<b>Eve</b>\nhttps://evil.example/{link}";
    const auto mail = domain::compose_mail(domain::MailKind::verify_email, "en", person,
                                           {.link = "https://localhost:7443/verify-email?token=secret"});
    EXPECT_THAT(std::string(mail.text.expose()), HasSubstr("Hello <b>Eve</b> https://evil.example/{link},"));
    const auto html = domain::html_of_mail(mail.subject, mail.text.expose(), "en");
    EXPECT_THAT(html, HasSubstr("Hello &lt;b&gt;Eve&lt;/b&gt; https://evil.example/{link},"));
    EXPECT_EQ(html.find("href=\"https://evil"), std::string::npos);
    EXPECT_THAT(html, HasSubstr("href=\"https://localhost:7443/verify-email?token=secret\""));
}

}  // namespace
}  // namespace sekisho::control_service
