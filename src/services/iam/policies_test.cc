#include <set>

#include "base/encoding.h"
#include "domain/iam.h"
#include "services/iam/testing.h"

namespace sekisho::iam_service {
namespace {

class Policies : public IamTest {
 protected:
    bool may_list(const access::Caller& caller) { return house.call<iam::ListRoles>(caller, {}).has_value(); }
};

TEST_F(Policies, AreMadeShownAndVersioned) {
    const auto made = make_policy("P");
    EXPECT_EQ(made.arn, "arn:aws:iam::111222333444:policy/P");
    EXPECT_TRUE(made.policy_id->starts_with("ANPA"));
    EXPECT_EQ(made.default_version_id, "v1");
    EXPECT_EQ(made.attachment_count, 0);
    expect_error(refused<iam::CreatePolicy>({.policy_name = "p", .policy_document = std::string(allows_lists)}),
                 "EntityAlreadyExists", "A policy called p already exists. Duplicate names are not allowed.", 409);
    for (int i = 2; i <= 5; ++i) {
        done<iam::CreatePolicyVersion>({.policy_arn = *made.arn, .policy_document = std::string(allows_lists)});
    }
    EXPECT_EQ(
        refused<iam::CreatePolicyVersion>({.policy_arn = *made.arn, .policy_document = std::string(allows_lists)}).code,
        "LimitExceeded");
    EXPECT_EQ(refused<iam::DeletePolicy>({.policy_arn = *made.arn}).code, "DeleteConflict");
    expect_error(refused<iam::DeletePolicyVersion>({.policy_arn = *made.arn, .version_id = "v1"}), "DeleteConflict",
                 "Cannot delete the default version of a policy.", 409);
    done<iam::SetDefaultPolicyVersion>({.policy_arn = *made.arn, .version_id = "v3"});
    done<iam::DeletePolicyVersion>({.policy_arn = *made.arn, .version_id = "v1"});
    // A version's number is never used again.
    const auto next = done<iam::CreatePolicyVersion>(
        {.policy_arn = *made.arn, .policy_document = std::string(allows_lists), .set_as_default = true});
    EXPECT_EQ(next.policy_version->version_id, "v6");
    const auto versions = done<iam::ListPolicyVersions>({.policy_arn = *made.arn}).versions;
    EXPECT_EQ(versions->front().version_id, "v6");
    EXPECT_EQ(versions->front().is_default_version, true);
    EXPECT_EQ(done<iam::GetPolicy>({.policy_arn = *made.arn}).policy->default_version_id, "v6");
    const auto document = done<iam::GetPolicyVersion>({.policy_arn = *made.arn, .version_id = "v6"}).policy_version;
    EXPECT_EQ(decode_uri(*document->document), allows_lists);
}

TEST_F(Policies, BadDocumentsAndArnsAreRefused) {
    EXPECT_EQ(refused<iam::CreatePolicy>({.policy_name = "p", .policy_document = "{"}).code, "MalformedPolicyDocument");
    std::string large = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":[)";
    for (int i = 0; i < 300; ++i)
        large += (i == 0 ? "" : ",") + ("\"arn:aws:s3:::bucket-number-" + std::to_string(i) + "\"");
    large += "]}]}";
    expect_error(refused<iam::CreatePolicy>({.policy_name = "p", .policy_document = large}), "LimitExceeded",
                 "Cannot exceed quota for PolicySize: 6144", 409);
    make_role("r");
    make_user("u");
    done<iam::PutRolePolicy>({.role_name = "r", .policy_name = "p", .policy_document = large});
    expect_error(refused<iam::PutUserPolicy>({.user_name = "u", .policy_name = "p", .policy_document = large}),
                 "LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user u", 409);
    expect_error(refused<iam::PutRolePolicy>({.role_name = "r", .policy_name = "q", .policy_document = large}),
                 "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role r", 409);
    expect_error(refused<iam::AttachRolePolicy>({.role_name = "r", .policy_arn = "this is not an arn at all"}),
                 "ValidationError", "Invalid ARN:  Could not be parsed!", 400);
    const std::string missing = "arn:aws:iam::111222333444:policy/none";
    expect_error(refused<iam::AttachRolePolicy>({.role_name = "r", .policy_arn = missing}), "NoSuchEntity",
                 "Policy " + missing + " does not exist or is not attachable.", 404);
    expect_error(refused<iam::DetachRolePolicy>({.role_name = "r", .policy_arn = missing}), "NoSuchEntity",
                 "Policy " + missing + " was not found.", 404);
    EXPECT_EQ(
        refused<iam::AttachRolePolicy>(
            {.role_name = "r", .policy_arn = "arn:aws:iam::aws:policy/aws-service-role/AmazonEKSServiceRolePolicy"})
            .code,
        "PolicyNotAttachable");
}

TEST_F(Policies, AttachedOnesGrantAndAreCounted) {
    const auto arn = *make_policy("P").arn;
    const auto bob = house.user("bob", "");
    EXPECT_FALSE(may_list(bob));
    done<iam::AttachUserPolicy>({.user_name = "bob", .policy_arn = arn});
    done<iam::AttachUserPolicy>({.user_name = "bob", .policy_arn = arn});
    EXPECT_TRUE(may_list(bob));
    make_role("r");
    done<iam::AttachRolePolicy>({.role_name = "r", .policy_arn = arn});
    done<iam::PutRolePermissionsBoundary>({.role_name = "r", .permissions_boundary = arn});
    const auto policy = *done<iam::GetPolicy>({.policy_arn = arn}).policy;
    EXPECT_EQ(policy.attachment_count, 2);
    EXPECT_EQ(policy.permissions_boundary_usage_count, 1);
    expect_error(refused<iam::DeletePolicy>({.policy_arn = arn}), "DeleteConflict",
                 "Cannot delete a policy attached to entities.", 409);
    const auto users = done<iam::ListEntitiesForPolicy>({.policy_arn = arn, .entity_filter = iam::EntityType::user});
    EXPECT_EQ(users.policy_users->size(), 1u);
    EXPECT_TRUE(users.policy_roles->empty());
    const auto bounded = done<iam::ListEntitiesForPolicy>(
        {.policy_arn = arn, .policy_usage_filter = iam::PolicyUsageType::permissions_boundary});
    EXPECT_EQ(bounded.policy_roles->size(), 1u);
    EXPECT_TRUE(bounded.policy_users->empty());
    done<iam::DetachUserPolicy>({.user_name = "bob", .policy_arn = arn});
    EXPECT_FALSE(may_list(bob));
    done<iam::DetachRolePolicy>({.role_name = "r", .policy_arn = arn});
    done<iam::DeleteRolePermissionsBoundary>({.role_name = "r"});
    done<iam::DeletePolicy>({.policy_arn = arn});
}

TEST_F(Policies, BoundaryLimits) {
    const auto bob =
        house.user("bob", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})");
    EXPECT_TRUE(may_list(bob));
    const auto arn =
        *make_policy("OnlyS3",
                     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})")
             .arn;
    done<iam::PutUserPermissionsBoundary>({.user_name = "bob", .permissions_boundary = arn});
    EXPECT_FALSE(may_list(bob));
    EXPECT_EQ(done<iam::GetUser>({.user_name = "bob"}).user.permissions_boundary->permissions_boundary_arn, arn);
    done<iam::DeleteUserPermissionsBoundary>({.user_name = "bob"});
    EXPECT_TRUE(may_list(bob));
}

TEST_F(Policies, TenAtMostAreAttached) {
    make_role("r");
    for (int i = 0; i < 10; ++i) {
        done<iam::AttachRolePolicy>({.role_name = "r", .policy_arn = *make_policy("p" + std::to_string(i)).arn});
    }
    expect_error(refused<iam::AttachRolePolicy>({.role_name = "r", .policy_arn = *make_policy("p10").arn}),
                 "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10", 409);
    const auto page = done<iam::ListAttachedRolePolicies>({.role_name = "r", .max_items = 7});
    EXPECT_EQ(page.attached_policies->size(), 7u);
    const auto rest = done<iam::ListAttachedRolePolicies>({.role_name = "r", .marker = page.marker, .max_items = 7});
    EXPECT_EQ(rest.attached_policies->size(), 3u);
    EXPECT_EQ(*rest.is_truncated, false);
}

TEST_F(Policies, InlineOnesAreKeptByName) {
    make_role("r");
    done<iam::PutRolePolicy>({.role_name = "r", .policy_name = "p", .policy_document = std::string(allows_lists)});
    EXPECT_EQ(done<iam::ListRolePolicies>({.role_name = "r"}).policy_names, std::vector<std::string>{"p"});
    EXPECT_EQ(decode_uri(done<iam::GetRolePolicy>({.role_name = "r", .policy_name = "p"}).policy_document),
              allows_lists);
    expect_error(refused<iam::GetRolePolicy>({.role_name = "r", .policy_name = "q"}), "NoSuchEntity",
                 "The role policy with name q cannot be found.", 404);
    expect_error(refused<iam::DeleteRole>({.role_name = "r"}), "DeleteConflict",
                 "Cannot delete entity, must delete policies first.", 409);
    done<iam::DeleteRolePolicy>({.role_name = "r", .policy_name = "p"});
    done<iam::DeleteRole>({.role_name = "r"});
}

TEST_F(Policies, ListGoesThroughAwsAndOwn) {
    for (const char* name : {"a", "b", "c"}) make_policy(name);
    std::set<std::string> seen;
    std::optional<std::string> marker;
    int pages = 0;
    do {
        const auto page = done<iam::ListPolicies>({.marker = marker, .max_items = 500});
        for (const auto& policy : *page.policies) EXPECT_TRUE(seen.insert(*policy.arn).second) << *policy.arn;
        marker = page.marker;
    } while (marker && ++pages < 20);
    EXPECT_GT(seen.size(), 1000u);
    EXPECT_TRUE(seen.contains(std::string(view_only)));
    EXPECT_TRUE(seen.contains("arn:aws:iam::111222333444:policy/c"));
    const auto local = done<iam::ListPolicies>({.scope = iam::PolicyScopeType::local, .max_items = 2});
    EXPECT_EQ(local.policies->size(), 2u);
    const auto rest =
        done<iam::ListPolicies>({.scope = iam::PolicyScopeType::local, .marker = local.marker, .max_items = 2});
    EXPECT_EQ(rest.policies->size(), 1u);
    make_role("r");
    done<iam::AttachRolePolicy>({.role_name = "r", .policy_arn = std::string(view_only)});
    const auto attached = done<iam::ListPolicies>({.only_attached = true});
    ASSERT_EQ(attached.policies->size(), 1u);
    EXPECT_EQ(attached.policies->front().arn, view_only);
    const auto jobs = done<iam::ListPolicies>({.scope = iam::PolicyScopeType::aws, .path_prefix = "/job-function/"});
    for (const auto& policy : *jobs.policies) EXPECT_EQ(policy.path, "/job-function/");
}

TEST_F(Policies, AwsOwnAreReadOnly) {
    const auto policy = *done<iam::GetPolicy>({.policy_arn = std::string(view_only)}).policy;
    EXPECT_EQ(policy.policy_name, "ViewOnlyAccess");
    const auto version =
        done<iam::GetPolicyVersion>({.policy_arn = std::string(view_only), .version_id = *policy.default_version_id});
    EXPECT_NE(decode_uri(*version.policy_version->document)->find("2012-10-17"), std::string::npos);
    EXPECT_EQ(refused<iam::DeletePolicy>({.policy_arn = std::string(view_only)}).code, "AccessDenied");
    EXPECT_EQ(refused<iam::GetPolicy>({.policy_arn = "arn:aws:iam::aws:policy/ViewOnlyAccess"}).code, "NoSuchEntity");
}

// iam:PolicyARN bounds what may be attached.
TEST_F(Policies, AttachingIsBoundedByItsCondition) {
    make_role("r");
    const auto bob = house.user(
        "bob",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:AttachRolePolicy","Resource":"*",)"
        R"("Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"}}}]})");
    EXPECT_TRUE(
        house.call<iam::AttachRolePolicy>(bob, {.role_name = "r", .policy_arn = std::string(view_only)}).has_value());
    const auto other = house.call<iam::AttachRolePolicy>(
        bob, {.role_name = "r", .policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"});
    EXPECT_EQ(other.error().code, "AccessDenied");
}

TEST_F(Policies, SummaryAndDetailsSeeEverything) {
    make_role("r");
    make_user("u");
    done<iam::CreateGroup>({.group_name = "g"});
    make_policy("P");
    done<iam::AttachRolePolicy>({.role_name = "r", .policy_arn = std::string(view_only)});
    auto summary = *done<iam::GetAccountSummary>({}).summary_map;
    EXPECT_EQ(summary["Users"], 2);  // the administrator, too
    EXPECT_EQ(summary["Roles"], 1);
    EXPECT_EQ(summary["Policies"], 1);
    std::vector<std::string> seen;
    std::optional<std::string> marker;
    for (int i = 0; i < 20; ++i) {
        const auto page = done<iam::GetAccountAuthorizationDetails>({.max_items = 1, .marker = marker});
        for (const auto& item : *page.user_detail_list) seen.push_back(*item.user_name);
        for (const auto& item : *page.group_detail_list) seen.push_back(*item.group_name);
        for (const auto& item : *page.role_detail_list) seen.push_back(*item.role_name);
        for (const auto& item : *page.policies) seen.push_back(*item.policy_name);
        marker = page.marker;
        if (!marker) break;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"admin", "u", "g", "r", "P", "ViewOnlyAccess"}));
    const auto roles = done<iam::GetAccountAuthorizationDetails>({.filter = {{iam::EntityType::role}}});
    EXPECT_TRUE(roles.user_detail_list->empty());
    EXPECT_EQ(roles.role_detail_list->size(), 1u);
}

TEST_F(Policies, AliasIsUniqueAmongAccounts) {
    done<iam::CreateAccountAlias>({.account_alias = "first"});
    done<iam::CreateAccountAlias>({.account_alias = "second"});
    EXPECT_EQ(done<iam::ListAccountAliases>({}).account_aliases, std::vector<std::string>{"second"});
    const AccountId other("222333444555");
    const auto neighbour = house.user(
        "n", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})", other);
    expect_error(house.call<iam::CreateAccountAlias>(neighbour, {.account_alias = "second"}).error(),
                 "EntityAlreadyExists", "The account alias second already exists.", 409);
    EXPECT_TRUE(house.call<iam::CreateAccountAlias>(neighbour, {.account_alias = "first"}).has_value());
    done<iam::DeleteAccountAlias>({.account_alias = "second"});
    EXPECT_TRUE(done<iam::ListAccountAliases>({}).account_aliases.empty());
}

}  // namespace
}  // namespace sekisho::iam_service
