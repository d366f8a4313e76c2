"""Virtual nodes: they join through the webhook with their node role's token, may touch themselves only, stay Ready, leave."""

import time
from pathlib import Path

import pytest
import yaml
from administration import wait_until
from clients import Keys
from kubernetes import Cluster, create_nodegroup

LEASES = ["leases", "-n", "kube-node-lease"]
CONNECTIONS_MAX = 12  # of the server to one API server: the watch, the administrator's, and those of the nodes


def instance_of(cluster: Cluster, node: str) -> str:
    """aws:///us-east-1a/i-0123456789abcdef0"""
    provider: str = cluster.get("node", node)["spec"]["providerID"]
    return provider.rsplit("/", 1)[1]


@pytest.fixture(scope="module")
def nodes(cluster: Cluster) -> list[str]:
    return sorted(cluster.nodes())


@pytest.fixture(scope="module")
def kubelet(cluster: Cluster, nodes: list[str]) -> Keys:
    """The session that the first node's instance has."""
    return cluster.assume(cluster.role_arn("Node", "/nodes/"), instance_of(cluster, nodes[0]))


def test_a_node_is_itself(cluster: Cluster, nodes: list[str], kubelet: Keys) -> None:
    user = cluster.whoami(kubelet)
    assert user is not None and user["username"] == f"system:node:{nodes[0]}"
    assert {"system:nodes", "system:bootstrappers"} <= set(user["groups"])


def test_the_node_role_is_mapped_as_eks_does(cluster: Cluster) -> None:
    [entry] = [entry for entry in yaml.safe_load(cluster.aws_auth()["mapRoles"]) if entry["rolearn"] == cluster.role_arn("Node")]
    assert entry == {"rolearn": cluster.role_arn("Node"), "username": "system:node:{{EC2PrivateDNSName}}",
                     "groups": ["system:bootstrappers", "system:nodes"]}


def test_the_node_role_is_nobody_without_an_instance(cluster: Cluster) -> None:
    """Whoever may take the role is no node by that: the session's name must be an instance's of this cluster."""
    for session in ("somebody", "i-0123456789abcdef0"):
        assert cluster.whoami(cluster.assume(cluster.role_arn("Node", "/nodes/"), session)) is None


def test_a_node_may_touch_itself_only(cluster: Cluster, nodes: list[str], kubelet: Keys) -> None:
    cluster.kubectl("label", "node", nodes[0], "proof.example/own=yes", keys=kubelet)
    cluster.kubectl("label", "node", nodes[0], "proof.example/own-", keys=kubelet)
    for refused in (["label", "node", nodes[0], "node-restriction.kubernetes.io/team=a"],
                    ["label", "node", nodes[1], "proof.example/other=yes"],
                    ["delete", "node", nodes[1]],
                    ["get", "node", nodes[1]],
                    ["get", "lease", "-n", "kube-node-lease", nodes[1]],
                    ["patch", "lease", "-n", "kube-node-lease", nodes[1], "--type=merge", "-p", '{"spec":{"holderIdentity":"me"}}'],
                    ["get", "secrets", "-A"],
                    ["get", "configmap", "-n", "kube-system", "aws-auth"]):
        run = cluster.kubectl(*refused, keys=kubelet, check=False)
        assert run.returncode != 0 and "orbidden" in run.stderr, (refused, run.stdout + run.stderr)
    assert set(cluster.nodes()) == set(nodes)


def connections(cluster: Cluster) -> int:
    """Connections of the server to the cluster's API server."""
    port = int(cluster.describe()["endpoint"].rsplit(":", 1)[1])
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    to_server = {line[9] for line in lines if line[2].endswith(f":{port:04X}") and line[3] == "01"}
    files = Path(f"/proc/{cluster.server.pid}/fd").iterdir()
    return sum(str(file.readlink())[8:-1] in to_server for file in files if str(file.readlink()).startswith("socket:["))


def test_nodes_stay_ready_and_reuse_their_connections(cluster: Cluster, nodes: list[str]) -> None:
    """Two renewals of each lease, and never a moment that is not Ready. What that costs in connections does not grow."""
    seen: dict[str, set[str]] = {node: set() for node in nodes}

    def renewed() -> bool:
        status = cluster.nodes()
        assert {name: status.get(name) for name in nodes} == dict.fromkeys(nodes, "True")
        for lease in cluster.get(*LEASES)["items"]:
            seen.get(lease["metadata"]["name"], set()).add(lease["spec"]["renewTime"])
        time.sleep(1)
        return all(len(times) >= 3 for times in seen.values())

    wait_until("two renewals", renewed, seconds=90)
    assert 0 < connections(cluster) <= CONNECTIONS_MAX


def test_a_node_group_that_goes_takes_its_nodes_along(cluster: Cluster, nodes: list[str]) -> None:
    eks = cluster.client("eks")
    create_nodegroup(cluster, "ng-2", 3)
    wait_until("nodes", lambda: list(cluster.nodes().values()) == ["True"] * 5)
    assert {lease["metadata"]["name"] for lease in cluster.get(*LEASES)["items"]} >= set(cluster.nodes())
    eks.delete_nodegroup(clusterName=cluster.name, nodegroupName="ng-2")
    wait_until("deletion", lambda: eks.list_nodegroups(clusterName=cluster.name)["nodegroups"] == ["ng-1"])
    assert sorted(cluster.nodes()) == nodes
    assert sorted(lease["metadata"]["name"] for lease in cluster.get(*LEASES)["items"]) == nodes
    # The role's entry stays: ng-1 has the same role.
    assert cluster.role_arn("Node") in cluster.aws_auth()["mapRoles"]


def test_a_broken_aws_auth_stops_a_new_node_group_and_lets_one_go(cluster: Cluster, nodes: list[str]) -> None:
    eks, before = cluster.client("eks"), cluster.aws_auth()
    cluster.make_role("OtherNode", "/nodes/")
    create_nodegroup(cluster, "ng-3", 1, "OtherNode")
    assert cluster.role_arn("OtherNode") in cluster.aws_auth()["mapRoles"]
    cluster.set_aws_auth({"mapRoles": "- rolearn: ["})
    eks.create_nodegroup(clusterName=cluster.name, nodegroupName="ng-4", nodeRole=cluster.role_arn("Node", "/nodes/"),
                         subnets=["subnet-0a1b2c3d4e5f60718"])
    failed = wait_until("failure", lambda: (now := eks.describe_nodegroup(
        clusterName=cluster.name, nodegroupName="ng-4")["nodegroup"])["status"] != "CREATING" and now)
    assert failed["status"] == "CREATE_FAILED" and failed["health"]["issues"][0]["message"].startswith("yaml: line 1"), failed
    assert cluster.aws_auth() == {"mapRoles": "- rolearn: ["}
    for name in ("ng-3", "ng-4"):
        eks.delete_nodegroup(clusterName=cluster.name, nodegroupName=name)
    wait_until("deletion", lambda: eks.list_nodegroups(clusterName=cluster.name)["nodegroups"] == ["ng-1"])
    assert sorted(cluster.nodes()) == nodes
    cluster.set_aws_auth(before)
    wait_until("current", lambda: cluster.server.metric("sekisho_aws_auth_stale") == 0)
