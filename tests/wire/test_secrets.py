"""Nothing secret is written where it need not be: after a whole sign-in, with the log at its most talkative, neither log,
audit trail, metrics, mail list nor the store on the disk holds a password, a seed, a key, a token or a code."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from administration import Administration
from botocore.exceptions import ClientError
from clients import Boto, Keys, default_keys
from playwright.sync_api import BrowserContext, expect
from portal import Person, accept_invitation, allow_command_line, enroll_authenticator, enter_password, fill, press
from server import Server

PASSWORD = "Quiet-Harbour-42!"
WRONG = "Quiet-Harbour-43!"
LOGIN_PASSWORD = "Console-Password-44!"
MAIL = "secretive@example.com"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(scope="module")
def server(module_folder: Path) -> Iterator[Server]:
    running = Server(module_folder / "home", module_folder / "clients")
    running.init()
    running.start("--log-level", "debug")
    yield running
    running.stop()


def portal_secrets(boto: Boto, administration: Administration, browser: BrowserContext) -> dict[str, str]:
    """One person's whole way: invitation, wrong and right password, authenticator, device grant, role credentials."""
    boto.client("organizations").create_organization(FeatureSet="ALL")
    directory = administration.enable_identity_center()
    administration.require_mfa(directory)
    group = administration.create_group(directory, "secretive")
    account = boto.client("sts").get_caller_identity()["Account"]
    administration.assign(directory, administration.create_permission_set(directory), account, group)
    administration.invite_user(directory, "secretive", MAIL, group)
    link = administration.link_in_mail(MAIL, "Invitation")
    person = Person("secretive", PASSWORD)
    page = browser.new_page()
    accept_invitation(page, link, PASSWORD)
    if page.get_by_label("Username", exact=True).count():
        fill(page, "Username", person.username)
        press(page, "Next")
        fill(page, "Password", WRONG)
        press(page, "Sign in")
        expect(page.get_by_label("Password", exact=True)).to_be_visible()
        fill(page, "Password", PASSWORD)
        press(page, "Sign in")
    else:
        enter_password(page, person)
    enroll_authenticator(page, person)
    expect(page.get_by_text(account)).to_be_visible()
    page.close()
    assert person.phone is not None
    oidc = boto.client("sso-oidc", unsigned=True)
    client = oidc.register_client(clientName="test", clientType="public", scopes=["sso:account:access"])
    started = oidc.start_device_authorization(clientId=client["clientId"], clientSecret=client["clientSecret"],
                                              startUrl=directory.portal_url)
    allow_command_line(browser, started["verificationUriComplete"], person)
    request = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}
    token = oidc.create_token(**request, grantType=DEVICE_CODE, deviceCode=started["deviceCode"])
    refreshed = oidc.create_token(**request, grantType="refresh_token", refreshToken=token["refreshToken"])
    given = boto.client("sso", unsigned=True).get_role_credentials(
        accessToken=refreshed["accessToken"], accountId=account, roleName="EKSClusterAdminAccess")["roleCredentials"]
    cookies = {f"cookie {cookie.get('name')}": cookie.get("value", "") for cookie in browser.cookies()
               if len(cookie.get("value", "")) >= 20}
    assert cookies
    return {
        "password": PASSWORD, "wrong password": WRONG, "TOTP seed": person.phone.secret,
        "invitation token": link.partition("token=")[2], "client secret": client["clientSecret"],
        "device code": started["deviceCode"], "access token": token["accessToken"], "refresh token": token["refreshToken"],
        "second access token": refreshed["accessToken"], "second refresh token": refreshed["refreshToken"],
        "role's secret key": given["secretAccessKey"], "role's session token": given["sessionToken"], **cookies,
    }


def iam_secrets(boto: Boto) -> dict[str, str]:
    iam = boto.client("iam")
    iam.create_user(UserName="keeper")
    key = iam.create_access_key(UserName="keeper")["AccessKey"]
    iam.create_login_profile(UserName="keeper", Password=LOGIN_PASSWORD)
    with pytest.raises(ClientError):  # refused requests are audited, too
        iam.create_login_profile(UserName="nobody", Password=LOGIN_PASSWORD)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="worn", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    sts = boto.client("sts")
    worn = Keys.from_response(sts.assume_role(RoleArn=role, RoleSessionName="worn")["Credentials"])
    session = Keys.from_response(sts.get_session_token()["Credentials"])
    boto.client("sts", worn).get_caller_identity()
    with pytest.raises(ClientError):
        boto.client("sts", Keys(worn.access_key_id, "x" * 40, worn.session_token)).get_caller_identity()
    assert worn.session_token and session.session_token
    return {
        "administrator's secret key": default_keys(boto.environment).secret_access_key, "user's secret key": key["SecretAccessKey"],
        "login password": LOGIN_PASSWORD, "session's secret key": worn.secret_access_key, "session token": worn.session_token,
        "second session token": session.session_token, "second session's secret key": session.secret_access_key,
    }


def test_nothing_secret_is_written(server: Server, boto: Boto, browser: BrowserContext) -> None:
    administration = Administration(boto)
    secrets = portal_secrets(boto, administration, browser) | iam_secrets(boto)
    assert all(len(secret) >= 16 for secret in secrets.values()), secrets.keys()
    admin_url = re.search(r"http://\S+/metrics", server.command("status").stdout)
    assert admin_url
    with urllib.request.urlopen(admin_url.group(0)) as answer:
        metrics = answer.read()
    listed = server.command("mail").stdout.encode()
    places = {"metrics": metrics, "mail list": listed, "log": server.log.read_bytes()}
    own = {server.home / "aws/credentials", server.home / "master-key"}
    places |= {str(file.relative_to(server.home)): file.read_bytes() for file in server.home.rglob("*")
               if file.is_file() and file not in own}
    assert any(name.startswith("audit/") and b"CreateAccessKey" in content for name, content in places.items())
    # As CloudTrail has it, the record of AssumeRole shows the session token: it is of no use without its secret key.
    shown = {(what, place) for what in ("session token", "second session token") for place in places
             if place.startswith(("audit/", "store/"))}
    found = [f"{what} in {place}" for what, secret in secrets.items() for place, content in places.items()
             if secret.encode() in content and (what, place) not in shown]
    assert found == [], "\n".join(found)
