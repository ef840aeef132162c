"""The comparison: (Desired, Ledger, Deployed) to changes, steps and notes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.plan.candidates import candidate_changes
from mlops_ci.plan.change import Action, Basis, Change, Note, Plan, Reason
from mlops_ci.plan.composing import composed, removed
from mlops_ci.plan.contest import contest_change, foretold
from mlops_ci.plan.deployed import Deployed
from mlops_ci.plan.desired import DesiredModel, Reach
from mlops_ci.plan.environments import environment_changes
from mlops_ci.plan.far import far_notes
from mlops_ci.plan.order import steps_for
from mlops_ci.plan.part import Part
from mlops_ci.plan.reasons import why
from mlops_ci.records.ledger import Ledger


def make_plan(
    desired: tuple[DesiredModel, ...],
    ledger: Ledger,
    deployed: tuple[Deployed, ...],
    basis: Basis,
    known: tuple[str, ...],
) -> Plan:
    """Return the plan for these models. `known` names every model of the project, selected or not."""
    parts = tuple((model.name, make_part(model, ledger, deployed)) for model in desired)
    return composed(basis, parts, removed(deployed, known))


def make_part(desired: DesiredModel, ledger: Ledger, deployed: tuple[Deployed, ...]) -> Part:
    """Return what a plan says of one model."""
    found = tuple(model_changes(desired, ledger, deployed))
    changes = tuple(item for item in found if isinstance(item, Change))
    notes = tuple(item for item in found if isinstance(item, Note))
    return Part(changes, notes, steps_for(desired, changes, ledger))


def model_changes(desired: DesiredModel, ledger: Ledger, deployed: tuple[Deployed, ...]) -> Iterator[Change | Note]:
    """Yield the changes and notes of one model, in the order in which they will be worked off."""
    yield from far_notes(desired.name, desired.far)
    training = tuple(candidate_changes(desired, ledger))
    yield from training
    decision = None if training else contest_change(desired, ledger)
    if desired.reach is Reach.AFTER_MERGE:
        ahead = "the contest is held there" if training else foretold(desired, ledger)
        sentence = f"promotion and deployment come after merge ({desired.why_not}); {ahead}"
        if training or decision:
            yield Note(desired.name, "champion", "after-merge", sentence, "commit and merge it, then mlops-ci run")
    else:
        if decision is not None:
            yield decision
        yield from environment_changes(desired, ledger, deployed)
        yield from _dropped_environments(desired, deployed)
    yield from _metadata(desired, ledger)


def is_seen(desired: DesiredModel, ledger: Ledger) -> bool:
    """Return whether the fields that cause no work are as a run saw them last."""
    seen = ledger.seen.get(desired.name, ())
    return bool(seen) and seen[-1].state == desired.state()


def _metadata(desired: DesiredModel, ledger: Ledger) -> Iterator[Change]:
    """Yield one change where fields that cause no work differ from what a run saw last."""
    seen = ledger.seen.get(desired.name, ())
    if not seen or is_seen(desired, ledger):
        return
    reasons = why(seen[-1].recipe, canonical(dict(desired.metadata())))
    present = {c.name for c in desired.candidates}
    gone = sorted({*json.loads(seen[-1].recipe).get("candidates", {})} - present)
    for name in gone:
        reason = Reason("removed", f"candidate `{name}` is no longer in the manifests")
        yield Change(desired.name, name, Action.REMOVED, (reason,), f"`{name}` no longer competes; its records stay")
    rest = tuple(r for r in reasons if not any(r.field.startswith(f"candidates.{name}.") for name in gone))
    known = tuple(r for r in rest if not _is_new_candidate(r, desired, ledger))
    if known:
        summary = f"{known[0].sentence}: no work"
        yield Change(desired.name, desired.name, Action.METADATA, known, summary)


def _is_new_candidate(reason: Reason, desired: DesiredModel, ledger: Ledger) -> bool:
    """Return whether a metadata difference only says that a candidate is new, which another change tells."""
    parts = reason.field.split(".")
    return len(parts) > 1 and parts[0] == "candidates" and ledger.last_recipe(desired.name, parts[1]) is None


def _dropped_environments(desired: DesiredModel, deployed: tuple[Deployed, ...]) -> Iterator[Change]:
    for endpoint in deployed:
        if endpoint.model == desired.name and desired.model.environment(endpoint.environment) is None:
            reason = Reason("removed", f"`{endpoint.environment}` is no longer in the manifest, and still serves")
            summary = f"end it with `mlops-ci destroy {endpoint.environment} {desired.name}`"
            yield Change(desired.name, endpoint.environment, Action.REMOVED, (reason,), summary)
