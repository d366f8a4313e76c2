#include <gmock/gmock.h>

#include <ctime>

#include "base/limits.h"
#include "base/text.h"
#include "domain/mail.h"
#include "domain/mail_texts.h"
#include "domain/organization.h"
#include "services/signin/test_login.h"

namespace sekisho::signin_service {
namespace {

using signin::SignInStep;
using testing::HasSubstr;

const std::string email = "111222333444@example.com";
const std::string root_password = "Harbour-of-roots-42!";
const PrincipalId root_id("111222333444");

class RootLogin : public Login {
 protected:
    // A member of the organization that the first account manages.
    AccountId member_account(const std::string& joined_method) {
        const AccountId member("555566667777");
        house.user("owner", "", member);
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::organizations.put(
                tx, {.id = OrganizationId("o-exampleorgid"), .management_account_id = operation::TestHouse::account}));
            SEK_TRY(auto account, domain::accounts.get(tx, member));
            account->organization_id = OrganizationId("o-exampleorgid");
            account->joined_method = joined_method;
            return domain::accounts.put(tx, *account);
        });
        return member;
    }
    Result<signin::RequestRootPasswordResponse> ask(const std::string& address = email) {
        return house.call<signin::RequestRootPassword>({}, {.email_address = address});
    }
    std::vector<domain::Mail> mails(std::string_view kind, const AccountId& of = operation::TestHouse::account) {
        std::vector<domain::Mail> found;
        const auto snapshot = house.store().snapshot();
        (void)domain::mails.each(snapshot, store::prefix(of), [&](const domain::Mail& mail) {
            if (mail.kind == kind) found.push_back(mail);
            return true;
        });
        return found;
    }
    // Of the newest link.
    std::string token(const AccountId& of = operation::TestHouse::account) {
        const auto sent = mails(domain::root_password_mail, of);
        const std::string text(sent.empty() ? "" : sent.back().text.expose());
        const auto at = text.find("/signin/root/password?token=");
        return at == std::string::npos ? "" : text.substr(at + 28, text.find('\n', at) - at - 28);
    }
    Result<signin::SetRootPasswordResponse> set(const std::string& with, const std::string& password = root_password) {
        return house.call<signin::SetRootPassword>({}, {.token = with, .password = password});
    }
    void set_root_password(const std::string& password = root_password) {
        house.clock().advance(seconds(limits::password_reset_wait_seconds));
        ASSERT_TRUE(ask());
        const auto done = set(token(), password);
        ASSERT_TRUE(done) << done.error().message;
    }
    Result<signin::SignInOutcome> enter_root(const std::string& password = root_password,
                                             const std::string& address = email) {
        return house.call<signin::VerifyRootPassword>(
            {}, {.email_address = address, .password = password, .return_to = "/console/iam"});
    }
    std::string code_of(const std::string& secret_key) {
        return crypto::totp_code(Secret(*decode_base32(secret_key)), crypto::totp_step(house.clock().now()));
    }
    Result<signin::SignInOutcome> confirm(const signin::SignInOutcome& asked, const std::string& code) {
        return house.call<signin::ConfirmMfaEnrolment>({}, {.attempt_token = *asked.attempt_token, .mfa_code = code});
    }
    // The first sign-in: the session, and the seed of the app.
    std::string first_session() {
        set_root_password();
        const auto asked = enter_root();
        EXPECT_TRUE(asked) << asked.error().message;
        seed = asked->secret_key.value_or("");
        const auto done = confirm(*asked, code_of(seed));
        EXPECT_TRUE(done) << done.error().message;
        return done ? done->session_token.value_or("") : "";
    }
    std::vector<domain::VirtualMfaDevice> devices() {
        const auto snapshot = house.store().snapshot();
        return *domain::mfa_devices_of_user(snapshot, root_id);
    }
    void set_state(domain::AccountState state) {
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(auto account, domain::accounts.get(tx, operation::TestHouse::account));
            account->state = state;
            return domain::accounts.put(tx, *account);
        });
    }
    std::vector<std::string> trail(std::string_view event) {
        EXPECT_TRUE(house.settle());
        std::vector<std::string> lines;
        house.pipeline().trail().scan_newest_first([&](std::string_view line, audit::TrailPlace) {
            if (line.contains("\"eventName\":\"" + std::string(event) + "\"")) lines.emplace_back(line);
            return true;
        });
        return lines;
    }

    std::string seed;
};

TEST_F(RootLogin, ThePasswordIsSetByALinkToTheAccountsAddressOnce) {
    EXPECT_EQ(enter_root().error().code, "SignInFailedException");
    ASSERT_TRUE(ask(" 111222333444@EXAMPLE.com "));
    const auto sent = mails(domain::root_password_mail);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].to, email);
    EXPECT_THAT(sent[0].subject, HasSubstr("ルートユーザー"));
    const auto described = house.call<signin::DescribeRootPasswordLink>({}, {.token = token()});
    ASSERT_TRUE(described) << described.error().message;
    EXPECT_EQ(described->email_address, email);
    const auto link = token();
    EXPECT_TRUE(set(link));
    EXPECT_EQ(set(link).error().code, "InvalidTokenException");
    EXPECT_EQ(house.call<signin::DescribeRootPasswordLink>({}, {.token = link}).error().code, "InvalidTokenException");
    EXPECT_EQ(mails("root-password-changed").size(), 1U);
    EXPECT_TRUE(enter_root());
    const auto snapshot = house.store().snapshot();
    const auto profile = *domain::login_profiles.get(snapshot, operation::TestHouse::account, "");
    EXPECT_THAT(std::string(profile->password_hash.expose()), testing::StartsWith("$argon2id$"));
}

TEST_F(RootLogin, NothingOfALinkIsKeptButItsHash) {
    ASSERT_TRUE(ask());
    const auto snapshot = house.store().snapshot();
    const auto kept = *domain::root_password_links.get(snapshot, operation::TestHouse::account);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->token_hash, access::hash_of_secret(token()));
    EXPECT_EQ(kept->expires_at, house.clock().now() + hours(1));
}

TEST_F(RootLogin, LinksEndAndAreVoidWhenBentOrReplaced) {
    ASSERT_TRUE(ask());
    const auto first = token();
    auto bent = first;
    bent.back() = bent.back() == 'A' ? 'B' : 'A';
    auto moved = first;
    moved.replace(0, 12, "999999999999");
    for (const auto& bad : {bent, moved, std::string("111222333444"), std::string("x"), std::string(4000, '1')}) {
        EXPECT_EQ(set(bad).error().code, "InvalidTokenException") << bad.substr(0, 40);
    }
    EXPECT_TRUE(ask());
    EXPECT_EQ(mails(domain::root_password_mail).size(), 1U) << "at once again: no second mail";
    house.clock().advance(seconds(limits::password_reset_wait_seconds));
    EXPECT_TRUE(ask());
    EXPECT_EQ(mails(domain::root_password_mail).size(), 2U);
    EXPECT_EQ(set(first).error().code, "InvalidTokenException");
    house.clock().advance(seconds(limits::password_reset_seconds));
    EXPECT_EQ(set(token()).error().code, "InvalidTokenException");
}

TEST_F(RootLogin, ALinkIsForTheAddressThatItWasSentTo) {
    ASSERT_TRUE(ask());
    write([](store::Transaction& tx) -> Result<void> {
        SEK_TRY(auto account, domain::accounts.get(tx, operation::TestHouse::account));
        account->email = "another@example.com";
        return domain::accounts.put(tx, *account);
    });
    EXPECT_EQ(set(token()).error().code, "InvalidTokenException");
}

TEST_F(RootLogin, WhetherAnAddressIsKnownIsNotTold) {
    const auto known = ask();
    const auto unknown = ask("nobody@example.com");
    EXPECT_TRUE(known && unknown);
    set_root_password();
    house.user("owner", "", AccountId("555566667777"));  // an account without a password of its root
    const auto wrong = enter_root("Wrong-password-1");
    ASSERT_FALSE(wrong);
    for (const auto& other :
         {enter_root(root_password, "nobody@example.com"), enter_root(root_password, "555566667777@example.com")}) {
        ASSERT_FALSE(other);
        EXPECT_EQ(other.error().code, wrong.error().code);
        EXPECT_EQ(other.error().message, wrong.error().message);
    }
}

// Processor time of this process, so that other programs do not count.
TEST_F(RootLogin, AddressesThatNobodyHasCostTheSameWork) {
    set_root_password();
    const auto work = [this](const std::string& address) {
        const auto before = std::clock();
        for (int i = 0; i < 8; ++i) EXPECT_FALSE(enter_root("Wrong-password-1", address));
        return static_cast<double>(std::clock() - before);
    };
    (void)work("warm-up@example.com");
    const double ratio = work(email) / work("nobody@example.com");
    EXPECT_GT(ratio, 0.6);
    EXPECT_LT(ratio, 1.7);
}

TEST_F(RootLogin, GuessingLocksAddressesThatExistAndOthersAlike) {
    set_root_password();
    for (const auto& address : {email, std::string("nobody@example.com")}) {
        for (int i = 0; i < limits::user_failures_free; ++i) {
            EXPECT_EQ(enter_root("Wrong-password-1", address).error().code, "SignInFailedException") << address;
        }
        EXPECT_EQ(enter_root(root_password, address).error().code, "LockedException") << address;
    }
    house.clock().advance(seconds(limits::lock_seconds_first));
    EXPECT_TRUE(enter_root());
}

TEST_F(RootLogin, MailsThatAnybodyAsksForAreCountedByAddress) {
    for (int i = 0; i < limits::password_resets_per_address_max; ++i) {
        EXPECT_TRUE(ask(i % 2 == 0 ? "nobody@example.com" : email));
    }
    EXPECT_EQ(ask().error().code, "ThrottlingException");
    EXPECT_EQ(ask("nobody@example.com").error().code, "ThrottlingException");
}

TEST_F(RootLogin, PasswordsAreHeldToTheRulesForRootUsers) {
    ASSERT_TRUE(ask());
    for (const auto& poor : {std::string("Short-1"), std::string("only-lower-case"), std::string(129, 'x') + "A1",
                             std::string("111222333444@EXAMPLE.com"), std::string("ACCOUNT 111222333444")}) {
        const auto refused = set(token(), poor);
        ASSERT_FALSE(refused) << poor;
        EXPECT_EQ(refused.error().message, "The new password does not comply with the rules.");
    }
    EXPECT_TRUE(set(token(), "Aa1" + std::string(125, 'x')));
}

TEST_F(RootLogin, TheFirstSignInRegistersAnApp) {
    set_root_password();
    const auto asked = enter_root();
    ASSERT_TRUE(asked) << asked.error().message;
    ASSERT_EQ(asked->step, SignInStep::mfa_enrolment);
    EXPECT_FALSE(asked->session_token);
    EXPECT_THAT(*asked->qr_svg, HasSubstr("<svg"));
    EXPECT_TRUE(devices().empty());
    EXPECT_EQ(confirm(*asked, "000000").error().code, "SignInFailedException");
    EXPECT_TRUE(devices().empty());
    const auto done = confirm(*asked, code_of(*asked->secret_key));
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(done->step, SignInStep::done);
    EXPECT_EQ(done->return_to, "/console/iam");
    ASSERT_EQ(devices().size(), 1U);
    EXPECT_EQ(domain::virtual_mfa_arn(devices()[0]), "arn:aws:iam::111222333444:mfa/root-account-mfa-device");
    const auto caller = signed_in(*done->session_token);
    EXPECT_EQ(caller.kind, access::CallerKind::root);
    EXPECT_EQ(caller.arn, "arn:aws:iam::111222333444:root");
    EXPECT_EQ(caller.principal_id, root_id);
    EXPECT_EQ(caller.mfa_at, house.clock().now());
    const auto snapshot = house.store().snapshot();
    EXPECT_EQ((*domain::login_profiles.get(snapshot, operation::TestHouse::account, ""))->root_last_used,
              house.clock().now());
}

TEST_F(RootLogin, FromThenOnItsCodeIsAskedForAndTakenOnce) {
    (void)first_session();
    EXPECT_EQ(enter_root()->step, SignInStep::mfa_code);
    const auto asked = enter_root();
    const auto show = [&](const std::string& code) {
        return house.call<signin::VerifyMfaCode>({}, {.attempt_token = *asked->attempt_token, .mfa_code = code});
    };
    EXPECT_EQ(show(code_of(seed)).error().code, "SignInFailedException") << "it was shown at the registration";
    house.clock().advance(seconds(60));
    const auto done = show(code_of(seed));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(signed_in(*done->session_token).kind, access::CallerKind::root);
}

// Who knows the password and began before must not add a device of its own.
TEST_F(RootLogin, ARegistrationThatCameLateIsRefused) {
    set_root_password();
    const auto late = enter_root();
    const auto first = enter_root();
    ASSERT_TRUE(confirm(*first, code_of(*first->secret_key)));
    EXPECT_EQ(confirm(*late, code_of(*late->secret_key)).error().code, "InvalidTokenException");
    EXPECT_EQ(devices().size(), 1U);
}

TEST_F(RootLogin, ADeviceOfAUserKeepsItsName) {
    domain::VirtualMfaDevice taken;
    taken.account_id = operation::TestHouse::account;
    taken.path = "/";
    taken.name = domain::root_device_name;
    taken.seed = Secret(std::string(20, 's'));
    taken.user_id = user.principal_id;
    write([&](store::Transaction& tx) { return domain::virtual_mfa_devices.put(tx, taken); });
    (void)first_session();
    ASSERT_EQ(devices().size(), 1U);
    EXPECT_EQ(devices()[0].name, "root-account-mfa-device-2");
    const auto snapshot = house.store().snapshot();
    EXPECT_EQ(domain::mfa_devices_of_user(snapshot, user.principal_id)->size(), 1U);
}

TEST_F(RootLogin, StepsCannotBeSkippedOrMixedUp) {
    set_root_password();
    const auto asked = enter_root();
    const auto by_code =
        house.call<signin::VerifyMfaCode>({}, {.attempt_token = *asked->attempt_token, .mfa_code = "000000"});
    EXPECT_EQ(by_code.error().code, "InvalidTokenException");
    const auto by_password = house.call<signin::ReplacePassword>(
        {}, {.attempt_token = *asked->attempt_token, .old_password = root_password, .new_password = good_password});
    EXPECT_EQ(by_password.error().code, "InvalidTokenException");
    // The page of IAM users does not lead to the root user, whatever is typed as the name.
    for (const auto* name : {"", " ", "root", "111222333444"}) EXPECT_FALSE(enter(root_password, name)) << name;
    house.clock().advance(seconds(limits::sign_in_attempt_seconds));
    EXPECT_EQ(confirm(*asked, code_of(*asked->secret_key)).error().code, "InvalidTokenException");
}

TEST_F(RootLogin, SessionsAndAttemptsEndWithThePassword) {
    const auto session = first_session();
    const auto given = house.call<signin::GetConsoleCredentials>(signed_in(session), {});
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_EQ(claims_of(given->credentials)->kind, access::CallerKind::root);
    EXPECT_EQ(liveness_of(given->credentials), access::Liveness::alive);
    const auto attempt = enter_root();
    set_root_password("Another-harbour-43!");
    EXPECT_EQ(liveness_of(given->credentials), access::Liveness::revoked);
    EXPECT_EQ(signed_in(session).kind, access::CallerKind::anonymous);
    house.clock().advance(seconds(60));
    const auto late =
        house.call<signin::VerifyMfaCode>({}, {.attempt_token = *attempt->attempt_token, .mfa_code = code_of(seed)});
    EXPECT_EQ(late.error().code, "InvalidTokenException");
    EXPECT_EQ(enter_root("Another-harbour-43!")->step, SignInStep::mfa_code) << "the device stays";
}

TEST_F(RootLogin, ASuspendedAccountsRootIsOut) {
    const auto session = first_session();
    const auto given = house.call<signin::GetConsoleCredentials>(signed_in(session), {});
    const auto attempt = enter_root();
    house.clock().advance(seconds(limits::password_reset_wait_seconds));
    ASSERT_TRUE(ask());
    const auto link = token();
    set_state(domain::AccountState::suspended);
    EXPECT_EQ(liveness_of(given->credentials), access::Liveness::gone);
    EXPECT_EQ(signed_in(session).kind, access::CallerKind::anonymous);
    EXPECT_EQ(enter_root().error().message, "The email address or password is not correct.");
    const auto late =
        house.call<signin::VerifyMfaCode>({}, {.attempt_token = *attempt->attempt_token, .mfa_code = code_of(seed)});
    EXPECT_EQ(late.error().code, "InvalidTokenException");
    EXPECT_EQ(set(link).error().code, "InvalidTokenException");
    const auto sent = mails(domain::root_password_mail).size();
    house.clock().advance(seconds(limits::password_reset_wait_seconds));
    EXPECT_TRUE(ask());
    EXPECT_EQ(mails(domain::root_password_mail).size(), sent);
}

TEST_F(RootLogin, ACommandLineGetsTheRootsCredentials) {
    const auto allowed = house.call<signin::AuthorizeOAuth2Access>(signed_in(first_session()), asked());
    ASSERT_TRUE(allowed) << allowed.error().message;
    const auto made = redeem(allowed->code);
    ASSERT_TRUE(made) << made.error().message;
    const auto claims = claims_of(made->token_output.access_token);
    EXPECT_EQ(claims->kind, access::CallerKind::root);
    EXPECT_EQ(claims->principal_id, root_id);
    EXPECT_TRUE(claims->mfa_at);
    const auto parts = split(*made->token_output.id_token, '.');
    EXPECT_THAT(*decode_base64url(parts.at(1)), HasSubstr("\"sub\":\"arn:aws:iam::111222333444:root\""));
    EXPECT_TRUE(refresh(made->token_output.refresh_token));
    set_root_password("Another-harbour-43!");
    const auto refused = refresh(made->token_output.refresh_token);
    ASSERT_FALSE(refused);
    EXPECT_EQ(error_of(refused.error()), "USER_CREDENTIALS_CHANGED");
}

TEST_F(RootLogin, TheTrailHasCloudTrailsRecords) {
    (void)first_session();
    EXPECT_FALSE(enter_root("Wrong-password-1"));
    const std::string who =
        R"("userIdentity":{"type":"Root","principalId":"111222333444","arn":"arn:aws:iam::111222333444:root")";
    for (const auto* event : {"PasswordRecoveryRequested", "PasswordRecoveryCompleted"}) {
        const auto lines = trail(event);
        ASSERT_EQ(lines.size(), 1U) << event;
        EXPECT_THAT(lines[0], HasSubstr(who));
        EXPECT_THAT(lines[0], HasSubstr("\"responseElements\":{\"" + std::string(event) + "\":\"Success\"}"));
    }
    const auto logins = trail("ConsoleLogin");
    ASSERT_EQ(logins.size(), 2U);
    EXPECT_THAT(logins[0], HasSubstr(who));
    EXPECT_THAT(logins[0], HasSubstr("\"errorMessage\":\"Failed authentication\""));
    EXPECT_THAT(logins[1], HasSubstr("\"MFAUsed\":\"Yes\""));
    EXPECT_THAT(logins[1], HasSubstr("\"responseElements\":{\"ConsoleLogin\":\"Success\"}"));
    const auto snapshot = house.store().snapshot();
    for (const auto* own : {"VerifyRootPassword", "ConfirmMfaEnrolment", "SetRootPassword", "RequestRootPassword"}) {
        for (const auto& line : trail(own)) {
            for (const auto& secret : {root_password, seed, std::string("Wrong-password-1"), email}) {
                EXPECT_FALSE(line.contains(secret)) << line;
            }
        }
    }
}

// Where no mail leaves, it lies with whoever made the account.
TEST_F(RootLogin, TheMailOfAMadeAccountLiesWithItsOrganization) {
    const auto member = member_account("CREATED");
    ASSERT_TRUE(ask("555566667777@example.com"));
    EXPECT_TRUE(mails(domain::root_password_mail, member).empty());
    ASSERT_EQ(mails(domain::root_password_mail).size(), 1U);
    EXPECT_EQ(mails(domain::root_password_mail)[0].to, "555566667777@example.com");
    EXPECT_TRUE(set(token()));
}

TEST_F(RootLogin, TheMailOfAnInvitedAccountLiesWithItself) {
    const auto member = member_account("INVITED");
    ASSERT_TRUE(ask("555566667777@example.com"));
    EXPECT_TRUE(mails(domain::root_password_mail).empty());
    EXPECT_EQ(mails(domain::root_password_mail, member).size(), 1U);
}

}  // namespace
}  // namespace sekisho::signin_service
