#include "services/organizations/testing.h"

namespace sekisho::organizations_service {
namespace {

using organizations::HandshakeState;

class AllFeatures : public Organizations {
 protected:
    AllFeatures() : Organizations(organizations::OrganizationFeatureSet::consolidated_billing) {}
    std::string enable() {
        const auto made = house.call<organizations::EnableAllFeatures>(house.administrator(), {});
        if (!made) return made.error().code;
        EXPECT_EQ(made->handshake->state, HandshakeState::requested);
        EXPECT_TRUE(house.settle());
        return *made->handshake->id;
    }
    std::string approval_of(const access::Caller& owner) {
        organizations::ListHandshakesForAccountRequest request;
        request.filter = organizations::HandshakeFilter{.action_type = organizations::ActionType::approve_all_features};
        const auto found = house.call<organizations::ListHandshakesForAccount>(owner, request);
        return found->handshakes->empty() ? std::string() : *found->handshakes->front().id;
    }
    std::string accept(const access::Caller& caller, const std::string& id) {
        return outcome<organizations::AcceptHandshake>(caller, {.handshake_id = id});
    }
};

TEST_F(AllFeatures, NothingOfThemBefore) {
    EXPECT_EQ(organization.feature_set, organizations::OrganizationFeatureSet::consolidated_billing);
    EXPECT_TRUE(organization.available_policy_types->empty());
    EXPECT_EQ(make_policy("p", std::string(allow_everything)), "PolicyTypeNotAvailableForOrganizationException");
    EXPECT_EQ(outcome<organizations::EnablePolicyType>(
                  house.administrator(),
                  {.root_id = root_id(), .policy_type = organizations::PolicyType::service_control_policy}),
              "PolicyTypeNotAvailableForOrganizationException");
    EXPECT_EQ(reason<organizations::EnableAWSServiceAccess>(house.administrator(),
                                                            {.service_principal = "sso.amazonaws.com"}),
              "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE");
}

TEST_F(AllFeatures, EveryInvitedAccountApproves) {
    const auto one = invited_member("222200000001");
    const auto two = invited_member("222200000002");
    ASSERT_TRUE(is_account_id(make_account("created@example.com")));
    const auto request = enable();
    EXPECT_EQ(reason<organizations::EnableAllFeatures>(house.administrator(), {}),
              "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION");
    organizations::ListHandshakesForOrganizationRequest children;
    children.filter = organizations::HandshakeFilter{.parent_handshake_id = request};
    const auto asked = house.call<organizations::ListHandshakesForOrganization>(house.administrator(), children);
    EXPECT_EQ(asked->handshakes->size(), 2u) << "an account that was created is not asked";

    EXPECT_EQ(accept(house.administrator(), request), "InvalidHandshakeTransitionException") << "too early";
    EXPECT_EQ(accept(one, approval_of(one)), "");
    EXPECT_EQ(state_of(house.administrator(), request), HandshakeState::requested);
    EXPECT_EQ(accept(two, approval_of(two)), "");
    EXPECT_EQ(state_of(house.administrator(), request), HandshakeState::open);
    EXPECT_EQ(accept(house.administrator(), request), "");
    EXPECT_EQ(house.call<organizations::DescribeOrganization>(one, {})->organization->feature_set,
              organizations::OrganizationFeatureSet::all);
    EXPECT_EQ(reason<organizations::EnableAllFeatures>(house.administrator(), {}),
              "ORGANIZATION_ALREADY_HAS_ALL_FEATURES");
    EXPECT_TRUE(make_policy("p", std::string(allow_everything)).starts_with("p-"));
}

TEST_F(AllFeatures, ManyAreAskedInSteps) {
    std::vector<access::Caller> owners;
    for (int number = 0; number < 20; ++number) {
        owners.push_back(invited_member("2222000000" + std::to_string(10 + number)));
        if (number == 10) house.clock().advance(days(1));
    }
    const auto request = enable();
    for (const auto& owner : owners) EXPECT_EQ(accept(owner, approval_of(owner)), "");
    EXPECT_EQ(state_of(house.administrator(), request), HandshakeState::open);
}

TEST_F(AllFeatures, AnAccountThatDeclinesMustLeave) {
    const auto one = invited_member("222200000001");
    const auto request = enable();
    ASSERT_EQ(outcome<organizations::DeclineHandshake>(one, {.handshake_id = approval_of(one)}), "");
    EXPECT_EQ(state_of(house.administrator(), request), HandshakeState::requested);
    ASSERT_EQ(
        outcome<organizations::RemoveAccountFromOrganization>(house.administrator(), {.account_id = "222200000001"}),
        "");
    EXPECT_EQ(state_of(house.administrator(), request), HandshakeState::open);
}

TEST_F(AllFeatures, LeavingEndsAnApproval) {
    const auto one = invited_member("222200000001");
    const auto request = enable();
    const auto approval = approval_of(one);
    ASSERT_EQ(outcome<organizations::LeaveOrganization>(one, {}), "");
    EXPECT_EQ(state_of(one, approval), HandshakeState::canceled);
    EXPECT_EQ(accept(house.administrator(), request), "");
}

TEST_F(AllFeatures, InvitationsOfBeforeEnd) {
    const auto owner = stranger("222200000001");
    const auto before = invite("222200000001");
    const auto request = enable();
    EXPECT_EQ(state_of(owner, before), HandshakeState::canceled);
    EXPECT_EQ(invite("222200000001"), "HandshakeConstraintViolationException");
    house.clock().advance(seconds(1));
    ASSERT_EQ(outcome<organizations::CancelHandshake>(house.administrator(), {.handshake_id = request}), "");
    EXPECT_EQ(state_of(owner, before), HandshakeState::canceled) << "once canceled, always canceled";
    EXPECT_EQ(accept(owner, invite("222200000001")), "");
}

TEST_F(AllFeatures, ARequestEndsAfterNinetyDays) {
    const auto one = invited_member("222200000001");
    const auto request = enable();
    const auto approval = approval_of(one);
    house.clock().advance(days(90));
    EXPECT_EQ(state_of(house.administrator(), request), HandshakeState::expired);
    EXPECT_EQ(accept(one, approval), "InvalidHandshakeTransitionException");
    const auto again = enable();
    EXPECT_EQ(accept(one, approval_of(one)), "");
    EXPECT_EQ(accept(house.administrator(), again), "");
}

}  // namespace
}  // namespace sekisho::organizations_service
