"""Comparing models side by side: who is meant, whether they were judged on the same rows, and in what they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.fingerprint.recipes import differences
from mlops_ci.judging.scores import Difference
from mlops_ci.model import Goal, Json
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.records.facts import Evaluated
from mlops_ci.records.ledger import Ledger
from mlops_ci.records.lineage import version_named

CHAMPION = "champion"
UNKNOWN = "(not on record)"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the compared: as it was asked for, what it is, and the evaluation of it on today's rows.

    `candidate` may be empty where it is not known any more; `version` is 0 for what was never released.
    """

    asked: str
    candidate: str
    version: int
    evaluated: Evaluated

    @property
    def title(self) -> str:
        """Return how people call it: `boosting`, `v1 (boosting)`."""
        return self.asked if self.candidate in {"", self.asked} else f"{self.asked} ({self.candidate})"


@dataclass(frozen=True, slots=True)
class Row:
    """A metric of all sides, in their order (None: no value), and the differences of all but the first to the first."""

    metric: str
    goal: Goal
    values: tuple[float | None, ...]
    differences: tuple[Difference | None, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """Something in which the sides were made differently: its path, and what each says, as JSON (None: nothing)."""

    path: str
    values: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The sides, first the one that the others are compared with, on so many test rows; the deciding metric first."""

    model: str
    rows: int
    sides: tuple[Side, ...]
    metrics: tuple[Row, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Why somebody cannot be compared: `problem` follows the name; `hint` is what to type."""

    problem: str
    hint: str


def find_side(desired: DesiredModel, ledger: Ledger, asked: str) -> Side | Missing | None:
    """Return who is meant by a candidate, `champion`, `v3`, an environment, or the start of a past fingerprint.

    None where nothing is called so.
    """
    name = desired.name
    candidate = next((c for c in desired.candidates if c.name == asked), None)
    versions = {package: number for number, package in desired.release.versions}
    if candidate is not None:
        trained = ledger.success("training", candidate.fingerprint)
        if trained is None:
            return Missing("is not trained as it is now", f"mlops-ci train {name} --candidate {asked}")
        package = desired.package(trained)
        made = _evaluation(desired, ledger, package)
        if made is None:
            return Missing("is not evaluated on today's test rows", f"mlops-ci evaluate {name}")
        return Side(asked, asked, versions.get(package, 0), made)
    version = version_named(desired.release, "" if asked == CHAMPION else asked) if asked else None
    if version is not None:
        made = _evaluation(desired, ledger, desired.release.package(version) or "")
        if made is None:
            hint = f"mlops-ci evaluate {name}" if asked == CHAMPION else f"mlops-ci leaderboard {name} --every"
            return Missing("is not evaluated on today's test rows", hint)
        return Side(asked, _named(made, ledger), version, made)
    if asked == CHAMPION:
        return Missing("is nobody yet", f"mlops-ci run {name}")
    return _past(desired, ledger, asked, versions)


def names(desired: DesiredModel) -> tuple[str, ...]:
    """Return every name by which somebody can be meant, past fingerprints apart."""
    released = (CHAMPION,) if desired.release.champion else ()
    versions = tuple(f"v{number}" for number, _ in desired.release.versions)
    return (*(c.name for c in desired.candidates), *released, *versions)


def _past(desired: DesiredModel, ledger: Ledger, asked: str, versions: dict[str, int]) -> Side | Missing | None:
    if len(asked) < 4:  # of a fingerprint, the leaderboard shows seven digits
        return None
    packages = {
        e.package: e.at
        for e in ledger.evaluations.values()
        if e.model == desired.name and e.fingerprint.startswith(asked)
    }
    for package in sorted(packages, key=lambda package: (packages[package], package), reverse=True):
        made = _evaluation(desired, ledger, package)
        if made is not None:
            return Side(asked, _named(made, ledger), versions.get(package, 0), made)
    hint = f"mlops-ci leaderboard {desired.name} --every"
    return Missing("is not evaluated on today's test rows", hint) if packages else None


def _named(made: Evaluated, ledger: Ledger) -> str:
    packaged = ledger.packages.get(made.package)
    return made.candidate or (packaged.candidate if packaged else "")


def _evaluation(desired: DesiredModel, ledger: Ledger, package: str) -> Evaluated | None:
    """Return the package's evaluation by today's rules, else its newest on the same rows by other rules, or None."""
    today = ledger.evaluations.get(desired.evaluation(package))
    if today is not None:
        return today
    rows = _rows_of(desired.evaluation_recipe(package))
    known = (made for made in reversed(ledger.evaluations_of(desired.name, package=package)) if made.recipe)
    return next((made for made in known if _rows_of(json.loads(made.recipe)) == rows), None)


def _rows_of(recipe: dict[str, Json]) -> str:
    """Return what determines the test rows in an evaluation's recipe: data, split and processing."""
    rules = recipe.get("rules")
    split = rules.get("data") if isinstance(rules, dict) else None
    return canonical([recipe.get("data"), split, recipe.get("processing")])


def find_fields(ledger: Ledger, sides: tuple[Side, ...]) -> tuple[Field, ...]:
    """Return everything in which the sides were made differently, by path: training first, then serving.

    What follows from another field is left out: an image has the framework that the manifest names, and so on. A side
    whose recipes are not on record says so.
    """
    made = [dict(_leaves(ledger, side)) for side in sides]
    paths = sorted({path for leaves in made for path in leaves}, key=lambda path: (_at(path), path))
    found: list[Field] = []
    for path in paths:
        known = {canonical(leaves.get(path)) for leaves in made if leaves}
        field = Field(path, tuple(leaves.get(path) if leaves else UNKNOWN for leaves in made))
        follows = any(path.endswith(earlier.path) and earlier.values == field.values for earlier in found)
        if not follows and len(known) > 1:
            found.append(field)
    return tuple(found)


def _at(path: str) -> int:
    """Return where a path is told: what people write in a manifest first, images next, the package last."""
    return 2 if path.startswith("serving ") else 1 if path.startswith("image.") else 0


def _leaves(ledger: Ledger, side: Side) -> Iterator[tuple[str, Json]]:
    tries = ledger.tries("training", side.evaluated.fingerprint)
    if tries and tries[-1].intent.recipe:
        for path, _, value in differences({}, json.loads(tries[-1].intent.recipe)):
            if path != "entry":  # it follows from the script
                yield path.removeprefix("candidate.").removeprefix("model."), value
    packaged = ledger.packages.get(side.evaluated.package)
    if packaged is not None and packaged.recipe:
        for path, _, value in differences({}, json.loads(packaged.recipe)):
            if path != "model":  # another model's bytes always differ
                yield f"serving {path}", value
