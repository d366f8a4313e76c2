"""What the webhook says of bearer tokens: each rule of the token, who stands behind it, and kube-apiserver's own requests."""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from administration import wait_until
from clients import Keys
from kubernetes import CALLER_IDENTITY, Cluster, eks_token, token_of, token_review, url_of

MALFORMED = "input token was not properly formatted: "


@pytest.fixture(scope="module")
def account_mapped(cluster: Cluster) -> Iterator[None]:
    """Everybody of the account is somebody in the cluster: what is refused is refused for another reason."""
    before = cluster.aws_auth()
    cluster.set_aws_auth(before | {"mapAccounts": json.dumps([cluster.account])})
    wait_until("mapping", lambda: cluster.review(cluster.token(cluster.assume(cluster.make_role("Anybody"), "any")))["authenticated"])
    yield
    cluster.set_aws_auth(before)


@pytest.fixture(scope="module")
def keys(cluster: Cluster, account_mapped: None) -> Keys:
    return cluster.assume(cluster.role_arn("Anybody"), "any")


def refused(cluster: Cluster, token: str) -> str:
    """Status 200, and why not."""
    status = cluster.review(token)
    assert status["authenticated"] is False and status["user"] == {}, status
    error: str = status["error"]
    return error


Make = Callable[[Cluster, Keys], str]


def edited(old: str, new: str) -> Make:
    """A good token whose URL was changed, after the good one was accepted: what is remembered of that is of no use."""
    def make(cluster: Cluster, keys: Keys) -> str:
        good = cluster.token(keys)
        assert cluster.review(good)["authenticated"]
        url = url_of(good)
        assert old in url
        return token_of(url.replace(old, new, 1))
    return make


def tampered(cluster: Cluster, keys: Keys) -> str:
    good = cluster.token(keys)
    assert cluster.review(good)["authenticated"]
    url = url_of(good)  # the signature stands last
    return token_of(url[:-1] + ("1" if url.endswith("0") else "0"))


def signed(**options: object) -> Make:
    return lambda cluster, keys: eks_token(keys, str(options.get("host") or cluster.host), cluster.name,
                                           **{name: value for name, value in options.items() if name != "host"})  # type: ignore[arg-type]


FORMAT: dict[str, tuple[Make, str]] = {
    "expired": (signed(at=timedelta(minutes=-15, seconds=-2)), "X-Amz-Date parameter is expired (15 minute expiration)"),
    "from-the-future": (signed(at=timedelta(minutes=6)), "X-Amz-Date parameter is not yet current"),
    "another-host": (signed(host="sts.example.com"), 'unexpected hostname "sts.example.com" in pre-signed URL'),
    "another-port": (signed(host="localhost:1"), 'unexpected hostname "localhost:1" in pre-signed URL'),
    "look-alike-host": (signed(host="sts.us-east-1.amazonaws.com.evil.example"), "unexpected hostname"),
    "user-in-host": (edited("https://", "https://sts.amazonaws.com@"), "unexpected hostname"),
    "plain-http": (edited("https://", "http://"), 'unexpected scheme "http" in pre-signed URL'),
    "path": (edited("/?", "/x?"), "unexpected path in pre-signed URL"),
    "no-path": (edited("/?", "?"), "unexpected path in pre-signed URL"),
    "fragment": (edited("Action=", "#Action="), "unexpected path in pre-signed URL"),
    "extra-parameter": (signed(query=CALLER_IDENTITY + "&Extra=1"), 'non-whitelisted query parameter "Extra"'),
    "body-in-query": (signed(query=CALLER_IDENTITY + "&X-Amz-Content-Sha256=0"), "non-whitelisted query parameter"),
    "action-twice": (edited("&Version=", "&Action=GetSessionToken&Version="), "query parameter with multiple values not supported"),
    "action-twice-in-other-case": (edited("&Version=", "&action=GetSessionToken&Version="), 'duplicate query parameter found: "action"'),
    "another-action": (signed(query="Action=GetSessionToken&Version=2011-06-15"), "unexpected action parameter in pre-signed URL"),
    "action-in-other-case": (signed(query="Action=getCallerIdentity&Version=2011-06-15"), "unexpected action parameter"),
    "form-separator": (edited("&Version", ";Version"), "malformed query parameter"),
    "bad-escape": (edited("GetCallerIdentity", "GetCallerIdentity%2"), "malformed query parameter"),
    "cluster-header-not-signed": (signed(header="x-other"), "client did not sign the x-k8s-aws-id header in the pre-signed URL"),
    "expires-too-long": (signed(expires=901), "invalid X-Amz-Expires parameter in pre-signed URL: 901"),
    "expires-no-number": (edited("X-Amz-Expires=", "X-Amz-Expires=x"), "invalid X-Amz-Expires parameter"),
    "another-service": (signed(service="eks"), "invalid X-Amz-Credential parameter in pre-signed URL"),
    "bytes": (edited("Action", "%FF%00Action"), 'non-whitelisted query parameter "??Action"'),
    "no-base64": (lambda cluster, keys: cluster.token(keys) + "=", "illegal base64 data"),
    "another-prefix": (lambda cluster, keys: "k8s-aws-v2." + cluster.token(keys)[11:], "token is missing expected"),
    "empty": (lambda cluster, keys: "", "token is missing expected"),
    "huge": (lambda cluster, keys: cluster.token(keys) + "A" * 4096, "token is too large"),
    "very-huge": (lambda cluster, keys: cluster.token(keys) + "A" * 1_000_000, "token is too large"),
}
UNSIGNED: dict[str, Make] = {
    "replayed-from-another-cluster": lambda cluster, keys: eks_token(keys, cluster.host, "another"),
    "cluster-in-other-case": lambda cluster, keys: eks_token(keys, cluster.host, cluster.name.upper()),
    "signed-as-a-form": signed(method="POST"),
    "tampered-signature": tampered,
    "another-host-of-ours": lambda cluster, keys: token_of(url_of(cluster.token(keys)).replace("localhost", "127.0.0.1")),
    "another-end": lambda cluster, keys: token_of(
        url_of(eks_token(keys, cluster.host, cluster.name, expires=60)).replace("Expires=60", "Expires=61")),
    "another-key": lambda cluster, keys: cluster.token(Keys(keys.access_key_id, "x" * 40, keys.session_token)),
    "another-session": lambda cluster, keys: cluster.token(Keys(keys.access_key_id, keys.secret_access_key, "x" + str(keys.session_token))),
    "no-session": lambda cluster, keys: cluster.token(Keys(keys.access_key_id, keys.secret_access_key)),
    "unknown-key": lambda cluster, keys: cluster.token(Keys("AKIAIOSFODNN7EXAMPLE", "x" * 40)),
}


@pytest.mark.parametrize("name", FORMAT)
def test_a_token_that_breaks_a_rule_is_refused(cluster: Cluster, keys: Keys, name: str) -> None:
    make, why = FORMAT[name]
    assert refused(cluster, make(cluster, keys)).startswith(MALFORMED + why)


@pytest.mark.parametrize("name", UNSIGNED)
def test_a_token_that_is_not_signed_for_this_is_refused(cluster: Cluster, keys: Keys, name: str) -> None:
    """The answer does not say what was wrong; the trail does."""
    token = UNSIGNED[name](cluster, keys)
    assert refused(cluster, token) == "Unauthorized"


@pytest.mark.parametrize("at", [timedelta(minutes=-14, seconds=-50), timedelta(minutes=4, seconds=50)], ids=str)
def test_a_token_lives_fifteen_minutes_whatever_it_says(cluster: Cluster, keys: Keys, at: timedelta) -> None:
    assert cluster.review(eks_token(keys, cluster.host, cluster.name, at=at, expires=0))["authenticated"]


def test_kube_apiserver_refuses_what_the_webhook_refuses(cluster: Cluster, keys: Keys) -> None:
    assert cluster.whoami(keys) is not None
    for make in (UNSIGNED["replayed-from-another-cluster"], UNSIGNED["tampered-signature"], FORMAT["expired"][0],
                 FORMAT["extra-parameter"][0], FORMAT["huge"][0]):
        assert cluster.whoami(token=make(cluster, keys)) is None


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_who_it_is_stands_in_extra(cluster: Cluster, keys: Keys, version: str) -> None:
    answer = cluster.ask(token_review(cluster.token(keys), version))
    body = json.loads(answer.text)
    assert (body["apiVersion"], body["kind"]) == (f"authentication.k8s.io/{version}", "TokenReview")
    user, identity = body["status"]["user"], cluster.client("sts", keys).get_caller_identity()
    role_id, session = identity["UserId"].split(":")
    assert user["uid"] == f"aws-iam-authenticator:{cluster.account}:{role_id}"
    assert user["extra"] == {"accessKeyId": [keys.access_key_id], "arn": [identity["Arn"]], "sessionName": [session],
                             "canonicalArn": [cluster.role_arn("Anybody")], "principalId": [role_id],
                             "sigs.k8s.io/aws-iam-authenticator/principalId": [role_id]}
    seen = cluster.whoami(keys)
    assert seen is not None and seen["extra"] == user["extra"] and seen["uid"] == user["uid"]


@pytest.mark.parametrize("gone", ["key deleted", "key inactive", "user deleted", "role deleted", "role made anew"])
def test_who_is_gone_is_refused(cluster: Cluster, keys: Keys, gone: str) -> None:
    iam, name = cluster.client("iam"), "gone-" + gone.replace(" ", "-")
    if gone.startswith("role"):
        cluster.make_role(name)
        theirs = cluster.assume(cluster.role_arn(name), "session")
    else:
        iam.create_user(UserName=name)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        theirs = Keys(made["AccessKeyId"], made["SecretAccessKey"])
    before = cluster.token(theirs)
    assert cluster.review(before)["authenticated"]
    if gone == "key inactive":
        iam.update_access_key(UserName=name, AccessKeyId=theirs.access_key_id, Status="Inactive")
    elif gone.startswith("role"):
        iam.delete_role(RoleName=name)
    else:
        iam.delete_access_key(UserName=name, AccessKeyId=theirs.access_key_id)
    if gone == "user deleted":
        iam.delete_user(UserName=name)
    if gone == "role made anew":
        cluster.make_role(name)
    assert refused(cluster, before) == refused(cluster, cluster.token(theirs)) == "Unauthorized"


class TestRequests:
    """What only kube-apiserver sends, or somebody who found the path."""

    @pytest.mark.parametrize("bearer", [None, "x", "x" * 64, "0" * 64])
    def test_without_the_clusters_bearer_nothing_is_looked_at(self, cluster: Cluster, keys: Keys, bearer: str | None) -> None:
        def count(result: str) -> float:
            return cluster.server.metric(f'sekisho_token_reviews_total{{result="{result}"}}')

        def is_quiet() -> bool:
            """The nodes' own tokens are reviewed meanwhile, now and then: then it is tried again."""
            unauthorized, success = count("unauthorized"), count("success")
            for body in (token_review(cluster.token(keys)), token_review("x"), b"{", b"x" * 100_000):
                answer = cluster.ask(body, bearer=bearer)
                assert (answer.status, answer.text) == (401, "unauthorized\n")
            assert count("unauthorized") >= unauthorized + 4
            return count("success") == success

        wait_until("no review but the four refused", is_quiet)

    @pytest.mark.parametrize("body", [
        b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff\xfe", b"[" * 100_000, token_review("x", "v2"), token_review("x", "v1alpha1"),
        token_review(None), token_review(1), token_review(["x"]), token_review("x").replace(b"TokenReview", b"SubjectAccessReview"),
        b'{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview"}',
        b'{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"x","audiences":"y"}}',
    ], ids=lambda body: body[:60].decode(errors="replace"))  # fmt: skip
    def test_a_body_that_is_no_token_review(self, cluster: Cluster, body: bytes) -> None:
        answer = cluster.ask(body)
        assert answer.status == 400 and answer.text.startswith("expected a request body"), answer

    def test_sizes_and_methods(self, cluster: Cluster) -> None:
        assert cluster.ask(token_review("x" * 1_100_000)).status == 413
        assert cluster.ask(b"", method="GET").status == 405
        assert cluster.ask(token_review("x"), method="PUT").status == 405

    def test_http_2(self, cluster: Cluster, keys: Keys, tmp_path: Path) -> None:
        """As kube-apiserver speaks it: many reviews on one connection."""
        path, bearer = cluster.webhook()
        body = tmp_path / "review.json"
        body.write_bytes(token_review(cluster.token(keys)))
        url = f"https://localhost:{cluster.server.port}{path}"
        run = subprocess.run(["curl", "-sS", "--http2", "--cacert", cluster.boto.ca, "-H", f"Authorization: Bearer {bearer}",
                              "-H", "Content-Type: application/json", "--data-binary", f"@{body}",
                              "-w", "\n%{http_version} %{http_code} %{num_connects}\n", url, url],
                             stdout=subprocess.PIPE, text=True, timeout=60, check=True)
        first, second, third, fourth = run.stdout.splitlines()
        assert json.loads(first)["status"]["authenticated"] and json.loads(third)["status"]["authenticated"]
        assert (second, fourth) == ("2 200 1", "2 200 0")
