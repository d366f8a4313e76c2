"""SIGKILL in the middle of stacks: after the next start each goes on where it stopped, makes nothing twice, and its
deletion leaves nothing."""

import json
import random
import time
from pathlib import Path
from typing import Any

from administration import wait_until
from clients import Boto
from server import RECORDS, Server
from stacks import cluster_template

KILLS = 6
STACKS = 3
ENDS = ("CREATE_COMPLETE", "ROLLBACK_COMPLETE", "DELETE_COMPLETE")


def start(tmp_path: Path, server: Server) -> Boto:
    server.start(*RECORDS)
    return Boto(server, tmp_path)


def statuses(stacks: Any, ids: dict[str, str]) -> list[str]:
    return [stacks.describe_stacks(StackName=ids[name])["Stacks"][0]["StackStatus"] for name in ids]


def made(boto: Boto) -> dict[str, int]:
    """How many things there are of each kind that a cluster's stack makes."""
    ec2, iam, eks = boto.client("ec2"), boto.client("iam"), boto.client("eks")
    return {
        "vpcs": len([vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]),
        "subnets": len([s for s in ec2.describe_subnets()["Subnets"] if s["CidrBlock"].startswith("192.168.")]),
        "nat gateways": len([n for n in ec2.describe_nat_gateways()["NatGateways"] if n["State"] == "available"]),
        "addresses": len(ec2.describe_addresses()["Addresses"]),
        "roles": len([role for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("killed-")]),
        "clusters": len(eks.list_clusters()["clusters"]),
    }


def test_stacks_go_on_after_a_kill(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init()
    boto = start(tmp_path, server)
    chance = random.Random(20220614)
    stacks = boto.client("cloudformation")
    names = [f"killed-{number}" for number in range(STACKS)]
    ids = {name: stacks.create_stack(StackName=name, TemplateBody=json.dumps(cluster_template(name)),
                                     Capabilities=["CAPABILITY_IAM"])["StackId"] for name in names}
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.01, 0.3))
        server.kill()
        boto = start(tmp_path, server)
        stacks = boto.client("cloudformation")
    wait_until("every stack has ended", lambda: all(status in ENDS for status in statuses(stacks, ids)))
    assert statuses(stacks, ids) == ["CREATE_COMPLETE"] * STACKS
    assert made(boto) == {"vpcs": STACKS, "subnets": 4 * STACKS, "nat gateways": STACKS, "addresses": STACKS,
                          "roles": STACKS, "clusters": STACKS}
    for name in names:
        stacks.delete_stack(StackName=name)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.01, 0.3))
        server.kill()
        boto = start(tmp_path, server)
        stacks = boto.client("cloudformation")
    wait_until("every stack is deleted", lambda: statuses(stacks, ids) == ["DELETE_COMPLETE"] * STACKS)
    assert set(made(boto).values()) == {0}
    server.stop()
    assert server.command("check").returncode == 0
