"""Debian's Chromium, driven by Playwright, trusting our authority the way a user's browser would: by its own store."""

import atexit
import functools
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, ViewportSize, expect, sync_playwright
from server import ROOT

CHROMIUM = "/usr/bin/chromium"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
# As root there is no sandbox; the rest keeps Chromium from calling its maker's hosts.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")
PAGE_MILLISECONDS_MAX = 20_000
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)


def trust(home: Path, certificate: Path) -> None:
    """Puts an authority into the NSS database of the user whose home this is."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True, exist_ok=True)
    place = ["-d", f"sql:{database}"]
    if not (database / "cert9.db").exists():
        subprocess.run(["certutil", *place, "-N", "--empty-password"], check=True)
    subprocess.run(["certutil", *place, "-A", "-t", "C,,", "-n", "sekisho", "-i", str(certificate)], check=True)


@functools.cache
def _playwright() -> Playwright:
    """One driver for the process: Playwright refuses a second one beside it, and a test may need two browsers."""
    driver = sync_playwright().start()
    atexit.register(driver.stop)
    return driver


@contextmanager
def chromium(folder: Path, certificate: Path | None) -> Iterator[BrowserContext]:
    """A browser with an empty profile. Script errors and refused content-security-policy loads fail the test at its
    end, as an uncaught error would."""
    home = folder / "browser"
    home.mkdir(parents=True, exist_ok=True)
    if certificate:
        trust(home, certificate)
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
    context = _playwright().chromium.launch_persistent_context(
        str(home / "profile"), executable_path=CHROMIUM, headless=True, args=list(FLAGS), env=environment,
        chromium_sandbox=False, locale="en-US", viewport=DESK,
        permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PAGE_MILLISECONDS_MAX)
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda message: problems.append(message.text)
               if "Content Security Policy" in message.text else None)
    try:
        yield context
        assert problems == []
    finally:
        context.close()


def picture(page: Page, folder: Path, name: str) -> None:
    """A screenshot to look at: build/screenshots/<name>.png."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"{re.sub('[^a-z0-9]+', '-', name.lower())}.png"), full_page=True)


def axe(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds against WCAG 2.2 AA. Run outside the page's content security policy, as a debugger is."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']})")
    return [{"rule": found["id"], "nodes": [f"{node['html'][:200]}: {node['failureSummary']}" for node in found["nodes"]]}
            for found in result["violations"]]


def look_at(page: Page, folder: Path, name: str) -> None:
    """One of the portal's pages in both widths: pictures, nothing over the side, one heading; and axe, light and dark."""
    for width, size in (("desk", DESK), ("phone", PHONE)):
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px too wide at {width}"
        picture(page, folder, f"{name}-{width}")
    page.set_viewport_size(DESK)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.emulate_media(reduced_motion="reduce")
    chosen = page.locator("html").get_attribute("data-theme")
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        found = axe(page)
        assert not found, f"{name}, {theme}: {found}"
    page.evaluate("theme => theme ? document.documentElement.dataset.theme = theme : delete document.documentElement.dataset.theme",
                  chosen)


def look_in_other_language(page: Page, name: str) -> None:
    """The page's address, opened beside it in the other language, once more for axe. Where what is shown answers a form, it
    is the page that its address leads to."""
    cookie, place = "__Host-sekisho-language", re.match(r"https://[^/]+/", page.url)
    assert place
    other = "en" if page.locator("html").get_attribute("lang") == "ja" else "ja"
    before = [known for known in page.context.cookies(place.group(0)) if known.get("name") == cookie]
    page.context.add_cookies([{"name": cookie, "value": other, "url": place.group(0)}])
    beside = page.context.new_page()
    try:
        beside.goto(page.url)
        expect(beside.locator("html")).to_have_attribute("lang", other)
        found = axe(beside)
        assert not found, f"{name}, {other}: {found}"
        wide = beside.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px too wide in {other}"
    finally:
        beside.close()
        page.context.clear_cookies(name=cookie)
        if before:
            page.context.add_cookies([{"name": cookie, "value": before[0]["value"], "url": place.group(0)}])  # type: ignore[typeddict-item]
        page.bring_to_front()
