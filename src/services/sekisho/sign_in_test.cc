#include <ctime>

#include "base/limits.h"
#include "services/sekisho/test_people.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using domain::MfaPrompt;
using domain::MissingDevice;

using SignIn = People;

TEST_F(SignIn, TheWholePathMakesASession) {
    give_password();
    const auto entered = enter("eksadmin", good_password);
    ASSERT_TRUE(entered) << entered.error().message;
    ASSERT_EQ(entered->step, SignInStep::mfa_enrolment);
    EXPECT_FALSE(entered->session_token);
    const auto seed = enrol(*entered->attempt_token);
    ASSERT_TRUE(is_alive(session));

    house.clock().advance(minutes(1));
    const auto again = enter("eksadmin", good_password);
    ASSERT_EQ(again->step, SignInStep::mfa_code);
    const auto done = page<control::SubmitMfaCode>({.attempt_token = *again->attempt_token, .code = code_of(seed)});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->step, SignInStep::done);
    const auto caller = signed_in(*done->session_token);
    EXPECT_EQ(caller.root.person_id, person.id);
    const auto snapshot = house.store().snapshot();
    const auto record = *domain::sign_in_sessions.get(snapshot, *caller.root.sign_in_session_id);
    EXPECT_EQ(record->credential_types, "PASSWORD,TOTP");
    EXPECT_TRUE(record->mfa_done);
    EXPECT_EQ(record->expires_at, house.clock().now() + minutes(480));
}

TEST_F(SignIn, NamesAreComparedExactlyAndFailuresAreNeutral) {
    give_password();
    const auto wrong_case = enter("EKSADMIN", good_password);
    const auto wrong_password = enter("eksadmin", "Wrong-Password-1");
    const auto nobody = enter("nobody", good_password);
    set_enabled(false);
    const auto disabled = enter("eksadmin", good_password);
    for (const auto* refused : {&wrong_case, &wrong_password, &nobody, &disabled}) {
        ASSERT_FALSE(*refused);
        EXPECT_EQ(refused->error().code, "SignInFailedException");
        EXPECT_EQ(refused->error().message, wrong_password.error().message);
    }
}

TEST_F(SignIn, TheFirstStepTellsNothing) {
    give_password();
    const auto known = page<control::StartSignIn>({.user_name = "eksadmin"});
    const auto unknown = page<control::StartSignIn>({.user_name = "eksnobod"});
    EXPECT_EQ(known->step, unknown->step);
    EXPECT_EQ(known->attempt_token->size(), unknown->attempt_token->size());
    EXPECT_EQ(known->user_id, unknown->user_id);
    EXPECT_EQ(known->display_name, unknown->display_name);
}

// The time that an answer takes tells nothing either: the same hash is computed for nobody. Processor time of this
// process, so that other programs do not count.
TEST_F(SignIn, NamesThatNobodyHasCostTheSameWork) {
    give_password();
    const auto work = [this](const std::string& name) {
        const auto before = std::clock();
        for (int i = 0; i < 8; ++i) EXPECT_FALSE(enter(name, "Wrong-password-1"));
        return static_cast<double>(std::clock() - before);
    };
    (void)work("warm-up");
    const double ratio = work("eksadmin") / work("nobody");
    EXPECT_GT(ratio, 0.6);
    EXPECT_LT(ratio, 1.7);
}

TEST_F(SignIn, APersonWithoutAPasswordCannotSignIn) {
    const auto refused = enter("eksadmin", good_password);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "SignInFailedException");
}

TEST_F(SignIn, FailuresLockTheUserAndTheLockGrows) {
    give_password();
    for (int i = 0; i < limits::user_failures_free; ++i) {
        EXPECT_EQ(enter("eksadmin", "Wrong-Password-1", "198.51.100." + std::to_string(i)).error().code,
                  "SignInFailedException");
    }
    EXPECT_EQ(enter("eksadmin", good_password).error().code, "LockedException");
    house.clock().advance(seconds(limits::lock_seconds_first));
    EXPECT_EQ(enter("eksadmin", "Wrong-Password-1").error().code, "SignInFailedException");
    house.clock().advance(seconds(limits::lock_seconds_first));
    EXPECT_EQ(enter("eksadmin", good_password).error().code, "LockedException");
    house.clock().advance(seconds(limits::lock_seconds_first));
    EXPECT_TRUE(enter("eksadmin", good_password));
}

TEST_F(SignIn, NamesThatNobodyHasAreLockedAlike) {
    for (int i = 0; i < limits::user_failures_free; ++i) (void)enter("nobody", "Wrong-Password-1");
    EXPECT_EQ(enter("nobody", "Wrong-Password-1").error().code, "LockedException");
    EXPECT_EQ(enter("somebody", "Wrong-Password-1").error().code, "SignInFailedException");
}

TEST_F(SignIn, FailuresLockTheAddressForEveryName) {
    give_password();
    for (int i = 0; i < limits::address_failures_free; ++i) {
        (void)enter("nobody" + std::to_string(i), "Wrong-Password-1", "198.51.100.9");
    }
    EXPECT_EQ(enter("eksadmin", good_password, "198.51.100.9").error().code, "LockedException");
    EXPECT_TRUE(enter("eksadmin", good_password, "198.51.100.10"));
}

// Who has one IPv6 address has 2^64 of them.
TEST_F(SignIn, FailuresLockTheWholeNetworkOfAnIpv6Address) {
    give_password();
    for (int i = 0; i < limits::address_failures_free; ++i) {
        (void)enter("nobody" + std::to_string(i), "Wrong-Password-1", "2001:db8:1:2::" + std::to_string(i + 1));
    }
    EXPECT_EQ(enter("eksadmin", good_password, "2001:db8:1:2:ffff::9").error().code, "LockedException");
    EXPECT_TRUE(enter("eksadmin", good_password, "2001:db8:1:3::1"));
}

TEST_F(SignIn, TheRightPasswordAloneDoesNotForgetFailures) {
    give_password();
    (void)enrol(*enter("eksadmin", good_password)->attempt_token);
    // Whoever has the password cannot guess codes without end by entering it again.
    for (int i = 0; i < limits::user_failures_free; ++i) {
        const auto entered = enter("eksadmin", good_password);
        ASSERT_TRUE(entered);
        EXPECT_FALSE(page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = "000000"}));
    }
    EXPECT_EQ(enter("eksadmin", good_password).error().code, "LockedException");
}

TEST_F(SignIn, NoCodeIsTakenTwice) {
    give_password();
    const auto seed = enrol(*enter("eksadmin", good_password)->attempt_token);
    // The one of the enrolment is used up too.
    auto entered = enter("eksadmin", good_password);
    EXPECT_FALSE(page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = code_of(seed)}));
    house.clock().advance(seconds(30));
    const auto code = code_of(seed);
    EXPECT_TRUE(page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = code}));
    EXPECT_FALSE(page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = code}));
}

TEST_F(SignIn, OneStepOfDriftIsAllowed) {
    give_password();
    const auto seed = enrol(*enter("eksadmin", good_password)->attempt_token);
    house.clock().advance(minutes(2));
    const auto early = code_of(seed);
    house.clock().advance(seconds(30));
    EXPECT_TRUE(page<control::SubmitMfaCode>(
        {.attempt_token = *enter("eksadmin", good_password)->attempt_token, .code = early}));
    house.clock().advance(minutes(2));
    const auto stale = code_of(seed);
    house.clock().advance(seconds(60));
    EXPECT_FALSE(page<control::SubmitMfaCode>(
        {.attempt_token = *enter("eksadmin", good_password)->attempt_token, .code = stale}));
}

TEST_F(SignIn, StepsCannotBeSkippedNorTokensForged) {
    give_password();
    const auto started = page<control::StartSignIn>({.user_name = "eksadmin"});
    const auto& token = *started->attempt_token;
    EXPECT_EQ(page<control::SubmitMfaCode>({.attempt_token = token, .code = "123456"}).error().code,
              "InvalidTokenException");
    EXPECT_EQ(page<control::StartMfaEnrolment>({.attempt_token = token, .type = control::MfaType::authenticator_app})
                  .error()
                  .code,
              "InvalidTokenException");
    EXPECT_EQ(page<control::SubmitNewPassword>({.attempt_token = token, .password = good_password}).error().code,
              "InvalidTokenException");
    auto changed = token;
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_EQ(page<control::SubmitPassword>({.attempt_token = changed, .password = good_password}).error().code,
              "InvalidTokenException");
    house.clock().advance(seconds(limits::sign_in_attempt_seconds));
    EXPECT_EQ(page<control::SubmitPassword>({.attempt_token = token, .password = good_password}).error().code,
              "InvalidTokenException");
}

TEST_F(SignIn, DisablingEndsASignInUnderWay) {
    give_password();
    const auto seed = enrol(*enter("eksadmin", good_password)->attempt_token);
    house.clock().advance(minutes(1));
    const auto entered = enter("eksadmin", good_password);
    set_enabled(false);
    EXPECT_FALSE(is_alive(session));
    EXPECT_EQ(
        page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = code_of(seed)}).error().code,
        "InvalidTokenException");
    set_enabled(true);
    EXPECT_FALSE(is_alive(session)) << "enabled again, people sign in anew";
    EXPECT_EQ(
        page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = code_of(seed)}).error().code,
        "InvalidTokenException");
}

TEST_F(SignIn, MissingDevice) {
    give_password();
    set_prompt(MfaPrompt::always_on, MissingDevice::block);
    EXPECT_EQ(enter("eksadmin", good_password).error().code, "SignInFailedException");
    set_prompt(MfaPrompt::always_on, MissingDevice::allow);
    EXPECT_EQ(enter("eksadmin", good_password)->step, SignInStep::done);
    set_prompt(MfaPrompt::never, MissingDevice::block);
    EXPECT_EQ(enter("eksadmin", good_password)->step, SignInStep::done);

    set_prompt(MfaPrompt::always_on, MissingDevice::require_email_otp);
    const auto entered = enter("eksadmin", good_password);
    ASSERT_EQ(entered->step, SignInStep::email_code);
    const auto text = newest_mail("email-otp");
    const auto at = text.find("code is ");
    ASSERT_NE(at, std::string::npos);
    const auto code = text.substr(at + 8, 6);
    const auto wrong = code == "111111" ? "222222" : "111111";
    EXPECT_FALSE(page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = wrong}));
    EXPECT_TRUE(page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = code}));
    EXPECT_FALSE(page<control::SubmitMfaCode>({.attempt_token = *entered->attempt_token, .code = code}));
}

TEST_F(SignIn, TrustedDevicesCountOnlyWhereTheSettingsSaySo) {
    give_password();
    const auto seed = enrol(*enter("eksadmin", good_password)->attempt_token);
    house.clock().advance(minutes(1));
    set_prompt(MfaPrompt::context_aware, MissingDevice::require_registration);
    const auto entered = enter("eksadmin", good_password);
    ASSERT_EQ(entered->step, SignInStep::mfa_code);
    const auto done = page<control::SubmitMfaCode>(
        {.attempt_token = *entered->attempt_token, .code = code_of(seed), .remember_device = true});
    ASSERT_TRUE(done->device_token);
    EXPECT_EQ(enter("eksadmin", good_password, "203.0.113.7", done->device_token)->step, SignInStep::done);
    EXPECT_EQ(enter("eksadmin", good_password)->step, SignInStep::mfa_code);
    EXPECT_EQ(enter("eksadmin", good_password, "203.0.113.7", *done->device_token + "A")->step, SignInStep::mfa_code);
    set_prompt(MfaPrompt::always_on, MissingDevice::require_registration);
    EXPECT_EQ(enter("eksadmin", good_password, "203.0.113.7", done->device_token)->step, SignInStep::mfa_code);
}

TEST_F(SignIn, ReturnPathsStayOnOurPages) {
    give_password();
    set_prompt(MfaPrompt::never, MissingDevice::allow);
    const auto return_to = [&](const std::string& path) {
        const auto started = page<control::StartSignIn>({.user_name = "eksadmin", .return_to = path});
        const auto done =
            page<control::SubmitPassword>({.attempt_token = *started->attempt_token, .password = good_password});
        return done->return_to.value_or("none");
    };
    EXPECT_EQ(return_to("/device?user_code=ABCD-EFGH"), "/device?user_code=ABCD-EFGH");
    for (const auto* bad : {"https://evil.example/", "//evil.example/", "/\\evil.example", "/a\nb", "start"}) {
        EXPECT_EQ(return_to(bad), "none") << bad;
    }
}

TEST_F(SignIn, AForcedEnrolmentIsOnlyForThoseWithoutADevice) {
    give_password();
    const auto entered = enter("eksadmin", good_password);
    const auto& attempt = *entered->attempt_token;
    const auto second =
        page<control::StartMfaEnrolment>({.attempt_token = attempt, .type = control::MfaType::authenticator_app});
    (void)enrol(attempt);
    // The same attempt, replayed, adds no second device and makes no second session.
    const auto replayed = page<control::ConfirmMfaEnrolment>(
        {.enrolment_token = second->enrolment_token, .attempt_token = attempt, .code = code_of(*second->seed)});
    ASSERT_FALSE(replayed);
    EXPECT_EQ(replayed.error().code, "InvalidTokenException");
}

TEST_F(SignIn, EnrolmentShowsTheSeedAsQrCodeAndText) {
    give_password();
    const auto entered = enter("eksadmin", good_password);
    const auto started = page<control::StartMfaEnrolment>(
        {.attempt_token = *entered->attempt_token, .type = control::MfaType::authenticator_app});
    ASSERT_TRUE(started);
    EXPECT_EQ(started->seed->size(), 32U);
    EXPECT_TRUE(started->otp_auth_url->starts_with("otpauth://totp/Sekisho:eksadmin?secret=" + *started->seed +
                                                   "&issuer=Sekisho"));
    EXPECT_TRUE(started->qr_svg->starts_with("<svg "));
    EXPECT_TRUE(started->qr_svg->ends_with("</svg>"));
    EXPECT_EQ(started->qr_svg->find("script"), std::string::npos);
    const auto refused = page<control::ConfirmMfaEnrolment>(
        {.enrolment_token = started->enrolment_token, .attempt_token = *entered->attempt_token, .code = "000000"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "SignInFailedException");
}

TEST_F(SignIn, AnotherPersonsEnrolmentIsRefused) {
    give_password();
    const auto mine = enter("eksadmin", good_password);
    const auto started = page<control::StartMfaEnrolment>(
        {.attempt_token = *mine->attempt_token, .type = control::MfaType::authenticator_app});
    person = add_person("other", "other@example.com");
    house.clock().advance(seconds(2));  // mails are found by their time
    give_password();
    const auto theirs = enter("other", good_password);
    const auto refused = page<control::ConfirmMfaEnrolment>({.enrolment_token = started->enrolment_token,
                                                             .attempt_token = *theirs->attempt_token,
                                                             .code = code_of(*started->seed)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "InvalidTokenException");
}

TEST_F(SignIn, WithoutASessionNothingIsEnrolled) {
    EXPECT_EQ(page<control::StartMfaEnrolment>({.type = control::MfaType::authenticator_app}).error().code,
              "AccessDeniedException");
}

}  // namespace
}  // namespace sekisho::control_service
