#!/usr/bin/env python3
"""Makes models/aws/<service>.json from botocore's API models: facts only, one shape or operation a line.

    trim_models.py BOTOCORE_DATA_FOLDER OUTPUT_FOLDER

Kept: names, types, members, locations, limits, patterns, enumerations, errors with their statuses, HTTP bindings.
Left out: every documentation text; of services that Sekisho has in part, the other operations and what only they reach.
See models/README.md for source and licence.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

SERVICES = ["organizations", "sso-admin", "identitystore", "sso", "sso-oidc", "iam", "sts", "eks", "cloudformation", "ec2",
            "autoscaling"]
# Services of which a part is taken.
OPERATIONS = {
    "autoscaling": "DescribeAutoScalingGroups".split(),
    "ec2": """
        AllocateAddress AssociateAddress AssociateRouteTable AssociateSubnetCidrBlock AssociateVpcCidrBlock
        AttachInternetGateway AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress
        CreateEgressOnlyInternetGateway CreateInternetGateway CreateKeyPair CreateLaunchTemplate
        CreateLaunchTemplateVersion CreateNatGateway CreateNetworkInterface CreatePlacementGroup CreateRoute
        CreateRouteTable CreateSecurityGroup CreateSubnet CreateTags CreateVpc
        DeleteEgressOnlyInternetGateway DeleteInternetGateway DeleteKeyPair DeleteLaunchTemplate
        DeleteLaunchTemplateVersions DeleteNatGateway DeleteNetworkInterface DeletePlacementGroup DeleteRoute
        DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc
        DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeEgressOnlyInternetGateways
        DescribeInstanceTypeOfferings DescribeInstanceTypes DescribeInstances DescribeInternetGateways DescribeKeyPairs
        DescribeLaunchTemplateVersions DescribeLaunchTemplates DescribeNatGateways DescribeNetworkAcls
        DescribeNetworkInterfaces DescribePlacementGroups DescribeRegions DescribeRouteTables
        DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets DescribeTags DescribeVpcAttribute
        DescribeVpcs DetachInternetGateway DisassociateAddress DisassociateRouteTable DisassociateSubnetCidrBlock
        DisassociateVpcCidrBlock ImportKeyPair ModifyLaunchTemplate ModifySecurityGroupRules ModifySubnetAttribute
        ModifyVpcAttribute ReleaseAddress ReplaceRoute ReplaceRouteTableAssociation RevokeSecurityGroupEgress
        RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsEgress
        UpdateSecurityGroupRuleDescriptionsIngress""".split(),
}
# Which instance types there are is data of the regions, not of the API: an unknown one has an error of its own. An event of
# a stack carries the stack's own status, of which the model's ResourceStatus lacks some (UPDATE_COMPLETE_CLEANUP_IN_PROGRESS).
OPEN_ENUMERATIONS = {("cloudformation", "ResourceStatus"), ("ec2", "InstanceType")}
METADATA = ["apiVersion", "auth", "endpointPrefix", "globalEndpoint", "jsonVersion", "protocol", "serviceFullName",
            "serviceId", "signatureVersion", "signingName", "targetPrefix", "uid", "xmlNamespace"]
SHAPE = ["type", "required", "members", "member", "key", "value", "min", "max", "pattern", "enum", "sensitive",
         "exception", "error", "fault", "document", "union", "flattened", "payload", "timestampFormat", "locationName"]
MEMBER = ["shape", "location", "locationName", "idempotencyToken", "flattened"]
OPERATION = ["name", "http", "authtype", "auth", "idempotent", "readonly"]
PAGINATION = ["input_token", "output_token", "limit_key", "result_key", "more_results"]


def pick(source: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: source[name] for name in names if name in source}


def trim_shape(shape: dict[str, Any]) -> dict[str, Any]:
    kept = pick(shape, SHAPE)
    if "members" in kept:
        kept["members"] = {name: pick(member, MEMBER) for name, member in kept["members"].items()}
    for name in ("member", "key", "value"):
        if name in kept:
            kept[name] = pick(kept[name], MEMBER)
    return kept


def trim_operation(operation: dict[str, Any]) -> dict[str, Any]:
    kept = pick(operation, OPERATION)
    if "input" in operation:
        kept["input"] = pick(operation["input"], ["shape", "locationName", "xmlNamespace"])
    if "output" in operation:
        kept["output"] = pick(operation["output"], ["shape", "resultWrapper"])
    if operation.get("errors"):
        kept["errors"] = [{"shape": error["shape"]} for error in operation["errors"]]
    return kept


def references(source: dict[str, Any]) -> list[str]:
    """The shapes that an operation or shape names."""
    named = [source[key]["shape"] for key in ("input", "output", "member", "key", "value") if key in source]
    named += [member["shape"] for member in source.get("members", {}).values()]
    return named + [error["shape"] for error in source.get("errors", [])]


def keep_part(model: dict[str, Any], names: list[str]) -> None:
    model["operations"] = {name: model["operations"][name] for name in names}
    reached: set[str] = set()
    waiting = [name for operation in model["operations"].values() for name in references(operation)]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        waiting += references(model["shapes"][name])
    model["shapes"] = {name: model["shapes"][name] for name in reached}


def print_lines(section: dict[str, Any]) -> str:
    if not section:
        return "{}"
    lines = [f"    {json.dumps(name)}: {json.dumps(section[name], separators=(',', ':'))}" for name in sorted(section)]
    return "{\n" + ",\n".join(lines) + "\n  }"


def main() -> None:
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    for service in SERVICES:
        newest = sorted((data / service).iterdir())[-1]
        model = json.loads(gzip.open(newest / "service-2.json.gz").read())
        pagination: dict[str, Any] = {}
        if (newest / "paginators-1.json").exists():
            pagination = json.loads((newest / "paginators-1.json").read_text())["pagination"]
        if service in OPERATIONS:
            keep_part(model, OPERATIONS[service])
            pagination = pick(pagination, OPERATIONS[service])
        for name, shape in model["shapes"].items():
            if (service, name) in OPEN_ENUMERATIONS:
                shape.pop("enum")
            for member in shape.get("members", {}).values():
                assert "queryName" not in member, f"{service}: {name}: the ec2 codec derives names of parameters"
        text = (
            "{\n"
            '  "version": "2.0",\n'
            f'  "metadata": {print_lines(pick(model["metadata"], METADATA))},\n'
            f'  "operations": {print_lines({n: trim_operation(o) for n, o in model["operations"].items()})},\n'
            f'  "pagination": {print_lines({n: pick(p, PAGINATION) for n, p in pagination.items()})},\n'
            f'  "shapes": {print_lines({n: trim_shape(s) for n, s in model["shapes"].items()})}\n'
            "}\n"
        )
        json.loads(text)
        (output / f"{service}.json").write_text(text)


if __name__ == "__main__":
    main()
