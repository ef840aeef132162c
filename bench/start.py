"""Start-up: whole processes, in turn, against `python -c pass`; among them a plan and a run with nothing to do."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.tiny import make

ROUNDS = 15


def seconds(command: list[str]) -> float:
    """Return the wall time of a process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> int:
    """Print the table."""
    ours = [sys.executable, "-m", "mlops_ci"]
    with tempfile.TemporaryDirectory() as folder:
        project = make(Path(folder, "tiny"))
        project.run("run")
        at = ["-C", str(project.folder)]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "python -c 'import yaml'": [sys.executable, "-c", "import yaml"],
            "mlops-ci --version": [*ours, "--version"],
            "mlops-ci --help": [*ours, "--help"],
            "mlops-ci plan, unchanged": [*ours, *at, "plan"],
            "mlops-ci run, unchanged": [*ours, *at, "run"],
        }
        try:
            found: dict[str, list[float]] = {name: [] for name in commands}
            for _ in range(ROUNDS):
                for name, command in commands.items():
                    found[name].append(seconds(command))
        finally:
            project.end()
    bound = statistics.median(found["python -c pass"])
    print(f"whole processes, median of {ROUNDS} rounds in turn")
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"  {name:<26} {middle * 1000:>6.0f} ms {middle / bound:>6.1f}x")
    return 0


if __name__ == "__main__":
    sys.exit(main())
