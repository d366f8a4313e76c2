#!/usr/bin/env python3
"""The benchmark of the whole: Sekisho on the quick start's data, and beside it in the same run moto, MiniStack and
aws-iam-authenticator, with GetCallerIdentity, AssumeRole and TokenReview; then the rooms' own benchmarks. Prints Markdown.

    run.py [--requests N] [--starts N] [--without PEER]...

Sekisho ends TLS, verifies signatures, walks the live chain, decides policies and writes an audit record for each request;
moto and MiniStack do none of that. aws-iam-authenticator asks STS about each token (Sekisho, through its proxy door): only
the CPU of its own process is counted.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

sys.path[0:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]
import house as houses  # noqa: E402
import peers  # noqa: E402
from house import House, assume_role, caller_identity  # noqa: E402
from load import HTTP1, HTTP2, measure, resident_mib  # noqa: E402
from server import binary  # noqa: E402
from table import OURS, Figures, Row, print_markdown  # noqa: E402

PEERS = ("moto", "MiniStack", "aws-iam-authenticator")
PEER_SHARE = 25  # a peer gets so many times fewer requests: it is so much slower


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measure_house(figures: Figures, house: House, requests: int) -> None:
    pid = house.server.pid
    for manner in (HTTP2, HTTP1):
        for operation, request, expected in (
                ("GetCallerIdentity", caller_identity(house.url, house.user), f'"Account":"{house.account}"'),
                ("AssumeRole", assume_role(house.url, house.user, house.account), '"SessionToken":'),
                ("TokenReview", house.review(house.token()), '"authenticated":true')):
            house.check(request, expected)
            note(f"{OURS}: {operation}, {manner.name}")
            figures.rows.append(Row(operation, OURS, manner.name, measure(pid, request, manner, requests)))


def measure_emulator(figures: Figures, run: Callable[[Path], AbstractContextManager[peers.Peer]], folder: Path,
                     requests: int) -> None:
    with run(folder) as peer:
        figures.starts[peer.name] = peer.start_seconds
        time.sleep(2)
        figures.idle[peer.name] = resident_mib(peer.pid)
        for manner in peer.manners:
            for operation, request in (("GetCallerIdentity", caller_identity(peer.url, peers.KEYS)),
                                       ("AssumeRole", assume_role(peer.url, peers.KEYS, "123456789012"))):
                note(f"{peer.name}: {operation}, {manner.name}")
                figures.rows.append(Row(operation, peer.name, manner.name, measure(peer.pid, request, manner, requests)))


def measure_authenticator(figures: Figures, folder: Path, house: House, requests: int) -> None:
    with peers.authenticator(folder, house, house.server.environment(proxy=True)) as peer:
        figures.starts[peer.name] = peer.start_seconds
        figures.idle[peer.name] = resident_mib(peer.pid)
        note(f"{peer.name}: TokenReview")
        review = houses.token_review(peer.url, house.token())
        figures.rows.append(Row("TokenReview", peer.name, HTTP2.name, measure(peer.pid, review, HTTP2, requests)))


def measure_rooms(figures: Figures, seconds: float) -> None:
    """Google Benchmark's programs of the build that the program comes from: `<room>_bench`."""
    for program in sorted(binary().parent.glob("src/*/*_bench")):
        note(f"rooms: {program.name}")
        run = subprocess.run(["taskset", "-c", "0", program, "--benchmark_format=json", f"--benchmark_min_time={seconds}"],
                             check=True, stdout=subprocess.PIPE, text=True)
        for result in json.loads(run.stdout)["benchmarks"]:
            room = program.name.removesuffix("_bench")
            figures.rooms[f"{room}: {result['name']}"] = float(result["cpu_time"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=50_000, help="of each load on Sekisho; peers get a 25th (50000)")
    parser.add_argument("--starts", type=int, default=20, help="starts, of which the best counts (20)")
    parser.add_argument("--without", choices=PEERS, action="append", default=[], metavar="PEER",
                        help="leave a peer out: " + ", ".join(PEERS))
    parser.add_argument("--room-seconds", type=float, default=0.5, help="for each benchmark of a room (0.5)")
    arguments = parser.parse_args()
    figures = Figures(binary_bytes=binary().stat().st_size)
    fewer = max(arguments.requests // PEER_SHARE, 50)
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as name:
        folder = Path(name)
        note("the quick start's data")
        with houses.quick_start(folder) as house:
            figures.starts[OURS] = house.start_seconds(arguments.starts)
            figures.idle[OURS] = house.idle_mib()
            measure_house(figures, house, arguments.requests)
            if "aws-iam-authenticator" not in arguments.without:
                measure_authenticator(figures, folder, house, fewer)
        for peer, run in (("moto", peers.moto), ("MiniStack", peers.ministack)):
            if peer not in arguments.without:
                measure_emulator(figures, run, folder, fewer)
    measure_rooms(figures, arguments.room_seconds)
    print(print_markdown(figures))


if __name__ == "__main__":
    main()
