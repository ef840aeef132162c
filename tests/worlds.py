"""A model with all its records and endpoints, before anything was done and after everything was; and its plan, read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field, replace

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.model import (
    Model,
    ServingKind,
)
from mlops_ci.plan.change import Action, Change, Plan
from mlops_ci.plan.deployed import Deployed
from mlops_ci.plan.desired import DesiredModel, Reach
from mlops_ci.plan.diff import make_plan
from mlops_ci.records.facts import (
    Fact,
    Gated,
    Promoted,
    Seen,
    Served,
)
from mlops_ci.records.ledger import Ledger, fold
from tests.factories import (
    ACCURACIES,
    BASIS,
    COMMIT,
    FILES,
    Files,
    a_model,
    checked,
    clock,
    decided,
    desire,
    endpoint,
    evaluated,
    package_of,
    released,
    trained,
)


@dataclass(frozen=True)
class World:
    """What is desired of one model, what is recorded, and what serves."""

    desired: DesiredModel
    facts: tuple[Fact, ...] = ()
    deployed: tuple[Deployed, ...] = ()
    known: tuple[str, ...] = field(default=("churn",))

    @property
    def ledger(self) -> Ledger:
        return fold(self.facts)

    def plan(self) -> Plan:
        """Return the plan of this world."""
        return make_plan((self.desired,), self.ledger, self.deployed, BASIS, self.known)

    def desiring(self, model: Model, *, files: Files = FILES, reach: Reach = Reach.RELEASE) -> World:
        """Return this world with other manifests or files, and the same release, records and endpoints."""
        return replace(self, desired=desire(model, files=files, release=self.desired.release, reach=reach))

    def releasing(self, **changes: object) -> World:
        """Return this world with another release file."""
        release = dataclasses.replace(self.desired.release, **changes)  # type: ignore[arg-type]
        return replace(self, desired=replace(self.desired, release=release))

    def recording(self, *facts: Fact) -> World:
        """Return this world with more facts."""
        return replace(self, facts=(*self.facts, *facts))

    def without(self, *kinds: type[Fact]) -> World:
        """Return this world without the facts of some kinds."""
        return replace(self, facts=tuple(fact for fact in self.facts if not isinstance(fact, kinds)))


def new_world(model: Model | None = None) -> World:
    """Return the world before anything was done."""
    return World(desire(model or a_model()))


def done_world(model: Model | None = None, *, files: Files = FILES, winner: str = "boosting") -> World:
    """Return the world in which everything was done and nothing is left to do."""
    return done(desire(model or a_model(), files=files), winner=winner)


def done(before: DesiredModel, *, winner: str = "boosting") -> World:
    """Return the world in which everything that is desired of a model was done."""
    facts: list[Fact] = []
    for at, candidate in enumerate(before.candidates):
        facts += trained(before, candidate.name, minute=at)
        facts.append(evaluated(before, candidate.name, ACCURACIES.get(candidate.name, 0.8), minute=10 + at))
    facts.append(decided(before, facts, winner))
    release = released(before, winner)
    desired = replace(before, release=release)
    package = package_of(desired, winner)
    facts.append(Promoted(desired.name, 1, package, winner, COMMIT, "d" * 40, "it won", clock(21)))
    for at, environment in enumerate(desired.model.environments):
        name = environment.name
        if environment.promotes_from:
            facts.append(Gated(desired.name, name, 1, package, "passed", ("`metric` passed",), clock(39 + at)))
        facts.append(Served(desired.name, name, 1, package, "e" * 40, "the champion", clock(40 + at)))
        facts.append(checked(desired, name, package))
    facts.append(Seen(desired.name, desired.state(), canonical(desired.metadata()), clock(50)))
    serves = desired.model.serving.kind is ServingKind.REALTIME
    deployed = tuple(endpoint(desired, e.name, package) for e in desired.model.environments if serves)
    return World(desired, tuple(facts), deployed)


def told(plan: Plan) -> list[tuple[str, Action]]:
    """Return (subject, action) of each change."""
    return [(change.subject, change.action) for change in plan.changes]


def steps(plan: Plan) -> list[str]:
    """Return the ids of the steps, without the model."""
    return [scheduled.step.id.partition("/")[2] for scheduled in plan.steps]


def only(plan: Plan) -> Change:
    """Return the one change of a plan."""
    (change,) = plan.changes
    return change


def codes(change: Change) -> list[str]:
    """Return the codes of a change's reasons."""
    return [reason.code for reason in change.reasons]


def with_candidate(model: Model, name: str, **fields: object) -> Model:
    """Return the model with other fields of one candidate."""
    changed = [replace(c, **fields) if c.name == name else c for c in model.candidates]  # type: ignore[arg-type]
    return replace(model, candidates=tuple(changed))
