"""Request limits at the API: an address that fails too often and, where configured, a principal that asks too often read
AWS's throttling error of each protocol; it is counted, and it ends."""

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from administration import Administration
from clients import Boto, Keys, default_keys
from raw import CALLER_IDENTITY, Answer, Request, Wire, signed, target
from server import Server

FAILURES, REQUESTS = 1, 1  # a second
SECONDS_AT_ONCE = 10
DEVICE_GRANTS = 20  # open at once
DESCRIBE = target("AWSOrganizationsV20161128.DescribeOrganization")
REGISTER = Request("POST", "/client/register", [("Content-Type", "application/json")],
                   b'{"clientName":"x","clientType":"public"}')
PORTAL = Request("GET", "/assignment/accounts", [("x-amz-sso_bearer_token", "nonsense")])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Each test begins with full buckets."""
    running = Server(tmp_path / "home", tmp_path / "clients")
    running.init()
    file = tmp_path / "sekisho.yaml"
    file.write_text(f"limits:\n  failures-per-address: {FAILURES}\n  requests-per-principal: {REQUESTS}\n")
    running.start("--config", str(file))
    yield running
    running.stop()


@pytest.fixture
def boto(server: Server, tmp_path: Path) -> Boto:
    return Boto(server, tmp_path)


@pytest.fixture
def keys(boto: Boto) -> Keys:
    return default_keys(boto.environment)


@pytest.fixture
def wire(server: Server, boto: Boto) -> Wire:
    return Wire(server.port, boto.ca)


def throttled(server: Server, limit: str) -> int:
    running = json.loads((server.home / "running.json").read_text())
    with urllib.request.urlopen(f"{running['adminUrl']}/metrics") as answer:
        found = re.search(rf'sekisho_throttled_requests_total\{{limit="{limit}"\}} (\d+)', answer.read().decode())
    return int(found.group(1)) if found else 0


def until_throttled(wire: Wire, request: Request, status: int) -> int:
    """How many were answered with this status before the first other answer, which must be the throttle's."""
    for count in range(1000):
        answer = wire.send(request)
        if "Rate exceeded" in answer.text:
            return count
        assert answer.status == status, answer.text
    raise AssertionError("never throttled")


def refusal(wire: Wire, spend: Request, status: int, request: Request) -> Answer:
    """What a request reads while its bucket is spent; the bucket fills all the time, so now and then it takes two tries."""
    for _ in range(20):
        until_throttled(wire, spend, status)
        answer = wire.send(request)
        if "Rate exceeded" in answer.text:
            return answer
    raise AssertionError(f"never throttled: {answer.text}")


@pytest.mark.parametrize("kind", ["signature", "bearer"])
def test_an_address_that_fails_too_often(server: Server, wire: Wire, keys: Keys, kind: str) -> None:
    stranger = Keys("AKIAIOSFODNN7EXAMPLE", keys.secret_access_key)
    spend, status = (signed(wire, stranger, CALLER_IDENTITY), 403) if kind == "signature" else (PORTAL, 401)
    assert until_throttled(wire, spend, status) >= FAILURES * SECONDS_AT_ONCE
    # Each protocol has its own word for it, and who is right waits, too.
    for request, code in (
        (signed(wire, keys, CALLER_IDENTITY), (400, "Throttling")),
        (signed(wire, keys, DESCRIBE, service="organizations"), (400, "ThrottlingException")),
        (signed(wire, keys, Request("GET", "/clusters"), service="eks"), (429, "ThrottlingException")),
        (PORTAL, (429, "TooManyRequestsException")),
        (REGISTER, (400, "SlowDownException")),
    ):
        answer = refusal(wire, spend, status, request)
        assert (answer.status, answer.code) == code, answer.text
        assert '"error":"slow_down"' in answer.text or request is not REGISTER
    assert throttled(server, "address") >= 5 and throttled(server, "principal") == 0
    # It fills again.
    deadline = time.monotonic() + 30
    while (answer := wire.send(signed(wire, keys, CALLER_IDENTITY))).status != 200:
        assert answer.code == "Throttling", answer.text
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_anonymous_requests_cost_a_tenth(wire: Wire) -> None:
    for _ in range(FAILURES * SECONDS_AT_ONCE * 5):
        assert wire.send(REGISTER).status == 200


def test_open_device_grants_of_an_address_are_capped(wire: Wire, boto: Boto) -> None:
    boto.client("organizations").create_organization(FeatureSet="ALL")
    directory = Administration(boto).enable_identity_center()
    oidc = boto.client("sso-oidc", unsigned=True)
    client = oidc.register_client(clientName="x", clientType="public")
    request = {"clientId": client["clientId"], "clientSecret": client["clientSecret"], "startUrl": directory.portal_url}
    for _ in range(DEVICE_GRANTS):
        oidc.start_device_authorization(**request)
    with pytest.raises(oidc.exceptions.SlowDownException) as full:
        oidc.start_device_authorization(**request)
    assert full.value.response["error"] == "slow_down"


def test_a_principal_that_asks_too_often(server: Server, wire: Wire, boto: Boto, keys: Keys) -> None:
    iam = boto.client("iam")
    iam.create_user(UserName="busy")
    made = iam.create_access_key(UserName="busy")["AccessKey"]
    busy = Keys(made["AccessKeyId"], made["SecretAccessKey"])
    assert until_throttled(wire, signed(wire, busy, CALLER_IDENTITY), 200) >= REQUESTS * SECONDS_AT_ONCE
    session = boto.client("sts")  # others are not held up
    assert session.get_caller_identity()["Arn"].endswith(":user/admin")
    assert throttled(server, "principal") >= 1 and throttled(server, "address") == 0
    with pytest.raises(boto.client("sts", busy).exceptions.ClientError) as refused:
        for _ in range(100):
            boto.client("sts", busy).get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "Throttling"
    # The CLI's and SDKs' own retries know the code.
    assert boto.client("sts", busy, retries=8).get_caller_identity()["Arn"].endswith(":user/busy")


def test_health_is_not_limited(wire: Wire, keys: Keys) -> None:
    until_throttled(wire, signed(wire, Keys("AKIAIOSFODNN7EXAMPLE", "x" * 40), CALLER_IDENTITY), 403)
    assert wire.send(Request("GET", "/healthz")).status == 200
    assert wire.send(Request("GET", "/start")).status < 500
