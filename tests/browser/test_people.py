"""What people do with security keys, passkeys and their own account, in Chromium with its virtual authenticator (CDP's
WebAuthn domain), in English and Japanese. A script error or a load that the content security policy refused fails the
test (tests/support/web_browser.py). Screenshots are left in build/screenshots."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from administration import Administration, Directory, wait_until
from authenticator import Authenticator
from clients import Boto, newest_aws
from playwright.sync_api import BrowserContext, Page, expect
from portal import Person, enroll_authenticator, enter_password, fill, press
from server import RECORDS, ROOT, Server, cache_folder
from web_browser import chromium, look_at, look_in_other_language

SERVE = RECORDS  # what is looked at is who may enter clusters
PASSWORD = "Correct-horse-7"
PERMISSION_SET = "PeopleAccess"


@dataclass
class House:
    server: Server
    browser: BrowserContext
    administration: Administration
    directory: Directory
    account: str
    group: str
    folder: Path
    authority: Path

    @property
    def origin(self) -> str:
        return self.directory.portal_url.removesuffix("/start")

    def user(self, name: str) -> dict[str, str]:
        found = self.administration.identities.get_user_id(
            IdentityStoreId=self.directory.identity_store_id,
            AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}})
        return {"IdentityStoreId": self.directory.identity_store_id, "UserId": found["UserId"]}

    def make_person(self, name: str, *groups: str) -> Person:
        """With a password that an administrator set: the invitation has its own tests."""
        self.administration.invite_user(self.directory, name, f"{name}@example.com", *groups)
        self.administration.sekisho.set_password(**self.user(name), Password=PASSWORD, ChangeRequired=False)
        return Person(name, PASSWORD)

    def settings(self, **settings: Any) -> None:
        self.administration.sekisho.update_mfa_settings(InstanceArn=self.directory.instance_arn, **settings)


@pytest.fixture(scope="module")
def house(server: Server, boto: Boto, browser: BrowserContext, module_folder: Path,
          server_authority: Path) -> Iterator[House]:
    boto.client("organizations").create_organization(FeatureSet="ALL")
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    administration.require_mfa(directory)
    group = administration.create_group(directory, "People")
    account = boto.client("sts").get_caller_identity()["Account"]
    administration.assign(directory, administration.create_permission_set(directory, PERMISSION_SET), account, group)
    yield House(server, browser, administration, directory, account, group, module_folder, server_authority)


@contextmanager
def authenticator(page: Page, *, passkey: bool = False, verifies: bool = True) -> Iterator[Any]:
    """A key of this page alone: one that is plugged in, or the device's own."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal" if passkey else "usb", "hasResidentKey": passkey,
        "hasUserVerification": verifies, "isUserVerified": verifies, "automaticPresenceSimulation": True}})
    try:
        yield (session, made["authenticatorId"])
    finally:
        session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})


def credentials_of(key: Any) -> list[dict[str, Any]]:
    session, identifier = key
    found: list[dict[str, Any]] = session.send("WebAuthn.getCredentials", {"authenticatorId": identifier})["credentials"]
    return found


def look(page: Page, name: str) -> None:
    look_at(page, ROOT / "build" / "screenshots", f"people-{name}")
    look_in_other_language(page, name)


def register_key(page: Page, name: str) -> None:
    page.get_by_label("Security key or passkey", exact=True).check()
    press(page, "Next")
    fill(page, "Device name (optional)", name)
    press(page, "Register security key")
    expect(page.get_by_role("heading", name="Security key registered")).to_be_visible()


def start(house: House, name: str, *groups: str) -> tuple[Page, Person]:
    """A person of their own in a page that nobody is signed in to."""
    house.browser.clear_cookies()
    return house.browser.new_page(), house.make_person(name, *groups)


def test_a_security_key_is_registered_at_sign_in_and_asked_for(house: House) -> None:
    page, person = start(house, "key.person", house.group)
    with authenticator(page) as key:
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        look(page, "01-register-choice")
        page.get_by_label("Security key or passkey", exact=True).check()
        press(page, "Next")
        look(page, "02-register-key")
        fill(page, "Device name (optional)", "Blue key")
        press(page, "Register security key")
        expect(page.get_by_role("heading", name="Security key registered")).to_be_visible()
        press(page, "Done")
        expect(page.get_by_text(house.account)).to_be_visible()
        assert len(credentials_of(key)) == 1
        press(page, "Sign out")
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        expect(page.get_by_role("button", name="Use security key")).to_be_visible()
        look(page, "03-use-key")
        press(page, "Use security key")
        expect(page.get_by_text(house.account)).to_be_visible()
    listed = house.administration.sekisho.list_mfa_devices(**house.user("key.person"))["MfaDevices"]
    assert [(device["Type"], device["DisplayName"]) for device in listed] == [("SECURITY_KEY", "Blue key")]
    signed = house.administration.sekisho.list_sign_ins(**house.user("key.person"))["SignIns"]
    assert [entry["CredentialTypes"] for entry in signed] == ["PASSWORD,WEBAUTHN"] * 2
    page.close()


def test_a_copied_key_is_refused(house: House) -> None:
    """Its counter goes back: the copy and the original cannot both go on."""
    page, person = start(house, "copied.person")
    with authenticator(page) as key:
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        register_key(page, "Original")
        (credential,) = credentials_of(key)
    house.browser.clear_cookies()
    copy = house.browser.new_page()
    with authenticator(copy) as key:
        session, identifier = key
        session.send("WebAuthn.addCredential", {"authenticatorId": identifier, "credential": {**credential, "signCount": 0}})
        copy.goto(house.directory.portal_url)
        enter_password(copy, person)
        press(copy, "Use security key")
        expect(copy.get_by_text("The security key was not accepted.")).to_be_visible()
        look(copy, "04-key-refused")
        # Past the last count it would be the same key again, as far as anybody can tell.
        session.send("WebAuthn.removeCredential", {"authenticatorId": identifier, "credentialId": credential["credentialId"]})
        session.send("WebAuthn.addCredential", {"authenticatorId": identifier, "credential": {**credential, "signCount": 1000}})
        press(copy, "Use security key")
        expect(copy.get_by_role("heading", name="No accounts yet")).to_be_visible()
    page.close()
    copy.close()


def test_without_the_key_there_is_a_recovery_code(house: House) -> None:
    page, person = start(house, "lost.person", house.group)
    with authenticator(page):
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        register_key(page, "Lost key")
    house.browser.clear_cookies()
    page.goto(house.directory.portal_url)
    enter_password(page, person)
    with authenticator(page):  # another key, which knows nothing
        press(page, "Use security key")
        expect(page.get_by_text("The security key did not answer")).to_be_visible()
    made = house.administration.sekisho.create_mfa_recovery_code(**house.user("lost.person"))
    page.get_by_text("I cannot use my device").click()
    fill(page, "Recovery code", made["RecoveryCode"].lower())
    look(page, "05-recovery")
    press(page, "Sign in")
    expect(page.get_by_text(house.account)).to_be_visible()
    # Or the administrator removes what is lost, and the next sign-in registers anew.
    assert house.administration.sekisho.reset_mfa_devices(**house.user("lost.person"))["RemovedDevices"] == 1
    page.goto(house.directory.portal_url)
    enter_password(page, person)
    enroll_authenticator(page, person)
    expect(page.get_by_text(house.account)).to_be_visible()
    page.close()


def test_a_passkey_signs_in_without_a_password(house: House) -> None:
    page, person = start(house, "passkey.person", house.group)
    with authenticator(page, passkey=True):
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        register_key(page, "This computer")
        press(page, "Done")
        house.browser.clear_cookies()
        page.goto(house.directory.portal_url)
        expect(page.get_by_role("link", name="Sign in with a passkey")).to_have_count(0)
        house.settings(PasskeySignIn=True)
        try:
            page.goto(house.origin + "/account")
            look(page, "06-username-with-passkey")
            press(page, "Sign in with a passkey")
            expect(page.get_by_role("heading", name="Your account")).to_be_visible()
            expect(page.get_by_role("cell", name="Passkey", exact=True)).to_be_visible()
            look(page, "07-account")
        finally:
            house.settings(PasskeySignIn=False)
        answer = page.goto(house.origin + "/signin/passkey")
        assert answer is not None and page.url.endswith("/start"), page.url  # signed in already
        house.browser.clear_cookies()
        page.goto(house.origin + "/signin/passkey")
        expect(page.get_by_text("not possible here now")).to_be_visible()
    page.close()


def test_a_passkey_alone_must_verify_its_user(house: House) -> None:
    page, person = start(house, "unverified.person")
    house.settings(PasskeySignIn=True)
    try:
        with authenticator(page, passkey=True) as key:
            page.goto(house.directory.portal_url)
            enter_password(page, person)
            register_key(page, "Passkey")
            house.browser.clear_cookies()
            session, identifier = key
            session.send("WebAuthn.setUserVerified", {"authenticatorId": identifier, "isUserVerified": False})
            page.goto(house.origin + "/signin/passkey")
            expect(page.get_by_text("The security key did not answer")).to_be_visible()
            look(page, "08-passkey-failed")
            # And a page that does not ask for verification gets an answer that the server does not take.
            page.get_by_role("button", name="Use passkey").evaluate(
                "(button) => { button.dataset.options = button.dataset.options.replace('required', 'discouraged'); }")
            press(page, "Use passkey")
            expect(page.get_by_text("The security key was not accepted.")).to_be_visible()
    finally:
        house.settings(PasskeySignIn=False)
    page.close()


def test_own_devices_password_sessions_and_history(house: House) -> None:
    page, person = start(house, "self.person", house.group)
    page.goto(house.origin + "/account")
    enter_password(page, person)
    enroll_authenticator(page, person)
    with authenticator(page):
        press(page, "Register device")
        register_key(page, "Second")
        press(page, "Done")
    row = page.get_by_role("row").filter(has_text="Second")
    row.get_by_text("Manage").click()
    row.get_by_label("New name").fill("Key at home")
    row.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Key at home")
    row.get_by_text("Manage").click()
    look(page, "09-manage-device")
    row.get_by_role("button", name="Remove device").click()
    expect(page.get_by_role("row").filter(has_text="Key at home")).to_have_count(0)
    assert "Key at home" in house.administration.mail_to("self.person@example.com", "MFA device was removed")
    press(page, "Change password")
    fill(page, "Current password", "Wrong-horse-7")
    fill(page, "New password", "Another-horse-8")
    fill(page, "Confirm password", "Another-horse-8")
    press(page, "Change password")
    expect(page.get_by_text("The current password is not correct.")).to_be_visible()
    look(page, "10-wrong-current-password")
    fill(page, "Current password", PASSWORD)
    fill(page, "New password", "Another-horse-8")
    fill(page, "Confirm password", "Another-horse-8")
    press(page, "Change password")
    expect(page.get_by_role("heading", name="Your password is changed")).to_be_visible()
    press(page, "Back to your account")
    expect(page.get_by_role("row").filter(has_text="Failed")).to_be_visible()
    expect(page.get_by_text("This browser")).to_be_visible()
    press(page, "Send verification link")
    link = house.administration.link_in_mail("self.person@example.com", "Verify your email")
    page.goto(link)
    expect(page.get_by_role("heading", name="Email address verified")).to_be_visible()
    page.goto(house.origin + "/account")
    expect(page.get_by_text("self.person@example.com (verified)")).to_be_visible()
    page.close()


def test_a_first_sign_in_by_a_mailed_code(house: House) -> None:
    """Somebody whom CreateUser made: no invitation, no password."""
    house.administration.identities.create_user(
        IdentityStoreId=house.directory.identity_store_id, UserName="api.person", DisplayName="API Person",
        Name={"GivenName": "API", "FamilyName": "Person"},
        Emails=[{"Value": "api.person@example.com", "Type": "work", "Primary": True}])
    house.browser.clear_cookies()
    page = house.browser.new_page()
    offer = "No password yet? Get a one-time code by email"

    def enter_name() -> None:
        page.goto(house.directory.portal_url)
        fill(page, "Username", "api.person")
        press(page, "Next")
        expect(page.get_by_label("Password", exact=True)).to_be_visible()

    enter_name()
    expect(page.get_by_role("button", name=offer)).to_have_count(0)
    house.administration.sekisho.update_identity_center(EmailOneTimePasswords=True)
    enter_name()
    press(page, offer)
    expect(page.get_by_role("heading", name="Sign in for the first time")).to_be_visible()
    mail = house.administration.mail_to("api.person@example.com", "one-time code")
    found = re.search(r"\b\d{6}\b", mail)
    assert found, mail
    code = found.group(0)
    fill(page, "One-time code", "999999" if code != "999999" else "000000")
    press(page, "Next")
    expect(page.get_by_text("The code is not correct. Enter the newest one.")).to_be_visible()
    look(page, "15-first-sign-in")
    fill(page, "One-time code", code)
    press(page, "Next")
    expect(page.get_by_role("heading", name="New user sign up")).to_be_visible()
    fill(page, "New password", PASSWORD)
    fill(page, "Confirm password", PASSWORD)
    press(page, "Set new password")
    enroll_authenticator(page, Person("api.person", PASSWORD))
    expect(page.get_by_role("heading", name="No accounts yet")).to_be_visible()
    page.close()
    house.administration.sekisho.update_identity_center(EmailOneTimePasswords=False)


def test_japanese_and_a_theme_of_ones_own(house: House) -> None:
    page, person = start(house, "taro", house.group)
    page.goto(house.directory.portal_url)
    press(page, "日本語")
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    look(page, "11-ja-username")
    fill(page, "ユーザー名", person.username)
    press(page, "次へ")
    fill(page, "パスワード", "Wrong-password-1")
    press(page, "サインイン")
    expect(page.get_by_text("ユーザー名またはパスワードが正しくありません。")).to_be_visible()
    fill(page, "パスワード", PASSWORD)
    press(page, "サインイン")
    look(page, "12-ja-register")
    page.get_by_label("認証アプリ", exact=True).check()
    press(page, "次へ")
    press(page, "シークレットキーを表示")
    person.phone = Authenticator(re.sub(r"\s", "", page.get_by_test_id("mfa-secret").inner_text()))
    fill(page, "認証アプリのコード", person.phone.code())
    press(page, "MFA を割り当て")
    press(page, "完了")
    expect(page.get_by_text(house.account)).to_be_visible()
    look(page, "13-ja-portal")
    page.goto(house.origin + "/account")
    press(page, "ダーク")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 19, 27)"
    look(page, "14-ja-dark-account")
    # No text of the pages is left in English: what is Latin is a name or a value.
    latin = re.findall(r"[A-Za-z]{3,}(?: [a-z]{2,})+", page.locator("body").inner_text())
    assert latin == [], latin
    press(page, "ライト")
    press(page, "English")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    # Mail comes in the language that was chosen last.
    press(page, "日本語")
    house.administration.sekisho.reset_password(**house.user("taro"), Mode="EMAIL")
    assert "ユーザー名 taro" in house.administration.mail_to("taro@example.com", "パスワードの再設定")
    page.close()


def make_cluster(house: House, boto: Boto) -> str:
    """One that knows the person's role by an access entry. Gives its name."""
    iam, eks = boto.client("iam"), boto.client("eks")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}}]})
    role = iam.create_role(RoleName="cluster-role", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    eks.create_cluster(name="harbour", roleArn=role, accessConfig={"authenticationMode": "API"},
                       resourcesVpcConfig={"subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]})
    eks.get_waiter("cluster_active").wait(name="harbour", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    (reserved,) = [found["Arn"] for found in iam.list_roles(PathPrefix="/aws-reserved/")["Roles"]
                   if PERMISSION_SET in found["RoleName"]]
    eks.create_access_entry(clusterName="harbour", principalArn=reserved)
    return "harbour"


def test_credentials_count_down_and_one_script_sets_up_a_computer(house: House, boto: Boto) -> None:
    cluster = make_cluster(house, boto)
    page, person = start(house, "setup.person", house.group)
    page.goto(house.directory.portal_url)
    enter_password(page, person)
    enroll_authenticator(page, person)
    press(page, "Access keys")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"Time left: \d\d:\d\d:\d\d"))
    first = page.get_by_role("timer").inner_text()
    expect(page.get_by_role("timer")).not_to_have_text(first)
    look(page, "15-countdown")
    page.goto(house.directory.portal_url)
    press(page, "Set up your computer")
    expect(page.get_by_text("Profiles: 1. Cluster contexts: 1.")).to_be_visible()
    look(page, "16-setup")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download for macOS and Linux").click()
    script = house.folder / "sekisho-setup.sh"
    started.value.save_as(script)
    home = house.folder / "new computer"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text("[profile other]\nregion = eu-west-1\n")
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text("apiVersion: v1\nkind: Config\ncontexts:\n- {name: mine, context: {cluster: c, user: u}}\n")
    environment = {"HOME": str(home), "PATH": f"{newest_aws().parent}:{cache_folder()}:{os.environ['PATH']}"}
    for _ in range(2):  # a second run changes nothing
        subprocess.run(["sh", str(script)], env=environment, check=True, capture_output=True)
    config = (home / ".aws" / "config").read_text()
    assert config.count("# BEGIN sekisho") == 1 and "[profile other]\nregion = eu-west-1\n" in config
    assert f"ca_bundle = {home}/.aws/sekisho-ca.pem" in config
    (profile,) = re.findall(rf"\[profile ({PERMISSION_SET}-\S+)\]", config)

    # kubectl has merged what came with what was there.
    merged = yaml.safe_load((home / ".kube" / "config").read_text())
    assert sorted(context["name"] for context in merged["contexts"]) == [f"{cluster}/{profile}", "mine"]
    (user,) = merged["users"]
    assert user["user"]["exec"]["env"] == [{"name": "AWS_PROFILE", "value": profile}]

    # The CLI takes it: signs in by the browser, and is who it should be.
    login = subprocess.Popen([str(newest_aws()), "sso", "login", "--sso-session", "sekisho", "--use-device-code",
                              "--no-browser", "--profile", profile], env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    assert login.stdout is not None
    shown = ""
    for line in login.stdout:
        shown += line
        if address := re.search(r"https://\S+user_code=\S+", shown):
            page.goto(house.origin + "/device?" + address.group(0).partition("?")[2])
            press(page, "Confirm and continue")
            press(page, "Allow access")
            break
    assert login.wait(timeout=60) == 0, shown + login.stdout.read()
    identity = subprocess.run([str(newest_aws()), "sts", "get-caller-identity", "--profile", profile, "--query", "Arn",
                               "--output", "text"], env=environment, check=True, capture_output=True, text=True).stdout
    assert f"assumed-role/AWSReservedSSO_{PERMISSION_SET}_" in identity and identity.strip().endswith("/setup.person")
    given = user["user"]["exec"]
    token = subprocess.run([str(newest_aws()), *given["args"]], env=environment | {"AWS_PROFILE": profile}, check=True,
                           capture_output=True, text=True).stdout
    assert json.loads(token)["status"]["token"].startswith("k8s-aws-v1.")
    page.close()


def test_search_as_one_types(house: House, boto: Boto) -> None:
    page, person = start(house, "search.person", house.group)
    organizations = boto.client("organizations")
    permission_set = house.administration.create_permission_set(house.directory, "SearchAccess")
    for number, name in enumerate(("Orchard", "Harbour")):
        request = organizations.create_account(Email=f"search{number}@example.com", AccountName=name)["CreateAccountStatus"]

        def account(request_id: str = request["Id"]) -> str | None:
            state = organizations.describe_create_account_status(CreateAccountRequestId=request_id)["CreateAccountStatus"]
            return str(state["AccountId"]) if state["State"] == "SUCCEEDED" else None

        house.administration.assign(house.directory, permission_set, wait_until("the account", account), house.group)
    page.goto(house.directory.portal_url)
    enter_password(page, person)
    enroll_authenticator(page, person)
    expect(page.get_by_text("Accounts: 3. Roles: 3.")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Search accounts and roles").press_sequentially("harb")
    expect(page.get_by_text("Accounts: 1. Roles: 1.")).to_be_visible()
    expect(page.get_by_role("link", name="SearchAccess")).to_be_visible()  # opened
    look(page, "18-search")
    page.get_by_label("Search accounts and roles").fill("<script>")
    expect(page.get_by_text("No account matches.")).to_be_visible()
    page.get_by_label("Search accounts and roles").fill("")
    expect(page.get_by_text("Accounts: 3. Roles: 3.")).to_be_visible()
    assert all("/start/search?q=" in url for url in asked), asked
    # Signed out meanwhile: the ordinary way asks to sign in.
    house.browser.clear_cookies()
    page.get_by_label("Search accounts and roles").fill("x")
    expect(page.get_by_label("Username", exact=True)).to_be_visible()
    page.close()


def test_mfa_never_and_blocked_and_by_mail(house: House) -> None:
    """What somebody without a device gets, as the settings say."""
    page, person = start(house, "modes.person", house.group)
    try:
        house.settings(PromptMode="NEVER")
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        expect(page.get_by_text(house.account)).to_be_visible()
        house.browser.clear_cookies()
        house.settings(PromptMode="ALWAYS_ON", WhenNoDevice="BLOCK")
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        expect(page.get_by_text("You need an MFA device to sign in")).to_be_visible()
        house.settings(WhenNoDevice="REQUIRE_EMAIL_OTP")
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        mail = house.administration.mail_to("modes.person@example.com", "verification code")
        code = re.search(r"\b\d{6}\b", mail)
        assert code
        fill(page, "Verification code", code.group(0))
        look(page, "17-mailed-code")
        press(page, "Sign in")
        expect(page.get_by_text(house.account)).to_be_visible()
        house.browser.clear_cookies()
        house.settings(PromptMode="CONTEXT_AWARE", WhenNoDevice="REQUIRE_REGISTRATION")
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        with authenticator(page):
            register_key(page, "Key")
            press(page, "Done")
            press(page, "Sign out")
            page.goto(house.directory.portal_url)
            enter_password(page, person)
            page.get_by_label("This is a trusted device").first.check()
            press(page, "Use security key")
            expect(page.get_by_text(house.account)).to_be_visible()
        press(page, "Sign out")
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        expect(page.get_by_text(house.account)).to_be_visible()
    finally:
        house.settings(PromptMode="ALWAYS_ON", WhenNoDevice="REQUIRE_REGISTRATION")
    page.close()


def test_without_script_keys_say_why_and_the_search_is_a_form(house: House) -> None:
    _, person = start(house, "plain.person", house.group)
    with chromium(house.folder / "plain", house.authority) as plain:
        page = plain.new_page()
        page.route("**/*.js", lambda route: route.abort())
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        page.get_by_label("Security key or passkey", exact=True).check()
        press(page, "Next")
        expect(page.get_by_text("need JavaScript")).to_be_visible()
        expect(page.get_by_role("button", name="Register security key")).to_have_count(0)
        page.goto(house.directory.portal_url)
        enter_password(page, person)
        enroll_authenticator(page, person)
        page.goto(house.directory.portal_url + "?q=nothing-like-it")
        fill(page, "Search accounts and roles", PERMISSION_SET.lower())
        press(page, "Search")
        expect(page.get_by_text("Accounts: 1. Roles: 1.")).to_be_visible()
        expect(page.get_by_role("link", name=PERMISSION_SET)).to_be_visible()
