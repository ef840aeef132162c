"""A model's past: candidates whose hyperparameter was another one, evaluated, or promoted one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.estate.files import CUTS
from bench.estate.settled import Settled, settle
from bench.estate.work import Site, competed
from mlops_ci.executor.desire import desire
from mlops_ci.model import Candidate, Model
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.records.facts import Fact

STEP = 2.0**-24
"""How far the cuts of two past candidates lie apart: no row lies between any of them, no two are the same."""


def evaluations_before(here: Site, model: Model, count: int) -> Iterator[tuple[Fact, ...]]:
    """Yield the facts of each of so many past evaluations of the candidate `low`."""
    for number in range(count):
        earlier = replace(model, candidates=(_with_cut(model, "low", CUTS["low"] + (number + 1) * STEP),))
        desired = desire(here.world, earlier, here.tree).model
        yield tuple(competed(here, desired, desired.candidates[0], 3.0 * number))


def versions_of(here: Site, model: Model, count: int, second: float) -> Iterator[tuple[DesiredModel, Settled]]:
    """Yield so many versions, each with the model as it was desired then; the last is what the manifests say today."""
    last: Settled | None = None
    for number in range(count):
        cut = CUTS["middle"] + (count - 1 - number) * STEP
        candidates = tuple(_with_cut(model, "middle", cut) if c.name == "middle" else c for c in model.candidates)
        desired = desire(here.world, replace(model, candidates=candidates), here.tree).model
        if last is not None:
            desired = replace(desired, release=last.release)
        last = settle(here, desired, _standing(last), second + 10.0 * number)
        yield desired, last


def _standing(last: Settled | None) -> tuple[Fact, ...]:
    return () if last is None else last.known


def _with_cut(model: Model, name: str, cut: float) -> Candidate:
    found = model.candidate(name)
    if found is None:
        raise AssertionError(f"every model of an estate has a candidate `{name}`")
    hyperparameters = tuple((key, cut if key == "cut" else value) for key, value in found.hyperparameters)
    return replace(found, hyperparameters=hyperparameters)
