// Security keys and passkeys through the operations that the pages call: registration, sign-in, and what is refused.
#include "services/sekisho/security_keys.h"

#include "base/json.h"
#include "crypto/test_authenticator.h"
#include "services/sekisho/test_people.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;

class SecurityKeys : public People {
 protected:
    SecurityKeys() { give_password(); }

    static std::string challenge_in(const std::string& options) {
        const auto value = parse_json(options);
        return value ? decode_base64url(find_text(*value, "challenge").value_or("")).value_or("") : "";
    }
    control::SubmitPasswordResponse after_password() {
        auto answer = enter("eksadmin", good_password);
        EXPECT_TRUE(answer) << answer.error().message;
        return answer ? *answer : control::SubmitPasswordResponse{};
    }
    // Registers the key in a sign-in that asks for a device; gives the outcome.
    Result<control::ConfirmMfaEnrolmentResponse> register_key(const crypto::TestAuthenticator& key) {
        const auto asked = after_password();
        EXPECT_EQ(asked.step, SignInStep::mfa_enrolment);
        const auto started = page<control::StartMfaEnrolment>(
            {.attempt_token = *asked.attempt_token, .type = control::MfaType::security_key});
        EXPECT_TRUE(started) << started.error().message;
        return confirm(*started, *asked.attempt_token, key.create_json(challenge_in(*started->web_authn_options)));
    }
    Result<control::ConfirmMfaEnrolmentResponse> confirm(const control::StartMfaEnrolmentResponse& started,
                                                         const std::string& attempt_token,
                                                         const std::string& credential) {
        control::ConfirmMfaEnrolmentRequest request{.enrolment_token = started.enrolment_token};
        request.attempt_token = attempt_token;
        request.credential = credential;
        return page<control::ConfirmMfaEnrolment>(std::move(request));
    }
    Result<control::SubmitSecurityKeyResponse> show_key(const std::string& attempt_token, const std::string& credential,
                                                        const std::string& address = "203.0.113.7") {
        control::SubmitSecurityKeyRequest request{.attempt_token = attempt_token, .credential = credential};
        request.source_address = address;
        return page<control::SubmitSecurityKey>(std::move(request));
    }
    void allow_passkeys() {
        center.mfa.passkey_sign_in = true;
        save_center();
    }
    std::vector<domain::MfaDevice> devices() {
        const auto snapshot = house.store().snapshot();
        return domain::mfa_devices.scan(snapshot, store::prefix(person.id))->items;
    }

    crypto::TestAuthenticator key;
};

TEST_F(SecurityKeys, RegistersAtSignInAndSignsInFromThenOn) {
    const auto registered = register_key(key);
    ASSERT_TRUE(registered) << registered.error().message << registered.error().cause;
    EXPECT_EQ(registered->step, SignInStep::done);
    EXPECT_TRUE(is_alive(*registered->session_token));
    ASSERT_EQ(devices().size(), 1);
    EXPECT_EQ(devices()[0].transports, (std::vector<std::string>{"usb", "nfc"}));

    const auto asked = after_password();
    EXPECT_EQ(asked.step, SignInStep::mfa_code);
    EXPECT_EQ(*asked.mfa_types, std::vector{control::MfaType::security_key});
    key.sign_count = 7;
    const auto answer = key.get_json(challenge_in(*asked.web_authn_options));
    const auto signed_in = show_key(*asked.attempt_token, answer);
    ASSERT_TRUE(signed_in) << signed_in.error().message << signed_in.error().cause;
    EXPECT_EQ(signed_in->step, SignInStep::done);
    EXPECT_TRUE(is_alive(*signed_in->session_token));
    EXPECT_EQ(devices()[0].sign_count, 7);
    // The same answer a second time: the challenge is used up, and the counter stands still besides.
    EXPECT_FALSE(show_key(*asked.attempt_token, answer));
    const auto snapshot = house.store().snapshot();
    const auto session = *domain::sign_in_sessions.get(snapshot, access::hash_of_secret(*signed_in->session_token));
    EXPECT_EQ(session->credential_types, "PASSWORD,WEBAUTHN");
    EXPECT_TRUE(session->mfa_done);
}

TEST_F(SecurityKeys, AChallengeIsUsedOnceEvenByAKeyThatDoesNotCount) {
    key.sign_count = 0;
    ASSERT_TRUE(register_key(key));
    const auto asked = after_password();
    const auto answer = key.get_json(challenge_in(*asked.web_authn_options));
    ASSERT_TRUE(show_key(*asked.attempt_token, answer));
    const auto replayed = show_key(*asked.attempt_token, answer);
    ASSERT_FALSE(replayed);
    EXPECT_EQ(replayed.error().code, "SignInFailedException");
}

TEST_F(SecurityKeys, AnAnswerBelongsToItsOwnSignIn) {
    ASSERT_TRUE(register_key(key));
    key.sign_count = 2;
    const auto first = after_password();
    const auto second = after_password();
    const auto answer = key.get_json(challenge_in(*first.web_authn_options));
    EXPECT_FALSE(show_key(*second.attempt_token, answer));
    EXPECT_TRUE(show_key(*first.attempt_token, answer));
}

TEST_F(SecurityKeys, RefusesWhatIsNotTheKeysAnswer) {
    ASSERT_TRUE(register_key(key));
    key.sign_count = 2;
    const auto refuse = [this](const crypto::TestAuthenticator& other) {
        // From another address each time, and the person's count is started again: the lock is tested elsewhere.
        auto cleared = credentials();
        cleared.failures = 0;
        cleared.locked_until.reset();
        write([&](store::Transaction& tx) { return domain::credentials.put(tx, cleared); });
        const auto asked = after_password();
        return show_key(*asked.attempt_token, other.get_json(challenge_in(*asked.web_authn_options)));
    };
    ASSERT_TRUE(refuse(key));
    auto other = key;
    other.sign_count = 3;
    other.origin = "https://localhost.evil.example:7443";
    EXPECT_FALSE(refuse(other));
    other = key;
    other.sign_count = 3;
    other.rp_id = "evil.example";
    EXPECT_FALSE(refuse(other));
    EXPECT_FALSE(refuse(key));            // the counter stands still: a copy
    other = crypto::TestAuthenticator();  // a key of the same id, another key inside
    other.sign_count = 3;
    EXPECT_FALSE(refuse(other));
    other = key;
    other.sign_count = 3;
    other.credential_id = "another-id-of-16";
    EXPECT_FALSE(refuse(other));
    other = key;
    other.sign_count = 3;
    other.user_handle = "11111111-1111-4111-8111-111111111111";
    EXPECT_FALSE(refuse(other));
    other.user_handle = person.id.str();
    EXPECT_TRUE(refuse(other));
    const auto asked = after_password();
    for (const auto* text : {"", "{}", "[]", "{\"type\":\"public-key\"}", "x"}) {
        EXPECT_FALSE(show_key(*asked.attempt_token, text)) << text;
    }
}

TEST_F(SecurityKeys, WrongAnswersLock) {
    ASSERT_TRUE(register_key(key));
    const auto asked = after_password();
    std::string code;
    for (int i = 0; i < 10 && code != "LockedException"; ++i) {
        const auto answer = show_key(*asked.attempt_token, key.get_json("another challenge of 32 bytes..."));
        ASSERT_FALSE(answer);
        code = answer.error().code;
    }
    EXPECT_EQ(code, "LockedException");
}

TEST_F(SecurityKeys, SomebodyElsesKeyIsNoKeyHere) {
    ASSERT_TRUE(register_key(key));
    const auto eksadmin = person;
    house.clock().advance(seconds(1));  // the newest mail is told by its time
    person = add_person("mallory", "mallory@example.com");
    give_password();
    const auto asked = enter("mallory", good_password);
    ASSERT_EQ(asked->step, SignInStep::mfa_enrolment);
    // The id is taken; a second person cannot register it over the first.
    const auto started = page<control::StartMfaEnrolment>(
        {.attempt_token = *asked->attempt_token, .type = control::MfaType::security_key});
    const auto taken =
        confirm(*started, *asked->attempt_token, key.create_json(challenge_in(*started->web_authn_options)));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().message, "This security key is registered already.");
    crypto::TestAuthenticator own;
    own.credential_id = "mallory's-own-id";
    ASSERT_TRUE(confirm(*started, *asked->attempt_token, own.create_json(challenge_in(*started->web_authn_options))));
    // In Mallory's sign-in, eksadmin's key says nothing; nor the other way round.
    const auto again = enter("mallory", good_password);
    key.sign_count = 5;
    EXPECT_FALSE(show_key(*again->attempt_token, key.get_json(challenge_in(*again->web_authn_options))));
    own.sign_count = 5;
    EXPECT_TRUE(show_key(*again->attempt_token, own.get_json(challenge_in(*again->web_authn_options))));
}

TEST_F(SecurityKeys, APasskeySignsInAloneWhereThatIsAllowed) {
    key.user_handle = person.id.str();
    ASSERT_TRUE(register_key(key));
    EXPECT_TRUE(devices()[0].is_discoverable);
    const auto forbidden = page<control::StartPasskeySignIn>({});
    ASSERT_FALSE(forbidden);
    EXPECT_EQ(forbidden.error().code, "SignInFailedException");
    allow_passkeys();
    const auto started = page<control::StartPasskeySignIn>({});
    ASSERT_TRUE(started);
    key.sign_count = 2;
    const auto answer = key.get_json(challenge_in(started->web_authn_options));
    const auto signed_in = show_key(started->attempt_token, answer);
    ASSERT_TRUE(signed_in) << signed_in.error().message << signed_in.error().cause;
    EXPECT_EQ(*signed_in->user_id, person.id.str());
    EXPECT_TRUE(is_alive(*signed_in->session_token));
    EXPECT_FALSE(show_key(started->attempt_token, answer));
    // Switched off meanwhile: the attempt is worth nothing.
    const auto late = page<control::StartPasskeySignIn>({});
    center.mfa.passkey_sign_in = false;
    save_center();
    key.sign_count = 3;
    EXPECT_FALSE(show_key(late->attempt_token, key.get_json(challenge_in(late->web_authn_options))));
}

TEST_F(SecurityKeys, APasskeyMustVerifyItsUserAndNameThem) {
    key.user_handle = person.id.str();
    ASSERT_TRUE(register_key(key));
    allow_passkeys();
    const auto with = [this](const crypto::TestAuthenticator& shown) {
        const auto started = page<control::StartPasskeySignIn>({});
        return show_key(started->attempt_token, shown.get_json(challenge_in(started->web_authn_options))).has_value();
    };
    key.sign_count = 2;
    auto other = key;
    other.flags = crypto::TestAuthenticator::present;  // touched, but neither PIN nor finger
    EXPECT_FALSE(with(other));
    other = key;
    other.user_handle.clear();
    EXPECT_FALSE(with(other));
    other.user_handle = "11111111-1111-4111-8111-111111111111";
    EXPECT_FALSE(with(other));
    EXPECT_TRUE(with(key));
    set_enabled(false);
    key.sign_count = 3;
    EXPECT_FALSE(with(key));
}

TEST_F(SecurityKeys, SixKeysAndTwoAppsAreEnough) {
    ASSERT_TRUE(register_key(key));
    key.sign_count = 2;
    const auto asked = after_password();
    const auto signed_in = show_key(*asked.attempt_token, key.get_json(challenge_in(*asked.web_authn_options)));
    ASSERT_TRUE(signed_in);
    const auto me = this->signed_in(*signed_in->session_token);
    const auto add = [&](int number) {
        const auto started =
            page<control::StartMfaEnrolment>({.attempt_token = {}, .type = control::MfaType::security_key}, me);
        if (!started) return started.error().message;
        crypto::TestAuthenticator more;
        more.credential_id = "credential-no-" + std::to_string(number);
        control::ConfirmMfaEnrolmentRequest request{.enrolment_token = started->enrolment_token};
        request.credential = more.create_json(challenge_in(*started->web_authn_options));
        const auto confirmed = page<control::ConfirmMfaEnrolment>(std::move(request), me);
        return confirmed ? std::string() : confirmed.error().message;
    };
    for (int i = 2; i <= 6; ++i) EXPECT_EQ(add(i), "");
    EXPECT_EQ(add(7), "You can register at most 6 security keys.");
    EXPECT_THAT(newest_mail("mfa-device-registered"), testing::HasSubstr("Security key"));
}

TEST_F(SecurityKeys, ATypeThatIsNotAllowedIsAsIfItWereNotThere) {
    ASSERT_TRUE(register_key(key));
    center.mfa.security_keys = false;
    save_center();
    const auto asked = after_password();
    EXPECT_EQ(asked.step, SignInStep::mfa_enrolment);
    EXPECT_EQ(*asked.mfa_types, std::vector{control::MfaType::authenticator_app});
    const auto refused = page<control::StartMfaEnrolment>(
        {.attempt_token = *asked.attempt_token, .type = control::MfaType::security_key});
    EXPECT_FALSE(refused);
    (void)enrol(*asked.attempt_token);
    center.mfa.security_keys = true;
    save_center();
    const auto both = after_password();
    EXPECT_EQ(both.mfa_types->size(), 2);
}

TEST_F(SecurityKeys, RegistrationIsRefusedLikeASignIn) {
    const auto asked = after_password();
    const auto started = page<control::StartMfaEnrolment>(
        {.attempt_token = *asked.attempt_token, .type = control::MfaType::security_key});
    const auto challenge = challenge_in(*started->web_authn_options);
    auto other = key;
    other.origin = "https://evil.example";
    EXPECT_FALSE(confirm(*started, *asked.attempt_token, other.create_json(challenge)));
    EXPECT_FALSE(confirm(*started, *asked.attempt_token, key.create_json("challenge of another sign-in....")));
    EXPECT_FALSE(confirm(*started, *asked.attempt_token, key.get_json(challenge)));
    EXPECT_TRUE(devices().empty());
    EXPECT_TRUE(confirm(*started, *asked.attempt_token, key.create_json(challenge)));
    // And once only.
    EXPECT_FALSE(confirm(*started, *asked.attempt_token, key.create_json(challenge)));
    EXPECT_EQ(devices().size(), 1);
}

}  // namespace
}  // namespace sekisho::control_service
