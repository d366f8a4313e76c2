"""IAM users and root users in Chromium: the sign-in pages and the command line's question, in both languages, with axe
and at both widths; then the console as the user itself. Screenshots are left in build/screenshots."""

import base64
import hashlib
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from administration import Administration
from authenticator import Authenticator
from clients import Boto
from console import Console
from login import IamUser, enter_iam_password, give_phone, make_member_root, make_user
from playwright.sync_api import BrowserContext, Page, expect
from portal import fill, press
from server import ROOT, Server, running_server
from web_browser import axe, chromium, look_at

PICTURES = ROOT / "build" / "screenshots"
JAPANESE = {
    "Account ID or alias": "アカウント ID またはエイリアス", "IAM user name": "IAM ユーザー名", "Password": "パスワード",
    "Sign in": "サインイン", "MFA code": "MFA コード", "Current password": "現在のパスワード", "New password": "新しいパスワード",
    "Confirm password": "新しいパスワード (確認)", "Set new password": "パスワードを設定", "Allow access": "アクセスを許可",
    "Root user": "ルートユーザー", "Root user email address": "ルートユーザーのメールアドレス",
    "Forgot password, or none set yet?": "パスワードを忘れた、または未設定の場合", "Send link": "リンクを送信",
    "Show QR code": "QR コードを表示", "Show secret key": "シークレットキーを表示",
    "Authenticator code": "認証アプリのコード", "Assign MFA": "MFA を割り当て", "Done": "完了",
}


@dataclass
class House:
    server: Server
    boto: Boto
    iam: Any
    browser: BrowserContext
    account: str
    origin: str

    def authorize(self, *, remote: bool) -> str:
        redirect = f"{self.origin}/v1/sessions/confirmation" if remote else "http://127.0.0.1:9/oauth/callback"
        query = {"client_id": f"arn:aws:signin:::devtools/{'cross' if remote else 'same'}-device", "redirect_uri": redirect,
                 "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(b"x" * 43).digest()).decode().rstrip("="),
                 "code_challenge_method": "SHA-256", "response_type": "code", "scope": "openid", "state": "state"}
        return f"{self.origin}/v1/authorize?{urllib.parse.urlencode(query)}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("login")
    with running_server(folder) as server:
        authority = folder / "authority.pem"
        authority.write_text(server.command("ca", "print").stdout, encoding="ascii")
        boto = Boto(server, folder)
        account = boto.client("sts").get_caller_identity()["Account"]
        boto.client("organizations").create_organization(FeatureSet="ALL")
        with chromium(folder, authority) as browser:
            yield House(server, boto, boto.client("iam"), browser, account, f"https://localhost:{server.port}")


@pytest.fixture(params=["en", "ja"])
def page(request: pytest.FixtureRequest, house: House) -> Iterator[Page]:
    """In its language, signed in to nothing."""
    house.browser.clear_cookies()
    page = house.browser.new_page()
    page.goto(f"{house.origin}/signin/iam")
    if request.param == "ja":
        press(page, "日本語")
    expect(page.locator("html")).to_have_attribute("lang", request.param)
    yield page
    page.close()


def look(page: Page, name: str) -> None:
    look_at(page, PICTURES, f"login-{name}-{page.locator('html').get_attribute('lang')}")


def say(page: Page, name: str) -> str:
    return JAPANESE[name] if page.locator("html").get_attribute("lang") == "ja" else name


def enter(page: Page, user: IamUser) -> None:
    fill(page, say(page, "Account ID or alias"), user.account)
    fill(page, say(page, "IAM user name"), user.name)
    fill(page, say(page, "Password"), user.password)
    press(page, say(page, "Sign in"))


def test_the_pages_of_a_sign_in(house: House, page: Page) -> None:
    user = make_user(house.iam, house.account, f"visitor-{page.locator('html').get_attribute('lang')}", reset_required=True)
    house.iam.attach_user_policy(UserName=user.name, PolicyArn="arn:aws:iam::aws:policy/IAMUserChangePassword")
    give_phone(house.iam, user)
    look(page, "sign-in")
    enter(page, IamUser(user.account, "nobody", "Wrong-Password-1!"))
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "wrong")
    page.goto(house.authorize(remote=False))
    enter(page, user)
    expect(page.get_by_label(say(page, "MFA code"), exact=True)).to_be_visible()
    look(page, "code")
    assert user.phone is not None
    fill(page, say(page, "MFA code"), user.phone.code())
    press(page, say(page, "Sign in"))
    expect(page.get_by_label(say(page, "Current password"), exact=True)).to_be_visible()
    look(page, "new-password")
    fill(page, say(page, "Current password"), user.password)
    fill(page, say(page, "New password"), "Chosen-Harbour-45!")
    fill(page, say(page, "Confirm password"), "Chosen-Harbour-45!")
    press(page, say(page, "Set new password"))
    expect(page.get_by_role("button", name=say(page, "Allow access"))).to_be_visible()
    look(page, "command-line")
    page.goto(house.authorize(remote=True))
    look(page, "command-line-remote")
    press(page, say(page, "Allow access"))
    expect(page.locator("#authorization-code")).to_be_visible()
    look(page, "authorization-code")
    page.goto(f"{house.origin}/signout/iam")
    look(page, "sign-out")


def enter_root(page: Page, email: str, password: str) -> None:
    fill(page, say(page, "Root user email address"), email)
    fill(page, say(page, "Password"), password)
    press(page, say(page, "Sign in"))


def set_up_phone(page: Page) -> Authenticator:
    press(page, say(page, "Show secret key"))  # with the QR code beside it
    expect(page.locator("img.qr")).to_be_visible()
    look(page, "root-register")
    phone = Authenticator(re.sub(r"\s", "", page.get_by_test_id("mfa-secret").inner_text()))
    fill(page, say(page, "Authenticator code"), "000000")
    press(page, say(page, "Assign MFA"))
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "root-register-wrong")
    fill(page, say(page, "Authenticator code"), phone.code())
    press(page, say(page, "Assign MFA"))
    expect(page.get_by_role("button", name=say(page, "Done")).or_(page.get_by_role("link", name=say(page, "Done")))).to_be_visible()
    look(page, "root-registered")
    return phone


def test_the_pages_of_a_root_user(house: House, page: Page) -> None:
    """From an account without a password to its command line, and the second sign-in, with a code."""
    user = make_member_root(house.boto, f"owner-{page.locator('html').get_attribute('lang')}")
    press(page, say(page, "Root user"))
    expect(page.get_by_label(say(page, "Root user email address"), exact=True)).to_be_focused()
    look(page, "root-sign-in")
    enter_root(page, user.email, "Wrong-Password-1!")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "root-wrong")
    press(page, say(page, "Forgot password, or none set yet?"))
    look(page, "root-forgot")
    fill(page, say(page, "Root user email address"), user.email)
    press(page, say(page, "Send link"))
    expect(page.get_by_label(say(page, "Root user email address"), exact=True)).to_have_count(0)
    look(page, "root-mail-sent")
    link = Administration(house.boto).link_in_mail(user.email, "Set the password of your root user")
    page.goto(link)
    look(page, "root-password")
    for password, is_good in ((user.email.capitalize(), False), (user.password, True)):
        fill(page, say(page, "New password"), password)
        fill(page, say(page, "Confirm password"), password)
        expect(page.locator("#password-rules li.met")).to_have_count(2)
        press(page, say(page, "Set new password"))
        if not is_good:
            expect(page.get_by_role("alert")).to_be_visible()
            look(page, "root-password-poor")
    expect(page.get_by_label(say(page, "New password"), exact=True)).to_have_count(0)
    look(page, "root-password-set")
    page.goto(link)
    look(page, "root-link-over")
    page.goto(house.authorize(remote=False))
    press(page, say(page, "Root user"))
    enter_root(page, user.email, user.password)
    phone = set_up_phone(page)
    press(page, say(page, "Done"))
    expect(page.get_by_role("button", name=say(page, "Allow access"))).to_be_visible()
    expect(page.locator("main")).to_contain_text(say(page, "Root user"))
    look(page, "root-command-line")
    house.browser.clear_cookies(name="__Host-sekisho-login")
    page.goto(f"{house.origin}/signin/root")
    enter_root(page, user.email, user.password)
    expect(page.get_by_label(say(page, "MFA code"), exact=True)).to_be_visible()
    look(page, "root-code")
    fill(page, say(page, "MFA code"), phone.code())
    press(page, say(page, "Sign in"))
    expect(page).to_have_url(f"{house.origin}/console/")


def test_the_console_as_an_iam_user(house: House) -> None:
    """What the user may not do is refused by IAM in AWS's words; what it may do is done; signing out ends both."""
    house.browser.clear_cookies()
    user = make_user(house.iam, house.account, "worker")
    house.iam.attach_user_policy(UserName="worker", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    console = Console(house.browser.new_page(), house.origin, "en")
    page = console.page
    page.goto(f"{house.origin}/console/iam/users")
    page.get_by_role("link", name=console.t("common.welcomeIam")).click()
    enter_iam_password(page, user)
    expect(page).to_have_url(f"{house.origin}/console/iam/users")
    expect(page.get_by_role("link", name="worker", exact=True).first).to_be_visible()
    expect(page.locator("#top")).to_contain_text(f"worker @ {house.account}")
    assert axe(page) == [] and console.errors == []
    console.open("/eks/clusters")
    expect(page.get_by_test_id("aws-message").first).to_contain_text("is not authorized to perform: eks:ListClusters")
    page.goto(f"{house.origin}/signout/iam")
    press(page, "Sign out")
    page.goto(f"{house.origin}/console/iam/users")
    console.heading("common.welcomeTitle")
    page.close()
