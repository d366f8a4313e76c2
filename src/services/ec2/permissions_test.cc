// Who may what, dry runs, tags.
#include <gmock/gmock.h>

#include "operation/refusal.h"
#include "services/ec2/testing.h"

namespace sekisho::ec2_service {
namespace {

using testing::HasSubstr;

std::string refusal_of(const Result<ec2::CreateVpcResult>& result) {
    return result ? "accepted" : result.error().code + ": " + result.error().message;
}

TEST_F(Ec2Test, TaggingOnCreationNeedsItsOwnPermission) {
    const auto maker = house.user("maker", R"({"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"*"},
        {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":
            {"ec2:CreateAction":"CreateVpc","aws:RequestTag/team":"a"}}}]})");
    ec2::CreateVpcRequest request;
    request.cidr_block = "10.0.0.0/16";
    EXPECT_EQ(refusal_of(house.call<ec2::CreateVpc>(maker, request)), "accepted");
    request.tag_specifications = {{tagged(ec2::ResourceType::vpc, "team", "b")}};
    EXPECT_THAT(refusal_of(house.call<ec2::CreateVpc>(maker, request)),
                HasSubstr("UnauthorizedOperation: You are not authorized to perform this operation. User: "
                          "arn:aws:iam::111222333444:user/maker is not authorized to perform: ec2:CreateTags on "
                          "resource: arn:aws:ec2:us-east-1:111222333444:vpc/*"));
    request.tag_specifications = {{tagged(ec2::ResourceType::vpc, "team", "a")}};
    const auto made = house.call<ec2::CreateVpc>(maker, request);
    EXPECT_EQ(refusal_of(made), "accepted");
    // The permission to tag is for creation only.
    const auto later = house.call<ec2::CreateTags>(
        maker, {.resources = {*made->vpc->vpc_id}, .tags = {{.key = "team", .value = "a"}}});
    EXPECT_EQ(later.error().code, "UnauthorizedOperation");
}

TEST_F(Ec2Test, TagsOfAResourceAreConditions) {
    const auto mine = make_vpc("10.0.0.0/16");
    const auto other = make_vpc("10.1.0.0/16");
    EXPECT_EQ(outcome<ec2::CreateTags>({.resources = {mine}, .tags = {{.key = "team", .value = "a"}}}), "accepted");
    const auto member = house.user("member", R"({"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"ec2:DeleteVpc","Resource":"arn:aws:ec2:us-east-1:*:vpc/*",
         "Condition":{"StringEquals":{"aws:ResourceTag/team":"a","ec2:Region":"us-east-1"}}}]})");
    const auto refused = house.call<ec2::DeleteVpc>(member, {.vpc_id = other});
    const auto missing = house.call<ec2::DeleteVpc>(member, {.vpc_id = "vpc-00000000000000000"});
    EXPECT_EQ(refused.error().code, "UnauthorizedOperation");
    EXPECT_EQ(missing.error().code, "UnauthorizedOperation");
    // Sealed for the account; opened, it tells what was asked for.
    const auto& text = refused.error().message;
    const auto at = text.find("Encoded authorization failure message: ");
    ASSERT_NE(at, std::string::npos);
    const auto opened = operation::decode_authorization_message(
        *house.environment().tokens, operation::TestHouse::account, std::string_view(text).substr(at + 39));
    ASSERT_TRUE(opened);
    EXPECT_THAT(*opened, HasSubstr("\"ec2:DeleteVpc\""));
    EXPECT_THAT(*opened, HasSubstr("vpc/" + other));
    EXPECT_TRUE(house.call<ec2::DeleteVpc>(member, {.vpc_id = mine}));
}

TEST_F(Ec2Test, ARefusedListHasNoSealedMessage) {
    const auto nobody = house.user("nobody", "");
    const auto refused = house.call<ec2::DescribeVpcs>(nobody, {});
    EXPECT_EQ(refused.error().http_status, 403);
    EXPECT_THAT(refused.error().message, HasSubstr("ec2:DescribeVpcs because no identity-based policy allows the"));
    EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("Encoded")));
}

TEST_F(Ec2Test, ADryRunChangesNothing) {
    const auto answer = call<ec2::CreateVpc>({.cidr_block = "10.0.0.0/16", .dry_run = true});
    EXPECT_EQ(answer.error().code, "DryRunOperation");
    EXPECT_EQ(answer.error().http_status, 412);
    EXPECT_TRUE(call<ec2::DescribeVpcs>({}).value().vpcs->empty());
    const auto nobody = house.user("nobody", "");
    EXPECT_EQ(house.call<ec2::CreateVpc>(nobody, {.dry_run = true}).error().code, "UnauthorizedOperation");
}

TEST_F(Ec2Test, TagsComeAndGo) {
    const auto vpc = make_vpc();
    const auto subnet = make_subnet(vpc, "192.168.0.0/24");
    EXPECT_EQ(outcome<ec2::CreateTags>(
                  {.resources = {vpc, subnet}, .tags = {{.key = "a", .value = "1"}, {.key = "b", .value = "2"}}}),
              "accepted");
    const auto of_subnet = call<ec2::DescribeTags>({.filters = {{filter("resource-type", {"subnet"})}}}).value();
    ASSERT_EQ(of_subnet.tags->size(), 2u);
    EXPECT_EQ(of_subnet.tags->front().resource_id, subnet);
    EXPECT_EQ(call<ec2::DescribeTags>({.filters = {{filter("tag:b", {"2"})}}}).value().tags->size(), 2u);
    EXPECT_EQ(outcome<ec2::DeleteTags>({.resources = {vpc}, .tags = {{{.key = "a", .value = "9"}, {.key = "b"}}}}),
              "accepted");
    const auto left = *call<ec2::DescribeVpcs>({.vpc_ids = {{vpc}}}).value().vpcs->front().tags;
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left.front().key, "a");
    EXPECT_EQ(outcome<ec2::CreateTags>({.resources = {"vpc-0123"}, .tags = {{.key = "a", .value = "1"}}}),
              "InvalidVpcID.Malformed: Invalid id: \"vpc-0123\"");
}

TEST_F(Ec2Test, TagsOfAServiceAreNotForEverybody) {
    // The house's calls are inner ones, as CloudFormation's are; the wire tests see the refusal.
    ec2::CreateVpcRequest request;
    request.cidr_block = "10.0.0.0/16";
    request.tag_specifications = {{tagged(ec2::ResourceType::subnet, "a", "b")}};
    EXPECT_EQ(outcome<ec2::CreateVpc>(request),
              "InvalidParameterValue: 'subnet' is not a valid taggable resource type for this operation.");
}

}  // namespace
}  // namespace sekisho::ec2_service
