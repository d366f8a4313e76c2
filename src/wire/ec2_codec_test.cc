// EC2's dialect of the query protocol: requests as botocore 1.44.5 serialises them, answers as AWS gives them.
#include <gtest/gtest.h>

#include "models/ec2.h"
#include "wire/all_services_test.h"
#include "wire/codec.h"
#include "wire/router.h"

namespace sekisho::wire {
namespace {

constexpr std::string_view request_id = "89b682e5-ac18-4fac-a917-2155723ed59b";

template <class Op>
Result<typename Op::Request> decode(std::string body) {
    typename Op::Request request;
    SEK_TRY(decode_request(Op::model, {.body = "Action=x&Version=2016-11-15&" + body}, &request));
    return request;
}

template <class Op>
std::string refusal(std::string body) {
    const auto request = decode<Op>(std::move(body));
    return request ? "accepted" : request.error().code + ": " + request.error().message;
}

TEST(Ec2Request, ListsAreFlatAndNamesHaveCapitals) {
    const auto request = decode<ec2::AuthorizeSecurityGroupIngress>(
        "GroupId=sg-1&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=443&IpPermissions.1.ToPort=443"
        "&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0%2F8&IpPermissions.1.IpRanges.1.Description=a+b"
        "&IpPermissions.1.Groups.1.GroupId=sg-2&TagSpecification.1.ResourceType=security-group-rule"
        "&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v&DryRun=true");
    ASSERT_TRUE(request) << request.error().message;
    const auto& permission = request->ip_permissions->at(0);
    EXPECT_EQ(permission.from_port, 443);
    EXPECT_EQ(permission.ip_ranges->at(0).description, "a b");
    EXPECT_EQ(permission.user_id_group_pairs->at(0).group_id, "sg-2");
    EXPECT_EQ(request->tag_specifications->at(0).resource_type, ec2::ResourceType::security_group_rule);
    EXPECT_EQ(request->tag_specifications->at(0).tags->at(0).value, "v");
    EXPECT_EQ(request->dry_run, true);
}

TEST(Ec2Request, FiltersAndIds) {
    const auto request = decode<ec2::DescribeSubnets>(
        "Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.1.Value.2=vpc-2&SubnetId.1=subnet-1&MaxResults=5");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->filters->at(0).name, "vpc-id");
    EXPECT_EQ(request->filters->at(0).values->at(1), "vpc-2");
    EXPECT_EQ(request->subnet_ids->at(0), "subnet-1");
}

TEST(Ec2Request, RefusedInItsOwnWords) {
    EXPECT_EQ(refusal<ec2::DeleteVpc>(""), "MissingParameter: The request must contain the parameter vpcId");
    EXPECT_EQ(refusal<ec2::CreateVpc>("CidrBlock=10.0.0.0%2F16&InstanceTenancy=mine"),
              "InvalidParameterValue: Value (mine) for parameter instanceTenancy is invalid.");
    EXPECT_EQ(refusal<ec2::DescribeVpcs>("MaxResults=1"),
              "InvalidParameterValue: Value (1) for parameter maxResults is invalid. Expecting a value greater than or "
              "equal to 5.");
}

TEST(Ec2Response, HasNoWrapper) {
    ec2::DescribeSubnetsResult result;
    auto& subnet = result.subnets.emplace().emplace_back();
    subnet.subnet_id = "subnet-1";
    subnet.tags.emplace().push_back({.key = "a&b", .value = "c"});
    const auto encoded = encode_response(ec2::DescribeSubnets::model, &result, request_id, false);
    EXPECT_EQ(encoded.body,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<DescribeSubnetsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n"
              "    <requestId>89b682e5-ac18-4fac-a917-2155723ed59b</requestId>\n"
              "    <subnetSet><item><tagSet><item><key>a&amp;b</key><value>c</value></item></tagSet>"
              "<subnetId>subnet-1</subnetId></item></subnetSet>\n</DescribeSubnetsResponse>");
    ec2::DescribeSubnetsResult again;
    ASSERT_TRUE(decode_response(ec2::DescribeSubnets::model, encoded.body, &again));
    EXPECT_EQ(again.subnets->at(0).tags->at(0).key, "a&b");
}

TEST(Ec2Response, NothingToSayIsTrue) {
    const ec2::DeleteVpc::Response nothing;
    EXPECT_NE(encode_response(ec2::DeleteVpc::model, &nothing, request_id, false).body.find("<return>true</return>"),
              std::string::npos);
}

TEST(Ec2Error, IsAList) {
    const auto encoded = encode_error(ec2::service, &ec2::DeleteVpc::model,
                                      {.code = "DependencyViolation", .message = "a <b>"}, request_id, false);
    EXPECT_EQ(encoded.status, 400);
    EXPECT_EQ(encoded.body,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>DependencyViolation</Code>"
              "<Message>a &lt;b&gt;</Message></Error></Errors>"
              "<RequestID>89b682e5-ac18-4fac-a917-2155723ed59b</RequestID></Response>");
    const auto read = decode_error(400, "", encoded.body);
    EXPECT_EQ(read.code, "DependencyViolation");
    EXPECT_EQ(read.message, "a <b>");
}

TEST(Ec2Router, ByVersionAndScope) {
    const auto route = [](std::string_view scope, std::string_view action, std::string_view version) {
        return find_route(
            all_services(),
            {.method = "POST", .path = "/", .scope_service = scope, .action = action, .version = version});
    };
    EXPECT_EQ(route("ec2", "CreateVpc", "2016-11-15").operation, &ec2::CreateVpc::model);
    EXPECT_EQ(route("", "CreateVpc", "2016-11-15").operation, &ec2::CreateVpc::model);
    const auto unknown = route("ec2", "MakeCoffee", "2016-11-15");
    EXPECT_EQ(unknown.service, &ec2::service);
    EXPECT_EQ(unknown.operation, nullptr);
    EXPECT_EQ(unknown_operation(ec2::service, {.action = "MakeCoffee"}).message,
              "The action MakeCoffee is not valid for this web service.");
    EXPECT_EQ(route("cloudformation", "DescribeStacks", "2010-05-15").operation->name, "DescribeStacks");
    EXPECT_EQ(route("autoscaling", "DescribeAutoScalingGroups", "2011-01-01").operation->name,
              "DescribeAutoScalingGroups");
}

}  // namespace
}  // namespace sekisho::wire
