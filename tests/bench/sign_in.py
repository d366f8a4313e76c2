#!/usr/bin/env python3
"""Sign-ins by password: how many a second on one processor, against what Argon2id alone allows there (the server's own
hash in crypto's benchmark, in turns with the load), and how long other requests take meanwhile. Prints Markdown, for
docs/performance.md. Takes a minute.

    ./dev build sekisho crypto_bench
    python tests/bench/sign_in.py      (with the tests' Python: source tools/setup.sh; setup_python; $SEKISHO_PYTHON ...)
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path[0:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]

from administration import Administration  # noqa: E402
from clients import Boto, default_keys  # noqa: E402
from forms import SESSION, Client, enter  # noqa: E402
from house import caller_identity  # noqa: E402
from load import CLIENT_PROCESSOR, HTTP1, SERVER_PROCESSOR, cpu_seconds, pin, pin_self, resident_mib, send  # noqa: E402
from raw import Answer, Request, Wire  # noqa: E402
from server import RECORDS, Server, binary, running_server  # noqa: E402
from table import table  # noqa: E402

PASSWORD = "Quiet-Harbour-42!"
PEOPLE = 8  # at once: more than the server hashes at once
TURNS = 3
TURN_SECONDS = 8
HASH_SECONDS = 0.7
HASH, BASELINE_HASH = "hash_password", "argon2id/baseline"
OTHER_REQUESTS = 2000


class Browser(Wire):
    """One connection for all of a sign-in, as a browser has it."""

    def __init__(self, port: int, ca: str) -> None:
        super().__init__(port, ca)
        self._connection = self.connect()

    def send(self, request: Request) -> Answer:
        return self.exchange(self._connection, request)

    def close(self) -> None:
        self._connection.close()


def hash_seconds() -> dict[str, float]:
    """CPU of one hash alone on the server's processor: as the server makes it, and by the build for any processor."""
    with pin_self(SERVER_PROCESSOR):
        run = subprocess.run([binary().parent / "src/crypto/crypto_bench", f"--benchmark_filter=^({HASH}|{BASELINE_HASH})$",
                              "--benchmark_format=json", f"--benchmark_min_time={HASH_SECONDS}"],
                             check=True, stdout=subprocess.PIPE, text=True)
    return {result["name"]: result["cpu_time"] / 1e9 for result in json.loads(run.stdout)["benchmarks"]}


def sign_in(server: Server, ca: str, person: str) -> None:
    browser = Browser(server.port, ca)
    client = Client(browser)
    answer = enter(client, person, PASSWORD)
    browser.close()
    assert answer.status == 303 and SESSION in client.cookies, answer.text


def sign_ins(server: Server, ca: str, seconds: float) -> int:
    """How many people, each again and again, came in while it lasted."""
    counts = [0] * PEOPLE
    end = time.monotonic() + seconds

    def run(number: int) -> None:
        while time.monotonic() < end:
            sign_in(server, ca, f"person-{number}")
            counts[number] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def measure(server: Server, boto: Boto) -> str:
    ca = server.environment()["AWS_CA_BUNDLE"]
    other = caller_identity(f"https://localhost:{server.port}", default_keys(server.environment()))
    pin(server.pid)
    sign_in(server, ca, "person-0")
    pin(server.pid)  # the threads that hash have come up
    _, calm = send(other, OTHER_REQUESTS, "-c", "1", *HTTP1.one_at_a_time())
    hashes, rates, spent = [], [], []
    for _ in range(TURNS):
        hashes.append(hash_seconds())
        before, began = cpu_seconds(server.pid), time.monotonic()
        count = sign_ins(server, ca, TURN_SECONDS)
        rates.append(count / (time.monotonic() - began))
        spent.append((cpu_seconds(server.pid) - before) / count)
    saturated = threading.Thread(target=sign_ins, args=(server, ca, TURN_SECONDS))
    saturated.start()
    time.sleep(1)
    _, busy = send(other, OTHER_REQUESTS, "-c", "1", *HTTP1.one_at_a_time())
    assert saturated.is_alive(), "the load ended before what was measured beside it"
    saturated.join()
    alone, baseline = (min(found[name] for found in hashes) for name in (HASH, BASELINE_HASH))
    each, rate = min(spent), max(rates)

    def at(times: list[int], percent: int) -> str:
        return f"{times[len(times) * percent // 100] / 1000:.2f}"

    return table(["sign-ins by password", ""], [
        ["one Argon2id hash alone, CPU ms", f"{alone * 1000:.1f}"],
        ["the same where there is no AVX2, CPU ms", f"{baseline * 1000:.1f}"],
        ["one sign-in (three pages, a TLS connection of its own), CPU ms", f"{each * 1000:.1f}"],
        ["hashes a second on one processor, were there nothing else", f"{1 / alone:.1f}"],
        ["sign-ins a second on one processor", f"{rate:.1f}"],
        ["share of what the hash alone allows, by CPU", f"{alone / each:.0%}"],
        ["GetCallerIdentity, idle: p50, p99 ms", f"{at(calm, 50)}, {at(calm, 99)}"],
        ["GetCallerIdentity while sign-ins saturate: p50, p99 ms", f"{at(busy, 50)}, {at(busy, 99)}"],
        ["resident MiB", f"{resident_mib(server.pid):.0f}"]])


def main() -> None:
    with tempfile.TemporaryDirectory() as name, pin_self(CLIENT_PROCESSOR), \
            running_server(Path(name), serve=RECORDS) as server:
        boto = Boto(server, Path(name))
        boto.client("organizations").create_organization(FeatureSet="ALL")
        administration = Administration(boto)
        directory = administration.enable_identity_center()
        administration.sekisho.update_mfa_settings(InstanceArn=directory.instance_arn, PromptMode="NEVER", WhenNoDevice="ALLOW")
        for number in range(PEOPLE):
            user = administration.invite_user(directory, f"person-{number}", f"person-{number}@example.com")
            administration.sekisho.set_password(IdentityStoreId=directory.identity_store_id, UserId=user, Password=PASSWORD,
                                                ChangeRequired=False)
        print(measure(server, boto))


if __name__ == "__main__":
    main()
