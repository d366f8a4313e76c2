#!/usr/bin/env python3
"""The article's path, played once with the real clients and shown as it goes. Called by ./quickstart.

The pages are played in a headless Chromium by the same helpers that the tests use (tests/support).
"""

import argparse
import contextlib
import json
import os
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
sys.dont_write_bytecode = True

import article  # noqa: E402
from administration import Administration, wait_until  # noqa: E402
from authenticator import Authenticator  # noqa: E402
from web_browser import chromium  # noqa: E402
from clients import Boto, Shell, newest_aws  # noqa: E402
from playwright.sync_api import BrowserContext, expect  # noqa: E402
from portal import Person, accept_invitation, allow_command_line, enroll_authenticator, enter_password  # noqa: E402
from server import REGION, Server, binary, cache_folder  # noqa: E402
from terminal import BrowserDoor, Terminal  # noqa: E402

WORK = ROOT / "build" / "quickstart"
STATE = WORK / "state.json"
PROGRAMS = WORK / "bin"
KUBECONFIG = WORK / "kubeconfig"
AUTHORITY = WORK / "authority.pem"
MAIL = "eksadmin@yourdomain.com"
USUAL_PORT = 7443
NODES_SECONDS_MAX = 180
TERMINAL = sys.stdout.isatty()
COLOUR = TERMINAL and "NO_COLOR" not in os.environ


class Refusal(Exception):
    """What a person can read and act on."""


def paint(code: str, text: str) -> str:
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def title(text: str) -> None:
    print(f"\n{paint('1', text)}", flush=True)


def note(text: str) -> None:
    print(f"  {paint('2', text)}", flush=True)


def typed(script: str) -> None:
    for number, line in enumerate(script.splitlines()):
        print(f"{paint('36', '$ ' if number == 0 else '> ')}{line}".rstrip(), flush=True)


@contextlib.contextmanager
def clock(text: str) -> Iterator[None]:
    """Says that something goes on: a running clock at a terminal, elsewhere a line every half minute."""
    done = threading.Event()
    began = time.monotonic()

    def tell() -> None:
        while not done.wait(0.5 if TERMINAL else 30):
            seconds = f"{time.monotonic() - began:.0f} s"
            if TERMINAL:
                print(f"\r\033[K  {paint('36', '·')} {text} {paint('2', seconds)}", end="", flush=True)
            else:
                print(f"  {text}: {seconds} so far", flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
        if TERMINAL:
            print("\r\033[K", end="", flush=True)
    if time.monotonic() - began > 10:
        note(f"({time.monotonic() - began:.0f} s)")


def show(shell: Shell, script: str, *, live: bool = False, seconds: int = 900) -> str:
    """Prints the lines as typed, runs them, prints what they printed (`live`: as they print it)."""
    typed(script)
    if live:
        with subprocess.Popen(["sed", "-u", "s/^/  /"], stdin=subprocess.PIPE) as indent:
            run = shell.run(script, check=False, seconds=seconds, out=indent.stdin)
    else:
        with clock("running"):
            run = shell.run(script, check=False, seconds=seconds)
        for line in run.stdout.rstrip().splitlines():
            print(f"  {line}".rstrip(), flush=True)
    if run.returncode != 0:
        raise Refusal(f"This command failed (exit code {run.returncode}):\n{run.stderr.strip()}")
    return run.stdout


class LastingServer(Server):
    """A server that outlives this script: ended by `sekisho stop`."""

    def launch(self) -> None:
        self.log.touch(mode=0o600)
        out = self.log.with_suffix(".ready")
        with self.log.open("ab") as log, out.open("wb") as ready:
            process = subprocess.Popen([str(binary()), "serve", "--home", str(self.home)], env=self._own_environment(),
                                       stdin=subprocess.DEVNULL, stdout=ready, stderr=log, start_new_session=True)

        def address() -> str | None:
            if process.poll() is not None:
                raise Refusal(f"The server ended by itself (exit code {process.returncode}). Its last words, of {self.log}:\n"
                              + self.log_end(5))
            found = re.search(r"^ready (https://\S+)", out.read_text(), re.MULTILINE)
            return found.group(1) if found else None

        self.url = wait_until(f"the server (its log: {self.log})", address, seconds=60)

    def answers(self) -> bool:
        return self.command("status", check=False).returncode == 0

    def is_outdated(self) -> bool:
        """The program was built anew since this server was started."""
        ready = self.log.with_suffix(".ready")
        return ready.exists() and binary().stat().st_mtime > ready.stat().st_mtime


def choose_home() -> Path:
    """`~/.sekisho`, which every command finds by itself, unless it is someone's already."""
    usual = Path.home() / ".sekisho"
    return WORK / "home" if usual.exists() else usual


def choose_port() -> int:
    """The usual one, or the next that nobody listens on."""
    for port in range(USUAL_PORT, USUAL_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise Refusal(f"No port from {USUAL_PORT} to {USUAL_PORT + 99} is free on 127.0.0.1.")


def make_home(server: LastingServer) -> None:
    port = choose_port()
    if port == USUAL_PORT:
        server.init()
    else:
        server.init("--public-url", f"https://localhost:{port}")
        configuration = server.home / "sekisho.yaml"
        with configuration.open("a", encoding="utf-8") as file:
            file.write(f"\nlisten: 127.0.0.1:{port}\n")
        note(f"port {USUAL_PORT} is taken by another program: {port} is used")
    note(f"home {server.home}: keys, authorities, the management account and its administrator")


def make_programs(clients_home: Path) -> None:
    """aws, eksctl, kubectl and sekisho for this script and for going on by hand. The aws CLI keeps its sign-in under HOME, so it
    gets one of its own, as does eksctl, which uses that sign-in; a browser that is opened gets the person's."""
    PROGRAMS.mkdir(exist_ok=True)
    for name, target in (("kubectl", cache_folder() / "kubectl"), ("sekisho", binary())):
        (PROGRAMS / name).unlink(missing_ok=True)
        (PROGRAMS / name).symlink_to(target)
    for name, target in (("aws", newest_aws()), ("eksctl", cache_folder() / "eksctl")):
        program = PROGRAMS / name
        program.write_text(f"#!/bin/sh\n# {name} with the quick start's sign-in, apart from your own ~/.aws.\n"
                           'export BROWSER="${BROWSER:-env HOME=$HOME xdg-open %s}"\n'
                           f'HOME={shlex.quote(str(clients_home))} exec {shlex.quote(str(target))} "$@"\n')
        program.chmod(0o755)


def make_shell(server: LastingServer) -> Shell:
    environment = server.environment()
    environment |= {"PATH": f"{PROGRAMS}:{environment['PATH']}", "KUBECONFIG": str(KUBECONFIG)}
    return Shell(environment, WORK)


def organization(shell: Shell, administration: Administration, browser: BrowserContext) -> str:
    title("AWS Organizations")
    show(shell, article.CREATE_ORGANIZATION)
    seen = json.loads(show(shell, article.DESCRIBE_ORGANIZATION))["Organization"]
    with clock("the browser"):
        page = browser.new_page()
        page.goto(administration.link_in_mail(seen["MasterAccountEmail"], "erify"))
        expect(page.locator("body")).to_contain_text(re.compile("verified", re.IGNORECASE))
        page.close()
    note(f"browser: the link in the mail to {seen['MasterAccountEmail']} opened, the address is verified")
    request = json.loads(show(shell, article.CREATE_ACCOUNT))["CreateAccountStatus"]["Id"]

    def account() -> str | None:
        status = json.loads(shell.run(f"aws organizations describe-create-account-status --create-account-request-id {request}").stdout)
        return status["CreateAccountStatus"].get("AccountId")

    with clock("the account is being made"):
        made = wait_until("the member account", account)
    note(f"account {made} is there, with its OrganizationAccountAccessRole")
    return made


def single_sign_on(administration: Administration, account: str) -> str:
    title("IAM Identity Center")
    note("The article clicks these steps in AWS's console. Here they are API calls, in its order.")
    directory = administration.enable_identity_center()
    note(f"enable           user portal {directory.portal_url}")
    administration.require_mfa(directory)
    note("MFA              at every sign-in; someone without a device registers one at sign-in")
    group = administration.create_group(directory, article.GROUP)
    note(f"group            {article.GROUP}")
    permission_set = administration.create_permission_set(directory)
    note(f"permission set   {article.PERMISSION_SET}: ViewOnlyAccess, and inline eks:* and sts:AssumeRole")
    administration.assign(directory, permission_set, account, group)
    note(f"assignment       {article.GROUP} gets {article.PERMISSION_SET} in account {account}")
    administration.invite_user(directory, article.USER, MAIL, group)
    note(f"user             {article.USER} in {article.GROUP}, invited by mail to {MAIL}")
    return directory.portal_url


def sign_up(browser: BrowserContext, administration: Administration, account: str) -> Person:
    title("Sign up, in the browser")
    person = Person(article.USER, f"Q{secrets.token_urlsafe(12)}7!a")
    with clock("the browser"):
        page = browser.new_page()
        accept_invitation(page, administration.link_in_mail(MAIL, "Invitation"), person.password)
        enter_password(page, person)
    note("the mail's link opened, invitation accepted, password set, signed in with it")
    with clock("the browser"):
        enroll_authenticator(page, person)
    note("authenticator app registered: QR code shown, its code confirmed")
    expect(page.get_by_text(account)).to_be_visible()
    note(f"the portal lists account {account}")
    page.close()
    return person


def configure_command_line(shell: Shell, browser: BrowserContext, person: Person, portal: str) -> None:
    title("The CLI's profile")
    typed("aws configure sso")
    door = BrowserDoor(WORK)
    with clock("the terminal and the browser"), \
            Terminal(["aws", "configure", "sso"], shell.environment | door.environment(), WORK) as terminal:
        terminal.answer(r"SSO session name \(Recommended\):", "eks")
        terminal.answer(r"SSO start URL \[None\]:", portal)
        terminal.answer(r"SSO [Rr]egion \[None\]:", REGION)
        terminal.answer(r"SSO registration scopes", "")
        allow_command_line(browser, door.address(), person)
        terminal.answer(r"[Dd]efault client Region", REGION)
        terminal.answer(r"default output format", "json")
        terminal.answer(r"rofile name", article.PROFILE)
        code = terminal.wait_for_end()
        shown = terminal.screen().split("[ended with")[0]
    previous = ""
    for line in shown.splitlines():
        if line.strip() and line != previous:  # a prompt that the terminal drew twice is one prompt
            print(f"  {line.rstrip()}", flush=True)
        previous = line
    if code != 0:
        raise Refusal(f"aws configure sso ended with exit code {code}")
    note("browser: it opened the address above; access was allowed there")


def sign_in_again(shell: Shell, state: dict[str, str]) -> None:
    """A later run: the sign-in session of the first one may have ended."""
    with clock("is the sign-in still good"):
        signed_in = shell.run(article.CALLER_IDENTITY, check=False).returncode == 0
    if signed_in:
        note(f"{article.USER} is still signed in (profile {article.PROFILE})")
        return
    command = ["aws", "sso", "login", "--profile", article.PROFILE]
    typed(shlex.join(command))
    door = BrowserDoor(WORK)
    person = Person(article.USER, state["password"], Authenticator(state["seed"]))
    with (clock("the browser"), chromium(WORK, AUTHORITY) as browser,
          Terminal(command, shell.environment | door.environment(), WORK) as terminal):
        allow_command_line(browser, door.address(), person)
        code = terminal.wait_for_end()
    if code != 0:
        raise Refusal(f"aws sso login ended with exit code {code}. `./quickstart --fresh` begins again.")
    note("browser: signed in with password and code, access allowed")


def roles_and_cluster(shell: Shell) -> None:
    show(shell, article.CALLER_IDENTITY)
    title("The role that makes the cluster")
    for script in (article.NAMES, article.TRUST_FILE, article.POLICY_FILE, article.INTO_MEMBER_ACCOUNT, article.CREATOR_ROLE,
                   article.BECOME_CREATOR):
        show(shell, script)
    title("The cluster")
    show(shell, article.CREATE_CLUSTER, live=True)
    show(shell, article.FIND_CLUSTER)
    title("Kubernetes RBAC and IAM")
    for script in (article.MAP_ROLE, article.SHOW_MAP, article.KUBECONFIG):
        show(shell, script)
    note("The creator role's keys leave the shell; from here on it is the SSO role alone.")
    show(shell, article.WITHOUT_KEYS)


def use_it(shell: Shell) -> None:
    """A cluster that was just started with its server needs a moment until its nodes report."""
    def ready() -> int:
        return len(re.findall(r"^\S+\s+Ready\s", shell.run(article.NODES, check=False).stdout, re.MULTILINE))

    title("Use it")
    typed(article.NODES)
    with clock("the nodes report"):
        end = time.monotonic() + NODES_SECONDS_MAX
        while ready() != 2 and time.monotonic() < end:
            time.sleep(1)
        run = shell.run(article.NODES, check=False)
    print("\n".join(f"  {line}" for line in run.stdout.rstrip().splitlines()), flush=True)
    if len(re.findall(r"^\S+\s+Ready\s", run.stdout, re.MULTILINE)) != 2:
        raise Refusal(f"Two Ready nodes were expected.\n{run.stderr.strip()}")


def goodbye(server: LastingServer, state: dict[str, str]) -> None:
    home = "" if server.home == Path.home() / ".sekisho" else f" --home {shlex.quote(str(server.home))}"
    phone = Authenticator(state["seed"])
    remove = " ".join(shlex.quote(str(path)) for path in (server.home, WORK) if path == WORK or WORK not in path.parents)
    title("It runs. To go on by hand")
    print(f"""
  In your shell:
    export PATH={shlex.quote(str(PROGRAMS))}:$PATH KUBECONFIG={shlex.quote(str(KUBECONFIG))}
    eval "$(sekisho env{home})"
  then, for example:
    aws sts get-caller-identity --profile {article.PROFILE}
    kubectl get nodes
    eksctl get nodegroup --profile {article.PROFILE} --cluster $(aws eks list-clusters --query clusters --output text \\
      --profile {article.PROFILE})
    sekisho status
    sekisho mail               the mail so far; the newest in full: sekisho mail show

  In your browser (sekisho trust lets it know the portal's certificate; sekisho trust --remove takes that back):
    portal     {state['portal']}
    console    {state['portal'].removesuffix('/start')}/console    (a role of the portal opens it; or the keys of the default profile)
    user       {article.USER}
    password   {state['password']}
    MFA code   oathtool --totp --base32 {phone.secret}

  To stop, in that shell:     sekisho stop           (./quickstart starts it again)
  To remove, in that shell:   sekisho trust --remove (where it was trusted)
                              sekisho stop; rm -r {remove}
  To remove and begin again:  ./quickstart --fresh
""", flush=True)


def load_state(fresh: bool) -> tuple[LastingServer, dict[str, str]]:
    """What an earlier run left. One that broke off, or whose home is gone, is begun again."""
    state: dict[str, str] = json.loads(STATE.read_text()) if STATE.exists() else {}
    if state:
        server = LastingServer(Path(state["home"]), WORK / "clients")
        if fresh or "seed" not in state or not server.home.exists():
            note("what an earlier run left is removed")
            server.command("stop", check=False)
            shutil.rmtree(server.home, ignore_errors=True)
            shutil.rmtree(WORK)
            state = {}
    WORK.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not state:
        state = {"home": str(choose_home())}
        STATE.touch(mode=0o600)
        STATE.write_text(json.dumps(state))
    server = LastingServer(Path(state["home"]), WORK / "clients")
    server.log = WORK / "server.log"
    return server, state


def play(fresh: bool) -> None:
    title("The server")
    server, state = load_state(fresh)
    if not server.home.exists():
        make_home(server)
    if server.is_outdated() and server.answers():
        server.command("stop")
        note("the program is newer than the running server: stopped, started again")
    if not server.answers():
        with clock("starting"):
            server.launch()
    make_programs(server.clients_home)
    shell = make_shell(server)
    note(f"it answers at {shell.environment['AWS_ENDPOINT_URL']}; its log: {server.log}")
    AUTHORITY.write_text(server.command("ca", "print").stdout, encoding="ascii")
    if "seed" in state:
        sign_in_again(shell, state)
    else:
        administration = Administration(Boto(server, WORK))
        with chromium(WORK, AUTHORITY) as browser:
            account = organization(shell, administration, browser)
            portal = single_sign_on(administration, account)
            person = sign_up(browser, administration, account)
            configure_command_line(shell, browser, person, portal)
        assert person.phone is not None
        roles_and_cluster(shell)
        use_it(shell)
        STATE.write_text(json.dumps(state | {"portal": portal, "password": person.password, "seed": person.phone.secret}))
        goodbye(server, json.loads(STATE.read_text()))
        return
    use_it(shell)
    goodbye(server, state)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./quickstart", description=__doc__.splitlines()[0])
    parser.add_argument("--fresh", action="store_true", help="remove what an earlier run left, and begin again")
    fresh = parser.parse_args().fresh
    try:
        play(fresh)
        return 0
    except KeyboardInterrupt:
        problem = "Interrupted."
    except Exception as error:  # whatever a step met, a person reads it, not a trace
        problem = str(error) or repr(error)
        if "SEKISHO_TRACE" in os.environ:
            raise
    print(f"\n{paint('31', problem)}\n\nThe server's log: {WORK / 'server.log'}\n`./quickstart` again goes on, or begins again "
          "where the path was not walked to its end (SEKISHO_TRACE=1 shows where it failed).", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
