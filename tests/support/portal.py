"""What a person does on the portal's pages, by the names the pages show (AWS's own)."""

import re
from dataclasses import dataclass

from authenticator import Authenticator
from playwright.sync_api import BrowserContext, Page, expect


@dataclass
class Person:
    """One of the directory's users, as the human who knows the password and holds the phone."""

    username: str
    password: str
    phone: Authenticator | None = None


def press(page: Page, name: str) -> None:
    """The button, or the link that stands for one."""
    exact = re.compile(rf"^\s*{re.escape(name)}\s*$", re.IGNORECASE)
    page.get_by_role("button", name=exact).or_(page.get_by_role("link", name=exact)).first.click()


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).fill(text)


def accept_invitation(page: Page, address: str, password: str) -> None:
    """The mail's link, then the new password twice. The next page asks to sign in, or goes on with the enrolment."""
    page.goto(address)
    fill(page, "New password", password)
    fill(page, "Confirm password", password)
    press(page, "Set new password")
    expect(page.get_by_label("Username", exact=True).or_(page.get_by_label("Authenticator app")).first).to_be_visible()


def enter_password(page: Page, person: Person) -> None:
    """User name, Next, password, Sign in; nothing where the pages already know who this is."""
    if page.get_by_label("Username", exact=True).count() == 0:
        return
    fill(page, "Username", person.username)
    press(page, "Next")
    fill(page, "Password", person.password)
    press(page, "Sign in")


def enroll_authenticator(page: Page, person: Person) -> None:
    """The forced enrolment: authenticator app, QR code shown, secret as text, one code, Assign MFA, Done."""
    page.get_by_label("Authenticator app").check()
    press(page, "Next")
    person.phone = set_up_app(page)


def set_up_app(page: Page) -> Authenticator:
    """The page with the QR code: a phone that has read it, and whose code was taken."""
    press(page, "Show QR code")
    expect(page.get_by_role("img", name=re.compile("QR code", re.IGNORECASE))).to_be_visible()
    press(page, "Show secret key")
    shown = page.get_by_test_id("mfa-secret").inner_text()
    phone = Authenticator(re.sub(r"\s", "", shown))
    fill(page, "Authenticator code", phone.code())
    press(page, "Assign MFA")
    press(page, "Done")
    return phone


def sign_in(page: Page, person: Person) -> None:
    """Password and second factor, from a page that asks for the user name. A session that lives is used as it is."""
    if page.get_by_label("Username", exact=True).count() == 0:
        return
    enter_password(page, person)
    assert person.phone is not None, f"{person.username} has no authenticator yet"
    fill(page, "MFA code", person.phone.code())
    press(page, "Sign in")


def allow_command_line(context: BrowserContext, address: str, person: Person) -> str:
    """The page that `aws configure sso` and `aws sso login` open (device code or PKCE): signs in where asked, confirms the
    code where one is shown, allows. Returns the code shown on the device page, or nothing."""
    page = context.new_page()
    page.goto(address)
    sign_in(page, person)
    confirm = page.get_by_role("button", name="Confirm and continue", exact=True)
    allow = page.get_by_role("button", name="Allow access", exact=True)
    expect(confirm.or_(allow).first).to_be_visible()
    shown = re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", page.locator("body").inner_text())
    code = shown.group(0) if shown else ""
    if confirm.count():
        confirm.click()
        sign_in(page, person)
    allow.click()
    expect(page.locator("body")).to_contain_text(re.compile("Request approved|close this (window|tab)|credentials have been shared", re.IGNORECASE))
    page.close()
    return code
