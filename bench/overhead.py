"""What `train` and `evaluate` cost beyond their jobs: the very same processes by a plain loop, in the same minutes.

`python -m bench.overhead` measures 50 candidates of one model, `python -m bench.overhead 50 200 1000` as many as are
named, so that one sees whether a job costs the same however many there are. Beside the wall time stand CPU seconds, of
the command and all that came out of it: they are what remains true on a machine that does other things, too.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.runtime.jobfolder import JOB, ML, read_json
from mlops_ci.runtime.processes import adopt_orphans
from tests.e2e.tiny import CANDIDATE, TRAINED, Tiny, make

SIZES = (50,)
ROUNDS = 3
"""Of up to `MANY` candidates; more are measured once."""

MANY = 200
WIDTH = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time, and of all processes on all cores."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A verb and the plain loop of the same processes, for one number of candidates."""

    verb: Cost
    plain: Cost


def costs(work: Callable[[], object]) -> Cost:
    """Return what this costs, with all processes that come out of it: orphans become ours, and are waited for."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    wall = time.perf_counter() - began
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def plain_loop(project: Tiny, work: str) -> None:
    """Run the processes of all jobs of a kind, `WIDTH` at a time, with their words and variables and nothing around."""

    def run(folder: Path) -> None:
        spec = read_json(folder / JOB)
        assert spec is not None, folder

        def placed(text: str) -> str:
            return text.replace("/opt/ml", str(folder / ML))

        contract = {name: placed(value) for name, value in spec["contract"].items()}
        done = subprocess.run(
            [placed(word) for word in spec["command"]], cwd=placed(spec["cwd"]),
            env={**contract, **spec["environment"], "TMPDIR": str(folder)}, capture_output=True, check=False,
        )  # fmt: skip
        assert not done.returncode, done.stderr.decode()

    folders = sorted((project.folder / ".mlops-ci/jobs").glob(f"{work}-*"))
    with ThreadPoolExecutor(WIDTH) as pool:
        list(pool.map(run, folders))


def measure(folder: Path, candidates: int) -> dict[str, Pair]:
    """Return both costs of `train` and of `evaluate`, of a fresh project with as many candidates."""
    project = make(folder)
    project.write("model.yaml", TRAINED)
    for number in range(candidates - 2):
        project.write(f"candidates/c{number}.yaml", CANDIDATE.format(cut=f"0.{number + 1000}"))
    project.push("many candidates")
    found = {}
    for verb, work in (("train", "training"), ("evaluate", "evaluation")):
        ours = costs(lambda verb=verb: project.run(verb, "-j", str(WIDTH)))  # type: ignore[misc]
        found[verb] = Pair(ours, costs(lambda work=work: plain_loop(project, work)))  # type: ignore[misc]
    return found


def beyond(pairs: list[Pair], candidates: int) -> tuple[float, float]:
    """Return the medians of what a job costs beyond its process: milliseconds of wall time, and of CPU time."""
    wall = statistics.median((pair.verb.wall - pair.plain.wall) / candidates * 1000 for pair in pairs)
    return wall, statistics.median((pair.verb.cpu - pair.plain.cpu) / candidates * 1000 for pair in pairs)


def main(arguments: list[str]) -> int:
    """Print a row for each verb and number of candidates."""
    adopt_orphans()
    print(f"stdlib-only candidates of one model, {WIDTH} at a time; milliseconds a job: the process by a plain loop,")
    print("and what the verb costs beyond it")
    print(f"{'jobs':>6}  {'verb':10}{'plain':>8}{'plain cpu':>11}{'beyond':>9}{'beyond cpu':>12}")
    for candidates in [int(word) for word in arguments] or SIZES:
        rounds = ROUNDS if candidates <= MANY else 1
        with tempfile.TemporaryDirectory() as folder:
            found = [measure(Path(folder, str(number)), candidates) for number in range(rounds)]
        for verb in ("train", "evaluate"):
            pairs = [one[verb] for one in found]
            wall, cpu = beyond(pairs, candidates)
            plain = statistics.median(pair.plain.wall for pair in pairs) / candidates * 1000
            plain_cpu = statistics.median(pair.plain.cpu for pair in pairs) / candidates * 1000
            print(f"{candidates:6}  {verb:10}{plain:8.1f}{plain_cpu:11.1f}{wall:9.1f}{cpu:12.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
