"""SIGKILL in the middle of `eksctl create cluster`: the control plane goes with the server, and after the next start the
stack that eksctl waits for is completed. Deleting the cluster leaves nothing."""

import time
from pathlib import Path

from administration import wait_until
from clients import Boto
from eksctl import Eksctl
from kubernetes import ClusterServer

STACK = "eksctl-killed-cluster"
KILLS_AFTER_SECONDS = (1.5, 1.0, 2.0)  # networks and roles; etcd and kube-apiserver start


def test_a_cluster_of_eksctl_survives_kills(tmp_path: Path) -> None:
    server = ClusterServer(tmp_path / "home", tmp_path / "clients")
    server.init()
    server.start()
    boto = Boto(server, tmp_path)
    eksctl = Eksctl.of(server, boto, tmp_path)
    running = eksctl.start("create", "cluster", "--name", "killed")
    were_running: set[str] = set()
    for seconds in KILLS_AFTER_SECONDS:
        time.sleep(seconds)
        children = server.children()
        were_running |= set(children)
        server.kill()
        wait_until("no orphans", lambda: server.children() == {}, seconds=5)
        server.start()
    assert were_running, "no kill met a control plane"
    stacks = boto.client("cloudformation")
    waiter = stacks.get_waiter("stack_create_complete")
    waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    wait_until("four programs", lambda: len(server.children()) == 4)
    made = eksctl.left()
    assert {kind: len(names) for kind, names in made.items() if kind != "groups"} == {
        "stacks": 1, "clusters": 1, "roles": 1, "networks": 1, "addresses": 1, "gateways": 1}
    # eksctl itself would wait for two minutes more.
    running.end()
    eksctl.run("utils", "write-kubeconfig", "--cluster", "killed")
    wait_until("the control plane answers", eksctl.answers)
    eksctl.run("delete", "cluster", "--name", "killed", "--wait")
    assert eksctl.left() == {} and server.children() == {}
    server.stop()
    assert server.command("check").returncode == 0
