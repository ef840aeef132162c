"""A candidate that searches, with trials on record."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.model import Budget, NumberType, Pairs, Range, Search
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.records.facts import Fact, Tried
from tests.factories import a_model, clock, desire, finished, intent
from tests.worlds import World, with_candidate

SEARCH = Search(
    ranges=(
        Range("depth", 1, 8, type=NumberType.INTEGER),
        Range("loss", values=("log", "hinge|`x`")),
        Range("rate", 0.0, 1.0, type=NumberType.FLOAT),
    ),
    budget=Budget(trials=4),
)
CHOSEN: tuple[tuple[Pairs, float | None], ...] = (
    ((("depth", 3), ("loss", "log"), ("rate", 0.125)), 0.91),
    ((("depth", 8), ("loss", "hinge|`x`"), ("rate", 0.0123456789)), 0.95),
    ((("depth", 1), ("loss", "log"), ("rate", 0.5)), None),
    ((("depth", 5), ("loss", "log"), ("rate", 1.0)), 0.95),
)


def a_search(search: Search = SEARCH) -> World:
    """Return a world whose `boosting` is to search."""
    return World(desire(with_candidate(a_model(), "boosting", search=search)))


def tried(desired: DesiredModel, number: int, *, attempt: int = 1, scoring: str = "") -> Tried:
    """Return the end of a trial; the third one fails."""
    wanted = next(c for c in desired.candidates if c.name == "boosting")
    given, score = CHOSEN[number - 1]
    return Tried(
        model=desired.name,
        candidate="boosting",
        search=wanted.fingerprint,
        attempt=attempt,
        number=number,
        scoring=scoring or desired.scoring(SEARCH),
        fingerprint=wanted.trial(given).fingerprint,
        hyperparameters=given,
        outcome="failed" if score is None else "succeeded",
        detail="exited non-zero: exit code 1" if score is None else "",
        metric="accuracy",
        score=score,
        rows=150,
        seconds=12.0 * number,
        at=clock(number),
    )


def searching(count: int = 4) -> World:
    """Return the world in which so many trials have ended, and with all of them the search."""
    world = a_search()
    start = intent(world.desired, "boosting")
    facts: list[Fact] = [start, *(tried(world.desired, number) for number in range(1, count + 1))]
    if count == 4:
        facts.append(replace(finished(start, seconds=120.0), detail="trial 2 of 4 is best"))
    return world.recording(*facts)
