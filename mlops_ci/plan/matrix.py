"""A plan as jobs of a CI system: what trains, in groups where it is much, and what later steps are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from mlops_ci.plan.change import Plan
from mlops_ci.plan.steps import Deploy, Gate, Restore, Step, Test, Train

MOST = 256
"""Jobs that one matrix of GitHub Actions may have."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a matrix: a name that no other one has, and its candidates as `MODEL/NAME`."""

    name: str
    candidates: tuple[str, ...]


def busy_models(plan: Plan) -> tuple[str, ...]:
    """Return the models for which there is something to do, in the plan's order."""
    return tuple(dict.fromkeys(scheduled.step.model for scheduled in plan.steps))


def trainings(plan: Plan) -> tuple[str, ...]:
    """Return the candidates that are to be trained as `MODEL/NAME`, in the plan's order."""
    steps = (scheduled.step for scheduled in plan.steps)
    return tuple(dict.fromkeys(f"{step.model}/{step.candidate}" for step in steps if isinstance(step, Train)))


def matrix(plan: Plan, most: int = MOST) -> tuple[Job, ...]:
    """Return a job a training; where there are more than `most`, that many jobs of neighbours.

    Two of these differ by one candidate at most, the larger ones first.
    """
    found = trainings(plan)
    size, larger = divmod(len(found), most) if len(found) > most else (1, 0)
    jobs: list[Job] = []
    at = 0
    while at < len(found):
        count = size + (len(jobs) < larger)
        jobs.append(_job(found[at : at + count]))
        at += count
    return tuple(jobs)


def _job(candidates: tuple[str, ...]) -> Job:
    more = f" and {len(candidates) - 1} more" if len(candidates) > 1 else ""
    return Job(candidates[0] + more, candidates)


def environments(plan: Plan) -> tuple[str, ...]:
    """Return the environments that steps of the plan are about, each after those that it follows in any model."""
    orders: defaultdict[str, list[str]] = defaultdict(list)
    for scheduled in plan.steps:
        name = _environment(scheduled.step)
        if name and name not in orders[scheduled.step.model]:
            orders[scheduled.step.model].append(name)
    return _merged([*orders.values()])


def _environment(step: Step) -> str:
    return step.environment if isinstance(step, (Gate, Restore, Deploy, Test)) else ""


def _merged(orders: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return every name once, in an order that each of these agrees with; where two disagree, in that of the first."""
    left = dict.fromkeys(name for order in orders for name in order)
    before = {name: {first for order in orders if name in order for first in order[: order.index(name)]}
              for name in left}  # fmt: skip
    made: list[str] = []
    while left:
        free = next((name for name in left if not before[name] & left.keys()), next(iter(left)))
        made.append(free)
        del left[free]
    return tuple(made)
