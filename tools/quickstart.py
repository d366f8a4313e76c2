#!/usr/bin/env python3
"""The article's path, played once with the real clients and shown as it goes. Called by ./quickstart.

The pages are played in a headless Chromium by the same helpers that the tests use (tests/support).
"""

import argparse
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
sys.dont_write_bytecode = True

import article  # noqa: E402
from administration import Administration, wait_until  # noqa: E402
from authenticator import Authenticator  # noqa: E402
from web_browser import chromium  # noqa: E402
from clients import Boto, Shell, cli, shell_environment  # noqa: E402
from portal import Person, accept_invitation, allow_command_line, enroll_authenticator, enter_password  # noqa: E402
from server import REGION, Server, binary  # noqa: E402
from terminal import BrowserDoor, Terminal  # noqa: E402

WORK = ROOT / "build" / "quickstart"
STATE = WORK / "state.json"
MAIL = "eksadmin@yourdomain.com"
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(code: str, text: str) -> str:
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def title(text: str) -> None:
    print(f"\n{paint('1', text)}", flush=True)


def note(text: str) -> None:
    print(f"  {paint('2', text)}", flush=True)


def show(shell: Shell, script: str, *, seconds: int = 900) -> str:
    """Prints the lines as typed, runs them, prints what they printed."""
    for number, line in enumerate(script.splitlines()):
        print(f"{paint('36', '$ ' if number == 0 else '> ')}{line}", flush=True)
    began = time.monotonic()
    output = shell.run(script, seconds=seconds).stdout
    if output.strip():
        print("\n".join(f"  {line}" for line in output.rstrip().splitlines()), flush=True)
    if time.monotonic() - began > 5:
        note(f"{time.monotonic() - began:.0f} s")
    return output


class LastingServer(Server):
    """A server that outlives this script: ended by `sekisho stop`."""

    def launch(self) -> None:
        self.log.touch(mode=0o600)
        out = self.log.with_suffix(".ready")
        with self.log.open("ab") as log, out.open("wb") as ready:
            subprocess.Popen([str(binary()), "serve", "--home", str(self.home)], env=self._own_environment(),
                             stdin=subprocess.DEVNULL, stdout=ready, stderr=log, start_new_session=True)

        def address() -> str | None:
            found = re.search(r"^ready (https://\S+)", out.read_text(), re.MULTILINE)
            return found.group(1) if found else None

        self.url = wait_until(f"the server (its log: {self.log})", address, seconds=30)

    def answers(self) -> bool:
        return self.command("status", check=False).returncode == 0


def choose_home() -> Path:
    """`~/.sekisho`, which every command finds by itself, unless it is someone's already."""
    usual = Path.home() / ".sekisho"
    return WORK / "home" if usual.exists() else usual


def organization(shell: Shell) -> str:
    title("AWS Organizations")
    show(shell, article.CREATE_ORGANIZATION)
    show(shell, article.DESCRIBE_ORGANIZATION)
    request = json.loads(show(shell, article.CREATE_ACCOUNT))["CreateAccountStatus"]["Id"]

    def account() -> str | None:
        status = json.loads(shell.run(f"aws organizations describe-create-account-status --create-account-request-id {request}").stdout)
        return status["CreateAccountStatus"].get("AccountId")

    return wait_until("the member account", account)


def single_sign_on(administration: Administration, account: str) -> str:
    title("IAM Identity Center (the article's console steps, by the API)")
    directory = administration.enable_identity_center()
    note(f"enabled; user portal URL {directory.portal_url}")
    administration.require_mfa(directory)
    note("MFA: every time they sign in; without a device, register one at sign-in")
    group = administration.create_group(directory, article.GROUP)
    permission_set = administration.create_permission_set(directory)
    administration.assign(directory, permission_set, account, group)
    note(f"group {article.GROUP}, permission set {article.PERMISSION_SET}, assigned to {account}")
    administration.invite_user(directory, article.USER, MAIL, group)
    note(f"user {article.USER}, invited by mail to {MAIL}")
    return directory.portal_url


def sign_up_and_configure(server: LastingServer, shell: Shell, administration: Administration, portal: str) -> Person:
    title("Sign up, in the browser")
    person = Person(article.USER, f"Q{secrets.token_urlsafe(12)}7!a")
    authority = WORK / "authority.pem"
    authority.write_text(server.command("ca", "print").stdout, encoding="ascii")
    with chromium(WORK, authority) as browser:
        page = browser.new_page()
        accept_invitation(page, administration.link_in_mail(MAIL, "Invitation"), person.password)
        note("invitation accepted, password set")
        enter_password(page, person)
        enroll_authenticator(page, person)
        note("signed in; QR code read into an authenticator app, code confirmed")
        page.close()
        title("The CLI's profile")
        print(f"{paint('36', '$ ')}aws configure sso", flush=True)
        door = BrowserDoor(WORK)
        with Terminal(["aws", "configure", "sso"], shell.environment | door.environment(), WORK) as terminal:
            terminal.answer(r"SSO session name \(Recommended\):", "eks")
            terminal.answer(r"SSO start URL \[None\]:", portal)
            terminal.answer(r"SSO [Rr]egion \[None\]:", REGION)
            terminal.answer(r"SSO registration scopes", "")
            allow_command_line(browser, door.address(), person)
            terminal.answer(r"[Dd]efault client Region", REGION)
            terminal.answer(r"default output format", "json")
            terminal.answer(r"rofile name", article.PROFILE)
            terminal.wait_for_end()
            shown = terminal.screen().split("To use this profile")[0]
            print("\n".join(f"  {line}" for line in shown.splitlines() if line.strip()), flush=True)
    return person


def sign_in_again(server: LastingServer, shell: Shell, state: dict[str, str]) -> None:
    """A later run: the sign-in session of the first one may have ended."""
    if shell.run(article.CALLER_IDENTITY, check=False).returncode == 0:
        return
    command = ["aws", "sso", "login", "--profile", article.PROFILE]
    print(f"{paint('36', '$ ')}{' '.join(command)}", flush=True)
    door = BrowserDoor(WORK)
    person = Person(article.USER, state["password"], Authenticator(state["seed"]))
    with (chromium(WORK, WORK / "authority.pem") as browser,
          Terminal(command, shell.environment | door.environment(), WORK) as terminal):
        allow_command_line(browser, door.address(), person)
        terminal.wait_for_end()


def roles_and_cluster(shell: Shell) -> None:
    show(shell, article.CALLER_IDENTITY)
    title("The role that makes the cluster")
    for script in (article.NAMES, article.TRUST_FILE, article.POLICY_FILE, article.INTO_MEMBER_ACCOUNT, article.CREATOR_ROLE,
                   article.BECOME_CREATOR):
        show(shell, script)
    title("The cluster")
    for script in (article.CLUSTER_ROLES, article.CREATE_CLUSTER, article.CREATE_NODEGROUP, article.FIND_CLUSTER):
        show(shell, script)
    title("Kubernetes RBAC and IAM")
    for script in (article.CREATOR_KUBECONFIG, article.MAP_ROLE, article.SHOW_MAP, article.KUBECONFIG, article.WITHOUT_KEYS):
        show(shell, script)


def goodbye(server: LastingServer, state: dict[str, str]) -> None:
    home = f" --home {server.home}" if server.home != Path.home() / ".sekisho" else ""
    phone = Authenticator(state["seed"])
    title("It runs. To go on by hand")
    print(f"""
  portal      {state['portal']}
              user {article.USER}, password {state['password']}
              MFA code by: oathtool --totp --base32 {phone.secret}
  mail        build/release/sekisho mail{home}
  your shell  eval "$(build/release/sekisho env{home})"
              export HOME={server.clients_home} KUBECONFIG={WORK}/kubeconfig
              aws sts get-caller-identity --profile {article.PROFILE}
  trust       build/release/sekisho trust{home}    (so that your browser knows the portal)
  stop        build/release/sekisho stop{home}
  remove      ./quickstart --fresh begins again; rm -r {server.home} {WORK} removes all
""")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fresh", action="store_true", help="remove what an earlier run left, and begin again")
    fresh = parser.parse_args().fresh
    WORK.mkdir(parents=True, exist_ok=True, mode=0o700)
    state: dict[str, str] = json.loads(STATE.read_text()) if STATE.exists() else {"home": str(choose_home())}
    server = LastingServer(Path(state["home"]), WORK / "clients")
    server.log = WORK / "server.log"
    if fresh or ("begun" in state and "seed" not in state):  # an earlier run that broke off is begun again
        server.command("stop", check=False)
        shutil.rmtree(server.home, ignore_errors=True)
        shutil.rmtree(WORK)
        (WORK / "clients").mkdir(parents=True, mode=0o700)
        state = {"home": str(server.home)}

    title("The server")
    STATE.touch(mode=0o600)
    STATE.write_text(json.dumps(state))
    if not server.home.exists():
        server.init()
        note(f"home {server.home}: authorities, management account, administrator")
    if not server.answers():
        server.launch()
    note("running")
    server.url = server.environment()["AWS_ENDPOINT_URL"]
    shell = Shell(shell_environment(server, cli("newest-endpoint"), WORK), WORK)
    if "seed" not in state:
        STATE.write_text(json.dumps(state | {"begun": "yes"}))
        administration = Administration(Boto(server, WORK))
        account = organization(shell)
        portal = single_sign_on(administration, account)
        person = sign_up_and_configure(server, shell, administration, portal)
        assert person.phone is not None
        roles_and_cluster(shell)
        state |= {"portal": portal, "password": person.password, "seed": person.phone.secret}
        STATE.write_text(json.dumps(state))
    else:
        sign_in_again(server, shell, state)
    title("Use it")
    show(shell, article.NODES)
    goodbye(server, state)


if __name__ == "__main__":
    main()
