#include "domain/handshakes.h"

#include "domain/mail.h"
#include "domain/organization.h"
#include "models/control.h"
#include "services/organizations/testing.h"
#include "store/expiry.h"

namespace sekisho::organizations_service {
namespace {

using organizations::HandshakeState;
using Party = organizations::HandshakePartyType;
using Resource = organizations::HandshakeResourceType;

constexpr const char* other_account = "222233334444";

class Handshakes : public Organizations {
 protected:
    organizations::InviteAccountToOrganizationRequest to(std::string id, Party type = Party::account) {
        organizations::InviteAccountToOrganizationRequest request;
        request.target = {.id = std::move(id), .type = type};
        return request;
    }
    template <class Change>
    void change_account(const AccountId& id, Change change) {
        ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(auto account, domain::accounts.get(tx, id));
            change(*account);
            return domain::accounts.put(tx, *account);
        }));
    }
};

TEST_F(Handshakes, AnInvitedAccountJoinsAtTheRoot) {
    const auto owner = stranger(other_account);
    auto request = to("222233334444@EXAMPLE.com", Party::email);
    request.notes = "Welcome";
    request.tags = std::vector<organizations::Tag>{{.key = "team", .value = "a"}};
    const auto invited = house.call<organizations::InviteAccountToOrganization>(house.administrator(), request);
    ASSERT_TRUE(invited.has_value()) << invited.error().message;
    const auto& handshake = *invited->handshake;
    EXPECT_EQ(*handshake.arn,
              "arn:aws:organizations::111222333444:handshake/" + *organization.id + "/invite/" + *handshake.id);
    EXPECT_EQ(handshake.state, HandshakeState::open);
    EXPECT_EQ(*handshake.expiration_timestamp - *handshake.requested_timestamp, days(15));
    ASSERT_EQ(handshake.parties->size(), 2u);
    EXPECT_EQ(handshake.parties->at(0).id, *organization.id);
    EXPECT_EQ(handshake.parties->at(1).type, Party::email);
    ASSERT_EQ(handshake.resources->size(), 3u);
    const auto& sender = *handshake.resources->at(0).resources;
    ASSERT_EQ(sender.size(), 3u);
    EXPECT_EQ(sender.at(0).type, Resource::master_email);
    EXPECT_EQ(*sender.at(2).value, "ALL");
    EXPECT_EQ(handshake.resources->at(1).type, Resource::email);
    EXPECT_EQ(*handshake.resources->at(2).value, "Welcome");

    const auto received = house.call<organizations::ListHandshakesForAccount>(owner, {});
    ASSERT_EQ(received->handshakes->size(), 1u);
    EXPECT_EQ(outcome<organizations::DescribeOrganization>(owner, {}), "AWSOrganizationsNotInUseException");
    const auto accepted = house.call<organizations::AcceptHandshake>(owner, {.handshake_id = *handshake.id});
    ASSERT_TRUE(accepted.has_value()) << accepted.error().message;
    EXPECT_EQ(accepted->handshake->state, HandshakeState::accepted);

    const auto account =
        house.call<organizations::DescribeAccount>(house.administrator(), {.account_id = other_account});
    EXPECT_EQ(account->account->joined_method, organizations::AccountJoinedMethod::invited);
    EXPECT_EQ(*house.call<organizations::ListParents>(house.administrator(), {.child_id = other_account})
                   ->parents->front()
                   .id,
              root_id());
    EXPECT_EQ(house.call<organizations::ListTagsForResource>(house.administrator(), {.resource_id = other_account})
                  ->tags->size(),
              1u);
    EXPECT_TRUE(house.call<organizations::DescribeOrganization>(owner, {}).has_value());
    // Control policies bind it: it holds AWS's own from the start.
    ASSERT_TRUE(house.call<organizations::EnablePolicyType>(
        house.administrator(),
        {.root_id = root_id(), .policy_type = organizations::PolicyType::service_control_policy}));
    EXPECT_TRUE(house.call<organizations::DescribeOrganization>(owner, {}).has_value());
    EXPECT_EQ(reason<organizations::InviteAccountToOrganization>(house.administrator(), to(other_account)),
              "ALREADY_IN_AN_ORGANIZATION");
}

TEST_F(Handshakes, TheMailNamesTheInvitation) {
    const auto owner = stranger(other_account);
    const auto id = invite(other_account);
    const auto snapshot = house.store().snapshot();
    const auto mails = domain::mails.scan(snapshot, store::prefix(operation::TestHouse::account)).value().items;
    ASSERT_EQ(mails.size(), 1u);
    EXPECT_EQ(mails.front().to, "222233334444@example.com");
    EXPECT_EQ(mails.front().kind, "organization-invitation");
    const std::string text(mails.front().text.expose());
    EXPECT_NE(text.find("accept-handshake --handshake-id " + id), std::string::npos);
    // In both languages: an account has no language of its own.
    EXPECT_EQ(mails.front().subject, "Your account is invited to an organization / アカウントが組織に招待されました");
    EXPECT_NE(text.find("invites your account"), std::string::npos);
    EXPECT_NE(text.find("招待しています"), std::string::npos);
    EXPECT_EQ(text.find('{'), std::string::npos) << "every name is filled in";
}

TEST_F(Handshakes, NobodyInvitesBeforeTheAddressIsVerified) {
    const auto owner = stranger(other_account);
    change_account(operation::TestHouse::account, [](auto& account) { account.email_verified = false; });
    EXPECT_EQ(invite(other_account), "AccountOwnerNotVerifiedException");
    ASSERT_TRUE(house.call<control::SendOrganizationVerification>(house.administrator(), {}));
    change_account(operation::TestHouse::account, [](auto& account) { account.email_verified = true; });
    EXPECT_EQ(outcome<control::SendOrganizationVerification>(house.administrator(), {}), "ConflictException");
    EXPECT_TRUE(invite(other_account).starts_with("h-"));
}

TEST_F(Handshakes, WhoMayBeInvited) {
    const auto owner = stranger(other_account);
    EXPECT_EQ(reason<organizations::InviteAccountToOrganization>(house.administrator(), to("999999999999")),
              "TARGET_ACCOUNT_VALIDATION_FAILURE");
    EXPECT_EQ(reason<organizations::InviteAccountToOrganization>(house.administrator(),
                                                                 to("nobody@example.com", Party::email)),
              "TARGET_ACCOUNT_VALIDATION_FAILURE");
    EXPECT_EQ(reason<organizations::InviteAccountToOrganization>(house.administrator(),
                                                                 to("o-1234567890", Party::organization)),
              "INVALID_PARTY_TYPE_TARGET");
    auto tagged = to(other_account);
    tagged.tags = std::vector<organizations::Tag>{{.key = "a", .value = "1"}, {.key = "a", .value = "2"}};
    EXPECT_EQ(reason<organizations::InviteAccountToOrganization>(house.administrator(), tagged), "DUPLICATE_TAG_KEY");
    EXPECT_EQ(outcome<organizations::InviteAccountToOrganization>(owner, to(other_account)),
              "AWSOrganizationsNotInUseException");
    EXPECT_TRUE(invite(other_account).starts_with("h-"));
    EXPECT_EQ(invite(other_account), "DuplicateHandshakeException");
}

TEST_F(Handshakes, EachSideHasItsWord) {
    const auto owner = stranger(other_account);
    const auto third = stranger("333344445555");
    const auto id = invite(other_account);
    EXPECT_EQ(outcome<organizations::AcceptHandshake>(house.administrator(), {.handshake_id = id}),
              "AccessDeniedException");
    EXPECT_EQ(outcome<organizations::DeclineHandshake>(house.administrator(), {.handshake_id = id}),
              "AccessDeniedException");
    EXPECT_EQ(outcome<organizations::CancelHandshake>(owner, {.handshake_id = id}), "AccessDeniedException");
    for (const auto& handshake : {id, std::string("h-00000000")}) {
        EXPECT_EQ(outcome<organizations::DescribeHandshake>(third, {.handshake_id = handshake}),
                  "HandshakeNotFoundException");
        EXPECT_EQ(outcome<organizations::AcceptHandshake>(third, {.handshake_id = handshake}),
                  "HandshakeNotFoundException");
        EXPECT_EQ(outcome<organizations::CancelHandshake>(third, {.handshake_id = handshake}),
                  "HandshakeNotFoundException");
    }
    ASSERT_EQ(outcome<organizations::DeclineHandshake>(owner, {.handshake_id = id}), "");
    EXPECT_EQ(state_of(house.administrator(), id), HandshakeState::declined);
    EXPECT_EQ(outcome<organizations::DeclineHandshake>(owner, {.handshake_id = id}),
              "HandshakeAlreadyInStateException");
    EXPECT_EQ(outcome<organizations::AcceptHandshake>(owner, {.handshake_id = id}),
              "InvalidHandshakeTransitionException");
    const auto second = invite(other_account);
    ASSERT_EQ(outcome<organizations::CancelHandshake>(house.administrator(), {.handshake_id = second}), "");
    EXPECT_EQ(outcome<organizations::AcceptHandshake>(owner, {.handshake_id = second}),
              "InvalidHandshakeTransitionException");
}

TEST_F(Handshakes, ARefusalDoesNotTellWhetherOneExists) {
    const auto powerless = house.user("powerless", "", AccountId(other_account));
    const auto id = invite(other_account);
    const auto refused = house.call<organizations::AcceptHandshake>(powerless, {.handshake_id = id}).error();
    const auto nothing = house.call<organizations::AcceptHandshake>(powerless, {.handshake_id = "h-00000000"}).error();
    EXPECT_EQ(refused.code, "AccessDeniedException");
    EXPECT_EQ(refused.message, nothing.message);
}

TEST_F(Handshakes, TheyEndByTime) {
    const auto owner = stranger(other_account);
    const auto id = invite(other_account);
    house.clock().advance(days(15) - milliseconds(1));
    EXPECT_EQ(state_of(owner, id), HandshakeState::open);
    house.clock().advance(milliseconds(1));
    EXPECT_EQ(state_of(owner, id), HandshakeState::expired);
    EXPECT_EQ(outcome<organizations::AcceptHandshake>(owner, {.handshake_id = id}),
              "InvalidHandshakeTransitionException");
    EXPECT_TRUE(invite(other_account).starts_with("h-")) << "an expired one is no duplicate";
    house.clock().advance(days(30));
    EXPECT_EQ(outcome<organizations::DescribeHandshake>(owner, {.handshake_id = id}), "HandshakeNotFoundException");
    EXPECT_EQ(house.call<organizations::ListHandshakesForAccount>(owner, {})->handshakes->size(), 1u);
    store::Sweeper sweeper(house.store());
    EXPECT_GE(sweeper.sweep(house.clock().now(), 100).value(), 1u);
    EXPECT_FALSE(domain::handshakes.exists(house.store().snapshot(), id));
}

TEST_F(Handshakes, ListsAreFilteredAndPaged) {
    std::vector<std::string> sent;
    for (const char* account : {"200000000001", "200000000002", "200000000003"}) {
        const auto owner = stranger(account);
        sent.push_back(invite(account));
        house.clock().advance(seconds(1));
    }
    const auto first =
        house.call<organizations::ListHandshakesForOrganization>(house.administrator(), {.max_results = 2}).value();
    ASSERT_EQ(first.handshakes->size(), 2u);
    EXPECT_EQ(*first.handshakes->front().id, sent.back()) << "the newest first";
    ASSERT_TRUE(first.next_token.has_value());
    const auto rest = house.call<organizations::ListHandshakesForOrganization>(house.administrator(),
                                                                               {.next_token = first.next_token});
    ASSERT_EQ(rest->handshakes->size(), 1u);
    EXPECT_FALSE(rest->next_token.has_value());
    organizations::ListHandshakesForOrganizationRequest request;
    request.filter = organizations::HandshakeFilter{.action_type = organizations::ActionType::enable_all_features};
    EXPECT_TRUE(
        house.call<organizations::ListHandshakesForOrganization>(house.administrator(), request)->handshakes->empty());
    request.filter->parent_handshake_id = sent.front();
    EXPECT_EQ(reason<organizations::ListHandshakesForOrganization>(house.administrator(), request),
              "MAX_LIMIT_EXCEEDED_FILTER");
}

TEST_F(Handshakes, TwentyInvitationsADay) {
    const auto owner = stranger(other_account);
    for (int attempt = 0; attempt < 20; ++attempt) {
        const auto id = invite(other_account);
        ASSERT_EQ(outcome<organizations::CancelHandshake>(house.administrator(), {.handshake_id = id}), "") << attempt;
    }
    EXPECT_EQ(reason<organizations::InviteAccountToOrganization>(house.administrator(), to(other_account)),
              "HANDSHAKE_RATE_LIMIT_EXCEEDED");
    house.clock().advance(days(1));
    EXPECT_TRUE(invite(other_account).starts_with("h-"));
}

TEST_F(Handshakes, LeavingAndComingBack) {
    const auto owner = invited_member(other_account);
    ASSERT_TRUE(house.call<organizations::TagResource>(
        house.administrator(), {.resource_id = other_account, .tags = {{.key = "team", .value = "a"}}}));
    ASSERT_TRUE(house.call<organizations::RegisterDelegatedAdministrator>(
        house.administrator(), {.account_id = other_account, .service_principal = "sso.amazonaws.com"}));
    EXPECT_EQ(reason<organizations::LeaveOrganization>(owner, {}), "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG");
    ASSERT_TRUE(house.call<organizations::DeregisterDelegatedAdministrator>(
        house.administrator(), {.account_id = other_account, .service_principal = "sso.amazonaws.com"}));
    ASSERT_EQ(outcome<organizations::LeaveOrganization>(owner, {}), "");
    ASSERT_EQ(outcome<organizations::AcceptHandshake>(owner, {.handshake_id = invite(other_account)}), "");
    EXPECT_TRUE(house.call<organizations::ListTagsForResource>(house.administrator(), {.resource_id = other_account})
                    ->tags->empty());
}

TEST_F(Handshakes, AMemberChangesOverInOneStep) {
    const auto chief = stranger("444455556666");
    ASSERT_TRUE(house.call<organizations::CreateOrganization>(chief, {}));
    const auto owner = invited_member(other_account);
    const auto wanted = house.call<organizations::InviteAccountToOrganization>(chief, to(other_account)).value();
    // The right to leave is one of its own.
    const auto clerk = house.user(
        "clerk",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["organizations:AcceptHandshake","iam:CreateServiceLinkedRole"],"Resource":"*"}]})",
        AccountId(other_account));
    const auto refused = house.call<organizations::AcceptHandshake>(clerk, {.handshake_id = *wanted.handshake->id});
    EXPECT_NE(refused.error().message.find("organizations:LeaveOrganization"), std::string::npos);
    ASSERT_EQ(outcome<organizations::AcceptHandshake>(owner, {.handshake_id = *wanted.handshake->id}), "");
    EXPECT_EQ(*house.call<organizations::DescribeOrganization>(owner, {})->organization->master_account_id,
              "444455556666");
    EXPECT_EQ(outcome<organizations::DescribeAccount>(house.administrator(), {.account_id = other_account}),
              "AccountNotFoundException");
    // A management account stays.
    const auto other =
        house.call<organizations::InviteAccountToOrganization>(house.administrator(), to("444455556666"));
    EXPECT_EQ(outcome<organizations::AcceptHandshake>(chief, {.handshake_id = *other->handshake->id}),
              "MasterCannotLeaveOrganizationException");
}

TEST_F(Handshakes, TheyEndWithTheOrganization) {
    const auto owner = stranger(other_account);
    const auto id = invite(other_account);
    ASSERT_EQ(outcome<organizations::DeleteOrganization>(house.administrator(), {}), "");
    EXPECT_EQ(state_of(owner, id), HandshakeState::canceled);
    EXPECT_EQ(outcome<organizations::AcceptHandshake>(owner, {.handshake_id = id}),
              "InvalidHandshakeTransitionException");
}

}  // namespace
}  // namespace sekisho::organizations_service
