"""An unmodified eksctl in the hands of the article's EKSClusterCreator, and what a deleted cluster leaves."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import article
from clients import Boto, Keys, cli, shell_environment
from server import Server

COMMAND_SECONDS_MAX = 600
ROLE = "EKSClusterCreator"


def article_policy() -> str:
    """The JSON that the article writes into clustercreator-policy.json."""
    return article.POLICY_FILE.partition("\n")[2].rpartition("\n")[0]


class Running:
    """An eksctl under way: it waits most of its time, so others may run meanwhile."""

    def __init__(self, environment: dict[str, str], folder: Path, arguments: tuple[str, ...]) -> None:
        self.command = " ".join(("eksctl", *arguments))
        self._process = subprocess.Popen(("eksctl", *arguments), env=environment, cwd=folder, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def wait(self, *, code: int = 0) -> str:
        """Everything it said."""
        said, _ = self._process.communicate(timeout=COMMAND_SECONDS_MAX)
        assert self._process.returncode == code, f"{self.command}: exit code {self._process.returncode}\n{said}"
        return said

    def end(self) -> None:
        """Where a test gave up before it was done."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@dataclass
class Eksctl:
    """`environment`: the creator's shell, with a kubeconfig of its own."""

    boto: Boto
    account: str
    environment: dict[str, str]
    folder: Path

    @classmethod
    def of(cls, server: Server, boto: Boto, folder: Path, policy: str | None = None) -> "Eksctl":
        """`policy`: in the place of the article's."""
        account: str = boto.client("sts").get_caller_identity()["Account"]
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": account}}]}
        iam = boto.client("iam")
        arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=ROLE, PolicyName="EKSClusterCreatorPolicy", PolicyDocument=policy or article_policy())
        session = boto.client("sts").assume_role(RoleArn=arn, RoleSessionName="create-eks-cluster")
        keys = Keys.from_response(session["Credentials"])
        return cls(boto, account, shell_environment(server, cli("newest-endpoint"), folder) | keys.exports(), folder)

    def start(self, *arguments: str) -> Running:
        return Running(self.environment, self.folder, arguments)

    def run(self, *arguments: str, code: int = 0) -> str:
        return self.start(*arguments).wait(code=code)

    def json(self, *arguments: str) -> Any:
        """The JSON of an answer; log lines are not in it."""
        run = subprocess.run(("eksctl", *arguments, "-o", "json"), env=self.environment, cwd=self.folder, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        assert run.returncode == 0, f"{arguments}\n{run.stdout}{run.stderr}"
        return json.loads(run.stdout)

    def together(self, *commands: str) -> list[str]:
        """Commands that do not depend on one another; each waits half a minute and more for its stack."""
        running = [self.start(*command.split()) for command in commands]
        return [one.wait() for one in running]

    def kubectl(self, *arguments: str) -> str:
        run = subprocess.run(("kubectl", *arguments), env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        assert run.returncode == 0, f"kubectl {arguments}\n{run.stdout}{run.stderr}"
        return run.stdout

    def answers(self) -> bool:
        """The API server of the kubeconfig, which starts with its server."""
        run = subprocess.run(("kubectl", "get", "namespaces"), env=self.environment, cwd=self.folder, capture_output=True,
                             timeout=60, check=False)
        return run.returncode == 0

    def client(self, service: str) -> Any:
        return self.boto.client(service)

    def nodes(self) -> dict[str, dict[str, Any]]:
        """The Ready ones."""
        return {node["metadata"]["name"]: node for node in json.loads(self.kubectl("get", "nodes", "-o", "json"))["items"]
                if any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"])}

    def left(self) -> dict[str, list[str]]:
        """What there is in the account of all that eksctl's stacks make."""
        ec2, iam = self.client("ec2"), self.client("iam")
        stacks = self.client("cloudformation").list_stacks()["StackSummaries"]
        found = {
            "stacks": [s["StackName"] for s in stacks if s["StackStatus"] != "DELETE_COMPLETE"],
            "clusters": self.client("eks").list_clusters()["clusters"],
            "roles": [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("eksctl-")],
            "issuers": [p["Arn"] for p in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]],
            "networks": [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]],
            "addresses": [a["AllocationId"] for a in ec2.describe_addresses()["Addresses"]],
            "gateways": [g["NatGatewayId"] for g in ec2.describe_nat_gateways()["NatGateways"] if g["State"] != "deleted"],
            "templates": [t["LaunchTemplateId"] for t in ec2.describe_launch_templates()["LaunchTemplates"]],
            "groups": [g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"]],
        }
        return {kind: names for kind, names in found.items() if names}
