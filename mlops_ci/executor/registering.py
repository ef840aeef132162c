"""What the executor says to a registry, and hears from it; where there is none, nothing.

A version is registered after its commit landed and before that is on record: a kill in between loses the record, and
whoever makes it again (`healing.py`) registers the version as well. What a person decided there becomes a fact like an
approval given here, named by who decided and when, so that every CI job records the same one.
"""

from __future__ import annotations

from mlops_ci.executor.assess import Situation
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.reading import current_ledger, record
from mlops_ci.executor.world import World
from mlops_ci.model import Environment
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.gate import Opening, opening
from mlops_ci.ports.registry import Decision, Entry, Registered
from mlops_ci.records.facts import Approved, Promoted
from mlops_ci.records.ledger import Ledger

REGISTRY = "registry"
"""Where a decision was made, as an approval says it."""


def register_promoted(world: World, desired: DesiredModel, promoted: Promoted, ledger: Ledger) -> None:
    """Register the version of a promotion, unless it is registered."""
    _registered(world, desired, promoted.version, promoted.package, ledger)


def hear(world: World, desired: DesiredModel, environment: Environment, ledger: Ledger) -> tuple[Ledger, bool]:
    """Return the ledger with what a registry says of what stands before an environment, and whether that is new.

    A no counts before every environment, a yes where the manifest asks for one. What is not registered is, now.
    """
    source = desired.release.standing(environment.promotes_from) if environment.promotes_from else None
    if world.registry is None or source is None:
        return ledger, False
    found = _registered(world, desired, source.version, source.package, ledger)
    if found is None or not _counts(found, environment):
        return ledger, False
    verdict = "rejected" if found.decision is Decision.REJECTED else ""
    said = Approved(desired.name, environment.name, source.package, found.by, found.why, found.at, verdict, REGISTRY)
    is_new = record(world, said)
    return current_ledger(world, desired.name), is_new


def hear_all(world: World, situation: Situation) -> bool:
    """Return whether the registry told something new of what waits for a person, or was refused by one.

    Nothing is asked of a model that waits for nobody.
    """
    if world.registry is None:
        return False
    news = False
    for note in situation.plan.notes:
        desired = next((d for d in situation.desired if d.name == note.model), None)
        environment = desired.model.environment(note.subject) if desired else None
        if desired is None or environment is None or note.code not in {"approval", "blocked"}:
            continue
        said = opening(desired, environment, situation.ledger)
        if note.code == "approval" or (said is not None and said.is_rejected):
            news |= hear(world, desired, environment, situation.ledger)[1]
    return news


def let_through(world: World, desired: DesiredModel, environment: Environment, said: Opening) -> None:
    """Approve a version in the registry whose last gate let it through; what is approved there stays as it is."""
    is_last = all(other.promotes_from != environment.name for other in desired.model.environments)
    if world.registry is None or not is_last:
        return
    found = world.registry.standing(desired.name, said.version, said.package)
    if found is not None and found.decision is not Decision.APPROVED:
        world.registry.approve(found, f"the gate of {environment.name} let it through")


def _registered(world: World, desired: DesiredModel, version: int, package: str, ledger: Ledger) -> Registered | None:
    """Return what the registry says of a version, registered now where it was not."""
    if world.registry is None:
        return None
    found = world.registry.standing(desired.name, version, package)
    return found or world.registry.register(_entry(world, desired, version, package, ledger))


def _entry(world: World, desired: DesiredModel, version: int, package: str, ledger: Ledger) -> Entry:
    made = next(reversed(ledger.evaluations_of(desired.name, package=package)), None)
    packaged = ledger.packages.get(package)
    scores = made.scores.measurements if made else ()
    return Entry(
        model=desired.name,
        version=version,
        candidate=packaged.candidate if packaged else "",
        package=package_of(world.records, desired.name, package),
        commit=made.commit if made else "",
        content_type=desired.model.serving.content_type,
        problem=desired.model.problem.value,
        scores=tuple((m.metric, m.value) for m in scores if m.value is not None and not m.slice and not m.of),
    )


def _counts(found: Registered, environment: Environment) -> bool:
    if found.decision is Decision.REJECTED:
        return True
    return found.decision is Decision.APPROVED and environment.approval and not found.is_ours
