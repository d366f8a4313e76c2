#!/usr/bin/env python3
"""When a page shows its first content: the portal's and the console's, in Chromium over loopback, and how much script each
loads. First paints are those of the Performance API (first-contentful-paint, counted from the navigation's start), in
profiles that know nothing ("first visit") and once more in the same ones. Prints Markdown, for docs/performance.md.

    python tests/bench/first_paint.py      (with the tests' Python: source tools/setup.sh; setup_python; $SEKISHO_PYTHON ...)
"""

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.path[0:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]

from administration import Administration  # noqa: E402
from clients import Boto  # noqa: E402
from playwright.sync_api import BrowserContext, Page, expect  # noqa: E402
from portal import Person, enter_password  # noqa: E402
from server import RECORDS, Server, running_server  # noqa: E402
from table import table  # noqa: E402
from web_browser import chromium  # noqa: E402

VISITS = 7
PERSON = Person("measured", "Correct-horse-7")
PAGES = {"portal: sign-in": "/signin", "portal: accounts and roles": "/start", "console: choose a role": "/console/"}
PAINT = """new Promise((done) => new PerformanceObserver((list) => {
    const entry = list.getEntriesByName('first-contentful-paint')[0];
    if (entry) done(entry.startTime);
}).observe({type: 'paint', buffered: true}))"""
# Of what came over the wire: the console's are brotli.
SCRIPTS = """performance.getEntriesByType('resource').filter((entry) => entry.initiatorType === 'script' || /\\.js$/.test(entry.name))
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""


@dataclass
class Visits:
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    script_bytes: int = 0


def prepare(server: Server, folder: Path) -> str:
    """Identity Center, one person, one account and role; signing in asks for the password only. The origin of the pages."""
    boto = Boto(server, folder)
    boto.client("organizations").create_organization(FeatureSet="ALL")
    administration = Administration(boto)
    directory = administration.enable_identity_center()
    administration.sekisho.update_mfa_settings(InstanceArn=directory.instance_arn, PromptMode="NEVER")
    group = administration.create_group(directory, "Measured")
    account = boto.client("sts").get_caller_identity()["Account"]
    administration.assign(directory, administration.create_permission_set(directory), account, group)
    user = administration.invite_user(directory, PERSON.username, "measured@example.com", group)
    administration.sekisho.set_password(IdentityStoreId=directory.identity_store_id, UserId=user, Password=PERSON.password,
                                        ChangeRequired=False)
    return directory.portal_url.removesuffix("/start")


def first_paint(page: Page, address: str) -> float:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return float(page.evaluate(PAINT))


def visit(browser: BrowserContext, origin: str, figures: dict[str, Visits]) -> None:
    """The pages in order: the sign-in is nobody's, what follows is a person's."""
    page = browser.new_page()
    page.goto("about:blank")  # the browser's own start is not the page's
    for name, path in PAGES.items():
        if path == "/start":
            page.goto(origin + "/start")
            enter_password(page, PERSON)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.close()
            session = browser.new_page()
            session.context.new_cdp_session(session).send("Network.clearBrowserCache")
            page = session
        visits = figures[name]
        visits.first.append(first_paint(page, origin + path))
        visits.script_bytes = int(page.evaluate(SCRIPTS))
        visits.again.append(first_paint(page, origin + path))
    page.close()


def measure(folder: Path) -> str:
    figures = {name: Visits() for name in PAGES}
    with running_server(folder, serve=RECORDS) as server:
        authority = folder / "authority.pem"
        authority.write_text(server.command("ca", "print").stdout, encoding="ascii")
        origin = prepare(server, folder)
        for number in range(VISITS):
            with chromium(folder / f"browser-{number}", authority) as browser:
                visit(browser, origin, figures)
    return table(["page", "first visit ms", "worst ms", "again ms", "script KiB"],
                 [[name, f"{statistics.median(of.first):.0f}", f"{max(of.first):.0f}", f"{statistics.median(of.again):.0f}",
                   f"{of.script_bytes / 1024:.1f}"] for name, of in figures.items()])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        print(measure(Path(work)))
