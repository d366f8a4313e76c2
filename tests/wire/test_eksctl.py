"""An unmodified eksctl against a cluster that runs: what it shows, and the identities that it maps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from administration import wait_until
from clients import Boto, Keys, aws
from eks_cluster import EksCluster
from server import REGION, Server


@pytest.fixture(scope="module")
def cluster(server: Server, boto: Boto, module_folder: Path) -> Iterator[EksCluster]:
    yield EksCluster.create(server, boto, module_folder, "eksctl")


def eksctl(cluster: EksCluster, *arguments: str) -> str:
    return cluster.run("eksctl", *arguments, "--cluster", cluster.name, "--region", REGION).stdout


def eksctl_json(cluster: EksCluster, *arguments: str) -> Any:
    """The JSON of an answer, which log lines may come before."""
    return json.loads(eksctl(cluster, *arguments, "-o", "json"))


def test_get_cluster(cluster: EksCluster) -> None:
    shown = json.loads(cluster.run("eksctl", "get", "cluster", "--name", cluster.name, "--region", REGION, "-o", "json").stdout)
    described = cluster.describe()
    assert [(found["Name"], found["Status"], found["Arn"], found["Version"]) for found in shown] == [
        (cluster.name, "ACTIVE", described["arn"], "1.34")]
    table = cluster.run("eksctl", "get", "cluster", "--name", cluster.name, "--region", REGION).stdout
    assert cluster.name in table and "ACTIVE" in table


def test_get_addon(cluster: EksCluster) -> None:
    aws(cluster.environment, "eks", "create-addon", "--cluster-name", cluster.name, "--addon-name", "kube-proxy")
    (addon,) = eksctl_json(cluster, "get", "addon")
    assert (addon["Name"], addon["Status"], addon["Version"]) == ("kube-proxy", "ACTIVE", "v1.34.0-eksbuild.2")
    assert addon["NewerVersion"] == "v1.34.0-eksbuild.4"


def test_get_accessentry(cluster: EksCluster) -> None:
    arn, _ = cluster.make_user("ann")
    aws(cluster.environment, "eks", "create-access-entry", "--cluster-name", cluster.name, "--principal-arn", arn,
        "--kubernetes-groups", "readers")
    shown = {entry["principalARN"]: entry for entry in eksctl_json(cluster, "get", "accessentry")}
    assert shown[arn]["kubernetesGroups"] == ["readers"]
    assert len(shown) == 2  # and the creator's


def test_write_kubeconfig(cluster: EksCluster, module_folder: Path) -> None:
    path = module_folder / "eksctl-kubeconfig"
    eksctl(cluster, "utils", "write-kubeconfig", "--kubeconfig", str(path))
    config = yaml.safe_load(path.read_text())
    assert config["current-context"].endswith(f"@{cluster.name}.{REGION}.eksctl.io")
    assert config["clusters"][0]["cluster"]["server"] == cluster.describe()["endpoint"]
    cluster.kubectl("--kubeconfig", str(path), "get", "namespaces")


@pytest.fixture(scope="module")
def person(cluster: EksCluster) -> tuple[str, Keys]:
    return cluster.make_user("eve")


class TestIdentityMapping:
    STEPS = True

    def mapped(self, cluster: EksCluster) -> dict[str, Any]:
        found = eksctl_json(cluster, "get", "iamidentitymapping")
        return {entry["userarn"]: entry for entry in found if "userarn" in entry}

    def test_create(self, cluster: EksCluster, person: tuple[str, Keys]) -> None:
        arn, keys = person
        assert not cluster.may(keys, "get", "nodes")
        eksctl(cluster, "create", "iamidentitymapping", "--arn", arn, "--username", "eve", "--group", "system:masters")
        wait_until("mapping", lambda: cluster.may(keys, "get", "nodes"))

    def test_get(self, cluster: EksCluster, person: tuple[str, Keys]) -> None:
        assert self.mapped(cluster)[person[0]] == {"userarn": person[0], "username": "eve", "groups": ["system:masters"]}
        table = eksctl(cluster, "get", "iamidentitymapping").splitlines()
        assert table[0].split() == ["ARN", "USERNAME", "GROUPS", "ACCOUNT"] and person[0] in table[1]

    def test_an_account(self, cluster: EksCluster) -> None:
        eksctl(cluster, "create", "iamidentitymapping", "--account", "999999999999")
        data = json.loads(cluster.kubectl("get", "configmap", "aws-auth", "-n", "kube-system", "-o", "json").stdout)["data"]
        assert "999999999999" in data["mapAccounts"]

    def test_delete(self, cluster: EksCluster, person: tuple[str, Keys]) -> None:
        arn, keys = person
        eksctl(cluster, "delete", "iamidentitymapping", "--arn", arn)
        assert arn not in self.mapped(cluster)
        wait_until("no mapping", lambda: not cluster.may(keys, "get", "nodes"))
