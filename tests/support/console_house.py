"""A server with record clusters, a browser, and the console in it with the administrator's access keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from article import USER
from clients import Boto, Keys, default_keys
from console import Console, picture_of
from playwright.sync_api import BrowserContext, expect
from portal import Person
from server import RECORDS, Server, running_server
from web_browser import DESK, PHONE, axe, chromium


@dataclass
class House:
    server: Server
    boto: Boto
    browser: BrowserContext
    console: Console  # with the administrator's access keys
    keys: Keys
    folder: Path
    authority: Path
    person: Person
    account: str = ""  # the member account


@contextmanager
def console_house(folder: Path, language: str) -> Iterator[House]:
    with running_server(folder, serve=RECORDS) as server:
        authority = folder / "authority.pem"
        authority.write_text(server.command("ca", "print").stdout, encoding="ascii")
        boto = Boto(server, folder)
        with chromium(folder, authority) as browser:
            console = Console(browser.new_page(), f"https://localhost:{server.port}", language)
            yield House(server, boto, browser, console, default_keys(boto.environment), folder, authority,
                        Person(USER, "Correct-horse-7"))


# Elements that make the page wider than the window.
OVER_THE_SIDE = """document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
    [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120))"""


def look(console: Console, name: str) -> None:
    """axe, both widths, one heading, nothing over the side, no error so far; pictures."""
    page = console.page
    console.settle()
    for width, size in (("desk", DESK), ("phone", PHONE)):
        page.set_viewport_size(size)
        for _ in range(20):  # components follow a new width a moment later
            wide = page.evaluate(OVER_THE_SIDE)
            if not wide:
                break
            page.wait_for_timeout(100)
        assert not wide, f"{name} at {width}: {wide}"
        picture_of(console, f"{console.language}-{name}-{width}")
    page.set_viewport_size(DESK)
    console.show_navigation()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert axe(console.page) == [], name
    assert page.locator("html").get_attribute("lang") == console.language
    assert console.errors == [], name
