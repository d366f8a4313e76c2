"""The command line as a newcomer meets it: every command has help, every mistake is named with what to do about it, and the
shells load the completions."""

import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from administration import wait_until
from clients import Boto
from server import Server, binary

NO_SERVER = "no server runs in"


def sekisho(*arguments: str, home: Path | None = None, stdin: str | None = None, prefix: tuple[str, ...] = (),
            **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", **environment}
    where = ("--home", str(home)) if home else ()
    return subprocess.run([*prefix, str(binary()), *arguments, *where], env=variables, input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)


def commands() -> list[tuple[str, ...]]:
    """Every command path that the help of its parent names."""
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        path = waiting.pop()
        found.append(path)
        _, _, listed = sekisho(*path, "--help").stdout.partition("Subcommands:\n")
        waiting += [(*path, line.split()[0]) for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    return found


def test_every_command_and_option_has_help() -> None:
    paths = commands()
    assert {("serve",), ("mail", "show"), ("ca", "print"), ("policy", "decide")} <= set(paths)
    for path in paths:
        run = sekisho(*path, "--help")
        assert run.returncode == 0 and run.stderr == "", (path, run.stderr)
        assert "Usage: " in run.stdout, path
        options = [line for line in run.stdout.splitlines() if line.startswith("  -")]
        # A description stands behind the option, or alone on the next line.
        lines = run.stdout.splitlines()
        for option in options:
            text = option[28:].strip() or lines[lines.index(option) + 1].strip()
            assert len(text) > 2, f"{' '.join(path)}: {option}"


@pytest.mark.parametrize(("arguments", "says"), [
    ((), "A subcommand is required"),
    (("srve",), "there is no command srve"),
    (("ca", "prnt"), "there is no command prnt"),
    (("serve", "--nonsense"), "--nonsense"),
    (("mail", "show", "--nonsense"), "See: sekisho mail show --help"),
    (("completion",), "See: sekisho completion --help"),
    (("completion", "tcsh"), "bash"),
    (("backup",), "file is required"),
    (("serve", "--listen"), "--listen"),
])  # fmt: skip
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...], says: str) -> None:
    run = sekisho(*arguments)
    assert run.returncode == 2 and run.stdout == "", run
    assert says in run.stderr and "See: sekisho" in run.stderr, run.stderr


@pytest.mark.parametrize("command", ["serve", "status", "stop", "env", "mail", "ca print", "trust", "recover", "check",
                                     "restore FILE", "backup FILE"])
def test_without_a_home_every_command_says_how_to_make_one(tmp_path: Path, command: str) -> None:
    run = sekisho(*command.split(), home=tmp_path / "none")
    assert run.returncode == 1 and run.stdout == "", run
    assert run.stderr == f"sekisho: there is no Sekisho home in {tmp_path}/none; make one: sekisho init --home {tmp_path}/none\n"


@pytest.mark.parametrize("command", ["status", "stop", "env", "mail", "mail show latest", "backup FILE"])
def test_without_a_server_clients_say_how_to_start_one(tmp_path: Path, command: str) -> None:
    assert sekisho("init", home=tmp_path / "home").returncode == 0
    run = sekisho(*command.split(), home=tmp_path / "home")
    assert run.returncode == 1 and run.stdout == "", run
    assert run.stderr == f"sekisho: {NO_SERVER} {tmp_path}/home; start it: sekisho serve --home {tmp_path}/home\n"


def test_init_says_what_comes_next_and_touches_nothing_that_is_there(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = sekisho("init", home=home)
    assert f"sekisho serve --home {home}" in made.stdout and "aws sts get-caller-identity" in made.stdout
    secret = (home / "aws/credentials").read_text().split("aws_secret_access_key = ")[1].strip()
    assert secret not in made.stdout + made.stderr
    before = sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*"))
    again = sekisho("init", home=home)
    assert again.returncode == 1 and "is not an empty directory" in again.stderr
    assert sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*")) == before
    assert {oct(path.stat().st_mode & 0o777) for path in [home, *home.rglob("*")] if path.is_dir()} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in home.rglob("*") if path.is_file()} == {"0o600"}


@pytest.mark.parametrize(("option", "says"), [
    (("--public-url", "http://sso.example.com"), "--public-url must be https://"),
    (("--public-url", "https://sso.example.com/path"), "--public-url must be https://"),
    (("--region", "nowhere"), "--region must be the name of an AWS region"),
    (("--email", "nobody"), "--email must be an address"),
    (("--account-name", ""), "--account-name must have 1 to 50 characters"),
])  # fmt: skip
def test_init_refuses_bad_values_and_leaves_nothing(tmp_path: Path, option: tuple[str, str], says: str) -> None:
    run = sekisho("init", *option, home=tmp_path / "home")
    assert run.returncode == 1 and says in run.stderr, run.stderr
    assert not (tmp_path / "home").exists()


def test_mistakes_in_the_configuration_are_named_with_their_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sekisho("init", home=home)
    file = home / "sekisho.yaml"
    for text, says in (
        ("threads: 2\nlistn: 127.0.0.1:1\n", f"{file}:2: no setting is named listn; did you mean listen?"),
        ("public-url: https://A.example/x\n", f"{file}:1: public-url must be https://HOST"),
        ("listen: localhost:7443\n", f"{file}:1: listen must be a numeric ADDRESS:PORT"),
        ("smtp:\n  tls: never\n", f"{file}:2: smtp.tls must be one of"),
        ("a: [\n", f"{file}:"),
    ):
        file.write_text(text)
        run = sekisho("serve", home=home)
        assert run.returncode == 1 and run.stderr.startswith(f"sekisho: {says}"), run.stderr
    run = sekisho("serve", "--config", str(tmp_path / "other.yaml"), home=home)
    assert run.returncode == 1 and "other.yaml: cannot be read" in run.stderr


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sekisho("init", home=home)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for flag, other in (("--listen", ()), ("--admin-listen", ("--listen", "127.0.0.1:0"))):
            run = sekisho("serve", flag, address, *other, home=home)
            assert run.returncode == 1, run
            assert f"{address}: cannot listen: Address already in use; another address: {flag} ADDRESS:PORT" in run.stderr


def test_homes_that_cannot_be_used(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sekisho("init", home=home)
    home.chmod(0o755)
    assert f"others can read {home}; protect it: chmod 700 {home}" in sekisho("serve", home=home).stderr
    home.chmod(0o700)
    (home / "master-key").chmod(0o644)
    assert "protect it: chmod 600" in sekisho("serve", home=home).stderr
    (home / "master-key").chmod(0o600)
    kept = (home / "master-key").read_text()
    (home / "master-key").write_text("zz\n")
    assert "is not 64 hexadecimal digits" in sekisho("serve", home=home).stderr
    (home / "master-key").write_text("00" * 32 + "\n")
    assert "cannot be opened with this master key" in sekisho("serve", home=home).stderr
    (home / "master-key").unlink()
    assert "the master key is missing" in sekisho("serve", home=home).stderr
    # Given by the environment it needs no file.
    assert sekisho("check", home=home, SEKISHO_MASTER_KEY=kept.strip()).returncode == 0
    not_a_home = tmp_path / "file"
    not_a_home.write_text("x")
    assert "there is no Sekisho home" in sekisho("serve", home=not_a_home).stderr
    if os.geteuid() == 0:
        run = sekisho("status", home=home, prefix=("setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all"))
        assert f"cannot read the home {home}: Permission denied" in run.stderr, run.stderr


def test_status_env_and_stop_of_a_running_server(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init()
    server.start()
    shown = server.command("status").stdout
    for word in (str(server.pid), server.url, str(server.home), "kept: sekisho mail", "/metrics"):
        assert word in shown, shown
    status = json.loads(server.command("status", "--json").stdout)
    assert status["SendsMail"] is False and status["StoreBytes"] > 0
    second = server.command("serve", "--listen", "127.0.0.1:0", check=False)
    assert second.returncode == 1 and f"a server runs in {server.home}; stop it first" in second.stderr
    for command in ("recover", "check", "restore"):
        run = server.command(command, *(["FILE"] if command == "restore" else []), check=False)
        assert run.returncode == 1 and "stop it first: sekisho stop" in run.stderr, run.stderr
    assert server.command("stop").stdout == "Stopped.\n"
    wait_until("the process ended", lambda: not server.is_running())
    assert NO_SERVER in server.command("stop", check=False).stderr


def test_stop_by_force_and_after_a_crash(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init()
    server.start()
    assert server.command("stop", "--force").stdout == "Stopped.\n"
    wait_until("the process ended", lambda: not server.is_running())
    server._process = None
    server.start()
    server.kill()  # leaves running.json behind
    for command in ("status", "stop", "env"):
        assert NO_SERVER in server.command(command, check=False).stderr
    server.start()
    server.stop()


def evaluated(server: Server, *options: str, **before: str) -> dict[str, str]:
    """A shell's variables after eval "$(sekisho env ...)", twice: a second one changes nothing."""
    script = 'eval "$("$@")"; one=$(env | sort); eval "$("$@")"; [ "$one" = "$(env | sort)" ] || exit 9; env -0'
    run = subprocess.run(["sh", "-c", script, "sh", str(binary()), "env", "--home", str(server.home), *options],
                         env={"PATH": "/usr/bin:/bin", **before}, stdout=subprocess.PIPE, check=True)
    return dict(entry.split("=", 1) for entry in run.stdout.decode().split("\0") if entry)


def test_env_for_both_doors(server: Server) -> None:
    endpoint = evaluated(server, AWS_ACCESS_KEY_ID="stale", AWS_PROFILE="stale", NO_PROXY="example.com")
    doors = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_STS",
             "AWS_ENDPOINT_URL_SIGNIN")
    assert {endpoint[name] for name in doors} == {f"https://localhost:{server.port}"}
    assert "AWS_PROFILE" not in endpoint and "AWS_ACCESS_KEY_ID" not in endpoint and "HTTPS_PROXY" not in endpoint
    assert endpoint["NO_PROXY"].split(",") == ["localhost", "127.0.0.1", "::1", "example.com"]
    ours, _, rest = endpoint["SSL_CERT_DIR"].partition(":")
    assert rest == "/etc/ssl/certs" and (Path(ours) / "server-ca.pem").read_text() == server.command("ca", "print").stdout
    assert evaluated(server, SSL_CERT_DIR="/mine")["SSL_CERT_DIR"] == f"{ours}:/mine"
    proxy = evaluated(server, "--proxy", **dict.fromkeys(doors, "https://stale.example"))
    assert proxy["HTTPS_PROXY"] == proxy["https_proxy"] == f"http://127.0.0.1:{server.port}"
    assert proxy["NO_PROXY"] == proxy["no_proxy"] and not set(doors) & set(proxy)
    assert {"localhost", "127.0.0.1", "::1"} <= set(proxy["NO_PROXY"].split(","))
    # From the proxy door back to the endpoint.
    back = evaluated(server, HTTPS_PROXY=proxy["HTTPS_PROXY"], https_proxy=proxy["https_proxy"])
    assert "HTTPS_PROXY" not in back and "https_proxy" not in back


def test_env_names_a_public_host_of_its_own(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init("--public-url", "https://host")
    server.start()
    proxy = evaluated(server, "--proxy")
    server.stop()
    assert proxy["NO_PROXY"].split(",") == ["localhost", "127.0.0.1", "::1", "host"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_load_in_their_shells(shell: str, tmp_path: Path) -> None:
    assert shutil.which(shell), f"{shell} is missing: tools/setup.sh installs it"
    file = tmp_path / "completion"
    file.write_text(sekisho("completion", shell).stdout)
    ask = {
        "bash": ["bash", "--norc", "-ec", f"source {file}; "
                 "ask() { COMP_WORDS=(sekisho \"$@\"); COMP_CWORD=$#; COMPREPLY=(); _sekisho; echo \"${COMPREPLY[@]}\"; }; "
                 "ask st; ask mail ''; ask serve --home /tmp --lis; ask completion ''"],
        "zsh": ["zsh", "-fc", f"compdef() {{ :; }}; compadd() {{ shift; print -r -- ${{(M)@:#$given*}}; }}; _files() {{ :; }}; "
                f"words=(x) CURRENT=1 given=; source {file} >/dev/null; "
                "ask() { words=(sekisho \"$@\"); CURRENT=$(($# + 1)); given=${@[-1]}; _sekisho; }; "
                "ask st; ask mail ''; ask serve --home /tmp --lis; ask completion ''"],
        "fish": ["fish", "--no-config", "-c", f"source {file}; "
                 "for line in 'sekisho st' 'sekisho mail ' 'sekisho serve --lis' 'sekisho completion '; "
                 "echo (complete -C $line | string replace -r '\\t.*' ''); end"],
    }[shell]
    run = subprocess.run(ask, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "dumb"}, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, check=False)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    commands_line, mail, options, shells = (line.split() for line in run.stdout.splitlines()[:4])
    assert set(commands_line) == {"status", "stop"}
    assert {"list", "show"} <= set(mail) and "serve" not in mail
    assert options == ["--listen"]
    assert set(shells) >= {"bash", "zsh", "fish"}


def test_a_second_signal_ends_a_slow_stop(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init()
    server.start()
    with socket.create_connection(("127.0.0.1", server.port)):
        os.kill(server.pid, signal.SIGINT)
        wait_until("the process ended", lambda: not server.is_running())


def test_policy_decide_and_operations(server: Server) -> None:
    listed = json.loads(sekisho("operations", "--json").stdout)
    states = {entry["state"] for entry in listed}
    assert states == {"implemented", "not implemented"} and len(listed) > 300
    run = sekisho("policy", "decide", stdin="nonsense\n{}\n")
    assert run.returncode == 0 and all(json.loads(line) for line in run.stdout.splitlines())


def test_the_clients_profile_is_named_when_it_is_gone(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "clients")
    server.init()
    server.start()
    assert Boto(server, tmp_path).client("sts").get_caller_identity()
    (server.home / "aws/credentials").write_text("[other]\naws_access_key_id = x\n")
    assert "has no default profile; make a new administrator key: sekisho recover" in server.command("status", check=False).stderr
    (server.home / "aws/credentials").write_text(
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n")
    refused = server.command("status", check=False).stderr
    assert "The security token included in the request is invalid." in refused, refused
    server.stop()
