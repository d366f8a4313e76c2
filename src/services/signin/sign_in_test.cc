#include <ctime>

#include "base/limits.h"
#include "services/signin/test_login.h"

namespace sekisho::signin_service {
namespace {

using signin::SignInStep;

TEST_F(Login, APasswordAloneIsEnoughWhereThereIsNoDevice) {
    const auto entered = enter(good_password);
    ASSERT_TRUE(entered) << entered.error().message;
    ASSERT_EQ(entered->step, SignInStep::done);
    const auto caller = signed_in(*entered->session_token);
    EXPECT_EQ(caller.kind, access::CallerKind::user);
    EXPECT_EQ(caller.arn, "arn:aws:iam::" + operation::TestHouse::account.str() + ":user/alice");
    EXPECT_FALSE(caller.mfa_at);
    EXPECT_EQ(*entered->expires_date, house.clock().now() + hours(12));
    const auto snapshot = house.store().snapshot();
    EXPECT_EQ((*domain::iam_users.get(snapshot, operation::TestHouse::account, "alice"))->password_last_used,
              house.clock().now());
}

TEST_F(Login, AnAccountGoesByItsAliasToo) {
    write([](store::Transaction& tx) {
        return domain::account_aliases.put(tx, {.alias = "harbour", .account_id = operation::TestHouse::account});
    });
    EXPECT_TRUE(enter(good_password, "ALICE", "Harbour"));
}

TEST_F(Login, FailuresAreNeutral) {
    house.user("keyless", "");
    const auto wrong = enter("Wrong-password-1");
    ASSERT_FALSE(wrong);
    for (const auto& other :
         {enter(good_password, "nobody"), enter(good_password, "keyless"),
          enter(good_password, "alice", "999999999999"), enter(good_password, "alice", "no-alias")}) {
        ASSERT_FALSE(other);
        EXPECT_EQ(other.error().code, wrong.error().code);
        EXPECT_EQ(other.error().message, wrong.error().message);
    }
}

// Processor time of this process, so that other programs do not count.
TEST_F(Login, NamesThatNobodyHasCostTheSameWork) {
    const auto work = [this](const std::string& name) {
        const auto before = std::clock();
        for (int i = 0; i < 8; ++i) EXPECT_FALSE(enter("Wrong-password-1", name));
        return static_cast<double>(std::clock() - before);
    };
    (void)work("warm-up");
    const double ratio = work("alice") / work("nobody");
    EXPECT_GT(ratio, 0.6);
    EXPECT_LT(ratio, 1.7);
}

TEST_F(Login, GuessingLocksNamesThatExistAndOthersAlike) {
    for (const auto* name : {"alice", "nobody"}) {
        for (int i = 0; i < limits::user_failures_free; ++i) {
            EXPECT_EQ(enter("Wrong-password-1", name).error().code, "SignInFailedException") << name;
        }
        EXPECT_EQ(enter(good_password, name).error().code, "LockedException") << name;
    }
    house.clock().advance(seconds(limits::lock_seconds_first));
    EXPECT_TRUE(enter(good_password));
}

TEST_F(Login, ADeviceIsAskedForAndItsCodeIsTakenOnce) {
    add_device();
    const auto entered = enter(good_password);
    ASSERT_EQ(entered->step, SignInStep::mfa_code);
    EXPECT_FALSE(entered->session_token);
    const auto show = [&](const std::string& code) {
        return house.call<signin::VerifyMfaCode>({}, {.attempt_token = *entered->attempt_token, .mfa_code = code});
    };
    EXPECT_EQ(show("000000").error().code, "SignInFailedException");
    const auto code = code_now();
    const auto done = show(code);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(signed_in(*done->session_token).mfa_at, house.clock().now());
    EXPECT_EQ(show(code).error().code, "SignInFailedException");
}

TEST_F(Login, AnAttemptDiesWithThePassword) {
    add_device();
    const auto entered = enter(good_password);
    set_password("Another-Harbour-43!");
    const auto late =
        house.call<signin::VerifyMfaCode>({}, {.attempt_token = *entered->attempt_token, .mfa_code = code_now()});
    EXPECT_EQ(late.error().code, "InvalidTokenException");
}

TEST_F(Login, ARequiredPasswordChangeComesAfterTheSecondFactorAndIsHeldToThePolicy) {
    set_password(good_password, true);
    add_device();
    const auto entered = enter(good_password);
    ASSERT_EQ(entered->step, SignInStep::mfa_code);
    const auto coded =
        house.call<signin::VerifyMfaCode>({}, {.attempt_token = *entered->attempt_token, .mfa_code = code_now()});
    ASSERT_EQ(coded->step, SignInStep::new_password);
    EXPECT_FALSE(coded->session_token);
    const auto replace = [&](const std::string& current, const std::string& password) {
        return replace_password(*coded, current, password);
    };
    EXPECT_EQ(replace("Wrong-password-1", "Another-Harbour-43!").error().message,
              "The current password is not correct.");
    for (const auto* poor : {"short1A", "alllowercase", "Quiet-Harbour-42!"})
        EXPECT_FALSE(replace(good_password, poor));
    const auto done = replace(good_password, "Another-Harbour-43!");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->step, SignInStep::done);
    EXPECT_TRUE(signed_in(*done->session_token).mfa_at);
    EXPECT_EQ(replace(good_password, "Third-Harbour-44!").error().code, "InvalidTokenException");
    EXPECT_FALSE(enter(good_password));
    EXPECT_EQ(enter("Another-Harbour-43!")->step, SignInStep::mfa_code);
}

TEST_F(Login, ARequiredChangeNeedsThePermission) {
    domain::PrincipalPolicies none;
    none.principal_id = user.principal_id;
    write([&](store::Transaction& tx) { return domain::principal_policies.put(tx, none); });
    set_password(good_password, true);
    const auto entered = enter(good_password);
    ASSERT_EQ(entered->step, SignInStep::new_password);
    const auto replace = [&] { return replace_password(*entered, good_password, "Another-Harbour-43!"); };
    EXPECT_EQ(replace().error().code, "SignInFailedException");
    set_password_policy({.users_may_change = true});
    EXPECT_TRUE(replace());
}

TEST_F(Login, AnExpiredPasswordIsReplacedAtSignInAndEndsNoSession) {
    set_password_policy({.days_max = 90});
    house.clock().advance(days(90) - minutes(30));
    EXPECT_EQ(enter(good_password)->step, SignInStep::done);
    const auto session = sign_in();
    const auto given = house.call<signin::GetConsoleCredentials>(session, {});
    house.clock().advance(minutes(30));
    const auto entered = enter(good_password);
    ASSERT_EQ(entered->step, SignInStep::new_password);
    EXPECT_FALSE(entered->session_token);
    EXPECT_TRUE(house.call<signin::GetConsoleCredentials>(session, {}));
    EXPECT_EQ(liveness_of(given->credentials), access::Liveness::alive);
    const auto replaced = replace_password(*entered, good_password, "Another-Harbour-43!");
    ASSERT_TRUE(replaced) << replaced.error().message;
    EXPECT_EQ(replaced->step, SignInStep::done);
    EXPECT_EQ(enter("Another-Harbour-43!")->step, SignInStep::done);
    house.clock().advance(days(90));
    EXPECT_EQ(enter("Another-Harbour-43!")->step, SignInStep::new_password);
    // A policy counts at once, and no longer than it is there.
    set_password_policy({.days_max = 91});
    EXPECT_EQ(enter("Another-Harbour-43!")->step, SignInStep::done);
}

// Records of before the date was kept.
TEST_F(Login, APasswordOfUnknownAgeIsAsOldAsItsProfile) {
    set_password_policy({.days_max = 1});
    ASSERT_FALSE((*domain::login_profiles.get(house.store().snapshot(), operation::TestHouse::account, "alice"))
                     ->password_changed_at);
    EXPECT_EQ(enter(good_password)->step, SignInStep::done);
    house.clock().advance(days(1));
    EXPECT_EQ(enter(good_password)->step, SignInStep::new_password);
}

TEST_F(Login, AHardExpiryIsForTheAdministrator) {
    add_device();
    set_password_policy({.users_may_change = true, .days_max = 30});
    house.clock().advance(days(30));
    const auto code = [&] {
        const auto entered = enter(good_password);
        EXPECT_EQ(entered->step, SignInStep::mfa_code);
        auto answer =
            house.call<signin::VerifyMfaCode>({}, {.attempt_token = *entered->attempt_token, .mfa_code = code_now()});
        house.clock().advance(minutes(1));
        return answer;
    };
    const auto asked = code();
    ASSERT_EQ(asked->step, SignInStep::new_password);
    // Switched on between two steps of a sign-in: nothing is replaced any more.
    set_password_policy({.users_may_change = true, .days_max = 30, .hard_expiry = true});
    const std::string expired = "Your password has expired. Ask your administrator for a new one.";
    EXPECT_EQ(replace_password(*asked, good_password, "Another-Harbour-43!").error().message, expired);
    // Said to those only who know the password and hold the device.
    EXPECT_EQ(enter("Wrong-password-1").error().message, "The account, user name or password is not correct.");
    EXPECT_EQ(code().error().message, expired);
    set_password("Another-Harbour-43!", true);
    const auto entered = enter("Another-Harbour-43!");
    const auto coded =
        house.call<signin::VerifyMfaCode>({}, {.attempt_token = *entered->attempt_token, .mfa_code = code_now()});
    EXPECT_EQ(coded->step, SignInStep::new_password);
}

TEST_F(Login, AReplacementIsNoneOfTheRememberedPasswords) {
    set_password_policy({.users_may_change = true, .days_max = 1, .reuse_prevention = 2});
    std::string current = good_password;
    for (const auto* next : {"Second-Harbour-43!", "Third-Harbour-44!"}) {
        house.clock().advance(days(1));
        ASSERT_TRUE(replace_password(*enter(current), current, next));
        current = next;
    }
    house.clock().advance(days(1));
    const auto asked = enter(current);
    for (const auto& former : {good_password, std::string("Second-Harbour-43!"), current}) {
        EXPECT_EQ(replace_password(*asked, current, former).error().code, "SignInFailedException") << former;
    }
    EXPECT_TRUE(replace_password(*asked, current, "Fourth-Harbour-45!"));
}

TEST_F(Login, ASessionEndsAtSignOutAndGivesCredentialsUntilThen) {
    const auto entered = enter(good_password);
    const auto caller = signed_in(*entered->session_token);
    const auto given = house.call<signin::GetConsoleCredentials>(caller, {});
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_EQ(given->expiration, house.clock().now() + hours(1));
    EXPECT_EQ(liveness_of(given->credentials), access::Liveness::alive);
    ASSERT_TRUE(house.call<signin::EndConsoleSession>(caller, {}));
    EXPECT_EQ(liveness_of(given->credentials), access::Liveness::revoked);
    EXPECT_EQ(signed_in(*entered->session_token).kind, access::CallerKind::anonymous);
}

// Long-term keys, and credentials made from a session, are no browser.
TEST_F(Login, OnlyTheCookieGivesConsoleCredentialsAndCodes) {
    auto by_credentials = sign_in();
    by_credentials.access_key_id = AccessKeyId("ASIAQAAAAAAAGMKEM7X5");
    for (const auto& caller : {by_credentials, house.administrator()}) {
        EXPECT_FALSE(house.call<signin::GetConsoleCredentials>(caller, {}));
        EXPECT_FALSE(house.call<signin::AuthorizeOAuth2Access>(caller, asked()));
    }
}

}  // namespace
}  // namespace sekisho::signin_service
