"""What dies comes back with its data; what is told to end leaves nothing behind; what cannot start says why."""

import json
from collections.abc import Callable

import pytest
from administration import wait_until
from kubernetes import PROGRAMS, Cluster, kill

BUILD_IT = "build with `tools/build_client kubernetes etcd`"


@pytest.fixture(scope="module")
def kept(cluster: Cluster) -> Callable[[], None]:
    """Fails when what was written before is not there."""
    cluster.kubectl("create", "configmap", "kept", "--from-literal=word=harbour")

    def check() -> None:
        wait_until("API server", cluster.answers, seconds=90)
        assert cluster.get("configmap", "kept")["data"] == {"word": "harbour"}

    return check


def works(cluster: Cluster, name: str) -> None:
    """Controllers make a namespace's service account; the scheduler finds a node for a pod."""
    cluster.kubectl("create", "namespace", name)
    account = ["get", "serviceaccount", "default", "-n", name]
    wait_until("service account", lambda: cluster.kubectl(*account, check=False).returncode == 0)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "sleeper", "namespace": name},
           "spec": {"containers": [{"name": "sleeper", "image": "example.test/none"}]}}
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(pod))
    wait_until("a node for the pod", lambda: cluster.get("pod", "sleeper", "-n", name)["spec"].get("nodeName"))
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_killed_comes_back(cluster: Cluster, kept: Callable[[], None], program: str) -> None:
    before = cluster.server.children()
    assert sorted(before) == sorted(PROGRAMS)
    kill(before[program])
    wait_until("another process", lambda: cluster.server.children().get(program, before[program]) != before[program])
    kept()
    works(cluster, f"after-{program}")
    wait_until("nodes", lambda: list(cluster.nodes().values()) == ["True"] * 2)
    assert {name: pid for name, pid in cluster.server.children().items() if name != program} == \
        {name: pid for name, pid in before.items() if name != program}, "only the killed one was started anew"


@pytest.mark.parametrize("end", ["SIGTERM", "SIGKILL"])
def test_no_process_outlives_the_server(cluster: Cluster, kept: Callable[[], None], end: str) -> None:
    wait_until("processes", lambda: len(cluster.server.children()) == len(PROGRAMS))
    if end == "SIGTERM":
        cluster.server.stop()
        assert cluster.server.children() == {}
    else:
        cluster.server.kill()
        wait_until("parent-death signal", lambda: cluster.server.children() == {})
    cluster.server.start()
    kept()
    wait_until("nodes", lambda: list(cluster.nodes().values()) == ["True"] * 2, seconds=90)
    works(cluster, f"after-{end.lower()}")
    assert cluster.describe()["health"]["issues"] == []


def test_a_control_plane_that_cannot_start_says_what_to_do_and_starts_when_it_can(cluster: Cluster, kept: Callable[[], None]) -> None:
    cluster.server.stop()
    cluster.server.remove_programs("etcd", "kube-scheduler")
    cluster.server.start()
    [issue] = wait_until("an issue", lambda: cluster.describe()["health"]["issues"])
    assert issue["code"] == "ClusterUnreachable" and issue["message"].startswith("etcd, kube-scheduler not found"), issue
    assert issue["message"].endswith(BUILD_IT)
    assert cluster.describe()["status"] == "ACTIVE"

    # A new cluster fails at once, for the same reason, and can be deleted.
    eks = cluster.client("eks")
    eks.create_cluster(name="hopeless", roleArn=cluster.role_arn("Control"), resourcesVpcConfig={
        "subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]})
    failed = wait_until("failure", lambda: (now := eks.describe_cluster(name="hopeless")["cluster"])["status"] != "CREATING" and now)
    assert failed["status"] == "FAILED"
    [issue] = failed["health"]["issues"]
    assert issue["code"] == "InternalFailure" and issue["message"].endswith(BUILD_IT), issue
    eks.delete_cluster(name="hopeless")
    wait_until("deletion", lambda: eks.list_clusters()["clusters"] == [cluster.name])

    cluster.server.install_programs()
    wait_until("health", lambda: cluster.describe()["health"]["issues"] == [], seconds=90)
    kept()
    wait_until("nodes", lambda: list(cluster.nodes().values()) == ["True"] * 2, seconds=90)


def test_a_control_plane_that_goes_away_is_ill_and_its_last_mapping_serves(cluster: Cluster, kept: Callable[[], None]) -> None:
    """The webhook answers by the last aws-auth it read, which is marked and counted as stale."""
    before = cluster.aws_auth()
    cluster.set_aws_auth(before | {"mapUsers": "", "mapAccounts": f'["{cluster.account}"]'})
    visitor = cluster.assume(cluster.make_role("Visitor"), "visit")
    wait_until("mapping", lambda: cluster.review(cluster.token(visitor))["authenticated"])
    breaks = cluster.server.metric("sekisho_aws_auth_watch_failures_total")

    cluster.server.remove_programs("kube-apiserver")
    kill(cluster.server.children()["kube-apiserver"])
    [issue] = wait_until("an issue", lambda: cluster.describe()["health"]["issues"], seconds=90)
    assert issue["code"] == "ClusterUnreachable" and "does not answer" in issue["message"], issue
    assert cluster.describe()["status"] == "ACTIVE"
    assert cluster.review(cluster.token(visitor))["user"]["username"] == cluster.role_arn("Visitor")
    assert cluster.server.metric("sekisho_aws_auth_stale") == 1
    assert cluster.server.metric("sekisho_aws_auth_watch_failures_total") > breaks

    cluster.server.install_programs()
    wait_until("health", lambda: cluster.describe()["health"]["issues"] == [], seconds=90)
    kept()
    wait_until("a mapping that is followed", lambda: cluster.server.metric("sekisho_aws_auth_stale") == 0)
    cluster.set_aws_auth(before)
    wait_until("no mapping", lambda: not cluster.review(cluster.token(visitor))["authenticated"])
