"""`aws login`: the newest CLI, unmodified, signs in an IAM user by our pages and ends with credentials that work, renew
themselves and end. Then the same on the wire, for what an attacker would try."""

import base64
import hashlib
import json
import re
import secrets
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import login
import pytest
from administration import wait_until
from botocore.exceptions import ClientError
from clients import Boto, Keys, aws, aws_json, cli, shell_environment
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from login import IamUser, allow_login, enter_iam_password, give_phone, make_user, sign_in_as_iam, sign_out
from playwright.sync_api import BrowserContext, expect
from portal import fill, press
from server import Server
from terminal import Terminal

SAME_DEVICE = "arn:aws:signin:::devtools/same-device"
CALLBACK = "http://127.0.0.1:9/oauth/callback"  # a port where nothing listens: the code is read from the address


@dataclass
class House:
    server: Server
    boto: Boto
    iam: Any
    browser: BrowserContext
    folder: Path
    account: str
    shell: dict[str, str]

    def records(self, event: str, user: IamUser, count: int = 1) -> list[dict[str, Any]]:
        """CloudTrail's records of that name on the user, newest first, as the API gives them; so many are waited for."""
        def found() -> list[dict[str, Any]]:
            events = self.boto.client("sekisho").list_activity(EventName=event, MaxResults=100)["Events"]
            records = [json.loads(one["Record"]) for one in events]
            kept = [record for record in records if record["userIdentity"].get("userName") == user.name]
            return kept if len(kept) >= count else []

        waited: list[dict[str, Any]] = wait_until(f"{count} records of {event}", found)
        return waited


@pytest.fixture(scope="module")
def house(server: Server, boto: Boto, browser: BrowserContext, module_folder: Path) -> House:
    account = boto.client("sts").get_caller_identity()["Account"]
    shell = shell_environment(server, cli("newest-endpoint"), module_folder)
    return House(server, boto, boto.client("iam"), browser, module_folder, account, shell)


@pytest.fixture(autouse=True)
def signed_out(browser: BrowserContext) -> Iterator[None]:
    sign_out(browser)
    yield


def log_in(house: House, user: IamUser, profile: str) -> None:
    login.log_in(house.browser, house.shell, house.folder, user, profile)


def cached_token(house: House, user: IamUser) -> tuple[Path, dict[str, Any]]:
    folder = house.server.clients_home / ".aws/login/cache"
    for path in folder.glob("*.json"):
        token: dict[str, Any] = json.loads(path.read_text())
        claims = token["idToken"].split(".")[1]
        if json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"] == user.arn:
            return path, token
    raise AssertionError(f"no token of {user.arn} in {folder}")


def test_login_and_logout(house: House) -> None:
    user = make_user(house.iam, house.account, "alice")
    log_in(house, user, "alice")
    who = aws_json(house.shell, "sts", "get-caller-identity", profile="alice")
    assert who["Arn"] == user.arn and who["Account"] == house.account
    _, token = cached_token(house, user)
    assert token["accessToken"]["accessKeyId"].startswith("ASIA") and token["tokenType"] == "aws_sigv4"
    aws(house.shell, "logout", "--profile", "alice")
    assert aws(house.shell, "sts", "get-caller-identity", profile="alice", check=False).returncode != 0


def test_login_from_another_device(house: House) -> None:
    user = make_user(house.iam, house.account, "remote")
    login.log_in_remotely(house.browser, house.shell, house.folder, user, "remote")
    assert aws_json(house.shell, "sts", "get-caller-identity", profile="remote")["Arn"] == user.arn


def test_login_through_the_proxy_door(house: House) -> None:
    """The CLI knows AWS's name for us; a browser that is not behind the proxy comes by our own."""
    user = make_user(house.iam, house.account, "proxied")
    shell = shell_environment(house.server, cli("newest-proxy"), house.folder)
    with Terminal(["aws", "login", "--remote", "--profile", "proxied"], shell, house.folder) as terminal:
        address = terminal.wait_for(r"^https://us-east-1\.signin\.aws\.amazon\.com(/v1/authorize\?\S+)").group(1)
        terminal.answer("Enter the authorization code displayed in your browser:",
                        allow_login(house.browser, f"https://localhost:{house.server.port}{address}", user))
        assert terminal.wait_for_end() == 0, terminal.screen()
    assert aws_json(shell, "sts", "get-caller-identity", profile="proxied")["Arn"] == user.arn


def test_credentials_renew_themselves(house: House) -> None:
    """The CLI renews what ends within five minutes: its cache is told that this is so."""
    user = make_user(house.iam, house.account, "renewing")
    log_in(house, user, "renewing")
    path, token = cached_token(house, user)
    old = token["accessToken"]["accessKeyId"]
    token["accessToken"]["expiresAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    path.write_text(json.dumps(token))
    assert aws_json(house.shell, "sts", "get-caller-identity", profile="renewing")["Arn"] == user.arn
    _, renewed = cached_token(house, user)
    assert renewed["accessToken"]["accessKeyId"] != old and renewed["refreshToken"] != token["refreshToken"]


def test_a_second_factor_is_asked_for_and_reaches_policies(house: House) -> None:
    user = make_user(house.iam, house.account, "careful")
    house.iam.put_user_policy(UserName="careful", PolicyName="with-mfa", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": {
            "Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}}]}))
    log_in(house, user, "careful")
    assert aws(house.shell, "iam", "list-users", profile="careful", check=False).returncode != 0
    give_phone(house.iam, user)
    sign_out(house.browser)
    log_in(house, user, "careful")
    assert aws_json(house.shell, "iam", "list-users", profile="careful")["Users"]
    signed_in = house.records("ConsoleLogin", user, 2)
    assert [record["additionalEventData"]["MFAUsed"] for record in signed_in] == ["Yes", "No"]


def test_a_password_that_must_be_changed(house: House) -> None:
    user = make_user(house.iam, house.account, "newcomer", reset_required=True)
    house.iam.attach_user_policy(UserName="newcomer", PolicyArn="arn:aws:iam::aws:policy/IAMUserChangePassword")
    page = house.browser.new_page()
    page.goto(f"{house.server.url}/signin/iam?account={house.account}")
    enter_iam_password(page, user)
    chosen = "Chosen-Harbour-45!"
    for new, shown in (("short", "does not comply"), (user.password, "does not comply"), (chosen, "")):
        fill(page, "Current password", user.password)
        fill(page, "New password", new)
        fill(page, "Confirm password", new)
        press(page, "Set new password")
        if shown:
            expect(page.get_by_role("alert")).to_contain_text(shown)
    expect(page).to_have_url(re.compile(r"/console/"))
    page.close()
    sign_out(house.browser)
    log_in(house, replace(user, password=chosen), "newcomer")
    assert house.iam.get_login_profile(UserName="newcomer")["LoginProfile"]["PasswordResetRequired"] is False


def test_a_new_password_is_none_of_the_former_ones(house: House) -> None:
    former, user = "Former-Harbour-46!", make_user(house.iam, house.account, "returning")
    house.iam.update_account_password_policy(PasswordReusePrevention=1, AllowUsersToChangePassword=True)
    try:
        for password in (former, user.password[::-1]):
            house.iam.update_login_profile(UserName=user.name, Password=password, PasswordResetRequired=True)
        now = replace(user, password=user.password[::-1])
        page = house.browser.new_page()
        page.goto(f"{house.server.url}/signin/iam?account={house.account}")
        enter_iam_password(page, now)
        for new in (former, "Chosen-Harbour-45!"):
            fill(page, "Current password", now.password)
            fill(page, "New password", new)
            fill(page, "Confirm password", new)
            press(page, "Set new password")
            if new == former:
                expect(page.get_by_role("alert")).to_contain_text("does not comply with the account's password policy")
        expect(page).to_have_url(re.compile(r"/console/"))
        page.close()
    finally:
        house.iam.delete_account_password_policy()


@pytest.mark.parametrize("change", ["password", "login-profile", "user"])
def test_credentials_end_at_the_next_request(house: House, change: str) -> None:
    user = make_user(house.iam, house.account, f"ending-{change}")
    log_in(house, user, user.name)
    aws(house.shell, "sts", "get-caller-identity", profile=user.name)
    if change == "password":
        house.iam.update_login_profile(UserName=user.name, Password="Another-Harbour-46!")
    else:
        house.iam.delete_login_profile(UserName=user.name)
    if change == "user":
        house.iam.detach_user_policy(UserName=user.name, PolicyArn="arn:aws:iam::aws:policy/SignInLocalDevelopmentAccess")
        house.iam.delete_user(UserName=user.name)
    refused = aws(house.shell, "sts", "get-caller-identity", profile=user.name, check=False)
    assert refused.returncode != 0 and "InvalidClientTokenId" in refused.stderr
    path, token = cached_token(house, user)
    token["accessToken"]["expiresAt"] = "2026-01-01T00:00:00Z"
    path.write_text(json.dumps(token))
    refused = aws(house.shell, "sts", "get-caller-identity", profile=user.name, check=False)
    assert "Unable to refresh login credentials because of a change in your password." in refused.stderr


def test_without_the_permission(house: House) -> None:
    user = make_user(house.iam, house.account, "unpermitted")
    house.iam.detach_user_policy(UserName=user.name, PolicyArn="arn:aws:iam::aws:policy/SignInLocalDevelopmentAccess")
    page = house.browser.new_page()
    page.goto(Flow().address(house))
    sign_in_as_iam(page, user)
    press(page, "Allow access")
    expect(page.locator("main")).to_contain_text("is not authorized to perform: signin:AuthorizeOAuth2Access on resource: "
                                                 f"arn:aws:signin:us-east-1:{house.account}:oauth2/public-client/localhost")
    page.close()


def test_the_users_own_no(house: House) -> None:
    user = make_user(house.iam, house.account, "denying")
    page = house.browser.new_page()
    page.goto(Flow().address(house))
    sign_in_as_iam(page, user)
    with page.expect_request(re.compile(r"^http://127\.0\.0\.1:9/")) as asked:
        press(page, "Deny")
    assert "error=access_denied" in asked.value.url and "code=" not in asked.value.url
    page.close()


class Flow:
    """One login on the wire: a client with a key of its own that makes the mistakes it is told to make."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.verifier = secrets.token_urlsafe(48)
        self.state = str(uuid.uuid4())

    def address(self, house: House, **changes: str | None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        query = {"response_type": "code", "client_id": SAME_DEVICE, "state": self.state, "code_challenge_method": "SHA-256",
                 "scope": "openid", "redirect_uri": CALLBACK, "code_challenge": challenge} | changes
        kept = {name: value for name, value in query.items() if value is not None}
        return f"{house.server.url.replace('127.0.0.1', 'localhost')}/v1/authorize?{urllib.parse.urlencode(kept)}"

    def code(self, house: House, user: IamUser) -> str:
        page = house.browser.new_page()
        page.goto(self.address(house))
        sign_in_as_iam(page, user)
        with page.expect_request(re.compile(r"^http://127\.0\.0\.1:9/")) as asked:
            press(page, "Allow access")
        page.close()
        answer = urllib.parse.parse_qs(urllib.parse.urlsplit(asked.value.url).query)
        assert answer["state"] == [self.state]
        return answer["code"][0]

    def proof(self, url: str, proof_id: str = "", method: str = "POST") -> str:
        def encode(value: bytes) -> str:
            return base64.urlsafe_b64encode(value).decode().rstrip("=")

        numbers = self.key.public_key().public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": encode(numbers.x.to_bytes(32, "big")), "y": encode(numbers.y.to_bytes(32, "big"))}
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
        claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": proof_id or str(uuid.uuid4())}
        text = f"{encode(json.dumps(header).encode())}.{encode(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def client(self, house: House, proof: str | None = None) -> Any:
        client = house.boto.client("signin", unsigned=True)

        def add(params: dict[str, Any], **_: Any) -> None:
            params["headers"]["DPoP"] = self.proof(params["url"]) if proof is None else proof

        client.meta.events.register("before-call.signin.CreateOAuth2Token", add)
        return client

    def redeem(self, house: House, code: str, **changes: str) -> dict[str, Any]:
        body = {"clientId": SAME_DEVICE, "grantType": "authorization_code", "code": code, "redirectUri": CALLBACK,
                "codeVerifier": self.verifier} | changes
        made: dict[str, Any] = self.client(house).create_o_auth2_token(tokenInput=body)["tokenOutput"]
        return made

    def refresh(self, house: House, token: str, proof: str | None = None) -> dict[str, Any]:
        body = {"clientId": SAME_DEVICE, "grantType": "refresh_token", "refreshToken": token}
        made: dict[str, Any] = self.client(house, proof).create_o_auth2_token(tokenInput=body)["tokenOutput"]
        return made


def keys_of(output: dict[str, Any]) -> Keys:
    token = output["accessToken"]
    return Keys(token["accessKeyId"], token["secretAccessKey"], token["sessionToken"])


def error_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response.get("error", "")


INVALID = ("ValidationException", "INVALID_REQUEST")


def test_a_code_used_twice_takes_back_what_it_gave(house: House) -> None:
    user = make_user(house.iam, house.account, "twice")
    flow = Flow()
    code = flow.code(house, user)
    with pytest.raises(ClientError) as wrong:
        flow.redeem(house, code, codeVerifier=secrets.token_urlsafe(48))
    assert error_of(wrong) == INVALID
    output = flow.redeem(house, code)
    sts = house.boto.client("sts", keys_of(output))
    assert sts.get_caller_identity()["Arn"] == user.arn
    with pytest.raises(ClientError) as again:
        flow.redeem(house, code)
    assert error_of(again) == INVALID
    with pytest.raises(ClientError):
        sts.get_caller_identity()


def test_a_refresh_token_needs_its_key_and_proofs_are_taken_once(house: House) -> None:
    user = make_user(house.iam, house.account, "keyed")
    flow = Flow()
    output = flow.redeem(house, flow.code(house, user))
    with pytest.raises(ClientError) as stolen:
        Flow().refresh(house, output["refreshToken"])
    assert error_of(stolen) == INVALID
    url = f"{house.boto.url}/v1/token"
    proof = flow.proof(url)
    renewed = flow.refresh(house, output["refreshToken"], proof)
    for bad in (proof, "", flow.proof(url, method="GET"), flow.proof("https://elsewhere.example/v1/token")):
        with pytest.raises(ClientError) as refused:
            flow.refresh(house, renewed["refreshToken"], bad)
        assert error_of(refused) == INVALID
    assert flow.refresh(house, renewed["refreshToken"])["expiresIn"] == 900


@pytest.mark.parametrize("changes", [
    {"redirect_uri": "https://evil.example/oauth/callback"}, {"redirect_uri": "http://127.0.0.1:9@evil.example/oauth/callback"},
    {"redirect_uri": "//evil.example/oauth/callback"}, {"code_challenge_method": "plain"}, {"code_challenge": None},
    {"client_id": "arn:aws:signin:::devtools/evil"}, {"response_type": "token"}, {"state": None}])
def test_bad_requests_are_told_on_our_page(house: House, changes: dict[str, str | None]) -> None:
    """Neither a redirect elsewhere nor a form that could lead there."""
    user = IamUser(house.account, "bent", "Bent-Harbour-47!")
    if not any(found["UserName"] == "bent" for found in house.iam.list_users()["Users"]):
        house.iam.create_user(UserName="bent")
        house.iam.create_login_profile(UserName="bent", Password=user.password)
    page = house.browser.new_page()
    page.goto(Flow().address(house, **changes))
    sign_in_as_iam(page, user)
    expect(page.get_by_role("heading", level=1)).to_have_text("This request cannot be answered")
    assert page.get_by_role("button", name="Allow access").count() == 0
    assert urllib.parse.urlsplit(page.url).hostname == "localhost"
    page.close()


def test_pages_cannot_be_framed_nor_posted_from_elsewhere(house: House) -> None:
    user = make_user(house.iam, house.account, "framed")
    page = house.browser.new_page()
    page.goto(Flow().address(house))
    sign_in_as_iam(page, user)
    expect(page.get_by_role("button", name="Allow access")).to_be_visible()
    answer = page.reload()
    assert answer is not None
    headers = answer.all_headers()
    assert headers["x-frame-options"] == "DENY" and "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    form = {name: "x" for name in ("client_id", "redirect_uri", "decision")}
    origin = f"{urllib.parse.urlsplit(page.url).scheme}://{urllib.parse.urlsplit(page.url).netloc}"
    for sent in ({"Origin": "https://evil.example"}, {"Origin": origin}):  # the second: without the form's token
        posted = house.browser.request.post(f"{origin}/v1/authorize", form=form, headers=sent, ignore_https_errors=True)
        assert posted.status == 403
    page.close()


def test_guessing_is_slowed_and_told_alike(house: House) -> None:
    user = make_user(house.iam, house.account, "guessed")
    texts = {}
    for name in ("guessed", "nobody-has-this-name"):
        page = house.browser.new_page()
        page.goto(f"{house.server.url}/signin/iam")
        shown = []
        for _ in range(6):
            with page.expect_navigation():
                enter_iam_password(page, IamUser(house.account, name, "Wrong-Password-1!"))
            shown.append(page.get_by_role("alert").inner_text())
        texts[name] = shown
        page.close()
    assert texts["guessed"] == texts["nobody-has-this-name"]
    assert texts["guessed"][0] == "The account, user name or password is not correct."
    assert texts["guessed"][5].startswith("Too many failed attempts.")
    for shown, text in ((user, "Failed authentication"),
                        (IamUser(house.account, "HIDDEN_DUE_TO_SECURITY_REASONS", ""), "No username found in supplied account")):
        for record in house.records("ConsoleLogin", shown, 5):
            assert record["responseElements"] == {"ConsoleLogin": "Failure"} and record["errorMessage"] == text


def test_pages_in_both_languages(house: House) -> None:
    page = house.browser.new_page()
    page.goto(f"{house.server.url}/signin/iam")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in as an IAM user")
    press(page, "日本語")
    expect(page.get_by_role("heading", level=1)).to_have_text("IAM ユーザーとしてサインイン")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.close()


def test_the_trail_has_cloudtrails_records(house: House) -> None:
    user = make_user(house.iam, house.account, "recorded")
    flow = Flow()
    code = flow.code(house, user)
    output = flow.redeem(house, code)
    flow.refresh(house, output["refreshToken"])
    signed_in = house.records("ConsoleLogin", user)[0]
    assert signed_in["userIdentity"]["arn"] == user.arn
    assert signed_in["eventSource"] == "signin.amazonaws.com" and signed_in["eventType"] == "AwsConsoleSignIn"
    assert signed_in["requestParameters"] is None and signed_in["responseElements"] == {"ConsoleLogin": "Success"}
    assert signed_in["additionalEventData"]["MFAUsed"] == "No" and signed_in["userIdentity"]["type"] == "IAMUser"
    authorized = house.records("AuthorizeOAuth2Access", user)[0]
    assert authorized["requestParameters"]["clientId"] == SAME_DEVICE and authorized["userIdentity"]["arn"] == user.arn
    made = house.records("CreateOAuth2Token", user, 2)
    assert len(made) == 2 and made[0]["userIdentity"]["type"] == "IAMUser" and made[0]["userIdentity"]["arn"] == user.arn
    assert made[0]["recipientAccountId"] == house.account
    everything = json.dumps([signed_in, authorized, made])
    for secret in (code, output["refreshToken"], output["accessToken"]["sessionToken"], user.password, flow.verifier):
        assert secret not in everything
