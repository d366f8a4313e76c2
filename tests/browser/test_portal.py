"""Every page of the portal in Chromium: what a person sees, names of fields and buttons, keyboard, script off, phone
width. A script error or a load that the content security policy refused fails the test (tests/support/web_browser.py).
Screenshots are left in build/screenshots."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from administration import Administration, Directory
from web_browser import chromium, look_at, look_in_other_language
from clients import Boto
from playwright.sync_api import BrowserContext, Page, expect
from portal import Person, accept_invitation, enroll_authenticator, enter_password, fill, press, sign_in
from server import ROOT, Server

MAIL = "portal-person@example.com"
PASSWORD = "Correct-horse-7"
PERMISSION_SET = "PortalAccess"


@dataclass
class House:
    server: Server
    boto: Boto
    browser: BrowserContext
    administration: Administration
    directory: Directory
    account: str
    group: str
    person: Person
    folder: Path
    authority: Path


@pytest.fixture(scope="module")
def house(server: Server, boto: Boto, browser: BrowserContext, module_folder: Path,
          server_authority: Path) -> Iterator[House]:
    boto.client("organizations").create_organization(FeatureSet="ALL")
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    administration.require_mfa(directory)
    group = administration.create_group(directory, "Portal people")
    account = boto.client("sts").get_caller_identity()["Account"]
    permission_set = administration.create_permission_set(directory, PERMISSION_SET)
    administration.assign(directory, permission_set, account, group)
    yield House(server, boto, browser, administration, directory, account, group,
                Person("portal.person", PASSWORD), module_folder, server_authority)


def look(page: Page, name: str) -> None:
    """Both widths; nothing reaches over the side of a phone; every field has a name, every page one heading; axe in both
    themes and languages."""
    look_at(page, ROOT / "build" / "screenshots", f"portal-{name}")
    look_in_other_language(page, name)
    unnamed = page.evaluate("""[...document.querySelectorAll('input:not([type=hidden]):not([hidden])')]
        .filter((input) => !input.closest('[hidden]'))
        .filter((input) => !input.labels.length && !input.getAttribute('aria-label')).map((input) => input.outerHTML)""")
    assert unnamed == []
    assert page.locator("html").get_attribute("lang") == "en"


class TestPortal:
    STEPS = True

    def test_01_sign_in_page(self, house: House) -> None:
        page = house.browser.new_page()
        answer = page.goto(house.directory.portal_url)
        assert answer is not None and answer.status == 200
        policy = answer.header_value("content-security-policy") or ""
        assert "default-src 'none'" in policy and "unsafe" not in policy
        expect(page.get_by_label("Username", exact=True)).to_be_focused()
        look(page, "01-username")
        fill(page, "Username", "nobody")
        press(page, "Next")
        look(page, "02-password")
        fill(page, "Password", "Wrong-password-1")
        press(page, "Sign in")
        expect(page.get_by_role("alert")).to_have_count(1)
        expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
        look(page, "03-wrong-password")
        page.close()

    def test_02_invitation(self, house: House) -> None:
        house.administration.invite_user(house.directory, house.person.username, MAIL, house.group)
        link = house.administration.link_in_mail(MAIL, "Invitation")
        page = house.browser.new_page()
        page.goto(link)
        look(page, "04-invitation")
        fill(page, "New password", "short")
        expect(page.locator("li.met")).to_have_count(1)
        fill(page, "Confirm password", "short")
        press(page, "Set new password")
        expect(page.get_by_role("alert")).to_be_visible()
        look(page, "05-weak-password")
        fill(page, "New password", PASSWORD)
        expect(page.locator("li.met")).to_have_count(5)
        fill(page, "Confirm password", PASSWORD + "x")
        press(page, "Set new password")
        expect(page.get_by_text("The passwords do not match.")).to_be_visible()
        accept_invitation(page, link, PASSWORD)
        enter_password(page, house.person)
        expect(page.get_by_label("Authenticator app", exact=True)).to_be_checked()
        look(page, "06-register-device")
        press(page, "Next")
        press(page, "Show QR code")
        press(page, "Show secret key")
        look(page, "07-set-up-app")
        fill(page, "Authenticator code", "000000")
        press(page, "Assign MFA")
        expect(page.get_by_role("alert")).to_be_visible()
        look(page, "08-wrong-code")
        page.goto(house.directory.portal_url)
        enter_password(page, house.person)
        enroll_authenticator(page, house.person)
        expect(page.get_by_text(house.account)).to_be_visible()
        page.close()

    def test_03_portal_and_keys(self, house: House) -> None:
        page = house.browser.new_page()
        page.goto(house.directory.portal_url)
        role = page.get_by_role("link", name=PERMISSION_SET)
        expect(role).to_be_visible()
        look(page, "09-portal")
        role.click()
        expect(page).to_have_url(f"{house.directory.portal_url.removesuffix('/start')}/console/eks/clusters")
        page.goto(house.directory.portal_url)
        press(page, "Access keys")
        expect(page.locator("body")).to_contain_text("AWS_SESSION_TOKEN")
        look(page, "11-access-keys")
        expect(page.get_by_text("SSO start URL")).to_be_visible()
        page.get_by_label("PowerShell", exact=True).check()
        shown = page.locator(".for-powershell pre").inner_text()
        page.locator(".for-powershell").get_by_role("button", name="Copy", exact=True).click()
        expect(page.locator(".for-powershell").get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()").strip() == shown.strip()
        unix = page.locator("#keys-unix").text_content() or ""
        key = re.search(r'AWS_ACCESS_KEY_ID="(ASIA\w+)"', unix)
        assert key and len(re.findall(r'^export AWS_\w+="[^"]+"$', unix, re.MULTILINE)) == 3
        page.goto(page.url.replace(PERMISSION_SET, "AnotherRole"))
        expect(page.get_by_role("alert")).to_be_visible()
        look(page, "12-no-access")
        page.close()

    def test_04_account_page(self, house: House) -> None:
        page = house.browser.new_page()
        page.goto(house.directory.portal_url)
        page.get_by_role("link", name=house.person.username, exact=True).click()
        expect(page.get_by_role("heading", name="MFA devices")).to_be_visible()
        look(page, "13-account")
        press(page, "Register device")
        look(page, "14-register-another")
        page.close()

    def test_05_an_invitation_does_not_attach_to_a_session(self, house: House) -> None:
        house.administration.invite_user(house.directory, "second.person", "second@example.com")
        link = house.administration.link_in_mail("second@example.com", "Invitation")
        page = house.browser.new_page()
        page.goto(link)
        expect(page.get_by_text(house.person.username).first).to_be_visible()
        expect(page.get_by_label("New password", exact=True)).to_have_count(0)
        look(page, "15-invitation-in-session")
        press(page, "Sign out and continue")
        expect(page.get_by_label("New password", exact=True)).to_be_visible()
        page.goto(house.directory.portal_url)
        expect(page.get_by_label("Username", exact=True)).to_be_visible()
        page.close()

    def test_06_keyboard_only(self, house: House) -> None:
        """Sign-in without the mouse; the way leads back to where the person wanted to go."""
        assert house.person.phone is not None
        page = house.browser.new_page()
        page.goto(house.directory.portal_url.removesuffix("/start") + "/account")
        expect(page.get_by_label("Username", exact=True)).to_be_focused()
        page.keyboard.type(house.person.username)
        page.keyboard.press("Enter")
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_label("MFA code", exact=True)).to_be_focused()
        look(page, "16-mfa-code")
        page.keyboard.type(house.person.phone.code())
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        page.goto(house.directory.portal_url)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
        page.close()

    def test_07_device_code(self, house: House) -> None:
        oidc = house.boto.client("sso-oidc")
        client = oidc.register_client(clientName="portal-test", clientType="public", scopes=["sso:account:access"])
        names = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}

        def ask() -> dict[str, str]:
            started: dict[str, str] = oidc.start_device_authorization(**names, startUrl=house.directory.portal_url)
            return started

        grant = ask()
        page = house.browser.new_page()
        page.goto(grant["verificationUri"])
        look(page, "17-device-entry")
        fill(page, "Code", grant["userCode"].lower().replace("-", ""))
        press(page, "Next")
        expect(page.get_by_text(grant["userCode"], exact=True)).to_be_visible()
        look(page, "18-device-code")
        press(page, "Confirm and continue")
        expect(page.get_by_role("button", name="Deny", exact=True)).to_be_visible()
        look(page, "19-device-consent")
        press(page, "Allow access")
        expect(page.get_by_role("heading", name="Request approved")).to_be_visible()
        look(page, "20-approved")
        token = oidc.create_token(**names, grantType="urn:ietf:params:oauth:grant-type:device_code",
                                  deviceCode=grant["deviceCode"])
        assert token["accessToken"]
        page.goto(grant["verificationUriComplete"])
        expect(page.get_by_role("alert")).to_be_visible()
        denied = ask()
        page.goto(denied["verificationUriComplete"])
        press(page, "Confirm and continue")
        press(page, "Deny")
        expect(page.get_by_role("heading", name="Request denied")).to_be_visible()
        look(page, "21-denied")
        with pytest.raises(oidc.exceptions.AccessDeniedException):
            oidc.create_token(**names, grantType="urn:ietf:params:oauth:grant-type:device_code",
                              deviceCode=denied["deviceCode"])
        page.close()

    def test_08_application_consent(self, house: House) -> None:
        oidc = house.boto.client("sso-oidc")
        client = oidc.register_client(clientName="portal-test", clientType="public", scopes=["sso:account:access"],
                                      grantTypes=["authorization_code", "refresh_token"],
                                      redirectUris=["http://127.0.0.1/oauth/callback"],
                                      issuerUrl=house.directory.portal_url)
        where = house.directory.portal_url.removesuffix("/start") + "/authorize"
        page = house.browser.new_page()
        answered: list[str] = []
        page.on("request", lambda request: answered.append(request.url))
        page.goto(f"{where}?response_type=code&client_id={client['clientId']}&state=s-1&scopes=sso:account:access"
                  "&redirect_uri=http://127.0.0.1:1/oauth/callback&code_challenge_method=S256"
                  "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        expect(page.get_by_role("button", name="Allow access", exact=True)).to_be_visible()
        look(page, "22-application-consent")
        page.get_by_role("button", name="Allow access", exact=True).click(no_wait_after=True)
        page.wait_for_timeout(500)
        assert any(re.match(r"http://127\.0\.0\.1:1/oauth/callback\?.*code=", url) for url in answered), answered
        page.goto(f"{where}?response_type=code&client_id=bad&redirect_uri=https://evil.example/")
        expect(page.get_by_role("alert")).to_be_visible()
        look(page, "23-bad-request")
        page.close()

    def test_09_other_pages(self, house: House) -> None:
        origin = house.directory.portal_url.removesuffix("/start")
        page = house.browser.new_page()
        for path, name, status in (("/forgot-password", "24-forgot-password", 200), ("/signout", "25-sign-out", 200),
                                   ("/start/nothing", "26-not-found", 404), ("/verify-email?token=x", "27-bad-link", 400)):
            answer = page.goto(origin + path)
            assert answer is not None and answer.status == status, path
            look(page, name)
        page.goto(origin + "/forgot-password")
        fill(page, "Username", "nobody")
        press(page, "Send link")
        look(page, "28-mail-sent")
        page.close()

    def test_10_sign_out_everywhere(self, house: House) -> None:
        page = house.browser.new_page()
        page.goto(house.directory.portal_url.removesuffix("/start") + "/account")
        press(page, "Sign out everywhere")
        look(page, "29-signed-out")
        page.goto(house.directory.portal_url)
        expect(page.get_by_label("Username", exact=True)).to_be_visible()
        page.close()

    def test_11_without_script_and_in_the_dark(self, house: House) -> None:
        with chromium(house.folder / "plain", house.authority) as plain:
            page = plain.new_page()
            page.route("**/*.js", lambda route: route.abort())
            page.emulate_media(color_scheme="dark")
            page.goto(house.directory.portal_url)
            look(page, "30-dark-username")
            sign_in(page, house.person)
            expect(page.get_by_text(house.account)).to_be_visible()
            look(page, "31-dark-portal")
            press(page, "Access keys")
            page.get_by_label("Windows", exact=True).check()
            expect(page.locator(".for-windows")).to_contain_text("SET AWS_SESSION_TOKEN=")
            look(page, "32-dark-keys")
