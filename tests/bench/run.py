#!/usr/bin/env python3
"""Loads a running Sekisho, and moto beside it in the same run, with GetCallerIdentity, and prints what a request costs.

    run.py [--requests N] [--peer moto]

Each request is a presigned GET, as every EKS token carries one: Sekisho verifies its signature, decides and records it; the
peer does none of that. The server runs on the first processor, the load generator (h2load) on the second. CPU is the server
process's own (user and system time from /proc), so it holds on a noisy machine; requests per second are this machine's.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.support.server import REGION, Server, binary, cache_folder, running_server  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
QUERY = "Action=GetCallerIdentity&Version=2011-06-15"


@dataclass
class Row:
    name: str
    microseconds: float  # of CPU, each request
    per_second: float
    memory_mib: float


def presigned(url: str, key: str, secret: str) -> str:
    request = AWSRequest("GET", f"{url}/?{QUERY}")
    SigV4QueryAuth(Credentials(key, secret), "sts", REGION, expires=900).add_auth(request)
    return str(request.prepare().url)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


def load(url: str, requests: int, *options: str) -> float:
    """Sends the requests and gives how many were answered each second; every answer must be 200."""
    run = subprocess.run(
        ["taskset", "-c", "1", "h2load", "-n", str(requests), "-H", "accept: application/json", *options, url],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    good = re.search(r"status codes: (\d+) 2xx", run.stdout)
    rate = re.search(r"finished in .*?, ([\d.]+) req/s", run.stdout)
    if run.returncode != 0 or good is None or rate is None or int(good.group(1)) != requests:
        raise SystemExit(f"h2load did not get {requests} good answers:\n{run.stdout}")
    return float(rate.group(1))


def measure(name: str, pid: int, url: str, requests: int, *options: str) -> Row:
    load(url, max(requests // 10, 50), *options)  # warm
    before = cpu_seconds(pid)
    per_second = load(url, requests, *options)
    spent = cpu_seconds(pid) - before
    return Row(name, spent / requests * 1e6, per_second, resident_mib(pid))


def measure_sekisho(folder: Path, requests: int) -> list[Row]:
    with running_server(folder) as server:
        os.sched_setaffinity(server.pid, {0})
        for task in Path(f"/proc/{server.pid}/task").iterdir():
            with suppress(OSError):
                os.sched_setaffinity(int(task.name), {0})
        idle = resident_mib(server.pid)
        credentials = (server.home / "aws" / "credentials").read_text()
        key = re.search(r"aws_access_key_id\s*=\s*(\S+)", credentials)
        secret = re.search(r"aws_secret_access_key\s*=\s*(\S+)", credentials)
        assert key and secret
        url = presigned(f"https://localhost:{server.port}", key.group(1), secret.group(1))
        rows = [
            measure("Sekisho, TLS, HTTP/2", server.pid, url, requests, "-c", "2", "-m", "32"),
            measure("Sekisho, TLS, HTTP/1.1", server.pid, url, requests, "--h1", "-c", "8"),
        ]
        rows.insert(0, Row("Sekisho, idle", 0, 0, idle))
    return rows


def start_seconds(folder: Path, tries: int) -> float:
    """The best time from exec to the ready line."""
    server = Server(folder / "start-home", folder / "start-clients")
    server.init()
    best = 1e9
    for _ in range(tries):
        began = time.perf_counter()
        server.start()
        best = min(best, time.perf_counter() - began)
        server.stop()
    return best


def moto_python() -> Path:
    home = cache_folder() / "bench-moto"
    python = home / "bin" / "python"
    if not python.exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "moto[server]==5.2.5"], check=True)
    return python


def measure_moto(requests: int) -> list[Row]:
    port = 20_000 + os.getpid() % 20_000
    process = subprocess.Popen(["taskset", "-c", "0", str(moto_python()), "-m", "moto.server", "-p", str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"MOTO_PORT": str(port)})
    try:
        url = presigned(f"http://127.0.0.1:{port}", "AKIAIOSFODNN7EXAMPLE", "secret")
        for _ in range(200):
            with suppress(OSError):
                urllib.request.urlopen(url, timeout=2).read()
                break
            time.sleep(0.1)
        return [measure("moto, plain HTTP/1.1", process.pid, url, max(requests // 50, 200), "--h1", "-c", "2")]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def main() -> None:
    parser = argparse.ArgumentParser(description="What GetCallerIdentity costs.")
    parser.add_argument("--requests", type=int, default=40_000)
    parser.add_argument("--peer", choices=["moto"], action="append", default=[])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure_sekisho(Path(folder), arguments.requests)
        start = start_seconds(Path(folder), 20)
    if "moto" in arguments.peer:
        rows += measure_moto(arguments.requests)
    print(f"{binary()}: {binary().stat().st_size / 2**20:.1f} MiB; ready in {start * 1000:.0f} ms, the best of 20 starts\n")
    print(f"{'':28}{'CPU us/request':>16}{'requests/s':>14}{'resident MiB':>14}")
    for row in rows:
        cpu = f"{row.microseconds:.1f}" if row.microseconds else "-"
        rate = f"{row.per_second:,.0f}" if row.per_second else "-"
        print(f"{row.name:28}{cpu:>16}{rate:>14}{row.memory_mib:>14.1f}")


if __name__ == "__main__":
    main()
