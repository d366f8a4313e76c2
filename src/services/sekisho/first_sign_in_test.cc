// A code by mail, then a password, for people who were made without one.
#include "base/limits.h"
#include "services/sekisho/test_people.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;

class FirstSignIn : public People {
 protected:
    FirstSignIn() {
        center.email_one_time_passwords = true;
        save_center();
    }
    Result<control::RequestFirstSignInCodeResponse> ask(const std::string& name,
                                                        const std::string& address = "203.0.113.7") {
        const auto started = page<control::StartSignIn>({.user_name = name, .source_address = address});
        if (!started) return started.error();
        return page<control::RequestFirstSignInCode>(
            {.attempt_token = *started->attempt_token, .source_address = address});
    }
    Result<control::SubmitFirstSignInCodeResponse> show(const std::string& attempt, const std::string& code) {
        return page<control::SubmitFirstSignInCode>({.attempt_token = attempt, .code = code});
    }
    std::string mailed_code() {
        const auto text = newest_mail("first-sign-in");
        const auto at = text.find(" is ");
        return at == std::string::npos ? "" : text.substr(at + 4, 6);
    }
    static std::string another(std::string code) {
        code.back() = code.back() == '9' ? '0' : static_cast<char>(code.back() + 1);
        return code;
    }
};

TEST_F(FirstSignIn, ACodeByMailThenAPassword) {
    set_prompt(domain::MfaPrompt::always_on, domain::MissingDevice::require_registration);
    const auto asked = ask("eksadmin");
    ASSERT_TRUE(asked) << asked.error().message;
    EXPECT_EQ(asked->step, SignInStep::first_sign_in_code);
    EXPECT_FALSE(asked->user_id || asked->display_name) << "nothing is told yet";
    ASSERT_EQ(mailed_code().size(), 6u);
    EXPECT_EQ(show(*asked->attempt_token, another(mailed_code())).error().code, "SignInFailedException");

    const auto shown = show(*asked->attempt_token, mailed_code());
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(shown->step, SignInStep::new_password);
    EXPECT_TRUE(reload().emails.front().verified) << "the mail was read";
    const auto weak = page<control::SubmitNewPassword>({.attempt_token = *shown->attempt_token, .password = "weak"});
    ASSERT_TRUE(weak && weak->password_problems);
    const auto set =
        page<control::SubmitNewPassword>({.attempt_token = *weak->attempt_token, .password = good_password});
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(set->step, SignInStep::mfa_enrolment) << "the settings hold here as anywhere";
    (void)enrol(*set->attempt_token);
    EXPECT_TRUE(is_alive(session));
    const auto snapshot = house.store().snapshot();
    const auto caller = signed_in(session);
    EXPECT_EQ((*domain::sign_in_sessions.get(snapshot, *caller.root.sign_in_session_id))->credential_types,
              "EMAIL_OTP,TOTP");
    EXPECT_TRUE(enter("eksadmin", good_password));
}

TEST_F(FirstSignIn, ACodeServesOnceAndNotForLong) {
    const auto asked = ask("eksadmin");
    const auto code = mailed_code();
    ASSERT_TRUE(show(*asked->attempt_token, code));
    EXPECT_EQ(show(*asked->attempt_token, code).error().code, "SignInFailedException");

    house.clock().advance(seconds(limits::password_reset_wait_seconds));
    const auto later = ask("eksadmin");
    const auto next = mailed_code();
    EXPECT_NE(next, code);
    house.clock().advance(seconds(limits::email_code_seconds));
    EXPECT_EQ(show(*later->attempt_token, next).error().code, "SignInFailedException");
}

TEST_F(FirstSignIn, NobodyLearnsWhoHasAPassword) {
    give_password();
    const auto with_password = ask("eksadmin");
    const auto nobody = ask("eksnobod");
    (void)add_person("withmail", "withmail@example.com");
    const auto first = ask("withmail");
    for (const auto* answer : {&with_password, &nobody, &first}) {
        ASSERT_TRUE(*answer);
        EXPECT_EQ((*answer)->step, SignInStep::first_sign_in_code);
        EXPECT_EQ((*answer)->attempt_token->size(), with_password->attempt_token->size());
    }
    EXPECT_NE(newest_mail("first-sign-in").find("withmail"), std::string::npos) << "and nobody else got one";
    const auto wrong = show(*with_password->attempt_token, "000000");
    const auto unknown = show(*nobody->attempt_token, "000000");
    EXPECT_EQ(wrong.error().code, "SignInFailedException");
    EXPECT_EQ(wrong.error().message, unknown.error().message);
}

TEST_F(FirstSignIn, WrongCodesLockTheName) {
    const auto asked = ask("eksadmin");
    const auto nobody = ask("eksnobod");
    const auto code = mailed_code();
    for (int i = 0; i < limits::user_failures_free; ++i) {
        EXPECT_EQ(show(*asked->attempt_token, another(code)).error().code, "SignInFailedException");
        EXPECT_EQ(show(*nobody->attempt_token, another(code)).error().code, "SignInFailedException");
    }
    EXPECT_EQ(show(*asked->attempt_token, code).error().code, "LockedException");
    EXPECT_EQ(show(*nobody->attempt_token, code).error().code, "LockedException");
}

TEST_F(FirstSignIn, MailsAreFewAndOnlyWhereTheyAreAllowed) {
    for (int i = 0; i < limits::password_resets_per_address_max; ++i) ASSERT_TRUE(ask("eksadmin"));
    EXPECT_EQ(ask("eksadmin").error().code, "ThrottlingException");
    EXPECT_TRUE(ask("eksadmin", "2001:db8:1:2::1"));
    std::size_t sent = 0;
    (void)domain::mails.each(house.store().snapshot(), store::prefix(), [&](const domain::Mail& mail) {
        sent += mail.kind == "first-sign-in" ? 1 : 0;
        return true;
    });
    EXPECT_EQ(sent, 1u) << "one in a while, however often it is asked for";

    const auto before = ask("eksadmin", "198.51.100.7");
    const auto code = mailed_code();
    center.email_one_time_passwords = false;
    save_center();
    EXPECT_EQ(ask("eksadmin", "198.51.100.7").error().code, "SignInFailedException");
    EXPECT_EQ(show(*before->attempt_token, code).error().code, "SignInFailedException");
}

TEST_F(FirstSignIn, ACodeIsVoidOnceThePasswordIsSetOrThePersonDisabled) {
    const auto asked = ask("eksadmin");
    const auto code = mailed_code();
    set_enabled(false);
    EXPECT_EQ(show(*asked->attempt_token, code).error().code, "SignInFailedException");
    set_enabled(true);
    give_password();
    EXPECT_EQ(show(*asked->attempt_token, code).error().code, "SignInFailedException");
    // Nor is it a link of a mail: those are longer secrets in the same table.
    EXPECT_EQ(page<control::DescribeInvitation>({.token = person.id.str() + "\nfirst-sign-in\n" + code}).error().code,
              "InvalidTokenException");
}

}  // namespace
}  // namespace sekisho::control_service
