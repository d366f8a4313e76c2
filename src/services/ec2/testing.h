#pragma once
// For tests: a house with EC2, and the network that eksctl makes.
#include <gtest/gtest.h>

#include "models/ec2.h"
#include "operation/testing.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {

class Ec2Test : public ::testing::Test {
 protected:
    template <class Op>
    Result<typename Op::Response> call(typename Op::Request request) {
        return house.call<Op>(house.administrator(), std::move(request));
    }
    // "accepted", or the error's code and text.
    template <class Op>
    std::string outcome(typename Op::Request request) {
        const auto response = call<Op>(std::move(request));
        return response ? "accepted" : response.error().code + ": " + response.error().message;
    }
    std::string make_vpc(const std::string& cidr = "192.168.0.0/16") {
        return *call<ec2::CreateVpc>({.cidr_block = cidr}).value().vpc->vpc_id;
    }
    std::string make_subnet(const std::string& vpc_id, const std::string& cidr,
                            const std::string& zone = "us-east-1a") {
        ec2::CreateSubnetRequest request;
        request.vpc_id = vpc_id;
        request.cidr_block = cidr;
        request.availability_zone = zone;
        return *call<ec2::CreateSubnet>(request).value().subnet->subnet_id;
    }
    std::string make_group(const std::string& vpc_id, const std::string& name) {
        ec2::CreateSecurityGroupRequest request;
        request.description = "a group";
        request.group_name = name;
        request.vpc_id = vpc_id;
        return *call<ec2::CreateSecurityGroup>(request).value().group_id;
    }
    static ec2::Filter filter(const std::string& name, std::vector<std::string> values) {
        return {.name = name, .values = std::move(values)};
    }
    static ec2::TagSpecification tagged(ec2::ResourceType type, const std::string& key, const std::string& value) {
        return {.resource_type = type, .tags = std::vector<ec2::Tag>{{.key = key, .value = value}}};
    }

    operation::TestHouse house{register_operations};
};

}  // namespace sekisho::ec2_service
