"""What the program says that it can do, and what the README says of it."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

from server import ROOT, binary

ROW = re.compile(r"^\| [^|]* `(?P<service>[a-z0-9-]+)` \| (?P<done>\d+) of (?P<all>\d+) \|", re.MULTILINE)


def operations(folder: Path) -> list[dict[str, str]]:
    run = subprocess.run([str(binary()), "operations", "--json", "--home", str(folder)], stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


def test_the_readme_counts_as_the_program_does(tmp_path: Path) -> None:
    listed = operations(tmp_path)
    every = Counter(row["service"] for row in listed)
    done = Counter(row["service"] for row in listed if row["state"] == "implemented")
    rows = {row["service"]: (int(row["done"]), int(row["all"])) for row in ROW.finditer((ROOT / "README.md").read_text())}
    assert rows == {service: (done[service], count) for service, count in every.items()}


def test_every_operation_names_its_permission(tmp_path: Path) -> None:
    for row in operations(tmp_path):
        assert re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9]+", row["action"]), row
