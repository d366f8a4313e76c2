"""`sekisho trust` is enough for a browser and for the system's clients, and `--remove` takes all of it back. Browsers are
tried in a home of their own, the system's store in a mount namespace: the machine keeps what it trusts."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error
from server import Server, binary
from web_browser import chromium


@pytest.fixture(scope="module")
def server(module_folder: Path) -> Iterator[Server]:
    """Its commands and Chromium have one HOME."""
    running = Server(module_folder / "home", module_folder / "browser")
    running.init()
    running.start()
    yield running
    running.stop()


def opens(server: Server, folder: Path) -> bool:
    """Whether Chromium, with nothing but its user's store, shows the portal."""
    with chromium(folder, None) as browser:
        page = browser.new_page()
        try:
            answer = page.goto(f"https://localhost:{server.port}/start")
        except Error as refused:
            assert "ERR_CERT_AUTHORITY_INVALID" in refused.message, refused.message
            return False
        assert answer is not None and answer.status < 500
        return True


def test_chromium_trusts_the_portal_until_it_is_taken_back(server: Server, module_folder: Path) -> None:
    assert not opens(server, module_folder)
    assert "added        browser database" in server.command("trust", "--browsers").stdout
    assert opens(server, module_folder)
    server.command("trust", "--browsers")  # a second time changes nothing for the worse
    assert opens(server, module_folder)
    assert "removed      browser database" in server.command("trust", "--browsers", "--remove").stdout
    assert not opens(server, module_folder)
    again = server.command("trust", "--browsers", "--remove", check=False)
    assert again.returncode == 1 and "it did not trust this authority" in again.stdout, again.stdout


def test_firefox_profiles_are_found(server: Server, module_folder: Path) -> None:
    profile = module_folder / "browser" / ".mozilla" / "firefox" / "abcd.default"
    profile.mkdir(parents=True)
    subprocess.run(["certutil", "-N", "-d", f"sql:{profile}", "--empty-password"], check=True)

    def listed() -> str:
        return subprocess.run(["certutil", "-L", "-d", f"sql:{profile}"], check=True, stdout=subprocess.PIPE, text=True).stdout

    server.command("trust", "--browsers")
    assert listed().count("Sekisho server authority") == 1
    server.command("trust", "--browsers", "--remove")
    assert "Sekisho" not in listed()


@pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace needs root")
def test_the_system_trusts_it_until_it_is_taken_back(server: Server, tmp_path: Path) -> None:
    script = """
        mkdir "$work/local" "$work/certs"
        cp -a /etc/ssl/certs/. "$work/certs/"
        mkdir -p /usr/local/share/ca-certificates
        mount --bind "$work/local" /usr/local/share/ca-certificates
        mount --bind "$work/certs" /etc/ssl/certs
        look() { local code=0; curl -sS -o "$work/answer" "$url/healthz" 2>>"$work/errors" || code=$?; echo "curl $code"; }
        look; "$sekisho" trust --home "$home"; look; cat "$work/answer"; "$sekisho" trust --remove --home "$home"; look
        ls "$work/local" | wc -l
    """
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path), "work": str(tmp_path), "home": str(server.home),
             "url": f"https://localhost:{server.port}", "sekisho": str(binary())}
    run = subprocess.run(["unshare", "-m", "bash", "-ec", script], env=clean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, check=False)
    lines = [line for line in run.stdout.splitlines() if line.startswith(("curl", "ok", "added", "removed", "0"))]
    assert [line.split()[0] for line in lines if not line.startswith("curl")] == \
        ["added", "added", "ok", "removed", "removed", "0"], run.stdout
    assert [line for line in lines if line.startswith("curl")] == ["curl 60", "curl 0", "curl 60"], run.stdout


def test_without_root_the_system_is_left_alone_and_says_so(server: Server) -> None:
    if os.geteuid() != 0:
        run = server.command("trust")
        assert "it needs root: sudo sekisho trust --home" in run.stdout
        return
    # root lends the home and the program to a user without rights, read-only for once
    run = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all", "--ambient-caps=-all",
                          str(binary()), "trust", "--home", str(server.home)],
                         env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, check=False)
    assert run.returncode == 1 and "cannot read the home" in run.stderr, run.stderr
