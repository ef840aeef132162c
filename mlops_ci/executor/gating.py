"""The gate as a step: what it says is recorded, and a closed one says exactly what is missing."""

from __future__ import annotations

from mlops_ci.executor.reading import record
from mlops_ci.executor.registering import hear, let_through
from mlops_ci.executor.world import World
from mlops_ci.model import Environment
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.gate import Found, Opening, opening
from mlops_ci.records.facts import Gated
from mlops_ci.records.ledger import Ledger


def gate(world: World, desired: DesiredModel, environment: Environment, ledger: Ledger) -> Opening | None:
    """Return what the gate says of what would serve next, having recorded it; None where there is no gate."""
    ledger, _ = hear(world, desired, environment, ledger)
    said = opening(desired, environment, ledger)
    if said is None:
        return None
    waits = said.only(Found.WAITING)
    record(
        world,
        Gated(
            model=desired.name,
            environment=environment.name,
            version=said.version,
            package=said.package,
            verdict="passed" if said.is_open else "inconclusive" if waits else "failed",
            evidence=tuple(item.sentence for item in said.evidence),
            at=world.clock.now(),
        ),
    )
    if said.is_open:
        let_through(world, desired, environment, said)
    return said
