"""EKS through boto3 and the aws CLI, as its users drive it: access entries and policies, add-ons, pod identities, Fargate
profiles, identity providers, updates, pages, tags, and what a caller without rights is told. The clusters are records."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from administration import wait_until
from botocore.exceptions import ClientError
from clients import Boto, Keys, aws_json, cli, shell_environment
from raw import Request, Wire
from server import RECORDS, REGION, Server

SERVE = RECORDS
SUBNETS = ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]
POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKS{}Policy"
NO_ENTRY = "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'."


@dataclass
class House:
    boto: Boto
    account: str
    role: str  # that EKS, EC2 and Fargate may take
    path_role: str
    user: str


@pytest.fixture(scope="module")
def house(boto: Boto) -> House:
    iam = boto.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
        "Service": ["eks.amazonaws.com", "ec2.amazonaws.com", "eks-fargate-pods.amazonaws.com"]}}]})
    role = iam.create_role(RoleName="eks-role", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    path_role = iam.create_role(RoleName="Admins", Path="/team/red/", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    user = iam.create_user(UserName="ann", Path="/people/")["User"]["Arn"]
    return House(boto, role.split(":")[4], role, path_role, user)


@pytest.fixture(scope="module")
def eks(boto: Boto) -> Any:
    return boto.client("eks")


@pytest.fixture(scope="module")
def cluster(eks: Any, house: House) -> str:
    eks.create_cluster(name="wire", roleArn=house.role, resourcesVpcConfig={"subnetIds": SUBNETS},
                       accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
    eks.get_waiter("cluster_active").wait(name="wire", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return "wire"


def refusal(call: Any, /, **arguments: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_cluster_shows_what_eksctl_reads(eks: Any, cluster: str, house: House) -> None:
    shown = eks.describe_cluster(name=cluster)["cluster"]
    assert "id" not in shown and "connectorConfig" not in shown and "outpostConfig" not in shown
    assert shown["status"] == "ACTIVE" and shown["certificateAuthority"]["data"] and shown["endpoint"].startswith("https://")
    assert shown["accessConfig"] == {"authenticationMode": "API_AND_CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": True}
    assert re.fullmatch(r"vpc-0[0-9a-f]{16}", shown["resourcesVpcConfig"]["vpcId"])
    assert shown["kubernetesNetworkConfig"] == {"serviceIpv4Cidr": "10.100.0.0/16", "ipFamily": "ipv4"}
    assert re.fullmatch(r"https://localhost:\d+/oidc/id/[0-9A-F]{32}", shown["identity"]["oidc"]["issuer"])
    assert refusal(eks.describe_cluster, name="none") == (404, "ResourceNotFoundException", "No cluster found for name: none.")
    assert [version["clusterVersion"] for version in eks.describe_cluster_versions()["clusterVersions"]] == ["1.34"]


def test_issuer_is_public(server: Server, boto: Boto, eks: Any, cluster: str) -> None:
    """Discovery without credentials; a cluster that is only a record signs nothing, and so has no keys."""
    issuer = eks.describe_cluster(name=cluster)["cluster"]["identity"]["oidc"]["issuer"]
    path = issuer[issuer.index("/oidc/"):]
    wire = Wire(server.port, boto.ca)
    found = wire.send(Request("GET", f"{path}/.well-known/openid-configuration"))
    assert found.status == 200, found.text
    assert json.loads(found.text)["issuer"] == issuer and json.loads(found.text)["jwks_uri"] == f"{issuer}/keys"
    assert json.loads(wire.send(Request("GET", f"{path}/keys")).text) == {"keys": []}
    assert wire.send(Request("GET", "/oidc/id/0123/keys")).status == 404


class TestAccessEntries:
    def test_creator(self, eks: Any, cluster: str, boto: Boto) -> None:
        creator = boto.client("sts").get_caller_identity()["Arn"]
        assert eks.list_access_entries(clusterName=cluster)["accessEntries"] == [creator]
        policies = eks.list_associated_access_policies(clusterName=cluster, principalArn=creator)["associatedAccessPolicies"]
        assert [(policy["policyArn"], policy["accessScope"]) for policy in policies] == [
            (POLICY.format("ClusterAdmin"), {"type": "cluster", "namespaces": []})]

    def test_life_of_one(self, eks: Any, cluster: str, house: House) -> None:
        """The ARN has a path, and goes into the URL."""
        made = eks.create_access_entry(clusterName=cluster, principalArn=house.path_role, kubernetesGroups=["readers"],
                                       tags={"team": "red"})["accessEntry"]
        assert re.fullmatch(rf"arn:aws:eks:{REGION}:{house.account}:access-entry/wire/role/{house.account}/Admins/[0-9a-f-]{{36}}",
                            made["accessEntryArn"])
        assert made["username"] == f"arn:aws:sts::{house.account}:assumed-role/Admins/{{{{SessionName}}}}"
        assert eks.describe_access_entry(clusterName=cluster, principalArn=house.path_role)["accessEntry"] == made
        assert refusal(eks.create_access_entry, clusterName=cluster, principalArn=house.path_role) == (
            409, "ResourceInUseException", "The specified access entry resource is already in use on this cluster.")
        changed = eks.update_access_entry(clusterName=cluster, principalArn=house.path_role, username="red:{{SessionName}}")
        assert changed["accessEntry"]["username"] == "red:{{SessionName}}"
        assert changed["accessEntry"]["kubernetesGroups"] == ["readers"]
        assert eks.list_tags_for_resource(resourceArn=made["accessEntryArn"])["tags"] == {"team": "red"}
        associated = eks.associate_access_policy(
            clusterName=cluster, principalArn=house.path_role, policyArn=POLICY.format("View"),
            accessScope={"type": "namespace", "namespaces": ["dev-*"]})["associatedAccessPolicy"]
        assert associated["accessScope"] == {"type": "namespace", "namespaces": ["dev-*"]}
        assert eks.list_access_entries(clusterName=cluster, associatedPolicyArn=POLICY.format("View"))["accessEntries"] == [
            house.path_role]
        eks.disassociate_access_policy(clusterName=cluster, principalArn=house.path_role, policyArn=POLICY.format("View"))
        eks.delete_access_entry(clusterName=cluster, principalArn=house.path_role)
        assert refusal(eks.describe_access_entry, clusterName=cluster, principalArn=house.path_role) == (
            404, "ResourceNotFoundException", NO_ENTRY)

    @pytest.mark.parametrize(("arguments", "message"), [
        ({"principalArn": "arn:aws:iam::{account}:role/Admins"}, "The specified principalArn is invalid: invalid principal."),
        ({"principalArn": "rubbish"}, "The principalArn parameter format is not valid"),
        ({"kubernetesGroups": ["system:masters"]},
         "The kubernetes group name system:masters is invalid, it cannot start with system:"),
        ({"username": "system:admin"}, "The username must not begin with system:"),
    ])
    def test_bad_requests(self, eks: Any, cluster: str, house: House, arguments: dict[str, Any], message: str) -> None:
        filled = {name: value.format(account=house.account) if isinstance(value, str) else value for name, value in arguments.items()}
        assert refusal(eks.create_access_entry, **({"clusterName": cluster, "principalArn": house.user} | filled)) == (
            400, "InvalidParameterException", message)

    def test_pages(self, eks: Any, cluster: str, house: House, boto: Boto) -> None:
        iam = boto.client("iam")
        users = [iam.create_user(UserName=f"page-{number}")["User"]["Arn"] for number in range(5)]
        for user in users:
            eks.create_access_entry(clusterName=cluster, principalArn=user)
        pages = list(eks.get_paginator("list_access_entries").paginate(clusterName=cluster, PaginationConfig={"PageSize": 2}))
        listed = [arn for page in pages for arn in page["accessEntries"]]
        assert len(pages) == 3 and set(users) < set(listed) and len(listed) == len(set(listed))
        names = [policy["name"] for page in eks.get_paginator("list_access_policies").paginate(PaginationConfig={"PageSize": 5})
                 for policy in page["accessPolicies"]]
        assert len(names) == len(set(names)) == 16
        for user in users:
            eks.delete_access_entry(clusterName=cluster, principalArn=user)

    def test_config_map_mode_has_none(self, eks: Any, house: House) -> None:
        eks.create_cluster(name="old", roleArn=house.role, resourcesVpcConfig={"subnetIds": SUBNETS})
        assert refusal(eks.create_access_entry, clusterName="old", principalArn=house.user) == (
            400, "InvalidRequestException", "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] "
            "to perform this operation.")
        eks.get_waiter("cluster_active").wait(name="old", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        for mode in ("API_AND_CONFIG_MAP", "API"):
            update = eks.update_cluster_config(name="old", accessConfig={"authenticationMode": mode})["update"]
            assert update["type"] == "AccessConfigUpdate"
            assert eks.describe_update(name="old", updateId=update["id"])["update"]["status"] == "Successful"
        assert refusal(eks.update_cluster_config, name="old", accessConfig={"authenticationMode": "CONFIG_MAP"}) == (
            400, "InvalidParameterException", "Unsupported authentication mode update from API to CONFIG_MAP")
        assert len(eks.list_access_entries(clusterName="old")["accessEntries"]) == 1  # the creator's
        eks.delete_cluster(name="old")
        eks.get_waiter("cluster_deleted").wait(name="old", WaiterConfig={"Delay": 1, "MaxAttempts": 60})


class TestAddons:
    def test_by_the_cli(self, server: Server, cluster: str, module_folder: Path) -> None:
        """As the EKS user guide has it: find the default version, create, wait, update, delete, wait."""
        shell = shell_environment(server, cli("newest-endpoint"), module_folder)
        named = ("--cluster-name", cluster, "--addon-name", "vpc-cni")
        versions = aws_json(shell, "eks", "describe-addon-versions", "--addon-name", "vpc-cni", "--kubernetes-version", "1.34")
        offered = versions["addons"][0]["addonVersions"]
        default = next(version["addonVersion"] for version in offered if version["compatibilities"][0]["defaultVersion"])
        configuration = aws_json(shell, "eks", "describe-addon-configuration", "--addon-name", "vpc-cni",
                                 "--addon-version", default)
        assert configuration["podIdentityConfiguration"][0]["serviceAccount"] == "aws-node"
        made = aws_json(shell, "eks", "create-addon", *named)["addon"]
        assert (made["status"], made["addonVersion"]) == ("CREATING", default)
        aws_json(shell, "eks", "describe-addon", *named)
        older = next(version["addonVersion"] for version in offered if version["addonVersion"] != default)
        update = aws_json(shell, "eks", "update-addon", *named, "--addon-version", older, "--resolve-conflicts", "PRESERVE")["update"]
        assert {"type": "AddonVersion", "value": older} in update["params"]
        shown = aws_json(shell, "eks", "describe-addon", *named)["addon"]
        assert (shown["status"], shown["addonVersion"]) == ("ACTIVE", older)
        assert aws_json(shell, "eks", "list-addons", "--cluster-name", cluster)["addons"] == ["vpc-cni"]
        assert aws_json(shell, "eks", "delete-addon", *named)["addon"]["status"] == "DELETING"

    def test_errors(self, eks: Any, cluster: str) -> None:
        assert refusal(eks.describe_addon, clusterName=cluster, addonName="coredns") == (
            404, "ResourceNotFoundException", "No addon: coredns found in cluster: wire")
        assert refusal(eks.create_addon, clusterName=cluster, addonName="no-such-addon") == (
            400, "InvalidParameterException", "Addon specified is not supported")
        assert refusal(eks.create_addon, clusterName=cluster, addonName="coredns", addonVersion="v0") == (
            400, "InvalidParameterException", "Addon version specified is not supported")
        eks.create_addon(clusterName=cluster, addonName="coredns", clientRequestToken="once")
        eks.create_addon(clusterName=cluster, addonName="coredns", clientRequestToken="once")
        assert refusal(eks.create_addon, clusterName=cluster, addonName="coredns") == (
            409, "ResourceInUseException", "Addon already exists.")
        eks.get_waiter("addon_active").wait(clusterName=cluster, addonName="coredns", WaiterConfig={"Delay": 1, "MaxAttempts": 10})
        eks.delete_addon(clusterName=cluster, addonName="coredns")
        eks.get_waiter("addon_deleted").wait(clusterName=cluster, addonName="coredns", WaiterConfig={"Delay": 1, "MaxAttempts": 10})


def test_pod_identities(eks: Any, cluster: str, house: House) -> None:
    place = {"clusterName": cluster, "namespace": "default", "serviceAccount": "app"}
    made = eks.create_pod_identity_association(**place, roleArn=house.role)["association"]
    assert re.fullmatch(r"a-[a-z0-9]{17}", made["associationId"])
    assert made["associationArn"] == f"arn:aws:eks:{REGION}:{house.account}:podidentityassociation/wire/{made['associationId']}"
    assert refusal(eks.create_pod_identity_association, **place, roleArn=house.role)[:2] == (409, "ResourceInUseException")
    assert refusal(eks.create_pod_identity_association, clusterName=cluster, namespace="default", serviceAccount="other",
                   roleArn=f"{house.role}-missing") == (
        400, "InvalidParameterException", "Role provided in the request does not exist.")
    listed = eks.list_pod_identity_associations(clusterName=cluster, namespace="default", serviceAccount="app")["associations"]
    assert [entry["associationId"] for entry in listed] == [made["associationId"]]
    named = {"clusterName": cluster, "associationId": made["associationId"]}
    assert eks.update_pod_identity_association(**named, roleArn=house.path_role)["association"]["roleArn"] == house.path_role
    assert eks.describe_pod_identity_association(**named)["association"]["roleArn"] == house.path_role
    eks.delete_pod_identity_association(**named)
    assert refusal(eks.describe_pod_identity_association, **named)[:2] == (404, "ResourceNotFoundException")


def test_fargate_profiles(eks: Any, cluster: str, house: House) -> None:
    named = {"clusterName": cluster, "fargateProfileName": "f"}
    eks.create_fargate_profile(**named, podExecutionRoleArn=house.role, selectors=[{"namespace": "default"}])
    eks.get_waiter("fargate_profile_active").wait(**named, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    assert eks.list_fargate_profiles(clusterName=cluster)["fargateProfileNames"] == ["f"]
    assert refusal(eks.delete_cluster, name=cluster)[:2] == (409, "ResourceInUseException")
    eks.delete_fargate_profile(**named)
    eks.get_waiter("fargate_profile_deleted").wait(**named, WaiterConfig={"Delay": 1, "MaxAttempts": 10})


def test_identity_providers(eks: Any, cluster: str) -> None:
    oidc = {"identityProviderConfigName": "corp", "issuerUrl": "https://login.example.com", "clientId": "kubernetes"}
    named = {"clusterName": cluster, "identityProviderConfig": {"type": "oidc", "name": "corp"}}
    made = eks.associate_identity_provider_config(clusterName=cluster, oidc=oidc)["update"]
    assert made["type"] == "AssociateIdentityProviderConfig"
    shown = eks.describe_identity_provider_config(**named)["identityProviderConfig"]["oidc"]
    assert (shown["status"], shown["clientId"]) == ("ACTIVE", "kubernetes")
    assert eks.list_identity_provider_configs(clusterName=cluster)["identityProviderConfigs"] == [{"type": "oidc", "name": "corp"}]
    eks.disassociate_identity_provider_config(**named)
    assert refusal(eks.describe_identity_provider_config, **named)[:2] == (404, "ResourceNotFoundException")


def test_nodegroup_updates(eks: Any, cluster: str, house: House) -> None:
    named = {"clusterName": cluster, "nodegroupName": "nodes"}
    eks.create_nodegroup(**named, subnets=SUBNETS, nodeRole=house.role, launchTemplate={"id": "lt-0123456789abcdef0", "version": "2"},
                         taints=[{"key": "gpu", "effect": "NO_SCHEDULE"}])
    quick = {"Delay": 1, "MaxAttempts": 60}
    eks.get_waiter("nodegroup_active").wait(**named, WaiterConfig=quick)
    assert house.role in eks.list_access_entries(clusterName=cluster)["accessEntries"]
    update = eks.update_nodegroup_config(**named, labels={"addOrUpdateLabels": {"team": "red"}},
                                         taints={"removeTaints": [{"key": "gpu", "effect": "NO_SCHEDULE"}]})["update"]
    wait_until("update", lambda: eks.describe_update(name=cluster, updateId=update["id"], nodegroupName="nodes")["update"][
        "status"] == "Successful")
    shown = eks.describe_nodegroup(**named)["nodegroup"]
    assert (shown["status"], shown["labels"], shown["taints"]) == ("ACTIVE", {"team": "red"}, [])
    assert shown["launchTemplate"] == {"id": "lt-0123456789abcdef0", "version": "2"}
    assert eks.list_updates(name=cluster, nodegroupName="nodes")["updateIds"] == [update["id"]]
    eks.delete_nodegroup(**named)
    eks.get_waiter("nodegroup_deleted").wait(**named, WaiterConfig=quick)
    assert house.role not in eks.list_access_entries(clusterName=cluster)["accessEntries"]


# (operation, parameters but the cluster's name, what the refusal shows): a cluster and things that exist, and ones that do not.
PARTS: list[tuple[str, Callable[[House], dict[str, Any]], str]] = [
    ("create_access_entry", lambda h: {"principalArn": h.user}, "cluster/{cluster}"),
    ("describe_access_entry", lambda h: {"principalArn": h.user}, "access-entry/{cluster}/user/{account}/ann/*"),
    ("list_access_entries", lambda _: {}, "cluster/{cluster}"),
    ("update_access_entry", lambda h: {"principalArn": h.user}, "access-entry/{cluster}/user/{account}/ann/*"),
    ("delete_access_entry", lambda h: {"principalArn": h.user}, "access-entry/{cluster}/user/{account}/ann/*"),
    ("associate_access_policy", lambda h: {"principalArn": h.user, "policyArn": POLICY.format("View"),
                                           "accessScope": {"type": "cluster"}}, "access-entry/{cluster}/user/{account}/ann/*"),
    ("disassociate_access_policy", lambda h: {"principalArn": h.user, "policyArn": POLICY.format("View")},
     "access-entry/{cluster}/user/{account}/ann/*"),
    ("list_associated_access_policies", lambda h: {"principalArn": h.user}, "access-entry/{cluster}/user/{account}/ann/*"),
    ("create_addon", lambda _: {"addonName": "kube-proxy"}, "cluster/{cluster}"),
    ("describe_addon", lambda _: {"addonName": "kube-proxy"}, "addon/{cluster}/kube-proxy/*"),
    ("list_addons", lambda _: {}, "cluster/{cluster}"),
    ("update_addon", lambda _: {"addonName": "kube-proxy"}, "addon/{cluster}/kube-proxy/*"),
    ("delete_addon", lambda _: {"addonName": "kube-proxy"}, "addon/{cluster}/kube-proxy/*"),
    ("create_pod_identity_association", lambda h: {"namespace": "n", "serviceAccount": "s", "roleArn": h.role}, "cluster/{cluster}"),
    ("describe_pod_identity_association", lambda _: {"associationId": "a-0"}, "podidentityassociation/{cluster}/a-0"),
    ("list_pod_identity_associations", lambda _: {}, "cluster/{cluster}"),
    ("update_pod_identity_association", lambda _: {"associationId": "a-0"}, "podidentityassociation/{cluster}/a-0"),
    ("delete_pod_identity_association", lambda _: {"associationId": "a-0"}, "podidentityassociation/{cluster}/a-0"),
    ("create_fargate_profile", lambda h: {"fargateProfileName": "f", "podExecutionRoleArn": h.role}, "cluster/{cluster}"),
    ("describe_fargate_profile", lambda _: {"fargateProfileName": "f"}, "fargateprofile/{cluster}/f/*"),
    ("list_fargate_profiles", lambda _: {}, "cluster/{cluster}"),
    ("delete_fargate_profile", lambda _: {"fargateProfileName": "f"}, "fargateprofile/{cluster}/f/*"),
    ("associate_identity_provider_config", lambda _: {"oidc": {
        "identityProviderConfigName": "o", "issuerUrl": "https://login.example.com", "clientId": "c"}}, "cluster/{cluster}"),
    ("describe_identity_provider_config", lambda _: {"identityProviderConfig": {"type": "oidc", "name": "o"}},
     "identityproviderconfig/{cluster}/oidc/o/*"),
    ("list_identity_provider_configs", lambda _: {}, "cluster/{cluster}"),
    ("disassociate_identity_provider_config", lambda _: {"identityProviderConfig": {"type": "oidc", "name": "o"}},
     "identityproviderconfig/{cluster}/oidc/o/*"),
    ("update_nodegroup_version", lambda _: {"nodegroupName": "n"}, "nodegroup/{cluster}/n/*"),
]  # fmt: skip
WITHOUT_CLUSTER = [("list_access_policies", {}), ("describe_addon_versions", {}),
                   ("describe_addon_configuration", {"addonName": "coredns", "addonVersion": "v1.12.3-eksbuild.1"})]


@pytest.fixture(scope="module")
def stranger(boto: Boto, eks: Any, cluster: str, house: House) -> Keys:
    """A user without rights, and things for it to ask about: an entry, an add-on, a profile, a provider."""
    eks.create_access_entry(clusterName=cluster, principalArn=house.user)
    eks.associate_access_policy(clusterName=cluster, principalArn=house.user, policyArn=POLICY.format("View"),
                                accessScope={"type": "cluster"})
    eks.create_addon(clusterName=cluster, addonName="kube-proxy")
    eks.create_fargate_profile(clusterName=cluster, fargateProfileName="f", podExecutionRoleArn=house.role,
                               selectors=[{"namespace": "default"}])
    eks.associate_identity_provider_config(clusterName=cluster, oidc={
        "identityProviderConfigName": "o", "issuerUrl": "https://login.example.com", "clientId": "c"})
    iam = boto.client("iam")
    iam.create_user(UserName="stranger")
    key = iam.create_access_key(UserName="stranger")["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.mark.parametrize(("operation", "parameters", "shown"), PARTS, ids=[row[0] for row in PARTS])
def test_refused_without_telling(boto: Boto, house: House, cluster: str, stranger: Keys, operation: str,
                                 parameters: Callable[[House], dict[str, Any]], shown: str) -> None:
    call = getattr(boto.client("eks", stranger), operation)
    action = "".join(word.capitalize() for word in operation.split("_"))
    for name in (cluster, "no-such-cluster"):
        resource = f"arn:aws:eks:{REGION}:{house.account}:" + shown.format(cluster=name, account=house.account)
        assert refusal(call, clusterName=name, **parameters(house)) == (
            403, "AccessDeniedException", f"User: arn:aws:iam::{house.account}:user/stranger is not authorized to perform: "
            f"eks:{action} on resource: {resource} because no identity-based policy allows the eks:{action} action")


@pytest.mark.parametrize(("operation", "parameters"), WITHOUT_CLUSTER, ids=[row[0] for row in WITHOUT_CLUSTER])
def test_lists_need_a_right_too(boto: Boto, stranger: Keys, operation: str, parameters: dict[str, Any]) -> None:
    assert refusal(getattr(boto.client("eks", stranger), operation), **parameters)[:2] == (403, "AccessDeniedException")
