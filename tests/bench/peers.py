"""The programs beside which Sekisho is measured, each as it starts by itself: moto (server mode), MiniStack,
aws-iam-authenticator's server."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from house import CLUSTER, House, caller_identity
from load import HTTP1, HTTP2, SERVER_PROCESSOR, Manner
from clients import Keys
from server import REGION, ROOT, cache_folder

READY_SECONDS_MAX = 60
KEYS = Keys("AKIAIOSFODNN7EXAMPLE", "secret")  # nobody looks at it

# hypercorn ends a connection after 1,000 requests.
MINISTACK_MANNERS = (HTTP1, Manner("HTTP/2", ("-c", "2", "-m", "32"), per_connection_max=900))
MOTO_MANNERS = (HTTP1,)


@dataclass
class Peer:
    name: str
    pid: int
    url: str
    start_seconds: float  # from exec to the first answer
    manners: tuple[Manner, ...]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def peers_python() -> Path:
    """The peers' interpreter; the folder names what is in it."""
    wanted = ROOT / "tests" / "bench" / "requirements.txt"
    home = cache_folder() / f"bench-{hashlib.sha256(wanted.read_bytes()).hexdigest()[:16]}"
    if not home.exists():
        fresh = home.with_name(home.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", fresh], check=True)
        subprocess.run([fresh / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", wanted],
                       check=True)
        fresh.rename(home)
    return home / "bin" / "python"


@contextmanager
def process(command: list[str], environment: dict[str, str], ready: str, folder: Path,
            headers: dict[str, str] | None = None) -> Iterator[tuple[int, float]]:
    """Runs a program on the measured processor until `ready` answers: its process and how long that took."""
    log = folder / f"{Path(command[0]).name}-{os.urandom(4).hex()}.log"
    began = time.perf_counter()
    with log.open("wb") as out:
        running = subprocess.Popen(["taskset", "-c", str(SERVER_PROCESSOR), *command], cwd=folder, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment})
    try:
        while True:
            with suppress(OSError):
                urllib.request.urlopen(urllib.request.Request(ready, headers=headers or {}), timeout=5).read()
                break
            if running.poll() is not None or time.perf_counter() - began > READY_SECONDS_MAX:
                raise SystemExit(f"{command[0]} does not answer:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)
        yield running.pid, time.perf_counter() - began
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def moto(folder: Path) -> Iterator[Peer]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(peers_python()), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with process(command, {"MOTO_PORT": str(port)}, caller_identity(url, KEYS).url, folder) as (pid, seconds):
        yield Peer("moto", pid, url, seconds, MOTO_MANNERS)


@contextmanager
def ministack(folder: Path) -> Iterator[Peer]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # Its listeners for other protocols stand on ports of their own that somebody else may have.
    environment = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    with process([str(peers_python()), "-m", "ministack"], environment, caller_identity(url, KEYS).url, folder) as (pid, seconds):
        yield Peer("MiniStack", pid, url, seconds, MINISTACK_MANNERS)


def authenticator_program() -> Path:
    """Built once from its Go module (tools/build_client)."""
    build = ROOT / "tools" / "build_client"
    subprocess.run([build, "aws-iam-authenticator"], check=True)
    where = subprocess.run([build, "--where", "aws-iam-authenticator"], check=True, stdout=subprocess.PIPE, text=True)
    return Path(where.stdout.strip()) / "aws-iam-authenticator"


@contextmanager
def authenticator(folder: Path, house: House, door: dict[str, str]) -> Iterator[Peer]:
    """Maps the cluster creator's role as Sekisho does. It asks STS about every token, by AWS's host name: through our
    proxy door, so Sekisho is its STS."""
    port = free_port()
    state = folder / "authenticator"
    state.mkdir()
    config = state / "config.yaml"
    config.write_text(
        f"clusterID: {CLUSTER}\nserver:\n  mapRoles:\n  - roleARN: arn:aws:iam::{house.account}:role/bench\n"
        f"    username: kubernetes-admin\n    groups: [system:masters]\n")
    environment = {"HTTPS_PROXY": door["HTTPS_PROXY"], "SSL_CERT_FILE": door["AWS_CA_BUNDLE"], "NO_PROXY": "",
                   "AWS_REGION": REGION, "HOME": str(state)}
    command = [str(authenticator_program()), "server", "--config", str(config), "--state-dir", str(state), "--port", str(port),
               "--address", "127.0.0.1", "--generate-kubeconfig", str(state / "kubeconfig")]
    with process(command, environment, "http://127.0.0.1:21363/healthz", folder) as (pid, seconds):
        yield Peer("aws-iam-authenticator", pid, f"https://localhost:{port}/authenticate", seconds, (HTTP2,))
