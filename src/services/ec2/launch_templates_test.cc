// Launch templates, key pairs, placement groups; zones and instance types.
#include <gmock/gmock.h>

#include "services/ec2/catalog.h"
#include "services/ec2/describe.h"
#include "services/ec2/testing.h"

namespace sekisho::ec2_service {
namespace {

using testing::HasSubstr;

TEST_F(Ec2Test, VersionsOfALaunchTemplate) {
    ec2::CreateLaunchTemplateRequest request;
    request.launch_template_name = "eksctl-c-nodegroup-ng";
    auto& data = request.launch_template_data;
    data.instance_type = "m5.large";
    data.security_group_ids = {{"sg-0123456789abcdef0"}};
    data.block_device_mappings.emplace().emplace_back().device_name = "/dev/xvda";
    data.block_device_mappings->front().ebs.emplace().volume_size = 80;
    data.metadata_options.emplace().http_tokens = ec2::LaunchTemplateHttpTokensState::required;
    const auto made = call<ec2::CreateLaunchTemplate>(request).value();
    const auto id = *made.launch_template->launch_template_id;
    EXPECT_EQ(outcome<ec2::CreateLaunchTemplate>(request),
              "InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use.");

    ec2::CreateLaunchTemplateVersionRequest next;
    next.launch_template_id = id;
    next.source_version = "1";
    next.launch_template_data.instance_type = "m5.xlarge";
    EXPECT_EQ(call<ec2::CreateLaunchTemplateVersion>(next).value().launch_template_version->version_number, 2);
    ec2::DescribeLaunchTemplateVersionsRequest ask;
    ask.launch_template_name = request.launch_template_name;
    ask.versions = {{"$Latest", "$Default"}};
    const auto versions = *call<ec2::DescribeLaunchTemplateVersions>(ask).value().launch_template_versions;
    ASSERT_EQ(versions.size(), 2u);
    EXPECT_EQ(versions[0].launch_template_data->instance_type, "m5.xlarge");
    EXPECT_EQ(versions[0].launch_template_data->block_device_mappings->front().ebs->volume_size, 80);
    EXPECT_EQ(versions[0].launch_template_data->metadata_options->http_tokens,
              ec2::LaunchTemplateHttpTokensState::required);
    EXPECT_EQ(versions[1].launch_template_data->instance_type, "m5.large");
    EXPECT_EQ(versions[1].default_version, true);

    EXPECT_EQ(outcome<ec2::ModifyLaunchTemplate>({.launch_template_id = id, .default_version = "2"}), "accepted");
    const auto deleted =
        call<ec2::DeleteLaunchTemplateVersions>({.launch_template_id = id, .versions = {"1", "2", "7"}}).value();
    EXPECT_EQ(deleted.successfully_deleted_launch_template_versions->size(), 1u);
    EXPECT_EQ(deleted.unsuccessfully_deleted_launch_template_versions->size(), 2u);
    EXPECT_EQ(outcome<ec2::DeleteLaunchTemplate>({.launch_template_id = id}), "accepted");
    EXPECT_THAT(outcome<ec2::DescribeLaunchTemplates>({.launch_template_names = {{"eksctl-c-nodegroup-ng"}}}),
                HasSubstr("InvalidLaunchTemplateName.NotFoundException"));
}

TEST_F(Ec2Test, KeyPairsAreImported) {
    ec2::ImportKeyPairRequest request;
    request.key_name = "mine";
    request.public_key_material = "ssh-ed25519 bm90IGEga2V5 me";
    EXPECT_EQ(outcome<ec2::ImportKeyPair>(request), "InvalidKey.Format: Key is not in valid OpenSSH public key format");
    request.public_key_material = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me";
    EXPECT_EQ(outcome<ec2::ImportKeyPair>(request), "accepted");
    EXPECT_EQ(outcome<ec2::ImportKeyPair>(request), "InvalidKeyPair.Duplicate: The keypair already exists");
    const auto shown = call<ec2::DescribeKeyPairs>({.key_names = {{"mine"}}}).value();
    EXPECT_EQ(shown.key_pairs->front().key_type, ec2::KeyType::ed25519);
    EXPECT_EQ(outcome<ec2::DeleteKeyPair>({.key_name = "mine"}), "accepted");
    EXPECT_EQ(outcome<ec2::DescribeKeyPairs>({.key_names = {{"mine"}}}),
              "InvalidKeyPair.NotFound: The key pair 'mine' does not exist");
}

TEST_F(Ec2Test, PlacementGroupsHaveNames) {
    EXPECT_EQ(outcome<ec2::CreatePlacementGroup>({.group_name = "p", .strategy = ec2::PlacementStrategy::partition}),
              "accepted");
    const auto shown = call<ec2::DescribePlacementGroups>({.group_names = {{"p"}}}).value();
    EXPECT_EQ(shown.placement_groups->front().partition_count, 2);
    EXPECT_EQ(outcome<ec2::CreatePlacementGroup>({.group_name = "p"}),
              "InvalidPlacementGroup.Duplicate: The Placement Group 'p' already exists.");
    EXPECT_EQ(outcome<ec2::DeletePlacementGroup>({.group_name = "p"}), "accepted");
    EXPECT_EQ(outcome<ec2::DeletePlacementGroup>({.group_name = "p"}),
              "InvalidPlacementGroup.Unknown: The Placement Group 'p' is unknown.");
}

TEST_F(Ec2Test, ZonesOfEveryRegion) {
    const auto zones =
        call<ec2::DescribeAvailabilityZones>({.filters = {{filter("zone-type", {"availability-zone"})}}});
    ASSERT_EQ(zones->availability_zones->size(), 6u);
    EXPECT_EQ(zones->availability_zones->front().zone_name, "us-east-1a");
    EXPECT_EQ(zones_of(Region("us-gov-west-1")).front().id, "usgw1-az1");
    EXPECT_EQ(zones_of(Region("ap-southeast-7")).back().id, "apse7-az3");
    EXPECT_EQ(zones_of(Region("ca-central-1")).back().name, "ca-central-1d");
    EXPECT_GE(call<ec2::DescribeRegions>({}).value().regions->size(), 30u);
}

TEST_F(Ec2Test, InstanceTypesAndWhereTheyAre) {
    ec2::DescribeInstanceTypesRequest request;
    request.instance_types = {{"m5.large"}};
    const auto info = call<ec2::DescribeInstanceTypes>(request).value().instance_types->front();
    EXPECT_EQ(info.v_cpu_info->default_v_cpus, 2);
    EXPECT_EQ(info.memory_info->size_in_mi_b, 8192);
    request.instance_types = {{"m5.huge"}};
    EXPECT_EQ(outcome<ec2::DescribeInstanceTypes>(request),
              "InvalidInstanceType: The following supplied instance types do not exist: [m5.huge]");
    request.instance_types.reset();
    request.max_results = 5;
    const auto first = call<ec2::DescribeInstanceTypes>(request).value();
    ASSERT_EQ(first.instance_types->size(), 5u);
    request.next_token = first.next_token;
    EXPECT_GT(*call<ec2::DescribeInstanceTypes>(request).value().instance_types->front().instance_type,
              *first.instance_types->back().instance_type);

    ec2::DescribeInstanceTypeOfferingsRequest ask;
    ask.location_type = ec2::LocationType::availability_zone;
    ask.filters = {{filter("instance-type", {"m5.large"}), filter("location", {"us-east-1a", "us-east-1e"})}};
    const auto offered = call<ec2::DescribeInstanceTypeOfferings>(ask).value();
    ASSERT_EQ(offered.instance_type_offerings->size(), 1u);  // use1-az3 has none
    EXPECT_EQ(offered.instance_type_offerings->front().location, "us-east-1a");
}

TEST(Wildcards, AsFiltersHaveThem) {
    EXPECT_TRUE(matches_wildcards("*", ""));
    EXPECT_TRUE(matches_wildcards("a*c*e", "abcde"));
    EXPECT_TRUE(matches_wildcards("a?c", "abc"));
    EXPECT_TRUE(matches_wildcards(R"(\*\?)", "*?"));
    EXPECT_FALSE(matches_wildcards("a*c", "abcd"));
    EXPECT_FALSE(matches_wildcards("?", ""));
    EXPECT_FALSE(matches_wildcards(R"(\*)", "a"));
}

}  // namespace
}  // namespace sekisho::ec2_service
