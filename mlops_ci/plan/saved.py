"""A saved plan: the plan, and how each of its models stood when it was made. What it holds may leave the machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Json
from mlops_ci.model.effects import plain
from mlops_ci.plan.change import Change, Plan, Reason
from mlops_ci.plan.desired import DesiredModel, Reach


@dataclass(frozen=True, slots=True)
class Stand:
    """How a model stood: how far its work might go, and a digest of each thing it is made of, by name, sorted."""

    model: str
    folder: str
    reach: Reach
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan with the stands of its models, in their order."""

    plan: Plan
    stands: tuple[Stand, ...]


def saved_plan(plan: Plan, desired: tuple[DesiredModel, ...]) -> SavedPlan:
    """Return a plan as it is saved: without the words of processes and jobs, which may say anything of a machine."""
    changes = tuple(portable(change) for change in plan.changes)
    return SavedPlan(replace(plan, changes=changes), tuple(stand(model) for model in desired))


def stand(desired: DesiredModel) -> Stand:
    """Return how a model stands, whatever is released."""
    model = desired.model
    parts: dict[str, Json] = {
        "manifest": plain(replace(model, candidates=())),
        "serving": [dict(desired.serving), desired.entry],
        "metrics": dict(desired.metric_code),
        "tests": dict(desired.test_files),
        "processing": desired.processing,
        **({"software/serving": dict(desired.served)} if desired.served else {}),
        **{f"data/{channel}": found for channel, found in desired.data},
    }
    for candidate in desired.candidates:
        recipe = json.loads(candidate.recipe)
        parts[f"candidate/{candidate.name}"] = plain(candidate.candidate)
        parts[f"code/{candidate.name}"] = [recipe["code"], recipe["entry"]]
        parts[f"software/{candidate.name}"] = recipe["image"]
        parts[f"training/{candidate.name}"] = candidate.fingerprint
    return Stand(model.name, model.folder, desired.reach, tuple((name, digest(parts[name])) for name in sorted(parts)))


def portable(change: Change) -> Change:
    """Return a change as it may leave the machine: without what a job or an endpoint said."""
    summary, reasons = change.summary, []
    for reason in change.reasons:
        kept = _kept(reason)
        summary = summary.replace(reason.sentence, kept.sentence) if reason.sentence else summary
        reasons.append(kept)
    return replace(change, reasons=tuple(reasons), summary=summary)


def _kept(reason: Reason) -> Reason:
    """Return a reason without what a job or an endpoint said."""
    if reason.code == "failed-before":
        return replace(reason, sentence=reason.sentence.partition(":")[0])
    if reason.code == "not-serving" and reason.sentence != "there is no endpoint":
        return replace(reason, sentence="its endpoint does not answer")
    return reason
