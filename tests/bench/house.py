"""Sekisho with what the quick start makes (organization, member account, Identity Center, person, permission set, cluster),
and the requests that it is loaded with. The caller is a user of the member account, bound by a service control policy,
with ViewOnlyAccess and the article's inline policy."""

import base64
import json
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import article
from administration import INLINE_POLICY, Administration, wait_until
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from clients import Boto, Keys
from load import Request, resident_mib
from server import RECORDS, REGION, Server

STS_VERSION = "2011-06-15"
IDENTITY = f"Action=GetCallerIdentity&Version={STS_VERSION}"
JSON = {"accept": "application/json"}
ROLE = "bench"
CLUSTER = "fabulous-wardrobe"
CREATOR_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["eks:*", "iam:PassRole", "sts:GetCallerIdentity"], "Resource": "*"}]})


def credentials(keys: Keys) -> Credentials:
    return Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)


def caller_identity(url: str, keys: Keys) -> Request:
    """Presigned, as every EKS token carries it."""
    request = AWSRequest("GET", f"{url}/?{IDENTITY}")
    SigV4QueryAuth(credentials(keys), "sts", REGION, expires=900).add_auth(request)
    return Request(str(request.prepare().url), JSON)


def assume_role(url: str, keys: Keys, account: str) -> Request:
    """A signed form, as the aws CLI sends it. One request again and again: AWS takes it for fifteen minutes."""
    body = urlencode({"Action": "AssumeRole", "Version": STS_VERSION, "RoleSessionName": "load",
                      "RoleArn": f"arn:aws:iam::{account}:role/{ROLE}"})
    request = AWSRequest("POST", f"{url}/", data=body,
                         headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"})
    SigV4Auth(credentials(keys), "sts", REGION).add_auth(request)
    return Request(f"{url}/", {**JSON, **{name.lower(): str(value) for name, value in request.headers.items()}}, body)


def eks_token(keys: Keys, cluster: str) -> str:
    """As `aws eks get-token` makes it."""
    request = AWSRequest("GET", f"https://sts.{REGION}.amazonaws.com/?{IDENTITY}", headers={"x-k8s-aws-id": cluster})
    SigV4QueryAuth(credentials(keys), "sts", REGION, expires=60).add_auth(request)
    url = str(request.prepare().url)
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def token_review(url: str, token: str, bearer: str | None = None) -> Request:
    """As kube-apiserver asks its webhook."""
    body = {"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "metadata": {"creationTimestamp": None},
            "spec": {"token": token, "audiences": ["https://kubernetes.default.svc"]}, "status": {"user": {}}}
    headers = {"content-type": "application/json", "accept": "application/json, */*"}
    return Request(url, headers | ({"authorization": f"Bearer {bearer}"} if bearer else {}), json.dumps(body))


def member_account(boto: Boto) -> str:
    organizations = boto.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    organizations.enable_policy_type(RootId=organizations.list_roots()["Roots"][0]["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    request = organizations.create_account(Email="member@example.com", AccountName="EKS-Account-1")["CreateAccountStatus"]["Id"]

    def made() -> str:
        status = organizations.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        return str(status.get("AccountId", "")) if status["State"] == "SUCCEEDED" else ""

    return str(wait_until("account", made))


def single_sign_on(boto: Boto, account: str) -> None:
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    group = administration.create_group(directory, article.GROUP)
    administration.assign(directory, administration.create_permission_set(directory, article.PERMISSION_SET), account, group)
    administration.invite_user(directory, article.USER, "eksadmin@example.com", group)


def member_user(boto: Boto, account: str, administrator: Keys) -> Keys:
    iam = boto.client("iam", administrator)
    iam.create_user(UserName="bench")
    iam.attach_user_policy(UserName="bench", PolicyArn="arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
    iam.put_user_policy(UserName="bench", PolicyName="inline", PolicyDocument=INLINE_POLICY)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    iam.put_role_policy(RoleName=ROLE, PolicyName="inline", PolicyDocument=CREATOR_POLICY)
    key = iam.create_access_key(UserName="bench")["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])


def session(boto: Boto, role_arn: str, keys: Keys | None = None) -> Keys:
    assumed = boto.client("sts", keys).assume_role(RoleArn=role_arn, RoleSessionName="bench")
    return Keys.from_response(assumed["Credentials"])


@dataclass
class House:
    server: Server
    account: str
    user: Keys
    creator: Keys  # a role session: who made the cluster, and its administrator
    webhook: tuple[str, str]  # path, bearer credential

    @property
    def url(self) -> str:
        return f"https://localhost:{self.server.port}"

    def token(self) -> str:
        return eks_token(self.creator, CLUSTER)

    def review(self, token: str) -> Request:
        path, bearer = self.webhook
        return token_review(f"{self.url}{path}", token, bearer)

    def check(self, request: Request, expected: str) -> None:
        """What is measured must be the whole work: a refused TokenReview is answered 200 too."""
        trusted = ssl.create_default_context(cafile=self.server.environment()["AWS_CA_BUNDLE"])
        body = request.body.encode() if request.body is not None else None
        asked = urllib.request.Request(request.url, data=body, headers=request.headers)
        answer = urllib.request.urlopen(asked, context=trusted, timeout=30).read().decode()
        assert expected in answer, answer

    def start_seconds(self, tries: int) -> float:
        """The best time from exec to the `ready` line, on this data; the server runs again afterwards."""
        best = float("inf")
        for _ in range(tries):
            self.server.stop()
            began = time.perf_counter()
            start(self.server)
            best = min(best, time.perf_counter() - began)
        return best

    def idle_mib(self) -> float:
        """Resident, started anew and asked for nothing."""
        self.server.stop()
        start(self.server)
        time.sleep(2)
        return resident_mib(self.server.pid)


def start(server: Server) -> None:
    # A cluster of processes would load the processors that are measured.
    server.start(*RECORDS)


def webhook_of(home: Path, cluster: str) -> tuple[str, str]:
    """From the kubeconfig that the cluster's kube-apiserver is given."""
    config = json.loads((home / "clusters" / cluster / "webhook.kubeconfig").read_text())
    address = config["clusters"][0]["cluster"]["server"]
    return "/" + address.split("/", 3)[3], config["users"][0]["user"]["token"]


@contextmanager
def quick_start(folder: Path) -> Iterator[House]:
    """A running server with the quick start's data; ended with its end checked."""
    server = Server(folder / "home", folder / "clients")
    server.init()
    start(server)
    try:
        yield fill(server, folder)
    finally:
        server.stop()


def fill(server: Server, folder: Path) -> House:
    boto = Boto(server, folder)
    account = member_account(boto)
    single_sign_on(boto, account)
    administrator = session(boto, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole")
    user = member_user(boto, account, administrator)
    creator = session(boto, f"arn:aws:iam::{account}:role/{ROLE}", user)
    iam, eks = boto.client("iam", administrator), boto.client("eks", creator)
    trust = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    service_role = iam.create_role(RoleName="cluster", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [trust]}))["Role"]["Arn"]
    eks.create_cluster(name=CLUSTER, roleArn=service_role,
                       resourcesVpcConfig={"subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]})

    def active() -> bool:
        return bool(eks.describe_cluster(name=CLUSTER)["cluster"]["status"] == "ACTIVE")

    wait_until("cluster", active)
    made = next((server.home / "clusters").iterdir()).name
    return House(server, account, user, creator, webhook_of(server.home, made))
