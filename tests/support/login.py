"""`aws login` as its user sees it: our pages for IAM users and root users, and the command line that opens them."""

import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from administration import wait_until
from authenticator import STEP_SECONDS, Authenticator
from clients import Boto
from playwright.sync_api import BrowserContext, Page, expect
from portal import fill, press, set_up_app
from terminal import BrowserDoor, Terminal

LOGIN_POLICY = "arn:aws:iam::aws:policy/SignInLocalDevelopmentAccess"


@dataclass
class IamUser:
    """An IAM user, as the human who knows the password and holds the phone."""

    account: str
    name: str
    password: str
    phone: Authenticator | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account}:user/{self.name}"


@dataclass
class RootUser(IamUser):
    """An account's root user, who reads the account's mail."""

    email: str = ""

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account}:root"


def make_root(account: str, email: str) -> RootUser:
    """As the pages name it; its password is set by `set_root_password`."""
    return RootUser(account, "Root user", f"Harbour-{secrets.token_hex(8)}!", email=email)


def make_member_root(boto: Boto, name: str) -> RootUser:
    """Of a new account in the organization, which is there: it has neither password nor phone yet."""
    organizations, email = boto.client("organizations"), f"{name}@example.com"
    asked = organizations.create_account(Email=email, AccountName=name)["CreateAccountStatus"]["Id"]

    def made() -> str | None:
        status = organizations.describe_create_account_status(CreateAccountRequestId=asked)["CreateAccountStatus"]
        return status.get("AccountId")

    return make_root(wait_until(f"the account {name}", made), email)


def ask_for_root_password(page: Page, origin: str, email: str) -> str:
    """What the page says then."""
    page.goto(f"{origin}/signin/root")
    press(page, "Forgot password, or none set yet?")
    fill(page, "Root user email address", email)
    press(page, "Send link")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    return page.locator("main").inner_text()


def enter_new_root_password(page: Page, link: str, password: str) -> None:
    page.goto(link)
    fill(page, "New password", password)
    fill(page, "Confirm password", password)
    press(page, "Set new password")


def enter_root_password(page: Page, user: RootUser) -> None:
    fill(page, "Root user email address", user.email)
    fill(page, "Password", user.password)
    press(page, "Sign in")


def sign_in_as_root(page: Page, user: RootUser) -> None:
    """From either sign-in page; the first time with the registration of a phone."""
    if page.get_by_label("Root user email address", exact=True).count() == 0:
        press(page, "Root user")
    enter_root_password(page, user)
    if user.phone is None:
        user.phone = set_up_app(page)
    else:
        fill(page, "MFA code", user.phone.code())
        press(page, "Sign in")


def make_user(iam: Any, account: str, name: str, *, reset_required: bool = False) -> IamUser:
    """With a password of its own and the policy that AWS has for `aws login`."""
    user = IamUser(account, name, f"Harbour-{secrets.token_hex(8)}!")
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password=user.password, PasswordResetRequired=reset_required)
    iam.attach_user_policy(UserName=name, PolicyArn=LOGIN_POLICY)
    return user


def give_phone(iam: Any, user: IamUser) -> str:
    """A virtual MFA device; its serial number. It is enabled by codes of the last minute: the next ones are for signing in."""
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"{user.name}-phone")["VirtualMFADevice"]
    user.phone = Authenticator(made["Base32StringSeed"].decode())
    step = int(time.time()) // STEP_SECONDS
    iam.enable_mfa_device(UserName=user.name, SerialNumber=made["SerialNumber"],
                          AuthenticationCode1=user.phone.code_at(step - 2), AuthenticationCode2=user.phone.code_at(step - 1))
    return str(made["SerialNumber"])


def enter_iam_password(page: Page, user: IamUser, account: str = "") -> None:
    fill(page, "Account ID or alias", account or user.account)
    fill(page, "IAM user name", user.name)
    fill(page, "Password", user.password)
    press(page, "Sign in")


def sign_in_as_iam(page: Page, user: IamUser) -> None:
    """From a page that asks for the account; nothing where the browser is signed in."""
    if page.get_by_label("Account ID or alias", exact=True).count() == 0:
        return
    if isinstance(user, RootUser):
        return sign_in_as_root(page, user)
    enter_iam_password(page, user)
    if user.phone:
        fill(page, "MFA code", user.phone.code())
        press(page, "Sign in")


def allow_login(browser: BrowserContext, address: str, user: IamUser) -> str:
    """The page that `aws login` opens or prints: signs in where asked, allows. Returns the code shown to whoever is on
    another device, or nothing."""
    page = browser.new_page()
    page.goto(address)
    sign_in_as_iam(page, user)
    expect(page.get_by_text(user.name, exact=True)).to_be_visible()
    press(page, "Allow access")
    if "cross-device" in address:
        code = page.locator("#authorization-code").inner_text()
        page.close()
        return code
    expect(page).to_have_url(re.compile(r"^http://127\.0\.0\.1:\d+/oauth/callback\?"))
    page.close()
    return ""


def log_in(browser: BrowserContext, shell: dict[str, str], folder: Path, user: IamUser, profile: str) -> None:
    """`aws login`, with a browser on the same device."""
    door = BrowserDoor(folder)
    with Terminal(["aws", "login", "--profile", profile], shell | door.environment(), folder) as terminal:
        allow_login(browser, door.address(), user)
        terminal.wait_for(rf"Updated profile {profile} to use {re.escape(user.arn)} credentials")
        assert terminal.wait_for_end() == 0, terminal.screen()


def log_in_remotely(browser: BrowserContext, shell: dict[str, str], folder: Path, user: IamUser, profile: str) -> None:
    """`aws login --remote`: the browser is on another device, and its user carries the code."""
    with Terminal(["aws", "login", "--remote", "--profile", profile], shell, folder) as terminal:
        address = terminal.wait_for(r"^(https://\S+/v1/authorize\?\S+)").group(1)
        terminal.answer("Enter the authorization code displayed in your browser:", allow_login(browser, address, user))
        assert terminal.wait_for_end() == 0, terminal.screen()


def sign_out(browser: BrowserContext) -> None:
    browser.clear_cookies()
