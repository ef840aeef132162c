"""Whole processes in turn: on a machine that others use too, only what ran in the same minutes compares."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one process and all it started: on the wall, and on the processors."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Contender:
    """A command that does the work. `most` bounds its rounds where it is slow; `aim` is in seconds of wall time.

    `before` runs, unmeasured, ahead of each round; `times` turns the aim into so many times the first contender.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: dict[str, str]
    most: int = 1000
    aim: float | None = None
    times: float | None = None
    before: Callable[[], None] = field(default=lambda: None)


def timed(command: tuple[str, ...], folder: Path, environment: dict[str, str]) -> Took:
    """Return what a command took.

    Raises:
        RuntimeError: it failed, with the end of what it said.

    """
    used, began = _used(), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    took = Took(time.perf_counter() - began, _used() - used)
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} in {folder} ended with {done.returncode}:\n{said}")
    return took


def compare(
    title: str,
    contenders: tuple[Contender, ...],
    rounds: int,
    pick: Callable[[Iterable[float]], float] = statistics.median,
) -> tuple[Took, ...]:
    """Print a table of medians, the first contender the measure of the others, and return them.

    One round of each, then the next; a round that does not count goes first, so that caches are as they stay. `pick`
    is another figure of the rounds: on a machine that is never quiet the least (`min`) says most.
    """
    found: list[list[Took]] = [[] for _ in contenders]
    for number in range(rounds + 1):
        for contender, times in zip(contenders, found, strict=True):
            if number <= contender.most:
                contender.before()
                took = timed(contender.command, contender.folder, contender.environment)
                if number:
                    times.append(took)
    middle = tuple(Took(pick([t.wall for t in times]), pick([t.cpu for t in times])) for times in found)
    print(f"{title}: {pick.__name__} of {rounds} rounds in turn")
    for contender, took in zip(contenders, middle, strict=True):
        few = f", {contender.most} rounds" if contender.most < rounds else ""
        print(f"  {contender.name + few:<44} {_seconds(took.wall)}  cpu {_seconds(took.cpu)} "
              f"{took.wall / middle[0].wall:7.1f}x{_verdict(contender, took, middle[0])}", flush=True)  # fmt: skip
    print()
    return middle


def _verdict(contender: Contender, took: Took, first: Took) -> str:
    aim = contender.times * first.wall if contender.times is not None else contender.aim
    if aim is None:
        return ""
    told = f"{contender.times:g}x" if contender.times is not None else f"{aim:g} s"
    if took.wall <= aim:
        return f"   aim {told}: met"
    # On a machine that others use the wall tells of them too; the processors tell of us alone.
    return f"   aim {told}: NOT met" + (" (its cpu time is within)" if took.cpu <= aim else "")


def _seconds(value: float) -> str:
    return f"{value * 1000:7.0f} ms" if value < 10 else f"{value:8.1f} s"


def _used() -> float:
    """Return the processor seconds of all processes that ended below us."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def plain_environment() -> dict[str, str]:
    """Return our environment without what pytest or git put in it, and without colours.

    What a command imports is compiled once, as it is for a user.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTEST_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "NO_COLOR": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
