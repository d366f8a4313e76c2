"""The benchmark runs; its figures are read by people, not asserted."""

import subprocess
import sys
from pathlib import Path


def test_the_benchmark_runs() -> None:
    run = subprocess.run([sys.executable, str(Path(__file__).with_name("run.py")), "--requests", "500"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout
    assert "Sekisho, TLS, HTTP/2" in run.stdout
