"""A review: all that is to be said of a change before it is merged. What it holds may leave the machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from mlops_ci.diagnostics import Diagnostic, has_errors
from mlops_ci.plan.change import Plan
from mlops_ci.plan.contest import foretold
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.hidden import HIDDEN, is_secret
from mlops_ci.plan.leaderboard import Board, Entry, State, leaderboard
from mlops_ci.plan.manifest_diff import Since
from mlops_ci.plan.saved import portable
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.ledger import Ledger

Item = TypeVar("Item")


class Training(Enum):
    """What training a pull request brings about."""

    NEVER = "never"
    UNLABELLED = "not before it has the label"
    DONE = "done, and kept apart"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is on record for a model's candidates as they are here, and how the contest ended or would end."""

    board: Board
    sentence: str

    @property
    def is_known(self) -> bool:
        """Return whether any accuracy is on record, of them or of the champion."""
        return any(entry.metrics for entry in self.board.with_defending())


@dataclass(frozen=True, slots=True)
class Review:
    """What is said of a commit. `label` names the project in its repository.

    Without a plan the manifests are wrong: `diagnostics` say how, and are warnings alone where there is one; their
    paths begin at the top of the git repository. `training` is None where nobody asked; `train_label` is the label
    that it waits for. `remarks` are sentences on what is missing in here.
    """

    label: str
    commit: str
    plan: Plan | None
    since: Since | None = None
    forecasts: tuple[Forecast, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    damaged: tuple[Damaged, ...] = ()
    training: Training | None = None
    train_label: str = ""
    pull_request: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Return whether the manifests are right."""
        return self.plan is not None and not has_errors(self.diagnostics)

    def models(self) -> tuple[str, ...]:
        """Return the models of which there is something to say, sorted."""
        named = {change.model for change in self.plan.changes} if self.plan else set()
        named |= {note.model for note in self.plan.notes} if self.plan else set()
        named |= {model.model for model in self.since.models} if self.since else set()
        return tuple(sorted(named))

    def by_model(self) -> dict[str, Review]:
        """Return what is said of each of these models alone; everything is looked at once, however many there are."""
        plan, since = self.plan, self.since
        lines = _grouped(since.models if since else (), lambda one: one.model)
        changes = _grouped(plan.changes if plan else (), lambda one: one.model)
        steps = _grouped(plan.steps if plan else (), lambda one: one.step.model)
        notes = _grouped(plan.notes if plan else (), lambda one: one.model)
        foretold = _grouped(self.forecasts, lambda one: one.board.model)
        return {
            name: replace(
                self,
                plan=plan and replace(plan, changes=changes[name], steps=steps[name], notes=notes[name]),
                since=since and replace(since, models=lines[name]),
                forecasts=foretold[name],
            )
            for name in self.models()
        }

    def forecast(self, model: str) -> Forecast | None:
        """Return what is foretold of a model, None where that is nothing."""
        return next((found for found in self.forecasts if found.board.model == model), None)


def _grouped(some: Iterable[Item], of: Callable[[Item], str]) -> defaultdict[str, tuple[Item, ...]]:
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for one in some:
        found[of(one)].append(one)
    return defaultdict(tuple, {name: tuple(group) for name, group in found.items()})


def public_plan(plan: Plan) -> Plan:
    """Return a plan without the words of processes and jobs, which may say anything of a machine."""
    return replace(plan, changes=tuple(portable(change) for change in plan.changes))


def forecasts(desired: Iterable[DesiredModel], ledger: Ledger) -> tuple[Forecast, ...]:
    """Return what is on record for each of these models, as it may be told to anybody."""
    models = tuple(desired)
    boards = leaderboard(models, ledger).boards
    return tuple(Forecast(_public(board), foretold(model, ledger)) for model, board in zip(models, boards, strict=True))


def _public(board: Board) -> Board:
    entries = tuple(map(_public_entry, board.entries))
    return replace(board, entries=entries, defending=_public_entry(board.defending) if board.defending else None)


def _public_entry(entry: Entry) -> Entry:
    given = tuple((name, HIDDEN if is_secret(name) else value) for name, value in entry.hyperparameters)
    detail = entry.detail.partition(":")[0] if entry.state is State.FAILED else entry.detail
    return replace(entry, hyperparameters=given, detail=detail)
