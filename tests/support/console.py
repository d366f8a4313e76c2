"""What an administrator does in the console, by the names its pages show, in the language that is chosen."""

import re
from functools import cache
from pathlib import Path

from clients import Keys
from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect
from server import ROOT

# A page asks the server several times before it is whole; a busy machine needs its time.
expect.set_options(timeout=20_000)

TEXTS = ROOT / "web" / "src" / "texts"
# Operations that say "there is none" with an error, as AWS's do.
NONE_THERE = {"DescribeOrganization", "GetPermissionsBoundaryForPermissionSet", "DescribeInstanceAccessControlAttributeConfiguration"}
KEPT = "**/console/preferences"  # the door that keeps language and theme for all pages
PAIR = re.compile(r'(\w+): \[\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)",?\s*\]')


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Every text of the console: "identity_more.hours" -> English, Japanese."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(TEXTS.glob("*.ts")):
        for key, english, japanese in PAIR.findall(path.read_text(encoding="utf-8")):
            found[f"{path.stem}.{key}"] = (english.replace('\\"', '"'), japanese.replace('\\"', '"'))
    return found


class Console:
    """One page of the console. `t("identity.users")` is a text in its language."""

    def __init__(self, page: Page, origin: str, language: str) -> None:
        self.page = page
        self.origin = origin
        self.language = language
        self.errors: list[str] = []
        page.emulate_media(reduced_motion="reduce")  # what fades in has no contrast yet
        page.on("console", self._hear)
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        # Refused requests are listed by _see, with their names.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _see(self, response: Response) -> None:
        operation = response.request.headers.get("x-amz-target", response.url).rpartition(".")[2]
        if response.status >= 400 and operation not in NONE_THERE:
            self.errors.append(f"{response.status} {operation}")

    def t(self, name: str, *values: str) -> str:
        text = catalogue()[name][0 if self.language == "en" else 1]
        for index, value in enumerate(values):
            text = text.replace(f"{{{index}}}", value)
        return text

    def sign_in_with_keys(self, keys: Keys) -> None:
        self.page.goto(f"{self.origin}/console/")
        self.button("common.keysTitle").click()
        self.fill("common.accessKeyId", keys.access_key_id)
        self.fill("common.secretAccessKey", keys.secret_access_key)
        self.press("common.useKeys")
        self.heading("common.homeTitle")

    def choose_language(self) -> None:
        """From whatever it is now, by the menu."""
        self.page.locator("#top").get_by_role("button", name=re.compile("Settings|設定")).first.click()
        name = "English" if self.language == "en" else "日本語"
        with self.page.expect_response(KEPT):
            self.page.get_by_role("menuitem", name=re.compile(name)).click()
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    def choose_theme(self, name: str) -> None:
        """themeSystem, themeLight or themeDark, by the menu."""
        self.page.locator("#top").get_by_role("button", name=re.compile("Settings|設定")).first.click()
        with self.page.expect_response(KEPT):
            self.page.get_by_role("menuitem", name=re.compile(re.escape(self.t(f"common.{name}")))).click()

    def fill_to_confirm(self, word: str) -> None:
        """The word that a question asks for before something goes for ever."""
        self.page.get_by_label(self.t("common.typeToConfirm", word), exact=True).fill(word)

    def open(self, path: str) -> None:
        """By a link of the side navigation where there is one; else the address, within the page's life: a reload would
        forget typed keys."""
        link = self.page.get_by_role("navigation").locator(f'a[href="/console{path}"]')
        if link.count() and link.first.is_visible():
            link.first.click()
        else:
            self.page.evaluate("""(href) => {
                const anchor = document.body.appendChild(Object.assign(document.createElement('a'), {href}));
                anchor.click();
                anchor.remove();
            }""", f"/console{path}")
        expect(self.page).to_have_url(f"{self.origin}/console{path}")

    def show_navigation(self) -> None:
        """It closes on a phone, and stays closed on a desk."""
        toggle = self.page.get_by_role("button", name=self.t("common.openNavigation"), exact=True)
        if toggle.count() and toggle.is_visible() and self.page.get_by_role("dialog").count() == 0:
            toggle.click()
            self.page.wait_for_timeout(300)

    def heading(self, name: str, *values: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=self.t(name, *values), exact=True)).to_be_visible()

    def heading_text(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=text, exact=True)).to_be_visible()

    def button(self, name: str) -> Locator:
        text = self.t(name)
        return self.page.get_by_role("button", name=text, exact=True).or_(self.page.get_by_role("link", name=text, exact=True)).last

    def press(self, name: str) -> None:
        self.button(name).click()

    def fill(self, name: str, text: str) -> None:
        self.page.get_by_label(self.t(name), exact=True).last.fill(text)

    def fill_optional(self, name: str, text: str) -> None:
        self.page.get_by_label(f"{self.t(name)} - {self.t('common.optional')}", exact=True).last.fill(text)

    def said(self, name: str, *values: str) -> None:
        """The message above the page."""
        expect(self.page.get_by_text(self.t(name, *values)).first).to_be_visible()

    def choose_in(self, field: str, option: str, *, typed: str | None = None) -> None:
        """An option of a select or multiselect."""
        self.page.get_by_label(self.t(field), exact=True).locator("visible=true").last.click()
        if typed:
            self.page.keyboard.type(typed)
        self.page.get_by_role("option").filter(has_text=re.compile(f"^{re.escape(option)}")).first.click()
        # A list of many stays open; where none is, Escape would close the dialog around it.
        if self.page.get_by_role("option").locator("visible=true").count():
            self.page.keyboard.press("Escape")

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=re.compile(f"^{re.escape(self.t(name))}")).click()

    def select_row(self, name: str) -> None:
        # The box itself lies under a drawn one.
        self.page.get_by_label(self.t("common.selectItem", name), exact=True).last.check(force=True)

    def settle(self) -> None:
        """Until nothing loads any more."""
        self.page.wait_for_timeout(200)
        expect(self.page.get_by_test_id("loading")).to_have_count(0)
        expect(self.page.get_by_text(self.t("common.loading"), exact=True)).to_have_count(0)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()


def picture_of(console: Console, name: str) -> None:
    """build/screenshots/<name>.png, as the window shows it."""
    folder = Path(ROOT) / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    console.page.screenshot(path=str(folder / f"console-{name}.png"))
