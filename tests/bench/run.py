#!/usr/bin/env python3
"""The benchmark of the whole: Sekisho on the quick start's data, and in turns with it moto, MiniStack and
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
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

sys.path[0:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]
import house as houses  # noqa: E402
import peers  # noqa: E402
from house import House, assume_role, caller_identity  # noqa: E402
from load import HTTP1, HTTP2, Load, measure, resident_mib  # noqa: E402
from server import binary  # noqa: E402
from table import OURS, Figures, Row, print_markdown  # noqa: E402

PEERS = ("moto", "MiniStack", "aws-iam-authenticator")
PEER_SHARE = 25  # a peer gets so many times fewer requests: it is so much slower


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def loads_of(operation: str, house: House, emulators: list[peers.Peer], authenticators: list[peers.Peer],
             requests: int) -> list[Load]:
    """Ours, then the peers' that have the operation."""
    fewer = max(requests // PEER_SHARE, 50)
    if operation == "TokenReview":
        ours, expected = house.review(house.token()), '"authenticated":true'
        theirs = [(peer, houses.token_review(peer.url, house.token())) for peer in authenticators]
    elif operation == "AssumeRole":
        ours, expected = assume_role(house.url, house.user, house.account), '"SessionToken":'
        theirs = [(peer, assume_role(peer.url, peers.KEYS, "123456789012")) for peer in emulators]
    else:
        ours, expected = caller_identity(house.url, house.user), f'"Account":"{house.account}"'
        theirs = [(peer, caller_identity(peer.url, peers.KEYS)) for peer in emulators]
    house.check(ours, expected)
    return [Load(OURS, house.server.pid, ours, manner, requests) for manner in (HTTP2, HTTP1)] + [
        Load(peer.name, peer.pid, request, manner, fewer) for peer, request in theirs for manner in peer.manners]


def note_peer(figures: Figures, peer: peers.Peer) -> peers.Peer:
    figures.starts[peer.name] = peer.start_seconds
    time.sleep(2)
    figures.idle[peer.name] = resident_mib(peer.pid)
    return peer


def measure_rooms(figures: Figures, seconds: float) -> None:
    """Google Benchmark's programs of the build that the program comes from: `<room>_bench`. The least of five times: what
    disturbs a calculation only adds to it."""
    for program in sorted(binary().parent.glob("src/*/*_bench")):
        note(f"rooms: {program.name}")
        run = subprocess.run(["taskset", "-c", "0", program, "--benchmark_format=json", "--benchmark_repetitions=5",
                              "--benchmark_enable_random_interleaving=true", f"--benchmark_min_time={seconds / 5}"],
                             check=True, stdout=subprocess.PIPE, text=True)
        for result in json.loads(run.stdout)["benchmarks"]:
            if result["run_type"] == "iteration":
                name = f"{program.name.removesuffix('_bench')}: {result['run_name']}"
                figures.rooms[name] = min(float(result["cpu_time"]), figures.rooms.get(name, float("inf")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=50_000, help="of each load on Sekisho; peers get a 25th (50000)")
    parser.add_argument("--starts", type=int, default=20, help="starts, of which the best counts (20)")
    parser.add_argument("--without", choices=PEERS, action="append", default=[], metavar="PEER",
                        help="leave a peer out: " + ", ".join(PEERS))
    parser.add_argument("--room-seconds", type=float, default=0.5, help="for each benchmark of a room (0.5)")
    arguments = parser.parse_args()
    figures = Figures(binary_bytes=binary().stat().st_size)
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as name, ExitStack() as running:
        folder = Path(name)
        note("the quick start's data")
        house = running.enter_context(houses.quick_start(folder))
        figures.starts[OURS] = house.start_seconds(arguments.starts)
        figures.idle[OURS] = house.idle_mib()

        def run(peer: str, start: Callable[[], AbstractContextManager[peers.Peer]]) -> list[peers.Peer]:
            return [] if peer in arguments.without else [note_peer(figures, running.enter_context(start()))]

        door = house.server.environment(proxy=True)
        authenticators = run("aws-iam-authenticator", lambda: peers.authenticator(folder, house, door))
        emulators = run("moto", lambda: peers.moto(folder)) + run("MiniStack", lambda: peers.ministack(folder))
        for operation in ("GetCallerIdentity", "AssumeRole", "TokenReview"):
            note(operation)
            loads = loads_of(operation, house, emulators, authenticators, arguments.requests)
            figures.rows += [Row(operation, load.program, load.manner.name, cost)
                             for load, cost in zip(loads, measure(loads), strict=True)]
    measure_rooms(figures, arguments.room_seconds)
    print(print_markdown(figures))


if __name__ == "__main__":
    main()
