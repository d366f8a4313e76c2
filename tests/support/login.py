"""`aws login` as its user sees it: our pages for IAM users, and the command line that opens them."""

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from authenticator import STEP_SECONDS, Authenticator
from playwright.sync_api import BrowserContext, Page, expect
from portal import fill, press

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


def sign_out(browser: BrowserContext) -> None:
    browser.clear_cookies()
