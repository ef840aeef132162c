"""Putting the parts of a plan together, and what concerns no model that is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mlops_ci.plan.change import Action, Basis, Change, Plan, Reason
from mlops_ci.plan.deployed import Deployed
from mlops_ci.plan.part import Part


def composed(basis: Basis, parts: Iterable[tuple[str, Part]], gone: tuple[Change, ...]) -> Plan:
    """Return the plan whose parts these are, by model; `gone` are changes of models that are not there."""
    found = tuple(parts)
    return Plan(
        basis,
        tuple(name for name, _ in found),
        (*(change for _, part in found for change in part.changes), *gone),
        tuple(step for _, part in found for step in part.steps),
        tuple(note for _, part in found for note in part.notes),
    )


def removed(deployed: Iterable[Deployed], known: Collection[str]) -> tuple[Change, ...]:
    """Return one change for each endpoint of a model that the project no longer has; `known` names all it has."""
    found = []
    for endpoint in deployed:
        if endpoint.model not in known:
            reason = Reason("removed", f"model `{endpoint.model}` is no longer in the repository, and still serves")
            summary = f"end it with `mlops-ci destroy {endpoint.environment} {endpoint.model}`"
            found.append(Change(endpoint.model, endpoint.environment, Action.REMOVED, (reason,), summary))
    return tuple(found)
