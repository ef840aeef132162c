"""What `train` and `run` cost beyond their jobs: the same scripts by a plain loop, in the same minutes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.e2e.tiny import CANDIDATE, Tiny, make

CANDIDATES = 20
ROUNDS = 3
WIDTH = 2


def timed(project: Tiny, *arguments: str) -> float:
    """Return the wall time of a command."""
    began = time.perf_counter()
    project.run(*arguments)
    return time.perf_counter() - began


def plain_loop(project: Tiny) -> float:
    """Return the wall time of the same training scripts, two at a time, and nothing around them."""
    data = next(project.folder.glob(".mlops-ci/datasets/*/train"))

    def train(number: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, str(project.folder / "pipelines/tiny/src/train/fit.py"), "--cut", f"0.{number:03}"],
                env={**os.environ, "SM_CHANNEL_TRAIN": str(data), "SM_MODEL_DIR": folder},
                check=True, capture_output=True,
            )  # fmt: skip

    began = time.perf_counter()
    with ThreadPoolExecutor(WIDTH) as pool:
        list(pool.map(train, range(CANDIDATES)))
    return time.perf_counter() - began


def measure(folder: Path) -> tuple[float, float, float]:
    """Return the wall times of `train`, of the plain loop, and of a `run` that finds nothing to do."""
    project = make(folder)
    for number in range(CANDIDATES):
        project.write(f"candidates/c{number}.yaml", CANDIDATE.format(cut=f"0.{number + 400}"))
    project.push("many candidates")
    try:
        trained = timed(project, "train", "-j", str(WIDTH))
        plain = plain_loop(project)
        project.run("run", "-j", str(WIDTH))
        again = timed(project, "run")
    finally:
        project.end()
    return trained, plain, again


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        found = [measure(Path(folder, str(number))) for number in range(ROUNDS)]
    trained, plain, again = (statistics.median(column) for column in zip(*found, strict=True))
    jobs = CANDIDATES + 2
    print(f"{jobs} stdlib-only candidates, {WIDTH} at a time, median of {ROUNDS} rounds")
    print(f"  plain loop of the scripts   {plain:6.2f} s")
    beyond = (trained - plain) / jobs * 1000
    print(f"  mlops-ci train              {trained:6.2f} s  {trained / plain:5.1f}x, {beyond:.0f} ms a job beyond them")
    print(f"  mlops-ci run, nothing to do {again:6.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
