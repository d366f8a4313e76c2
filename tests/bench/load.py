"""Requests, the load generator (h2load of nghttp2), and what a load costs the process that answers it.

The process runs on the first processor, h2load on the second. CPU is the process's own clock (user and system, ended
threads too), so ratios hold on a noisy machine; requests per second and times are this machine's.
"""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

SERVER_PROCESSOR, CLIENT_PROCESSOR = 0, 1
# A load is sent in so many parts, and their median counts.
PARTS = 9


@dataclass(frozen=True)
class Request:
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None  # a POST


@dataclass(frozen=True)
class Manner:
    """How the requests come: the protocol, and how many connections with how many requests on their way at once."""

    name: str
    options: tuple[str, ...]
    per_connection_max: int = 0  # a server that ends its connections after so many; 0: it does not

    def connections(self, requests: int) -> int:
        own = int(self.options[self.options.index("-c") + 1])
        return max(own, -(-requests // self.per_connection_max)) if self.per_connection_max else own

    def one_at_a_time(self) -> tuple[str, ...]:
        return ("--h1",) if "--h1" in self.options else ("-m", "1")


HTTP2 = Manner("HTTP/2", ("-c", "2", "-m", "32"))
HTTP1 = Manner("HTTP/1.1", ("--h1", "-c", "8"))


@dataclass
class Cost:
    microseconds: float  # of CPU, each request
    per_second: float
    p50: float  # milliseconds, one request at a time
    p99: float
    resident: float  # MiB, after the load


def cpu_seconds(pid: int) -> float:
    """The process's CPU clock: clock_getcpuclockid(3) as Linux numbers them (CPUCLOCK_SCHED of all its threads)."""
    return time.clock_gettime((~pid << 3) | 2)


def resident_mib(pid: int) -> float:
    return _status_mib(pid, "VmRSS")


def anonymous_mib(pid: int) -> float:
    """Resident memory of the process's own, without the pages of files (the store's) that it looks at."""
    return _status_mib(pid, "RssAnon")


def _status_mib(pid: int, name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


@contextmanager
def pin_self(processor: int) -> Iterator[None]:
    """This thread, and what it starts, on one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {processor})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pin(pid: int) -> None:
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            os.sched_setaffinity(int(task.name), {SERVER_PROCESSOR})


def send(request: Request, count: int, *options: str) -> tuple[float, list[int]]:
    """How many were answered each second, and the microseconds of each, sorted. Every answer must be 200."""
    with tempfile.NamedTemporaryFile(suffix=".tsv") as log, tempfile.NamedTemporaryFile("w", suffix=".body") as body:
        command = ["taskset", "-c", str(CLIENT_PROCESSOR), "h2load", "-n", str(count), f"--log-file={log.name}", *options]
        for name, value in request.headers.items():
            command += ["-H", f"{name}: {value}"]
        if request.body is not None:
            body.write(request.body)
            body.flush()
            command += ["-d", body.name]
        run = subprocess.run([*command, request.url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False)
        good = re.search(r"status codes: (\d+) 2xx", run.stdout)
        rate = re.search(r"finished in .*?, ([\d.]+) req/s", run.stdout)
        if run.returncode != 0 or good is None or rate is None or int(good.group(1)) != count:
            raise SystemExit(f"h2load did not get {count} good answers from {request.url}:\n{run.stdout}")
        times = sorted(int(line.split("\t")[2]) for line in Path(log.name).read_text().splitlines())
    return float(rate.group(1)), times


@dataclass(frozen=True)
class Load:
    program: str
    pid: int
    request: Request
    manner: Manner
    count: int

    def options(self, requests: int) -> list[str]:
        given = list(self.manner.options)
        given[given.index("-c") + 1] = str(self.manner.connections(requests))
        return given

    def send(self, requests: int) -> tuple[float, float]:
        """Seconds of CPU for each, and how many were answered each second."""
        before = cpu_seconds(self.pid)
        per_second, _ = send(self.request, requests, *self.options(requests))
        return (cpu_seconds(self.pid) - before) / requests, per_second


def measure(loads: list[Load]) -> list[Cost]:
    """In turns: what disturbs the machine for a second disturbs all of them."""
    for load in loads:
        pin(load.pid)
        load.send(max(load.count // 10, 50))  # warm
    parts: list[list[tuple[float, float]]] = [[] for _ in loads]
    for _ in range(PARTS):
        for load, done in zip(loads, parts, strict=True):
            done.append(load.send(max(load.count // PARTS, 50)))
    return [cost_of(load, done) for load, done in zip(loads, parts, strict=True)]


def cost_of(load: Load, parts: list[tuple[float, float]]) -> Cost:
    timed = min(max(load.count // 20, 100), 1000)
    _, times = send(load.request, timed, "-c", "1", *load.manner.one_at_a_time())
    return Cost(microseconds=median(seconds for seconds, _ in parts) * 1e6, per_second=median(rate for _, rate in parts),
                p50=times[len(times) // 2] / 1000, p99=times[len(times) * 99 // 100] / 1000, resident=resident_mib(load.pid))
