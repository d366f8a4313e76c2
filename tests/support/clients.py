"""The real clients: both aws CLIs through both doors, boto3, a shell as the article's reader has it."""

import configparser
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import boto3
import botocore
import botocore.config
import botocore.session
from server import REGION, ROOT, Server, cache_folder

COMMAND_SECONDS_MAX = 120


@dataclass(frozen=True)
class Cli:
    """An aws CLI and the door it comes through. 2.9.19 knows no endpoint door."""

    name: str
    program: Path
    proxy: bool

    def __str__(self) -> str:
        return f"{self.name}-{'proxy' if self.proxy else 'endpoint'}"


def newest_aws() -> Path:
    found = sorted(cache_folder().glob("aws-cli-*/aws"))
    if not found:
        raise FileNotFoundError("the newest aws CLI is missing: run ./test (tools/setup.sh fetches it)")
    return found[-1]


def cli(name: str) -> Cli:
    """`old-proxy`, `newest-proxy` or `newest-endpoint`."""
    version, door = name.split("-")
    return Cli(version, Path("/usr/bin/aws") if version == "old" else newest_aws(), door == "proxy")


CLI_NAMES = ("old-proxy", "newest-proxy", "newest-endpoint")


@dataclass
class Shell:
    """An environment that commands run in, and that they may change, as a reader's terminal is changed by `export`."""

    environment: dict[str, str]
    folder: Path
    transcript: list[str] = field(default_factory=list)

    def run(self, script: str, *, check: bool = True, seconds: int = COMMAND_SECONDS_MAX,
            out: int | IO[bytes] | None = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
        """Runs lines as typed at bash; variables they set or export are there for the next lines. `out`: where their output
        goes, as subprocess takes it."""
        state = self.folder / ".shell-state"
        wrapped = f"set -o pipefail\n[ -e {state} ] && . {state}\n{script}\n__code=$?\n" \
                  f"declare -p | grep -vE '^declare -[a-zA-Z]*r|BASH|^declare -[-a-zA-Z]* (__code|PIPESTATUS|FUNCNAME|DIRSTACK|GROUPS)=' " \
                  f"> {state}.new; mv {state}.new {state}; exit $__code"
        run = subprocess.run(["bash", "--noprofile", "--norc", "-c", wrapped], cwd=self.folder, env=self.environment,
                             stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, text=True,
                             timeout=seconds, check=False)
        self.transcript.append(f"$ {script}\n{run.stdout or ''}{run.stderr}")
        if check and run.returncode != 0:
            raise AssertionError(f"exit code {run.returncode}\n" + "\n".join(self.transcript[-3:]))
        return run

    def value(self, name: str) -> str:
        """A variable as the shell's next line would see it."""
        return self.run(f'printf %s "${{{name}-}}"').stdout


def shell_environment(server: Server, client: Cli, folder: Path) -> dict[str, str]:
    """The reader's environment, with `aws` being the named one (a pyenv shim or the like must not come first)."""
    programs = folder / f"bin-{client}"
    programs.mkdir(parents=True, exist_ok=True)
    for name, target in (("aws", client.program), ("kubectl", cache_folder() / "kubectl"), ("eksctl", cache_folder() / "eksctl")):
        if not (programs / name).is_symlink():
            (programs / name).symlink_to(target)
    environment = server.environment(proxy=client.proxy)
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    environment["KUBECONFIG"] = str(folder / "kubeconfig")
    return environment


def aws(environment: dict[str, str], *arguments: str, profile: str | None = None,
        check: bool = True) -> subprocess.CompletedProcess[str]:
    """`aws <arguments>` in an environment of shell_environment()."""
    options = ["--profile", profile] if profile else []
    run = subprocess.run(["aws", *arguments, *options], env=environment, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=COMMAND_SECONDS_MAX, check=False)
    if check and run.returncode != 0:
        raise AssertionError(f"aws {' '.join(arguments)}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
    return run


def aws_json(environment: dict[str, str], *arguments: str, profile: str | None = None) -> Any:
    return json.loads(aws(environment, *arguments, "--output", "json", profile=profile).stdout)


@dataclass(frozen=True)
class Keys:
    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    @classmethod
    def from_response(cls, credentials: dict[str, Any]) -> "Keys":
        """The `Credentials` of an STS answer."""
        return cls(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])

    def exports(self) -> dict[str, str]:
        names = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return names | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


def default_keys(environment: dict[str, str]) -> Keys:
    """The management account's administrator: the default profile that `sekisho init` made."""
    parser = configparser.ConfigParser(interpolation=None)
    files = [environment[name] for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE") if name in environment]
    assert parser.read(files), f"`sekisho env` names no credentials file: {sorted(environment)}"
    return Keys(parser["default"]["aws_access_key_id"], parser["default"]["aws_secret_access_key"])


class Boto:
    """boto3 clients of one server. `sekisho` is a service like any other: its model lies in models/sekisho.json."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.environment = server.environment()
        self.url = self.environment.get("AWS_ENDPOINT_URL", server.url)
        self.ca = self.environment["AWS_CA_BUNDLE"]
        self.models = folder / "boto-models"
        model = json.loads((ROOT / "models" / "sekisho.json").read_text(encoding="utf-8"))
        place = self.models / "sekisho" / model["metadata"]["apiVersion"]
        place.mkdir(parents=True, exist_ok=True)
        (place / "service-2.json").write_text(json.dumps(model), encoding="utf-8")

    def client(self, service: str, keys: Keys | None = None, *, region: str = REGION, unsigned: bool = False,
               retries: int = 0) -> Any:
        keys = keys or default_keys(self.environment)
        core = botocore.session.Session()
        core.get_component("data_loader").search_paths.append(str(self.models))
        session = boto3.Session(keys.access_key_id, keys.secret_access_key, keys.session_token, region, core)
        config = botocore.config.Config(retries={"total_max_attempts": retries + 1}, proxies={},
                                        signature_version=botocore.UNSIGNED if unsigned else None,
                                        connect_timeout=10, read_timeout=60)
        return session.client(service, endpoint_url=self.url, verify=self.ca, config=config)
