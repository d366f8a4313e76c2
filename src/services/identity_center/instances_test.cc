// Deleting an instance, and the regions that one is added to.
#include "access/liveness.h"
#include "domain/applications.h"
#include "domain/sessions.h"
#include "services/identity_center/test_center.h"

namespace sekisho::identity_center_service {
namespace {

using sso_admin::PrincipalType;
using sso_admin::RegionStatus;

class Instances : public CenterTest {
 protected:
    sso_admin::CreateApplicationRequest application_request() const {
        return {.instance_arn = instance,
                .application_provider_arn = "arn:aws:sso::aws:applicationProvider/custom",
                .name = "app"};
    }
    RegionStatus add(const std::string& region) {
        return *must<sso_admin::AddRegion>({.instance_arn = instance, .region_name = region}).status;
    }
    std::vector<std::string> regions() {
        std::vector<std::string> names;
        for (const auto& region : *must<sso_admin::ListRegions>({.instance_arn = instance}).regions) {
            names.push_back(*region.region_name + " " + std::string(sso_admin::to_text(*region.status)));
        }
        return names;
    }
    // A person signed in, as every door sees them.
    access::Caller signed_in(const std::string& person) {
        const SignInSessionId id("session-of-" + person);
        const auto done = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            return domain::sign_in_sessions.put(tx, {.id = id,
                                                     .person_id = PersonId(person),
                                                     .identity_store_id = IdentityStoreId(identity_store),
                                                     .person_epoch = 1,
                                                     .created_at = house.clock().now(),
                                                     .expires_at = house.clock().now() + hours(8)});
        });
        EXPECT_TRUE(done.has_value());
        access::Caller caller;
        caller.kind = access::CallerKind::person;
        caller.root.person_id = PersonId(person);
        caller.root.identity_store_id = IdentityStoreId(identity_store);
        caller.root.person_epoch = 1;
        caller.root.sign_in_session_id = id;
        return caller;
    }
    // The person in the role that a permission set has become.
    access::Caller in_role(access::Caller person, const std::string& set, const AccountId& account) {
        const auto made = role(set, account);
        person.kind = access::CallerKind::role_session;
        person.account_id = account;
        person.principal_id = made->id;
        person.role_name = made->name;
        person.issued_at = house.clock().now();
        person.root.grant_account_id = account;
        person.root.permission_set_arn = PermissionSetArn(set);
        person.root.assignee_kind = "GROUP";
        return person;
    }
    access::Liveness liveness(access::Caller caller) {
        return access::check_liveness(house.store().snapshot(), caller, house.clock().now());
    }
    template <class Table>
    std::size_t count(const Table& table) {
        std::size_t found = 0;
        EXPECT_TRUE(table.each(house.store().snapshot(), store::prefix(), [&](const auto&) { return ++found != 0; }));
        return found;
    }
};

TEST_F(Instances, RegionsGoThroughTheirStates) {
    EXPECT_EQ(regions(), std::vector<std::string>{"us-east-1 ACTIVE"});
    EXPECT_EQ(add("eu-west-1"), RegionStatus::adding);
    EXPECT_EQ(refused<sso_admin::AddRegion>({.instance_arn = instance, .region_name = "ap-northeast-1"}).code,
              "ConflictException")
        << "one change at a time";
    EXPECT_EQ(refused<sso_admin::RemoveRegion>({.instance_arn = instance, .region_name = "eu-west-1"}).code,
              "ConflictException");
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(regions(), (std::vector<std::string>{"us-east-1 ACTIVE", "eu-west-1 ACTIVE"}));
    EXPECT_EQ(must<sso_admin::DescribeInstance>({.instance_arn = instance}).regions->size(), 2u);
    const auto seen = must<sso_admin::DescribeRegion>({.instance_arn = instance, .region_name = "eu-west-1"});
    EXPECT_EQ(seen.is_primary_region, false);
    EXPECT_EQ(seen.added_date, house.clock().now());
    for (const auto* known : {"us-east-1", "eu-west-1"}) {
        EXPECT_EQ(refused<sso_admin::AddRegion>({.instance_arn = instance, .region_name = known}).code,
                  "ConflictException");
    }
    sso_admin::ListRegionsRequest page{.instance_arn = instance};
    page.max_results = 1;
    const auto first = must<sso_admin::ListRegions>(page);
    ASSERT_TRUE(first.next_token);
    page.next_token = first.next_token;
    EXPECT_EQ(must<sso_admin::ListRegions>(page).regions->front().region_name, "eu-west-1");

    EXPECT_EQ(must<sso_admin::RemoveRegion>({.instance_arn = instance, .region_name = "eu-west-1"}).status,
              RegionStatus::removing);
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(regions().size(), 1u);
    EXPECT_EQ(refused<sso_admin::RemoveRegion>({.instance_arn = instance, .region_name = "eu-west-1"}).code,
              "ResourceNotFoundException");
    EXPECT_EQ(refused<sso_admin::DescribeRegion>({.instance_arn = instance, .region_name = "eu-west-1"}).code,
              "ResourceNotFoundException");
    EXPECT_EQ(refused<sso_admin::RemoveRegion>({.instance_arn = instance, .region_name = "us-east-1"}).code,
              "ValidationException");
    EXPECT_EQ(house
                  .call<sso_admin::AddRegion>(house.administrator(),
                                              {.instance_arn = instance, .region_name = "eu-west-1"}, "eu-west-1")
                  .error()
                  .code,
              "AccessDeniedException")
        << "it is asked for in the primary one";
    const auto filled = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(auto center, domain::identity_centers.get(tx, instance));
        center->added_regions.assign(domain::center_regions_max, {.name = Region("xx-a-1"), .status = "ACTIVE"});
        return domain::identity_centers.put(tx, *center);
    });
    ASSERT_TRUE(filled.has_value());
    EXPECT_EQ(refused<sso_admin::AddRegion>({.instance_arn = instance, .region_name = "zz-last-1"}).code,
              "ServiceQuotaExceededException");
}

TEST_F(Instances, DeletionClosesEverythingAtOnceAndLeavesNothing) {
    const auto user = make_user("a");
    const auto group = make_group("g");
    add_member(group, user);
    for (int i = 0; i < 30; ++i) add_member(group, make_user("u" + std::to_string(i)));
    const auto set = make_set("s");
    make_set("unused");
    for (const auto& account : {member, operation::TestHouse::account}) {
        ASSERT_EQ(assign(set, group, PrincipalType::group, account).status, sso_admin::StatusValues::succeeded);
    }
    const auto application = *must<sso_admin::CreateApplication>(application_request()).application_arn;
    must<sso_admin::CreateApplicationAssignment>(
        {.application_arn = application, .principal_id = group, .principal_type = PrincipalType::group});
    sso_admin::CreateTrustedTokenIssuerRequest issuer{.instance_arn = instance, .name = "idp"};
    issuer.trusted_token_issuer_configuration.oidc_jwt_configuration =
        sso_admin::OidcJwtConfiguration{.issuer_url = "https://idp.example.com",
                                        .claim_attribute_path = "email",
                                        .identity_store_attribute_path = "emails.value"};
    must<sso_admin::CreateTrustedTokenIssuer>(issuer);
    const auto person = signed_in(user);
    auto session = in_role(person, set, member);
    session.root.assignee_id = group;
    EXPECT_EQ(liveness(person), access::Liveness::alive);
    EXPECT_EQ(liveness(session), access::Liveness::alive);
    // An assignment under way when the instance goes.
    must<sso_admin::CreateAccountAssignment>(
        assignment_request<sso_admin::CreateAccountAssignmentRequest>(set, user, PrincipalType::user, member));

    EXPECT_EQ(house.call<sso_admin::DeleteInstance>(outsider, {.instance_arn = instance}).error().code,
              "AccessDeniedException");
    const auto other = house.user("powerless", "");
    EXPECT_EQ(house.call<sso_admin::DeleteInstance>(other, {.instance_arn = instance}).error().code,
              "AccessDeniedException");
    must<sso_admin::DeleteInstance>({.instance_arn = instance});
    EXPECT_EQ(liveness(person), access::Liveness::revoked);
    EXPECT_NE(liveness(session), access::Liveness::alive);
    EXPECT_EQ(refused<sso_admin::DescribeInstance>({.instance_arn = instance}).code, "AccessDeniedException");
    EXPECT_EQ(refused<sso_admin::DeleteInstance>({.instance_arn = instance}).code, "AccessDeniedException");
    EXPECT_EQ(refused<identitystore::ListUsers>({.identity_store_id = identity_store}).code,
              "ResourceNotFoundException");
    EXPECT_TRUE(must<sso_admin::ListInstances>({}).instances->empty());

    ASSERT_TRUE(house.settle());
    EXPECT_EQ(count(domain::permission_sets), 0u);
    EXPECT_EQ(count(domain::assignments), 0u);
    EXPECT_EQ(count(domain::provisioned_roles), 0u);
    EXPECT_EQ(count(domain::provisioning_requests), 0u);
    EXPECT_EQ(count(domain::saml_providers), 0u);
    EXPECT_EQ(count(domain::roles), 0u);
    EXPECT_EQ(count(domain::applications), 0u);
    EXPECT_EQ(count(domain::application_assignments), 0u);
    EXPECT_EQ(count(domain::trusted_token_issuers), 0u);
    EXPECT_EQ(count(domain::people), 0u);
    EXPECT_EQ(count(domain::directory_groups), 0u);
    EXPECT_EQ(count(domain::memberships), 0u);
    EXPECT_EQ(count(domain::sign_in_sessions), 0u);

    const auto next = must<control::EnableIdentityCenter>({});
    EXPECT_NE(next.instance_arn, instance);
    EXPECT_NE(next.identity_store_id, identity_store);
}

TEST_F(Instances, AnAccountInstanceIsItsAccounts) {
    const auto made = house.call<sso_admin::CreateInstance>(outsider, {});
    ASSERT_TRUE(made) << made.error().message;
    const auto arn = *made->instance_arn;
    EXPECT_EQ(refused<sso_admin::DeleteInstance>({.instance_arn = arn}).code, "AccessDeniedException")
        << "not the management account's";
    EXPECT_EQ(
        house.call<sso_admin::AddRegion>(outsider, {.instance_arn = arn, .region_name = "eu-west-1"}).error().code,
        "ValidationException");
    EXPECT_TRUE(house.call<sso_admin::DeleteInstance>(outsider, {.instance_arn = arn}));
    EXPECT_TRUE(house.call<sso_admin::CreateInstance>(outsider, {}));
    must<sso_admin::DescribeInstance>({.instance_arn = instance});
}

}  // namespace
}  // namespace sekisho::identity_center_service
