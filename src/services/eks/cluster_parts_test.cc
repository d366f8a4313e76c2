#include "services/eks/test_cluster.h"

namespace sekisho::eks_service {
namespace {

class Parts : public Eks {
 protected:
    void SetUp() override {
        Eks::SetUp();
        make_cluster("c");
    }
    eks::CreatePodIdentityAssociationRequest pod_identity(const std::string& account) {
        eks::CreatePodIdentityAssociationRequest request{.cluster_name = "c"};
        request.namespace_ = "default";
        request.service_account = account;
        request.role_arn = role_arn;
        return request;
    }
};

TEST_F(Parts, AnAddonIsMadeUpdatedAndDeleted) {
    EXPECT_EQ(refusal<eks::DescribeAddon>({.cluster_name = "c", .addon_name = "coredns"}).message,
              "No addon: coredns found in cluster: c");
    const auto versions = house
                              .call<eks::DescribeAddonVersions>(house.administrator(),
                                                                {.kubernetes_version = "1.34", .addon_name = "vpc-cni"})
                              ->addons.value();
    ASSERT_EQ(versions.size(), 1u);
    const auto& newest = versions[0].addon_versions->at(0);
    EXPECT_EQ(newest.requires_iam_permissions, true);
    EXPECT_EQ(newest.compatibilities->at(0).default_version, true);
    const auto& older = versions[0].addon_versions->at(1);

    eks::CreateAddonRequest request{.cluster_name = "c", .addon_name = "vpc-cni"};
    request.addon_version = *older.addon_version;
    const auto made = house.call<eks::CreateAddon>(house.administrator(), request).value();
    EXPECT_EQ(made.addon->status, eks::AddonStatus::creating);
    EXPECT_EQ(refusal<eks::CreateAddon>(request).message, "Addon already exists.");
    eks::UpdateAddonRequest update{.cluster_name = "c", .addon_name = "vpc-cni"};
    update.addon_version = "v9";
    EXPECT_EQ(refusal<eks::UpdateAddon>(update).message, "Addon version specified is not supported");
    update.addon_version = *newest.addon_version;
    update.configuration_values = "{";
    EXPECT_EQ(refusal<eks::UpdateAddon>(update).message, "ConfigurationValue is not in valid JSON or YAML format");
    update.configuration_values = R"({"env":{}})";
    const auto updated = house.call<eks::UpdateAddon>(house.administrator(), update).value();
    EXPECT_EQ(updated.update->type, eks::UpdateType::addon_update);
    EXPECT_TRUE(house
                    .call<eks::DescribeUpdate>(house.administrator(),
                                               {.name = "c", .update_id = *updated.update->id, .addon_name = "vpc-cni"})
                    .has_value());
    const auto shown =
        house.call<eks::DescribeAddon>(house.administrator(), {.cluster_name = "c", .addon_name = "vpc-cni"}).value();
    EXPECT_EQ(shown.addon->status, eks::AddonStatus::active);
    EXPECT_EQ(shown.addon->addon_version, newest.addon_version);
    EXPECT_EQ(house.call<eks::ListAddons>(house.administrator(), {.cluster_name = "c"})->addons,
              std::vector<std::string>{"vpc-cni"});
    ASSERT_TRUE(house.call<eks::DeleteAddon>(house.administrator(), {.cluster_name = "c", .addon_name = "vpc-cni"}));
    EXPECT_TRUE(house.call<eks::ListAddons>(house.administrator(), {.cluster_name = "c"})->addons->empty());
    request.addon_name = "no-such-addon";
    EXPECT_EQ(refusal<eks::CreateAddon>(request).message, "Addon specified is not supported");
}

TEST_F(Parts, AddonsAreFoundByWhatTheyAre) {
    const auto count = [&](eks::DescribeAddonVersionsRequest request) {
        return house.call<eks::DescribeAddonVersions>(house.administrator(), std::move(request))->addons->size();
    };
    EXPECT_EQ(count({}), 7u);
    EXPECT_EQ(count({.types = std::vector<std::string>{"networking"}}), 3u);
    EXPECT_EQ(count({.kubernetes_version = "1.20"}), 0u);
    const auto first = house.call<eks::DescribeAddonVersions>(house.administrator(), {.max_results = 5}).value();
    ASSERT_EQ(first.addons->size(), 5u);
    EXPECT_EQ(count({.max_results = 5, .next_token = first.next_token}), 2u);
}

TEST_F(Parts, PodIdentitiesAreOneForAServiceAccount) {
    const auto made = house.call<eks::CreatePodIdentityAssociation>(house.administrator(), pod_identity("a")).value();
    EXPECT_EQ(made.association->association_id->size(), 19u);
    const auto twice = refusal<eks::CreatePodIdentityAssociation>(pod_identity("a"));
    EXPECT_EQ(twice.code, "ResourceInUseException");
    EXPECT_EQ(twice.message, "Association already exists: " + *made.association->association_id);
    auto missing = pod_identity("b");
    missing.role_arn = "arn:aws:iam::111222333444:role/missing";
    EXPECT_EQ(refusal<eks::CreatePodIdentityAssociation>(missing).message,
              "Role provided in the request does not exist.");
    eks::UpdatePodIdentityAssociationRequest update{.cluster_name = "c",
                                                    .association_id = *made.association->association_id};
    update.target_role_arn = "arn:aws:iam::999999999999:role/target";
    EXPECT_EQ(house.call<eks::UpdatePodIdentityAssociation>(house.administrator(), update)->association->external_id,
              "us-east-1/111222333444/c/default/a");
    EXPECT_EQ(house
                  .call<eks::ListPodIdentityAssociations>(house.administrator(),
                                                          {.cluster_name = "c", .namespace_ = "default"})
                  ->associations->size(),
              1u);
    EXPECT_TRUE(
        house.call<eks::ListPodIdentityAssociations>(house.administrator(), {.cluster_name = "c", .namespace_ = "def"})
            ->associations->empty());
    ASSERT_TRUE(house.call<eks::DeletePodIdentityAssociation>(
        house.administrator(), {.cluster_name = "c", .association_id = *made.association->association_id}));
    EXPECT_EQ(refusal<eks::DescribePodIdentityAssociation>(
                  {.cluster_name = "c", .association_id = *made.association->association_id})
                  .http_status,
              404);
}

TEST_F(Parts, AnAddonOwnsItsPodIdentities) {
    eks::CreateAddonRequest request{.cluster_name = "c", .addon_name = "vpc-cni"};
    request.pod_identity_associations = std::vector<eks::AddonPodIdentityAssociations>{
        {.service_account = "aws-node", .role_arn = std::string(role_arn)}};
    const auto made = house.call<eks::CreateAddon>(house.administrator(), request).value();
    const auto associations =
        house.call<eks::ListPodIdentityAssociations>(house.administrator(), {.cluster_name = "c"})
            ->associations.value();
    ASSERT_EQ(associations.size(), 1u);
    EXPECT_EQ(associations[0].owner_arn, made.addon->addon_arn);
    EXPECT_EQ(associations[0].namespace_, "kube-system");
    ASSERT_TRUE(house.call<eks::DeleteAddon>(house.administrator(), {.cluster_name = "c", .addon_name = "vpc-cni"}));
    EXPECT_TRUE(house.call<eks::ListPodIdentityAssociations>(house.administrator(), {.cluster_name = "c"})
                    ->associations->empty());
}

TEST_F(Parts, PassingARoleToPodsNeedsItsOwnPermission) {
    const auto user =
        house.user("u", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"eks:*","Resource":"*"}]})");
    const auto refused = house.call<eks::CreatePodIdentityAssociation>(user, pod_identity("a")).error();
    EXPECT_EQ(refused.code, "AccessDeniedException");
    EXPECT_TRUE(refused.message.contains("iam:PassRole")) << refused.message;
}

TEST_F(Parts, AClusterGoesAfterItsFargateProfiles) {
    eks::CreateFargateProfileRequest request{.fargate_profile_name = "f", .cluster_name = "c"};
    request.pod_execution_role_arn = role_arn;
    EXPECT_EQ(refusal<eks::CreateFargateProfile>(request).message, "Fargate Profile requires at least one selector.");
    request.selectors = std::vector<eks::FargateProfileSelector>{{.namespace_ = "default"}};
    ASSERT_TRUE(house.call<eks::CreateFargateProfile>(house.administrator(), request).has_value());
    const auto shown = house
                           .call<eks::DescribeFargateProfile>(house.administrator(),
                                                              {.cluster_name = "c", .fargate_profile_name = "f"})
                           .value();
    EXPECT_EQ(shown.fargate_profile->status, eks::FargateProfileStatus::active);
    EXPECT_EQ(refusal<eks::DeleteCluster>({.name = "c"}).code, "ResourceInUseException");
    ASSERT_TRUE(house.call<eks::DeleteFargateProfile>(house.administrator(),
                                                      {.cluster_name = "c", .fargate_profile_name = "f"}));
    EXPECT_EQ(refusal<eks::DeleteFargateProfile>({.cluster_name = "c", .fargate_profile_name = "f"}).message,
              "No Fargate Profile found with name: f.");
    EXPECT_TRUE(house.call<eks::DeleteCluster>(house.administrator(), {.name = "c"}).has_value());
}

TEST_F(Parts, AClusterHasOneIdentityProvider) {
    eks::AssociateIdentityProviderConfigRequest request{.cluster_name = "c"};
    request.oidc.identity_provider_config_name = "corp";
    request.oidc.issuer_url = "https://login.example.com";
    request.oidc.client_id = "kubernetes";
    request.client_request_token = "token";
    const auto made = house.call<eks::AssociateIdentityProviderConfig>(house.administrator(), request).value();
    EXPECT_EQ(house.call<eks::AssociateIdentityProviderConfig>(house.administrator(), request)->update->id,
              made.update->id);
    request.client_request_token = "other";
    EXPECT_EQ(refusal<eks::AssociateIdentityProviderConfig>(request).code, "ResourceInUseException");
    const eks::IdentityProviderConfig config{.type = "oidc", .name = "corp"};
    const auto shown = house
                           .call<eks::DescribeIdentityProviderConfig>(
                               house.administrator(), {.cluster_name = "c", .identity_provider_config = config})
                           .value();
    EXPECT_EQ(shown.identity_provider_config->oidc->client_id, "kubernetes");
    ASSERT_TRUE(house
                    .call<eks::DisassociateIdentityProviderConfig>(
                        house.administrator(), {.cluster_name = "c", .identity_provider_config = config})
                    .has_value());
    EXPECT_TRUE(house.call<eks::ListIdentityProviderConfigs>(house.administrator(), {.cluster_name = "c"})
                    ->identity_provider_configs->empty());
}

TEST_F(Parts, EveryPartCanBeTagged) {
    const auto addon =
        house.call<eks::CreateAddon>(house.administrator(), {.cluster_name = "c", .addon_name = "coredns"}).value();
    const auto identity =
        house.call<eks::CreatePodIdentityAssociation>(house.administrator(), pod_identity("a")).value();
    const std::string arns[] = {"arn:aws:eks:us-east-1:111222333444:cluster/c", *addon.addon->addon_arn,
                                *identity.association->association_arn};
    for (const auto& arn : arns) {
        ASSERT_TRUE(
            house.call<eks::TagResource>(house.administrator(), {.resource_arn = arn, .tags = {{"team", "red"}}}))
            << arn;
        EXPECT_EQ(house.call<eks::ListTagsForResource>(house.administrator(), {.resource_arn = arn})->tags->at("team"),
                  "red");
        ASSERT_TRUE(house.call<eks::UntagResource>(house.administrator(), {.resource_arn = arn, .tag_keys = {"team"}}));
        EXPECT_TRUE(house.call<eks::ListTagsForResource>(house.administrator(), {.resource_arn = arn})->tags->empty());
    }
    EXPECT_EQ(
        refusal<eks::ListTagsForResource>({.resource_arn = "arn:aws:eks:us-east-1:111222333444:addon/c/coredns/other"})
            .code,
        "NotFoundException");
}

}  // namespace
}  // namespace sekisho::eks_service
