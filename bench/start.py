"""Start-up: whole processes, in turn, against `python -c pass`; and a run that finds nothing to do."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15


def seconds(command: list[str]) -> float:
    """Return the wall time of a process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> int:
    """Print the table."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "mlops-ci --version": [sys.executable, "-m", "mlops_ci", "--version"],
        "mlops-ci --help": [sys.executable, "-m", "mlops_ci", "--help"],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            found[name].append(seconds(command))
    bound = statistics.median(found["python -c pass"])
    print(f"{'command':<24} {'median':>9} {'ratio':>7}")
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"{name:<24} {middle * 1000:>6.1f} ms {middle / bound:>6.1f}x")
    return 0
