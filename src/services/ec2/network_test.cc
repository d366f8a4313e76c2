#include <gmock/gmock.h>

#include "services/ec2/testing.h"

namespace sekisho::ec2_service {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST_F(Ec2Test, AVpcComesWithAGroupARouteTableAndAnAcl) {
    const auto id = make_vpc();
    EXPECT_THAT(id, MatchesRegex("vpc-0[0-9a-f]{16}"));
    const auto groups = call<ec2::DescribeSecurityGroups>({.filters = {{filter("vpc-id", {id})}}}).value();
    ASSERT_EQ(groups.security_groups->size(), 1u);
    EXPECT_EQ(groups.security_groups->front().group_name, "default");
    const auto tables = call<ec2::DescribeRouteTables>({.filters = {{filter("vpc-id", {id})}}}).value();
    ASSERT_EQ(tables.route_tables->size(), 1u);
    EXPECT_EQ(tables.route_tables->front().associations->front().main, true);
    EXPECT_EQ(tables.route_tables->front().routes->front().destination_cidr_block, "192.168.0.0/16");
    const auto acls = call<ec2::DescribeNetworkAcls>({.filters = {{filter("vpc-id", {id})}}}).value();
    EXPECT_EQ(acls.network_acls->front().is_default, true);
    EXPECT_EQ(outcome<ec2::DeleteVpc>({.vpc_id = id}), "accepted");
    EXPECT_EQ(outcome<ec2::DeleteVpc>({.vpc_id = id}), "InvalidVpcID.NotFound: The vpc ID '" + id + "' does not exist");
    EXPECT_TRUE(call<ec2::DescribeSecurityGroups>({}).value().security_groups->empty());
}

TEST_F(Ec2Test, BlocksOfAVpc) {
    EXPECT_EQ(outcome<ec2::CreateVpc>({.cidr_block = "10.0.0.0"}),
              "InvalidParameterValue: Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR "
              "block.");
    EXPECT_EQ(outcome<ec2::CreateVpc>({.cidr_block = "10.0.0.0/8"}),
              "InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid.");
    const auto id = make_vpc("10.0.7.0/16");
    EXPECT_EQ(call<ec2::DescribeVpcs>({.vpc_ids = {{id}}}).value().vpcs->front().cidr_block, "10.0.0.0/16");
    const auto second = call<ec2::AssociateVpcCidrBlock>({.cidr_block = "10.1.0.0/16", .vpc_id = id}).value();
    make_subnet(id, "10.1.1.0/24");
    const auto association = *second.cidr_block_association->association_id;
    EXPECT_THAT(outcome<ec2::DisassociateVpcCidrBlock>({.association_id = association}),
                HasSubstr("InvalidCidrBlock.InUse"));
}

TEST_F(Ec2Test, SubnetsAreInsideAndApart) {
    const auto vpc = make_vpc();
    const auto subnet = make_subnet(vpc, "192.168.0.0/19");
    ec2::CreateSubnetRequest request;
    request.vpc_id = vpc;
    request.cidr_block = "192.168.16.0/24";
    EXPECT_EQ(outcome<ec2::CreateSubnet>(request),
              "InvalidSubnet.Conflict: The CIDR '192.168.16.0/24' conflicts with another subnet");
    request.cidr_block = "10.0.0.0/24";
    EXPECT_EQ(outcome<ec2::CreateSubnet>(request), "InvalidSubnet.Range: The CIDR '10.0.0.0/24' is invalid.");
    request.cidr_block = "192.168.32.0/24";
    request.availability_zone = "us-east-1z";
    EXPECT_THAT(outcome<ec2::CreateSubnet>(request), HasSubstr("Value (us-east-1z) for parameter availabilityZone"));
    const auto shown = call<ec2::DescribeSubnets>({.subnet_ids = {{subnet}}}).value().subnets->front();
    EXPECT_EQ(shown.available_ip_address_count, 8192 - 5);
    EXPECT_EQ(shown.availability_zone_id, "use1-az2");
    ec2::ModifySubnetAttributeRequest modify;
    modify.subnet_id = subnet;
    modify.map_public_ip_on_launch = ec2::AttributeBooleanValue{.value = true};
    EXPECT_EQ(outcome<ec2::ModifySubnetAttribute>(modify), "accepted");
    EXPECT_EQ(call<ec2::DescribeSubnets>({.subnet_ids = {{subnet}}}).value().subnets->front().map_public_ip_on_launch,
              true);
    EXPECT_EQ(outcome<ec2::DeleteVpc>({.vpc_id = vpc}),
              "DependencyViolation: The vpc '" + vpc + "' has dependencies and cannot be deleted.");
}

TEST_F(Ec2Test, TheWayOutOfAPrivateSubnet) {
    const auto vpc = make_vpc();
    const auto subnet = make_subnet(vpc, "192.168.0.0/19");
    const auto gateway = *call<ec2::CreateInternetGateway>({}).value().internet_gateway->internet_gateway_id;
    const auto table = *call<ec2::CreateRouteTable>({.vpc_id = vpc}).value().route_table->route_table_id;
    ec2::CreateRouteRequest out;
    out.route_table_id = table;
    out.destination_cidr_block = "0.0.0.0/0";
    out.gateway_id = gateway;
    EXPECT_THAT(outcome<ec2::CreateRoute>(out), HasSubstr("belong to different networks"));
    EXPECT_EQ(outcome<ec2::AttachInternetGateway>({.internet_gateway_id = gateway, .vpc_id = vpc}), "accepted");
    EXPECT_EQ(outcome<ec2::AttachInternetGateway>({.internet_gateway_id = gateway, .vpc_id = vpc}),
              "Resource.AlreadyAssociated: resource " + gateway + " is already attached to network " + vpc);
    EXPECT_EQ(outcome<ec2::CreateRoute>(out), "accepted");

    const auto address = call<ec2::AllocateAddress>({}).value();
    ec2::CreateNatGatewayRequest request;
    request.subnet_id = subnet;
    request.allocation_id = address.allocation_id;
    request.client_token = "once";
    const auto made = call<ec2::CreateNatGateway>(request).value();
    const auto nat = *made.nat_gateway->nat_gateway_id;
    EXPECT_EQ(made.nat_gateway->state, ec2::NatGatewayState::pending);
    EXPECT_EQ(call<ec2::CreateNatGateway>(request).value().nat_gateway->nat_gateway_id, nat);
    request.client_token = "twice";
    EXPECT_THAT(outcome<ec2::CreateNatGateway>(request), HasSubstr("Resource.AlreadyAssociated: Elastic IP address"));
    const auto shown = call<ec2::DescribeNatGateways>({.nat_gateway_ids = {{nat}}}).value().nat_gateways->front();
    EXPECT_EQ(shown.state, ec2::NatGatewayState::available);
    EXPECT_EQ(shown.nat_gateway_addresses->front().public_ip, address.public_ip);
    EXPECT_EQ(
        call<ec2::DescribeSubnets>({.subnet_ids = {{subnet}}}).value().subnets->front().available_ip_address_count,
        8192 - 6);

    out.gateway_id.reset();
    out.nat_gateway_id = nat;
    EXPECT_EQ(outcome<ec2::CreateRoute>(out), "RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists.");
    EXPECT_THAT(outcome<ec2::DetachInternetGateway>({.internet_gateway_id = gateway, .vpc_id = vpc}),
                HasSubstr("has some mapped public address(es)"));
    EXPECT_EQ(outcome<ec2::ReleaseAddress>({.allocation_id = address.allocation_id}),
              "AuthFailure: You do not have permission to access the specified resource.");
    EXPECT_EQ(outcome<ec2::DeleteSubnet>({.subnet_id = subnet}),
              "DependencyViolation: The subnet '" + subnet + "' has dependencies and cannot be deleted.");
    EXPECT_EQ(outcome<ec2::DeleteNatGateway>({.nat_gateway_id = nat}), "accepted");
    EXPECT_EQ(outcome<ec2::ReleaseAddress>({.allocation_id = address.allocation_id}), "accepted");
    EXPECT_EQ(outcome<ec2::DetachInternetGateway>({.internet_gateway_id = gateway, .vpc_id = vpc}), "accepted");
    const auto routes =
        call<ec2::DescribeRouteTables>({.route_table_ids = {{table}}}).value().route_tables->front().routes;
    EXPECT_EQ(routes->back().state, ec2::RouteState::blackhole);
    EXPECT_EQ(outcome<ec2::DeleteSubnet>({.subnet_id = subnet}), "accepted");
}

TEST_F(Ec2Test, ASubnetHasOneRouteTable) {
    const auto vpc = make_vpc();
    const auto subnet = make_subnet(vpc, "192.168.0.0/19");
    const auto first = *call<ec2::CreateRouteTable>({.vpc_id = vpc}).value().route_table->route_table_id;
    const auto second = *call<ec2::CreateRouteTable>({.vpc_id = vpc}).value().route_table->route_table_id;
    const auto association =
        *call<ec2::AssociateRouteTable>({.subnet_id = subnet, .route_table_id = first}).value().association_id;
    EXPECT_EQ(outcome<ec2::AssociateRouteTable>({.subnet_id = subnet, .route_table_id = second}),
              "Resource.AlreadyAssociated: the specified association for route table " + second +
                  " conflicts with an existing association");
    EXPECT_EQ(outcome<ec2::DeleteRouteTable>({.route_table_id = first}),
              "DependencyViolation: The routeTable '" + first + "' has dependencies and cannot be deleted.");
    const auto moved =
        *call<ec2::ReplaceRouteTableAssociation>({.association_id = association, .route_table_id = second})
             .value()
             .new_association_id;
    EXPECT_EQ(outcome<ec2::DeleteRouteTable>({.route_table_id = first}), "accepted");
    EXPECT_EQ(outcome<ec2::DisassociateRouteTable>({.association_id = moved}), "accepted");
    EXPECT_EQ(outcome<ec2::DisassociateRouteTable>({.association_id = moved}),
              "InvalidAssociationID.NotFound: The association ID '" + moved + "' does not exist");
    ec2::DeleteRouteRequest local;
    local.route_table_id = second;
    local.destination_cidr_block = "192.168.0.0/16";
    EXPECT_EQ(outcome<ec2::DeleteRoute>(local),
              "InvalidParameterValue: cannot remove local route 192.168.0.0/16 in route table " + second);
}

TEST_F(Ec2Test, FiltersTakeWildcardsAndTags) {
    ec2::CreateVpcRequest request;
    request.cidr_block = "10.0.0.0/16";
    request.tag_specifications = {{tagged(ec2::ResourceType::vpc, "Name", "eksctl-a/VPC")}};
    const auto named = *call<ec2::CreateVpc>(request).value().vpc->vpc_id;
    make_vpc("10.9.0.0/16");
    const auto count = [&](const std::string& name, std::vector<std::string> values) {
        return call<ec2::DescribeVpcs>({.filters = {{filter(name, std::move(values))}}}).value().vpcs->size();
    };
    EXPECT_EQ(count("tag:Name", {"eksctl-*/VPC"}), 1u);
    EXPECT_EQ(count("tag:Name", {"eksctl-\\*/VPC"}), 0u);
    EXPECT_EQ(count("tag-key", {"Nam?"}), 1u);
    EXPECT_EQ(count("cidr", {"10.?.0.0/16"}), 2u);
    EXPECT_EQ(count("vpc-id", {named, "vpc-0"}), 1u);
    EXPECT_EQ(outcome<ec2::DescribeVpcs>({.filters = {{filter("colour", {"red"})}}}),
              "InvalidParameterValue: The filter 'colour' is invalid");
    const auto first = call<ec2::DescribeVpcs>({.max_results = 1}).value();
    ASSERT_EQ(first.vpcs->size(), 1u);
    const auto rest = call<ec2::DescribeVpcs>({.next_token = first.next_token, .max_results = 5}).value();
    ASSERT_EQ(rest.vpcs->size(), 1u);
    EXPECT_NE(rest.vpcs->front().vpc_id, first.vpcs->front().vpc_id);
    EXPECT_FALSE(rest.next_token);
}

TEST_F(Ec2Test, RegionsAreApart) {
    make_vpc();
    const auto elsewhere = house.call<ec2::DescribeVpcs>(house.administrator(), {}, "eu-west-1").value();
    EXPECT_TRUE(elsewhere.vpcs->empty());
}

}  // namespace
}  // namespace sekisho::ec2_service
