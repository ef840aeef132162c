"""Retention: which records nothing needs any more. A pure function of facts; what it does not know, it keeps.

Records are kept or given up together: a training with its attempts, the packages that were made of it, their
evaluations and the jobs behind those. History itself, what was decided, promoted, served, tested and let through, is
small and never given up.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.records.facts import Evaluated, Fact, Finished, Intent, Packaged

Unit = tuple[str, str, str]
"""(model, `training`, `processing` or another kind of work, fingerprint): what is kept or given up together."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What retention needs to know of a record. Times are UTC, ISO 8601; `changed` is when it was put here.

    `about` is what makes it part of a unit: the fingerprint, and for an evaluation's job the package.
    """

    name: str
    model: str
    kind: str
    work: str
    fingerprint: str
    candidate: str
    attempt: int
    package: str
    evaluation: str
    processing: str
    is_success: bool
    at: str
    changed: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What may go: trainings whose last record is before `before`, and those beyond the `keep` newest of a candidate.

    None means that this does not count; where both are given, both must hold. Nothing that was put after `settled`
    goes. All times are UTC, ISO 8601.
    """

    before: str | None
    keep: int | None
    settled: str

    @property
    def asks(self) -> bool:
        """Return whether any record may go."""
        return self.before is not None or self.keep is not None


@dataclass(frozen=True, slots=True)
class Needed:
    """What must stay: `digests` of fingerprints, packages and evaluations; models other than `models` are not ours."""

    digests: frozenset[str]
    models: frozenset[str]


def noted(fact: Fact, changed: str) -> Noted | None:
    """Return what retention needs to know of a fact; None of one that is never given up."""
    match fact:
        case Intent():
            recipe = _recipe(fact.recipe)
            package = str(recipe.get("package", "")) if fact.work == "evaluation" else ""
            return Noted(
                fact.name, fact.model, "intent", fact.work, fact.fingerprint, fact.candidate, fact.attempt, package, "",
                _processing(recipe), False, fact.at, changed,
            )  # fmt: skip
        case Finished():
            return Noted(
                fact.name, fact.model, "finished", fact.work, fact.fingerprint, "", fact.attempt, "", "",
                "", fact.outcome == "succeeded", fact.ended_at, changed,
            )  # fmt: skip
        case Packaged():
            return Noted(
                fact.name, fact.model, "packaged", "training", fact.fingerprint, fact.candidate, 0, fact.package, "",
                "", False, "", changed,
            )  # fmt: skip
        case Evaluated():
            return Noted(
                fact.name, fact.model, "evaluated", "training", fact.fingerprint, fact.candidate, 0, fact.package,
                fact.evaluation, _processing(_recipe(fact.recipe)), False, fact.at, changed,
            )  # fmt: skip
        case _:
            return None


_ALONE = frozenset({"processing", "evaluation", "transform", "batch"})
"""Work whose records may go without a training's; of any other work nothing goes."""

_ORDER = ("evaluated", "packaged", "intent", "finished")
"""An intent goes before its end: an end alone is nothing, an intent alone would be a job to take up again."""


def given_up(records: Iterable[Noted], needed: Needed, policy: Policy) -> tuple[str, ...]:
    """Return the names of the records that may go, in the order in which they must."""
    if not policy.asks:
        return ()
    units = _units(records)
    training = {unit: found for unit, found in units.items() if unit[1] == "training"}
    gone = {unit for unit in _surplus(training, policy) if _may_go(unit, units[unit], needed, policy)}
    wanted = {r.processing for unit, found in units.items() if unit not in gone for r in found if r.processing}
    for unit, found in units.items():
        _, work, fingerprint = unit
        if work not in _ALONE or (work == "processing" and fingerprint in wanted):
            continue
        is_old = policy.before is not None and _last(found) < policy.before
        is_unneeded = policy.before is None and work == "processing" and any(r.kind == "intent" for r in found)
        if (is_old or is_unneeded or _is_headless(found)) and _may_go(unit, found, needed, policy):
            gone.add(unit)
    names = [(_ORDER.index(record.kind), record.name) for unit in gone for record in units[unit]]
    return tuple(name for _, name in sorted(names))


def _units(records: Iterable[Noted]) -> dict[Unit, list[Noted]]:
    every = list(records)
    of_package = {r.package: r.fingerprint for r in every if r.kind in {"packaged", "evaluated"}}
    of_evaluation = {r.evaluation: r.fingerprint for r in every if r.kind == "evaluated"}
    for record in every:
        if record.work == "evaluation" and record.package in of_package:
            of_evaluation.setdefault(record.fingerprint, of_package[record.package])
    units: dict[Unit, list[Noted]] = defaultdict(list)
    for record in every:
        owner = of_evaluation.get(record.fingerprint) if record.work == "evaluation" else None
        work, fingerprint = ("training", owner) if owner is not None else (record.work, record.fingerprint)
        units[record.model, work, fingerprint].append(record)
    return units


def _surplus(training: dict[Unit, list[Noted]], policy: Policy) -> set[Unit]:
    """Return the trainings that are too old, and beyond the newest of their candidate; as far as that is asked."""
    ranks: dict[Unit, int] = {}
    by_candidate: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit, found in training.items():
        by_candidate[unit[0], next((r.candidate for r in found if r.candidate), "")].append(unit)
    for units in by_candidate.values():
        rank = 0
        for unit in sorted(units, key=lambda unit: (_last(training[unit]), unit), reverse=True):
            ranks[unit] = rank
            rank += any(r.is_success and r.work == "training" for r in training[unit])
    return {
        unit
        for unit, found in training.items()
        if _is_headless(found)
        or (
            (policy.before is None or _last(found) < policy.before)
            and (policy.keep is None or ranks[unit] >= policy.keep)
        )
    }


def _may_go(unit: Unit, found: list[Noted], needed: Needed, policy: Policy) -> bool:
    """Return whether nothing is known that keeps a unit here."""
    about = {unit[2], *(r.package for r in found), *(r.evaluation for r in found), *(r.fingerprint for r in found)}
    ended = {(r.work, r.fingerprint, r.attempt) for r in found if r.kind == "finished"}
    is_open = any((r.work, r.fingerprint, r.attempt) not in ended for r in found if r.kind == "intent")
    is_settled = all(r.changed < policy.settled and r.at < policy.settled for r in found)
    return unit[0] in needed.models and not about & needed.digests and not is_open and is_settled


def _is_headless(found: list[Noted]) -> bool:
    """Return whether only ends are left of attempts whose beginnings were given up already."""
    return all(r.kind == "finished" for r in found)


def _last(found: list[Noted]) -> str:
    return max((r.at for r in found if r.at), default=max(r.changed for r in found))


def _recipe(text: str) -> dict[str, object]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _processing(recipe: dict[str, object]) -> str:
    """Return the fingerprint of the processing that a recipe rests on, or an empty string."""
    found = recipe.get("processing")
    try:
        return digest(found) if isinstance(found, dict) else ""
    except ValueError:  # a number that is none: nothing has this name
        return ""
