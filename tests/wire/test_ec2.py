"""EC2 through boto3 and the aws CLIs: the network that eksctl makes, filters, refusals that an administrator can open."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clients import Boto, Keys, aws, aws_json


@pytest.fixture(scope="module")
def ec2(boto: Boto) -> Any:
    return boto.client("ec2")


def refusal(call: Any, /, **arguments: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def named(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


@pytest.fixture(scope="module")
def network(ec2: Any) -> dict[str, str]:
    """The parts of `eksctl create cluster`'s stack, in its order."""
    ids = {"vpc": ec2.create_vpc(CidrBlock="192.168.0.0/16", TagSpecifications=named("vpc", "wire/VPC"))["Vpc"]["VpcId"]}
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=ids["vpc"], **{attribute: {"Value": True}})
    for index, name in enumerate(("public", "private")):
        subnet = ec2.create_subnet(VpcId=ids["vpc"], AvailabilityZone="us-east-1a", CidrBlock=f"192.168.{index * 32}.0/19",
                                   TagSpecifications=named("subnet", name))["Subnet"]
        ids[name] = subnet["SubnetId"]
        assert subnet["AvailableIpAddressCount"] == 8187
        table = ec2.create_route_table(VpcId=ids["vpc"])["RouteTable"]["RouteTableId"]
        ids[name + "_table"] = table
        assert ec2.associate_route_table(RouteTableId=table, SubnetId=ids[name])["AssociationId"].startswith("rtbassoc-")
    ec2.modify_subnet_attribute(SubnetId=ids["public"], MapPublicIpOnLaunch={"Value": True})
    ids["gateway"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=ids["gateway"], VpcId=ids["vpc"])
    ec2.create_route(RouteTableId=ids["public_table"], DestinationCidrBlock="0.0.0.0/0", GatewayId=ids["gateway"])
    ids["address"] = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ids["nat"] = ec2.create_nat_gateway(AllocationId=ids["address"], SubnetId=ids["public"])["NatGateway"]["NatGatewayId"]
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[ids["nat"]])
    ec2.create_route(RouteTableId=ids["private_table"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=ids["nat"])
    for name in ("control", "nodes"):
        ids[name] = ec2.create_security_group(GroupName=name, Description=name, VpcId=ids["vpc"])["GroupId"]
    return ids


def test_what_eksctl_reads_back(ec2: Any, network: dict[str, str]) -> None:
    subnet = ec2.describe_subnets(SubnetIds=[network["public"]])["Subnets"][0]
    assert (subnet["AvailabilityZone"], subnet["CidrBlock"]) == ("us-east-1a", "192.168.0.0/19")
    assert subnet["VpcId"] == network["vpc"] and subnet["MapPublicIpOnLaunch"]
    vpc = ec2.describe_vpcs(VpcIds=[network["vpc"]])["Vpcs"][0]
    assert (vpc["CidrBlock"], vpc["State"], vpc["Tags"]) == ("192.168.0.0/16", "available",
                                                             [{"Key": "Name", "Value": "wire/VPC"}])
    zones = ec2.describe_availability_zones(Filters=[{"Name": "region-name", "Values": ["us-east-1"]},
                                                     {"Name": "state", "Values": ["available"]},
                                                     {"Name": "zone-type", "Values": ["availability-zone"]}])
    assert {zone["ZoneId"] for zone in zones["AvailabilityZones"]} == {f"use1-az{n}" for n in range(1, 7)}
    offered = ec2.describe_instance_type_offerings(
        LocationType="availability-zone", MaxResults=100,
        Filters=[{"Name": "instance-type", "Values": ["m5.large"]}, {"Name": "location", "Values": ["us-east-1a", "us-east-1b"]}])
    assert [(o["InstanceType"], o["Location"]) for o in offered["InstanceTypeOfferings"]] == [
        ("m5.large", "us-east-1a"), ("m5.large", "us-east-1b")]


def test_security_group_rules(ec2: Any, network: dict[str, str]) -> None:
    both = [{"IpProtocol": "-1", "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": network["control"]}]}]
    made = ec2.authorize_security_group_ingress(GroupId=network["nodes"], IpPermissions=both)["SecurityGroupRules"][0]
    assert made["ReferencedGroupInfo"]["GroupId"] == network["control"]
    status, code, text = refusal(ec2.authorize_security_group_ingress, GroupId=network["nodes"], IpPermissions=both)
    assert (status, code) == (400, "InvalidPermission.Duplicate") and network["control"] in text
    rules = ec2.get_paginator("describe_security_group_rules").paginate(
        Filters=[{"Name": "group-id", "Values": [network["nodes"]]}], PaginationConfig={"PageSize": 5}).build_full_result()
    assert {rule["IsEgress"] for rule in rules["SecurityGroupRules"]} == {True, False}
    ec2.revoke_security_group_ingress(GroupId=network["nodes"], SecurityGroupRuleIds=[made["SecurityGroupRuleId"]])


def test_launch_template(ec2: Any, network: dict[str, str]) -> None:
    data = {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 80, "VolumeType": "gp3", "Iops": 3000,
                                                                       "Throughput": 125}}],
            "MetadataOptions": {"HttpPutResponseHopLimit": 2, "HttpTokens": "required"},
            "SecurityGroupIds": [network["nodes"]], "TagSpecifications": named("instance", "node")}
    made = ec2.create_launch_template(LaunchTemplateName="wire", LaunchTemplateData=data)["LaunchTemplate"]
    assert (made["DefaultVersionNumber"], made["LatestVersionNumber"]) == (1, 1)
    shown = ec2.describe_launch_template_versions(LaunchTemplateId=made["LaunchTemplateId"], Versions=["$Default"])
    assert shown["LaunchTemplateVersions"][0]["LaunchTemplateData"] == data
    ec2.delete_launch_template(LaunchTemplateName="wire")


def test_instance_types(ec2: Any) -> None:
    types = ec2.get_paginator("describe_instance_types").paginate(
        Filters=[{"Name": "instance-type", "Values": ["t3.*"]}]).build_full_result()["InstanceTypes"]
    memory = {one["InstanceType"]: one["MemoryInfo"]["SizeInMiB"] for one in types}
    assert memory["t3.nano"] == 512 and memory["t3.2xlarge"] == 32768 and len(memory) == 7


def test_bad_requests(ec2: Any, network: dict[str, str]) -> None:
    assert refusal(ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"]) == (
        400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-00000000000000000' does not exist")
    assert refusal(ec2.delete_subnet, SubnetId=network["public"])[1] == "DependencyViolation"
    assert refusal(ec2.describe_subnets, Filters=[{"Name": "x", "Values": ["y"]}]) == (
        400, "InvalidParameterValue", "The filter 'x' is invalid")
    assert refusal(ec2.create_tags, Resources=[network["vpc"]], Tags=[{"Key": "aws:x", "Value": "y"}]) == (
        400, "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
    assert refusal(ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True)[:2] == (412, "DryRunOperation")


def test_bad_credentials(boto: Boto) -> None:
    stranger = boto.client("ec2", Keys("AKIAQQQQQQQQQQQQQQQQ", "x" * 40))
    assert refusal(stranger.describe_vpcs) == (
        401, "AuthFailure", "AWS was not able to validate the provided access credentials")


def test_a_refusal_opens(boto: Boto, network: dict[str, str]) -> None:
    iam = boto.client("iam")
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}))
    made = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = boto.client("ec2", Keys(made["AccessKeyId"], made["SecretAccessKey"]))
    assert reader.describe_vpcs()["Vpcs"]
    status, code, text = refusal(reader.delete_vpc, VpcId=network["vpc"])
    assert (status, code) == (403, "UnauthorizedOperation")
    sentence, _, message = text.partition(" Encoded authorization failure message: ")
    assert sentence.endswith("because no identity-based policy allows the ec2:DeleteVpc action.")
    decoded = json.loads(boto.client("sts").decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    assert not decoded["allowed"] and decoded["context"]["action"] == "ec2:DeleteVpc"
    assert decoded["context"]["resource"].endswith("vpc/" + network["vpc"])


def test_command_line(environment: dict[str, str], network: dict[str, str]) -> None:
    found = aws_json(environment, "ec2", "describe-subnets", "--filters", f"Name=vpc-id,Values={network['vpc']}",
                     "Name=tag:Name,Values=pub*", "--region", "us-east-1")
    assert [subnet["SubnetId"] for subnet in found["Subnets"]] == [network["public"]]
    tables = aws_json(environment, "ec2", "describe-route-tables", "--route-table-ids", network["private_table"],
                      "--region", "us-east-1")
    assert [route.get("NatGatewayId") for route in tables["RouteTables"][0]["Routes"]] == [None, network["nat"]]
    assert aws(environment, "ec2", "describe-vpcs", "--vpc-ids", "vpc-1", "--region", "us-east-1", check=False).returncode != 0
    regions = aws_json(environment, "ec2", "describe-regions", "--region", "us-east-1")
    assert "eu-central-1" in {region["RegionName"] for region in regions["Regions"]}
    groups = aws_json(environment, "autoscaling", "describe-auto-scaling-groups", "--region", "us-east-1")
    assert groups["AutoScalingGroups"] == []


def test_the_network_goes(ec2: Any, network: dict[str, str]) -> None:
    """In the order in which CloudFormation deletes it."""
    for group in ("control", "nodes"):
        ec2.delete_security_group(GroupId=network[group])
    ec2.delete_nat_gateway(NatGatewayId=network["nat"])
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[network["nat"]])
    ec2.release_address(AllocationId=network["address"])
    for name in ("public", "private"):
        ec2.delete_subnet(SubnetId=network[name])
        ec2.delete_route_table(RouteTableId=network[name + "_table"])
    ec2.detach_internet_gateway(InternetGatewayId=network["gateway"], VpcId=network["vpc"])
    ec2.delete_internet_gateway(InternetGatewayId=network["gateway"])
    ec2.delete_vpc(VpcId=network["vpc"])
    assert ec2.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [network["vpc"]]}])["Vpcs"] == []
