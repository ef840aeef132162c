"""The order of work: changes to steps, each with the steps that must have ended well before it."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_ci.plan.candidates import standing_alone, standing_subject
from mlops_ci.plan.change import Action, Change
from mlops_ci.plan.desired import DesiredModel, Reach
from mlops_ci.plan.environments import is_tested
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Process, Promote, Restore, Scheduled, Step, Test, Train
from mlops_ci.records.ledger import Ledger


def steps_for(desired: DesiredModel, changes: tuple[Change, ...], ledger: Ledger) -> tuple[Scheduled, ...]:
    """Return the steps that these changes of one model cause, in an order that respects `needs`.

    Where a new champion is possible, everything behind it is included; a step that turns out to be unnecessary
    does nothing and says so. A promotion that is proposed moves nothing until it is merged: nothing stands behind it.
    """
    made: list[Scheduled] = []
    evaluated, standing = _candidate_steps(desired, changes, ledger, made)
    if desired.reach is Reach.AFTER_MERGE:
        return tuple(made)
    decides = bool(evaluated) or any(c.action is Action.PROMOTE for c in changes)
    last: tuple[str, ...] = ()
    if decides:
        promoted = _add(made, Promote(desired.name), evaluated)
        last = () if desired.is_proposed else promoted
    _environment_steps(desired, changes, made, last, standing)
    return tuple(made)


def _candidate_steps(
    desired: DesiredModel, changes: tuple[Change, ...], ledger: Ledger, made: list[Scheduled]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Add training and evaluation; return the ids of the contest's evaluations, and of those by environment."""
    trained = {c.subject for c in changes if c.action in {Action.NEW, Action.RETRAIN}}
    again = {c.subject for c in changes if c.action is Action.REEVALUATE}
    names = [c.name for c in desired.candidates if c.name in trained]
    first: tuple[str, ...] = ()
    processing = desired.processing_fingerprint
    standing = [s.environment for s in standing_alone(desired) if standing_subject(s) in again]
    needed = names or standing or again & {*(c.name for c in desired.candidates), "champion"}
    if processing and needed and ledger.success("processing", processing) is None:
        first = _add(made, Process(desired.name), ())
    training = {name: _add(made, Train(desired.name, name), first) for name in names}
    evaluations: list[str] = []
    if "champion" in again:  # first: where it stands on the rows of today is what the others are compared with
        evaluations.extend(_add(made, Evaluate(desired.name, ""), first))
    for candidate in desired.candidates:
        if candidate.name in training or candidate.name in again:
            needs = training.get(candidate.name, first)
            evaluations.extend(_add(made, Evaluate(desired.name, candidate.name), needs))
    return tuple(evaluations), {name: _add(made, Evaluate(desired.name, "", name), first) for name in standing}


def _environment_steps(
    desired: DesiredModel,
    changes: tuple[Change, ...],
    made: list[Scheduled],
    promoted: tuple[str, ...],
    standing: Mapping[str, tuple[str, ...]],
) -> None:
    """Add gates, deployments and tests; what stands behind an environment follows only where its version may move."""
    versions = {c.subject for c in changes if any(reason.code == "version" for reason in c.reasons)}
    touched = {c.subject: c.action for c in changes if c.action is not Action.REMOVED}
    moving: dict[str, tuple[str, ...]] = {}
    last: dict[str, tuple[str, ...]] = {}
    for environment in desired.model.environments:
        name, source = environment.name, environment.promotes_from
        behind = moving.get(source, promoted if not source else ())
        action = touched.get(name)
        if not behind and action is None:
            continue
        moves = bool(behind) or name in versions
        before = behind or (last.get(source, ()) if moves else ())
        if source and moves:  # a dead endpoint comes back whatever the gate says
            before = _add(made, Gate(desired.name, name), before)
        if behind and action in {Action.REDEPLOY, Action.DRIFT} and name not in versions:
            # What is down comes back now; it does not wait for trainings that may fail.
            before = (*before, *_add(made, Restore(desired.name, name), ()))
        if action is not Action.REEVALUATE or behind:
            before = _add(made, Deploy(desired.name, name), before)
        if is_tested(desired, environment):
            before = _add(made, Test(desired.name, name), (*standing.get(name, ()), *before))
        last[name] = before
        if moves:
            moving[name] = before


def _add(made: list[Scheduled], step: Step, needs: tuple[str, ...]) -> tuple[str, ...]:
    made.append(Scheduled(step, needs))
    return (step.id,)
