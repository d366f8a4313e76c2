#include <atomic>
#include <future>

#include "base/limits.h"
#include "crypto/digest.h"
#include "domain/mail_texts.h"
#include "domain/oidc_client.h"
#include "operation/work_pool.h"
#include "services/sekisho/test_people.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;

class Administration : public People {
 protected:
    template <class Op>
    Result<typename Op::Response> admin(typename Op::Request request) {
        return house.call<Op>(house.administrator(), std::move(request));
    }
    template <class Request>
    Request about_person() {
        Request request;
        request.identity_store_id = store_id.str();
        request.user_id = person.id.str();
        return request;
    }
    Result<control::SetPasswordResponse> set_password(const std::string& password, bool change_required = false) {
        auto request = about_person<control::SetPasswordRequest>();
        request.password = password;
        request.change_required = change_required;
        return admin<control::SetPassword>(std::move(request));
    }
    std::string open_session(const std::string& password = good_password) {
        set_prompt(domain::MfaPrompt::never, domain::MissingDevice::allow);
        const auto done = enter("eksadmin", password);
        EXPECT_TRUE(done) << done.error().message;
        return done ? *done->session_token : "";
    }
};

TEST_F(Administration, ThePoolIsBounded) {
    operation::WorkPool pool(2, 3);
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    std::atomic<int> ran = 0;
    int taken = 0;
    for (int i = 0; i < 20; ++i) {
        taken += pool.submit([&ran, opened] {
            opened.wait();
            ++ran;
        });
    }
    EXPECT_GE(taken, 3);
    EXPECT_LE(taken, 5);
    gate.set_value();
    pool.wait_idle();
    EXPECT_EQ(ran, taken);
}

TEST_F(Administration, PasswordsSetByAnAdministrator) {
    EXPECT_EQ(set_password("weak").error().code, "InvalidPasswordException");
    ASSERT_TRUE(set_password(good_password));
    const auto session_token = open_session();
    ASSERT_TRUE(is_alive(session_token));
    ASSERT_TRUE(set_password("Second-Harbour-2"));
    EXPECT_FALSE(is_alive(session_token)) << "a new password ends what the old one opened";
    EXPECT_FALSE(enter("eksadmin", good_password));
    EXPECT_TRUE(enter("eksadmin", "Second-Harbour-2"));
}

TEST_F(Administration, TheLastThreePasswordsAreNotTakenAgain) {
    for (const auto* password : {"First-Harbour-1", "Second-Harbour-2", "Third-Harbour-3"}) {
        ASSERT_TRUE(set_password(password));
    }
    for (const auto* password : {"First-Harbour-1", "Second-Harbour-2", "Third-Harbour-3"}) {
        const auto refused = set_password(password);
        ASSERT_FALSE(refused) << password;
        EXPECT_THAT(refused.error().message, testing::HasSubstr("last three"));
    }
    ASSERT_TRUE(set_password("Fourth-Harbour-4"));
    EXPECT_TRUE(set_password("First-Harbour-1"));
}

TEST_F(Administration, AOneTimePasswordMustBeChanged) {
    auto request = about_person<control::ResetPasswordRequest>();
    request.mode = control::ResetPasswordMode::one_time_password;
    const auto reset = admin<control::ResetPassword>(request);
    ASSERT_TRUE(reset) << reset.error().message;
    set_prompt(domain::MfaPrompt::never, domain::MissingDevice::allow);
    const auto entered = enter("eksadmin", *reset->one_time_password);
    ASSERT_TRUE(entered);
    ASSERT_EQ(entered->step, SignInStep::new_password);
    EXPECT_FALSE(entered->session_token);
    const auto same = page<control::SubmitNewPassword>(
        {.attempt_token = *entered->attempt_token, .password = *reset->one_time_password});
    EXPECT_EQ(same->step, SignInStep::new_password);
    EXPECT_FALSE(same->password_problems->empty());
    const auto changed =
        page<control::SubmitNewPassword>({.attempt_token = *entered->attempt_token, .password = good_password});
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->step, SignInStep::done);
    // The attempt was for the one-time password only.
    EXPECT_EQ(page<control::SubmitNewPassword>({.attempt_token = *entered->attempt_token, .password = "Other-Pass-12"})
                  .error()
                  .code,
              "InvalidTokenException");
    EXPECT_EQ(enter("eksadmin", good_password)->step, SignInStep::done);
}

TEST_F(Administration, ForgottenPasswordsTellNothingAndResetOnce) {
    give_password();
    const auto session_token = open_session();
    EXPECT_TRUE(page<control::RequestPasswordReset>({.user_name = "nobody"}));
    EXPECT_TRUE(newest_mail("reset-password").empty());
    EXPECT_TRUE(page<control::RequestPasswordReset>({.user_name = "eksadmin"}));
    const auto token = newest_link_token("reset-password");
    ASSERT_FALSE(token.empty());
    EXPECT_EQ(page<control::DescribeInvitation>({.token = token})->purpose,
              control::MailedTokenPurpose::reset_password);
    // Again at once: no second mail, so the first link stays good.
    EXPECT_TRUE(page<control::RequestPasswordReset>({.user_name = "eksadmin"}));
    const auto set =
        page<control::SetInvitedPassword>({.token = token, .attempt_token = {}, .password = "Second-Harbour-2"});
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_FALSE(is_alive(session_token));
    EXPECT_FALSE(
        page<control::SetInvitedPassword>({.token = token, .attempt_token = {}, .password = "Third-Harbour-3"}));
    for (int i = 0; i < limits::password_resets_per_address_max; ++i) {
        (void)page<control::RequestPasswordReset>({.user_name = "nobody"});
    }
    EXPECT_EQ(page<control::RequestPasswordReset>({.user_name = "nobody"}).error().code, "ThrottlingException");
}

TEST_F(Administration, SessionsAreListedAndEnded) {
    give_password();
    house.clock().advance(seconds(1));
    const auto before = admin<control::ListSessions>(about_person<control::ListSessionsRequest>())->sessions.size();
    const auto first = open_session();
    const auto second = open_session();
    auto listed = admin<control::ListSessions>(about_person<control::ListSessionsRequest>());
    ASSERT_EQ(listed->sessions.size(), before + 2);
    auto end = about_person<control::EndSessionRequest>();
    end.session_id = access::hash_of_secret(first);
    ASSERT_TRUE(admin<control::EndSession>(end));
    EXPECT_FALSE(is_alive(first));
    EXPECT_TRUE(is_alive(second));
    EXPECT_EQ(admin<control::EndSession>(end).error().code, "ResourceNotFoundException");
    EXPECT_EQ(admin<control::EndSession>(about_person<control::EndSessionRequest>())->ended_sessions,
              static_cast<std::int32_t>(before + 1));
    EXPECT_FALSE(is_alive(second));
    const auto third = open_session();
    set_enabled(false);
    EXPECT_TRUE(admin<control::ListSessions>(about_person<control::ListSessionsRequest>())->sessions.empty());
    EXPECT_FALSE(is_alive(third));
}

TEST_F(Administration, SigningOut) {
    give_password();
    const auto first = open_session();
    const auto second = open_session();
    ASSERT_TRUE(page<control::SignOut>({.session_token = first}));
    EXPECT_FALSE(is_alive(first));
    EXPECT_TRUE(is_alive(second));
    EXPECT_EQ(page<control::SignOutEverywhere>({.session_token = first})->ended_sessions, 0);
    EXPECT_TRUE(is_alive(second)) << "a dead session has no say";
    EXPECT_GE(page<control::SignOutEverywhere>({.session_token = second})->ended_sessions, 1);
    EXPECT_FALSE(is_alive(second));
}

TEST_F(Administration, DevicesAreListedRenamedAndDeleted) {
    give_password();
    (void)enrol(*enter("eksadmin", good_password)->attempt_token);
    auto listed = admin<control::ListMfaDevices>(about_person<control::ListMfaDevicesRequest>());
    ASSERT_EQ(listed->mfa_devices.size(), 1U);
    auto rename = about_person<control::UpdateMfaDeviceRequest>();
    rename.device_id = listed->mfa_devices.front().device_id;
    rename.display_name = "Work phone";
    EXPECT_EQ(admin<control::UpdateMfaDevice>(rename)->mfa_device.display_name, "Work phone");
    auto erase = about_person<control::DeleteMfaDeviceRequest>();
    erase.device_id = rename.device_id;
    ASSERT_TRUE(admin<control::DeleteMfaDevice>(erase));
    EXPECT_EQ(admin<control::DeleteMfaDevice>(erase).error().code, "ResourceNotFoundException");
    EXPECT_EQ(enter("eksadmin", good_password)->step, SignInStep::mfa_enrolment);
}

TEST_F(Administration, ASignedInPersonRegistersAtMostTwoApps) {
    give_password();
    (void)enrol(*enter("eksadmin", good_password)->attempt_token);
    const auto caller = signed_in(session);
    const auto add = [&] {
        const auto started = page<control::StartMfaEnrolment>({.type = control::MfaType::authenticator_app}, caller);
        if (!started) return started.error().code;
        const auto confirmed = page<control::ConfirmMfaEnrolment>(
            {.enrolment_token = started->enrolment_token, .code = code_of(*started->seed)}, caller);
        return confirmed ? std::string() : confirmed.error().code;
    };
    EXPECT_EQ(add(), "");
    EXPECT_EQ(add(), "ValidationException");
    center.mfa.users_manage_devices = false;
    save_center();
    EXPECT_EQ(add(), "AccessDeniedException");
}

TEST_F(Administration, SignInStateIsShown) {
    auto seen = admin<control::DescribeUserSignIn>(about_person<control::DescribeUserSignInRequest>());
    ASSERT_TRUE(seen);
    EXPECT_FALSE(seen->password_set);
    ASSERT_TRUE(admin<control::InviteUser>(about_person<control::InviteUserRequest>()));
    seen = admin<control::DescribeUserSignIn>(about_person<control::DescribeUserSignInRequest>());
    EXPECT_EQ(seen->invited_date, house.clock().now());
    house.clock().advance(seconds(2));
    give_password();
    for (int i = 0; i < limits::user_failures_free; ++i) (void)enter("eksadmin", "Wrong-Password-1");
    seen = admin<control::DescribeUserSignIn>(about_person<control::DescribeUserSignInRequest>());
    EXPECT_TRUE(seen->password_set);
    EXPECT_TRUE(seen->email_verified);
    EXPECT_EQ(seen->locked_until_date, house.clock().now() + seconds(limits::lock_seconds_first));
    EXPECT_EQ(house
                  .call<control::DescribeUserSignIn>(house.user("nobody", ""),
                                                     about_person<control::DescribeUserSignInRequest>())
                  .error()
                  .code,
              "AccessDeniedException");
}

TEST_F(Administration, MailIsReadByItsAccountOnly) {
    ASSERT_TRUE(admin<control::InviteUser>(about_person<control::InviteUserRequest>()));
    const auto listed = admin<control::ListMail>({.to = "EKSADMIN@example.com"});
    ASSERT_EQ(listed->mail.size(), 1U);
    EXPECT_EQ(listed->mail.front().state, control::MailState::outbox);
    EXPECT_TRUE(admin<control::ListMail>({.to = "other@example.com"})->mail.empty());
    const auto id = listed->mail.front().mail_id;
    EXPECT_THAT(*admin<control::GetMail>({.mail_id = id})->text, testing::HasSubstr("/invitation?token="));
    const auto stranger =
        house.user("admin", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})",
                   AccountId("555566667777"));
    EXPECT_EQ(house.call<control::GetMail>(stranger, {.mail_id = id}).error().code, "ResourceNotFoundException");
    EXPECT_TRUE(house.call<control::ListMail>(stranger, {})->mail.empty());
    EXPECT_FALSE(house.call<control::RecordMailState>(
        stranger,
        {.account_id = operation::TestHouse::account.str(), .mail_id = id, .state = control::MailState::sent}));
}

// A link that makes whoever reads it an account's root user: shown only where it reaches nobody otherwise.
TEST_F(Administration, MailToARootUserIsHiddenOnceMailLeaves) {
    std::string id;
    write([&](store::Transaction& tx) -> Result<void> {
        auto mail = domain::compose_organization_mail(domain::OrganizationMailKind::root_password,
                                                      {.link = "https://localhost:7443/x?token=secret"});
        mail.account_id = operation::TestHouse::account;
        mail.to = "root@example.com";
        SEK_TRY(id, domain::enqueue_mail(tx, std::move(mail), house.clock().now(), system_random()));
        return {};
    });
    EXPECT_THAT(*admin<control::GetMail>({.mail_id = id})->text, testing::HasSubstr("token=secret"));
    house.environment().sends_mail = true;
    const auto hidden = admin<control::GetMail>({.mail_id = id});
    EXPECT_THAT(*hidden->text, testing::Not(testing::HasSubstr("secret")));
    EXPECT_FALSE(hidden->html);
    EXPECT_EQ(hidden->mail.to, "root@example.com");
}

TEST_F(Administration, MailIsPagedNewestFirst) {
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(admin<control::InviteUser>(about_person<control::InviteUserRequest>()));
        house.clock().advance(seconds(1));
    }
    std::vector<Time> seen;
    control::ListMailRequest request{.max_results = 2};
    do {
        const auto listed = admin<control::ListMail>(request);
        ASSERT_TRUE(listed);
        for (const auto& mail : listed->mail) seen.push_back(mail.created_date);
        request.next_token = listed->next_token;
    } while (request.next_token);
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>()));
}

TEST_F(Administration, MailIsSentAndItsStateKept) {
    house.environment().sends_mail = true;
    std::vector<std::string> sent_to;
    bool fails = true;
    register_workers(house.outbox(), house.pipeline(),
                     [&](const domain::Mail& mail, std::move_only_function<void(Result<void>)> done) {
                         if (std::exchange(fails, false)) return done(errors::internal_failure("no route"));
                         sent_to.push_back(mail.to);
                         done({});
                     });
    ASSERT_TRUE(admin<control::InviteUser>(about_person<control::InviteUserRequest>()));
    ASSERT_TRUE(house.settle());
    auto mail = admin<control::ListMail>({})->mail.front();
    EXPECT_EQ(mail.state, control::MailState::outbox);
    EXPECT_EQ(mail.failure_reason, "no route");
    house.clock().advance(seconds(5));
    ASSERT_TRUE(house.settle());
    mail = admin<control::ListMail>({})->mail.front();
    EXPECT_EQ(mail.state, control::MailState::sent);
    EXPECT_EQ(sent_to, std::vector<std::string>{"eksadmin@example.com"});
}

class Consent : public Administration {
 protected:
    Consent() {
        give_password();
        caller = signed_in(open_session());
    }
    void write_grant(const std::string& code, const IdentityStoreId& store) {
        write([&](store::Transaction& tx) {
            return domain::device_grants.put(tx, {.device_code_hash = access::hash_of_secret(code),
                                                  .user_code = code,
                                                  .client_name = "cli",
                                                  .scopes = {"sso:account:access"},
                                                  .state = "pending",
                                                  .source_address = "198.51.100.1",
                                                  .created_at = house.clock().now(),
                                                  .expires_at = house.clock().now() + minutes(10),
                                                  .identity_store_id = store});
        });
    }
    control::DescribeAuthorizationRequestRequest request_of(const domain::ClientRegistration& client) {
        control::DescribeAuthorizationRequestRequest request;
        request.client_id =
            house.environment().tokens->seal(domain::client_id_purpose, *domain::encode_client_registration(client));
        request.redirect_uri = "http://127.0.0.1:4321/oauth/callback";
        request.response_type = "code";
        request.code_challenge_method = "S256";
        request.code_challenge = encode_base64url(crypto::sha256("verifier").view());
        request.scopes = {"sso:account:access"};
        request.state = "a b&c";
        return request;
    }
    domain::ClientRegistration client() {
        return {.name = "cli",
                .scopes = {"sso:account:access"},
                .grant_types = {"authorization_code", "refresh_token"},
                .redirect_uris = {"http://127.0.0.1/oauth/callback"},
                .issued_at = house.clock().now(),
                .expires_at = house.clock().now() + hours(1)};
    }
    access::Caller caller;
};

TEST_F(Consent, DevicesAreShownAndDecidedOnce) {
    write_grant("BCDF-GHJK", store_id);
    const auto shown = page<control::DescribeDeviceAuthorization>({.user_code = "bcdf ghjk"}, caller);
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(shown->source_address, "198.51.100.1");
    EXPECT_EQ(page<control::DescribeDeviceAuthorization>({.user_code = "BCDF-GHJK"}).error().http_status, 403);
    ASSERT_TRUE(page<control::DecideDeviceAuthorization>(
        {.user_code = "BCDF-GHJK", .decision = control::AuthorizationDecision::allow}, caller));
    const auto snapshot = house.store().snapshot();
    const auto grant = *domain::device_grants.get(snapshot, access::hash_of_secret("BCDF-GHJK"));
    EXPECT_EQ(grant->state, "allowed");
    EXPECT_EQ(grant->session_id, caller.root.sign_in_session_id);
    EXPECT_EQ(page<control::DecideDeviceAuthorization>(
                  {.user_code = "BCDF-GHJK", .decision = control::AuthorizationDecision::deny}, caller)
                  .error()
                  .code,
              "ConflictException");
}

TEST_F(Consent, CodesOfOtherStoresAndOldCodesAreNotShownAndGuessingIsLocked) {
    write_grant("BCDF-GHJK", IdentityStoreId("d-0000000000"));
    EXPECT_EQ(page<control::DescribeDeviceAuthorization>({.user_code = "BCDF-GHJK"}, caller).error().code,
              "ResourceNotFoundException");
    write_grant("BCDF-GHJL", store_id);
    house.clock().advance(minutes(10));
    EXPECT_EQ(page<control::DescribeDeviceAuthorization>({.user_code = "BCDF-GHJL"}, caller).error().code,
              "ExpiredTokenException");
    for (int i = 1; i < limits::address_failures_free; ++i) {
        (void)page<control::DescribeDeviceAuthorization>({.user_code = "XXXX-XXXX"}, caller);
    }
    EXPECT_EQ(page<control::DescribeDeviceAuthorization>({.user_code = "XXXX-XXXX"}, caller).error().code,
              "LockedException");
}

TEST_F(Consent, CodeRequestsAreChecked) {
    ASSERT_TRUE(page<control::DescribeAuthorizationRequest>(request_of(client())));
    const auto refused = [&](auto change) {
        auto request = request_of(client());
        change(request);
        const auto answer = page<control::DescribeAuthorizationRequest>(request);
        return !answer && answer.error().code == "ValidationException";
    };
    EXPECT_TRUE(refused([](auto& r) { r.client_id = "forged"; }));
    EXPECT_TRUE(refused([](auto& r) { r.redirect_uri = "https://evil.example/oauth/callback"; }));
    EXPECT_TRUE(refused([](auto& r) { r.redirect_uri = "http://127.0.0.1:1/other"; }));
    EXPECT_TRUE(refused([](auto& r) { r.code_challenge_method = "plain"; }));
    EXPECT_TRUE(refused([](auto& r) { r.code_challenge_method.reset(); }));
    EXPECT_TRUE(refused([](auto& r) { r.code_challenge = "short"; }));
    EXPECT_TRUE(refused([](auto& r) { r.response_type = "token"; }));
    EXPECT_TRUE(refused([](auto& r) { r.scopes = {"all"}; }));
    auto old = client();
    old.expires_at = house.clock().now();
    EXPECT_FALSE(page<control::DescribeAuthorizationRequest>(request_of(old)));
    auto device_only = client();
    device_only.grant_types.clear();
    EXPECT_FALSE(page<control::DescribeAuthorizationRequest>(request_of(device_only)));
}

TEST_F(Consent, DecisionsRedirectToTheClient) {
    const auto asked = request_of(client());
    control::DecideAuthorizationRequestRequest request{.client_id = asked.client_id,
                                                       .redirect_uri = asked.redirect_uri,
                                                       .state = asked.state,
                                                       .code_challenge = asked.code_challenge,
                                                       .code_challenge_method = asked.code_challenge_method,
                                                       .response_type = asked.response_type,
                                                       .scopes = asked.scopes,
                                                       .decision = control::AuthorizationDecision::deny};
    EXPECT_FALSE(page<control::DecideAuthorizationRequest>(request)) << "nobody is signed in";
    const auto denied = page<control::DecideAuthorizationRequest>(request, caller);
    ASSERT_TRUE(denied);
    EXPECT_THAT(denied->redirect_to, testing::StartsWith(asked.redirect_uri + "?error=access_denied"));
    EXPECT_THAT(denied->redirect_to, testing::EndsWith("&state=a%20b%26c"));
    request.decision = control::AuthorizationDecision::allow;
    const auto allowed = page<control::DecideAuthorizationRequest>(request, caller);
    ASSERT_TRUE(allowed);
    const auto at = allowed->redirect_to.find("?code=") + 6;
    const auto code = allowed->redirect_to.substr(at, allowed->redirect_to.find('&') - at);
    const auto snapshot = house.store().snapshot();
    const auto grant = *domain::code_grants.get(snapshot, access::hash_of_secret(code));
    ASSERT_TRUE(grant);
    EXPECT_EQ(grant->person_id, person.id);
    EXPECT_EQ(grant->redirect_uri, asked.redirect_uri);
    EXPECT_TRUE(grant->refreshes);
}

TEST_F(Consent, ThePortalShowsItsPerson) {
    const auto seen = page<control::DescribePortal>({}, caller);
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_EQ(seen->user_name, "eksadmin");
    EXPECT_EQ(seen->email_address, "eksadmin@example.com");
    EXPECT_FALSE(seen->sessions->empty());
    EXPECT_TRUE(page<control::ListPortalAccounts>({}, caller)->accounts.empty());
    EXPECT_FALSE(page<control::DescribePortal>({}));
}

}  // namespace
}  // namespace sekisho::control_service
