"""Identity Center's own settings in the console, in both languages: codes for a first sign-in and names of roles that stay.
Two IAM users look: one may change them and one may only read. Screenshots are left in build/screenshots."""

import json
from collections.abc import Iterator

import pytest
from administration import Administration
from console import Console
from console_house import House, console_house, look
from login import IamUser, enter_iam_password
from playwright.sync_api import Locator, expect

SETTINGS = "/console/identity-center/settings"
OPTIONS = {"emailCodes": "EmailOneTimePasswords", "stableNames": "StableRoleNames"}


@pytest.fixture(scope="module", params=["en", "ja"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with console_house(tmp_path_factory.mktemp(f"settings-{request.param}"), request.param) as made:
        made.boto.client("organizations").create_organization(FeatureSet="ALL")
        Administration(made.boto).enable_identity_center()
        made.account = made.boto.client("sts").get_caller_identity()["Account"]
        yield made


def sign_in(house: House, name: str, *actions: str) -> Console:
    """As a new IAM user, whose session outlives a reload; at the settings, in the house's language."""
    user = IamUser(house.account, name, f"Harbour-{name}-42!")
    iam = house.boto.client("iam")
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password=user.password)
    iam.put_user_policy(UserName=name, PolicyName="settings", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}))
    console, page = house.console, house.console.page
    console.errors.clear()
    house.browser.clear_cookies()
    page.goto(f"{console.origin}/signin/iam?account={house.account}")
    enter_iam_password(page, user)
    expect(page.locator("#top")).to_contain_text(f"{name} @ {house.account}")
    if console.language == "ja":
        console.choose_language()
    return show_settings(console)


def show_settings(console: Console) -> Console:
    """Loaded anew: nothing that the page remembers counts."""
    console.page.goto(console.origin + SETTINGS)
    console.heading("common.settings")
    console.tab("identity_more.tabAuthentication")
    return console


def option(console: Console, name: str) -> Locator:
    return console.page.get_by_role("dialog").get_by_label(console.t(f"identity_more.{name}"), exact=True)


def open_dialog(console: Console, **shown: bool) -> None:
    """With what is kept now."""
    title = console.t("identity_more.centerOptions")
    console.page.get_by_role("button", name=f"{console.t('common.configure')}: {title}", exact=True).click()
    expect(console.page.get_by_role("dialog", name=title)).to_be_visible()
    for name, is_on in shown.items():
        expect(option(console, name)).to_be_checked(checked=is_on)


def expect_shown(console: Console, **shown: bool) -> None:
    """On the page, beside each option's name."""
    for name, is_on in shown.items():
        term = console.page.locator("dt").filter(has_text=console.t(f"identity_more.{name}"))
        expect(term.locator("xpath=following-sibling::dd")).to_have_text(console.t("common.yes" if is_on else "common.no"))


def expect_kept(house: House, **kept: bool) -> None:
    center = house.boto.client("sekisho").describe_identity_center()
    assert {name: center[OPTIONS[name]] for name in kept} == kept


def test_options_are_changed_and_kept(house: House) -> None:
    console = sign_in(house, "keeper", "sso:*", "sekisho:*")
    off = {"emailCodes": False, "stableNames": False}
    expect_shown(console, **off)
    # What is chosen and not saved is gone.
    open_dialog(console, **off)
    option(console, "stableNames").check()
    console.press("common.cancel")
    expect(console.page.get_by_role("dialog")).to_have_count(0)
    expect_kept(house, **off)
    open_dialog(console, **off)
    option(console, "stableNames").check()
    look(console, "50-center-options")
    console.press("common.save")
    console.said("identity_more.settingsSaved")
    expect_shown(console, emailCodes=False, stableNames=True)
    expect_kept(house, emailCodes=False, stableNames=True)
    show_settings(console)
    expect_shown(console, emailCodes=False, stableNames=True)
    open_dialog(console, emailCodes=False, stableNames=True)
    option(console, "stableNames").uncheck()
    option(console, "emailCodes").check()
    console.press("common.save")
    console.said("identity_more.settingsSaved")
    expect_kept(house, emailCodes=True, stableNames=False)
    show_settings(console)
    expect_shown(console, emailCodes=True, stableNames=False)
    look(console, "50-center-options-kept")
    house.boto.client("sekisho").update_identity_center(EmailOneTimePasswords=False)


def test_whoever_may_not_is_told_so_and_nothing_changes(house: House) -> None:
    console = sign_in(house, "reader", "sso:List*", "sso:Describe*", "sso:Get*", "sekisho:Describe*", "sekisho:Get*")
    off = {"emailCodes": False, "stableNames": False}
    open_dialog(console, **off)
    option(console, "stableNames").check()
    console.press("common.save")
    dialog = console.page.get_by_role("dialog")
    expect(dialog.get_by_test_id("aws-message")).to_contain_text("is not authorized to perform: sekisho:UpdateIdentityCenter")
    expect(dialog.get_by_text(console.t("common.deniedTitle"))).to_be_visible()
    [refused] = console.errors
    assert refused.endswith(" UpdateIdentityCenter")
    console.errors.clear()
    look(console, "50-center-options-refused")
    # The dialog stays, with what was chosen; the page says what is kept.
    expect(option(console, "stableNames")).to_be_checked()
    console.press("common.cancel")
    expect_shown(console, **off)
    expect_kept(house, **off)
    show_settings(console)
    expect_shown(console, **off)
