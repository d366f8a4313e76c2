#include "services/organizations/testing.h"

namespace sekisho::organizations_service {
namespace {

class ResourcePolicies : public Organizations {
 protected:
    void SetUp() override {
        Organizations::SetUp();
        member_id = make_account("member@example.com");
        ASSERT_TRUE(is_account_id(member_id)) << member_id;
        member = house.user("member", allow_everything, AccountId(member_id));
    }
    // A statement that allows actions to the member.
    std::string document(const std::string& actions, const std::string& more = R"("Resource":"*")") {
        return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::)" +
               member_id + R"(:root"},"Action":[)" + actions + "]," + more + "}]}";
    }
    std::string put(std::string content) {
        organizations::PutResourcePolicyRequest request;
        request.content = std::move(content);
        return reason<organizations::PutResourcePolicy>(house.administrator(), request);
    }
    organizations::CreatePolicyRequest policy(const std::string& name) {
        organizations::CreatePolicyRequest request;
        request.name = name;
        request.type = organizations::PolicyType::service_control_policy;
        request.content = allow_everything;
        return request;
    }

    std::string member_id;
    access::Caller member;
};

TEST_F(ResourcePolicies, MembersDoWhatIsDelegated) {
    EXPECT_EQ(outcome<organizations::DescribeResourcePolicy>(house.administrator(), {}),
              "ResourcePolicyNotFoundException");
    EXPECT_EQ(outcome<organizations::CreatePolicy>(member, policy("one")), "AccessDeniedException");
    ASSERT_EQ(put(document(R"("organizations:CreatePolicy","organizations:ListAccounts")")), "");
    EXPECT_EQ(outcome<organizations::CreatePolicy>(member, policy("one")), "");
    EXPECT_EQ(outcome<organizations::ListAccounts>(member, {}), "");
    EXPECT_EQ(outcome<organizations::ListRoots>(member, {}), "AccessDeniedException");
    EXPECT_EQ(outcome<organizations::CreateOrganizationalUnit>(member, {.parent_id = root_id(), .name = "u"}),
              "AccessDeniedException");
    // Both sides must allow.
    const auto powerless = house.user("powerless", "", AccountId(member_id));
    EXPECT_EQ(outcome<organizations::ListAccounts>(powerless, {}), "AccessDeniedException");
    ASSERT_EQ(outcome<organizations::DeleteResourcePolicy>(house.administrator(), {}), "");
    EXPECT_EQ(outcome<organizations::ListAccounts>(member, {}), "AccessDeniedException");
}

TEST_F(ResourcePolicies, ConditionsAndResourcesCount) {
    ASSERT_EQ(
        put(document(
            R"("organizations:CreatePolicy")",
            R"("Resource":"*","Condition":{"StringEquals":{"organizations:PolicyType":"RESOURCE_CONTROL_POLICY"}})")),
        "");
    EXPECT_EQ(outcome<organizations::CreatePolicy>(member, policy("one")), "AccessDeniedException");
    const auto made = make_policy("mine", std::string(allow_everything));
    const auto arn = "arn:aws:organizations::111222333444:policy/" + *organization.id + "/service_control_policy/";
    ASSERT_EQ(put(document(R"("organizations:DescribePolicy")", R"("Resource":")" + arn + made + R"(")")), "");
    EXPECT_EQ(outcome<organizations::DescribePolicy>(member, {.policy_id = made}), "");
    EXPECT_EQ(outcome<organizations::DescribePolicy>(member, {.policy_id = "p-FullAWSAccess"}),
              "AccessDeniedException");
}

TEST_F(ResourcePolicies, DocumentsAreChecked) {
    EXPECT_EQ(put("{"), "INVALID_RESOURCE_POLICY_JSON");
    EXPECT_EQ(put(document(R"("organizations:CreateAccount")")), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY");
    EXPECT_EQ(put(document(R"("iam:CreateUser")")), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY");
    EXPECT_EQ(put(document(R"("organizations:ListRoots")", R"("Resource":"arn:aws:s3:::x")")),
              "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY");
    EXPECT_EQ(put(document(R"("organizations:ListRoots")", R"("NotResource":"*")")),
              "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY");
    member_id = "999999999999";
    EXPECT_EQ(put(document(R"("organizations:ListRoots")")), "INVALID_PRINCIPAL");
}

TEST_F(ResourcePolicies, OneForAnOrganizationWithTags) {
    organizations::PutResourcePolicyRequest request;
    request.content = document(R"("organizations:List*")");
    request.tags = std::vector<organizations::Tag>{{.key = "team", .value = "a"}};
    const auto made = house.call<organizations::PutResourcePolicy>(house.administrator(), request);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto id = *made->resource_policy->resource_policy_summary->id;
    EXPECT_EQ(*made->resource_policy->resource_policy_summary->arn,
              "arn:aws:organizations::111222333444:resourcepolicy/" + *organization.id + "/" + id);
    EXPECT_EQ(reason<organizations::PutResourcePolicy>(house.administrator(), request), "INVALID_LIST_MEMBER");
    request.tags.reset();
    EXPECT_EQ(*house.call<organizations::PutResourcePolicy>(house.administrator(), request)
                   ->resource_policy->resource_policy_summary->id,
              id);
    ASSERT_TRUE(house.call<organizations::TagResource>(house.administrator(),
                                                       {.resource_id = id, .tags = {{.key = "b", .value = "c"}}}));
    EXPECT_EQ(house.call<organizations::ListTagsForResource>(member, {.resource_id = id})->tags->size(), 2u);
}

}  // namespace
}  // namespace sekisho::organizations_service
