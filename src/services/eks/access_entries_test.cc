#include "services/eks/test_cluster.h"

namespace sekisho::eks_service {
namespace {

class AccessEntries : public Eks {
 protected:
    void SetUp() override {
        Eks::SetUp();
        make_cluster_with_entries("c");
    }
    Result<eks::CreateAccessEntryResponse> create(const std::string& principal, const std::string& type = "STANDARD",
                                                  std::optional<std::string> username = {},
                                                  std::vector<std::string> groups = {}) {
        eks::CreateAccessEntryRequest request{.cluster_name = "c", .principal_arn = principal};
        request.type = type;
        request.username = std::move(username);
        if (!groups.empty()) request.kubernetes_groups = std::move(groups);
        return house.call<eks::CreateAccessEntry>(house.administrator(), std::move(request));
    }
    std::vector<std::string> listed(const std::optional<std::string>& policy = {}) {
        return house
            .call<eks::ListAccessEntries>(house.administrator(), {.cluster_name = "c", .associated_policy_arn = policy})
            ->access_entries.value();
    }
    eks::AssociateAccessPolicyRequest association(const std::string& principal, const std::string& policy,
                                                  std::vector<std::string> namespaces = {}) {
        eks::AssociateAccessPolicyRequest request{.cluster_name = "c", .principal_arn = principal};
        request.policy_arn = domain::access_policy_arn(policy);
        request.access_scope = {.type = namespaces.empty() ? eks::AccessScopeType::cluster
                                                           : eks::AccessScopeType::namespace_};
        if (!namespaces.empty()) request.access_scope.namespaces = std::move(namespaces);
        return request;
    }
};

TEST_F(AccessEntries, TheCreatorHasOneThatCanGo) {
    const std::string creator = house.administrator().principal_arn;
    EXPECT_EQ(listed(), std::vector{creator});
    EXPECT_EQ(listed(domain::access_policy_arn("AmazonEKSClusterAdminPolicy")), std::vector{creator});
    EXPECT_TRUE(listed(domain::access_policy_arn("AmazonEKSViewPolicy")).empty());
    ASSERT_TRUE(
        house.call<eks::DeleteAccessEntry>(house.administrator(), {.cluster_name = "c", .principal_arn = creator}));
    EXPECT_TRUE(listed().empty());
    EXPECT_EQ(refusal<eks::DescribeAccessEntry>({.cluster_name = "c", .principal_arn = creator}).http_status, 404);
}

TEST_F(AccessEntries, TypesHaveTheirDefaults) {
    const auto role = create(std::string(role_arn)).value().access_entry.value();
    EXPECT_EQ(role.username, "arn:aws:sts::111222333444:assumed-role/cluster/{{SessionName}}");
    EXPECT_EQ(role.type, "STANDARD");
    EXPECT_TRUE(role.access_entry_arn->starts_with(
        "arn:aws:eks:us-east-1:111222333444:access-entry/c/role/111222333444/cluster/"));
    const auto user = create(make_user("ann")).value().access_entry.value();
    EXPECT_EQ(user.username, "arn:aws:iam::111222333444:user/ann");
    ASSERT_TRUE(house.call<eks::DeleteAccessEntry>(house.administrator(),
                                                   {.cluster_name = "c", .principal_arn = std::string(role_arn)}));
    const auto node = create(std::string(role_arn), "EC2_LINUX").value().access_entry.value();
    EXPECT_EQ(node.username, "system:node:{{EC2PrivateDNSName}}");
    EXPECT_EQ(node.kubernetes_groups, std::vector<std::string>{"system:nodes"});
}

TEST_F(AccessEntries, PrincipalsMustBeThere) {
    EXPECT_EQ(create("arn:aws:iam::111222333444:user/nobody").error().message,
              "The specified principalArn is invalid: invalid principal.");
    EXPECT_EQ(create("arn:aws:sts::111222333444:assumed-role/cluster/s").error().message,
              "The principalArn parameter format is not valid");
    EXPECT_EQ(create("arn:aws:iam::111222333444:root").error().code, "InvalidParameterException");
    EXPECT_FALSE(create(make_user("ann"), "EC2_LINUX").has_value());
    ASSERT_TRUE(create(make_user("bob")).has_value());
    const auto twice = create("arn:aws:iam::111222333444:user/bob").error();
    EXPECT_EQ(twice.http_status, 409);
    EXPECT_EQ(twice.message, "The specified access entry resource is already in use on this cluster.");
}

TEST_F(AccessEntries, NamesOfTheSystemAreNotForEntries) {
    const auto ann = make_user("ann");
    EXPECT_EQ(create(ann, "STANDARD", {}, {"system:masters"}).error().message,
              "The kubernetes group name system:masters is invalid, it cannot start with system:");
    EXPECT_EQ(create(ann, "STANDARD", "system:admin").error().message, "The username must not begin with system:");
    // The group of another entry's policies would be another one's rights.
    EXPECT_EQ(create(ann, "STANDARD", {}, {"sekisho:access-entry:x"}).error().code, "InvalidParameterException");
    EXPECT_FALSE(create(ann, "STANDARD", "{{SessionName}}").has_value());
    EXPECT_EQ(create(ann, "STANDARD", "team:{{SessionName}}", {"readers"})->access_entry->kubernetes_groups,
              std::vector<std::string>{"readers"});
    eks::UpdateAccessEntryRequest update{.cluster_name = "c", .principal_arn = ann};
    update.kubernetes_groups = std::vector<std::string>{"system:masters"};
    EXPECT_EQ(refusal<eks::UpdateAccessEntry>(update).code, "InvalidParameterException");
    update.kubernetes_groups = std::vector<std::string>{"writers"};
    EXPECT_EQ(house.call<eks::UpdateAccessEntry>(house.administrator(), update)->access_entry->username,
              "team:{{SessionName}}");
}

TEST_F(AccessEntries, APolicyIsAssociatedOnce) {
    const auto ann = make_user("ann");
    ASSERT_TRUE(create(ann).has_value());
    const auto associate = [&](const eks::AssociateAccessPolicyRequest& request) {
        return house.call<eks::AssociateAccessPolicy>(house.administrator(), request);
    };
    ASSERT_TRUE(associate(association(ann, "AmazonEKSViewPolicy")).has_value());
    ASSERT_TRUE(associate(association(ann, "AmazonEKSViewPolicy", {"dev-*"})).has_value());
    const auto policies =
        house
            .call<eks::ListAssociatedAccessPolicies>(house.administrator(), {.cluster_name = "c", .principal_arn = ann})
            ->associated_access_policies.value();
    ASSERT_EQ(policies.size(), 1u);
    EXPECT_EQ(policies[0].access_scope->type, eks::AccessScopeType::namespace_);
    EXPECT_EQ(policies[0].access_scope->namespaces, std::vector<std::string>{"dev-*"});
    EXPECT_FALSE(associate(association(ann, "AmazonEKSNoPolicy")).has_value());
    EXPECT_FALSE(associate(association(ann, "AmazonEKSViewPolicy", {"No Such"})).has_value());
    EXPECT_EQ(associate(association("arn:aws:iam::111222333444:user/bob", "AmazonEKSViewPolicy")).error().message,
              "The specified principalArn could not be found. You can view your available access entries with "
              "'list-access-entries'.");
    const eks::DisassociateAccessPolicyRequest end{
        .cluster_name = "c", .principal_arn = ann, .policy_arn = domain::access_policy_arn("AmazonEKSViewPolicy")};
    ASSERT_TRUE(house.call<eks::DisassociateAccessPolicy>(house.administrator(), end).has_value());
    EXPECT_EQ(refusal<eks::DisassociateAccessPolicy>(end).http_status, 404);
}

TEST_F(AccessEntries, PoliciesAreListedInPages) {
    std::vector<std::string> names;
    std::optional<std::string> token;
    do {
        const auto page =
            house.call<eks::ListAccessPolicies>(house.administrator(), {.max_results = 7, .next_token = token}).value();
        for (const auto& policy : *page.access_policies) names.push_back(*policy.name);
        token = page.next_token;
    } while (token);
    const auto all = domain::access_policy_names();
    EXPECT_EQ(names, std::vector<std::string>(all.begin(), all.end()));
    EXPECT_TRUE(std::ranges::is_sorted(all));
}

TEST_F(AccessEntries, NodeRolesComeAndGoWithTheirGroups) {
    ASSERT_TRUE(house.call<eks::CreateNodegroup>(house.administrator(), group_request("g")).has_value());
    ASSERT_TRUE(house.call<eks::CreateNodegroup>(house.administrator(), group_request("h")).has_value());
    const auto has_node_entry = [&] {
        const auto entries = listed();
        return std::ranges::find(entries, role_arn) != entries.end();
    };
    EXPECT_TRUE(has_node_entry());
    for (const char* name : {"g", "h"}) {
        ASSERT_TRUE(
            house.call<eks::DeleteNodegroup>(house.administrator(), {.cluster_name = "c", .nodegroup_name = name}));
        EXPECT_TRUE(has_node_entry()) << name;
        report_nodegroup(name, "DELETED");
    }
    EXPECT_FALSE(has_node_entry());
}

TEST_F(AccessEntries, AModeWithEntriesStartsWithThoseThatAreNeeded) {
    make_cluster("old");
    const auto refused = refusal<eks::ListAccessEntries>({.cluster_name = "old"});
    EXPECT_EQ(refused.code, "InvalidRequestException");
    EXPECT_EQ(refused.message,
              "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this "
              "operation.");
    auto group = group_request("g");
    group.cluster_name = "old";
    ASSERT_TRUE(house.call<eks::CreateNodegroup>(house.administrator(), group).has_value());
    eks::UpdateClusterConfigRequest update{.name = "old"};
    update.access_config =
        eks::UpdateAccessConfigRequest{.authentication_mode = eks::AuthenticationMode::api_and_config_map};
    ASSERT_TRUE(house.call<eks::UpdateClusterConfig>(house.administrator(), update).has_value());
    const auto entries = house.call<eks::ListAccessEntries>(house.administrator(), {.cluster_name = "old"}).value();
    EXPECT_EQ(entries.access_entries->size(), 2u);
}

TEST_F(AccessEntries, ARefusalDoesNotTellWhatIsThere) {
    const auto ann = make_user("ann");
    ASSERT_TRUE(create(ann).has_value());
    const auto nobody = house.user("nobody", "");
    const auto refusal_of = [&](const std::string& principal) {
        return house.call<eks::DescribeAccessEntry>(nobody, {.cluster_name = "c", .principal_arn = principal})
            .error()
            .message;
    };
    EXPECT_EQ(refusal_of(ann),
              "User: arn:aws:iam::111222333444:user/nobody is not authorized to perform: eks:DescribeAccessEntry on "
              "resource: arn:aws:eks:us-east-1:111222333444:access-entry/c/user/111222333444/ann/* because no "
              "identity-based policy allows the eks:DescribeAccessEntry action");
    std::string of_missing = refusal_of("arn:aws:iam::111222333444:user/bob");
    EXPECT_EQ(of_missing.replace(of_missing.find("/bob/"), 5, "/ann/"), refusal_of(ann));
}

TEST_F(AccessEntries, TheyGoWithTheirCluster) {
    for (int i = 0; i < 45; ++i) ASSERT_TRUE(create(make_user("user" + std::to_string(i))).has_value());
    ASSERT_TRUE(house.call<eks::DeleteCluster>(house.administrator(), {.name = "c"}).has_value());
    for (int i = 0; i < 2; ++i) report_cluster("c", "DELETED");
    EXPECT_FALSE(house.call<eks::ListClusters>(house.administrator(), {})->clusters->empty());  // not all at once
    report_cluster("c", "DELETED");
    EXPECT_TRUE(house.call<eks::ListClusters>(house.administrator(), {})->clusters->empty());
    EXPECT_TRUE(domain::access_entries.scan(house.store().snapshot(), store::prefix())->items.empty());
}

}  // namespace
}  // namespace sekisho::eks_service
