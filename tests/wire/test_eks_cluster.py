"""What EKS's operations do to a cluster that runs: access entries and policies, node groups, the issuer of its tokens."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from administration import wait_until
from clients import Boto, aws, aws_json
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from eks_cluster import SUBNETS, EksCluster
from raw import Request, Wire
from server import REGION, Server

POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKS{}Policy"


@pytest.fixture(scope="module")
def cluster(server: Server, boto: Boto, module_folder: Path) -> Iterator[EksCluster]:
    yield EksCluster.create(server, boto, module_folder, "access")


def _entry(cluster: EksCluster, principal: str, *more: str) -> None:
    aws(cluster.environment, "eks", "create-access-entry", "--cluster-name", cluster.name, "--principal-arn", principal, *more)


def _associate(cluster: EksCluster, principal: str, policy: str, scope: str) -> None:
    aws(cluster.environment, "eks", "associate-access-policy", "--cluster-name", cluster.name, "--principal-arn", principal,
        "--policy-arn", POLICY.format(policy), "--access-scope", scope)


def _disassociate(cluster: EksCluster, principal: str, policy: str) -> None:
    aws(cluster.environment, "eks", "disassociate-access-policy", "--cluster-name", cluster.name, "--principal-arn", principal,
        "--policy-arn", POLICY.format(policy))


def test_creator_is_an_administrator_at_once(cluster: EksCluster) -> None:
    who = json.loads(cluster.kubectl("auth", "whoami", "-o", "json").stdout)["status"]["userInfo"]
    assert "system:masters" not in who["groups"]
    assert any(group.startswith("sekisho:access-entry:") for group in who["groups"])
    assert cluster.kubectl("auth", "can-i", "*", "*", "--all-namespaces").stdout.strip() == "yes"


def test_policies_are_rights_in_the_cluster(cluster: EksCluster) -> None:
    """View in the whole cluster, Edit in namespaces by pattern, also in ones made later; taken back, they are gone."""
    arn, ann = cluster.make_user("ann")
    assert not cluster.may(ann, "get", "pods")  # no entry: nobody
    _entry(cluster, arn)
    assert not cluster.may(ann, "get", "pods")  # an entry alone is a name without rights
    _associate(cluster, arn, "View", "type=cluster")
    wait_until("view", lambda: cluster.may(ann, "get", "pods", "--all-namespaces"))
    assert not cluster.may(ann, "get", "secrets")
    assert not cluster.may(ann, "create", "configmap", "c")
    cluster.kubectl("create", "namespace", "dev-a")
    _associate(cluster, arn, "Edit", "type=namespace,namespaces=dev-*")
    wait_until("edit", lambda: cluster.may(ann, "get", "secrets", "-n", "dev-a"))
    cluster.kubectl("create", "namespace", "dev-b")
    wait_until("edit in a new namespace", lambda: cluster.may(ann, "create", "configmap", "c", "-n", "dev-b"))
    assert not cluster.may(ann, "get", "secrets", "-n", "kube-system")
    _disassociate(cluster, arn, "Edit")
    wait_until("no edit", lambda: not cluster.may(ann, "get", "secrets", "-n", "dev-a"))
    assert cluster.may(ann, "get", "pods", "-n", "dev-a")
    aws(cluster.environment, "eks", "delete-access-entry", "--cluster-name", cluster.name, "--principal-arn", arn)
    wait_until("nobody", lambda: not cluster.may(ann, "get", "pods"))


def test_what_an_administrator_changes_is_put_right(cluster: EksCluster) -> None:
    """A binding that was removed comes back with the next change of the cluster's entries."""
    arn, bob = cluster.make_user("bob")
    _entry(cluster, arn)
    _associate(cluster, arn, "Admin", "type=cluster")
    wait_until("admin", lambda: cluster.may(bob, "get", "secrets"))
    ours = cluster.kubectl("get", "clusterrolebindings", "-l", "app.kubernetes.io/managed-by=sekisho", "-o", "json").stdout
    bindings = [item["metadata"]["name"] for item in json.loads(ours)["items"]
                if item["roleRef"]["name"] == "sekisho:AmazonEKSAdminPolicy"]
    cluster.kubectl("delete", "clusterrolebinding", *bindings)
    wait_until("not admin", lambda: not cluster.may(bob, "get", "secrets"))
    _associate(cluster, arn, "Admin", "type=cluster")
    wait_until("admin again", lambda: cluster.may(bob, "get", "secrets"))


def test_an_entry_comes_before_aws_auth(cluster: EksCluster) -> None:
    arn, eve = cluster.make_user("eve")
    mapping = json.dumps([{"userarn": arn, "username": "eve-of-aws-auth", "groups": ["system:masters"]}])
    # There already when a node group was made before.
    patch = json.dumps({"data": {"mapUsers": mapping}})
    if cluster.kubectl("patch", "configmap", "aws-auth", "-n", "kube-system", "--type=merge", "-p", patch, check=False).returncode:
        cluster.kubectl("create", "configmap", "aws-auth", "-n", "kube-system", f"--from-literal=mapUsers={mapping}")

    def name() -> str:
        run = cluster.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", keys=eve, check=False)
        return run.stdout.strip()

    wait_until("aws-auth", lambda: name() == "eve-of-aws-auth")
    _entry(cluster, arn, "--username", "eve-of-the-entry")
    wait_until("the entry", lambda: name() == "eve-of-the-entry")  # a token of the same second is known to kube-apiserver
    assert not cluster.may(eve, "get", "secrets")  # aws-auth is not asked any more, its groups neither


class TestNodegroup:
    STEPS = True

    def nodes(self, cluster: EksCluster) -> dict[str, Any]:
        listed = json.loads(cluster.kubectl("get", "nodes", "-l", "eks.amazonaws.com/nodegroup=nodes", "-o", "json").stdout)["items"]
        return {node["metadata"]["name"]: node for node in listed}

    def test_labels(self, cluster: EksCluster) -> None:
        template = "id=lt-0123456789abcdef0,version=3"
        aws(cluster.environment, "eks", "create-nodegroup", "--cluster-name", cluster.name, "--nodegroup-name", "nodes",
            "--node-role", cluster.node_role, "--subnets", *SUBNETS, "--instance-types", "m5.large", "--launch-template", template,
            "--scaling-config", "minSize=0,maxSize=5,desiredSize=2", "--labels", "team=red",
            "--taints", "key=gpu,value=a100,effect=NO_SCHEDULE")
        aws(cluster.environment, "eks", "wait", "nodegroup-active", "--cluster-name", cluster.name, "--nodegroup-name", "nodes")
        nodes = self.nodes(cluster)
        assert len(nodes) == 2
        zones = set()
        for node in nodes.values():
            labels = node["metadata"]["labels"]
            assert re.fullmatch(r"ami-0[0-9a-f]{16}", labels["eks.amazonaws.com/nodegroup-image"])
            assert labels["eks.amazonaws.com/capacityType"] == "ON_DEMAND"
            assert labels["eks.amazonaws.com/sourceLaunchTemplateId"] == "lt-0123456789abcdef0"
            assert labels["eks.amazonaws.com/sourceLaunchTemplateVersion"] == "3"
            assert labels["node.kubernetes.io/instance-type"] == "m5.large"
            assert labels["topology.kubernetes.io/region"] == REGION and labels["team"] == "red"
            assert {"key": "gpu", "value": "a100", "effect": "NoSchedule"} in node["spec"]["taints"]
            zones.add(labels["topology.kubernetes.io/zone"])
        assert zones == {f"{REGION}a", f"{REGION}b"}

    def test_node_role_is_known_both_ways(self, cluster: EksCluster) -> None:
        entry = aws_json(cluster.environment, "eks", "describe-access-entry", "--cluster-name", cluster.name, "--principal-arn",
                         cluster.node_role)["accessEntry"]
        assert (entry["type"], entry["username"], entry["kubernetesGroups"]) == (
            "EC2_LINUX", "system:node:{{EC2PrivateDNSName}}", ["system:nodes"])
        roles = cluster.kubectl("get", "configmap", "aws-auth", "-n", "kube-system", "-o", "jsonpath={.data.mapRoles}").stdout
        assert f"rolearn: {cluster.node_role}" in roles and "system:bootstrappers" in roles

    def update(self, cluster: EksCluster, *change: str) -> None:
        update = aws_json(cluster.environment, "eks", "update-nodegroup-config", "--cluster-name", cluster.name,
                          "--nodegroup-name", "nodes", *change)["update"]
        named = ("--name", cluster.name, "--nodegroup-name", "nodes", "--update-id", update["id"])
        wait_until("update", lambda: aws_json(cluster.environment, "eks", "describe-update", *named)["update"]["status"] == "Successful")

    def test_scaling(self, cluster: EksCluster) -> None:
        first = set(self.nodes(cluster))
        self.update(cluster, "--scaling-config", "desiredSize=4")
        grown = self.nodes(cluster)
        assert len(grown) == 4 and first < set(grown)
        self.update(cluster, "--scaling-config", "desiredSize=1")
        assert len(self.nodes(cluster)) == 1

    def test_labels_and_taints_follow(self, cluster: EksCluster) -> None:
        (name,) = self.nodes(cluster)
        cluster.kubectl("label", "node", name, "mine=kept")
        self.update(cluster, "--labels", "addOrUpdateLabels={stage=test},removeLabels=[team]",
                    "--taints", "removeTaints=[{key=gpu,value=a100,effect=NO_SCHEDULE}]")
        node = self.nodes(cluster)[name]
        labels = node["metadata"]["labels"]
        assert labels["stage"] == "test" and labels["mine"] == "kept" and "team" not in labels
        assert not any(taint["key"] == "gpu" for taint in node["spec"].get("taints", []))

    def test_other_nodes_of_another_version(self, cluster: EksCluster) -> None:
        before = set(self.nodes(cluster))
        aws(cluster.environment, "eks", "update-nodegroup-version", "--cluster-name", cluster.name, "--nodegroup-name", "nodes",
            "--launch-template", "id=lt-0123456789abcdef0,version=4")
        aws(cluster.environment, "eks", "wait", "nodegroup-active", "--cluster-name", cluster.name, "--nodegroup-name", "nodes")
        after = self.nodes(cluster)
        assert len(after) == 1 and not before & set(after)
        assert next(iter(after.values()))["metadata"]["labels"]["eks.amazonaws.com/sourceLaunchTemplateVersion"] == "4"

    def test_gone(self, cluster: EksCluster) -> None:
        named = ("--cluster-name", cluster.name, "--nodegroup-name", "nodes")
        aws(cluster.environment, "eks", "delete-nodegroup", *named)
        aws(cluster.environment, "eks", "wait", "nodegroup-deleted", *named)
        assert self.nodes(cluster) == {}
        leases = cluster.kubectl("get", "leases", "-n", "kube-node-lease", "-o", "name").stdout
        assert leases == ""
        listed = aws_json(cluster.environment, "eks", "list-access-entries", "--cluster-name", cluster.name)["accessEntries"]
        assert cluster.node_role not in listed


class TestIssuer:
    """A role's trust policy can rest on the cluster's tokens: discovery and keys are public, and verify them."""

    def decoded(self, text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    def test_tokens_verify(self, server: Server, boto: Boto, cluster: EksCluster) -> None:
        issuer = cluster.describe()["identity"]["oidc"]["issuer"]
        token = cluster.kubectl("create", "token", "default", "--audience", "sts.amazonaws.com").stdout.strip()
        header, claims, signature = token.split(".")
        found = json.loads(self.decoded(claims))
        assert (found["iss"], found["aud"], found["sub"]) == (issuer, ["sts.amazonaws.com"], "system:serviceaccount:default:default")

        wire = Wire(server.port, boto.ca)
        path = issuer[issuer.index("/oidc/"):]
        discovery = json.loads(wire.send(Request("GET", f"{path}/.well-known/openid-configuration")).text)
        keys = json.loads(wire.send(Request("GET", discovery["jwks_uri"][issuer.index("/oidc/"):])).text)["keys"]
        key = next(key for key in keys if key["kid"] == json.loads(self.decoded(header))["kid"])
        numbers = rsa.RSAPublicNumbers(int.from_bytes(self.decoded(key["e"])), int.from_bytes(self.decoded(key["n"])))
        numbers.public_key().verify(self.decoded(signature), f"{header}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())

    def test_kubernetes_names_the_same_keys(self, server: Server, boto: Boto, cluster: EksCluster) -> None:
        own = json.loads(cluster.kubectl("get", "--raw", "/.well-known/openid-configuration").stdout)
        keys = json.loads(cluster.kubectl("get", "--raw", "/openid/v1/jwks").stdout)["keys"]
        wire = Wire(server.port, boto.ca)
        served = json.loads(wire.send(Request("GET", own["jwks_uri"][own["jwks_uri"].index("/oidc/"):])).text)["keys"]
        assert {(key["kid"], key["n"]) for key in served} == {(key["kid"], key["n"]) for key in keys}


def test_mode_api_asks_entries_alone(cluster: EksCluster) -> None:
    """Last: there is no way back. Who is in aws-auth only is nobody; nodes and the creator come in by their entries."""
    arn, zoe = cluster.make_user("zoe")
    mapping = json.dumps([{"userarn": arn, "username": "zoe", "groups": ["system:masters"]}])
    cluster.kubectl("patch", "configmap", "aws-auth", "-n", "kube-system", "--type=merge",
                    "-p", json.dumps({"data": {"mapUsers": mapping}}))
    wait_until("aws-auth", lambda: cluster.may(zoe, "get", "secrets"))
    aws(cluster.environment, "eks", "update-cluster-config", "--name", cluster.name, "--access-config", "authenticationMode=API")
    aws(cluster.environment, "eks", "create-nodegroup", "--cluster-name", cluster.name, "--nodegroup-name", "by-entry",
        "--node-role", cluster.node_role, "--subnets", *SUBNETS, "--scaling-config", "minSize=1,maxSize=1,desiredSize=1")
    aws(cluster.environment, "eks", "wait", "nodegroup-active", "--cluster-name", cluster.name, "--nodegroup-name", "by-entry")
    wait_until("nobody", lambda: not cluster.may(zoe, "get", "secrets"))
    roles = cluster.kubectl("get", "configmap", "aws-auth", "-n", "kube-system", "-o", "jsonpath={.data.mapRoles}").stdout
    assert cluster.node_role not in roles
