"""OpenID Connect providers and AssumeRoleWithWebIdentity with the real clients, against an issuer over HTTPS."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clients import Boto, Keys, aws, aws_json
from cryptography.hazmat.primitives.asymmetric import rsa
from oidc_issuer import OidcIssuer
from server import REGION, running_server

TRUSTS_ISSUER = True
NOT_AUTHORIZED = (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
NO_KEY = ("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
          "documentation for requirements")
SUBJECT = "system:serviceaccount:default:app"


@pytest.fixture(scope="module")
def iam(boto: Boto) -> Any:
    return boto.client("iam")


@pytest.fixture(scope="module")
def account(boto: Boto) -> str:
    return boto.client("sts").get_caller_identity()["Account"]


@pytest.fixture(scope="module")
def provider(iam: Any, issuer: OidcIssuer) -> str:
    return iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["sts.amazonaws.com"])["OpenIDConnectProviderArn"]


@pytest.fixture(scope="module")
def role(iam: Any, issuer: OidcIssuer, provider: str) -> str:
    """What `eksctl create iamserviceaccount` makes: trusted for one service account."""
    iam.create_role(RoleName="for-pods", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringEquals": {f"{issuer.name}:aud": "sts.amazonaws.com", f"{issuer.name}:sub": SUBJECT}}}]}))
    iam.put_role_policy(RoleName="for-pods", PolicyName="lists", PolicyDocument=json.dumps({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*",
                       "Condition": {"StringEquals": {"aws:FederatedProvider": provider}}}]}))
    return iam.get_role(RoleName="for-pods")["Role"]["Arn"]


@pytest.fixture(scope="module")
def unsigned(boto: Boto) -> Any:
    return boto.client("sts", unsigned=True)


def refusal(call: Any, /, **arguments: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


class TestProvider:
    def test_keeps_port_and_path(self, account: str, provider: str, issuer: OidcIssuer) -> None:
        assert provider == f"arn:aws:iam::{account}:oidc-provider/{issuer.name}"

    def test_through_the_cli(self, environment: dict[str, str], account: str) -> None:
        arn = aws_json(environment, "iam", "create-open-id-connect-provider", "--url", "https://cli.example/a",
                       "--client-id-list", "one", "--thumbprint-list", "9E99A48A9960B14926BB7F3B02E22DA2B0AB7280",
                       "--tags", "Key=team,Value=red")["OpenIDConnectProviderArn"]
        on = ("--open-id-connect-provider-arn", arn)
        assert arn == f"arn:aws:iam::{account}:oidc-provider/cli.example/a"
        aws(environment, "iam", "add-client-id-to-open-id-connect-provider", *on, "--client-id", "two")
        aws(environment, "iam", "remove-client-id-from-open-id-connect-provider", *on, "--client-id", "one")
        aws(environment, "iam", "tag-open-id-connect-provider", *on, "--tags", "Key=x,Value=1")
        aws(environment, "iam", "untag-open-id-connect-provider", *on, "--tag-keys", "team")
        aws(environment, "iam", "update-open-id-connect-provider-thumbprint", *on, "--thumbprint-list", "a" * 40)
        shown = aws_json(environment, "iam", "get-open-id-connect-provider", *on)
        assert (shown["Url"], shown["ClientIDList"], shown["ThumbprintList"]) == ("cli.example/a", ["two"], ["a" * 40])
        assert shown["Tags"] == aws_json(environment, "iam", "list-open-id-connect-provider-tags", *on)["Tags"] == [
            {"Key": "x", "Value": "1"}]
        listed = aws_json(environment, "iam", "list-open-id-connect-providers")["OpenIDConnectProviderList"]
        assert {"Arn": arn} in listed
        aws(environment, "iam", "delete-open-id-connect-provider", *on)
        refused = aws(environment, "iam", "get-open-id-connect-provider", *on, check=False)
        assert f"(NoSuchEntity) when calling the GetOpenIDConnectProvider operation: OpenIDConnect Provider not found for arn {arn}" in refused.stderr

    def test_twice_and_badly(self, iam: Any, provider: str, issuer: OidcIssuer) -> None:
        make = iam.create_open_id_connect_provider
        assert refusal(make, Url=issuer.url) == (409, "EntityAlreadyExists", f"Provider with url {issuer.url} already exists.")
        assert refusal(make, Url="http://a.example")[:2] == (400, "InvalidInput")
        assert refusal(make, Url="a.example")[:2] == (400, "ValidationError")


class TestToken:
    def test_opens_the_role(self, boto: Boto, unsigned: Any, role: str, provider: str, issuer: OidcIssuer) -> None:
        answer = unsigned.assume_role_with_web_identity(RoleArn=role, RoleSessionName="pod",
                                                        WebIdentityToken=issuer.token(sub=SUBJECT))
        assert (answer["SubjectFromWebIdentityToken"], answer["Audience"], answer["Provider"]) == (
            SUBJECT, "sts.amazonaws.com", provider)
        keys = Keys.from_response(answer["Credentials"])
        assert boto.client("sts", keys).get_caller_identity()["Arn"].endswith(":assumed-role/for-pods/pod")
        assert boto.client("iam", keys).list_users()["Users"], "aws:FederatedProvider"
        assert refusal(boto.client("iam", keys).list_roles)[1] == "AccessDenied"

    def test_is_what_the_sdks_find_in_their_environment(self, environment: dict[str, str], role: str, issuer: OidcIssuer,
                                                        tmp_path: Path) -> None:
        """As a pod has it: a role, a token file, and no keys."""
        (tmp_path / "token").write_text(issuer.token(sub=SUBJECT), encoding="ascii")
        pod = environment | {"AWS_ROLE_ARN": role, "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
                             "AWS_ROLE_SESSION_NAME": "cli-pod", "AWS_DEFAULT_REGION": REGION,
                             "AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
        assert aws_json(pod, "sts", "get-caller-identity")["Arn"].endswith(":assumed-role/for-pods/cli-pod")

    @pytest.mark.parametrize("claims, expected", [
        ({"sub": "system:serviceaccount:default:other"}, NOT_AUTHORIZED),
        ({"aud": "kubernetes"}, (400, "InvalidIdentityToken", "Incorrect token audience")),
        ({"iss": "https://other.example"}, (400, "InvalidIdentityToken",
                                            "No OpenIDConnect provider found in your account for https://other.example")),
        ({"sub": None}, (400, "InvalidIdentityToken", "Missing a required claim: sub")),
    ], ids=["subject", "audience", "issuer", "nobody"])
    def test_of_somebody_else(self, unsigned: Any, role: str, issuer: OidcIssuer, claims: dict[str, Any],
                              expected: tuple[int, str, str]) -> None:
        token = issuer.token(**{"sub": SUBJECT, **claims})
        assert refusal(unsigned.assume_role_with_web_identity, RoleArn=role, RoleSessionName="pod",
                       WebIdentityToken=token) == expected

    def test_expired(self, unsigned: Any, role: str, issuer: OidcIssuer) -> None:
        status, code, message = refusal(unsigned.assume_role_with_web_identity, RoleArn=role, RoleSessionName="pod",
                                        WebIdentityToken=issuer.token(sub=SUBJECT, exp=int(time.time()) - 1))
        assert (status, code) == (400, "ExpiredTokenException") and message.startswith("Token expired: current date/time ")

    def test_forged(self, unsigned: Any, role: str, issuer: OidcIssuer) -> None:
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        for token in (issuer.token(sub=SUBJECT, signed_by=other), issuer.token(sub=SUBJECT).rsplit(".", 1)[0] + "."):
            assert refusal(unsigned.assume_role_with_web_identity, RoleArn=role, RoleSessionName="pod",
                           WebIdentityToken=token) == (400, "InvalidIdentityToken", NO_KEY)
        assert refusal(unsigned.assume_role_with_web_identity, RoleArn=role, RoleSessionName="pod",
                       WebIdentityToken="nonsense")[1] == "InvalidIdentityToken"

    def test_says_nothing_of_a_role_that_is_not_there(self, unsigned: Any, role: str, issuer: OidcIssuer) -> None:
        assert refusal(unsigned.assume_role_with_web_identity, RoleArn=role + "-not", RoleSessionName="pod",
                       WebIdentityToken=issuer.token(sub=SUBJECT)) == NOT_AUTHORIZED

    def test_sessions_die_with_the_provider(self, boto: Boto, iam: Any, unsigned: Any, role: str, provider: str,
                                            issuer: OidcIssuer) -> None:
        answer = unsigned.assume_role_with_web_identity(RoleArn=role, RoleSessionName="pod",
                                                        WebIdentityToken=issuer.token(sub=SUBJECT))
        sts = boto.client("sts", Keys.from_response(answer["Credentials"]))
        sts.get_caller_identity()
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
        assert refusal(sts.get_caller_identity)[1] == "InvalidClientTokenId"
        iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["sts.amazonaws.com"])


def test_an_issuer_that_is_down_or_not_trusted(tmp_path: Path, issuer: OidcIssuer) -> None:
    """A server that knows only the system's authorities: the issuer's certificate is nobody's."""
    with running_server(tmp_path) as fresh:
        boto = Boto(fresh, tmp_path)
        iam = boto.client("iam")
        arn = iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["a"])["OpenIDConnectProviderArn"]
        before = len(issuer.requests)
        status, code, _ = refusal(boto.client("sts", unsigned=True).assume_role_with_web_identity,
                                  RoleArn=arn.split("oidc-provider")[0] + "role/none", RoleSessionName="pod",
                                  WebIdentityToken=issuer.token(aud="a"))
        assert (status, code) == (400, "IDPCommunicationError")
        assert len(issuer.requests) == before
