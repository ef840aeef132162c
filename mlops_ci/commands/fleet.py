"""A fleet of builds for the trainings of a plan: taken up or started, and followed to its end."""

from __future__ import annotations

import re
from collections.abc import Callable

from mlops_ci.errors import JobFailed, TryAgain
from mlops_ci.plan.change import Plan
from mlops_ci.plan.matrix import matrix
from mlops_ci.ports.clock import Clock
from mlops_ci.ports.fleets import Fleet, Fleets, FleetState, Part

MOST = 100
"""Builds of one fleet: what CodeBuild allows a batch where nobody asked for more.

https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html
"""

_PAUSE = 5.0
"""Seconds between two looks."""


def parts(plan: Plan) -> tuple[Part, ...]:
    """Return what each build works on: a candidate that is to be trained, or several where there are too many."""
    jobs = matrix(plan, MOST)
    return tuple(Part(_named(number, job.name), job.candidates) for number, job in enumerate(jobs, start=1))


def _named(number: int, name: str) -> str:
    """Return a name fit for a task of a batch: a letter, then letters, digits and `_`, 128 in all."""
    return f"train_{number}_{re.sub('[^A-Za-z0-9]+', '_', name)}"[:128].rstrip("_")


def train_by_fleet(fleets: Fleets, clock: Clock, commit: str, plan: Plan, tell: Callable[[str], None]) -> None:
    """Train what a plan names by builds side by side; `tell` is given a line for each that begins or ends.

    A fleet that runs for this commit already is taken up: what it trains is what this plan wants, or was trained since.

    Raises:
        JobFailed: a build failed.
        TryAgain: somebody stopped it.

    """
    wanted = parts(plan)
    if not wanted:
        tell("nothing is to be trained")
        return
    known = fleets.running(commit)
    if known:
        tell(f"{known} runs for this commit: it is waited for")
    else:
        known = fleets.start(commit, wanted)
        tell(f"{known}: {len(wanted)} build{'s' * (len(wanted) != 1)}")
    _judged(_followed(fleets, clock, known, tell))


def _followed(fleets: Fleets, clock: Clock, fleet: str, tell: Callable[[str], None]) -> Fleet:
    told: dict[str, FleetState] = {}
    while True:
        now = fleets.look(fleet)
        for build in now.builds:
            if told.get(build.name) is not build.state:
                told[build.name] = build.state
                tell(f"{build.name}: {build.state.value}{f' ({build.log})' if build.log else ''}")
        if now.state is not FleetState.RUNNING:
            return now
        clock.sleep(_PAUSE)


def _judged(ended: Fleet) -> None:
    failed = [build for build in ended.builds if build.state is FleetState.FAILED]
    if ended.state is FleetState.STOPPED:
        raise TryAgain(f"{ended.id} was stopped", hint="mlops-ci ci batch, which starts another")
    if failed or ended.state is FleetState.FAILED:
        raise JobFailed(
            f"{len(failed)} of {len(ended.builds)} builds of {ended.id} failed",
            hint="look at the log of each that failed; what the others trained is recorded",
            detail="\n".join(f"{build.name}: {build.log}" for build in failed),
        )
