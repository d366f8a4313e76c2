"""A cluster that really runs, made by the aws CLI, and people who come to it with kubectl."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from administration import wait_until
from clients import Boto, Keys, aws, aws_json, cli, shell_environment
from server import Server

SUBNETS = ("subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728")
COMMAND_SECONDS_MAX = 300


def service_role(boto: Boto, name: str, *services: str) -> str:
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": [f"{service}.amazonaws.com" for service in services]}}]}
    arn: str = boto.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    return arn


@dataclass
class EksCluster:
    """`environment` is its creator's shell, with a kubeconfig."""

    name: str
    environment: dict[str, str]
    boto: Boto
    account: str
    node_role: str

    @classmethod
    def create(cls, server: Server, boto: Boto, folder: Path, name: str, mode: str = "API_AND_CONFIG_MAP") -> "EksCluster":
        environment = shell_environment(server, cli("newest-endpoint"), folder)
        role = service_role(boto, f"{name}-cluster", "eks")
        aws(environment, "eks", "create-cluster", "--name", name, "--role-arn", role, "--access-config", f"authenticationMode={mode}",
            "--resources-vpc-config", "subnetIds=" + ",".join(SUBNETS))
        eks = boto.client("eks")
        wait_until("cluster", lambda: eks.describe_cluster(name=name)["cluster"]["status"] == "ACTIVE", seconds=COMMAND_SECONDS_MAX)
        aws(environment, "eks", "update-kubeconfig", "--name", name)
        return cls(name, environment, boto, role.split(":")[4], service_role(boto, f"{name}-nodes", "ec2"))

    def describe(self) -> dict[str, Any]:
        found: dict[str, Any] = aws_json(self.environment, "eks", "describe-cluster", "--name", self.name)["cluster"]
        return found

    def run(self, *command: str, keys: Keys | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A program in the creator's shell, or with somebody else's keys in it."""
        run = subprocess.run(command, env=self.environment | (keys.exports() if keys else {}), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=COMMAND_SECONDS_MAX, check=False)
        if check and run.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
        return run

    def kubectl(self, *arguments: str, keys: Keys | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("kubectl", *arguments, keys=keys, check=check)

    def may(self, keys: Keys, *arguments: str) -> bool:
        """`kubectl <arguments>` as somebody: done or forbidden; anything else is an error of the test."""
        run = self.kubectl(*arguments, keys=keys, check=False)
        if run.returncode == 0:
            return True
        assert "Forbidden" in run.stderr or "forbidden" in run.stderr or "must be logged in" in run.stderr, run.stderr
        return False

    def make_user(self, name: str) -> tuple[str, Keys]:
        """An IAM user that may sign in to clusters: it needs no rights of AWS for that."""
        iam = self.boto.client("iam")
        arn: str = iam.create_user(UserName=name)["User"]["Arn"]
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return arn, Keys(key["AccessKeyId"], key["SecretAccessKey"])
