"""The benchmark runs, of the whole and of the rooms; its figures are read by people, not asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from server import binary

# A Go program's build and a peer's start are not worth their time here: `./dev bench` has them.
COMMAND = [sys.executable, str(Path(__file__).with_name("run.py")), "--requests", "400", "--starts", "2",
           "--room-seconds", "0.01", "--without", "aws-iam-authenticator"]


def test_the_benchmark_runs() -> None:
    run = subprocess.run(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    for operation in ("GetCallerIdentity", "AssumeRole", "TokenReview"):
        for protocol in ("HTTP/2", "HTTP/1.1"):
            assert f"| {operation} | Sekisho | {protocol} |" in run.stdout
    for peer in ("moto", "MiniStack"):
        assert f"| AssumeRole | {peer} | HTTP/1.1 |" in run.stdout
    assert "| At most 16 MiB resident when idle there |" in run.stdout


@pytest.mark.skipif("SEKISHO_BINARY" in os.environ, reason="a built program was given: there is no build folder to look in")
def test_every_room_that_has_benchmarks_runs_them() -> None:
    programs = sorted(binary().parent.glob("src/*/*_bench"))
    assert {program.name for program in programs} >= {"access_bench", "base_bench", "crypto_bench", "policy_bench",
                                                      "store_bench", "wire_bench"}
    for program in programs:
        run = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.01"], check=True,
                             stdout=subprocess.PIPE, text=True)
        assert all(result["cpu_time"] > 0 for result in json.loads(run.stdout)["benchmarks"])
