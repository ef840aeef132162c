"""What a difference does to each candidate, endpoint and test of a model: the declared effects, carried to subjects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from mlops_ci.model import Effect
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.environments import is_tested


class Part(Enum):
    """What of a model something happens to."""

    CANDIDATE = "candidate"
    CHAMPION = "champion"
    ENDPOINT = "endpoint"
    TESTS = "tests"
    GATE = "gate"


class Impact(Enum):
    """What happens to it. `FOLLOW`: only where another candidate, or another package, becomes champion."""

    NEW = "new"
    GONE = "gone"
    RETRAIN = "retrain"
    REEVALUATE = "re-evaluate"
    DECIDE = "decide again"
    REDEPLOY = "redeploy"
    RETEST = "test again"
    ASK = "ask again"
    FOLLOW = "follow the champion"


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that happens to one part; `name` is a candidate's or an environment's, empty for the champion."""

    part: Part
    name: str
    impact: Impact


def consequences(effects: frozenset[Effect], at: tuple[str, ...], new: DesiredModel) -> tuple[Consequence, ...]:
    """Return what a change that causes these effects does to the parts of a model; none where it causes no work.

    `at` is the way of what changed: below `candidates` and `environments` its second part says whose it is.
    """
    section, owner = at[0], at[1] if len(at) > 1 else ""
    found: list[Consequence] = []
    if Effect.RETRAIN in effects:
        mine = [owner] if section == "candidates" else [c.name for c in new.candidates]
        found += [Consequence(Part.CANDIDATE, name, Impact.RETRAIN) for name in mine]
    elif Effect.REEVALUATE in effects:
        found += [Consequence(Part.CANDIDATE, c.name, Impact.REEVALUATE) for c in new.candidates]
    if Effect.REDEPLOY in effects:
        mine = [owner] if section == "environments" else [e.name for e in new.model.environments]
        found += [Consequence(Part.ENDPOINT, name, Impact.REDEPLOY) for name in mine]
    # Another package is tested where it comes to serve; what serves has an evaluation that stays as it is.
    is_another_package = {Effect.REEVALUATE, Effect.REDEPLOY} <= effects
    if Effect.RETEST in effects or (Effect.REEVALUATE in effects and not is_another_package):
        found += [Consequence(Part.TESTS, name, Impact.RETEST) for name in _tested(new)]
    if Effect.REJUDGE in effects and section == "environments":
        found.append(Consequence(Part.GATE, owner, Impact.ASK))
    elif {Effect.RETRAIN, Effect.REEVALUATE, Effect.REJUDGE} & effects:
        found += _contest(new)
    return merged(found)


def arrival(section: str, name: str, impact: Impact, new: DesiredModel) -> tuple[Consequence, ...]:
    """Return what it does that a candidate or an environment (`section`) came or went."""
    if section == "candidates":
        return merged((Consequence(Part.CANDIDATE, name, impact), *_contest(new)))
    return (Consequence(Part.ENDPOINT, name, impact),)


def merged(found: Iterable[Consequence]) -> tuple[Consequence, ...]:
    """Return each part's consequences once, a kind of part after the other.

    What may follow is not told beside what is sure; a candidate that is trained again is evaluated again anyway.
    """
    unique = tuple(dict.fromkeys(found))
    sure = {(c.part, c.name) for c in unique if c.impact is not Impact.FOLLOW}
    trained = {c.name for c in unique if c.impact in {Impact.NEW, Impact.RETRAIN} and c.part is Part.CANDIDATE}
    kept = (
        c for c in unique
        if not (c.impact is Impact.FOLLOW and (c.part, c.name) in sure)
        and not (c.impact is Impact.REEVALUATE and c.name in trained)
    )  # fmt: skip
    return tuple(sorted(kept, key=lambda c: [*Part].index(c.part)))


def _contest(new: DesiredModel) -> list[Consequence]:
    """Return that the champion is decided again, and what follows where it is another one then."""
    follow = [Consequence(Part.ENDPOINT, e.name, Impact.FOLLOW) for e in new.model.environments]
    follow += [Consequence(Part.TESTS, name, Impact.FOLLOW) for name in _tested(new)]
    return [Consequence(Part.CHAMPION, "", Impact.DECIDE), *follow]


def _tested(new: DesiredModel) -> list[str]:
    return [e.name for e in new.model.environments if is_tested(new, e)]
