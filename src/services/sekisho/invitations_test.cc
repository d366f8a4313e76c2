#include "base/limits.h"
#include "services/sekisho/new_password.h"
#include "services/sekisho/test_people.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using Invitations = People;

TEST_F(Invitations, OneRuleOneText) {
    EXPECT_TRUE(password_problems(good_password).empty());
    EXPECT_EQ(password_problems("").size(), 5U);
    EXPECT_EQ(password_problems("Aa1!aaa").size(), 1U);
    EXPECT_EQ(password_problems("Aa1!aaaa").size(), 0U);
    EXPECT_EQ(password_problems("Aa1!" + std::string(60, 'x')).size(), 0U);
    EXPECT_EQ(password_problems("Aa1!" + std::string(61, 'x')).size(), 1U);
    EXPECT_THAT(password_problems("aaaaaaaa1!").front(), testing::HasSubstr("uppercase"));
    EXPECT_THAT(password_problems("AAAAAAAA1!").front(), testing::HasSubstr("lowercase"));
    EXPECT_THAT(password_problems("AAAAaaaa!!").front(), testing::HasSubstr("number"));
    EXPECT_THAT(password_problems("AAAAaaaa11").front(), testing::HasSubstr("non-alphanumeric"));
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(password_problems(make_one_time_password(system_random())).empty());
}

TEST_F(Invitations, AcceptedOnce) {
    const control::InviteUserRequest request{.identity_store_id = store_id.str(), .user_id = person.id.str()};
    ASSERT_TRUE(house.call<control::InviteUser>(house.administrator(), request));
    const auto token = newest_link_token("invitation");
    const auto seen = page<control::DescribeInvitation>({.token = token});
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_EQ(seen->purpose, control::MailedTokenPurpose::invitation);
    EXPECT_EQ(seen->user_name, "eksadmin");

    const auto weak = page<control::SetInvitedPassword>({.token = token, .attempt_token = {}, .password = "weak"});
    ASSERT_TRUE(weak);
    EXPECT_EQ(weak->step, SignInStep::new_password);
    EXPECT_FALSE(weak->password_problems->empty());
    const auto set =
        page<control::SetInvitedPassword>({.token = token, .attempt_token = {}, .password = good_password});
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(set->step, SignInStep::mfa_enrolment);
    EXPECT_TRUE(reload().emails.front().verified);

    EXPECT_EQ(page<control::SetInvitedPassword>({.token = token, .attempt_token = {}, .password = "Other-Pass-1"})
                  .error()
                  .code,
              "InvalidTokenException");
    EXPECT_EQ(page<control::DescribeInvitation>({.token = token}).error().code, "InvalidTokenException");
    EXPECT_EQ(house.call<control::InviteUser>(house.administrator(), request).error().code, "ConflictException");
}

TEST_F(Invitations, AcceptingByAttempt) {
    ASSERT_TRUE(house.call<control::InviteUser>(house.administrator(),
                                                {.identity_store_id = store_id.str(), .user_id = person.id.str()}));
    const auto accepted = page<control::AcceptInvitation>({.token = newest_link_token("invitation")});
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->step, SignInStep::new_password);
    // An invitation's attempt stands for no sign-in before its password is set.
    EXPECT_FALSE(
        page<control::SubmitNewPassword>({.attempt_token = accepted->attempt_token, .password = good_password}));
    EXPECT_TRUE(page<control::SetInvitedPassword>(
        {.token = {}, .attempt_token = accepted->attempt_token, .password = good_password}));
    EXPECT_FALSE(page<control::SetInvitedPassword>(
        {.token = {}, .attempt_token = accepted->attempt_token, .password = "Other-Pass-1"}));
}

TEST_F(Invitations, AnOpenSessionIsNotTouched) {
    give_password();
    set_prompt(domain::MfaPrompt::never, domain::MissingDevice::allow);
    const auto open = *enter("eksadmin", good_password)->session_token;
    const auto other = add_person("other", "other@example.com");
    house.clock().advance(seconds(2));  // mails are found by their time
    ASSERT_TRUE(house.call<control::InviteUser>(house.administrator(),
                                                {.identity_store_id = store_id.str(), .user_id = other.id.str()}));
    const auto set = page<control::SetInvitedPassword>(
        {.token = newest_link_token("invitation"), .attempt_token = {}, .password = good_password}, signed_in(open));
    ASSERT_TRUE(set);
    EXPECT_EQ(set->user_id, other.id.str());
    EXPECT_EQ(signed_in(*set->session_token).root.person_id, other.id);
    EXPECT_EQ(signed_in(open).root.person_id, person.id);
}

TEST_F(Invitations, ANewOneKillsTheOldOneAndBothEnd) {
    const control::InviteUserRequest request{.identity_store_id = store_id.str(), .user_id = person.id.str()};
    ASSERT_TRUE(house.call<control::InviteUser>(house.administrator(), request));
    const auto old = newest_link_token("invitation");
    house.clock().advance(seconds(2));
    ASSERT_TRUE(house.call<control::InviteUser>(house.administrator(), request));
    const auto fresh = newest_link_token("invitation");
    ASSERT_NE(old, fresh);
    EXPECT_EQ(page<control::DescribeInvitation>({.token = old}).error().code, "InvalidTokenException");
    EXPECT_TRUE(page<control::DescribeInvitation>({.token = fresh}));
    house.clock().advance(seconds(limits::invitation_seconds));
    EXPECT_EQ(page<control::DescribeInvitation>({.token = fresh}).error().code, "ExpiredTokenException");
    EXPECT_FALSE(page<control::SetInvitedPassword>({.token = fresh, .attempt_token = {}, .password = good_password}));
}

TEST_F(Invitations, DisabledPeopleCannotAccept) {
    ASSERT_TRUE(house.call<control::InviteUser>(house.administrator(),
                                                {.identity_store_id = store_id.str(), .user_id = person.id.str()}));
    set_enabled(false);
    EXPECT_FALSE(page<control::SetInvitedPassword>(
        {.token = newest_link_token("invitation"), .attempt_token = {}, .password = good_password}));
}

TEST_F(Invitations, OnlyTheStoresOwnAccountInvites) {
    const control::InviteUserRequest request{.identity_store_id = store_id.str(), .user_id = person.id.str()};
    EXPECT_EQ(house.call<control::InviteUser>(house.user("nobody", ""), request).error().code, "AccessDeniedException");
    const auto stranger =
        house.user("admin", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})",
                   AccountId("555566667777"));
    EXPECT_EQ(house.call<control::InviteUser>(stranger, request).error().code, "ResourceNotFoundException");
    EXPECT_EQ(page<control::InviteUser>(request).error().http_status, 403);
}

TEST_F(Invitations, WithoutAnAddressThereIsNoInvitation) {
    const auto silent = add_person("silent", "");
    EXPECT_EQ(house
                  .call<control::InviteUser>(house.administrator(),
                                             {.identity_store_id = store_id.str(), .user_id = silent.id.str()})
                  .error()
                  .code,
              "ValidationException");
}

}  // namespace
}  // namespace sekisho::control_service
