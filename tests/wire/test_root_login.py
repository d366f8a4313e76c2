"""Root users: the mailed link that sets their password, the phone that they register, and `aws login` by the newest CLI,
unmodified, as the account itself; then what ends it, and what an attacker learns."""

import json
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from administration import Administration, wait_until
from clients import Boto, aws, aws_json, cli, shell_environment
from login import (RootUser, ask_for_root_password, enter_new_root_password, enter_root_password, log_in,
                   log_in_remotely, make_member_root, make_root, make_user, sign_in_as_root, sign_out)
from playwright.sync_api import BrowserContext, expect
from portal import fill, press
from server import Server
from terminal import BrowserDoor, Terminal

SUBJECT = "Set the password of your root user"
WRONG = "The email address or password is not correct."


@dataclass
class House:
    server: Server
    boto: Boto
    browser: BrowserContext
    folder: Path
    shell: dict[str, str]
    owner: RootUser  # of the management account, with a password and a phone

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.server.port}"

    @property
    def administration(self) -> Administration:
        return Administration(self.boto)

    def link(self, user: RootUser) -> str:
        """Asks for one by the page, and reads it in the mail."""
        page = self.browser.new_page()
        ask_for_root_password(page, self.origin, user.email)
        page.close()
        return self.administration.link_in_mail(user.email, SUBJECT)

    def set_password(self, user: RootUser) -> None:
        link = self.link(user)
        page = self.browser.new_page()
        enter_new_root_password(page, link, user.password)
        expect(page.get_by_role("heading", level=1)).to_have_text("Your password is set")
        page.close()

    def sign_in(self, user: RootUser) -> None:
        page = self.browser.new_page()
        page.goto(f"{self.origin}/signin/root")
        sign_in_as_root(page, user)
        expect(page).to_have_url(f"{self.origin}/console/")
        page.close()

    def log_in(self, user: RootUser, profile: str) -> None:
        log_in(self.browser, self.shell, self.folder, user, profile)

    def refused(self, profile: str, *command: str) -> str:
        run = aws(self.shell, *command, profile=profile, check=False)
        assert run.returncode != 0, run.stdout
        return run.stderr

    def records(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """CloudTrail's records of that name on a root user, newest first; so many are waited for."""
        def found() -> list[dict[str, Any]]:
            events = self.boto.client("sekisho").list_activity(EventName=event, MaxResults=100)["Events"]
            kept = [record for record in (json.loads(one["Record"]) for one in events)
                    if record["userIdentity"]["type"] == "Root"]
            return kept if len(kept) >= count else []

        waited: list[dict[str, Any]] = wait_until(f"{count} records of {event}", found)
        return waited

    def make_member(self, name: str) -> RootUser:
        return make_member_root(self.boto, name)


@pytest.fixture(scope="module")
def house(server: Server, boto: Boto, browser: BrowserContext, module_folder: Path) -> House:
    organization = boto.client("organizations").create_organization(FeatureSet="ALL")["Organization"]
    shell = shell_environment(server, cli("newest-endpoint"), module_folder)
    owner = make_root(organization["MasterAccountId"], organization["MasterAccountEmail"])
    made = House(server, boto, browser, module_folder, shell, owner)
    made.set_password(owner)
    made.sign_in(owner)
    return made


@pytest.fixture(autouse=True)
def signed_out(browser: BrowserContext) -> Iterator[None]:
    sign_out(browser)
    yield


def test_login_as_the_account_itself(house: House) -> None:
    owner = house.owner
    house.log_in(owner, "owner")
    who = aws_json(house.shell, "sts", "get-caller-identity", profile="owner")
    assert who == {"UserId": owner.account, "Account": owner.account, "Arn": owner.arn}
    summary = aws_json(house.shell, "iam", "get-account-summary", profile="owner")["SummaryMap"]
    assert summary["AccountPasswordPresent"] == summary["AccountMFAEnabled"] == 1
    assert aws_json(house.shell, "iam", "get-user", profile="owner")["User"]["PasswordLastUsed"]
    devices = aws_json(house.shell, "iam", "list-virtual-mfa-devices", profile="owner")["VirtualMFADevices"]
    assert [(device["SerialNumber"], device["User"]["Arn"]) for device in devices] == [
        (f"arn:aws:iam::{owner.account}:mfa/root-account-mfa-device", owner.arn)]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": owner.arn}, "Action": "sts:AssumeRole"}]}
    role = house.boto.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    assert "Roles may not be assumed by root accounts." in house.refused(
        "owner", "sts", "assume-role", "--role-arn", role, "--role-session-name", "root")
    assert "InvalidUserType" in house.refused(
        "owner", "iam", "change-password", "--old-password", owner.password, "--new-password", "Another-Harbour-46!")
    aws(house.shell, "logout", "--profile", "owner")
    house.refused("owner", "sts", "get-caller-identity")


def test_login_from_another_device(house: House) -> None:
    log_in_remotely(house.browser, house.shell, house.folder, house.owner, "owner-remote")
    assert aws_json(house.shell, "sts", "get-caller-identity", profile="owner-remote")["Arn"] == house.owner.arn


def test_the_console_as_the_root_user(house: House) -> None:
    house.sign_in(house.owner)
    page = house.browser.new_page()
    page.goto(f"{house.origin}/console/iam/users")
    expect(page.locator("#top")).to_contain_text(f"root @ {house.owner.account}")
    expect(page.get_by_role("link", name="admin", exact=True).first).to_be_visible()
    page.goto(f"{house.origin}/signout/iam")
    expect(page.locator("main")).to_contain_text(house.owner.arn)
    press(page, "Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in as an IAM user")
    page.close()


def test_a_new_password_ends_what_was_signed_in(house: House) -> None:
    user = house.make_member("renewed")
    house.set_password(user)
    house.log_in(user, "renewed")
    assert aws_json(house.shell, "sts", "get-caller-identity", profile="renewed")["Arn"] == user.arn
    sign_out(house.browser)  # the browser forgets; the session lives
    changed = replace(user, password="Another-Harbour-46!")
    house.set_password(changed)
    assert "InvalidClientTokenId" in house.refused("renewed", "sts", "get-caller-identity")
    assert house.administration.mail_to(user.email, "The password of your root user was changed")
    sign_out(house.browser)
    house.log_in(changed, "renewed")  # with the same phone
    assert aws_json(house.shell, "sts", "get-caller-identity", profile="renewed")["Arn"] == user.arn


def test_a_control_policy_binds_the_root_of_a_member(house: House) -> None:
    organizations = house.boto.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    user = house.make_member("bound")
    house.set_password(user)
    house.log_in(user, "bound")
    aws_json(house.shell, "iam", "list-users", profile="bound")

    def deny(name: str, action: str) -> None:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
        policy = organizations.create_policy(Name=name, Description=name, Type="SERVICE_CONTROL_POLICY",
                                             Content=json.dumps(document))["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=policy, TargetId=user.account)

    deny("no-lists", "iam:ListUsers")
    assert "with an explicit deny in a service control policy" in house.refused("bound", "iam", "list-users")
    deny("no-login", "signin:AuthorizeOAuth2Access")
    door = BrowserDoor(house.folder)
    with Terminal(["aws", "login", "--profile", "bound-again"], house.shell | door.environment(), house.folder):
        page = house.browser.new_page()
        page.goto(door.address())
        press(page, "Allow access")
        expect(page.locator("main")).to_contain_text(
            f"User: {user.arn} is not authorized to perform: signin:AuthorizeOAuth2Access on resource: "
            f"arn:aws:signin:us-east-1:{user.account}:oauth2/public-client/localhost with an explicit deny")
        page.close()


def test_a_closed_account_is_out_at_the_next_request(house: House) -> None:
    user = house.make_member("closed")
    house.set_password(user)
    house.log_in(user, "closed")
    aws(house.shell, "sts", "get-caller-identity", profile="closed")
    house.boto.client("organizations").close_account(AccountId=user.account)
    assert "InvalidClientTokenId" in house.refused("closed", "sts", "get-caller-identity")
    sign_out(house.browser)
    page = house.browser.new_page()
    page.goto(f"{house.origin}/signin/root")
    enter_root_password(page, user)
    expect(page.get_by_role("alert")).to_contain_text(WRONG)
    page.close()


def test_a_phone_is_given_up_by_the_root_user_itself_alone(house: House) -> None:
    user = house.make_member("phoned")
    house.set_password(user)
    house.log_in(user, "phoned")
    serial_number = f"arn:aws:iam::{user.account}:mfa/root-account-mfa-device"
    assert [device["SerialNumber"] for device in aws_json(
        house.shell, "iam", "list-mfa-devices", profile="phoned")["MFADevices"]] == [serial_number]
    assert "DeleteConflict" in house.refused("phoned", "iam", "delete-virtual-mfa-device", "--serial-number", serial_number)
    aws(house.shell, "iam", "deactivate-mfa-device", "--serial-number", serial_number, profile="phoned")
    aws(house.shell, "iam", "delete-virtual-mfa-device", "--serial-number", serial_number, profile="phoned")
    assert aws_json(house.shell, "iam", "get-account-summary", profile="phoned")["SummaryMap"]["AccountMFAEnabled"] == 0
    sign_out(house.browser)
    house.sign_in(replace(user, phone=None))  # the next sign-in registers another
    assert aws_json(house.shell, "iam", "get-account-summary", profile="phoned")["SummaryMap"]["AccountMFAEnabled"] == 1


def test_a_link_works_once_and_as_it_was_sent(house: House) -> None:
    user = house.make_member("linked")
    link = house.link(user)
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["token"][0]
    page = house.browser.new_page()
    for bad in (token[:-1] + ("A" if token[-1] != "A" else "B"), token.replace(user.account, house.owner.account), "x"):
        page.goto(link.replace(token, bad))
        expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
    for poor in ("short1A", "only-lower-case", user.email.upper()):
        enter_new_root_password(page, link, poor)
        expect(page.get_by_role("alert")).to_contain_text("does not comply with the rules")
    enter_new_root_password(page, link, user.password)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your password is set")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
    page.close()


def test_addresses_that_nobody_has_are_told_like_others(house: House) -> None:
    user = house.make_member("guessed")
    house.set_password(user)
    page = house.browser.new_page()
    unknown, nobody = make_root(user.account, "nobody@example.com"), make_root(user.account, "nobody-else@example.com")
    texts = {}
    for tried in (user, unknown):
        page.goto(f"{house.origin}/signin/root")
        shown = []
        for _ in range(6):
            with page.expect_navigation():
                enter_root_password(page, replace(tried, password="Wrong-Password-1!"))
            shown.append(page.get_by_role("alert").inner_text())
        texts[tried.email] = shown
    assert texts[user.email] == texts[unknown.email]
    assert texts[user.email][0] == WRONG and texts[user.email][5].startswith("Too many failed attempts.")
    assert ask_for_root_password(page, house.origin, user.email) == ask_for_root_password(page, house.origin, nobody.email)
    page.close()


def test_the_page_of_iam_users_does_not_lead_to_the_root_user(house: House) -> None:
    page = house.browser.new_page()
    for name in (" ", "root", house.owner.account, house.owner.email):
        page.goto(f"{house.origin}/signin/iam")
        fill(page, "Account ID or alias", house.owner.account)
        fill(page, "IAM user name", name)
        fill(page, "Password", house.owner.password)
        press(page, "Sign in")
        expect(page.get_by_role("alert")).to_be_visible()
    page.close()


def test_an_administrator_of_the_account_is_not_its_root(house: House) -> None:
    """Neither takes the phone away nor reads the password's traces."""
    iam = house.boto.client("iam")
    make_user(iam, house.owner.account, "helper")
    serial_number = f"arn:aws:iam::{house.owner.account}:mfa/root-account-mfa-device"
    for name in ({}, {"UserName": "helper"}, {"UserName": house.owner.account}):
        with pytest.raises(iam.exceptions.NoSuchEntityException):
            iam.deactivate_mfa_device(SerialNumber=serial_number, **name)
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_virtual_mfa_device(SerialNumber=serial_number)


def test_the_trail_has_cloudtrails_records(house: House) -> None:
    house.log_in(house.owner, "recorded")
    page = house.browser.new_page()
    sign_out(house.browser)
    page.goto(f"{house.origin}/signin/root")
    enter_root_password(page, replace(house.owner, password="Wrong-Password-1!"))
    expect(page.get_by_role("alert")).to_contain_text(WRONG)
    page.close()

    def failed() -> dict[str, Any] | None:
        newest = house.records("ConsoleLogin")[0]
        return newest if newest["responseElements"] == {"ConsoleLogin": "Failure"} else None

    failure = wait_until("the failed sign-in", failed)
    assert failure["errorMessage"] == "Failed authentication" and failure["additionalEventData"]["MFAUsed"] == "No"
    login = next(record for record in house.records("ConsoleLogin", 2) if record["responseElements"]["ConsoleLogin"] == "Success")
    identity = {"type": "Root", "principalId": house.owner.account, "arn": house.owner.arn, "accountId": house.owner.account}
    for record in (failure, login, house.records("PasswordRecoveryRequested")[-1], house.records("PasswordRecoveryCompleted")[-1]):
        assert {name: record["userIdentity"].get(name) for name in identity} == identity
        assert record["eventSource"] == "signin.amazonaws.com" and record["eventType"] == "AwsConsoleSignIn"
        assert record["awsRegion"] == "us-east-1"
    assert login["additionalEventData"]["MFAUsed"] == "Yes"
    made = house.records("CreateOAuth2Token")[0]
    assert made["userIdentity"]["arn"] == house.owner.arn and made["recipientAccountId"] == house.owner.account
    everything = json.dumps([failure, login, made, house.records("PasswordRecoveryRequested")])
    assert house.owner.password not in everything and house.owner.email not in everything


def test_a_lost_phone_is_the_operators_matter(house: House) -> None:
    """With the server stopped; the other tests' owner gets another phone."""
    house.server.stop()
    assert "there is no account 999999999999 here" in house.server.command(
        "recover", "--root-devices", "999999999999", check=False).stderr
    told = house.server.command("recover", "--root-devices", house.owner.account).stdout
    assert f"MFA devices of the root user of {house.owner.account} erased: 1." in told
    house.server.start()
    house.owner.phone = None
    house.sign_in(house.owner)
    records = house.boto.client("sekisho").list_activity(EventName="EraseRootDevices", MaxResults=10)["Events"]
    assert len(records) == 1
