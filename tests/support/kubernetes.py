"""A real cluster of a server: its processes, its webhook, EKS tokens made by hand, kubectl."""

import base64
import itertools
import json
import os
import re
import signal
import subprocess
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import botocore.auth
import yaml
from administration import Administration, Directory, wait_until
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from clients import Boto, Keys
from raw import Answer, Request, Wire
from server import REGION, Server, cache_folder

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
CALLER_IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"
_numbers = itertools.count(1)


class ClusterServer(Server):
    """A server that finds Kubernetes' programs in a cache of its own, which a test may empty and fill again."""

    def __init__(self, home: Path, clients_home: Path) -> None:
        super().__init__(home, clients_home)
        self._cache = home.with_name("cache")
        self.install_programs()

    def install_programs(self) -> None:
        for folder in cache_folder().glob("*/bin"):
            if folder.parent.name.startswith(("kubernetes-", "etcd-")):
                (self._cache / folder.parent.name / "bin").mkdir(parents=True, exist_ok=True)
                for program in folder.iterdir():
                    place = self._cache / folder.parent.name / "bin" / program.name
                    place.unlink(missing_ok=True)
                    place.symlink_to(program)

    def remove_programs(self, *names: str) -> None:
        for name in names or PROGRAMS:
            for place in self._cache.glob(f"*/bin/{name}"):
                place.unlink()

    def metric(self, name: str) -> float:
        """A value as the admin door gives it; 0 where nothing was counted yet."""
        admin = json.loads((self.home / "running.json").read_text())["adminUrl"]
        with urllib.request.urlopen(f"{admin}/metrics", timeout=10) as answer:
            found = re.search(rf"^{re.escape(name)} (\S+)$", answer.read().decode(), re.MULTILINE)
        return float(found.group(1)) if found else 0

    def children(self) -> dict[str, int]:
        """Process ids of the clusters' programs, by name. Their working directory is the cluster's folder."""
        found = {}
        for process in Path("/proc").iterdir():
            try:
                if not process.name.isdigit() or not (process / "cwd").readlink().is_relative_to(self.home / "clusters"):
                    continue
                program = Path((process / "cmdline").read_bytes().split(b"\0")[0].decode()).name
            except OSError:
                continue
            if program in PROGRAMS:
                found[program] = int(process.name)
        return found

    def _own_environment(self) -> dict[str, str]:
        return super()._own_environment() | {"SEKISHO_CACHE": str(self._cache)}


def eks_token(keys: Keys, host: str, cluster: str | None, *, at: timedelta = timedelta(), expires: int | None = None,
              query: str = CALLER_IDENTITY, method: str = "GET", header: str = "x-k8s-aws-id", service: str = "sts") -> str:
    """As `aws eks get-token` makes it. No two are the same: kube-apiserver remembers what it heard of a token for 10 s."""
    request = AWSRequest(method=method, url=f"https://{host}/?{query}", headers={header: cluster} if cluster else {})
    signer = botocore.auth.SigV4QueryAuth(Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token),
                                          service, REGION, expires=next(_numbers) % 900 if expires is None else expires)
    now = datetime.now(UTC) + at
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: now.replace(tzinfo=None)):
        signer.add_auth(request)
    return token_of(request.url)


def token_of(url: str) -> str:
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode("latin-1")).decode().rstrip("=")


def url_of(token: str) -> str:
    text = token.removeprefix("k8s-aws-v1.")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def token_review(token: Any, version: str = "v1") -> bytes:
    return json.dumps({"apiVersion": f"authentication.k8s.io/{version}", "kind": "TokenReview", "spec": {"token": token}}).encode()


@dataclass
class Cluster:
    """One cluster in a member account. Its creator is a session of OrganizationAccountAccessRole."""

    server: ClusterServer
    boto: Boto
    administration: Administration
    directory: Directory
    account: str
    creator: Keys
    name: str
    folder: Path

    @property
    def host(self) -> str:
        return f"localhost:{self.server.port}"

    def describe(self) -> dict[str, Any]:
        described: dict[str, Any] = self.client("eks").describe_cluster(name=self.name)["cluster"]
        return described

    def client(self, service: str, keys: Keys | None = None) -> Any:
        return self.boto.client(service, keys or self.creator, retries=2)

    def role_arn(self, name: str, path: str = "/") -> str:
        return f"arn:aws:iam::{self.account}:role{path}{name}"

    def make_role(self, name: str, path: str = "/", service: str = "ec2") -> str:
        """A role for a service, which the account's own people may take too."""
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"}, "Action": "sts:AssumeRole"}]}
        arn: str = self.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        return arn

    def assume(self, arn: str, session: str) -> Keys:
        return Keys.from_response(self.client("sts").assume_role(RoleArn=arn, RoleSessionName=session)["Credentials"])

    def token(self, keys: Keys | None = None) -> str:
        return eks_token(keys or self.creator, self.host, self.name)

    # The API server

    def kubectl(self, *arguments: str, keys: Keys | None = None, token: str | None = None, check: bool = True,
                stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """With a new token, as each kubectl command gets one. The creator's, unless said."""
        run = subprocess.run([str(cache_folder() / "kubectl"), "--kubeconfig", str(self._kubeconfig(token or self.token(keys))),
                              *arguments], env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin"}, input=stdin or "",
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
        if check and run.returncode != 0:
            raise AssertionError(f"kubectl {' '.join(arguments)}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
        return run

    def get(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "-o", "json").stdout)

    def whoami(self, keys: Keys | None = None, token: str | None = None) -> dict[str, Any] | None:
        """Who Kubernetes takes them for; None: nobody it knows."""
        run = self.kubectl("auth", "whoami", "-o", "json", keys=keys, token=token, check=False)
        if run.returncode == 0:
            user: dict[str, Any] = json.loads(run.stdout)["status"]["userInfo"]
            return user
        assert "must be logged in" in run.stderr or "Unauthorized" in run.stderr, run.stderr
        return None

    def may(self, keys: Keys, *what: str) -> bool:
        run = self.kubectl("auth", "can-i", *what, keys=keys, check=False)
        answer = re.match("yes|no", run.stdout)
        assert answer, run.stderr
        return answer.group(0) == "yes"

    def nodes(self) -> dict[str, str]:
        """Names, and the status of their Ready condition."""
        return {node["metadata"]["name"]: next((condition["status"] for condition in node["status"].get("conditions", [])
                                                if condition["type"] == "Ready"), "") for node in self.get("nodes")["items"]}

    def answers(self) -> bool:
        return self.kubectl("get", "nodes", check=False).returncode == 0

    def aws_auth(self) -> dict[str, str]:
        return dict(self.get("configmap", "aws-auth", "-n", "kube-system").get("data") or {})

    def set_aws_auth(self, data: dict[str, str]) -> None:
        """By kubectl, as the article does."""
        config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"},
                      "data": data}
        self.kubectl("replace", "-f", "-", stdin=json.dumps(config_map))

    # The webhook

    def webhook(self) -> tuple[str, str]:
        """Its path and bearer, as kube-apiserver has them."""
        [config] = (self.server.home / "clusters").glob("*/webhook.kubeconfig")
        loaded = yaml.safe_load(config.read_text())
        return re.sub(r"^https://[^/]+", "", loaded["clusters"][0]["cluster"]["server"]), loaded["users"][0]["user"]["token"]

    def ask(self, body: bytes, *, bearer: str | None = "", method: str = "POST") -> Answer:
        path, own = self.webhook()
        headers = [("Content-Type", "application/json")]
        if bearer is not None:
            headers.append(("Authorization", f"Bearer {bearer or own}"))
        return Wire(self.server.port, self.boto.ca).send(Request(method, path, headers, body))

    def review(self, token: str) -> dict[str, Any]:
        """The webhook's verdict. A token that is refused is an answer, too."""
        answer = self.ask(token_review(token))
        assert answer.status == 200, answer.text
        status: dict[str, Any] = json.loads(answer.text)["status"]
        return status

    def _kubeconfig(self, token: str) -> Path:
        [admin] = (self.server.home / "clusters").glob("*/admin.kubeconfig")
        config = yaml.safe_load(admin.read_text())
        config["users"][0]["user"] = {"token": token}
        place = self.folder / f"kubeconfig-{next(_numbers)}"
        place.touch(mode=0o600)
        place.write_text(json.dumps(config))
        return place


def entries(*given: dict[str, Any]) -> str:
    """JSON is YAML, too; one entry a line."""
    return "".join(f"- {json.dumps(entry)}\n" for entry in given)


def becomes(cluster: Cluster, keys: Keys, username: str | None, *groups: str) -> None:
    """At the next command they are this user, or nobody."""
    def is_so() -> bool:
        user = cluster.whoami(keys)
        if user is None or username is None:
            return user is username
        return user["username"] == username and set(user["groups"]) == {*groups, "system:authenticated"}

    wait_until(f"{username} {groups}", is_so, seconds=20)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def member_account(boto: Boto) -> str:
    organizations = boto.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    request = organizations.create_account(Email="member@example.com", AccountName="Member")["CreateAccountStatus"]["Id"]

    def made() -> str:
        status = organizations.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        assert status["State"] != "FAILED", status
        return status["AccountId"] if status["State"] == "SUCCEEDED" else ""

    account: str = wait_until("account", made)
    return account


def prepare_cluster(server: ClusterServer, folder: Path, name: str) -> Cluster:
    """Everything but the cluster itself: the member account, its roles, Identity Center without second factors."""
    boto = Boto(server, folder)
    account = member_account(boto)
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    administration.sekisho.update_mfa_settings(InstanceArn=directory.instance_arn, PromptMode="NEVER")
    creator = Keys.from_response(boto.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="creator")["Credentials"])
    cluster = Cluster(server, boto, administration, directory, account, creator, name, folder)
    cluster.make_role("Control", service="eks")
    cluster.make_role("Node", path="/nodes/")
    return cluster


def create_cluster(cluster: Cluster) -> dict[str, Any]:
    """Asks for it, and waits until it is there or has failed."""
    eks = cluster.client("eks")
    eks.create_cluster(name=cluster.name, roleArn=cluster.role_arn("Control"), resourcesVpcConfig={
        "subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]})
    made: dict[str, Any] = wait_until("cluster", lambda: (now := cluster.describe())["status"] != "CREATING" and now, seconds=180)
    return made


def create_nodegroup(cluster: Cluster, name: str, size: int, role: str = "Node") -> None:
    eks = cluster.client("eks")
    place = {"clusterName": cluster.name, "nodegroupName": name}
    eks.create_nodegroup(**place, nodeRole=cluster.role_arn(role, "/nodes/"), subnets=["subnet-0a1b2c3d4e5f60718"],
                         scalingConfig={"minSize": 1, "maxSize": size, "desiredSize": size})
    wait_until("node group", lambda: eks.describe_nodegroup(**place)["nodegroup"]["status"] == "ACTIVE", seconds=120)
