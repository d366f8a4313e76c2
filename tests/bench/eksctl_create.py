#!/usr/bin/env python3
"""What `eksctl create cluster` costs, from an empty home to two Ready nodes: its time against eksctl's own waits, the CPU of
the server and of the cluster's programs, their memory. Prints Markdown, for docs/performance.md. Takes four minutes.

    python tests/bench/eksctl_create.py      (with the tests' Python: source tools/setup.sh; setup_python; $SEKISHO_PYTHON ...)
"""

import json
import re
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path[0:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]

from clients import Boto  # noqa: E402
from eksctl import Eksctl  # noqa: E402
from kubernetes import PROGRAMS, ClusterServer  # noqa: E402
from load import cpu_seconds, resident_mib  # noqa: E402
from table import table  # noqa: E402

NAME = "measured"
# eksctl looks at a stack 30 s after it asked for it, and at the control plane six times, 20 s apart (its pkg/cfn/waiter,
# pkg/eks): two stacks, one control plane.
FLOOR_SECONDS = 30 + 120 + 30
SETTLE_SECONDS = 60


def stack_seconds(stacks: Any, name: str) -> float:
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    own = [event["Timestamp"] for event in events if event["LogicalResourceId"] == name]
    first, last = min(own), max(own)
    assert isinstance(first, datetime) and isinstance(last, datetime)
    return (last - first).total_seconds()


def measure(folder: Path) -> str:
    server = ClusterServer(folder / "home", folder / "clients")
    server.init()
    server.start()
    boto = Boto(server, folder)
    eksctl = Eksctl.of(server, boto, folder)
    before, began = cpu_seconds(server.pid), time.monotonic()
    said = eksctl.run("create", "cluster", "--name", NAME)
    created = time.monotonic() - began
    assert len(eksctl.nodes()) == 2, said
    children = server.children()
    programs = {"sekisho": server.pid, **{program: children[program] for program in PROGRAMS}}
    creation = {program: cpu_seconds(pid) for program, pid in programs.items()}
    creation["sekisho"] -= before
    [group] = re.findall(r'building managed nodegroup stack "([^"]+)"', said)
    stacks = boto.client("cloudformation")
    made = {name: stack_seconds(stacks, name) for name in (f"eksctl-{NAME}-cluster", group)}
    calm = {program: cpu_seconds(pid) for program, pid in programs.items()}
    time.sleep(SETTLE_SECONDS)
    idle = {program: (cpu_seconds(pid) - calm[program]) / SETTLE_SECONDS for program, pid in programs.items()}
    memory = {program: resident_mib(pid) for program, pid in programs.items()}
    began = time.monotonic()
    eksctl.run("delete", "cluster", "--name", NAME, "--wait")
    deleted = time.monotonic() - began
    left = json.dumps(eksctl.left())
    server.stop()
    times = table(["", "seconds"], [
        ["`eksctl create cluster`, two Ready nodes", f"{created:.1f}"],
        ["of these eksctl's own waits, whatever answers it", str(FLOOR_SECONDS)],
        ["the cluster's stack: network, roles, control plane", f"{made[f'eksctl-{NAME}-cluster']:.1f}"],
        ["the node group's stack", f"{made[group]:.1f}"],
        ["`eksctl delete cluster --wait`", f"{deleted:.1f}"]])
    costs = table(["program", "CPU s, creation", "CPU %, idle", "resident MiB"],
                  [[program, f"{creation[program]:.2f}", f"{100 * idle[program]:.1f}", f"{memory[program]:.0f}"] for program in programs])
    return f"{times}\n{costs}\nLeft afterwards: {left}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        print(measure(Path(work)))
