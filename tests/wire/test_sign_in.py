"""Signing in as clients see it: SSO-OIDC's device grant and refresh, the portal's API, the end of a session, and what an
attacker reads. The pages stand in tests/browser; the CLI's own path in test_road.py."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from administration import Administration, Directory
from botocore.exceptions import ClientError
from clients import Boto, Keys
from playwright.sync_api import BrowserContext, expect
from portal import Person, accept_invitation, allow_command_line, enroll_authenticator, enter_password
from server import Server

PASSWORD = "Quiet-Harbour-42!"
MAIL = "signer@example.com"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@dataclass
class House:
    administration: Administration
    directory: Directory
    account: str
    user: str
    person: Person
    oidc: Any
    portal: Any
    browser: BrowserContext

    def register(self) -> dict[str, str]:
        client = self.oidc.register_client(clientName="test", clientType="public", scopes=["sso:account:access"])
        return {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}

    def start(self, client: dict[str, str]) -> dict[str, Any]:
        started: dict[str, Any] = self.oidc.start_device_authorization(**client, startUrl=self.directory.portal_url)
        return started

    def token(self, client: dict[str, str]) -> dict[str, Any]:
        """One device grant, allowed in the browser."""
        started = self.start(client)
        shown = allow_command_line(self.browser, started["verificationUriComplete"], self.person)
        assert shown == started["userCode"]
        made: dict[str, Any] = self.oidc.create_token(**client, grantType=DEVICE_CODE, deviceCode=started["deviceCode"])
        return made


@pytest.fixture(scope="module")
def house(server: Server, boto: Boto, browser: BrowserContext) -> Iterator[House]:
    boto.client("organizations").create_organization(FeatureSet="ALL")
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    administration.require_mfa(directory)
    group = administration.create_group(directory, "signers")
    account = boto.client("sts").get_caller_identity()["Account"]
    administration.assign(directory, administration.create_permission_set(directory), account, group)
    user = administration.invite_user(directory, "signer", MAIL, group)
    person = Person("signer", PASSWORD)
    page = browser.new_page()
    accept_invitation(page, administration.link_in_mail(MAIL, "Invitation"), PASSWORD)
    enter_password(page, person)
    enroll_authenticator(page, person)
    expect(page.get_by_text(account)).to_be_visible()
    page.close()
    yield House(administration, directory, account, user, person, boto.client("sso-oidc", unsigned=True),
                boto.client("sso", unsigned=True), browser)


def test_an_invitation_works_once(house: House) -> None:
    link = house.administration.link_in_mail(MAIL, "Invitation")
    page = house.browser.new_page()
    page.goto(link)
    expect(page.get_by_label("New password", exact=True)).to_have_count(0)
    page.close()


def test_pending_then_slow_down_then_tokens(house: House) -> None:
    client = house.register()
    started = house.start(client)
    assert started["expiresIn"] == 600 and started["interval"] == 1
    request = {**client, "grantType": DEVICE_CODE, "deviceCode": started["deviceCode"]}
    with pytest.raises(ClientError) as pending:
        house.oidc.create_token(**request)
    assert code_of(pending) == "AuthorizationPendingException"
    assert pending.value.response["error"] == "authorization_pending"
    with pytest.raises(ClientError) as hasty:
        house.oidc.create_token(**request)
    assert code_of(hasty) == "SlowDownException"
    allow_command_line(house.browser, started["verificationUriComplete"], house.person)
    token = house.oidc.create_token(**request)
    assert token["tokenType"] == "Bearer" and token["expiresIn"] == 3600 and token["refreshToken"]
    with pytest.raises(ClientError) as again:
        house.oidc.create_token(**request)
    assert code_of(again) == "InvalidGrantException"


def test_other_start_urls_and_clients_are_refused(house: House) -> None:
    client = house.register()
    with pytest.raises(ClientError) as foreign:
        house.oidc.start_device_authorization(**client, startUrl="https://d-0000000000.awsapps.com/start")
    assert code_of(foreign) == "InvalidRequestException"
    with pytest.raises(ClientError) as forged:
        house.oidc.start_device_authorization(clientId=client["clientId"], clientSecret="x",
                                              startUrl=house.directory.portal_url)
    assert code_of(forged) == "InvalidClientException"
    assert forged.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


def test_role_credentials_work_and_are_the_persons(house: House, boto: Boto) -> None:
    token = house.token(house.register())["accessToken"]
    accounts = house.portal.list_accounts(accessToken=token)["accountList"]
    assert [account["accountId"] for account in accounts] == [house.account]
    roles = house.portal.list_account_roles(accessToken=token, accountId=house.account)["roleList"]
    assert [role["roleName"] for role in roles] == ["EKSClusterAdminAccess"]
    given = house.portal.get_role_credentials(accessToken=token, accountId=house.account,
                                              roleName="EKSClusterAdminAccess")["roleCredentials"]
    assert 3500 < given["expiration"] / 1000 - time.time() <= 3600
    keys = Keys(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"])
    who = boto.client("sts", keys).get_caller_identity()
    assert who["Arn"].endswith("/signer") and "/AWSReservedSSO_EKSClusterAdminAccess_" in who["Arn"]
    with pytest.raises(ClientError) as other:
        house.portal.get_role_credentials(accessToken=token, accountId=house.account, roleName="AdministratorAccess")
    assert code_of(other) == "ForbiddenException"


def test_refresh_tokens_rotate(house: House) -> None:
    client = house.register()
    token = house.token(client)
    request = {**client, "grantType": "refresh_token", "refreshToken": token["refreshToken"]}
    first = house.oidc.create_token(**request)
    assert first["refreshToken"] != token["refreshToken"]
    assert house.oidc.create_token(**request)["refreshToken"] == first["refreshToken"]
    with pytest.raises(ClientError) as foreign:
        house.oidc.create_token(**house.register(), grantType="refresh_token", refreshToken=first["refreshToken"])
    assert code_of(foreign) == "InvalidGrantException"


def test_bad_bearer_tokens(house: House) -> None:
    with pytest.raises(ClientError) as bad:
        house.portal.list_accounts(accessToken="nonsense")
    assert code_of(bad) == "UnauthorizedException"
    assert bad.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


def test_disabling_ends_tokens_and_role_credentials_at_once(house: House, boto: Boto) -> None:
    client = house.register()
    token = house.token(client)
    given = house.portal.get_role_credentials(accessToken=token["accessToken"], accountId=house.account,
                                              roleName="EKSClusterAdminAccess")["roleCredentials"]
    sts = boto.client("sts", Keys(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"]))
    sts.get_caller_identity()
    house.administration.set_user_enabled(house.directory, house.user, False)
    try:
        with pytest.raises(ClientError):
            house.portal.list_accounts(accessToken=token["accessToken"])
        with pytest.raises(ClientError):
            sts.get_caller_identity()
        with pytest.raises(ClientError):
            house.oidc.create_token(**client, grantType="refresh_token", refreshToken=token["refreshToken"])
        place = {"IdentityStoreId": house.directory.identity_store_id, "UserId": house.user}
        assert house.administration.sekisho.list_sessions(**place)["Sessions"] == []
    finally:
        house.administration.set_user_enabled(house.directory, house.user, True)
    with pytest.raises(ClientError):
        house.portal.list_accounts(accessToken=token["accessToken"])


def test_logout(house: House) -> None:
    token = house.token(house.register())["accessToken"]
    house.portal.logout(accessToken=token)
    with pytest.raises(ClientError) as over:
        house.portal.list_accounts(accessToken=token)
    assert code_of(over) == "UnauthorizedException"


def test_what_the_mail_outbox_holds_stays_out_of_others_reach(house: House, boto: Boto) -> None:
    listed = house.administration.sekisho.list_mail(To=MAIL)["Mail"]
    assert listed and listed[0]["State"] == "OUTBOX"
    stranger = boto.client("sekisho", unsigned=True)
    with pytest.raises(ClientError):
        stranger.get_mail(MailId=listed[0]["MailId"])
