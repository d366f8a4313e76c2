#include "access/records.h"
#include "domain/iam.h"
#include "services/organizations/testing.h"

namespace sekisho::organizations_service {
namespace {

TEST_F(Organizations, AnAccountHasOneOrganization) {
    EXPECT_TRUE(organization.id->starts_with("o-"));
    EXPECT_EQ(organization.feature_set, organizations::OrganizationFeatureSet::all);
    EXPECT_EQ(house.call<organizations::CreateOrganization>(house.administrator(), {}).error().code,
              "AlreadyInOrganizationException");
    const auto stranger = house.user("s", allow_everything, AccountId("999999999999"));
    EXPECT_EQ(house.call<organizations::DescribeOrganization>(stranger, {}).error().code,
              "AWSOrganizationsNotInUseException");
}

TEST_F(Organizations, ANewAccountTrustsTheManagementAccount) {
    const auto account = make_account("a+eks@example.com");
    ASSERT_TRUE(is_account_id(account)) << account;
    const auto snapshot = house.store().snapshot();
    const auto role = access::cached_role(snapshot, AccountId(account), "OrganizationAccountAccessRole");
    ASSERT_NE(role, nullptr);
    EXPECT_NE(role->trust_policy.find("arn:aws:iam::111222333444:root"), std::string::npos);
    EXPECT_EQ(make_account("A+EKS@example.com"), "EMAIL_ALREADY_EXISTS");
}

TEST_F(Organizations, PagesAreSealedToTheirList) {
    ASSERT_TRUE(is_account_id(make_account("one@example.com")));
    ASSERT_TRUE(is_account_id(make_account("two@example.com")));
    const auto first = house.call<organizations::ListAccounts>(house.administrator(), {.max_results = 2}).value();
    EXPECT_EQ(first.accounts->size(), 2u);
    ASSERT_TRUE(first.next_token.has_value());
    const auto second = house.call<organizations::ListAccounts>(house.administrator(),
                                                                {.next_token = first.next_token, .max_results = 2});
    EXPECT_EQ(second->accounts->size(), 1u);
    EXPECT_FALSE(second->next_token.has_value());
    EXPECT_EQ(house.call<organizations::ListRoots>(house.administrator(), {}).value().roots->size(), 1u);
    EXPECT_EQ(
        house.call<organizations::ListCreateAccountStatus>(house.administrator(), {.next_token = first.next_token})
            .error()
            .code,
        "InvalidInputException");
}

TEST_F(Organizations, ControlPoliciesBindMembersAndNotTheManagementAccount) {
    const auto account = make_account("a@example.com");
    const auto member = house.user("m", allow_everything, AccountId(account));
    const auto look = [&](const access::Caller& caller) {
        return house.call<organizations::DescribeOrganization>(caller, {});
    };
    EXPECT_TRUE(look(member).has_value());
    const auto policy = make_policy(
        "no-organizations",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:DescribeOrganization","Resource":"*"}]})");
    EXPECT_EQ(
        house.call<organizations::AttachPolicy>(house.administrator(), {.policy_id = policy, .target_id = root_id()})
            .error()
            .code,
        "PolicyTypeNotEnabledException");
    ASSERT_TRUE(house.call<organizations::EnablePolicyType>(
        house.administrator(),
        {.root_id = root_id(), .policy_type = organizations::PolicyType::service_control_policy}));
    EXPECT_TRUE(look(member).has_value()) << "FullAWSAccess is attached from the start";
    ASSERT_TRUE(
        house.call<organizations::AttachPolicy>(house.administrator(), {.policy_id = policy, .target_id = root_id()}));
    const auto denied = look(member);
    ASSERT_FALSE(denied.has_value());
    EXPECT_EQ(denied.error().code, "AccessDeniedException");
    EXPECT_NE(denied.error().message.find("with an explicit deny in a service control policy"), std::string::npos);
    EXPECT_TRUE(look(house.administrator()).has_value());
    ASSERT_TRUE(
        house.call<organizations::DetachPolicy>(house.administrator(), {.policy_id = policy, .target_id = root_id()}));
    EXPECT_TRUE(look(member).has_value());
    // The last one stays: without any, everything would be denied by accident.
    const auto last = house.call<organizations::DetachPolicy>(house.administrator(),
                                                              {.policy_id = "p-FullAWSAccess", .target_id = account});
    EXPECT_EQ(last.error().code, "ConstraintViolationException");
}

TEST_F(Organizations, UnitsNestAndMustBeEmptyToGo) {
    std::string parent = root_id();
    for (int depth = 0; depth < 5; ++depth) {
        const auto made = house.call<organizations::CreateOrganizationalUnit>(house.administrator(),
                                                                              {.parent_id = parent, .name = "unit"});
        ASSERT_TRUE(made.has_value()) << depth;
        parent = *made->organizational_unit->id;
    }
    EXPECT_EQ(
        house.call<organizations::CreateOrganizationalUnit>(house.administrator(), {.parent_id = parent, .name = "x"})
            .error()
            .code,
        "ConstraintViolationException");
    const auto top =
        house.call<organizations::ListOrganizationalUnitsForParent>(house.administrator(), {.parent_id = root_id()});
    ASSERT_EQ(top->organizational_units->size(), 1u);
    EXPECT_EQ(house
                  .call<organizations::CreateOrganizationalUnit>(house.administrator(),
                                                                 {.parent_id = root_id(), .name = "Unit"})
                  .error()
                  .code,
              "DuplicateOrganizationalUnitException");
    EXPECT_EQ(house
                  .call<organizations::DeleteOrganizationalUnit>(
                      house.administrator(), {.organizational_unit_id = *top->organizational_units->front().id})
                  .error()
                  .code,
              "OrganizationalUnitNotEmptyException");
    EXPECT_TRUE(
        house.call<organizations::DeleteOrganizationalUnit>(house.administrator(), {.organizational_unit_id = parent}));
}

TEST_F(Organizations, ClosedAccountsAreOutAtOnce) {
    const auto account = make_account("a@example.com");
    const auto member = house.user("m", allow_everything, AccountId(account));
    EXPECT_TRUE(house.call<organizations::DescribeOrganization>(member, {}).has_value());
    ASSERT_TRUE(house.call<organizations::CloseAccount>(house.administrator(), {.account_id = account}));
    EXPECT_EQ(house.call<organizations::DescribeOrganization>(member, {}).error().code, "UnrecognizedClientException");
    EXPECT_EQ(house.call<organizations::CloseAccount>(house.administrator(), {.account_id = account}).error().code,
              "AccountAlreadyClosedException");
}

TEST_F(Organizations, MembersDoNotAdminister) {
    const auto account = make_account("a@example.com");
    const auto member = house.user("m", allow_everything, AccountId(account));
    const auto refused = house.call<organizations::ListAccounts>(member, {}).error();
    EXPECT_EQ(refused.code, "AccessDeniedException");
    EXPECT_EQ(refused.message, "You don't have permissions to access this resource.");
    ASSERT_TRUE(house.call<organizations::RegisterDelegatedAdministrator>(
        house.administrator(), {.account_id = account, .service_principal = "sso.amazonaws.com"}));
    EXPECT_TRUE(house.call<organizations::ListAccounts>(member, {}).has_value());
}

}  // namespace
}  // namespace sekisho::organizations_service
