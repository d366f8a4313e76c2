"""An unmodified eksctl in the hands of the article's EKSClusterCreator: every command that a cluster's life needs, a cluster
of a config file, and a creator that may not do everything. Most of its time eksctl waits: clusters are made meanwhile."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from administration import wait_until
from clients import Boto, aws, aws_json
from eksctl import Eksctl, Running, article_policy
from kubernetes import ClusterServer
from server import REGION
from stacks import cluster_template

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
OWNED, FULL = "owned", "full"
CONFIG = """
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: full, region: us-east-1, version: "1.34", tags: {team: platform}}
availabilityZones: [us-east-1a, us-east-1b]
vpc: {cidr: 10.42.0.0/16, nat: {gateway: HighlyAvailable}, clusterEndpoints: {publicAccess: true, privateAccess: true}}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {name: reader, namespace: tools, labels: {team: platform}}
    attachPolicyARNs: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
  podIdentityAssociations:
  - {namespace: tools, serviceAccountName: writer, permissionPolicyARNs: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]}
accessConfig:
  authenticationMode: API_AND_CONFIG_MAP
  accessEntries:
  - principalARN: arn:aws:iam::ACCOUNT:role/Viewer
    accessPolicies:
    - policyARN: arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy
      accessScope: {type: namespace, namespaces: [tools]}
  - {principalARN: "arn:aws:iam::ACCOUNT:role/Grouped", kubernetesGroups: [readers]}
addons: [{name: eks-pod-identity-agent}]
managedNodeGroups:
- name: public
  instanceType: m5.large
  desiredCapacity: 2
  minSize: 1
  maxSize: 4
  labels: {pool: public}
  taints: [{key: pool, value: public, effect: PreferNoSchedule}]
- {name: private, instanceTypes: [t3.medium, t3a.medium], spot: true, desiredCapacity: 1, minSize: 0, maxSize: 2, privateNetworking: true}
cloudWatch: {clusterLogging: {enableTypes: [audit, authenticator]}}
"""


def start_server(folder: Path, *options: str) -> tuple[ClusterServer, Boto]:
    server = ClusterServer(folder / "home", folder / "clients")
    server.init()
    server.start(*options)
    return server, Boto(server, folder)


@dataclass
class Meanwhile:
    """What is made while other tests run."""

    eksctl: Eksctl
    running: Running
    server: ClusterServer


def make_meanwhile(folder: Path, policy: str | None, command: str, *options: str) -> Iterator[Meanwhile]:
    folder.mkdir()
    server, boto = start_server(folder, *options)
    eksctl = Eksctl.of(server, boto, folder, policy)
    for role in ("Viewer", "Grouped"):
        make_role(eksctl, role)
    (folder / "config.yaml").write_text(CONFIG.replace("ACCOUNT", eksctl.account))
    running = eksctl.start(*command.split())
    yield Meanwhile(eksctl, running, server)
    running.end()
    server.stop()


@pytest.fixture(scope="module", autouse=True)
def full(module_folder: Path) -> Iterator[Meanwhile]:
    yield from make_meanwhile(module_folder / "full", None, "create cluster -f config.yaml")


@pytest.fixture(scope="module", autouse=True)
def denied(module_folder: Path) -> Iterator[Meanwhile]:
    """The article's policy without iam:AttachRolePolicy. No control plane is needed to fail."""
    verbs = ("Add", "Create", "Delete", "Detach", "Get", "List", "Pass", "Put", "Remove", "Tag", "Untag", "Update")
    policy = article_policy().replace('"iam:*"', ", ".join(f'"iam:{verb}*"' for verb in verbs))
    yield from make_meanwhile(module_folder / "denied", policy, "create cluster --name denied", "--cluster-provider", "record")


@pytest.fixture(scope="module")
def server(module_folder: Path) -> Iterator[ClusterServer]:
    running, _ = start_server(module_folder)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def eksctl(server: ClusterServer, boto: Boto, module_folder: Path) -> Eksctl:
    """With a cluster that looks as if eksctl had made it, but for its three minutes of waiting."""
    eksctl = Eksctl.of(server, boto, module_folder)
    stacks = eksctl.client("cloudformation")
    name = f"eksctl-{OWNED}-cluster"
    tags = {"alpha.eksctl.io/cluster-name": OWNED, "eksctl.cluster.k8s.io/v1alpha1/cluster-name": OWNED}
    (module_folder / "cluster.json").write_text(json.dumps(cluster_template(OWNED)))
    aws(eksctl.environment, "cloudformation", "create-stack", "--stack-name", name, "--capabilities", "CAPABILITY_IAM",
        "--template-body", f"file://{module_folder}/cluster.json",
        "--tags", *(f"Key={key},Value={value}" for key, value in tags.items()))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 180})
    return eksctl


def make_role(eksctl: Eksctl, name: str) -> str:
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": eksctl.account}}]}
    arn: str = eksctl.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    return arn


def of(cluster: str, command: str) -> list[str]:
    return [*command.split(), "--cluster", cluster]


class TestCommands:
    """In the order of a cluster's life."""

    STEPS = True

    def get(self, eksctl: Eksctl, what: str, *options: str) -> Any:
        return eksctl.json("get", what, "--cluster", OWNED, *options)

    def test_write_kubeconfig(self, eksctl: Eksctl) -> None:
        eksctl.run(*of(OWNED, "utils write-kubeconfig"))
        config = yaml.safe_load((eksctl.folder / "kubeconfig").read_text())
        assert config["current-context"] == f"create-eks-cluster@{OWNED}.{REGION}.eksctl.io"
        eksctl.kubectl("get", "namespaces")

    def test_get_cluster(self, eksctl: Eksctl) -> None:
        described = aws_json(eksctl.environment, "eks", "describe-cluster", "--name", OWNED)["cluster"]
        [shown] = eksctl.json("get", "cluster", "--name", OWNED)
        assert (shown["Name"], shown["Status"], shown["Arn"], shown["Version"]) == (OWNED, "ACTIVE", described["arn"], "1.34")
        table = eksctl.run("get", "cluster").splitlines()
        assert [line.split() for line in table[:2]] == [["NAME", "REGION", "EKSCTL", "CREATED"], [OWNED, REGION, "True"]]

    def test_describe_stacks(self, eksctl: Eksctl) -> None:
        said = eksctl.run(*of(OWNED, "utils describe-stacks"))
        assert f"stack/eksctl-{OWNED}-cluster" in said and "CREATE_COMPLETE" in said

    def test_associate_oidc_provider(self, eksctl: Eksctl) -> None:
        """Twice: eksctl finds the provider that it made, by the name that it gives it."""
        assert "created IAM Open ID Connect provider" in eksctl.run(*of(OWNED, "utils associate-iam-oidc-provider"), "--approve")
        assert "already associated" in eksctl.run(*of(OWNED, "utils associate-iam-oidc-provider"), "--approve")

    def test_add_ons(self, eksctl: Eksctl) -> None:
        eksctl.run(*of(OWNED, "create addon --name eks-pod-identity-agent"))
        eksctl.run(*of(OWNED, "create addon --name kube-proxy"))
        shown = {addon["Name"]: addon for addon in self.get(eksctl, "addon")}
        assert {name: addon["Status"] for name, addon in shown.items()} == {"eks-pod-identity-agent": "ACTIVE", "kube-proxy": "ACTIVE"}
        assert shown["kube-proxy"]["NewerVersion"] == "v1.34.0-eksbuild.4"
        eksctl.run(*of(OWNED, "delete addon --name kube-proxy"))
        assert [addon["Name"] for addon in self.get(eksctl, "addon")] == ["eks-pod-identity-agent"]

    def test_create(self, eksctl: Eksctl) -> None:
        """Node groups, a service account, a pod identity association, an access entry: a stack each, all at once."""
        viewer = make_role(eksctl, "Viewer")
        sizes = "--nodes 1 --nodes-min 0 --nodes-max 3"
        said = eksctl.together(
            f"create nodegroup --cluster {OWNED} --name first --node-type t3.large {sizes}",
            f"create nodegroup --cluster {OWNED} --name second --node-private-networking {sizes}",
            f"create iamserviceaccount --cluster {OWNED} --namespace tools --name reader --attach-policy-arn {READ_ONLY} --approve",
            f"create podidentityassociation --cluster {OWNED} --namespace tools --service-account-name writer "
            f"--permission-policy-arns {READ_ONLY}",
            f"create accessentry --cluster {OWNED} --principal-arn {viewer} --kubernetes-groups readers")
        assert f'created 1 managed nodegroup(s) in cluster "{OWNED}"' in said[0]
        assert 'created serviceaccount "tools/reader"' in said[2]

    def test_get(self, eksctl: Eksctl) -> None:
        groups = {group["Name"]: group for group in self.get(eksctl, "nodegroup")}
        assert {name: (g["Status"], g["DesiredCapacity"], g["InstanceType"], g["Type"]) for name, g in groups.items()} == {
            "first": ("ACTIVE", 1, "t3.large", "managed"), "second": ("ACTIVE", 1, "m5.large", "managed")}
        assert groups["first"]["StackName"] == f"eksctl-{OWNED}-nodegroup-first"
        assert len(eksctl.nodes()) == 2
        [account] = self.get(eksctl, "iamserviceaccount")
        annotations = json.loads(eksctl.kubectl("get", "serviceaccount", "reader", "-n", "tools", "-o", "json"))["metadata"]["annotations"]
        assert annotations["eks.amazonaws.com/role-arn"] == account["status"]["roleARN"]
        [association] = self.get(eksctl, "podidentityassociation")
        assert (association["Namespace"], association["ServiceAccountName"]) == ("tools", "writer")
        entries = {entry["principalARN"]: entry for entry in self.get(eksctl, "accessentry")}
        assert entries[f"arn:aws:iam::{eksctl.account}:role/Viewer"]["kubernetesGroups"] == ["readers"]
        assert f"arn:aws:iam::{eksctl.account}:role/EKSClusterCreator" in entries

    def test_a_service_account_takes_its_role(self, eksctl: Eksctl) -> None:
        """eksctl writes the issuer without its port into the role's trust: both names are one provider."""
        [account] = self.get(eksctl, "iamserviceaccount")
        make = ("create", "token", "-n", "tools", "--audience", "sts.amazonaws.com")
        sts = eksctl.boto.client("sts", unsigned=True)
        who = {"RoleArn": account["status"]["roleARN"], "RoleSessionName": "pod"}
        eksctl.kubectl("create", "serviceaccount", "stranger", "-n", "tools")
        with pytest.raises(sts.exceptions.ClientError, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
            sts.assume_role_with_web_identity(**who, WebIdentityToken=eksctl.kubectl(*make, "stranger").strip())
        taken = sts.assume_role_with_web_identity(**who, WebIdentityToken=eksctl.kubectl(*make, "reader").strip())
        assert taken["SubjectFromWebIdentityToken"] == "system:serviceaccount:tools:reader"

    def test_identity_mapping(self, eksctl: Eksctl) -> None:
        arn = make_role(eksctl, "Mapped")
        who = f"iamidentitymapping --cluster {OWNED} --arn {arn}"
        eksctl.run(*f"create {who} --username mapped --group system:masters".split())
        shown = {entry["rolearn"]: entry for entry in self.get(eksctl, "iamidentitymapping")}
        assert shown[arn] == {"rolearn": arn, "username": "mapped", "groups": ["system:masters"]}
        table = eksctl.run(*of(OWNED, "get iamidentitymapping")).splitlines()
        assert table[0].split() == ["ARN", "USERNAME", "GROUPS", "ACCOUNT"] and any(arn in line for line in table)
        session = eksctl.client("sts").assume_role(RoleArn=arn, RoleSessionName="mapped")["Credentials"]
        keys = {"AWS_ACCESS_KEY_ID": session["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
                "AWS_SESSION_TOKEN": session["SessionToken"]}
        mapped = Eksctl(eksctl.boto, eksctl.account, eksctl.environment | keys, eksctl.folder)

        def is_master() -> bool:
            user = json.loads(mapped.kubectl("auth", "whoami", "-o", "json"))["status"]["userInfo"]
            return user["username"] == "mapped" and "system:masters" in user["groups"]

        assert is_master()
        eksctl.run(*f"create iamidentitymapping --cluster {OWNED} --account 999999999999".split())
        eksctl.run(*f"delete {who}".split())
        left = self.get(eksctl, "iamidentitymapping")
        assert arn not in {entry.get("rolearn") for entry in left} and len(left) == 3  # the node groups' roles and the account
        with pytest.raises(AssertionError, match="must be logged in"):
            wait_until("no mapping", lambda: not is_master(), seconds=20)

    def test_scale_and_upgrade(self, eksctl: Eksctl) -> None:
        eksctl.run(*of(OWNED, "scale nodegroup --name first --nodes 3"))
        wait_until("four nodes", lambda: len(eksctl.nodes()) == 4)
        said = eksctl.run("upgrade", "cluster", "--name", OWNED)
        assert "no cluster version update required" in said and "are up-to-date" in said
        assert 'version "1.35" is not supported' in eksctl.run(*f"upgrade cluster --name {OWNED} --version 1.35".split(), code=1)

    def test_delete_parts(self, eksctl: Eksctl) -> None:
        """The rest goes with the cluster."""
        eksctl.together(
            f"delete nodegroup --cluster {OWNED} --name second --wait",
            f"delete iamserviceaccount --cluster {OWNED} --namespace tools --name reader --wait",
            f"delete podidentityassociation --cluster {OWNED} --namespace tools --service-account-name writer")
        assert [group["Name"] for group in self.get(eksctl, "nodegroup")] == ["first"]
        assert len(eksctl.nodes()) == 3
        for what in ("iamserviceaccount", "podidentityassociation"):
            assert "found" in eksctl.run(*of(OWNED, f"get {what}"))

    def test_delete_cluster(self, eksctl: Eksctl, server: ClusterServer) -> None:
        assert set(server.children()) == {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}
        assert "all cluster resources were deleted" in eksctl.run("delete", "cluster", "--name", OWNED, "--wait")
        assert eksctl.left() == {}
        assert server.children() == {} and list((server.home / "clusters").iterdir()) == []


def test_a_creator_without_one_action_is_told_which(denied: Meanwhile) -> None:
    eksctl = denied.eksctl
    refusal = (rf"User: arn:aws:sts::{eksctl.account}:assumed-role/EKSClusterCreator/create-eks-cluster is not authorized to "
               r"perform: iam:AttachRolePolicy on resource: role eksctl-denied-cluster-ServiceRole-\w+ because no "
               r"identity-based policy allows the iam:AttachRolePolicy action")
    said = denied.running.wait(code=1)
    assert re.search(rf'AWS::IAM::Role/ServiceRole: CREATE_FAILED –\s"Resource handler returned message: \\"{refusal}', said), said
    name = "eksctl-denied-cluster"
    events = eksctl.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    assert events[0]["ResourceStatus"] == "ROLLBACK_COMPLETE"
    assert any(re.search(refusal, event.get("ResourceStatusReason", "")) for event in events)
    assert eksctl.left() == {"stacks": [name]}
    # eksctl deletes no cluster that never was (0.230: an error, and with --force a panic of its own); the stack it protects.
    aws(eksctl.environment, "cloudformation", "update-termination-protection", "--stack-name", name,
        "--no-enable-termination-protection")
    aws(eksctl.environment, "cloudformation", "delete-stack", "--stack-name", name)
    wait_until("nothing is left", lambda: eksctl.left() == {})


class TestConfigFile:
    STEPS = True

    def get(self, full: Meanwhile, what: str) -> Any:
        return full.eksctl.json("get", what, "--cluster", FULL)

    def test_create(self, full: Meanwhile) -> None:
        assert f'EKS cluster "{FULL}" in "{REGION}" region is ready' in full.running.wait()

    def test_nodes(self, full: Meanwhile) -> None:
        nodes = [node["metadata"]["labels"] | {"taints": node["spec"].get("taints", [])} for node in full.eksctl.nodes().values()]
        pools = [(n["alpha.eksctl.io/nodegroup-name"], n["eks.amazonaws.com/capacityType"], n.get("pool", ""),
                  [taint["key"] for taint in n["taints"]]) for n in nodes]
        assert sorted(pools) == [("private", "SPOT", "", []), *[("public", "ON_DEMAND", "public", ["pool"])] * 2]
        groups = {group["Name"]: group for group in self.get(full, "nodegroup")}
        assert groups["private"]["InstanceType"] == "t3.medium,t3a.medium"
        assert (groups["public"]["MinSize"], groups["public"]["DesiredCapacity"], groups["public"]["MaxSize"]) == (1, 2, 4)

    def test_network(self, full: Meanwhile) -> None:
        """Private nodes are in private subnets, each of which has a gateway of its own."""
        ec2 = full.eksctl.client("ec2")
        subnets = {s["SubnetId"]: s for s in ec2.describe_subnets()["Subnets"]}
        assert sorted((s["AvailabilityZone"], s["MapPublicIpOnLaunch"], s["CidrBlock"]) for s in subnets.values()) == [
            ("us-east-1a", False, "10.42.64.0/19"), ("us-east-1a", True, "10.42.0.0/19"),
            ("us-east-1b", False, "10.42.96.0/19"), ("us-east-1b", True, "10.42.32.0/19")]
        assert len(ec2.describe_nat_gateways()["NatGateways"]) == 2
        eks = full.eksctl.client("eks")
        for group, is_public in (("private", False), ("public", True)):
            used = eks.describe_nodegroup(clusterName=FULL, nodegroupName=group)["nodegroup"]["subnets"]
            assert {subnets[subnet]["MapPublicIpOnLaunch"] for subnet in used} == {is_public}

    def test_identities(self, full: Meanwhile) -> None:
        [account] = self.get(full, "iamserviceaccount")
        attached = full.eksctl.client("iam").list_attached_role_policies(RoleName=account["status"]["roleARN"].rpartition("/")[2])
        assert [policy["PolicyArn"] for policy in attached["AttachedPolicies"]] == [READ_ONLY]
        [association] = self.get(full, "podidentityassociation")
        assert (association["Namespace"], association["ServiceAccountName"]) == ("tools", "writer")
        entries = {entry["principalARN"].rpartition("/")[2]: entry for entry in self.get(full, "accessentry")}
        assert entries["Grouped"]["kubernetesGroups"] == ["readers"]
        assert entries["Viewer"]["accessPolicies"] == [{
            "policyARN": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
            "accessScope": {"type": "namespace", "namespaces": ["tools"]}}]
        mapped = self.get(full, "iamidentitymapping")
        assert {entry["username"] for entry in mapped} == {"system:node:{{EC2PrivateDNSName}}"} and len(mapped) == 2

    def test_cluster(self, full: Meanwhile) -> None:
        cluster = full.eksctl.client("eks").describe_cluster(name=FULL)["cluster"]
        enabled = [setup["types"] for setup in cluster["logging"]["clusterLogging"] if setup["enabled"]]
        assert [sorted(types) for types in enabled] == [["audit", "authenticator"]]
        assert cluster["resourcesVpcConfig"]["endpointPrivateAccess"] is True and cluster["tags"]["team"] == "platform"
        assert {addon["Name"] for addon in self.get(full, "addon")} == {
            "coredns", "eks-pod-identity-agent", "kube-proxy", "metrics-server", "vpc-cni"}
