"""What the gate of one environment says of many models: the list that a CI system waits for a person with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from mlops_ci.errors import UsageError
from mlops_ci.model import Environment
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.environments import is_merged, wanted_version
from mlops_ci.plan.gate import APPROVAL, Evidence, Found, opening
from mlops_ci.records.ledger import Ledger

_WAITING = re.compile(r"(?P<model>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)@v(?P<version>[1-9][0-9]{0,8})")


class Says(Enum):
    """What a gate says of a model, in the words that a table has."""

    NOTHING = "nothing stands before it"
    IN = "in already"
    HELD = "held"
    OPEN = "open"
    WAITS = "waits for a person"
    CLOSED = "closed"
    SUPERSEDED = "superseded: the branch asks for another state of it"


@dataclass(frozen=True, slots=True)
class ModelGate:
    """What the gate says of one model; version 0 where nothing stands before it."""

    model: str
    version: int
    says: Says
    evidence: tuple[Evidence, ...] = ()

    @property
    def name(self) -> str:
        """Return the version as `approve --waiting` takes it."""
        return f"{self.model}@v{self.version}"


@dataclass(frozen=True, slots=True)
class Gates:
    """What the gate of an environment says of models, in their order."""

    environment: str
    models: tuple[ModelGate, ...]

    @property
    def waiting(self) -> tuple[ModelGate, ...]:
        """Return what the environment would serve next and lacks nothing but an approval, or nothing at all."""
        return tuple(model for model in self.models if model.says in {Says.OPEN, Says.WAITS})

    @property
    def is_open(self) -> bool:
        """Return whether no model lacks anything, an approval neither."""
        return all(model.says not in {Says.CLOSED, Says.WAITS} for model in self.models)

    @property
    def is_refused(self) -> bool:
        """Return whether a model lacks more than an approval."""
        return any(model.says is Says.CLOSED for model in self.models)


def gates(
    desired: tuple[DesiredModel, ...], environment: str, ledger: Ledger, superseded: tuple[str, ...] = ()
) -> Gates:
    """Return what the gate of an environment says of each model that has it; nothing of those that are superseded."""
    found = ((model, model.model.environment(environment)) for model in desired)
    return Gates(
        environment,
        tuple(
            ModelGate(model.name, 0, Says.SUPERSEDED) if model.name in superseded else _gate(model, place, ledger)
            for model, place in found
            if place is not None
        ),
    )


def _gate(desired: DesiredModel, environment: Environment, ledger: Ledger) -> ModelGate:
    wanted, standing = wanted_version(desired, environment), desired.release.standing(environment.name)
    if wanted is None:
        return ModelGate(desired.name, 0, Says.NOTHING)
    version, package = wanted
    if standing is not None and standing.package == package:
        # What people let in by a merge is still to be served: whoever deploys what this list names must find it there.
        return ModelGate(desired.name, version, Says.OPEN if is_merged(desired, standing, ledger) else Says.IN)
    if standing is not None and standing.held is not None:
        return ModelGate(desired.name, version, Says.HELD)
    said = opening(desired, environment, ledger)
    if said is None or said.is_open:  # an environment that follows the champion has no gate
        return ModelGate(desired.name, version, Says.OPEN, said.evidence if said else ())
    says = Says.WAITS if said.only(Found.WAITING) else Says.CLOSED
    return ModelGate(desired.name, version, says, said.evidence)


class Turn(Enum):
    """What there is to do about one version that waited before an environment when somebody looked."""

    APPROVE = "it waits for a person"
    NOTHING = "it needs no person, or is in already"
    MOVED = "another version stands there, or none"


def turn_of(desired: DesiredModel, environment: Environment, ledger: Ledger, version: int) -> Turn:
    """Return what there is to do about a version; what is approved, or in, needs nothing more."""
    wanted, standing = wanted_version(desired, environment), desired.release.standing(environment.name)
    if standing is not None and standing.version == version:
        return Turn.NOTHING
    if wanted is None or wanted[0] != version:
        return Turn.MOVED
    said = opening(desired, environment, ledger)
    evidence = said.evidence if said else ()
    is_asked = any(item.asked == APPROVAL and item.found is not Found.PASSED for item in evidence)
    return Turn.APPROVE if is_asked else Turn.NOTHING


def waiting_of(text: str) -> tuple[tuple[str, int], ...]:
    """Return the (model, version) pairs of a list as `gate` prints it: `churn@v4,tiny@v1`; nothing of an empty one.

    Raises:
        UsageError: it is no such list.

    """
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    found = tuple(_WAITING.fullmatch(part) for part in parts)
    for part, match in zip(parts, found, strict=True):
        if match is None:
            raise UsageError(
                f"{part!r} is no version of a model",
                hint="mlops-ci gate ENV --format github: its output `waiting`, such as `churn@v4,tiny@v1`",
            )
    return tuple(dict.fromkeys((match["model"], int(match["version"])) for match in found if match))
